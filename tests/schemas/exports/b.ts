import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
import { a } from "./a.ts";
import * as everything from "./index.ts";

export const b = sqliteTable("b", {
  id: integer().primaryKey(),
  aId: integer("a_id").references(() => a.id),
  cId: integer("c_id").references(() => everything.c.id),
  dId: integer("d_id").references(() => everything.nested.default.id as never),
});
export { a as aAgain } from "./a.ts";
