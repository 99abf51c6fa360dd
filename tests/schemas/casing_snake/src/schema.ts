import { foreignKey, index, integer, primaryKey, snakeIt, sqliteTable, text, unique } from "./core";

export const userAccounts = sqliteTable("user_accounts", {
  id: integer().primaryKey(),
  firstName: text(),
  lastName: text("LastName"),
  HTTPStatus: text(),
  userID: text(),
  x2y: text(),
  utf8Name: text(),
  "quoted-key": text(),
  "with space": text(),
  snake_case_already: text(),
  SCREAMING_CASE: text(),
  _leading: text(),
  trailing_: text(),
  Größe: text(),
  $dollar: text(),
  "it's": text(),
  a1B2c3: text(),
  [snakeIt]: text(),
});
export const memberships = sqliteTable(
  "memberships",
  (d) => ({ accountId: d.integer().references(() => userAccounts.id), firstName: d.text(), explicit: d.text("Explicit") }),
  (t) => [
    primaryKey({ columns: [t.accountId, t.firstName] }),
    index("m_idx").on(t.firstName, t.explicit),
    unique().on(t.accountId),
    foreignKey({ columns: [t.firstName], foreignColumns: [userAccounts.firstName] }),
  ],
);
