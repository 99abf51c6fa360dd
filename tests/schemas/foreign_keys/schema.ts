import { foreignKey, integer, sqliteTable, text, type AnySQLiteColumn, type SQLiteTable } from "drizzle-orm/sqlite-core";

const ACTIONS = { onDelete: "cascade", onUpdate: "restrict" } as const;
const setNull = "set null";

export const nodes = sqliteTable("nodes", {
  id: integer("node_id").primaryKey(),
  parentId: integer("parent_id").references((): AnySQLiteColumn => nodes.id, { onDelete: "cascade" }),
  anyId: integer("any_id").references((): any => nodes.id),
  blockId: integer("block_id").references(() => {
    return nodes.id as never;
  }),
  castId: integer("cast_id").references(() => (nodes as unknown as { id: AnySQLiteColumn }).id),
  indexedId: integer("indexed_id").references((): AnySQLiteColumn => nodes["id"]),
  twiceId: integer("twice_id").references((): AnySQLiteColumn => nodes.id).references((): AnySQLiteColumn => others.id),
  spreadId: integer("spread_id").references((): AnySQLiteColumn => others.id, { ...ACTIONS }),
  constId: integer("const_id").references((): AnySQLiteColumn => others.id, ACTIONS),
  nameId: integer("name_id").references((): AnySQLiteColumn => others.id, { onDelete: setNull, onUpdate: "no action" }),
  undefinedId: integer("undefined_id").references((): AnySQLiteColumn => others.id, undefined),
});
export const others = sqliteTable("others", { id: integer().primaryKey(), first: text("first_"), second: text("second_") });
export const composite = sqliteTable(
  "composite",
  { a: text("a_"), b: text("b_"), up: text("up_"), upper: text("upper_") },
  (t) => [
    foreignKey({ columns: [t.a, t.b], foreignColumns: [others.first, others.second] }),
    foreignKey({ columns: [t.up, t.upper], foreignColumns: [t.a, t.b] }).onDelete(setNull),
    foreignKey({ columns: [t.up], foreignColumns: [composite.a] }).onUpdate("cascade").onDelete("set default"),
  ],
);
const target = (table: { id: AnySQLiteColumn }) => () => table.id;
const refTo = (name: string, table: () => SQLiteTable & { id: AnySQLiteColumn }) => integer(name).references(() => table().id, ACTIONS);
export const byHelper = sqliteTable("by_helper", {
  a: integer("a_").references(target(others)),
  b: refTo("b_", () => nodes),
});
