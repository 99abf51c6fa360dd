import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
import defaultTable, { renamed } from "./a";
import { aAgain } from "./b.js";
import { schema } from "./index";

const c = sqliteTable("c", {
  id: integer().primaryKey(),
  one: integer().references(() => defaultTable.id as never),
  two: integer().references(() => renamed.id as never),
  three: integer().references(() => aAgain.id),
  four: integer().references(() => schema.b.id),
});
export { c, c as default, c as "strange name" };
