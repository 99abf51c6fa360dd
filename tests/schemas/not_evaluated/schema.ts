// partly known: by_json, by_fetch, by_package, by_typeof, by_try, by_regex, by_proxy, by_class_of_package, by_missing
// partly known: by_missing_import, falls_through, by_optional_type, by_eval, by_indexed
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { existsSync } from "node:fs";
import { Buffer as NodeBuffer } from "node:buffer";

const parsed = JSON.parse('{"a": 1}') as Record<string, never>;
export const byJson = sqliteTable("by_json", Object.fromEntries(Object.keys(parsed).map((k) => [k, text()])) as never);
const fetched = await Promise.resolve({ x: text("x_") }).then((v) => ({ ...v, y: text() }));
export const byFetch = sqliteTable("by_fetch", { ...fetched });
export const byPackage = sqliteTable("by_package", { id: text(), ...(existsSync("/nonexistent") ? { x: text() } : {}) });
const base = { a: text("a_"), b: text("b_") };
const other: typeof base = structuredClone === undefined ? base : ({ ...base, c: text() } as never);
export const byTypeof = sqliteTable("by_typeof", other);
function trying() {
  try {
    return { ok: text(decodeURIComponent("ok")) };
  } catch {
    return { failed: text() };
  }
}
export const byTry = sqliteTable("by_try", trying() as never);
export const byRegex = sqliteTable("by_regex", { id: text("A-b".replace(/[A-Z]/, "x")) });
const proxy = new Proxy({} as Record<string, never>, { ownKeys: () => ["p"], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: text() }), get: () => text() });
export const byProxy = sqliteTable("by_proxy", { ...proxy });
export const byClassOfPackage = sqliteTable("by_class_of_package", { id: text(NodeBuffer.from("id").toString()) });
export const byMissing = sqliteTable("by_missing", { id: text(), ...((globalThis as never as Record<string, object>).nothing ?? {}) });
function sometimes() {
  if (process.env.X === undefined) {
    return { given: text("given_") };
  }
}
export const fallsThrough = sqliteTable("falls_through", { id: text(), ...sometimes() });
const typedOnly: { on: boolean } | undefined = JSON.parse("null");
export const byOptionalType = sqliteTable("by_optional_type", { id: text(), ...(typedOnly ? { x: text() } : {}) });
export const byEval = sqliteTable("by_eval", { id: text(), ...((0, eval)("({})") as object) });
const lookup: Record<string, string> = { a: "looked_up" };
export const byIndexed = sqliteTable("by_indexed", { id: text(lookup[process.env.KEY ?? "a"]) });
export const byMissingImport = sqliteTable("by_missing_import", { ...(await import("./absent").catch(() => ({}))) });
