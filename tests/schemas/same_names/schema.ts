import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const one = sqliteTable("same", { id: text("first") });
export const two = sqliteTable("same", { id: integer("second") });
const make = (column: string) => sqliteTable("made", { id: text(column) });
export const three = make("third");
export const four = make("fourth");
export const again = three;
{
  const one = "shadowed";
  void one;
}
export const five = sqliteTable("five", { id: text("five_"), ref: text().references(() => one.id), ref2: text().references(() => again.id) });
export const inline = [make("fifth"), sqliteTable("on_one_line", { id: text() }), sqliteTable("on_one_line_too", { id: text() })];
