import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const users = sqliteTable("users", { id: integer().primaryKey(), name: text(), managerId: integer("manager_id") });
export const posts = sqliteTable("posts", { id: integer().primaryKey(), authorId: integer("author_id"), title: text() });
export const groups = sqliteTable("groups", { id: integer().primaryKey() });
export const usersToGroups = sqliteTable(
  "users_to_groups",
  { userId: integer("user_id").references(() => users.id), groupId: integer("group_id").references(() => groups.id) },
  (t) => [primaryKey({ columns: [t.userId, t.groupId] })],
);
