import { index, sqliteTable, sqliteTableCreator, text } from "drizzle-orm/sqlite-core";

type Builders = Parameters<Parameters<typeof sqliteTable>[1] & ((d: never) => unknown)>[0];

const timestamps = (d: Builders) => ({ createdAt: d.integer("created_at", { mode: "timestamp" }).notNull() });
const app = sqliteTableCreator((name) => `app_${name}`);
const money = (name: string) => text(name).$type<`${number}`>();

export const users = sqliteTable("users", (d) => ({
  id: d.integer().primaryKey({ autoIncrement: true }),
  name: d.text("the_name", { length: 256 }),
  data: d.blob("data_", { mode: "json" }),
  score: d.real(),
  exact: d.numeric(),
}));
export const destructured = sqliteTable("destructured", ({ integer, text: string }) => ({ a: integer("a_"), b: string() }));
export const block = sqliteTable("block", (d) => {
  const id = d.text().primaryKey();
  return { id, ...timestamps(d as never) };
});
export const posts = app(
  "posts",
  (d) => ({ id: d.integer("post_id"), price: money("price_"), own: d.text().references(() => users.name) }),
  (t) => [index("posts_own").on(t.own)],
);
export const functionForm = sqliteTable("function_form", function (d) {
  return { id: d.text("f_id") };
});
const named = (d: Builders) => ({ x: d.text("x_") });
export const byName = sqliteTable("by_name", named as never);
const custom = sqliteTable("custom", (d) => ({ c: d.customType<{ data: string }>({ dataType: () => "uuid" })("c_") }));
export { custom };
