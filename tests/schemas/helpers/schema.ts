import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

type Options = { name?: string; required?: boolean; unique?: boolean; length?: number };

const id = (name = "id") => text(name).primaryKey().$defaultFn(() => crypto.randomUUID());
const named = (name: string, options: Options = {}) => (options.required ? text(name).notNull() : text(name));
function destructured({ name = "dflt", required = false, ...rest }: Options = {}) {
  const column = text(name, { length: rest.length });
  if (required) return column.notNull();
  return column;
}
function early(kind: string) {
  if (kind === "int") return integer("early_int");
  if (kind === "none") {
    return text();
  }
  return text("early_text");
}
function switching(kind: string) {
  switch (kind) {
    case "id":
      return integer("sw_id").primaryKey();
    case "flag":
    case "boolean": {
      return integer("sw_flag", { mode: "boolean" }).notNull();
    }
    default:
      return text("sw_text");
  }
}
function local(name: string) {
  const full = `prefix_${name}`;
  const make = (suffix: string) => text(full + suffix);
  return make("_suffix").notNull();
}
function shadow(text: string) {
  const integer = (name: string) => named(name);
  return integer(text);
}
const arrow = (name: string) => {
  const shout = name.toUpperCase();
  return text(shout.toLowerCase().concat("_x"));
};
const chain = (name: string) => id(name).unique();
const optionalName = (name?: string) => (name ? integer(name) : integer());
const reference = (name: string, target: () => never) => text(name).references(target, { onDelete: "cascade" });
function viaThis(this: void, name: string, ...more: string[]) {
  return text([name, ...more].length > 1 ? name : "single");
}

export const parents = sqliteTable("parents", { id: id(), other: id("other_id") });
export const all = sqliteTable("all", {
  a: named("a_"),
  b: named("b_", { required: true }),
  c: destructured(),
  d: destructured({ name: "d_", required: true, length: 9 }),
  e: destructured({ required: true }),
  f: early("int"),
  g: early("none"),
  h: early("else"),
  i: switching("id"),
  j: switching("flag"),
  k: switching("boolean"),
  l: switching("???"),
  m: local("m"),
  n: shadow("n_"),
  o: arrow("MiXed"),
  p: chain("p_"),
  q: optionalName(),
  r: optionalName("r_"),
  s: reference("s_", () => parents.other as never),
  t: viaThis("t_"),
});
