import { getTableColumns, getTableName } from "drizzle-orm";
import { foreignKey, index, integer, sqliteTable, text, type SQLiteColumnBuilderBase } from "drizzle-orm/sqlite-core";

const shared = { id: integer().primaryKey(), createdAt: integer("created_at") };
const entity = <T extends Record<string, SQLiteColumnBuilderBase>>(name: string, own: T, options?: { indexed?: (keyof T)[] }) =>
  sqliteTable(name, { ...shared, ...own }, (t) => [
    index(`${name}_created_idx`).on(t.createdAt),
    ...(options?.indexed ?? []).map((key) => index(`${name}_${String(key)}_idx`).on((t as never)[key])),
  ]);
export const authors = entity("authors", { name: text("the_name") }, { indexed: ["name"] });
export const books = entity("books", { authorId: integer("author_id"), title: text() }, { indexed: ["authorId", "title"] });
export const plain = entity("plain", {});

export const named = sqliteTable(`${getTableName(authors)}_archive`, {
  id: text(getTableColumns(authors).name.name),
  ref: integer().references(() => getTableColumns(books).id),
});
const owned = (table: () => { id: never }, name = "owner_id") => integer(name).references(table as never);
export const pets = sqliteTable("pets", { ownerId: integer("o").references(() => authors.id), other: owned((() => authors.id) as never) });

const tenant = () => {
  const column = text("tenant_id").notNull();
  return { tenantId: column };
};
const tenantKey = (t: { tenantId: never }, columns: never[] = [t.tenantId]) =>
  foreignKey({ columns: columns as never, foreignColumns: [tenants.slug] as never }).onDelete("cascade");
export const tenants = sqliteTable("tenants", { slug: text().primaryKey() });
export const docs = sqliteTable("docs", { ...shared, ...tenant() }, (t) => [tenantKey(t as never)]);
export const notes = sqliteTable("notes", { ...shared, ...tenant() }, extraOfNotes);
function extraOfNotes(t: { tenantId: never; id: never }) {
  return [tenantKey(t), index("notes_idx").on(t.tenantId, t.id)];
}
