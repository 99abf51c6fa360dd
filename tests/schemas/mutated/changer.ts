import { text } from "drizzle-orm/sqlite-core";
import { shared } from "./shared";

shared.pushed = text("pushed_") as never;
