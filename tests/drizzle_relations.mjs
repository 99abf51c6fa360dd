// The relations that the real drizzle-orm makes of the modules of small repositories.
//
//     node drizzle_relations.mjs RESULT.json GENERATION FOLDER...
//
// Every folder has a node_modules at or above it. RESULT maps each folder to "table.relation kind target: own columns =
// its columns" lines, as drizzle resolves them for a query, or to the error that it throws.
import fs from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [result, generation, ...folders] = process.argv.slice(2);

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith(".") && !context.parentURL.includes("/node_modules/")) {
      const file = path.resolve(path.dirname(fileURLToPath(context.parentURL)), specifier);
      const stem = file.replace(/\.js$/, "");
      const found = [file, `${stem}.ts`, `${stem}/index.ts`].find((f) => fs.statSync(f, { throwIfNoEntry: false })?.isFile());
      if (found) return { url: pathToFileURL(found).href, shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith(".ts")) return next(url, context);
    const text = fs.readFileSync(fileURLToPath(url), "utf8").replace(/^\ufeff/, "");
    return { format: "module", source: stripTypeScriptTypes(text), shortCircuit: true };
  },
});

const names = (columns) => columns.map((column) => (column._?.column ?? column).name).join("+");

function resolved0(exports, orm) {
  const { tables, tableNamesMap } = orm.extractTablesRelationalConfig(exports, orm.createTableRelationsHelpers);
  return Object.values(tables).flatMap((table) =>
    Object.entries(table.relations).map(([key, relation]) => {
      const { fields, references } = orm.normalizeRelation(tables, tableNamesMap, relation);
      const kind = orm.is(relation, orm.One) ? "one" : "many";
      return `${table.dbName}.${key} ${kind} ${relation.referencedTableName}: ${names(fields)} = ${names(references)}`;
    }),
  );
}

function resolved1(exports, orm) {
  const configs = Object.values(exports).filter((value) => value && Object.values(value).some((v) => v?.relations && v?.table));
  return configs.flatMap((config) => Object.values(config)).flatMap(({ table, relations }) =>
    Object.entries(relations).map(([key, relation]) => {
      const ends = `${names(relation.sourceColumns)} = ${names(relation.targetColumns)}`;
      return `${orm.getTableName(table)}.${key} ${relation.relationType} ${orm.getTableName(relation.targetTable)}: ${ends}`;
    }),
  );
}

const found = {};
for (const folder of folders) {
  try {
    const files = fs.readdirSync(folder, { recursive: true }).filter((f) => /(?<!\.d)\.ts$/.test(f)).sort();
    const modules = await Promise.all(files.map((file) => import(pathToFileURL(path.join(folder, file)).href)));
    const orm = await import(import.meta.resolve("drizzle-orm", pathToFileURL(path.join(folder, "x.mjs")).href));
    const exports = Object.assign({}, ...modules);
    found[folder] = (generation === "0" ? resolved0 : resolved1)(exports, orm).sort();
  } catch (error) {
    found[folder] = [`${error.stack}`];
  }
}
fs.writeFileSync(result, JSON.stringify(found));
process.exit(0);
