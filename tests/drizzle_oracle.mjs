// What the real drizzle-orm makes of small repositories.
//
//     node drizzle_oracle.mjs PACKAGES
//
// PACKAGES is a folder with node_modules, and drizzle-orm in it. Each line of the input is a repository, as
// { root, files }: its modules are imported as they are, by Node. Each line of the output is what they make,
// { tables, relations, errors }, in the shape of `d1lint schema --format json`.
import fs from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const packages = pathToFileURL(path.join(fs.realpathSync(process.argv[2]), "x.mjs")).href;
let root = "";
const made = (globalThis.__made = { tables: [], relations: [], configs: [], frames });
Error.stackTraceLimit = 60;
process.setSourceMapsEnabled(true);

// --- loading ----------------------------------------------------------------------------------------------------

const WATCHED = {
  "drizzle-orm/sqlite-core": `
    const watch = (make) => (...args) => {
      const table = make(...args);
      made.tables.push({ table, frames: made.frames() });
      return table;
    };
    export const sqliteTable = watch(real.sqliteTable);
    export const sqliteTableCreator = (...args) => watch(real.sqliteTableCreator(...args));
    export const snakeCase = real.snakeCase && { ...real.snakeCase, table: watch(real.snakeCase.table) };
    export const camelCase = real.camelCase && { ...real.camelCase, table: watch(real.camelCase.table) };`,
  "drizzle-orm": `
    export const relations = real.relations && ((...args) => {
      const value = real.relations(...args);
      made.relations.push(value);
      return value;
    });
    const watch = (define) => define && ((...args) => {
      const value = define(...args);
      made.configs.push(value);
      return value;
    });
    export const defineRelations = watch(real.defineRelations);
    export const defineRelationsPart = watch(real.defineRelationsPart);`,
};
WATCHED["drizzle-orm/sqlite-core/table"] = WATCHED["drizzle-orm/sqlite-core"];
WATCHED["drizzle-orm/relations"] = WATCHED["drizzle-orm"];
WATCHED["drizzle-orm/_relations"] = WATCHED["drizzle-orm"];

const ENDINGS = ["", ".ts", ".mts", ".js", "/index.ts"];

function existing(file) {
  const stems = [file, file.replace(/\.js$/, "").replace(/\.mjs$/, "")];
  const found = stems.flatMap((stem) => ENDINGS.map((ending) => stem + ending));
  return found.find((name) => fs.statSync(name, { throwIfNoEntry: false })?.isFile());
}

function aliased(specifier) {
  const config = path.join(root, "tsconfig.json");
  if (!fs.existsSync(config)) return undefined;
  const { paths = {} } = JSON.parse(fs.readFileSync(config, "utf8")).compilerOptions ?? {};
  for (const [pattern, [target]] of Object.entries(paths)) {
    const head = pattern.replace("*", "");
    if (specifier.startsWith(head)) {
      return existing(path.join(root, target.replace("*", specifier.slice(head.length))));
    }
  }
  return undefined;
}

registerHooks({
  resolve(specifier, context, next) {
    const fromPackages = context.parentURL?.includes("/node_modules/") || context.parentURL?.includes("?watched");
    if (!fromPackages && specifier.startsWith("drizzle-orm")) {
      const found = next(specifier, { ...context, parentURL: packages });
      return specifier in WATCHED ? { ...found, url: `${found.url}?watched=${encodeURIComponent(specifier)}` } : found;
    }
    if (!fromPackages) {
      const relative = /^\.{1,2}(\/|$)/.test(specifier);
      const file = relative
        ? existing(path.resolve(path.dirname(fileURLToPath(context.parentURL)), specifier))
        : aliased(specifier);
      if (file) return { url: pathToFileURL(file).href, shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    const [real, watched] = url.split("?watched=");
    if (watched) {
      const source = `import * as real from ${JSON.stringify(real)};
        export * from ${JSON.stringify(real)};
        const made = globalThis.__made;
        ${WATCHED[decodeURIComponent(watched)]}`;
      return { format: "module", source, shortCircuit: true };
    }
    if (/\.m?ts$/.test(url)) {
      return { format: "module", source: script(fs.readFileSync(fileURLToPath(url), "utf8"), url), shortCircuit: true };
    }
    return next(url, context);
  },
});

function script(text, url) {
  const source = text.replace(/^\ufeff/, "");
  try {
    return stripTypeScriptTypes(source); // keeps every position
  } catch (error) {
    if (error.code !== "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") throw error;
    return stripTypeScriptTypes(source, { mode: "transform", sourceMap: true, sourceUrl: url }); // enums, namespaces
  }
}

/** The places on the stack that are in a repository: [file, line], the innermost first. */
function frames() {
  const found = [];
  for (const line of new Error().stack.split("\n")) {
    // A place that came through a source map is a path, others are URLs.
    const match = /((?:file:\/)?\/[^()?]+\.m?[jt]s):(\d+):\d+/.exec(line);
    if (!match || match[1].includes("/node_modules/")) continue;
    found.push([match[1].startsWith("file:") ? fileURLToPath(match[1]) : match[1], Number(match[2])]);
  }
  return found;
}

// --- describing -------------------------------------------------------------------------------------------------

const at = (name) => import(new URL(`node_modules/${name}`, packages).href);
const core = await at("drizzle-orm/sqlite-core/index.js");
const orm = await at("drizzle-orm/index.js");
const casingModule = await at("drizzle-orm/casing.js");
const legacy = orm.createTableRelationsHelpers ? orm : await at("drizzle-orm/_relations.js");

function describer(casing) {
  const cache = casingModule.CasingCache && casing ? new casingModule.CasingCache(casing) : undefined;
  const name = (column) => (cache ? cache.getColumnCasing(column) : column.name);
  const dialect = new (core.SQLiteSyncDialect ?? core.SQLiteDialect)(cache ? { casing } : undefined);
  const text = (query) => dialect.sqlToQuery(query, "indexes").sql;
  const named = (column) => (orm.is(column, orm.Column) ? name(column) : { sql: text(column) });

  return {
    name,
    table(table) {
      const config = core.getTableConfig(table);
      const columns = Object.entries(table[orm.Table.Symbol.Columns]).map(([key, column]) => ({
        key,
        name: name(column),
        type: column.getSQLType(),
        notNull: column.notNull,
        primaryKey: column.primary,
        unique: column.isUnique,
        hasDefault: column.hasDefault,
      }));
      const foreignKeys = config.foreignKeys.map((key) => {
        const reference = key.reference();
        return {
          columns: reference.columns.map(name),
          foreignTable: orm.getTableName(reference.foreignTable),
          foreignColumns: reference.foreignColumns.map(name),
          onDelete: key.onDelete ?? null,
          onUpdate: key.onUpdate ?? null,
        };
      });
      const indexes = config.indexes.map(({ config: index }) => ({
        name: index.name ?? null,
        columns: index.columns.map(named),
        unique: index.unique,
        partial: index.where !== undefined,
      }));
      return {
        name: config.name,
        columns,
        foreignKeys,
        indexes,
        primaryKeys: config.primaryKeys.map((key) => key.columns.map(name)),
        uniques: config.uniqueConstraints.map((unique) => unique.columns.map(name)),
        checks: config.checks.length,
      };
    },
  };
}

function inRepository(placed) {
  return placed.find(([file]) => file.startsWith(root + path.sep));
}

function relationsOf(value, place, name) {
  return Object.entries(value.config(legacy.createTableRelationsHelpers(value.table))).map(([key, relation]) => ({
    ...place(value.table),
    name: key,
    kind: orm.is(relation, legacy.One) ? "one" : "many",
    target: orm.getTableName(relation.referencedTable),
    columns: relation.config?.fields?.map(name) ?? null,
    references: relation.config?.references?.map(name) ?? null,
    alias: relation.relationName ?? null,
    through: [],
  }));
}

function configRelations(config, place, name) {
  const end = (columns) => columns?.map((column) => name(column._.column)) ?? null;
  return Object.values(config).flatMap(({ table, relations }) =>
    Object.entries(relations).map(([key, relation]) => ({
      ...place(table),
      name: key,
      kind: relation.relationType,
      target: orm.getTableName(relation.targetTable),
      columns: end(relation.sourceColumns),
      references: end(relation.targetColumns),
      alias: relation.alias ?? null,
      through: [...(relation.through?.source ?? []), ...(relation.through?.target ?? [])].map((column) => [
        orm.getTableName(relation.throughTable),
        name(column._.column),
      ]),
    })),
  );
}

async function schema({ root: given, files }) {
  root = fs.realpathSync(given);
  const errors = [];
  made.tables.length = made.relations.length = made.configs.length = 0;
  let casing;
  for (const file of files) {
    try {
      const module = await import(pathToFileURL(path.join(root, file)).href);
      if (/(^|\/)drizzle\.config\.ts$/.test(file)) casing = module.default?.casing;
    } catch (error) {
      errors.push(`${file}: ${error.stack}`);
    }
  }
  const describe = describer(casing);
  const places = new Map(
    made.tables.map(({ table, frames: found }) => {
      const [file, line] = inRepository(found) ?? ["", 0];
      return [table, { file: path.relative(root, file).replaceAll(path.sep, "/"), line }];
    }),
  );
  const place = (table) => ({ table: orm.getTableName(table), ...places.get(table) });
  const tables = [];
  const relations = [];
  for (const [table, found] of places) {
    try {
      tables.push({ ...found, ...describe.table(table) });
    } catch (error) {
      errors.push(`${found.file}:${found.line}: ${error.stack}`);
    }
  }
  try {
    relations.push(...made.relations.flatMap((value) => relationsOf(value, place, describe.name)));
    relations.push(...made.configs.flatMap((value) => configRelations(value, place, describe.name)));
  } catch (error) {
    errors.push(`relations: ${error.stack}`);
  }
  return { tables, relations, errors };
}

for (const name of ["log", "info", "warn", "error", "debug"]) console[name] = () => {};
for await (const line of createInterface({ input: process.stdin })) {
  fs.writeSync(1, `${JSON.stringify(await schema(JSON.parse(line)))}\n`);
}
