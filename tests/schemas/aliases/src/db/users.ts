import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { id } from "@/columns";
import { posts } from "@/db/posts";

export const users = sqliteTable("users", { id: id(), pinned: text().references(() => posts.id) });
