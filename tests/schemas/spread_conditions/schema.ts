// partly known: env_and, env_ternary, env_columns, env_or, let_assigned, env_index
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const ON = true;
const OFF = false as boolean;
const LEVEL: number = 2;
const env = process.env.FEATURE === "on";

export const yes = sqliteTable("yes", { id: text(), ...(ON && { on: text("on_") }), ...(OFF && { off: text() }) });
export const ternary = sqliteTable("ternary", { ...(LEVEL > 1 ? { high: text("high_") } : { low: text("low_") }) });
export const equal = sqliteTable("equal", { ...(LEVEL === 2 ? { two: text("two_") } : {}) });
export const strict = sqliteTable("strict", { ...((1 as never) === true ? { yes: text() } : { no: text() }) });
export const nullish = sqliteTable("nullish", { ...(null ?? { fallback: text("fallback_") }) });
export const negated = sqliteTable("negated", { ...(!OFF ? { a: text("a_") } : {}), ...(OFF || { b: text("b_") }) });
export const column = sqliteTable("column", { id: ON ? text("on_id") : integer("off_id") });

export const envAnd = sqliteTable("env_and", { id: text(), ...(env && { extra: text("extra_") }) });
export const envTernary = sqliteTable("env_ternary", { id: text(), ...(env ? { x: text() } : { y: text() }) });
export const envColumns = sqliteTable("env_columns", { id: env ? text("a") : text("b"), name: text(env ? "n1" : "n2") });
export const envOr = sqliteTable("env_or", { id: text(), ...((env || undefined) as object) });
export const envIndex = sqliteTable("env_index", { id: text() }, (t) => [env && index("env_idx").on(t.id)] as never);

let extra: Record<string, never> | undefined;
if (env) extra = { given: text("given_") } as never;
export const letAssigned = sqliteTable("let_assigned", { id: text(), ...extra });

let changing = { first: text("first_") } as object;
export const later = sqliteTable("later", changing as never);
changing = { second: text("second_") };
