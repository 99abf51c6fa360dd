import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const bom = sqliteTable("bom", { id: text("é😀") });
const s = `😀${1}😀`;
export const after = sqliteTable("after_😀", { "🔑": text("ключ"), "é": text() }, (t) => [index("і").on(t["🔑"])]);
