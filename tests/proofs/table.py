"""The proofs: each rule that claims a failure at run time, seen on workerd."""

from __future__ import annotations

from pathlib import Path

from proofs.proof import Proof, Sees

COUNTING_REFUSED = Path(__file__).with_name("refused.ts").read_text(encoding="utf-8")
"""A Worker around the example's own, whose answer is how many of its statements D1 refused."""


def numbers(count: int) -> str:
    """A table `n(i)` of the numbers from 1, in front of a SELECT."""
    return f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {count})"


def with_client(body: str, schema: str = "src/db/schema") -> str:
    """A Worker that answers what the body of a function returns: with `db`, a client of `schema`, the example's own."""
    return f"""
        import {{ sql }} from "drizzle-orm";
        import {{ drizzle }} from "drizzle-orm/d1";
        import * as schema from "./{schema}";

        export default {{
          async fetch(_request: Request, env: {{ DB: D1Database }}): Promise<Response> {{
            const db = drizzle(env.DB, {{ schema }});
            return Response.json(await (async () => {{ {body} }})());
          }},
        }};
    """


def reading(query: str, *relations: str) -> str:
    """A Worker that answers what `db.query.`… finds: `posts.findMany()`.

    `db` is a client of `src/schema`; with names of `relations` in `src/relations`, one of Drizzle 1.0 with these.
    """
    module, names = ("relations", ", ".join(relations)) if relations else ("schema", "* as schema")
    options = f"relations: {{ {', '.join(f'...{name}' for name in relations)} }}" if relations else "schema"
    return f"""
        import {{ drizzle }} from "drizzle-orm/d1";
        import {f"{{ {names} }}" if relations else names} from "./src/{module}";

        export default {{
          async fetch(_request: Request, env: {{ DB: D1Database }}): Promise<Response> {{
            return Response.json(await drizzle(env.DB, {{ {options} }}).query.{query});
          }},
        }};
    """


def calling(call: str, module: str = "src/index") -> str:
    """A Worker that answers what a call of a module's function returns; it may use `request`, `env` and `context`."""
    return f"""
        import {{ {call.partition("(")[0]} }} from "./{module}";

        export default {{
          async fetch(request: Request, env: {{ DB: D1Database }}, context: ExecutionContext): Promise<Response> {{
            return Response.json((await {call}) ?? null);
          }},
        }};
    """


WITH_PROCESS_ENV = "2026-08-04"
"""The first compatibility date with `process.env`, as part of nodejs_compat."""

CONNECTION = [
    Proof(
        "global-client",
        bad=Sees("From process.env", fails="start", error="ReferenceError: process is not defined"),
        good=Sees("In a handler", answer=[]),
        requests=("GET /users",),
    ),
    Proof(
        "global-client",
        bad=Sees("From an env that nothing defines", fails="start", error="ReferenceError: env is not defined"),
        good=Sees("In a middleware", answer=[]),
        requests=("GET /users",),
    ),
    Proof(
        "global-client",
        bad=Sees("A factory, called at module scope", fails="start", error="ReferenceError: process is not defined"),
        good=Sees("A factory, called in handlers", answer=[]),
        requests=("GET /users",),
    ),
    *(
        Proof(
            "process-env-binding",
            bad=Sees(title, requests=(request,), fails="request", error="(reading 'prepare')"),
            good=Sees("From the environment of the request", answer=[]),
            date=WITH_PROCESS_ENV,
        )
        for title, request in (
            ("In a handler", "GET /users"),
            ("In a factory that handlers call", "GET /"),
            ("Given to a factory", "GET /"),
            ("Kysely's dialect", "GET /"),
        )
    ),
    Proof(
        "undeclared-binding",
        bad=Sees("A misspelt name", requests=("GET /users",), fails="request", error="(reading 'prepare')"),
        good=Sees("One of two names is declared", answer=[]),
    ),
    Proof(
        "undeclared-binding",
        bad=Sees("From the importable env, and in raw SQL", fails="request", error="(reading 'prepare')"),
        good=Sees("One of two names is declared", answer=[]),
    ),
    Proof(
        "undeclared-binding",
        bad=Sees("Kysely's dialect", fails="request", error="(reading 'prepare')"),
        good=Sees("One of two names is declared", answer=[]),
    ),
    *(
        Proof(
            "client-without-schema",
            bad=Sees(title, fails="request", error="TypeError"),
            good=Sees("With its schema", answer=[]),
            worker=calling("list(env)"),
        )
        for title in ("No options", "Other options, and a factory", "Drizzle 1.0")
    ),
    *(
        Proof(
            "module-scope-random",
            bad=Sees(title, fails="start", error="Disallowed operation called within global scope"),
            good=Sees(good, answer=[]),
            date=WITH_PROCESS_ENV,
        )
        for title, good in (
            ("At module scope, in a static field, and nested", "What runs at module scope"),
            ("From packages", "What runs at module scope"),
            ("Through functions", "The default of a column, as a function"),
        )
    ),
    Proof(
        "module-scope-random",
        bad=Sees("Bun, in a handler", fails="request", error="ReferenceError: Bun is not defined"),
        good=Sees("The default of a column, as a function", answer=[]),
    ),
    Proof(
        "module-scope-random",
        bad=Sees("Bun, in the default of a column", fails="request", error="ReferenceError: Bun is not defined"),
        good=Sees("The default of a column, as a function", answer=1),
        worker=with_client(
            "await db.insert(schema.users).values({}); return (await db.select().from(schema.users)).length;",
            "src/schema",
        ),
    ),
    *(
        Proof(
            "module-scope-query",
            bad=Sees(title, fails="start", error="Failed query"),
            good=Sees("In a handler, and kept", answer=[]),
            schema=(),
            setup=("create table settings (id integer primary key)",),
        )
        for title in (
            "At the top level",
            "In a list, in functions and in raw SQL",
            "A client for one query, which is one finding",
        )
    ),
]

DIALECT = [
    Proof(
        "foreign-dialect",
        bad=Sees(
            "A schema of Postgres tables, given to a D1 client",
            setup=(
                "create table users (id integer primary key, name text not null, active integer, created_at text)",
                "insert into users values (1, 'a', 1, null)",
            ),
            answer=[{"id": 1, "name": "a", "active": 1, "createdAt": None}],
        ),
        good=Sees(
            "SQLite's dialect",
            setup=("insert into users values (1, 'a', 1, 1767225600)",),
            answer=[{"id": 1, "name": "a", "active": True, "createdAt": "2026-01-01T00:00:00.000Z"}],
        ),
        requests=("GET /users",),
    ),
    Proof(
        "foreign-dialect",
        bad=Sees(
            "A schema of Postgres tables, given to a D1 client",
            setup=("create table users (id integer primary key, name text not null, active integer, created_at text)",),
            fails="request",
            error="no such function: now",
        ),
        good=Sees("SQLite's dialect", answer=[{"id": 1, "name": "a", "active": True}]),
        worker=with_client("""
            const { users } = schema;
            await db.insert(users).values({ name: "a" });
            return db.select({ id: users.id, name: users.name, active: users.active }).from(users);
        """),
    ),
    *(
        Proof(
            "foreign-sql-function",
            bad=Sees(title, answer=refused),
            good=Sees("What SQLite has", answer=0),
            setup=("alter table users add column created_at text",),
            worker=COUNTING_REFUSED,
        )
        for title, refused in (
            ("ilike() in a query", 1),
            ("ilike() of a relational query", 2),
            ("In fragments of a query", 4),
            ("In a file whose client is not known", 1),
        )
    ),
    Proof(
        "foreign-sql-function",
        bad=Sees("Functions in the schema", fails="tables", error="syntax error"),
        good=Sees("What SQLite has"),
    ),
    Proof(
        "foreign-driver",
        # Without nodejs_compat. With it everything is bundled, and the driver fails at its first use.
        bad=Sees("A SQLite file", fails="build", error='Could not resolve "fs"'),
        good=Sees("D1's own driver", answer=[]),
    ),
]

INDEXES = [
    Proof(
        "unindexed-foreign-key",
        bad=Sees("No index at all", read=range(2_000, 10_000)),
        good=Sees("An index on the column", read=range(100)),
        setup=(
            "insert into users (id) values (1), (2)",
            f"insert into posts (id, title, author_id) {numbers(2_000)} select i, 'title', 2 from n",
        ),
        requests=(),
        after=("delete from users where id = 1",),
    ),
    Proof(
        "unindexed-foreign-key",
        bad=Sees("The second column of a composite primary key", read=range(2_000, 10_000)),
        good=Sees("A composite primary key, and an index for its second column", read=range(100)),
        setup=(
            "insert into users (id) values (1)",
            f"insert into groups (id) {numbers(2_001)} select i from n",
            f"insert into users_to_groups (user_id, group_id) {numbers(2_000)} select 1, i from n",
        ),
        requests=(),
        after=("delete from groups where id = 2001",),
    ),
    Proof(
        "unindexed-foreign-key",
        bad=Sees(
            "A partial index",
            setup=(
                "insert into users (id) values (1), (2)",
                f"insert into notes (id, owner_id) {numbers(2_000)} select i, 2 from n",
            ),
            read=range(2_000, 10_000),
        ),
        good=Sees(
            "A partial index that leaves out nothing but NULL",
            setup=(
                "insert into users (id) values (1), (2)",
                f"insert into comments (id, author_id) {numbers(2_000)} select i, 2 from n",
            ),
            read=range(100),
        ),
        requests=(),
        after=("delete from users where id = 1",),
    ),
    Proof(
        "duplicate-index",
        bad=Sees("A unique index of a unique column", written=3),
        good=Sees("Drizzle 1.0 makes one of the two", written=2),
        requests=(),
        after=("insert into users (id, email) values (1, 'a')",),
    ),
]

TWO_USERS_AND_A_POST = (
    "insert into users (id, name) values (1, 'a'), (2, 'b')",
    "insert into posts (id, author_id, editor_id) values (3, 1, 2)",
)

RELATIONS = [
    Proof(
        "missing-relation",
        bad=Sees("Only the parent's many()", fails="request", error="TypeError"),
        good=Sees("Both sides", answer=[{"id": 1, "authorId": 1, "author": {"id": 1}}]),
        setup=("insert into users (id) values (1)", "insert into posts (id, author_id) values (1, 1)"),
        worker=with_client("return db.query.posts.findMany({ with: { author: true } });"),
    ),
    Proof(
        "missing-relation",
        bad=Sees("Only the parent's many()", fails="request", error="not enough information to infer relation"),
        good=Sees("Both sides", answer=[{"id": 1, "posts": [{"id": 1, "authorId": 1}]}]),
        setup=("insert into users (id) values (1)", "insert into posts (id, author_id) values (1, 1)"),
        worker=with_client("return db.query.users.findMany({ with: { posts: true } });"),
    ),
    *(
        Proof(
            "missing-inverse",
            bad=Sees(title, worker=reading(query), setup=(), fails="request", error="not enough information to infer"),
            good=Sees(
                "Both sides, with a name where there are two",
                worker=reading("users.findMany({ columns: { id: true }, with: { posts: true } })"),
                answer=[{"id": 1, "posts": [{"id": 3, "authorId": 1, "editorId": 2}]}, {"id": 2, "posts": []}],
            ),
            setup=TWO_USERS_AND_A_POST,
        )
        for title, query in (
            ("A many() that nothing answers", "users.findMany({ with: { posts: true } })"),
            ("The names do not match", "users.findMany({ with: { posts: true } })"),
            (
                "A one() without columns, and the many() that waits for it",
                "posts.findMany({ with: { author: true } })",
            ),
            ("Two one() without columns", "profiles.findMany({ with: { user: true } })"),
            ("Two many() without a junction", "posts.findMany({ with: { tags: true } })"),
        )
    ),
    Proof(
        "missing-inverse",
        bad=Sees(
            "Drizzle 1.0, without the other side, and with one that has an alias",
            worker=reading("users.findMany()", "relations"),
            fails="start",
        ),
        good=Sees(
            "Drizzle 1.0, one-sided with columns",
            worker=reading("users.findMany({ columns: { id: true }, with: { posts: true } })", "relations"),
            answer=[{"id": 1, "posts": [{"id": 3, "authorId": 1, "editorId": 2}]}, {"id": 2, "posts": []}],
        ),
        setup=TWO_USERS_AND_A_POST,
    ),
    Proof(
        "missing-inverse",
        bad=Sees("Drizzle 1.0, with the other side in another part", fails="start"),
        good=Sees(
            "Drizzle 1.0, both sides in one part, and a junction",
            answer=[{"id": 1, "posts": [{"id": 3, "authorId": 1, "editorId": 2}]}, {"id": 2, "posts": []}],
        ),
        setup=TWO_USERS_AND_A_POST,
        worker=reading("users.findMany({ columns: { id: true }, with: { posts: true } })", "first", "second"),
    ),
    *(
        Proof(
            "ambiguous-relation",
            bad=Sees(title, worker=reading(query), setup=(), fails="request", error="There are multiple relations"),
            good=Sees(
                "A name for each pair",
                worker=reading("users.findMany({ columns: { id: true }, with: { posts: true } })"),
                answer=[{"id": 1, "posts": [{"id": 3, "authorId": 1, "editorId": 2}]}, {"id": 2, "posts": []}],
            ),
            setup=TWO_USERS_AND_A_POST,
        )
        for title, query in (
            ("Two keys to one table", "users.findMany({ with: { posts: true } })"),
            ("Names on one side alone", "users.findMany({ with: { posts: true } })"),
            ("One name for both", "users.findMany({ with: { posts: true } })"),
        )
    ),
    Proof(
        "ambiguous-relation",
        bad=Sees("A table and itself", fails="request", error="There are multiple relations"),
        good=Sees("A table and itself, with a name", answer=[{"id": 1, "children": [{"id": 2}]}]),
        setup=("insert into categories (id, parent_id, name) values (1, null, 'a'), (2, 1, 'b')",),
        worker=reading(
            "categories.findMany({ columns: { id: true }, with: { children: { columns: { id: true } } }, limit: 1 })"
        ),
    ),
    Proof(
        "ambiguous-relation",
        bad=Sees("Drizzle 1.0", fails="start"),
        good=Sees(
            "Drizzle 1.0, where an alias takes one out, and where columns say it",
            answer=[{"id": 1, "posts": [{"id": 3, "authorId": 1, "editorId": 2}]}, {"id": 2, "posts": []}],
        ),
        setup=TWO_USERS_AND_A_POST,
        worker=reading("users.findMany({ columns: { id: true }, with: { posts: true } })", "relations"),
    ),
    *(
        Proof(
            "relation-key-mismatch",
            bad=Sees(title, answer=[{"order": {"note": "wrong"}}]),
            good=Sees("The same pairs in another order", answer=[{"order": {"note": "right"}}]),
            setup=(
                "insert into orders values (1, 1, 'wrong'), (1, 2, 'wrong'), (2, 1, 'right'), (2, 2, 'wrong')",
                "insert into lines (id, shop, order_number) values (1, 2, 1)",
            ),
            worker=reading(
                "lines.findMany({ columns: {}, with: { order: { columns: { note: true } } } })",
            ),
        )
        for title in ("In another order", "A part of the key")
    ),
    *(
        Proof(
            "relation-key-mismatch",
            bad=bad,
            good=Sees("As the foreign key has it, from either side", answer=[{"author": {"id": 7}}]),
            setup=(
                "insert into users (id, email) values (7, 'a')",
                "insert into posts (id, title, author_id) values (1, 'x', 7)",
            ),
            worker=reading("posts.findMany({ columns: {}, with: { author: { columns: { id: true } } } })"),
        )
        for bad in (
            Sees("Another column of the target", answer=[{"author": None}]),
            Sees("A field of another table, and a reference of another table", answer=[{"author": None}]),
            Sees("Another table", answer=[{"author": None}]),
        )
    ),
    Proof(
        "relation-key-mismatch",
        bad=Sees(
            "In number",
            worker=reading("lines.findMany({ with: { order: true } })"),
            setup=(),
            fails="request",
            error="TypeError",
        ),
        good=Sees("As the foreign key has it, from either side", worker=reading("posts.findMany()"), answer=[]),
    ),
    Proof(
        "relation-key-mismatch",
        bad=Sees("Drizzle 1.0", fails="start"),
        good=Sees("Drizzle 1.0, from either side and through a junction", answer=[]),
        worker=reading("posts.findMany({ with: { author: true } })", "relations"),
    ),
    Proof(
        "removed-relations-api",
        bad=Sees("relations() with 1.0", worker=reading("posts.findMany()"), fails="build", error="No matching export"),
        good=Sees("defineRelations with 1.0, and a client that is given its result", answer=[]),
    ),
    Proof(
        "removed-relations-api",
        bad=Sees("A client with a schema", fails="request", error="TypeError"),
        good=Sees("defineRelations with 1.0, and a client that is given its result", answer=[]),
    ),
    Proof(
        "removed-relations-api",
        bad=Sees("A condition in SQL", fails="request"),
        good=Sees("defineRelations with 1.0, and a client that is given its result", answer=[]),
    ),
]

ABOUT_NOW = """
    await db.insert(schema.posts).values({});
    await db.update(schema.posts).set({ id: sql`id` });
    const [row] = await db.select().from(schema.posts);
    const near = (date: Date) => Math.abs(date.getTime() - Date.now()) < 2 * 86_400_000;
    const word = (date: Date) => (Number.isNaN(date.getTime()) ? "invalid" : near(date) ? "right" : "wrong");
    return Object.fromEntries(
      Object.entries(row).flatMap(([key, value]) => (value instanceof Date ? [[key, word(value)]] : [])),
    );
"""
"""Insert a row of defaults, update it; for each of its dates, whether it is right, up to two days."""

INDEX_NAMES = ("select name from sqlite_master where type = 'index' order by name",)

SCHEMA = [
    *(
        Proof(
            "timestamp-default-mismatch",
            bad=bad,
            good=Sees("The unit of the column", answer=dict.fromkeys("abcdefghi", "right")),
            worker=with_client(ABOUT_NOW),
        )
        for bad in (
            Sees(
                "A text in a timestamp",
                # The two of mode timestamp_ms are read right, but are texts among numbers all the same.
                answer={
                    "createdAt": "invalid",
                    "updatedAt": "right",
                    "day": "invalid",
                    "iso": "right",
                    "lower": "invalid",
                },
                after=("select typeof(updated_at) as updated, updated_at > 9e15 as later from posts",),
                rows=[{"updated": "text", "later": 1}],
            ),
            Sees("Milliseconds in seconds", answer=dict.fromkeys("abcd", "wrong")),
            Sees("Seconds in milliseconds", answer=dict.fromkeys("abc", "wrong")),
            Sees("SQL that a function returns", answer={"createdAt": "invalid", "updatedAt": "wrong"}),
            Sees("In a helper, once", answer={"createdAt": "wrong", "seenAt": "right"}),
            Sees("Raw SQL", answer={"createdAt": "invalid"}),
        )
    ),
    Proof(
        "timestamp-default-mismatch",
        bad=Sees("A text in a plain integer", rows=[{"created": "text", "updated": "text"}]),
        good=Sees("A plain integer holds any number", rows=[{"created": "integer", "updated": "integer"}]),
        setup=("insert into posts (id) values (1)",),
        requests=(),
        after=("select typeof(created_at) as created, typeof(updated_at) as updated from posts",),
    ),
    Proof(
        "frozen-default",
        bad=Sees("The time", answer={"createdAt": "wrong", "expires": "wrong"}),
        good=Sees("A function runs for each row", answer={"createdAt": "right", "updatedAt": "right"}),
        worker=with_client(ABOUT_NOW),
    ),
    *(
        Proof(
            "frozen-default",
            bad=Sees(title, fails="start", error="Disallowed operation called within global scope"),
            good=Sees("A function runs for each row", answer=[]),
            worker=with_client("return db.select().from(schema.posts);"),
            date=WITH_PROCESS_ENV,
        )
        for title in ("An identifier", "Through a function or a constant of the repository")
    ),
    *(
        Proof(
            "ignored-extra-config",
            bad=Sees(title, rows=[]),
            good=Sees("The object form", rows=[{"name": "posts_slug_idx"}]),
            requests=(),
            after=INDEX_NAMES,
        )
        for title in (
            "An object in the list",
            "Without on()",
            "Without on(), in the object form",
            "An index by itself",
            "A list in the object, and a list too deep",
        )
    ),
    Proof(
        "ignored-extra-config",
        bad=Sees("Beside one that is taken up", rows=[{"indexes": 1, "keys": 0}]),
        good=Sees("The object form", rows=[{"indexes": 1, "keys": 0}]),
        requests=(),
        after=(
            "select (select count(*) from pragma_index_list('posts')) as indexes,"
            " (select count(*) from pragma_foreign_key_list('posts')) as keys",
        ),
    ),
    *(
        Proof(
            "ignored-extra-config",
            bad=Sees(title, fails="tables", error=error),
            good=Sees("Returned from a block"),
            requests=(),
        )
        for title, error in (
            ("A function that returns nothing", "TypeError"),
            ("A function without a parameter that returns nothing", "TypeError"),
            ("Drizzle 1.0 refuses it", "Invalid extra config value"),
        )
    ),
    *(
        Proof(
            "duplicate-index-name",
            bad=Sees(title, fails="tables", error="already exists"),
            good=Sees("Each index is named for its table"),
            requests=(),
        )
        for title in (
            "In two tables",
            "In upper and lower case",
            "A named unique constraint",
            "A shared helper gives two tables one index",
        )
    ),
    Proof(
        "duplicate-index-name",
        bad=Sees("In one table", rows=[{"name": "posts_idx"}]),
        good=Sees(
            "Each index is named for its table",
            rows=[{"name": "comments_created_at_idx"}, {"name": "posts_created_at_idx"}],
        ),
        requests=(),
        after=INDEX_NAMES,
    ),
    Proof(
        "duplicate-table-name",
        bad=Sees("Twice in one file", after=("select provider from users",), fails="after", error="no such column"),
        good=Sees("Other names", after=("select id from users_old",), rows=[]),
        requests=(),
    ),
    *(
        Proof("duplicate-table-name", bad=Sees(title, fails="tables"), good=Sees("Other names"), requests=())
        for title in ("In upper and lower case", "Drizzle 1.0")
    ),
    *(
        Proof(
            "unexported-table",
            bad=Sees(title, schema=(file,), fails="after", error="no such table: main.users"),
            good=Sees("Re-exported by a file that drizzle-kit reads", schema=("src/db/index.ts",), rows=[]),
            requests=(),
            after=("insert into posts (id, author_id) values (1, null)",),
        )
        for title, file in (
            ("A foreign key to a table that is not exported", "src/db/schema.ts"),
            ("A table in a file that drizzle-kit does not read", "src/db/posts.ts"),
            ("Tables inside an object", "src/db/schema.ts"),
        )
    ),
    Proof(
        "unexported-table",
        bad=Sees("A query needs it", schema=("src/db/schema.ts",), fails="request", error="no such table: audits"),
        good=Sees("Re-exported by a file that drizzle-kit reads", schema=("src/db/index.ts",), requests=()),
    ),
    *(
        Proof(
            "foreign-key-target",
            bad=Sees(title, after=(insert,), fails="after", error="foreign key mismatch"),
            good=Sees("The primary key, and unique columns", after=("insert into invites (id) values (1)",)),
            requests=(),
        )
        for title, insert in (
            ("A column that is not unique", "insert into invites (id) values (1)"),
            ("Only indexes that are no keys", "insert into invites (id) values (1)"),
            ("A part of a composite key", "insert into votes (id) values (1)"),
        )
    ),
    Proof(
        "foreign-key-target",
        bad=Sees(
            "More than the key",
            after=("insert into comments values (1, 1, 1)",),
            fails="after",
            error="foreign key mismatch",
        ),
        good=Sees(
            "A composite key, in any order",
            after=("insert into members values (1, 2, 3)", "insert into votes values (1, 2, 1, 3)"),
        ),
        requests=(),
    ),
    Proof(
        "foreign-key-target",
        # 007 becomes a 7 that no user has.
        bad=Sees(
            "Another type",
            after=("insert into orders (id, user_id, plan_id) values (1, '007', '1')",),
            fails="after",
            error="FOREIGN KEY constraint failed",
        ),
        good=Sees("Types that SQLite stores alike", after=("insert into orders (id, user_id) values (1, '007')",)),
        setup=("insert into users (id) values ('007')",),
        requests=(),
    ),
    Proof(
        "foreign-key-target",
        # To find the user of an order by the primary key, all users are read.
        bad=Sees(
            "Another type",
            setup=(
                f"insert into users (id) {numbers(500)} select 'u' || i from n",
                "insert into plans (id) values (1)",
                "insert into orders (id, user_id, plan_id) values (1, 'u1', '1')",
            ),
            read=range(500, 2_000),
        ),
        good=Sees(
            "Types that SQLite stores alike",
            setup=(
                f"insert into users (id) {numbers(500)} select 'u' || i from n",
                "insert into orders (id, user_id) values (1, 'u1')",
            ),
            read=range(10),
        ),
        requests=(),
        after=("select users.id from orders join users on users.id = orders.user_id where orders.id = 1",),
    ),
    Proof(
        "foreign-key-target",
        bad=Sees(
            "A table of another database, by the credentials",
            schema=("src/db/metrics.ts",),
            after=("insert into hits (id) values (1)",),
            fails="after",
            error="no such table: main.users",
        ),
        good=Sees("Two configurations of one database", after=("insert into posts (id) values (1)",)),
        requests=(),
    ),
    *(
        Proof(
            "reserved-table-name",
            bad=Sees(title, fails="tables", error="not authorized"),
            good=Sees("Names that only look alike"),
            requests=(),
        )
        for title in ("Names of SQLite's and of Cloudflare's", "In upper case")
    ),
    Proof(
        "too-many-columns",
        bad=Sees("101 columns", fails="tables", error="too many columns"),
        good=Sees("100 columns"),
        requests=(),
    ),
    Proof(
        "table-without-primary-key",
        bad=Sees(
            "An id that is not the key",
            after=("insert into users (id) values ('a') on conflict (id) do nothing",),
            fails="after",
            error="ON CONFLICT clause does not match",
        ),
        good=Sees(
            "A column, in any of its forms",
            after=("insert into teams (id) values ('a') on conflict (id) do nothing",),
        ),
        requests=(),
    ),
    *(
        Proof(
            "unregistered-relations",
            bad=Sees(title, fails="request", error="TypeError"),
            good=Sees("All of it handed over", answer=[]),
            worker=calling("list(env)"),
        )
        for title in ("The relations stayed behind", "A table under another name")
    ),
]

USERS_TO_NINE = (
    "create table users (id integer primary key, name text)",
    f"insert into users {numbers(9)} select i, 'a' from n",
)
TO_NINE = [{"id": number, "name": "a"} for number in range(1, 10)]

QUERIES = [
    Proof(
        "d1-transaction",
        bad=Sees(
            "On a client that is made for the request",
            fails="request",
            error="Failed query: begin",
        ),
        good=Sees("A batch", answer="ok", rows=[{"balance": 0}, {"balance": 100}]),
        schema=(),
        setup=(
            "create table accounts (id integer primary key, balance integer not null)",
            "insert into accounts values (1, 100), (2, 0)",
        ),
        after=("select balance from accounts order by id",),
    ),
    Proof(
        "unfiltered-write",
        bad=Sees("No where", worker=calling("reset(env)"), rows=[]),
        good=Sees("Filtered", worker=calling("tidy(env, [2])"), rows=[{"id": 1}, {"id": 3}]),
        schema=(),
        setup=(
            "create table users (id integer primary key, name text, seen integer)",
            "insert into users (id) values (1), (2), (3)",
        ),
        after=("select id from users",),
    ),
    Proof(
        "unfiltered-write",
        bad=Sees("A where that says nothing", worker=calling("reset(env)"), rows=[]),
        good=Sees("Filtered", worker=calling("tidy(env, [2])"), rows=[{"id": 1}, {"id": 3}]),
        schema=(),
        setup=(
            "create table users (id integer primary key, name text, seen integer)",
            "insert into users (id) values (1), (2), (3)",
        ),
        after=("select id from users",),
    ),
    Proof(
        "floating-query",
        bad=Sees("Nothing runs it", worker=calling("save(env, 7, true)"), rows=TO_NINE),
        good=Sees(
            "Awaited, returned, handed on",
            worker=calling("remove(env, context, [6, 7, 8])"),
            rows=[{"id": 9, "name": "a"}],
        ),
        schema=(),
        setup=USERS_TO_NINE,
        after=("select id, name from users",),
    ),
    Proof(
        "floating-query",
        bad=Sees("A callback whose result is dropped", worker=calling("remove(env, [6, 7, 8])"), rows=TO_NINE),
        good=Sees(
            "Awaited, returned, handed on",
            worker=calling("remove(env, context, [6, 7, 8])"),
            rows=[{"id": 9, "name": "a"}],
        ),
        schema=(),
        setup=USERS_TO_NINE,
        after=("select id, name from users",),
    ),
    Proof(
        "invalid-batch-member",
        # Nothing of the batch is sent, but what was sent on its own, by await and by run(), has happened.
        bad=Sees(
            "Each of them",
            worker=calling("save(env)"),
            fails="request",
            error="TypeError",
            rows=[{"id": 2}, {"id": 3}],
        ),
        good=Sees(
            "Builders, raw statements, relational queries",
            worker=calling("save(env, [8])"),
            rows=[{"id": 1}, {"id": 8}],
        ),
        schema=(),
        setup=("create table users (id integer primary key)",),
        after=("select id from users",),
    ),
    Proof(
        "invalid-batch-member",
        bad=Sees("Held in a variable", worker=calling("save(env)"), fails="request", error="TypeError"),
        good=Sees("Builders, raw statements, relational queries", worker=calling("save(env, [8])")),
        schema=(),
        setup=("create table users (id integer primary key)",),
    ),
    Proof(
        "invalid-batch-member",
        bad=Sees("findFirst in Drizzle 0.x", worker=calling("load(env)"), fails="request", error="TypeError"),
        good=Sees("findFirst in Drizzle 1.0", worker=calling("load(env)"), answer=[None]),
        schema=(),
        setup=("create table users (id integer primary key)",),
    ),
    Proof(
        "empty-batch",
        bad=Sees("Empty", worker=calling("save(env)"), fails="request", error="No SQL statements detected"),
        good=Sees("Its length is asked for", worker=calling("remove(env, [])"), answer=None),
        schema=(),
    ),
    Proof(
        "empty-batch",
        bad=Sees("Perhaps empty", fails="request", error="No SQL statements detected"),
        good=Sees("Its length is asked for", answer=None),
        schema=(),
        worker=calling("remove(env, [])"),
    ),
    *(
        Proof(
            "date-in-sql",
            bad=Sees(title, requests=(request,), answer=refused),
            good=Sees(good, answer=0),
            schema=(),
            setup=(
                "create table posts (id integer primary key, at integer, size integer)",
                "insert into posts values (1, 1, 1)",
                "create table files (size integer, name text, deleted integer, n integer)",
                "create table users (id integer primary key, settings text, theme text)",
            ),
            worker=COUNTING_REFUSED,
        )
        for title, request, refused, good in (
            ("Dates", "GET /posts?before=2026-01-01", 7, "Operators, which encode"),
            ("By a declared type", "GET /", 1, "Operators, which encode"),
            ("Big numbers and objects", "GET /", 4, "Numbers and texts made from them"),
        )
    ),
    *(
        Proof(
            "blob-in-relational-query",
            bad=Sees("A blob of the child", fails="request", error="JSON cannot hold BLOB values"),
            good=good,
            schema=(),
            setup=(
                "create table users (id integer primary key)",
                "insert into users values (1)",
                "create table files (id integer primary key, userId integer, name text, data blob)",
                "insert into files values (1, 1, 'a', x'00ff')",
            ),
            worker=calling("list(env)"),
            date=WITH_PROCESS_ENV,  # blobs come as Buffers
        )
        for good in (
            Sees("Left out, or the queried table's own"),
            Sees("Drizzle 1.0"),
        )
    ),
]

USERS_A_AND_B = (
    "create table users (id integer primary key, name text, tag text, expired integer default 0)",
    "insert into users (id, name) values (1, 'a'), (2, 'b')",
)

DELETE = "';+delete+from+users;+select"

VISITS = (
    "create table visits (url text, alias text, n integer, m integer)",
    "create table counters (n integer)",
    "create table log (url text, text text)",
    "create table users (id integer, at integer)",
    "create table temp_readings (begin integer, vacuum integer)",
)

NATIVE_SQL = [
    *(
        Proof(
            "sql-injection",
            # Nobody is called "x' or 1 = 1 --". (The last of the good ones sorts by that name, as by any constant.)
            bad=Sees(title, answer=answer),
            good=Sees("Bound values", answer=[[], [], [{"id": 1}, {"id": 2}]]),
            schema=(),
            setup=USERS_A_AND_B,
            requests=("GET /users?name=x'+or+1=1+--&sort=id",),
        )
        for title, answer in (
            ("Request data in a template", [{"id": 1}, {"id": 2}]),
            (
                "Raw pieces in Drizzle",
                [
                    [{"id": 1}, {"id": 2}],
                    [{"id": 1}, {"id": 2}],
                    [{"id": 1}, {"id": 2}],
                    [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
                ],
            ),
        )
    ),
    *(
        Proof(
            "sql-injection",
            bad=Sees(title, requests=(request,), rows=[]),
            good=Sees(
                "Bound values",
                requests=(f"GET /users?name={DELETE}+'",),
                rows=[{"id": 1}, {"id": 2}],
            ),
            schema=(),
            setup=USERS_A_AND_B,
            after=("select id from users",),
        )
        for title, request in (
            ("Request data in a template", f"GET /users?name={DELETE}+'"),
            ("In a handler without a framework", 'POST /?table=users+-- {"id": "x"}'),
            ("Put together over several lines", f"GET /search?name={DELETE}+'"),
            (
                "A validator that lets any text through",
                f"GET /users?sort=id&name={DELETE}+1+as+id+--",
            ),
        )
    ),
    *(
        Proof(
            "parameter-count",
            bad=Sees(title, answer=refused),
            good=Sees("As many as there are", answer=0),
            schema=(),
            setup=VISITS,
            worker=COUNTING_REFUSED,
        )
        for title, refused in (
            ("Too few and too many", 6),
            ("Nothing is bound", 3),
            ("By the variable that holds it", 2),
            ("A choice of texts, none of which fits", 1),
            ("Parameters before the last statement", 2),
        )
    ),
    *(
        Proof(
            "forbidden-statement",
            bad=Sees(title, answer=refused),
            good=Sees(good, answer=0),
            schema=(),
            setup=VISITS,
            worker=COUNTING_REFUSED,
        )
        for title, refused, good in (
            ("Transactions", 6, "A batch is the transaction"),
            ("In a script of several statements", 2, "The body of a trigger, and words in texts and comments"),
            ("The file and other files", 2, "The body of a trigger, and words in texts and comments"),
            ("Temporary tables", 4, "The body of a trigger, and words in texts and comments"),
            ("PRAGMAs", 5, "PRAGMAs that D1 accepts"),
        )
    ),
]

KYSELY = [
    Proof(
        "kysely-import",
        bad=Sees("Kysely from the dialect's package", fails="build", error="No matching export"),
        good=Sees("Each from its own package", answer=[{"n": 1}]),
        setup=("create table users (id integer primary key, name text)", "insert into users values (1, 'a')"),
    ),
    Proof(
        "kysely-transaction",
        bad=Sees("On D1's dialect", fails="request", error="Transactions are not supported", rows=[]),
        good=Sees("A batch of what Kysely compiles", rows=[{"id": 1}, {"id": 2}]),
        setup=("create table users (id integer primary key, name text)",),
        worker=calling("save(env)"),
        after=("select id from users",),
    ),
    Proof(
        "unexecuted-kysely",
        bad=Sees("Awaited, and not even that", worker=calling("save(env, [2])"), rows=[{"id": 2}]),
        good=Sees(
            "Executed, returned, handed on, compiled",
            worker=calling("save(env, async () => {})"),
            rows=[{"id": 1}, {"id": 2}],
        ),
        setup=("create table users (id integer primary key, name text)", "insert into users (id) values (2)"),
        after=("select id from users",),
    ),
]

VALIDATION = [
    Proof(
        "validation-bypass",
        bad=Sees("Beside its validator", rows=[{"id": 77}]),
        good=Sees("What was validated", rows=[{"id": 1}]),
        schema=(),
        setup=("create table users (id integer primary key, name text)",),
        requests=('POST /users {"name": "a", "id": 77}',),
        after=("select id from users",),
    ),
]

NEW_USER = '{ email: "a", handle: "b", tenant: "c" }'
MANY_VARIABLES, TOO_DEEP, NO_KEY = (
    "too many SQL variables",
    "Expression tree is too large",
    "ON CONFLICT clause does not",
)
ONE_USER = ("insert into users (id, code, email) values (1, 'a', 'someone@example.com')",)

LIMITS = [
    *(
        Proof(
            "too-many-parameters",
            bad=Sees(title, fails="request", error=MANY_VARIABLES, worker=calling(bad)),
            good=Sees(good, worker=calling(call), rows=[{"n": rows}]),
            after=(f"select count(*) as n from {table}",),
        )
        for title, bad, good, call, table, rows in (
            ("Rows with defaults", "fill(env)", "As many as fit", "fill(env)", "users", 25),
            ("A list of ids", "read(env)", "As many as fit", "fill(env)", "users", 25),
            (
                "The limit counts, too",
                "read(env)",
                "The list as one parameter, and in a template",
                "read(env)",
                "users",
                0,
            ),
            (
                "Rows that the code makes of a constant list, and an upsert",
                "fill(env, 1)",
                "One batch of many statements",
                "fill(env)",
                "users",
                21,
            ),
        )
    ),
    Proof(
        "too-many-parameters",
        bad=Sees("Rows with defaults", fails="request", error=MANY_VARIABLES),
        good=Sees("SQL defaults bind nothing"),
        worker=calling("fill(env)"),
    ),
    *(
        Proof(
            "expression-depth",
            bad=Sees(title, fails="request", error=TOO_DEEP, worker=calling(call)),
            good=Sees("98 alternatives, and lists", worker=calling('read(env, "a")')),
        )
        for title, call in (
            ("99 alternatives", "read(env)"),
            ("98 of those that are two", "remove(env)"),
            ("Inside of a subquery", "read(env)"),
        )
    ),
    Proof(
        "like-pattern-limit",
        bad=Sees("51 bytes", fails="request", error="LIKE or GLOB pattern too complex"),
        good=Sees("50 bytes, and other comparisons", answer=[{"id": 1, "code": "a", "email": "someone@example.com"}]),
        setup=ONE_USER,
        worker=calling('read(env, "some")'),
    ),
    Proof(
        "like-pattern-limit",
        bad=Sees("Drizzle 1.0", fails="request", error="LIKE or GLOB pattern too complex", worker=calling("read(env)")),
        good=Sees("50 bytes, and other comparisons", worker=calling('read(env, "some")')),
        setup=ONE_USER,
    ),
    *(
        Proof(
            "compound-select-limit",
            bad=Sees(title, fails="request", error="too many terms in compound SELECT"),
            good=Sees("Five"),
            worker=calling("read(env)"),
        )
        for title in ("Six in a chain", "As a function, and nested")
    ),
    Proof(
        "compound-select-limit",
        bad=Sees("Six in a chain", fails="request", error="too many terms", worker=calling("read(env)")),
        good=Sees(
            "One of two chains, a batch, and many rows",
            worker=calling("read(env, true)"),
            after=("select count(*) as n from users",),
            rows=[{"n": 7}],
        ),
    ),
    *(
        Proof(
            "upsert-target-not-unique",
            bad=Sees(title, fails="request", error=NO_KEY),
            good=Sees(good, rows=rows),
            worker=calling(f"save(env, {NEW_USER})"),
            after=("select name from users order by id",),
        )
        for title, good, rows in (
            (
                "Not unique, or only with another column",
                "Keys, constraints and unique indexes, in any order",
                [{"name": "x"}, {"name": None}],
            ),
            (
                "A partial index without its condition, or with one that is bound",
                "A partial index with its condition",
                [{"name": "x"}],
            ),
        )
    ),
    Proof(
        "too-many-columns",
        bad=Sees("A join of two tables", fails="request", error="too many columns in result set"),
        good=Sees("Joins that name their columns, and relations", answer=[[], []]),
        worker=calling("read(env)"),
    ),
]

PROOFS = [
    *DIALECT,
    *CONNECTION,
    *SCHEMA,
    *RELATIONS,
    *INDEXES,
    *QUERIES,
    *LIMITS,
    *NATIVE_SQL,
    *VALIDATION,
    *KYSELY,
]

NOT_AT_RUN_TIME = {
    "empty-justification": "asks for a reason, and no code behaves otherwise for having one",
    "unjustified-native-sql": "asks for a reason, and no code behaves otherwise for having one",
}
"""The errors of the policy `recommended` that claim no failure at run time, and why not."""
