// partly known: env_length, env_mode, env_on_delete, env_primary, env_type, env_custom_name, env_where
import { sql } from "drizzle-orm";
import { customType, foreignKey, index, integer, primaryKey, sqliteTable, text, type AnySQLiteColumn } from "drizzle-orm/sqlite-core";

const env = process.env as Record<string, undefined>;
const LENGTH = { length: 12 };
const extra = { ...(env.X as object | undefined) };

export const known = sqliteTable("known", {
  id: integer({ mode: "number" }).primaryKey(),
  a: text("a_", LENGTH),
  b: text({ ...LENGTH, enum: ["x"] }),
  c: text("c_", { length: 1 + 2 }),
  d: text("d_", { ...LENGTH, length: 5 }),
  e: text("e_", undefined),
  f: integer("f_", { ...extra } as never),
  g: integer(undefined as never, { mode: "boolean" }),
  h: text("h_").references(() => known.id as never, { ...{ onDelete: "cascade" }, onUpdate: undefined }),
});
export const envLength = sqliteTable("env_length", { a: text("a_", { length: Number(env.LENGTH) || undefined }) });
export const envMode = sqliteTable("env_mode", { a: text("a_", { ...extra, length: 3 }) });
export const envReferences = sqliteTable("env_references", { a: integer().references((env.X ? undefined : () => known.id) as never) });
export const envOnDelete = sqliteTable("env_on_delete", {
  a: integer().references((): AnySQLiteColumn => known.id, { onDelete: env.X ? "cascade" : undefined }),
  b: integer().references((): AnySQLiteColumn => known.id, extra),
});
export const envPrimary = sqliteTable("env_primary", { a: text(), b: text() }, (t) => [
  primaryKey({ columns: [t.a, ...(env.X ? [t.b] : [])] }),
  foreignKey({ columns: [t.a], foreignColumns: [...(env.X ? [] : [known.a])] as never }),
]);
const typed = (type?: string) => customType<{ data: string }>({ dataType: () => type ?? "dflt_type", ...extra });
export const envType = sqliteTable("env_type", { a: typed()("a_") });
const plain = customType<{ data: string }>({ dataType: () => "plain_type" });
export const envCustomName = sqliteTable("env_custom_name", { a: plain(env.X ?? "a_name") });
export const envWhere = sqliteTable("env_where", { a: text() }, (t) => [index("i").on(t.a).where((env.X ? undefined : sql`1`) as never)]);
