import { eq, getTableColumns, sql } from "drizzle-orm";
import { integer, sqliteTable, sqliteView, text } from "drizzle-orm/sqlite-core";

export const users = sqliteTable("users", { id: integer().primaryKey(), name: text(), age: integer() });
export const adults = sqliteView("adults").as((qb) => qb.select().from(users).where(eq(users.age, 18)));
export const manual = sqliteView("manual", { id: integer(), name: text("view_name") }).as(sql`select * from ${users}`);
export const existing = sqliteView("existing", { id: integer() }).existing();
const { age, ...rest } = getTableColumns(users);
export const picked = { ...rest, age };
export const names = [users.name.name, adults, manual] as const;
export const afterViews = sqliteTable("after_views", {
  id: integer().generatedAlwaysAs(sql`1`),
  stored: text().generatedAlwaysAs(sql`lower(name)`, { mode: "stored" }).notNull(),
  byFunction: text().generatedAlwaysAs(() => sql`1`),
});
