import { index, integer, sqliteTable, text, type AnySQLiteColumn, type SQLiteColumnBuilderBase } from "drizzle-orm/sqlite-core";

function column(name: string): ReturnType<typeof text>;
function column(name: string, kind: "int"): ReturnType<typeof integer>;
function column(name: string, kind?: "int") {
  return kind === "int" ? integer(name) : text(name);
}
const table = <const N extends string, C extends Record<string, SQLiteColumnBuilderBase>>(name: N, columns: C) =>
  sqliteTable(name, { ...columns, pk: integer("pk_").primaryKey() });
const tableWith =
  <Extra extends Record<string, SQLiteColumnBuilderBase>>(extra: Extra) =>
  <N extends string>(name: N, columns: Record<string, SQLiteColumnBuilderBase> = {}) =>
    sqliteTable(name, { ...extra, ...columns });
const enumColumn = <const T extends readonly [string, ...string[]]>(name: string, values: T) => text(name, { enum: values as never });
const KINDS = ["a", "b"] as const satisfies readonly string[];
const satisfied = { id: text("sat_id") } satisfies Record<string, SQLiteColumnBuilderBase>;
const asserted = <{ id: never }>(<unknown>{ id: text("assert_id") });
const cast = { id: text("cast_id") } as unknown as { id: never };
const nonNull = satisfied!.id!;
async function later() {
  return { late: text("late_") };
}

export const overloaded = sqliteTable("overloaded", { a: column("a_"), b: column("b_", "int") });
export const generic = table("generic", { x: text("x_"), kind: enumColumn("kind_", KINDS) });
export const curried = tableWith({ extra: text("extra_") })("curried", { own: integer("own_") });
export const defaulted = tableWith({ extra: text("extra_") })<"defaulted">("defaulted");
export const satisfying = sqliteTable("satisfying", { ...satisfied, again: nonNull });
export const assertedTable = sqliteTable("asserted", asserted);
export const castTable = sqliteTable("cast", { ...cast } as never, (t: { id: AnySQLiteColumn }) => [index("cast_idx").on(t.id)] as never);
export const awaited = sqliteTable("awaited", { ...(await later()) });
export const typedIndex = sqliteTable("typed_index", { id: text("i_") }, (t): [ReturnType<ReturnType<typeof index>["on"]>] => [index("i").on(t.id!)]);
