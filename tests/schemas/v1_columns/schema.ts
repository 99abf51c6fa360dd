import { relations } from "drizzle-orm/_relations";
import { sql } from "drizzle-orm";
import { blob, check, customType, foreignKey, index, int, integer, numeric, real, sqliteTable, text, unique } from "drizzle-orm/sqlite-core";

const inet = customType<{ data: string }>({ dataType: () => "inet" });

export const users = sqliteTable(
  "users",
  {
    id: int().primaryKey({ autoIncrement: true }),
    blobbed: blob(),
    buffer: blob({ mode: "buffer" }),
    n: numeric({ mode: "number" }),
    r: real().default(1.5),
    t: text({ length: 3, enum: ["a", "b"] }),
    j: text({ mode: "json" }).$type<string[]>().notNull().default([]),
    ip: inet(),
    at: integer({ mode: "timestamp_ms" }).$onUpdate(() => new Date()),
    parentId: integer("parent_id"),
    sum: integer().generatedAlwaysAs(sql`1`),
  },
  (t) => [
    index().on(t.r),
    unique().on(t.n, t.r),
    check("positive", sql`${t.id} > 0`),
    foreignKey({ columns: [t.parentId], foreignColumns: [t.id] }).onDelete("cascade"),
  ],
);
export const usersRelations = relations(users, ({ one, many }) => ({
  parent: one(users, { fields: [users.parentId], references: [users.id], relationName: "tree" }),
  children: many(users, { relationName: "tree" }),
}));
