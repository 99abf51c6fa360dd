// What the real drizzle-orm makes of queries.
//
//     node drizzle_queries.mjs MODULE
//
// MODULE exports functions without parameters, each of which returns a query, and `db`, the client. The output is one
// object: by the name of each function, `{ sql, params }`, where `params` is how many there are, or `{ error }`.
import { pathToFileURL } from "node:url";

const { db, ...queries } = await import(pathToFileURL(process.argv[2]).href);

function built(query) {
  if (query.toSQL) return query.toSQL();
  if (query.getQuery) return query.getQuery();
  return db.dialect.sqlToQuery(query.sql ?? query.getSQL()); // $count
}

const found = {};
for (const [name, make] of Object.entries(queries)) {
  try {
    const { sql, params } = built(make());
    found[name] = { sql, params: params.length };
  } catch (error) {
    found[name] = { error: String(error?.message ?? error) };
  }
}
console.log(JSON.stringify(found));
