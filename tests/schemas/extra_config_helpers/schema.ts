// partly known: env_list, unknown_list
import { index, integer, sqliteTable, text, unique, uniqueIndex, type AnySQLiteColumn } from "drizzle-orm/sqlite-core";

type Tenanted = { tenantId: AnySQLiteColumn; createdAt: AnySQLiteColumn };

const tenantIndexes = (prefix: string, t: Tenanted) => [
  index(`${prefix}_tenant_idx`).on(t.tenantId),
  index(`${prefix}_tenant_created_idx`).on(t.tenantId, t.createdAt),
];
const asObject = (t: Tenanted, name: string) => ({ [`${name}Tenant`]: index(`${name}_t`).on(t.tenantId) });
const one = (name: string, ...on: [AnySQLiteColumn, ...AnySQLiteColumn[]]) => index(`idx_${name}`).on(...on);
const extra = (t: Tenanted) => [uniqueIndex("shared_unique").on(t.createdAt)];
const columns = { id: text().primaryKey(), tenantId: text("tenant_id").notNull(), createdAt: integer("created_at") };

export const a = sqliteTable("a", { ...columns }, (t) => tenantIndexes("a", t));
export const b = sqliteTable("b", { ...columns }, (t) => [...tenantIndexes("b", t), index("own").on(t.id)]);
export const c = sqliteTable("c", { ...columns }, (t) => ({ ...asObject(t, "c"), own: unique("own").on(t.id, t.tenantId) }));
export const d = sqliteTable("d", { ...columns }, (t) => [one("d", t.id), one("d2", t.id, t.createdAt)]);
export const e = sqliteTable("e", { ...columns }, extra);
export const f = sqliteTable("f", { ...columns }, (t) => [t.id, t.tenantId].map((column, i) => index(`f_${i}`).on(column)));
export const g = sqliteTable("g", { ...columns }, (t) => {
  const list = [index("g1").on(t.id)];
  list.push(index("g2").on(t.tenantId), uniqueIndex("g3").on(t.createdAt));
  return list;
});
export const h = sqliteTable("h", { ...columns }, (t) => {
  const result: Record<string, never> = {};
  result.first = index("h1").on(t.id) as never;
  result["second"] = index("h2").on(t.tenantId) as never;
  return result;
});
export const envList = sqliteTable("env_list", { ...columns }, (t) => {
  const list = [index("g1").on(t.id)];
  if (process.env.MORE) list.push(index("g2").on(t.tenantId));
  return list;
});
declare const unknownIndexes: (t: unknown) => never[];
export const unknownList = sqliteTable("unknown_list", { ...columns }, (t) => [
  ...((globalThis as never as { f?: typeof unknownIndexes }).f?.(t) ?? []),
]);
function addIndexes(list: unknown[], t: Tenanted) {
  list.push(index("added").on(t.tenantId));
  return list;
}
export const added = sqliteTable("added", { ...columns }, (t) => addIndexes([index("given").on(t.id)], t) as never);
