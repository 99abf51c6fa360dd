import { text } from "drizzle-orm/sqlite-core";

export const shared: Record<string, never> = { id: text() as never };
