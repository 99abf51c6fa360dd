import { relations } from "drizzle-orm";
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const users = sqliteTable("users", { id: integer().primaryKey(), name: text(), invitedBy: integer("invited_by") });
export const posts = sqliteTable("posts", { id: integer().primaryKey(), authorId: integer("author_id"), editorId: integer("editor_id") });
export const members = sqliteTable("members", { userId: integer("user_id"), groupId: integer("group_id") }, (t) => [
  primaryKey({ columns: [t.userId, t.groupId] }),
]);
export const groups = sqliteTable("groups", { id: integer().primaryKey() });

export const usersRelations = relations(users, ({ one, many }) => ({
  inviter: one(users, { fields: [users.invitedBy], references: [users.id], relationName: "invites" }),
  invitees: many(users, { relationName: "invites" }),
  posts: many(posts, { relationName: "author" }),
  edited: many(posts, { relationName: "editor" }),
  memberships: many(members),
}));
export const postsRelations = relations(posts, (helpers) => ({
  author: helpers.one(users, { fields: [posts.authorId], references: [users.id], relationName: "author" }),
}));
export const morePostsRelations = relations(posts, function ({ one }) {
  const config = { fields: [posts.editorId] as [typeof posts.editorId], references: [users.id] as [typeof users.id] };
  return { editor: one(users, { ...config, relationName: "editor" }) };
});
const toOne = { user: [members.userId, users.id], group: [members.groupId, groups.id] } as const;
export const membersRelations = relations(members, ({ one: o }) => {
  const user = o(users, { fields: [toOne.user[0]], references: [toOne.user[1]] });
  return { user, ["group"]: o(groups, { fields: [toOne.group[0]], references: [toOne.group[1]] }) };
});
