// partly known: unknown_type
import { customType, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { money } from "./types";

const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType() {
    return "blob";
  },
  fromDriver: (value) => value,
});
const arrow = customType<{ data: string }>({ dataType: () => "datetime" });
const sized = customType<{ data: string; config: { length: number }; configRequired: true }>({
  dataType: (config) => (config ? `char(${config.length})` : "char"),
});
const optional = customType<{ data: string; config: { precision?: number } }>({
  dataType(config) {
    return typeof config?.precision === "undefined" ? "decimal" : `decimal(${config.precision})`;
  },
});
const shared = { dataType: () => "shared_type" };
const spread = customType<{ data: string }>({ ...shared, toDriver: (v) => v });
const helper = (name: string) => bytes(name).notNull();
const make = (type: string) => customType<{ data: string }>({ dataType: () => type });
const vector = make("f32_blob");

export const all = sqliteTable("all", {
  a: bytes(),
  b: bytes("b_").notNull(),
  c: arrow("c_").default("now"),
  d: sized("d_", { length: 3 }),
  e: sized({ length: 4 }),
  h: spread("h_").primaryKey(),
  i: helper("i_"),
  j: vector("j_"),
  k: money("k_").unique(),
  l: money(),
  m: customType({ dataType: () => "inline" })("m_"),
  n: text(),
});
export const optionals = sqliteTable("optionals", { f: optional("f_"), g: optional("g_", { precision: 2 }) });
const mystery = customType<{ data: string }>({ dataType: () => process.env.TYPE ?? "text" });
export const unknownType = sqliteTable("unknown_type", { a: mystery("a_") });
