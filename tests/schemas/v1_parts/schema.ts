import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const authors = sqliteTable("authors", { id: integer().primaryKey() });
export const books = sqliteTable("books", { id: integer().primaryKey(), authorId: integer("author_id"), shelfId: text("shelf_id") });
export const shelves = sqliteTable("shelves", { id: text().primaryKey() });
