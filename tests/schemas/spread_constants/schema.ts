import { sql } from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const id = { id: text().primaryKey() };
const timestamps = {
  createdAt: integer("created_at", { mode: "timestamp" }).notNull().default(sql`(unixepoch())`),
  updatedAt: integer("updated_at", { mode: "timestamp" }).$onUpdate(() => new Date()),
} as const;
const audit = { ...timestamps, deletedAt: integer("deleted_at") } satisfies Record<string, unknown>;
const frozen = Object.freeze({ frozen: text("frozen_name").notNull() });
const nested = { inner: { deep: { a: integer("nested_a") } } };
const list = [{ listed: text("listed") }, { second: text("second") }];
const none = {};

export const users = sqliteTable("users", { ...id, ...timestamps });
export const posts = sqliteTable("posts", { ...timestamps, ...id, title: text().notNull(), ...none });
export const comments = sqliteTable("comments", { ...audit, createdAt: text("overridden") });
export const overridden = sqliteTable("overridden", { createdAt: text("first"), ...timestamps });
export const deep = sqliteTable("deep", { ...nested.inner.deep, ...nested["inner"]["deep"], x: text() });
export const frozens = sqliteTable("frozens", { ...frozen });
export const lists = sqliteTable("lists", { ...list[0], ...list[1] });
export const nulls = sqliteTable("nulls", { ...null, ...undefined, ...(false as never), y: text() });
export const whole = sqliteTable("whole", audit);
export const immediate = sqliteTable("immediate", { ...(() => ({ now: text("now_") }))() });
export const parenthesised = sqliteTable("parenthesised", { ...((({ p: text("p_") }) as unknown) as { p: never }) });
