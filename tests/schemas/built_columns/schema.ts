// partly known: generated, in_a_while, each_with_condition
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const NAMES = ["alpha", "beta", "gammaRay"] as const;
const LABELS = { first: "label_1", second: "label_2" } as const;

export const mapped = sqliteTable("mapped", Object.fromEntries(NAMES.map((name) => [name, text(`${name}_col`)])) as never);
export const entries = sqliteTable(
  "entries",
  Object.fromEntries(Object.entries(LABELS).map(([key, label]) => [key, text(label).notNull()])) as never,
);
export const keys = sqliteTable("keys", Object.fromEntries(Object.keys(LABELS).map((key, i) => [`${key}${i}`, integer()])) as never);
export const values = sqliteTable("values", { ...Object.values({ a: { x: text("x_") }, b: { y: text("y_") } })[1] });
export const assigned = sqliteTable("assigned", Object.assign({}, { id: text() }, { name: text("name_") }));
export const assignedOver = sqliteTable("assigned_over", { ...Object.assign({ id: integer() }, null, { id: text("id_") }) });
export const joined = sqliteTable(["joined", "table"].join("_"), { [["a", "b"].join("")]: text(NAMES.join("-")) });
export const flat = sqliteTable("flat", { id: text(), a: text() }, (t) => [["a", "id"]].flatMap(([x, y]) => [index(x + y).on(t.a)]));
export const concat = sqliteTable("concat", { id: text() }, (t) => [index("one").on(t.id)].concat([index("two").on(t.id)]));

export const reduced = sqliteTable(
  "reduced",
  NAMES.reduce<Record<string, never>>((all, name) => ({ ...all, [name]: text(name) as never }), {}),
);
function looped() {
  const columns: Record<string, never> = {};
  for (const name of NAMES) {
    columns[name] = text(`loop_${name}`) as never;
  }
  return columns;
}
export const inALoop = sqliteTable("in_a_loop", looped());
function each() {
  const columns: Record<string, never> = { id: integer() as never };
  NAMES.forEach((name, i) => {
    columns[name] = integer(`each_${i}`) as never;
  });
  Object.entries(LABELS).forEach(([key, label]) => (columns[key] = text(label) as never));
  return columns;
}
export const inForEach = sqliteTable("in_for_each", each());
function conditionally(): Record<string, never> {
  const columns: Record<string, never> = {};
  for (const name of NAMES) if (name !== process.env.SKIP) columns[name] = text() as never;
  return columns;
}
export const eachWithCondition = sqliteTable("each_with_condition", conditionally());
function inAWhile() {
  const columns: Record<string, never> = {};
  let i = 0;
  while (i < 3) {
    columns[`c${i}`] = text() as never;
    i++;
  }
  return columns;
}
export const whiled = sqliteTable("in_a_while", inAWhile());
function* generate(): Generator<[string, never]> {
  for (const name of NAMES) yield [name, text() as never];
}
export const generated = sqliteTable("generated", Object.fromEntries(generate()));
function stepwise(withName: boolean) {
  const columns: Record<string, never> = { id: text() as never };
  if (withName) {
    columns.name = text("stepwise_name") as never;
  } else {
    columns.anonymous = text() as never;
  }
  columns["last"] = integer("last_") as never;
  delete columns.id;
  return columns;
}
export const stepped = sqliteTable("stepped", stepwise(true));
export const steppedOther = sqliteTable("stepped_other", stepwise(false));
const kept = NAMES.filter((name) => name.startsWith("b") || name.endsWith("Ray"));
export const filtered = sqliteTable("filtered", Object.fromEntries(kept.map((name) => [name, text()])) as never);
