import { asc, desc, eq, isNotNull, sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, unique, uniqueIndex } from "drizzle-orm/sqlite-core";

const columns = { id: integer().primaryKey(), a: text("a_"), b: text("b_"), deletedAt: integer("deleted_at") };
const NAME = "const_idx";
const lower = (column: unknown) => sql`lower(${column})`;

export const t = sqliteTable("t", { ...columns }, (t) => [
  index("plain").on(t.a),
  index("two").on(t.a, t.b),
  index("descending").on(desc(t.a)),
  index("mixed").on(asc(t.a), desc(t.b), t.id),
  index("sql_desc").on(sql`${t.a} desc`),
  index("sql_desc_upper").on(sql`${t.a} DESC`),
  index("sql_asc").on(sql`${t.b} asc`),
  index("sql_plain").on(sql`${t.b}`),
  index("expression").on(sql`lower(${t.a})`),
  index("expressions").on(t.id, sql`coalesce(${t.a}, ${t.b})`),
  index("collated").on(sql`${t.a} collate nocase`),
  index("helper").on(lower(t.a)),
  uniqueIndex("unique_one").on(t.b),
  uniqueIndex("partial").on(t.a).where(isNotNull(t.deletedAt)),
  uniqueIndex("partial_sql").on(t.a).where(sql`${t.deletedAt} is null`),
  index("partial_eq").on(t.b).where(eq(t.a, "x")),
  index("where_undefined").on(t.b).where(undefined as never),
  index(NAME).on(t.a),
  index(`${NAME}_2`).on(t.a),
  unique().on(t.a),
  unique("named").on(t.a, t.b),
  index("spread").on(...([t.a, t.b] as [typeof t.a, typeof t.b])),
]);
export const u = sqliteTable("u", { email: text("e_mail").notNull().unique(), other: text().unique("other_unique") });
