"""Where raw SQL goes: bindings and clients followed from the runtime to the statement, and what only looks like them.

Every line that ends with `// raw` sends raw SQL to D1, and no other line does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from repository import MONOREPO, Files, lines, lint, marked, package, wrangler

RULE = "unjustified-native-sql"

BINDINGS: dict[str, str | Files] = {
    "a handler's environment, known by wrangler alone": """
        export default { async fetch(request, env) {
            return Response.json(await env.DB.prepare("SELECT 1").all()); // raw
        } };
    """,
    "a context's environment, known by wrangler alone": """
        import { Hono } from "hono";
        const app = new Hono();
        app.get("/", async (c) => c.json(await c.env.DB.prepare("SELECT 1").all())); // raw
        export default app;
    """,
    "destructured from the environment": """
        app.get("/", async (c) => {
            const { DB } = c.env;
            await DB.prepare("SELECT 1").run(); // raw
        });
    """,
    "destructured under another name": """
        app.get("/", async (c) => {
            const { DB: main } = c.env;
            await main.prepare("SELECT 1").run(); // raw
        });
    """,
    "destructured in the parameter": """
        app.get("/", async ({ env: { DB } }) => {
            await DB.prepare("SELECT 1").run(); // raw
        });
    """,
    "destructured from the parameter's environment": """
        export async function loader({ context: { cloudflare: { env } } }) {
            await env.DB.prepare("SELECT 1").run(); // raw
        }
    """,
    "by a key in brackets": """
        export default { async fetch(request, env) {
            await env["DB"].prepare("SELECT 1").run(); // raw
        } };
    """,
    "an alias": """
        export default { async fetch(request, env) {
            const d1 = env.DB;
            const again = d1;
            await again.prepare("SELECT 1").run(); // raw
        } };
    """,
    "an environment that may be missing": """
        export const handle = async (locals) => {
            const db = locals.runtime?.env?.DB ?? null;
            if (!db) return;
            await db.prepare("SELECT 1").run(); // raw
        };
    """,
    "one of two environments": """
        export async function run(platform, env) {
            const database = platform ? platform.env.DB : env.DB;
            await database.prepare("SELECT 1").run(); // raw
        }
    """,
    "with a fallback": """
        import { env as imported } from "cloudflare:workers";
        export async function run(env) {
            const database = env?.DB || imported.DB;
            await database!.prepare("SELECT 1").run(); // raw
        }
    """,
    "with a cast": """
        export async function run(c) {
            await (c.env.DB as D1Database).prepare("SELECT 1").run(); // raw
            await (c.env as any).DB.prepare("SELECT 1").run(); // raw
        }
    """,
    "a session": """
        export async function run(env: { DB: D1Database }) {
            const session = env.DB.withSession("first-primary");
            await session.prepare("SELECT 1").run(); // raw
        }
    """,
    "exec and a batch": """
        export default { async fetch(request, env) {
            await env.DB.exec("DELETE FROM a"); // raw
            await env.DB.batch([
                env.DB.prepare("SELECT 1"), // raw
                env.DB.prepare("SELECT 2"), // raw
            ]);
        } };
    """,
    "the importable environment": """
        import { env } from "cloudflare:workers";
        export const count = () => env.DB.prepare("SELECT 1").first(); // raw
    """,
    "the importable environment under another name": """
        import { env as bindings } from "cloudflare:workers";
        export const count = () => bindings.DB.prepare("SELECT 1").first(); // raw
    """,
    "the importable environment as a namespace": """
        import * as workers from "cloudflare:workers";
        export const count = () => workers.env.DB.prepare("SELECT 1").first(); // raw
    """,
    "OpenNext": """
        import { getCloudflareContext } from "@opennextjs/cloudflare";
        export async function GET() {
            const { env } = getCloudflareContext();
            await env.DB.prepare("SELECT 1").run(); // raw
        }
    """,
    "OpenNext, awaited": """
        import { getCloudflareContext } from "@opennextjs/cloudflare";
        export async function GET() {
            const { env } = await getCloudflareContext({ async: true });
            await env.DB.prepare("SELECT 1").run(); // raw
            const { DB } = (await getCloudflareContext({ async: true })).env;
            await DB.prepare("SELECT 1").run(); // raw
        }
    """,
    "next-on-pages": """
        import { getRequestContext } from "@cloudflare/next-on-pages";
        export const GET = () => getRequestContext().env.DB.prepare("SELECT 1").run(); // raw
    """,
    "SvelteKit": """
        export const load = async ({ platform }) => platform?.env.DB.prepare("SELECT 1").run(); // raw
        export const actions = { default: async (event) => {
            await event.platform!.env.DB.prepare("SELECT 1").run(); // raw
        } };
    """,
    "Nitro": """
        export default defineEventHandler(async (event) => {
            const { cloudflare } = event.context;
            await cloudflare.env.DB.prepare("SELECT 1").run(); // raw
            await event.context.cloudflare.env.DB.prepare("SELECT 1").run(); // raw
        });
    """,
    "Astro": """
        export const GET = async ({ locals }) => {
            await locals.runtime.env.DB.prepare("SELECT 1").run(); // raw
        };
        export const POST = async (context) => {
            await context.locals.runtime.env.DB.prepare("SELECT 1").run(); // raw
        };
    """,
    "React Router": """
        import type { Route } from "./+types/home";
        export async function loader({ context }: Route.LoaderArgs) {
            await context.cloudflare.env.DB.prepare("SELECT 1").run(); // raw
        }
        export async function action(args: Route.ActionArgs) {
            await args.context.cloudflare.env.DB.prepare("SELECT 1").run(); // raw
        }
    """,
    "TanStack Start": """
        import { createServerFn } from "@tanstack/react-start";
        import { env } from "cloudflare:workers";
        export const list = createServerFn({ method: "GET" }).handler(async ({ context }) => {
            await env.DB.prepare("SELECT 1").run(); // raw
            return context.cloudflare.env.DB.prepare("SELECT 1").all(); // raw
        });
    """,
    "Pages Functions": """
        export const onRequestGet: PagesFunction<Env> = async (context) => {
            await context.env.DB.prepare("SELECT 1").run(); // raw
        };
        export const onRequestPost: PagesFunction = async ({ env }) => env.DB.prepare("SELECT 1").run(); // raw
    """,
    "a Durable Object's own environment": """
        import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
        export class Room extends DurableObject<Env> {
            async join() { await this.env.DB.prepare("SELECT 1").run(); } // raw
        }
        export class Api extends WorkerEntrypoint {
            list() { return this.env.DB.prepare("SELECT 1").all(); } // raw
        }
    """,
    "a Durable Object that keeps its environment": """
        export class Room {
            constructor(private state: DurableObjectState, private bindings: Env) {}
            async join() { await this.bindings.DB.prepare("SELECT 1").run(); } // raw
        }
    """,
    "a queue, a cron and an e-mail": """
        export default {
            async queue(batch, env) { await env.DB.prepare("SELECT 1").run(); }, // raw
            async scheduled(event, env, ctx) { ctx.waitUntil(env.DB.prepare("SELECT 1").run()); }, // raw
            async email(message, env) { await env.DB.prepare("SELECT 1").run(); }, // raw
        } satisfies ExportedHandler<Env>;
    """,
    "a workflow": """
        import { WorkflowEntrypoint } from "cloudflare:workers";
        export class Nightly extends WorkflowEntrypoint<Env, Params> {
            async run(event, step) {
                await step.do("sweep", async () => {
                    await this.env.DB.prepare("DELETE FROM a").run(); // raw
                });
            }
        }
    """,
    "Hono's adapter": """
        import { env } from "hono/adapter";
        app.get("/", (c) => {
            const { DB } = env<{ DB: D1Database }>(c);
            return DB.prepare("SELECT 1").run(); // raw
        });
    """,
    "NuxtHub": """
        export default defineEventHandler(() => hubDatabase().prepare("SELECT 1").all()); // raw
    """,
    "Hono's context storage": """
        import { getContext } from "hono/context-storage";
        export const run = () => getContext<App>().env.DB.prepare("SELECT 1").run(); // raw
    """,
}

DECLARED = """
interface Env {
    MAIN: D1Database;
    CACHE: KVNamespace;
}
"""

TYPES: dict[str, str | Files] = {
    "the generated types of the bindings": {
        "worker-configuration.d.ts": DECLARED,
        "src/index.ts": """
            export default { async fetch(request, env: Env) {
                await env.MAIN.prepare("SELECT 1").run(); // raw
                await env.CACHE.prepare("SELECT 1").run();
            } };
        """,
    },
    "a parameter": """
        export const count = (any: D1Database) => any.prepare("SELECT 1").first(); // raw
        export const session = (any: D1DatabaseSession) => any.prepare("SELECT 1").first(); // raw
    """,
    "a type that is imported": """
        import type { D1Database as Sqlite } from "@cloudflare/workers-types";
        export const count = (any: Sqlite) => any.prepare("SELECT 1").first(); // raw
    """,
    "a member of an interface": """
        interface Deps { readonly database: D1Database; cache: KVNamespace }
        export const count = (deps: Deps) => deps.database.prepare("SELECT 1").first(); // raw
        export const both = ({ database }: Deps) => database.prepare("SELECT 1").first(); // raw
    """,
    "an interface that extends another": """
        interface Base { database: D1Database }
        interface Deps extends Base { name: string }
        export const count = (deps: Deps) => deps.database.prepare("SELECT 1").first(); // raw
    """,
    "an intersection": """
        type Deps = { name: string } & { database: D1Database };
        export const count = (deps: Deps) => deps.database.prepare("SELECT 1").first(); // raw
    """,
    "Pick and Omit": """
        interface Deps { database: D1Database; name: string }
        export const one = (deps: Pick<Deps, "database">) => deps.database.prepare("SELECT 1").first(); // raw
        export const two = (deps: Omit<Deps, "name">) => deps.database.prepare("SELECT 1").first(); // raw
    """,
    "an optional one": """
        export const count = (any?: D1Database | null) => any?.prepare("SELECT 1").first(); // raw
    """,
    "an indexed type": """
        type Deps = { database: D1Database };
        export const count = (any: Deps["database"]) => any.prepare("SELECT 1").first(); // raw
    """,
    "an environment's type from another file": {
        "src/index.ts": """
            import type { Env } from "./types";
            export default { async fetch(request: Request, bindings: Env) {
                await bindings.MAIN.prepare("SELECT 1").run(); // raw
                await bindings.CACHE.prepare("SELECT 1").run();
            } };
        """,
        "src/types.ts": "export interface Env { MAIN: D1Database; CACHE: KVNamespace }",
    },
    "Hono's bindings": """
        import { Hono, type Context } from "hono";
        type Bindings = { MAIN: D1Database; CACHE: KVNamespace };
        const app = new Hono<{ Bindings: Bindings }>();
        export const run = (c: Context<{ Bindings: Bindings }>) => {
            c.env.CACHE.prepare("SELECT 1");
            return c.env.MAIN.prepare("SELECT 1").run(); // raw
        };
    """,
    "the type of a function's result": """
        export const connect = (env: Env) => ({ database: env.DB });
        type Connected = Awaited<ReturnType<typeof connect>>;
        export const count = (any: Connected) => any.database.prepare("SELECT 1").first(); // raw
    """,
    "a variable that is set later": """
        let database: D1Database;
        export const start = (env) => { database = env.DB; };
        export const count = () => database.prepare("SELECT 1").first(); // raw
    """,
}

CLASSES: dict[str, str | Files] = {
    "a parameter property": """
        class Repo {
            constructor(private readonly d1: D1Database) {}
            count() { return this.d1.prepare("SELECT 1").first(); } // raw
        }
    """,
    "a field set by the constructor": """
        class Repo {
            private d1;
            constructor(env: { DB: D1Database }) { this.d1 = env.DB; }
            count() { return this.d1.prepare("SELECT 1").first(); } // raw
        }
    """,
    "a private field": """
        class Repo {
            #d1: D1Database;
            constructor(d1: D1Database) { this.#d1 = d1; }
            count() { return this.#d1.prepare("SELECT 1").first(); } // raw
        }
    """,
    "a private field without a type": """
        class Repo {
            #d1;
            constructor(env: Env) { this.#d1 = env.DB; }
            count() { return this.#d1.prepare("SELECT 1").first(); } // raw
        }
    """,
    "a getter": """
        class Repo {
            constructor(private readonly env: { DB: D1Database }) {}
            private get d1() { return this.env.DB; }
            count() { return this.d1.prepare("SELECT 1").first(); } // raw
        }
    """,
    "a method that gives it": """
        class Repo {
            constructor(private readonly env: { DB: D1Database }) {}
            protected connect(): D1Database { return this.env.DB; }
            count() { return this.connect().prepare("SELECT 1").first(); } // raw
        }
    """,
    "a base class, in another file": {
        "src/index.ts": """
            import { Base } from "./base";
            export class Users extends Base {
                count() { return this.d1.prepare("SELECT 1").first(); } // raw
            }
        """,
        "src/base.ts": """
            export abstract class Base {
                protected readonly d1: D1Database;
                constructor(env: { DB: D1Database }) { this.d1 = env.DB; }
            }
        """,
    },
    "a base class that is handed the binding": """
        class Base { constructor(protected handle) {} }
        class Users extends Base {
            constructor(env: { DB: D1Database }) { super(env.DB); }
            count() { return this.handle.prepare("SELECT 1").first(); } // raw
        }
    """,
    "an arrow function as a field": """
        class Repo {
            constructor(private d1: D1Database) {}
            count = async () => this.d1.prepare("SELECT 1").first(); // raw
        }
    """,
    "a static method": """
        class Repo {
            static count(d1: D1Database) { return d1.prepare("SELECT 1").first(); } // raw
        }
    """,
    "set by a method": """
        class Repo {
            private d1?: D1Database;
            init(env) { this.d1 = env.DB; }
            count() { return this.d1!.prepare("SELECT 1").first(); } // raw
        }
    """,
    "an instance held by another": {
        "src/index.ts": """
            import { Repo } from "./repo";
            class Service {
                constructor(private readonly repo: Repo) {}
                count() { return this.repo.d1.prepare("SELECT 1").first(); } // raw
            }
        """,
        "src/repo.ts": "export class Repo { constructor(readonly d1: D1Database) {} }",
    },
    "a closure": """
        export function createRepo(env: Env) {
            const database = env.DB;
            return { count: () => database.prepare("SELECT 1").first() }; // raw
        }
    """,
}

FACTORIES: dict[str, str | Files] = {
    "a function that gives the binding": {
        "src/index.ts": """
            import { getDatabase } from "./lib/d1";
            export default { async fetch(request, env) {
                await getDatabase(env).prepare("SELECT 1").run(); // raw
            } };
        """,
        "src/lib/d1.ts": "export const getDatabase = (env: Env): D1Database => env.DB;",
    },
    "through a barrel, renamed": {
        "src/index.ts": """
            import { d1 } from "./lib";
            export default { async fetch(request, env) {
                await d1(env).prepare("SELECT 1").run(); // raw
            } };
        """,
        "src/lib/index.ts": 'export * from "./d1"; export { getDatabase as d1 } from "./d1";',
        "src/lib/d1.ts": "export function getDatabase(env) { return env.DB; }",
    },
    "a default export": {
        "src/index.ts": """
            import getDatabase from "./d1";
            export const run = async () => (await getDatabase()).prepare("SELECT 1").run(); // raw
        """,
        "src/d1.ts": """
            import { getCloudflareContext } from "@opennextjs/cloudflare";
            export default async function () {
                const { env } = await getCloudflareContext({ async: true });
                return env.DB;
            }
        """,
    },
    "an asynchronous one that may fail": """
        async function getDatabase(env?: Env): Promise<D1Database> {
            if (!env?.DB) throw new Error("no database");
            return env.DB;
        }
        export const run = async (env) => {
            const database = await getDatabase(env);
            await database.prepare("SELECT 1").run(); // raw
        };
    """,
    "one of an object's": """
        const databases = { main: (env: Env) => env.DB };
        export const run = (env) => databases.main(env).prepare("SELECT 1").run(); // raw
    """,
    "a context's variable": {
        "src/index.ts": """
            import { Hono } from "hono";
            const app = new Hono();
            app.use(async (c, next) => { c.set("database", c.env.DB); await next(); });
            app.get("/a", async (c) => c.get("database").prepare("SELECT 1").run()); // raw
            app.get("/b", async (c) => c.var.database.prepare("SELECT 1").run()); // raw
            export default app;
        """,
    },
    "a context's variable that another file sets": {
        "src/index.ts": """
            import { withDatabase } from "./middleware";
            import { list } from "./list";
            app.use(withDatabase);
            app.get("/", list);
        """,
        "src/middleware.ts": """
            export const withDatabase = async (context, next) => {
                context.set("database", context.env.DB);
                await next();
            };
        """,
        "src/list.ts": """
            export const list = async (c) => {
                const database = c.get("database");
                const { database: same } = c.var;
                await database.prepare("SELECT 1").run(); // raw
                await same.prepare("SELECT 1").run(); // raw
            };
        """,
    },
    "a context's variable by its type": """
        import type { Context } from "hono";
        type App = { Variables: { database: D1Database; name: string } };
        export const run = (c: Context<App>) => c.get("database").prepare("SELECT 1").run(); // raw
    """,
}

CLIENTS: dict[str, str | Files] = {
    "made in the handler": """
        import { sql } from "drizzle-orm";
        import { drizzle } from "drizzle-orm/d1";
        export default { async fetch(request, env) {
            const db = drizzle(env.DB);
            await db.run(sql`DELETE FROM a`); // raw
            await db.select().from(a).all();
        } };
    """,
    "a parameter of the client's type": """
        import { sql } from "drizzle-orm";
        import type { DrizzleD1Database } from "drizzle-orm/d1";
        import * as schema from "./schema";
        export const one = (any: DrizzleD1Database) => any.run(sql`DELETE FROM a`); // raw
        export const two = (any: DrizzleD1Database<typeof schema>) => any.all(sql`SELECT 1`); // raw
        export const three = ({ any }: { any: DrizzleD1Database }) => any.get(sql`SELECT 1`); // raw
    """,
    "the type of a factory's result": {
        "src/index.ts": """
            import { sql } from "drizzle-orm";
            import type { Db, getDb } from "./db";
            export const one = (any: ReturnType<typeof getDb>) => any.run(sql`DELETE FROM a`); // raw
            export const two = (any: Db) => any.run(sql`DELETE FROM a`); // raw
            export const three = (any: Awaited<ReturnType<typeof getDb>>) => any.run(sql`DELETE FROM a`); // raw
        """,
        "src/db.ts": """
            import { drizzle } from "drizzle-orm/d1";
            export const getDb = (env: Env) => drizzle(env.DB);
            export type Db = ReturnType<typeof getDb>;
        """,
    },
    "an asynchronous factory": {
        "src/index.ts": """
            import { sql } from "drizzle-orm";
            import { type Db, getDb } from "./db";
            export const one = async () => (await getDb()).run(sql`DELETE FROM a`); // raw
            export const two = (any: Db) => any.run(sql`DELETE FROM a`); // raw
        """,
        "src/db.ts": """
            import { getCloudflareContext } from "@opennextjs/cloudflare";
            import { drizzle } from "drizzle-orm/d1";
            export async function getDb() {
                const { env } = await getCloudflareContext({ async: true });
                return drizzle(env.DB, { schema: {} });
            }
            export type Db = Awaited<ReturnType<typeof getDb>>;
        """,
    },
    "a factory in an object": """
        import { sql } from "drizzle-orm";
        import { drizzle } from "drizzle-orm/d1";
        const connect = (env) => ({ db: drizzle(env.DB), name: "main" });
        export const run = (env) => { const { db } = connect(env); return db.run(sql`DELETE FROM a`); }; // raw
    """,
    "a context's variable": {
        "src/index.ts": """
            import { drizzle } from "drizzle-orm/d1";
            import { routes } from "./routes";
            app.use("*", async (c, next) => { c.set("db", drizzle(c.env.DB)); await next(); });
            app.route("/", routes);
        """,
        "src/routes.ts": """
            import { sql } from "drizzle-orm";
            routes.get("/a", (c) => c.get("db").run(sql`DELETE FROM a`)); // raw
            routes.get("/b", (c) => c.var.db.run(sql`DELETE FROM a`)); // raw
            export { routes };
        """,
    },
    "the binding below the client": """
        import { drizzle } from "drizzle-orm/d1";
        export const run = (env) => drizzle(env.DB).$client.prepare("SELECT 1").run(); // raw
    """,
    "in a batch": """
        import { sql } from "drizzle-orm";
        import { drizzle } from "drizzle-orm/d1";
        export const run = (env) => {
            const db = drizzle(env.DB);
            return db.batch([
                db.run(sql`DELETE FROM a`), // raw
                db.delete(b),
            ]);
        };
    """,
    "kept in a class": """
        import { sql } from "drizzle-orm";
        import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
        export class Repo {
            private db: DrizzleD1Database;
            #other = drizzle(this.env.DB);
            constructor(private env: Env) { this.db = drizzle(env.DB); }
            one() { return this.db.run(sql`DELETE FROM a`); } // raw
            two() { return this.#other.run(sql`DELETE FROM a`); } // raw
        }
    """,
    "a transaction's": """
        import { sql } from "drizzle-orm";
        import { drizzle } from "drizzle-orm/d1";
        export const run = (env) => drizzle(env.DB).run(sql.raw("DELETE FROM a")); // raw
    """,
    "the form with one object": """
        import { sql } from "drizzle-orm";
        import { drizzle } from "drizzle-orm/d1";
        export const run = (env) => drizzle({ client: env.DB }).run(sql`DELETE FROM a`); // raw
    """,
    "Kysely": {
        "package.json": package("app", "kysely@0.28.0", "kysely-d1@0.4.0"),
        "wrangler.jsonc": wrangler("DB"),
        "src/index.ts": """
            import { Kysely, sql } from "kysely";
            import { D1Dialect } from "kysely-d1";
            const connect = (env) => new Kysely<Tables>({ dialect: new D1Dialect({ database: env.DB }) });
            export const one = (env) => sql`SELECT 1`.execute(connect(env)); // raw
            export const two = (any: Kysely<Tables>) => sql`SELECT 1`.execute(any); // raw
        """,
    },
}

OTHERS: dict[str, str | Files] = {
    "a binding of another kind with the same methods": """
        export default { async fetch(request, env) {
            await env.CACHE.get("SELECT 1");
            await env.KV.prepare("SELECT 1").run();
            await env.BUCKET.exec("SELECT 1");
        } };
    """,
    "a binding that its type calls a KV": """
        type Env = { DB: D1Database; KV: KVNamespace & { prepare(text: string): unknown } };
        export default { async fetch(request: Request, env: Env) { env.KV.prepare("SELECT 1"); } };
    """,
    "a regular expression": """
        const pattern = /users\\/(\\d+)/;
        export const id = (url: string, D1Database?: never) => pattern.exec(url) ?? /x/.exec(url);
        export const other = (env) => new RegExp(env.PATTERN).exec("SELECT 1");
    """,
    "a child process": """
        import { exec } from "node:child_process";
        import * as child from "node:child_process";
        exec("SELECT 1");
        child.exec("SELECT 1");
    """,
    "better-sqlite3": """
        import Database from "better-sqlite3";
        const sqlite = new Database("local.db");
        export const one = () => sqlite.prepare("SELECT 1").all();
        export const two = (db: Database.Database) => { db.exec("SELECT 1"); };
    """,
    "bun:sqlite": """
        import { Database } from "bun:sqlite";
        const sqlite = new Database("local.db");
        export const one = () => sqlite.prepare("SELECT 1").all();
    """,
    "a Durable Object's SQLite": """
        import { DurableObject } from "cloudflare:workers";
        export class Room extends DurableObject<Env> {
            sql = this.ctx.storage.sql;
            one() { return this.ctx.storage.sql.exec("SELECT 1"); }
            two() { return this.sql.exec("SELECT 1"); }
        }
        export class Old {
            constructor(private state: DurableObjectState, private env: Env) {}
            one() { return this.state.storage.sql.exec("SELECT 1"); }
        }
    """,
    "a Durable Object's Drizzle": """
        import { sql } from "drizzle-orm";
        import { drizzle, type DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
        export class Room extends DurableObject<Env> {
            db: DrizzleSqliteDODatabase = drizzle(this.ctx.storage);
            one() { return this.db.run(sql`DELETE FROM a`); }
        }
    """,
    "clients of other databases": """
        import { sql } from "drizzle-orm";
        import { drizzle as postgres } from "drizzle-orm/postgres-js";
        import { drizzle as libsql } from "drizzle-orm/libsql";
        import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
        export default { async fetch(request, env) {
            await postgres(env.HYPERDRIVE.connectionString).execute(sql`SELECT 1`);
            await libsql(env.TURSO_URL).run(sql`SELECT 1`);
        } };
        export const one = (db: PostgresJsDatabase) => db.execute(sql`SELECT 1`);
    """,
    "Prisma": """
        import { PrismaClient } from "@prisma/client";
        import { PrismaD1 } from "@prisma/adapter-d1";
        export const run = (env) => {
            const prisma = new PrismaClient({ adapter: new PrismaD1(env.DB) });
            return prisma.$queryRaw`SELECT 1`;
        };
    """,
    "Kysely on another database": {
        "package.json": package("app", "kysely@0.28.0", "drizzle-orm@0.45.2"),
        "wrangler.jsonc": wrangler("DB"),
        "src/index.ts": """
            import { Kysely, PostgresDialect, sql } from "kysely";
            const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
            export const one = () => sql`SELECT 1`.execute(db);
            export const two = (any: Kysely<Tables>) => sql`SELECT 1`.execute(any);
        """,
    },
    "maps, caches, requests and stores": """
        import axios from "axios";
        import Dexie from "dexie";
        const map = new Map<string, string>([["SELECT 1", "x"]]);
        const store = new Dexie("local");
        export const run = async (c, env) => {
            map.get("select "); map.values(); headers.get("select "); c.get("select "); c.req.query("select ");
            await axios.get("/select "); await env.CACHE.get("select "); await caches.default.match("select ");
            await store.table("select ").get(1); await Promise.all([1]); formData.get("select ");
            await env.QUEUE.batch([]); jobs.run("select "); step.run("select ", () => 1);
        };
    """,
    "a builder's own methods": """
        import { sql, eq } from "drizzle-orm";
        import { drizzle } from "drizzle-orm/d1";
        export const run = async (env) => {
            const db = drizzle(env.DB);
            const prepared = db.select().from(a).where(eq(a.id, sql.placeholder("id"))).prepare();
            await prepared.get({ id: 1 });
            await db.insert(a).values({ n: sql`1 + 1` }).run();
            await db.select({ n: sql<number>`count(*)` }).from(a).orderBy(sql.raw("n")).all();
            await db.query.a.findMany({ extras: { n: sql`1`.as("n") } }).prepare().all();
        };
    """,
    "a statement that is prepared elsewhere": """
        export const run = (statement: D1PreparedStatement) => statement.bind(1).run();
        export const two = (statement: D1PreparedStatement) => statement.all("select ");
    """,
    "a context's variable that one Worker sets to D1 and another to libsql": {
        "package.json": MONOREPO,
        "apps/one/package.json": package("one", "drizzle-orm@0.45.2"),
        "apps/one/wrangler.jsonc": wrangler("DB"),
        "apps/one/src/index.ts": """
            import { drizzle } from "drizzle-orm/d1";
            app.use(async (c, next) => { c.set("db", drizzle(c.env.DB)); await next(); });
        """,
        "apps/two/package.json": package("two", "drizzle-orm@0.45.2"),
        "apps/two/wrangler.jsonc": wrangler(),
        "apps/two/src/index.ts": """
            import { sql } from "drizzle-orm";
            import { drizzle } from "drizzle-orm/libsql";
            app.use(async (c, next) => { c.set("db", drizzle(c.env.TURSO_URL)); await next(); });
            app.get("/a", (c) => c.get("db").run(sql`DELETE FROM a`));
            app.get("/b", (c) => c.var.db.run(sql`DELETE FROM a`));
        """,
    },
    "a binding that another Worker's configuration calls D1": {
        "package.json": MONOREPO,
        "apps/one/package.json": package("one", "drizzle-orm@0.45.2"),
        "apps/one/wrangler.jsonc": wrangler("DB"),
        "apps/one/src/index.ts": "export default {};",
        "apps/two/package.json": package("two", "drizzle-orm@0.45.2"),
        "apps/two/wrangler.jsonc": wrangler("MAIN"),
        "apps/two/src/index.ts": """
            export default { async fetch(request, env) { await env.DB.prepare("SELECT 1").run(); } };
        """,
    },
    "a name like a binding's that something else has": """
        const DB = { prepare: (text: string) => text };
        export const run = () => DB.prepare("SELECT 1");
        export const two = (tools: { DB: { prepare(text: string): string } }) => tools.DB.prepare("SELECT 1");
    """,
}

ROLES: dict[str, Files] = {
    "scripts, seeds and tests": {
        "src/index.ts": 'import "./seed"; export default {};',
        "scripts/reset.ts": 'export const a = (d1: D1Database) => d1.prepare("SELECT 1");',
        "src/seed.ts": 'export const a = (d1: D1Database) => d1.prepare("SELECT 1");',
        "src/a.test.ts": 'export const a = (d1: D1Database) => d1.prepare("SELECT 1");',
        "drizzle.config.ts": 'export const a = (d1: D1Database) => d1.prepare("SELECT 1");',
    },
    "what the Worker does not import": {
        "src/index.ts": 'import "./used"; export default {};',
        "src/used.ts": """
            export const a = (d1: D1Database) => d1.prepare("SELECT 1"); // raw
        """,
        "src/unused.ts": 'export const a = (d1: D1Database) => d1.prepare("SELECT 1");',
    },
    "a package without an ORM": {
        "package.json": package("app", "hono@4.0.0"),
        "wrangler.jsonc": wrangler("DB"),
        "src/index.ts": 'export const a = (d1: D1Database) => d1.prepare("SELECT 1");',
    },
}


def each(cases: Mapping[str, str | Files]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in cases.items()])


@each(BINDINGS)
def test_a_binding_is_followed_from_the_runtime(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(TYPES)
def test_a_type_says_what_a_value_is(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(CLASSES)
def test_a_binding_is_followed_through_classes(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(FACTORIES)
def test_a_binding_is_followed_through_functions_and_contexts(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(CLIENTS)
def test_a_client_is_followed_likewise(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(OTHERS)
def test_what_only_looks_like_d1_is_not(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(ROLES)
def test_only_code_that_serves_requests_counts(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


def check(case: str | Files, folder: Path) -> None:
    files = {"src/index.ts": case} if isinstance(case, str) else case
    result = lint(folder, files)
    assert result.crashes == ()
    assert lines(result, RULE) == marked(files, "// raw")


def test_a_statement_is_shown_as_it_is_written(tmp_path: Path) -> None:
    source = """
        import { Kysely, sql } from "kysely";
        import { D1Dialect } from "kysely-d1";
        export default { async fetch(request, env) {
            const db = new Kysely({ dialect: new D1Dialect({ database: env.DB }) });
            await sql`select  1
                from t`.execute(db);
            await (await open(env))
                .DB . prepare("SELECT 1").run();
            await (env["DB"] as D1Database).prepare("SELECT 1").run();
            return Response.json([]);
        } };
        const open = async (env: { DB: D1Database }) => env;
    """
    files = {
        "package.json": package("app", "kysely", "kysely-d1"),
        "wrangler.jsonc": wrangler("DB"),
        "src/index.ts": source,
    }
    shown = [finding.what.split("(…)")[0] for finding in lint(tmp_path, files).findings if finding.rule == RULE]
    assert shown == [
        "`sql`select 1 from t`.execute",
        "`(await open(env)).DB.prepare",
        '`(env["DB"] as D1Database).prepare',
    ]
