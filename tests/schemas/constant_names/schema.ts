import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import defaultName, { LIST, NAMES, Numbers, PREFIX, Short, Tables } from "./names";
import * as names from "./names";

enum Columns {
  Id = "enum_id",
  "Quoted Name" = "enum_quoted",
}
const local = `${PREFIX}_${LIST[0]}` as const;
const { users: fromPattern, nested: { deep }, missing = "was_missing" } = NAMES as typeof NAMES & { missing?: string };
const [, secondOfList, third = "default_third"] = LIST as readonly string[];
const key = "computed";

export const a = sqliteTable(Tables.Users, { [Columns.Id]: text(Columns.Id), q: text(Columns["Quoted Name"]) });
export const b = sqliteTable(names.Tables.Posts, { id: text(NAMES.nested.deep) });
export const c = sqliteTable(NAMES.users, { id: text(NAMES["nested"]["deep"]) });
export const d = sqliteTable(local, { id: text(`${LIST[1]}`) });
export const e = sqliteTable(defaultName, { id: text(Short.A), b: text(Short.B) });
export const f = sqliteTable(fromPattern + "_2", { id: text(deep), m: text(missing) });
export const g = sqliteTable(secondOfList, { id: text(third) });
export const h = sqliteTable(`numbers_${Numbers.One}_${Numbers.Eleven}`, { id: text(`n${1 + 2 * 3}`), z: text(Numbers[0]) });
export const i = sqliteTable("computed", { [key]: text(), [`${key}_2`]: text(), [key + 3]: text(), [4]: text(), ["lit"]: text() });
export const j = sqliteTable("a" + "b" + 1 + true + null, { x: integer(`${10 / 4}_${10 / 5}_${7 % 4}_${2 ** 3}_${-1}`) });
export const k = sqliteTable(String("string_call"), { x: text(names.default) });
export const l = sqliteTable(`multi
line`, { x: text("esc\u0061ped\n\x41\t\\ \u{1F600}"), y: text('single\'s "double"') });
