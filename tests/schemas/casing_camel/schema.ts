import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const odd_names = sqliteTable("odd_names", {
  first_name: integer().primaryKey(),
  LastName: text(),
  HTTP_STATUS: text(),
  "dash-ed": text(),
  explicit_name: text("explicit_name"),
  __proto: text(),
});
