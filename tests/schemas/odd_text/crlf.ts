import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

// a comment
/* several
   lines */
export const first = sqliteTable("first", {
  id: integer()
    .primaryKey(),
  // sqliteTable("fake", {})
  name: text("na\
me"),
});
export const second = sqliteTable(`two
lines`, { id: text() });
