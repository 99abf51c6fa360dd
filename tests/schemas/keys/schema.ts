// partly known: symbols
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const dynamic = "dyn";
const shorthand = text("short_hand");

export const duplicated = sqliteTable("duplicated", { id: text("first"), other: text(), id: integer("second") } as never);
export const numeric = sqliteTable("numeric", { 2: text(), 1: text("one"), 0x10: text(), 1.5: text(), 1_000: text(), 1e3: integer() } as never);
export const quoted = sqliteTable("quoted", { "a-b": text(), 'c d': text(), "": text("empty_key"), "uni\u0063ode": text() });
export const computed = sqliteTable("computed", {
  [dynamic]: text(),
  [`${dynamic}_t`]: text(),
  ["lit" + 1]: text(),
  [1 + 1]: text(),
  [true as never]: text(),
  [null as never]: text(),
});
export const short = sqliteTable("short", { shorthand });
export const getters = sqliteTable("getters", {
  get lazy() {
    return text("lazy_");
  },
  id: text(),
});
export const unicode = sqliteTable("unicode", { größe: text(), 名前: text("name_ja"), \u0061bc: text(), ünï_cödé: integer() });
export const symbols = sqliteTable("symbols", { id: text(), [Symbol("x") as never]: text() });
export const reserved = sqliteTable("reserved", { class: text(), default: text("def"), new: integer(), async: text(), get: text(), set: text(), static: text() });
const \u{63}olumn = text("escaped_identifier");
export const escaped = sqliteTable("escaped", { column });
export const methods = { users: sqliteTable("in_object", { id: text() }), more: [sqliteTable("in_list", { id: text() })] };
