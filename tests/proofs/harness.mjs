// Runs examples as Workers on workerd, each with a D1 database of its own, and tells what happened.
//
//     node harness.mjs JOB RESULT
//
// JOB is a file of JSON: `runtime`, a folder with miniflare and esbuild in its node_modules, and `cases`. A case is
//
//     name, folder     the folder has the example's files, and drizzle-orm and drizzle-kit in reach
//     entry            the file whose default export is the Worker
//     schema           files whose tables drizzle-kit creates before anything else
//     generation       of Drizzle, 0 or 1
//     setup            statements that run after that
//     requests         of the example: [{ method, path, body }]
//     after            statements that run when the requests have ended
//     date, flags      of compatibility
//     bindings         names of the D1 bindings; the statements go to the first
//     alone            in a process of its own, because it is expected not to be built or not to start
//
// RESULT gets, by the case's name: `failed` ("build", "tables", "start", "setup", "request", "after" or null), `error` (its
// words), `answer` (of the last request, parsed where it is JSON), and of the last statement in `after` its `rows`, and how
// many rows it has `read` and `written`.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [, , job, result] = process.argv;
const { runtime, cases } = JSON.parse(readFileSync(job, "utf8"));
const load = createRequire(path.join(runtime, "package.json"));
const esbuild = load("esbuild");
const { Log, LogLevel, Miniflare } = load("miniflare");

const WRAPPER = path.join(import.meta.dirname, "worker.mjs");
const ROUTER = "export default { fetch: (request, env) => env[request.headers.get('worker')].fetch(request) };";
const KIT = { 0: "drizzle-kit/api", 1: "drizzle-kit/payload/sqlite" };

class Failure extends Error {
  constructor(stage, words) {
    super(words);
    this.stage = stage;
  }
}

const outcomes = {};
const together = cases.filter((each) => !each.alone);
for (const group of [together, ...cases.filter((each) => each.alone).map((each) => [each])]) {
  if (group.length > 0) await prove(group);
}
writeFileSync(result, JSON.stringify(outcomes));
process.exit(); // a miniflare that could not start can not be disposed of

/** Build some cases and run them in one process of workerd. */
async function prove(group) {
  let miniflare;
  try {
    const scripts = await bundle(group);
    miniflare = await start(group, scripts);
    for (const each of group) outcomes[each.name] = await observe(miniflare, each);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (group.length === 1) outcomes[group[0].name] = { failed: error.stage, error: error.message };
    else for (const each of group) await prove([each]); // which of them it is
  } finally {
    await miniflare?.dispose();
  }
}

/** The script of each case, by its name. One build for all: drizzle-orm is parsed once. */
async function bundle(group) {
  const entry = {
    name: "entry",
    setup(build) {
      build.onResolve({ filter: /^case:/ }, ({ path }) => ({ path, namespace: "case" }));
      build.onLoad({ filter: /.*/, namespace: "case" }, ({ path: name }) => {
        const { folder, entry } = group.find((each) => `case:${each.name}` === name);
        const contents = readFileSync(WRAPPER, "utf8").replaceAll("the-example", `./${entry}`);
        return { contents, resolveDir: folder };
      });
    },
  };
  const built = await build("build", {
    entryPoints: group.map(({ name }) => ({ in: `case:${name}`, out: name })),
    plugins: [entry],
    outdir: path.dirname(result),
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    format: "esm",
  });
  return Object.fromEntries(built.map(({ path: file, text }) => [path.basename(file, ".js"), text]));
}

async function build(stage, options) {
  try {
    const built = await esbuild.build({ bundle: true, write: false, logLevel: "silent", target: "esnext", ...options });
    return built.outputFiles;
  } catch (error) {
    throw new Failure(stage, error.message);
  }
}

async function start(group, scripts) {
  const words = [];
  const worker = (name, script, env, rest) => ({
    config: {
      name,
      manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: script } } },
      env,
      ...rest,
    },
  });
  const toCases = group.map(({ name }) => [name, { type: "worker", worker: name }]);
  const router = worker("router", ROUTER, Object.fromEntries(toCases), { compatibilityDate: group[0].date });
  const workers = group.map(({ name, bindings, date, flags }) => {
    const databases = bindings.map((binding) => [binding, { type: "d1", id: `${name}-${binding}` }]);
    const compatibility = { compatibilityDate: date, compatibilityFlags: flags };
    return worker(name, scripts[name], Object.fromEntries(databases), compatibility);
  });
  const miniflare = new Miniflare({
    workers: [router, ...workers],
    handleStructuredLogs: ({ message }) => words.push(message),
    log: new Log(LogLevel.NONE),
  });
  try {
    await miniflare.ready;
  } catch (error) {
    throw new Failure("start", [error.message, ...words].join("\n"));
  }
  return miniflare;
}

/** What happens in one case: its tables, its set-up, its requests one after the other, and what they left. */
async function observe(miniflare, each) {
  const seen = { failed: null, error: "", answer: null, rows: [], read: 0, written: 0 };
  try {
    await statements(miniflare, each, "tables", await tables(each));
    await statements(miniflare, each, "setup", each.setup);
    try {
      for (const request of each.requests) seen.answer = await send(miniflare, each, request);
    } finally {
      Object.assign(seen, await statements(miniflare, each, "after", each.after));
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    Object.assign(seen, { failed: error.stage, error: error.message });
  }
  return seen;
}

/** The statements that drizzle-kit generates for the schema of a case. */
async function tables({ folder, schema, generation }) {
  if (schema.length === 0) return [];
  const [built] = await build("tables", {
    stdin: { contents: schema.map((file) => `export * from "./${file}";`).join("\n"), resolveDir: folder },
    format: "cjs",
    packages: "external",
    platform: "node",
  });
  const file = path.join(folder, "schema.cjs");
  writeFileSync(file, built.text);
  const { exit } = process;
  process.exit = (code) => {
    throw new Error(`drizzle-kit ends with ${code}`); // what 1.0 does with a schema that it refuses
  };
  try {
    const beside = createRequire(file);
    const kit = beside(KIT[generation]);
    const snapshot = kit.generateSQLiteDrizzleJson ?? kit.generateDrizzleJson;
    const migration = kit.generateSQLiteMigration ?? kit.generateMigration;
    const empty = await snapshot({});
    return await migration(empty, await snapshot(beside(file), empty.id));
  } catch (error) {
    throw new Failure("tables", String(error));
  } finally {
    process.exit = exit;
  }
}

async function statements(miniflare, each, stage, list) {
  if (list.length === 0) return {};
  const asked = { binding: each.bindings[0], statements: list };
  const response = await dispatch(miniflare, each, stage, { method: "POST", path: "/", body: asked }, { statements: "yes" });
  return response.json();
}

async function send(miniflare, each, request) {
  const text = await (await dispatch(miniflare, each, "request", request)).text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function dispatch(miniflare, each, stage, { method, path, body }, headers = {}) {
  const response = await miniflare.dispatchFetch(`http://example.com${path}`, {
    method,
    headers: { worker: each.name, "content-type": "application/json", ...headers },
    body: body === null ? undefined : JSON.stringify(body),
  });
  if (response.status >= 500) throw new Failure(stage, await response.text());
  return response;
}
