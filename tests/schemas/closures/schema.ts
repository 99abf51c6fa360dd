import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

const column = (prefix: string) => (name: string) => (required: boolean) => {
  const built = text(`${prefix}_${name}`);
  return required ? built.notNull() : built;
};
const app = column("app");
const curriedName = app("name");
const compose = <A, B, C>(f: (b: B) => C, g: (a: A) => B) => (a: A) => f(g(a));
const shout = compose((s: string) => text(s), (s: string) => s.toUpperCase());

export const curried = sqliteTable("curried", { a: curriedName(true), b: app("other")(false), c: column("x")("y")(true), d: shout("d") });

function tableFactory(prefix: string) {
  const common = { id: integer().primaryKey(), tenant: text(`${prefix}_tenant`).notNull() };
  return function make<T extends Record<string, never>>(name: string, columns: T) {
    return sqliteTable(`${prefix}_${name}`, { ...common, ...columns }, (t) => [index(`${prefix}_${name}_tenant_idx`).on(t.tenant)]);
  };
}
const crm = tableFactory("crm");
export const contacts = crm("contacts", { email: text().notNull() } as never);
export const deals = crm("deals", {});
export const invoices = tableFactory("billing")("invoices", { total: integer() } as never);

const withAudit = <N extends string, C extends object>(name: N, columns: C, extra?: (t: never) => never[]) =>
  sqliteTable(name, { ...columns, updatedBy: text("updated_by") } as never, extra as never);
export const audited = withAudit("audited", { id: text().primaryKey() }, (t: never) => [
  uniqueIndex("audited_idx").on((t as { updatedBy: never }).updatedBy) as never,
]);
export const unaudited = withAudit("unaudited", {});

const counter = (() => {
  const start = 10;
  return { next: (n: number) => integer(`n${start + n}`), half: () => integer(`n${start / 2}`) };
})();
export const counters = sqliteTable("counters", { a: counter.next(1), b: counter.half() });
