// partly known: undefined_l
import { sqliteTableCreator, text, type SQLiteTableFn } from "drizzle-orm/sqlite-core";

const PROJECT = "proj";
function named(name: string) {
  return `named_${name}`;
}
const template = sqliteTableCreator((name) => `app_${name}`);
const nested = sqliteTableCreator((name) => `${PROJECT}_${`x${name}`}`);
const concatenated = sqliteTableCreator((name) => "pre_" + name + "_post");
const method = sqliteTableCreator((name) => name.toUpperCase());
const replaced = sqliteTableCreator((name) => name.replace("a", "b").replaceAll("o", "0"));
const byName = sqliteTableCreator(named);
const block = sqliteTableCreator((name) => {
  const joined = [PROJECT, name].join("__");
  return joined;
});
const identity = sqliteTableCreator((name) => name);
const conditional = sqliteTableCreator((name) => (name.startsWith("_") ? name.slice(1) : `c_${name}`));
const make = (prefix: string) => sqliteTableCreator((name) => `${prefix}:${name}`);
const env = sqliteTableCreator((name) => `${process.env.PREFIX}_${name}`);
const cast: SQLiteTableFn = sqliteTableCreator((n: string): string => n + "s") as SQLiteTableFn;
const asFunction = sqliteTableCreator(function (name) {
  return "fn_" + name;
});

export const a = template("a", { id: text() });
export const b = nested("b", { id: text() });
export const c = concatenated("c", { id: text() });
export const d = method("d", { id: text() });
export const e = replaced("aaoo", { id: text() });
export const f = byName("f", { id: text() });
export const g = block("g", { id: text() });
export const h = identity("h", { id: text() });
export const i = conditional("_i", { id: text() });
export const j = conditional("j", { id: text() });
export const k = make("k")("k", { id: text() });
export const l = env("l", { id: text() });
export const m = cast("m", (t) => ({ id: t.text("id_") }), (t) => []);
export const n = asFunction("n", { id: text() });
