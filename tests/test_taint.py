"""Values followed to where they come from: what becomes SQL and anybody may choose, and what only looks like it.

Every line that ends with `// outside` puts a value from outside into SQL, and no other line does.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import Files, lines, lint, marked, package, wrangler

from d1lint.model.raw_sql.refused import refused
from d1lint.model.sql_statements import parameters
from d1lint.model.taint.guards import is_closed_regex

RULE = "sql-injection"
CONFIG = f'extends = []\n\n[rules]\n{RULE} = "error"\n'

CASES: dict[str, Files] = {
    "checks, lists and lookups in handlers": {
        "src/index.ts": r"""
import { Hono, type Context } from "hono";
import { users } from "./controllers";
import { list } from "./list";
import * as names from "./names";
import { TABLES } from "./barrel";
const app = new Hono<{ Bindings: { DB: D1Database } }>();
app.get("/l", list);
app.get("/u", users.list);
const handler = async (c: Context<{ Bindings: { DB: D1Database } }>) => {
  return c.json(await c.env.DB.prepare(`SELECT ${c.req.query("x")}`).all()); // outside
};
app.get("/h", handler);
app.get("/names", async (c) => {
  await c.env.DB.prepare(`SELECT * FROM ${names.USERS} ORDER BY ${names.columns.id}`).all();
  await c.env.DB.prepare(`SELECT * FROM ${TABLES.users}`).all();
  const s = c.req.query("s") ?? "";
  await c.env.DB.prepare(`SELECT * FROM ${({ id: "id", name: "name" } as Record<string, string>)[s] ?? "id"}`).all();
  if (!(s in TABLES)) throw new Error("x");
  await c.env.DB.prepare(`SELECT * FROM ${s}`).all();
  return c.json(1);
});
app.get("/g2", async (c) => {
  const s = c.req.query("s") ?? "";
  if (!Object.keys(TABLES).includes(s)) throw new Error("x");
  await c.env.DB.prepare(`SELECT * FROM ${s}`).all();
  const t = c.req.query("t") ?? "";
  if (["a", "b"].indexOf(t) === -1) return c.json(0);
  await c.env.DB.prepare(`SELECT * FROM ${t}`).all();
  const u = c.req.query("u") ?? "";
  if (TABLES[u as "users"] === undefined) return c.json(0);
  await c.env.DB.prepare(`SELECT * FROM ${u}`).all();
  const v = c.req.query("v") ?? "";
  if (!["a", "b"].some((x) => x === v)) return c.json(0);
  await c.env.DB.prepare(`SELECT * FROM ${v}`).all();
  const w = c.req.query("w");
  const ww = w === "a" ? w : w === "b" ? w : "c";
  await c.env.DB.prepare(`SELECT * FROM ${ww}`).all();
  const z = c.req.query("z") ?? "";
  if (z === "a" || z === "b") {
    await c.env.DB.prepare(`SELECT * FROM ${z}`).all();
  } else {
    await c.env.DB.prepare(`SELECT * FROM ${z}`).all(); // outside
  }
  await c.env.DB.prepare(`SELECT * FROM ${z}`).all(); // outside
  return c.json(1);
});
app.post("/marks", async (c) => {
  const ids = await c.req.json<number[]>();
  const m: string[] = [];
  for (let i = 0; i < ids.length; i++) m.push("?");
  const m2 = new Array(ids.length).fill("?").join(",");
  const m3 = [...Array(ids.length)].map(() => "?").join(",");
  const m4 = Array.from(ids, () => "?").join(",");
  const m5 = ids.reduce((s) => s + "?,", "");
  let m6 = "";
  for (const id of ids) { m6 += "?,"; console.log(id); }
  const m7 = ids.map((id) => { return "(?, ?)"; }).join(",");
  const m8 = "?,".repeat(ids.length - 1) + "?";
  await c.env.DB.prepare(`SELECT 1 WHERE a IN (${m.join()}) ${m2} ${m3} ${m4} ${m5} ${m6} ${m7} ${m8}`).all();
  const bad = ids.map((id) => `'${id}'`).join(",");
  await c.env.DB.prepare(`SELECT 1 WHERE a IN (${bad})`).all(); // outside
  const bad2 = ids.join(",");
  await c.env.DB.prepare("SELECT 1 WHERE a IN (" + bad2 + ")").all(); // outside
  await c.env.DB.prepare(`SELECT 1 WHERE a IN (${ids})`).all(); // outside
  let bad3 = "";
  for (const id of ids) bad3 += `${id},`;
  await c.env.DB.prepare(`SELECT 1 WHERE a IN (${bad3})`).all(); // outside
  const bad4 = ids.reduce((s, id) => s + `${id},`, "");
  await c.env.DB.prepare(`SELECT 1 WHERE a IN (${bad4})`).all(); // outside
  const cols = [...["a", "b"], ...(ids.length ? ["c"] : [])].join(", ");
  await c.env.DB.prepare(`SELECT ${cols}`).all();
  const form = await c.req.parseBody();
  await c.env.DB.prepare(`SELECT '${form["name"]}'`).all(); // outside
  await c.env.DB.prepare(`SELECT '${form.name as string}'`).all(); // outside
  await c.env.DB.prepare("SELECT '".concat(form.name as string, "'")).all(); // outside
  await c.env.DB.prepare(["SELECT", form.name].join(" ")).all(); // outside
  await c.env.DB.prepare(["SELECT", "1"].join(" ")).all();
  return c.json(1);
});
export default app;
""",
        "src/barrel.ts": r"""
export * from "./names";
""",
        "src/names.ts": r"""
export const USERS = "users";
export const columns = { id: "id" } as const;
export const TABLES = { users: "users", posts: "posts" } as const;
""",
        "src/list.ts": r"""
import type { Context } from "hono";
type Env = { Bindings: { DB: D1Database } };
export async function list(c: Context<Env>) {
  const sort = c.req.query("sort");
  return c.json(await c.env.DB.prepare(`SELECT 1 ORDER BY ${sort}`).all()); // outside
}
""",
        "src/controllers.ts": r"""
import type { Context } from "hono";
type Env = { Bindings: { DB: D1Database } };
export const users = {
  async list(c: Context<Env>) {
    const { q } = c.req.query();
    return c.json(await c.env.DB.prepare(`SELECT 1 WHERE a = '${q}'`).all()); // outside
  },
};
""",
    },
    "the frameworks' ways of handing data in": {
        "src/index.ts": r"""
import "./next"; import "./remix"; import "./kit"; import "./trpc"; import "./nuxt"; import "./start"; import "./astro";
export default { async fetch(r: Request, env: { DB: D1Database }) { return new Response("x"); } };
""",
        "src/next.ts": r"""
import { getCloudflareContext } from "@opennextjs/cloudflare";
import { NextRequest, NextResponse } from "next/server";
export async function GET(req: NextRequest, { params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  const { env } = getCloudflareContext();
  await env.DB.prepare(`SELECT 1 WHERE a = '${slug}'`).all(); // outside
  await env.DB.prepare(`SELECT 1 WHERE a = '${req.nextUrl.searchParams.get("q")}'`).all(); // outside
  const { searchParams } = new URL(req.url);
  await env.DB.prepare(`SELECT 1 ORDER BY ${searchParams.get("sort")}`).all(); // outside
  const data = await req.formData();
  await env.DB.prepare(`SELECT 1 ORDER BY ${data.get("sort")}`).all(); // outside
  return NextResponse.json(1);
}
export default async function Page({ searchParams }: { searchParams: Promise<{ q?: string }> }) {
  const q = (await searchParams).q;
  await getCloudflareContext().env.DB.prepare(`SELECT 1 WHERE a = '${q}'`).all(); // outside
}
""",
        "src/remix.ts": r"""
import type { LoaderFunctionArgs } from "react-router";
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const url = new URL(request.url);
  await context.cloudflare.env.DB.prepare(`SELECT 1 WHERE a = '${params.id}'`).all(); // outside
  await context.cloudflare.env.DB.prepare(`SELECT 1 WHERE a = '${url.searchParams.get("x") || ""}'`).all(); // outside
}
export const action = async ({ request, context }: LoaderFunctionArgs) => {
  const form = await request.formData();
  const name = String(form.get("name"));
  await context.cloudflare.env.DB.prepare(`SELECT 1 WHERE a = '${name}'`).all(); // outside
};
""",
        "src/kit.ts": r"""
export const GET = async ({ url, platform, params, locals }) => {
  await platform.env.DB.prepare(`SELECT 1 WHERE a = '${url.searchParams.get("q")}'`).all(); // outside
  await platform.env.DB.prepare(`SELECT 1 WHERE a = '${params.slug}'`).all(); // outside
  await platform.env.DB.prepare(`SELECT 1 WHERE a = '${locals.user.id}'`).all();
};
""",
        "src/trpc.ts": r"""
import { z } from "zod";
import { procedure } from "./init";
const Input = z.object({ name: z.string(), sort: z.enum(["a", "b"]), n: z.number() });
export const router = {
  a: procedure.input(Input).query(async ({ input, ctx }) => {
    await ctx.env.DB.prepare(`SELECT 1 WHERE a = '${input.name}'`).all(); // outside
    await ctx.env.DB.prepare(`SELECT 1 ORDER BY ${input.sort} LIMIT ${input.n}`).all();
  }),
};
""",
        "src/init.ts": r"""
import { initTRPC } from "@trpc/server";
export const { procedure } = initTRPC.create();
""",
        "src/nuxt.ts": r"""
export default defineEventHandler(async (event) => {
  const { sort } = getQuery(event);
  const body = await readBody(event);
  await hubDatabase().prepare(`SELECT 1 ORDER BY ${sort}`).all(); // outside
  await event.context.cloudflare.env.DB.prepare(`SELECT 1 WHERE a = '${body.name}'`).all(); // outside
  await hubDatabase().prepare(`SELECT 1 WHERE a = '${getRouterParam(event, "id")}'`).all(); // outside
});
""",
        "src/start.ts": r"""
import { createServerFn } from "@tanstack/react-start";
import { env } from "cloudflare:workers";
import { z } from "zod";
export const find = createServerFn().inputValidator(z.object({ q: z.string() })).handler(async ({ data }) => {
  return env.DB.prepare(`SELECT 1 WHERE a = '${data.q}'`).all(); // outside
});
""",
        "src/astro.ts": r"""
export const GET = async ({ params, request, locals }) => {
  const body = await request.json();
  await locals.runtime.env.DB.prepare(`SELECT 1 WHERE a = '${body.x}' AND b = ${params.id}`).all(); // outside
};
""",
    },
    "repositories, classes, Kysely and Drizzle": {
        "package.json": package("app", "drizzle-orm@^0.45.2", "kysely@^0.28.0", "kysely-d1@^0.4.0", "hono@^4.9.0"),
        "wrangler.jsonc": wrangler("DB"),
        "src/index.ts": r"""
import { Hono } from "hono";
import { CompiledQuery, Kysely, sql as ksql } from "kysely";
import { D1Dialect } from "kysely-d1";
import { drizzle } from "drizzle-orm/d1";
import { sql, desc, asc, eq } from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import makeRepo, { Repo, orderBy, Base, Derived } from "./repo";
import { createDb } from "./db";
const users = sqliteTable("users", { id: integer().primaryKey(), name: text("full_name") });
const app = new Hono<{ Bindings: { DB: D1Database } }>();
app.get("/k", async (c) => {
  const db = new Kysely<any>({ dialect: new D1Dialect({ database: c.env.DB }) });
  const s = c.req.query("s") ?? "";
  await ksql`SELECT ${s}`.execute(db);
  await ksql`SELECT ${ksql.raw(s)}`.execute(db); // outside
  await db.executeQuery(CompiledQuery.raw(`SELECT '${s}'`)); // outside
  await db.executeQuery(CompiledQuery.raw(`SELECT ?`, [s]));
  return c.json(1);
});
app.get("/r", async (c) => {
  const repo = new Repo(c.env.DB);
  await repo.bySort(c.req.query("s") ?? "");
  await repo.byOptions({ table: "users", sort: c.req.query("sort") });
  await makeRepo(c.env.DB).find(c.req.param("x"));
  const d = new Derived(c.env.DB);
  await d.all();
  const o = createDb(c.env);
  await o.query(`SELECT 1 WHERE a = ?`, 1);
  await o.raw(`SELECT 1 WHERE a = '${c.req.query("b")}'`);
  return c.json(1);
});
app.get("/d", async (c) => {
  const db = drizzle(c.env.DB);
  await db.select().from(users).orderBy(orderBy("id"), sql.raw("name"));
  const dir = c.req.query("d") === "x" ? asc : desc;
  await db.select().from(users).orderBy(dir(users.id));
  const s = c.req.query("s");
  const col = s && s in users ? users[s as "id"] : users.id;
  await db.select().from(users).orderBy(desc(col));
  const order = s === "asc" ? sql.raw("asc") : sql.raw("desc");
  await db.all(sql`SELECT * FROM users ORDER BY ${users.id} ${order}`);
  const text = `SELECT * FROM users WHERE id = ${c.req.param("id")}`;
  await db.run(text); // outside
  await db.get(sql.raw(text)); // outside
  const chunk = sql.raw(`'${s}'`); // outside
  await db.select().from(users).where(sql`name = ${chunk}`);
  await db.run(sql`INSERT INTO users ${sql.raw(Object.keys(await c.req.json()).join(","))} VALUES (1)`); // outside
  await db.$client.prepare(`SELECT ${s}`).all(); // outside
  let i = 0;
  while (i < 3) { await c.env.DB.prepare(`SELECT ${i}`).all(); i++; }
  const limit = Math.min(Number(c.req.query("l")), 100);
  await c.env.DB.prepare(`SELECT 1 LIMIT ${limit}`).all();
  const n = parseInt(c.req.query("n") ?? "1");
  if (isNaN(n)) return c.json(0);
  await c.env.DB.prepare(`SELECT 1 LIMIT ${n}`).all();
  await c.env.DB.prepare(`SELECT '${new Date().toISOString()}', ${Date.now()}, '${crypto.randomUUID()}'`).all();
  const esc = (v: string) => v.replace(/'/g, "''");
  await c.env.DB.prepare(`SELECT '${esc(s ?? "")}'`).all();
  const clean = (s ?? "").replace(/[^a-z0-9_]/gi, "");
  await c.env.DB.prepare(`SELECT ${clean}`).all();
  const low = (s ?? "").toLowerCase();
  if (low !== "a" && low !== "b") return c.json(0);
  await c.env.DB.prepare(`SELECT ${low}`).all();
  const user = await c.env.DB.prepare("SELECT role FROM users").first<{ role: "admin" | "user" }>();
  await c.env.DB.prepare(`SELECT * FROM ${user!.role}`).all();
  const [{ name }] = await db.select({ name: users.name, id: users.id }).from(users);
  await c.env.DB.prepare(`SELECT '${name}'`).all(); // outside
  const [first] = await db.select().from(users);
  await c.env.DB.prepare(`SELECT '${first.id}'`).all();
  return c.json(1);
});
export default app;
""",
        "src/db.ts": r"""
export const createDb = (env: { DB: D1Database }) => ({
  query: (text: string, ...values: unknown[]) => env.DB.prepare(text).bind(...values).all(),
  raw: (text: string) => env.DB.prepare(text).all(), // outside
});
""",
        "src/repo.ts": r"""
import { sql } from "drizzle-orm";
export class Repo {
  private table = "users";
  constructor(private db: D1Database) {}
  async bySort(sort: string) {
    return this.run(`SELECT * FROM ${this.table} ORDER BY ${sort}`);
  }
  async byOptions(options: { table: string; sort?: string }) {
    await this.db.prepare(`SELECT * FROM ${options.table}`).all();
    const { sort = "id" } = options;
    return this.db.prepare(`SELECT * FROM ${options.table} ORDER BY ${sort}`).all(); // outside
  }
  private run(text: string) {
    return this.db.prepare(text).all(); // outside
  }
}
export abstract class Base {
  protected abstract table: string;
  constructor(protected db: D1Database) {}
  all() { return this.db.prepare(`SELECT * FROM ${this.table}`).all(); }
}
export class Derived extends Base { protected table = "users"; }
export const orderBy = (column: string) => sql.raw(column);
export default function makeRepo(db: D1Database) {
  return {
    async find(id: string) {
      return db.prepare(`SELECT * FROM t WHERE id = ${id}`).all(); // outside
    },
  };
}
function unused(db: D1Database, x: string) { return db.prepare(`SELECT ${x}`).all(); }
type Options = { order?: "asc" | "desc" };
export function typed(db: D1Database, x: "a" | "b", n: number, c: keyof typeof COLS, options: Options = {}) {
  return db.prepare(`SELECT ${x} ${n} ${c} ${options.order ?? "asc"}`).all();
}
export function generic<T extends { table: string }>(db: D1Database, model: T) {
  return db.prepare(`SELECT * FROM ${model.table}`).all();
}
const COLS = { a: 1, b: 2 };
export function partial(db: D1Database, changes: Partial<{ name: string; age: number }>) {
  const sets = Object.keys(changes).map((k) => `${k} = ?`).join(", ");
  return db.prepare(`UPDATE t SET ${sets}`).bind(...Object.values(changes)).run();
}
""",
    },
    "checks that are in the right place, and in the wrong one": {
        "src/index.ts": r"""
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
const app = new Hono<{ Bindings: { DB: D1Database } }>();
const COLS = new Set(["a", "b"]);
const Sort = z.enum(["a", "b"]);
const dirs = { up: "ASC", down: "DESC" } as const;
function fail(): never { throw new Error("x"); }
app.get("/1", async (c) => {
  const s = c.req.query("s") ?? "";
  const rows = await c.env.DB.prepare(`SELECT 1 ORDER BY ${s}`).all(); // outside
  if (!COLS.has(s)) return c.json(0);
  return c.json(rows);
});
app.get("/2", async (c) => {
  const body = await c.req.json();
  for (const key of Object.keys(body)) {
    if (!COLS.has(key)) continue;
    await c.env.DB.prepare(`UPDATE t SET ${key} = ?`).bind(body[key]).run();
  }
  for (const key in body) {
    await c.env.DB.prepare(`UPDATE t SET ${key} = ?`).bind(body[key]).run(); // outside
  }
  for (const key in body) {
    if (COLS.has(key)) await c.env.DB.prepare(`UPDATE t SET ${key} = ?`).bind(body[key]).run();
  }
  const wanted = c.req.query("w") ?? "";
  if (!Object.keys(body).includes(wanted)) return c.json(0);
  await c.env.DB.prepare(`UPDATE t SET ${wanted} = 1`).run(); // outside
  return c.json(1);
});
app.get("/3", async (c) => {
  const s = c.req.query("s") ?? "";
  if (!s.includes("name")) return c.json(0);
  await c.env.DB.prepare(`SELECT ${s}`).all(); // outside
  const t = c.req.query("t") ?? "";
  if (!COLS.has(t)) { throw new HTTPException(400, { message: "x" }); }
  await c.env.DB.prepare(`SELECT ${t}`).all();
  const u = Sort.parse(c.req.query("u"));
  await c.env.DB.prepare(`SELECT ${u}`).all();
  const v = Sort.safeParse(c.req.query("v"));
  await c.env.DB.prepare(`SELECT ${v.success ? v.data : "a"}`).all();
  const w = c.req.query("w") as "a" | "b";
  await c.env.DB.prepare(`SELECT ${w}`).all(); // outside
  const x = c.req.query("x") as keyof typeof dirs;
  await c.env.DB.prepare(`SELECT ${dirs[x]}`).all();
  await c.env.DB.prepare(`SELECT ${x}`).all(); // outside
  const y = COLS.has(c.req.query("y") ?? "") ? c.req.query("y") : "a";
  await c.env.DB.prepare(`SELECT ${y}`).all();
  let z2 = "a";
  if (c.req.query("z") === "b") z2 = "b";
  await c.env.DB.prepare(`SELECT ${z2}`).all();
  try {
    if (!COLS.has(w)) return c.json(0);
    await c.env.DB.prepare(`SELECT ${w}`).all();
  } catch (error) { console.log(error); }
  return c.json(1);
});
app.get("/4", async (c) => {
  const { sort = "a", dir } = c.req.query();
  const column = ["a", "b"].includes(sort) ? sort : "a";
  const order = dir?.toUpperCase() === "DESC" ? "DESC" : "ASC";
  const limit = Math.max(1, +(c.req.query("n") ?? 1));
  const sql = `SELECT 1 ORDER BY ${column} ${order} LIMIT ${limit}`;
  const stmt = c.env.DB.prepare(sql);
  await stmt.all();
  const filters = { a: c.req.query("a"), b: c.req.query("b") };
  const clauses = Object.entries(filters).filter(([, v]) => v).map(([k]) => `${k} = ?`);
  await c.env.DB.prepare(`SELECT * FROM t WHERE ${clauses.join(" AND ")}`).all();
  const clauses2 = Object.entries(filters).map(([k, v]) => `${k} = '${v}'`);
  await c.env.DB.prepare(`SELECT * FROM t WHERE ${clauses2.join(" AND ")}`).all(); // outside
  const map = new Map<string, string>([["a", "x"]]);
  await c.env.DB.prepare(`SELECT ${map.get(sort) ?? fail()}`).all();
  const parts = ["SELECT * FROM t"];
  if (dir) parts.push("WHERE a = ?");
  parts.push(`ORDER BY ${column}`);
  await c.env.DB.prepare(parts.join(" ")).all();
  const parts2 = ["SELECT * FROM t"];
  parts2.push(`ORDER BY ${sort}`);
  await c.env.DB.prepare(parts2.join(" ")).all(); // outside
  const q: { sql: string; params: unknown[] } = { sql: "SELECT 1", params: [] };
  q.sql += ` WHERE a = '${sort}'`;
  await c.env.DB.prepare(q.sql).all(); // outside
  const q2 = build(sort);
  await c.env.DB.prepare(q2.text).bind(...q2.params).all();
  const q3 = buildBad(sort);
  await c.env.DB.prepare(q3.text).all(); // outside
  const { text } = await buildLater(sort);
  await c.env.DB.prepare(text).all(); // outside
  await c.env.DB.batch([c.env.DB.prepare(`SELECT '${sort}'`)]); // outside
  const stmts = [sort].map((s) => c.env.DB.prepare(`SELECT '${s}'`)); // outside
  await c.env.DB.batch(stmts);
  return c.json(1);
});
function build(sort: string) {
  const params: unknown[] = [];
  let text = "SELECT * FROM t WHERE 1=1";
  if (sort) { text += " AND a = ?"; params.push(sort); }
  return { text, params };
}
function buildBad(sort: string) {
  const where = `a = '${sort}'`;
  return { text: "SELECT * FROM t WHERE " + where };
}
async function buildLater(sort: string) { return { text: `SELECT ${sort}` }; }
app.onError((e, c) => { c.env.DB.prepare(`INSERT INTO log VALUES ('${e.message}')`).run(); return c.json(0); });
export default app;
""",
    },
    "routers, wrappers, Durable Objects and services": {
        "src/index.ts": r"""
import { DurableObject } from "cloudflare:workers";
import { withAuth, route, Router } from "./router";
import { UserService } from "./service";
type Env = { DB: D1Database; LOG: DurableObjectNamespace };
const router = new Router();
route("GET", "/a", async (request, env) => {
  const url = new URL(request.url);
  const sort = url.searchParams.get("sort") || "id";
  return Response.json(await env.DB.prepare(`SELECT * FROM t ORDER BY ${sort}`).all()); // outside
});
router.get("/b", async (request: Request, env: Env) => {
  const { q } = await request.json<{ q: string }>();
  return Response.json(await env.DB.prepare(`SELECT '${q}'`).all()); // outside
});
export const secured = withAuth(async (request: Request, env: Env) => {
  return Response.json(await env.DB.prepare(`SELECT '${request.headers.get("x")}'`).all()); // outside
});
export class Log extends DurableObject<Env> {
  async fetch(request: Request): Promise<Response> {
    await this.env.DB.prepare(`SELECT '${await request.text()}'`).all(); // outside
    return new Response("x");
  }
}
async function handle(request: Request, env: Env, path: string) {
  await env.DB.prepare(`SELECT '${path}'`).all(); // outside
  const service = new UserService(env.DB);
  await service.find(path, "name");
  await service.page({ sort: new URL(request.url).searchParams.get("s") ?? "id", dir: "ASC" });
  return new Response("x");
}
const HANDLERS: Record<string, typeof handle> = { a: other };
async function other(request: Request, env: Env, path: string) {
  await env.DB.prepare(`SELECT '${request.url}'`).all(); // outside
  return new Response(path);
}
export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname } = new URL(request.url);
    const stub = env.LOG.get(env.LOG.idFromName("x"));
    await stub.fetch(request);
    await fetch("https://example.com");
    const res = await env.LOG.get(env.LOG.idFromName("y")).fetch(request);
    if (pathname === "/x") return HANDLERS.a(request, env, pathname);
    await env.DB.prepare(`SELECT '${pathname}'`).all(); // outside
    await env.DB.prepare(`SELECT '${request.cf?.country}'`).all();
    await env.DB.prepare(`SELECT '${request.method}'`).all();
    return handle(request, env, pathname.slice(1));
  },
};
""",
        "src/router.ts": r"""
type Handler = (request: Request, env: any) => Promise<Response>;
const routes: { method: string; path: string; handler: Handler }[] = [];
export function route(method: string, path: string, handler: Handler) { routes.push({ method, path, handler }); }
export const withAuth = (handler: Handler) => async (request: Request, env: any) => {
  if (!request.headers.get("authorization")) return new Response("no", { status: 401 });
  return handler(request, env);
};
export class Router { get(path: string, handler: Handler) { routes.push({ method: "GET", path, handler }); } }
""",
        "src/service.ts": r"""
interface Page { sort: string; dir: "ASC" | "DESC" }
export class UserService {
  constructor(private readonly db: D1Database) {}
  async find(value: string, column: string) {
    const direct = await this.db.prepare(`SELECT * FROM t WHERE ${column} = ?`).bind(value).all();
    return this.query(`SELECT * FROM t WHERE ${column} = ?`, value);
  }
  async page({ sort, dir }: Page) {
    return this.db.prepare(`SELECT * FROM t ORDER BY ${sort} ${dir}`).all(); // outside
  }
  private query(text: string, ...values: unknown[]) { return this.db.prepare(text).bind(...values).all(); }
}
""",
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_value_is_followed_to_where_it_comes_from(name: str, tmp_path: Path) -> None:
    files = CASES[name]
    result = lint(tmp_path, {**files, "d1lint.toml": CONFIG})
    assert result.crashes == ()
    assert lines(result, RULE) == marked(files, "// outside")


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("SELECT 1", 0),
        ("SELECT ?, ?", 2),
        ("SELECT ?1, ?1", 1),
        ("SELECT ?3, ?", 4),
        ("SELECT ?2", 2),
        ("SELECT :a, :b, :a, ?", 3),
        ("SELECT '?', \"?\", `?`, [?] -- ?\n, ?", 1),
        ("SELECT /* ? */ ?, x ->> '$.a?'", 1),
        ("SELECT '12:30', a::b", 0),
    ],
)
def test_the_parameters_of_a_statement_are_counted_as_sqlite_does(statement: str, count: int) -> None:
    assert parameters(statement) == count


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("BEGIN", "transaction"),
        ("-- first\nSELECT 1; savepoint a", "transaction"),
        ("EXPLAIN BEGIN", "transaction"),
        ("VACUUM INTO 'x'", "vacuum"),
        ("attach 'x' AS y", "file"),
        ("CREATE  TEMPORARY\nTABLE x (a)", "temporary"),
        ("CREATE TABLE IF NOT EXISTS temp.x (a)", "temporary"),
        ("PRAGMA main.journal_mode=WAL", "pragma"),
        ("pragma Synchronous", "pragma"),
    ],
)
def test_what_d1_refuses_is_known_by_its_first_words(script: str, kind: str) -> None:
    found = refused(script)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "script",
    [
        "",
        "SELECT 'BEGIN'",
        "SELECT 1 -- VACUUM",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = 1; END",
        "CREATE TABLE temporary_files (a)",
        "PRAGMA foreign_keys = ON",
        "PRAGMA quick_check",
        "PRAGMA something_new",
        "beginning",
    ],
)
def test_what_d1_accepts_is_left_alone(script: str) -> None:
    assert refused(script) is None


@pytest.mark.parametrize(
    ("pattern", "is_matched", "is_closed"),
    [
        ("/^[a-z_]+$/", True, True),
        ("/^(asc|desc)$/i", True, True),
        ("/^[a-z]+\\.[a-z]+$/", True, True),
        ("/[a-z]/", True, False),
        ("/^.*$/", True, False),
        ("/^[^;]+$/", True, False),
        ("/^[a-z'-]+$/", True, False),
        ("/^\\S+$/", True, False),
        ("/[^a-z_]/g", False, True),
        ("/\\W/g", False, True),
        ("/-/g", False, False),
    ],
)
def test_a_pattern_is_a_check_only_if_it_leaves_no_room(pattern: str, is_matched: bool, is_closed: bool) -> None:
    assert is_closed_regex(pattern, is_matched) is is_closed
