import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, sqliteTable, text, unique, uniqueIndex } from "drizzle-orm/sqlite-core";

const columns = { id: integer().primaryKey(), a: text("a_"), b: text("b_").notNull() };
const parent = sqliteTable("parent", { id: integer().primaryKey(), x: text(), y: text() });

export const array = sqliteTable("array", { ...columns }, (t) => [index("array_a").on(t.a), unique().on(t.a, t.b)]);
export const object = sqliteTable("object", { ...columns }, (t) => ({ byA: index("object_a").on(t.a), byB: uniqueIndex("object_b").on(t.b) }));
export const block = sqliteTable("block", { ...columns }, (table) => {
  return [index("block_a").on(table.a)];
});
export const blockObject = sqliteTable("block_object", { ...columns }, (table) => {
  const byA = index("block_object_a").on(table.a);
  return { byA, check: check("positive", sql`${table.id} > 0`) };
});
export const functionForm = sqliteTable("function_form", { ...columns }, function (t) {
  return [index("function_a").on(t.a)];
});
export const destructured = sqliteTable("destructured", { ...columns }, ({ a, b: renamed }) => [index("destructured_ab").on(a, renamed)]);
export const nested = sqliteTable("nested", { ...columns }, (t) => [[index("n1").on(t.a), index("n2").on(t.b)], index("n3").on(t.a)] as never);
export const nestedObject = sqliteTable("nested_object", { ...columns }, (t) => [{ lost: index("lost").on(t.a) }, index("kept").on(t.b)] as never);
export const tooDeep = sqliteTable("too_deep", { ...columns }, (t) => [[[index("deep").on(t.a)]], index("shallow").on(t.b)] as never);
export const listInObject = sqliteTable("list_in_object", { ...columns }, (t) => ({ many: [index("inside").on(t.a)], one: index("one").on(t.a) }) as never);
export const empty = sqliteTable("empty", { ...columns }, () => []);
export const emptyObject = sqliteTable("empty_object", { ...columns }, () => ({}));
export const keys = sqliteTable("keys", { a: text("a_"), b: text("b_") }, (t) => [primaryKey({ columns: [t.a, t.b], name: "keys_pk" })]);
export const keysOld = sqliteTable("keys_old", { a: text("a_"), b: text("b_") }, (t) => ({ pk: primaryKey(t.a, t.b) as never }));
export const composite = sqliteTable("composite", { px: text("p_x"), py: text("p_y") }, (t) => [
  foreignKey({ columns: [t.px, t.py], foreignColumns: [parent.x, parent.y], name: "fk" }).onDelete("cascade").onUpdate("set null"),
]);
export const lazyKey = sqliteTable("lazy_key", { p: integer() }, (t) => [
  foreignKey(() => ({ columns: [t.p], foreignColumns: [parent.id] })).onUpdate("no action"),
]);
export const outerTable = sqliteTable("outer_table", { ...columns }, () => [index("outer_a").on(outerTable.a)]);
export const falsy = sqliteTable("falsy", { ...columns }, (t) => [false && index("never").on(t.a), index("ever").on(t.b)].filter(Boolean) as never);
export const spread = sqliteTable("spread", { ...columns }, (t) => [...[index("s1").on(t.a)], ...(true ? [index("s2").on(t.b)] : [])]);
export const withoutOn = sqliteTable("without_on", { ...columns }, (t) => [index("no_on") as never, index("with_on").on(t.a)]);
export const parents = parent;
