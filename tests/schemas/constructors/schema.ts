import * as core from "drizzle-orm/sqlite-core";
import { integer, sqliteTable, sqliteTable as aliased, text } from "drizzle-orm/sqlite-core";
import { table as reexported } from "./maker";
import maker from "./maker";

const table = sqliteTable;
const { sqliteTable: destructured, text: string } = core;
const kit = { table: sqliteTable, column: { string: text } };
const typed = sqliteTable as unknown as typeof sqliteTable;
function wrapped(name: string, columns: never) {
  return sqliteTable(name, columns);
}
const generic: typeof sqliteTable = ((...args: Parameters<typeof sqliteTable>) => sqliteTable(...args)) as never;
class Maker {
  constructor(private readonly prefix: string) {}
  make(name: string, columns: never) {
    return sqliteTable(`${this.prefix}${name}`, columns);
  }
}
const classMade = new Maker("class_");

export const a = table("a", { id: text() });
export const b = aliased("b", { id: text() });
export const c = core.sqliteTable("c", { id: core.text(), n: core.integer("n_") });
export const d = destructured("d", { id: string("id_") });
export const e = kit.table("e", { id: kit.column.string("e_id") });
export const f = typed("f", { id: text() });
export const g = wrapped("g", { id: text() } as never);
export const h = generic("h", { id: text() });
export const i = reexported("i", { id: text() });
export const j = maker("j", { id: integer() });
export const k = classMade.make("k", { id: integer() } as never);
export const l = (0, sqliteTable)("l", { id: text() });
export const m = core["sqliteTable"]("m", { id: text() });
export const n = sqliteTable<"n", { id: never }>("n", { id: text() as never });
export const o = sqliteTable?.("o", { id: text() });
