"""The queries that the model finds: whose they are, what belongs to them, and what becomes of them.

Each `// query: …` says of the query that begins on its line: its kind, its tables, its steps and the uses of its ends,
and `d1`, `other` or `unknown`. No other line begins one.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import cases, page_paths, write_files
from repository import Files, project

from d1lint import engine
from d1lint.cli import main
from d1lint.engine import check
from d1lint.model.queries.query import Query

HEADER = """
import { and, eq } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer().primaryKey() });
export const posts = sqliteTable("posts", { id: integer().primaryKey(), author: integer() });
type Env = { DB: D1Database };
"""

PROGRAMS = {
    "each kind": """
        export async function run(env: Env) {
          const db = drizzle(env.DB, { schema: { users } });
          const on = eq(posts.author, users.id);
          await db.select().from(users).leftJoin(posts, on); // query: select users,posts from,leftJoin awaited d1
          await db.selectDistinct({ id: users.id }).from(users); // query: selectDistinct users from awaited d1
          await db.insert(users).values({}).returning(); // query: insert users values,returning awaited d1
          await db.update(users).set({ id: 1 }); // query: update users set awaited d1
          await db.delete(users); // query: delete users - awaited d1
          await db.query.users.findMany(); // query: findMany users - awaited d1
          await db.query.users.findFirst(); // query: findFirst users - awaited d1
          await db.$count(users); // query: $count users - awaited d1
          await db.run("select 1"); // query: run - - awaited d1
        }
    """,
    "held in a variable": """
        export async function run(env: Env, id?: number) {
          const db = drizzle(env.DB);
          let rows = db.select().from(users).$dynamic(); // query: select users from,$dynamic,where declared,assigned d1
          if (id) rows = rows.where(eq(users.id, id));
          await rows;
          const other = db.delete(users); // query: delete users where declared,discarded d1
          other.where(eq(users.id, 1));
          await other;
        }
    """,
    "given to a function that goes on with it": """
        const own = (query: any, id: number) => query.where(eq(users.id, id));
        export async function run(env: Env) {
          await own(drizzle(env.DB).delete(users), 1); // query: delete users where argument,awaited d1
        }
    """,
    "what becomes of it": """
        export async function run(env: Env, ctx: ExecutionContext, ids: number[], yes: boolean) {
          const db = drizzle(env.DB);
          db.delete(users); // query: delete users - discarded d1
          void db.delete(users); // query: delete users - void d1
          yes && db.delete(users); // query: delete users - discarded d1
          const all = [db.delete(users)]; // query: delete users - item d1
          all.push(db.delete(users)); // query: delete users - argument d1
          ctx.waitUntil(db.delete(users)); // query: delete users - argument d1
          ids.map((id) => db.delete(users)); // query: delete users - returned d1
          return db.delete(users); // query: delete users - returned d1
        }
    """,
    "a class, a context and a parameter": """
        export class Repository {
          constructor(private readonly db: DrizzleD1Database) {}
          list() {
            return this.db.select().from(users); // query: select users from returned d1
          }
        }
        export async function run({ ctx }: any, db: any) {
          await ctx.db.insert(users).values({}); // query: insert users values awaited d1
          await db.select({ id: users.id }).from(users).all(); // query: select users from,all awaited d1
          await ctx.db.transaction(async (tx: any) => { // query: transaction - - awaited d1
            await tx.insert(users).values({}); // query: insert users values awaited d1
          });
        }
        export const open = (env: Env) => drizzle(env.DB, { schema: { users, posts } });
    """,
    "rows are no query": """
        export async function run(env: Env, cache: Map<string, number>) {
          const rows = await drizzle(env.DB).select().from(users); // query: select users from awaited d1
          rows.filter((row) => row.id).map((row) => row.id);
          cache.delete("a");
          return rows.values();
        }
    """,
    "Maps and Sets are no clients": """
        export class Seen {
          private readonly names = new Set<unknown>();
          add(table: any) {
            this.names.delete(users);
          }
        }
        export function run(seen: Set<unknown>, names: Map<object, string>, weak: WeakSet<object>) {
          seen.delete(users);
          names.delete(posts);
          weak.delete(users);
          new Map().delete(users);
        }
    """,
    "the tx of a transaction is a client of the same database": """
        import { DurableObject } from "cloudflare:workers";
        import { drizzle as durable, type DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
        import { drizzle as libsql } from "drizzle-orm/libsql";
        import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";
        export class Room extends DurableObject {
          db = durable(this.ctx.storage);
          reset() {
            this.db.transaction((tx) => {
              tx.delete(users).run();
              tx.transaction((inner) => inner.insert(users).values({}).run());
            });
          }
        }
        export async function remote(url: string) {
          const turso = libsql(url);
          await turso.transaction(async function (tx) {
            await tx.delete(users);
          });
          type Tx = Parameters<Parameters<typeof turso.transaction>[0]>[0];
          return async (tx: Tx) => await tx.delete(users);
        }
        type DurableTx = Parameters<Parameters<DrizzleSqliteDODatabase["transaction"]>[0]>[0];
        export const add = (tx: DurableTx) => tx.insert(users).values({}).run();
        export const atOnce = (db: BaseSQLiteDatabase<"sync", unknown>) => db.insert(users).values({}).run();
        type Tx = Parameters<Parameters<DrizzleD1Database["transaction"]>[0]>[0];
        export const remove = async (tx: Tx) => {
          await tx.delete(users); // query: delete users - awaited d1
        };
    """,
    "nothing proves it": """
        export async function run(db: any, table: any, cache: any) {
          await db.insert(table).values({});
          await db.select().from(table);
          cache.delete(users.id);
        }
    """,
}


def described(query: Query) -> str:
    """A query as the comments describe it."""
    whose = {True: "d1", False: "other", None: "unknown"}[query.is_d1]
    tables = ",".join(table.name for table in query.tables) or "-"
    steps = ",".join(step.name for step in query.steps) or "-"
    return f"{query.kind} {tables} {steps} {','.join(str(end.use) for end in query.ends)} {whose}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_queries_of_a_program(name: str, tmp_path: Path) -> None:
    text = HEADER + PROGRAMS[name]
    model = project(tmp_path, {"src/index.ts": text})
    expected = {
        number: line.partition("// query: ")[2]
        for number, line in enumerate(text.splitlines(), 1)
        if "// query: " in line
    }
    found = {model.source(query.file).line_number(query.span.start): described(query) for query in model.queries.all()}
    assert found == expected


OTHER_DRIVERS: Files = {
    "src/index.ts": """
        import { drizzle } from "drizzle-orm/libsql";
        import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
        export const users = sqliteTable("users", { id: integer().primaryKey() });
        export const run = async (url: string) => drizzle(url).delete(users);
    """
}


def test_queries_of_another_driver_are_left_out(tmp_path: Path) -> None:
    assert list(project(tmp_path, OTHER_DRIVERS).queries.all()) == []


# --- the command -------------------------------------------------------------------------------------------------


LISTED = """
export async function run(env: Env, { more }: any) {
  const db = drizzle(env.DB);
  await db.select().from(posts).where(eq(posts.author, 1)).limit(2);
  await more.query.things.findMany();
}
"""


def test_the_queries_are_listed_for_people(tmp_path: Path) -> None:
    write_files(tmp_path, {"src/index.ts": HEADER + LISTED})
    result = CliRunner().invoke(main, ["queries", str(tmp_path)])
    assert result.exit_code == 0
    assert 'where "posts"."author" = ?' in result.stdout
    assert "SCAN posts" in result.stdout
    assert "1 queries go to D1 (1 select); SQLite has planned 1 of them." in result.stdout
    assert "src/index.ts:12  findMany  nothing is known of what it is called on" in result.stdout


def test_the_queries_are_listed_for_programs(tmp_path: Path) -> None:
    write_files(tmp_path, {"src/index.ts": HEADER + LISTED})
    result = CliRunner().invoke(main, ["queries", "--format", "json", str(tmp_path)])
    first, second = json.loads(result.stdout)["queries"]
    assert (first["file"], first["line"], first["kind"], first["function"]) == ("src/index.ts", 11, "select", "run")
    assert (first["tables"], first["d1"], first["plan"]) == (["posts"], True, ["SCAN posts"])
    assert (first["parameters"], first["parametersExact"], first["uses"]) == (2, True, ["awaited"])
    assert (second["kind"], second["d1"], second["sql"]) == ("findMany", None, None)


# --- two processes -----------------------------------------------------------------------------------------------


def test_two_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first bad example of every rule, with and without a process of its own for the queries."""
    for rule, path in page_paths().items():
        first = next(case for case in cases(rule, path.read_text(encoding="utf-8")) if case.kind == "bad")
        write_files(tmp_path / rule, {name: text for name, text in first.files.items() if name != "d1lint.toml"})
    alone = [finding for folder in sorted(tmp_path.iterdir()) for finding in check([folder]).findings]
    forks: list[int] = []
    monkeypatch.setattr(engine, "PARALLEL_BYTES", 0)
    monkeypatch.setattr(engine, "can_fork", lambda: forks.append(1) or True)  # the other threads here hold no lock
    both = [finding for folder in sorted(tmp_path.iterdir()) for finding in check([folder]).findings]
    assert len(alone) > 50
    assert both == alone
    assert len(forks) > 30
