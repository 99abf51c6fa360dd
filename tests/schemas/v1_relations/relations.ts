import { defineRelations } from "drizzle-orm";
import * as schema from "./schema";

export const relations = defineRelations(schema, (r) => ({
  users: {
    posts: r.many.posts({ from: r.users.id, to: r.posts.authorId }),
    manager: r.one.users({ from: r.users.managerId, to: r.users.id, alias: "manager", optional: true }),
    reports: r.many.users({ alias: "manager" }),
    groups: r.many.groups({
      from: r.users.id.through(r.usersToGroups.userId),
      to: r.groups.id.through(r.usersToGroups.groupId),
    }),
  },
  posts: { author: r.one.users({ from: [r.posts.authorId], to: [r.users.id], where: { name: "x" } }) },
  groups: { members: r.many.users() },
}));
