import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { b } from "./b.ts";
import type { c } from "./c.ts";

export const a = sqliteTable("a", { id: integer().primaryKey(), bId: integer("b_id").references(() => b.id) });
export type A = typeof c;
const inner = sqliteTable("inner", { id: text() });
export { inner as renamed };
export default sqliteTable("default_table", { id: text("d_id") });
