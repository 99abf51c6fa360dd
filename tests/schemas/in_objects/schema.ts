import { sqliteTable, text } from "drizzle-orm/sqlite-core";

const users = sqliteTable("users", { id: text("user_id").primaryKey() });
export const schema = {
  users,
  posts: sqliteTable("posts", { id: text(), by: text().references(() => users.id) }),
  nested: { tags: sqliteTable("tags", { id: text(), post: text().references(() => schema.posts.id as never) }) },
};
export const [first, second] = [sqliteTable("listed_1", { id: text() }), sqliteTable("listed_2", { id: text() })];
export const { renamed: destructured, ...others } = {
  renamed: sqliteTable("destructured", { id: text() }),
  other: sqliteTable("other_one", { id: text() }),
};
function makeAll() {
  const accounts = sqliteTable("accounts", { id: text("acc_id") });
  const sessions = sqliteTable("sessions", { id: text(), account: text().references(() => accounts.id) });
  return { accounts, sessions };
}
export const { accounts, sessions } = makeAll();
const made = makeTenant("acme");
function makeTenant(tenant: string) {
  return { docs: sqliteTable(`${tenant}_docs`, { id: text() }), notes: sqliteTable(`${tenant}_notes`, { id: text() }) };
}
export const { docs } = made;
export default { ba_user: users, ba_docs: docs };
