import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { id } from "~cols";
import { users } from "@/db/users";

export const posts = sqliteTable("posts", { id: id(), by: text().references(() => users.id) });
