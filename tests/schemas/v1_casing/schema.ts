import { camelCase, index, primaryKey, snakeCase, sqliteTable, sqliteTableCreator, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import * as core from "drizzle-orm/sqlite-core";

const { table } = snakeCase;
const app = sqliteTableCreator((name) => `app_${name}`, "snake_case");

export const userAccounts = snakeCase.table("userAccounts", {
  userId: text().primaryKey(),
  HTTPStatus: text(),
  größeNeu: text(),
  ÄnderungsDatum: text(),
  explicit: text("exPlicit"),
  "it's": text(),
  x2Y: text(),
});
export const camel_things = camelCase.table("camel_things", { thing_id: text().references(() => userAccounts.userId), OTHER_ID: text() }, (t) => [
  index("camel_idx").on(t.thing_id, t.OTHER_ID),
]);
export const destructured = table("destructured", (d) => ({ firstName: d.text(), lastName: d.text() }), (t) => [
  primaryKey({ columns: [t.firstName, t.lastName] }),
  uniqueIndex("d_idx").on(t.lastName),
]);
export const viaNamespace = core.snakeCase.table("via_namespace", { someColumn: text() });
export const created = app("created", { createdAt: text() });
export const plain = sqliteTable("plain", { someColumn: text(), refId: text().references(() => created.createdAt) });
