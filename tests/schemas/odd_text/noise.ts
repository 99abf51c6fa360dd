#!/usr/bin/env node
import { sqliteTable, text } from "drizzle-orm/sqlite-core";

// export const a = sqliteTable("comment", { id: text() });
/* export const b = sqliteTable("block", { id: text() }); */
export const string = 'sqliteTable("string", { id: text() })';
export const template = `export const c = sqliteTable("template", { id: text() });`;
export const nested = `${`${"sqliteTable('nested', {})"}`}`;
export const regex = /sqliteTable\("regex", \{\}\)/g;
export const regex2 = /[/]sqliteTable("r", {})/.test("x") ? 1 / 2 : 3 / 4;
/** @example sqliteTable("doc", { id: text() }) */
export const real = sqliteTable("real", { id: text("real_id") /* sqliteTable("x", {}) */ });
export function later() {
  return sqliteTable("not_called", { id: text() });
}
export const unrelated = { sqliteTable: (name: string, columns: object) => ({ name, columns }) };
export const notATable = unrelated.sqliteTable("not_a_table", { id: 1 });
