import { sql } from "drizzle-orm";
import { blob, int, integer, numeric, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

type Settings = { theme: "light" | "dark"; nested: { list: string[] } };

export const everything = sqliteTable("everything", {
  id: integer().primaryKey({ autoIncrement: true }),
  plain: text(),
  named: text("the_name"),
  empty: text(""),
  short: text("short", { length: 20 }),
  unbounded: text("unbounded", { length: undefined }),
  zero: text("zero", { length: 0 }),
  withoutName: text({ length: 5, enum: ["a", "b"] }),
  choice: text("choice", { enum: ["draft", "published"] as const }).notNull().default("draft"),
  json: text({ mode: "json" }).$type<Settings>().notNull().default({ theme: "light", nested: { list: [] } }),
  longJson: text({ mode: "json", length: 10 } as never).$type<string[]>().notNull().default([]),
  flag: integer({ mode: "boolean" }).notNull().default(false),
  seconds: integer("seconds", { mode: "timestamp" }).notNull().default(sql`(unixepoch())`),
  millis: integer({ mode: "timestamp_ms" }).defaultNow(),
  byFunction: text().$defaultFn(() => crypto.randomUUID()),
  byShortFunction: text().$default(() => "x"),
  onUpdate: integer({ mode: "timestamp" }).$onUpdate(() => new Date()),
  onUpdateFunction: integer({ mode: "timestamp" }).$onUpdateFn(() => new Date()),
  other: int("other").unique(),
  float: real("float"),
  float2: real(),
  exact: numeric("exact"),
  exactNumber: numeric({ mode: "number" }),
  exactBig: numeric("exact_big", { mode: "bigint" }).default(0n),
  bytes: blob("bytes"),
  bytesJson: blob({ mode: "json" }).$type<Settings>(),
  bytesBig: blob("bytes_big", { mode: "bigint" }),
  buffer: blob({ mode: "buffer" }),
  sum: integer().generatedAlwaysAs(sql`1 + 2`, { mode: "stored" }),
  lower: text("lower").generatedAlwaysAs((): unknown => sql`lower(${everything.plain})` as never),
  once: text().unique("once_only"),
  brackets: text("brackets")["notNull"]()["unique"](),
});

export const textKey = sqliteTable("text_key", { id: text().primaryKey() });
export const booleanKey = sqliteTable("boolean_key", { id: integer({ mode: "boolean" }).primaryKey() });
export const descendingKey = sqliteTable("descending_key", {
  id: int().primaryKey({ autoIncrement: false }),
  real: real().primaryKey(),
});
export const nothing = sqliteTable("nothing", {});
