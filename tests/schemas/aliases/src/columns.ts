import { text } from "drizzle-orm/sqlite-core";

export const id = () => text("aliased_id").primaryKey();
