import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

function baseColumns() {
  return { id: text("id").primaryKey(), createdAt: integer("created_at").notNull() };
}
const withName = (name = "name") => ({ name: text(name).notNull() });
const both = () => ({ ...baseColumns(), ...withName() });
const optional = (with_?: boolean) => (with_ ? { extra: text("extra_") } : {});
const prefixed = (prefix: string) => ({
  [`${prefix}Id`]: text(`${prefix}_id`),
  [prefix + "Name"]: text(prefix + "_name"),
});
const conditional = (on: boolean) => ({ always: text(), ...(on && { sometimes: text("sometimes_") }) });
function blocks(kind: "a" | "b") {
  const shared = { shared: text("shared_") };
  if (kind === "a") {
    return { ...shared, a: text("a_") };
  } else {
    return { ...shared, b: text("b_") };
  }
}
const tail = (columns: Record<string, never>) => ({ first: text("f"), ...columns });
const merge = <A extends object, B extends object>(a: A, b: B): A & B => ({ ...a, ...b });
const all = (...parts: object[]) => ({ ...parts[0], ...parts[1] });

export const a = sqliteTable("a", { ...baseColumns() });
export const b = sqliteTable("b", { ...baseColumns(), ...withName() });
export const c = sqliteTable("c", { ...withName("title"), ...baseColumns(), id: integer().primaryKey() });
export const d = sqliteTable("d", both());
export const e = sqliteTable("e", { id: text(), ...optional(), ...optional(true) });
export const f = sqliteTable("f", { ...prefixed("billing"), ...prefixed("shipping") });
export const g = sqliteTable("g", conditional(true));
export const h = sqliteTable("h", conditional(false));
export const i = sqliteTable("i", blocks("a"));
export const j = sqliteTable("j", blocks("b"));
export const k = sqliteTable("k", tail({ second: text("s") } as never));
export const l = sqliteTable("l", merge({ one: text("1") }, { two: text("2") }));
export const m = sqliteTable("m", all({ one: text("1") }, { two: text("2") }));
