"""Whose database a table is in, and how its unnamed columns are named there."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import MONOREPO, Files, package, project, wrangler

APP = package("app", "drizzle-orm@0.45.2")
NO_D1 = wrangler()
DB = wrangler("DB")


def tables(*names: str) -> str:
    """A schema of tables with nothing but a key."""
    made = (f'export const {name} = sqliteTable("{name}", {{ id: integer().primaryKey() }});' for name in names)
    return "\n".join(['import { integer, sqliteTable } from "drizzle-orm/sqlite-core";', *made])


def kit(settings: str, schema: str = "./src/schema.ts") -> str:
    """A drizzle.config.ts."""
    return (
        'import { defineConfig } from "drizzle-kit";\n'
        f'export default defineConfig({{ schema: "{schema}", {settings} }});'
    )


def client(driver: str, arguments: str, *imports: str) -> str:
    """A module with a factory of clients."""
    lines = [f'import {{ drizzle }} from "drizzle-orm/{driver}";', *imports]
    return "\n".join([*lines, f"export const connect = (env) => drizzle({arguments});"])


WITH_SCHEMA = 'import * as schema from "./schema";'
WITH_USERS = 'import { users } from "./schema";'

CONFIGS: dict[str, tuple[str, str, str]] = {
    "the driver of D1": (kit('dialect: "sqlite", driver: "d1-http"'), NO_D1, "d1"),
    "no driver, in a package with D1": (kit('dialect: "sqlite"'), DB, "d1"),
    "no driver, in a package without D1": (kit('dialect: "sqlite"'), NO_D1, "other"),
    "a file, in a package without D1": (kit('dialect: "sqlite", dbCredentials: { url: "local.db" }'), NO_D1, "other"),
    "Turso, in a package with D1": (kit('dialect: "turso", dbCredentials: { url: "libsql://x" }'), DB, "libsql"),
    "a Durable Object, in a package with D1": (
        kit('dialect: "sqlite", driver: "durable-sqlite"'),
        DB,
        "durable-object",
    ),
    "Expo, in a package with D1": (kit('dialect: "sqlite", driver: "expo"'), DB, "other"),
    "the file of the local D1": (
        kit('dialect: "sqlite", dbCredentials: { url: ".wrangler/state/v3/d1/miniflare-D1DatabaseObject/x.sqlite" }'),
        NO_D1,
        "d1",
    ),
    "the file of the local D1, opened by libsql": (
        kit('dialect: "turso", dbCredentials: { url: "file:.wrangler/state/v3/d1/x.sqlite" }'),
        NO_D1,
        "d1",
    ),
    "D1 or a file": (
        """
        export default process.env.LOCAL
            ? { dialect: "sqlite", schema: "./src/schema.ts", dbCredentials: { url: "local.db" } }
            : { dialect: "sqlite", schema: "./src/schema.ts", driver: "d1-http" };
        """,
        NO_D1,
        "d1",
    ),
    "D1 or a file, spread": (
        """
        const remote = { driver: "d1-http", dbCredentials: {} };
        export default defineConfig({
            dialect: "sqlite",
            schema: "./src/schema.ts",
            ...(process.env.LOCAL ? { dbCredentials: { url: "local.db" } } : remote),
        });
        """,
        NO_D1,
        "d1",
    ),
    "one that satisfies a type": (
        'export default { dialect: "sqlite", driver: "d1-http", schema: "src/schema.ts" } satisfies Config;',
        NO_D1,
        "d1",
    ),
}

SCHEMAS: dict[str, str] = {
    "a file": '"./src/schema.ts"',
    "a file, without its extension": '"./src/schema"',
    "several": '["./src/other.ts", "./src/schema.ts"]',
    "a pattern": '"./src/**/*.ts"',
    "a pattern of alternatives": '"./src/{schema,other}.ts"',
    "a folder": '"./src"',
    "a barrel": '"./src/barrel.ts"',
    "a path that is put together": 'path.join("src", "schema.ts")',
}

CASES: dict[str, tuple[Files, dict[str, str]]] = {
    "several configurations": (
        {
            "wrangler.jsonc": NO_D1,
            "drizzle.config.ts": kit('dialect: "sqlite", driver: "d1-http"'),
            "drizzle-room.config.ts": kit('dialect: "sqlite", driver: "durable-sqlite"', "./src/room.ts"),
            "src/schema.ts": tables("users"),
            "src/room.ts": tables("messages"),
        },
        {"users": "d1", "messages": "durable-object"},
    ),
    "a list of configurations": (
        {
            "wrangler.jsonc": NO_D1,
            "drizzle.config.ts": """
                export default [
                    { dialect: "sqlite", driver: "d1-http", schema: "./src/schema.ts" },
                    { dialect: "turso", schema: "./src/cache.ts" },
                ];
            """,
            "src/schema.ts": tables("users"),
            "src/cache.ts": tables("entries"),
        },
        {"users": "d1", "entries": "libsql"},
    ),
    "a configuration in JSON": (
        {
            "wrangler.jsonc": NO_D1,
            "drizzle.config.json": '{ "dialect": "sqlite", "driver": "d1-http", "schema": ["./src/schema.ts"] }',
            "src/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "a configuration that a script names": (
        {
            "package.json": '{ "scripts": { "generate": "drizzle-kit generate --config=kit/d1.ts" } }',
            "wrangler.jsonc": NO_D1,
            "kit/d1.ts": kit('dialect: "sqlite", driver: "d1-http"'),
            "src/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "a client with a schema": (
        {
            "wrangler.jsonc": NO_D1,
            "src/index.ts": client("d1", "env.DB, { schema }", WITH_SCHEMA),
            "src/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "a client with a schema of its own": (
        {
            "wrangler.jsonc": DB,
            "src/index.ts": client("libsql", "env.URL, { schema: { users } }", WITH_USERS),
            "src/schema.ts": tables("users", "posts"),
        },
        {"users": "libsql", "posts": "libsql"},
    ),
    "a client without a schema": (
        {
            "wrangler.jsonc": NO_D1,
            "src/index.ts": client("d1", "env.DB", WITH_USERS),
            "src/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "D1 beside a Durable Object, with schemas": (
        {
            "wrangler.jsonc": DB,
            "src/index.ts": client("d1", "env.DB, { schema }", WITH_SCHEMA),
            "src/schema.ts": tables("users"),
            "src/room.ts": client("durable-sqlite", "env.storage, { schema }", 'import * as schema from "./messages";'),
            "src/messages.ts": tables("messages"),
        },
        {"users": "d1", "messages": "durable-object"},
    ),
    "D1 beside a Durable Object, without": (
        {
            "wrangler.jsonc": DB,
            "src/index.ts": client("d1", "env.DB", WITH_USERS),
            "src/schema.ts": tables("users"),
            "src/room.ts": client("durable-sqlite", "env.storage", 'import { messages } from "./messages";'),
            "src/messages.ts": tables("messages"),
        },
        {"users": "d1", "messages": "durable-object"},
    ),
    "D1 beside Postgres": (
        {
            "wrangler.jsonc": DB,
            "src/index.ts": client("d1", "env.DB, { schema }", WITH_SCHEMA),
            "src/schema.ts": tables("users"),
            "src/postgres.ts": client("postgres-js", "env.URL, { schema }", 'import * as schema from "./reports";'),
            "src/reports.ts": 'import { pgTable } from "drizzle-orm/pg-core"; export const reports = pgTable("r", {});',
            "drizzle.pg.config.ts": kit('dialect: "postgresql"', "./src/reports.ts"),
        },
        {"users": "d1"},
    ),
    "one schema for D1 and for a local database": (
        {
            "wrangler.jsonc": DB,
            "src/index.ts": client("d1", "env.DB, { schema }", WITH_SCHEMA),
            "src/local.ts": client("better-sqlite3", "env.FILE, { schema }", WITH_SCHEMA),
            "src/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "a client of the tests says nothing": (
        {
            "wrangler.jsonc": DB,
            "src/users.test.ts": client("better-sqlite3", "env.FILE, { schema }", WITH_SCHEMA),
            "src/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "tables of the tests are none": (
        {
            "wrangler.jsonc": DB,
            "src/schema.ts": tables("users"),
            "test/schema.ts": tables("fakes"),
            "src/users.test.ts": tables("more"),
        },
        {"users": "d1"},
    ),
    "nobody's, in a package with D1": ({"wrangler.jsonc": DB, "src/schema.ts": tables("users")}, {"users": "d1"}),
    "nobody's, in a package without D1": (
        {"wrangler.jsonc": NO_D1, "src/schema.ts": tables("users")},
        {"users": "other"},
    ),
    "nobody's, in a package with D1 in one environment": (
        {
            "wrangler.toml": 'main = "src/index.ts"\n[[env.live.d1_databases]]\nbinding = "DB"\n',
            "src/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "nobody's, in packages that others use": (
        {
            "package.json": MONOREPO,
            "apps/api/package.json": package("api", "@x/models"),
            "apps/api/wrangler.jsonc": DB,
            "apps/web/package.json": package("web", "@x/other"),
            "packages/models/package.json": package("@x/models", "@x/db"),
            "packages/db/package.json": package("@x/db", "drizzle-orm@0.45.2"),
            "packages/db/src/schema.ts": tables("users"),
            "packages/other/package.json": package("@x/other", "drizzle-orm@0.45.2"),
            "packages/other/src/schema.ts": tables("posts"),
        },
        {"users": "d1", "posts": "other"},
    ),
    "an application with D1 beside one with Turso": (
        {
            "package.json": MONOREPO,
            "apps/one/package.json": package("one", "drizzle-orm@0.45.2"),
            "apps/one/wrangler.jsonc": DB,
            "apps/one/src/schema.ts": tables("users"),
            "apps/two/package.json": package("two", "drizzle-orm@0.45.2"),
            "apps/two/drizzle.config.ts": kit('dialect: "turso"'),
            "apps/two/src/schema.ts": tables("posts"),
        },
        {"users": "d1", "posts": "libsql"},
    ),
    "a client in one package, its schema in another": (
        {
            "package.json": MONOREPO,
            "apps/api/package.json": package("api", "@x/db"),
            "apps/api/src/index.ts": client("d1", "env.DB, { schema }", 'import * as schema from "@x/db";'),
            "packages/db/package.json": package("@x/db", "drizzle-orm@0.45.2"),
            "packages/db/src/index.ts": 'export * from "./schema";',
            "packages/db/src/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "NuxtHub's old form, which is always D1": (
        {
            "nuxt.config.ts": "export default defineNuxtConfig({ hub: { database: true } });",
            "server/database/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "NuxtHub on D1": (
        {
            "nuxt.config.ts": """
                export default defineNuxtConfig({ hub: { db: { dialect: "sqlite", driver: "d1" } } });
            """,
            "server/db/schema/users.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "NuxtHub on D1 in production": (
        {
            "nuxt.config.ts": """
                export default defineNuxtConfig({
                    hub: { db: "sqlite" },
                    $production: { hub: { db: { dialect: "sqlite", driver: "d1" } } },
                });
            """,
            "server/db/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "NuxtHub on Cloudflare": (
        {
            "nuxt.config.ts": """
                export default defineNuxtConfig({ hub: { db: "sqlite" }, nitro: { preset: "cloudflare_module" } });
            """,
            "server/db/schema.ts": tables("users"),
        },
        {"users": "d1"},
    ),
    "NuxtHub elsewhere": (
        {
            "nuxt.config.ts": 'export default defineNuxtConfig({ hub: { db: "sqlite" } });',
            "server/db/schema.ts": tables("users"),
        },
        {"users": "other"},
    ),
    "NuxtHub on libsql": (
        {
            "nuxt.config.ts": """
                export default defineNuxtConfig({ hub: { db: { dialect: "sqlite", driver: "libsql" } } });
            """,
            "server/db/schema.ts": tables("users"),
        },
        {"users": "libsql"},
    ),
}


def kinds(folder: Path, files: Files) -> dict[str, str]:
    model = project(folder, {"package.json": APP, **files})
    assert model.crashes == []
    return {table.name: table.database.kind for table in model.tables if table.database is not None}


@pytest.mark.parametrize(("config", "worker", "kind"), [pytest.param(*case, id=name) for name, case in CONFIGS.items()])
def test_a_configuration_says_whose_its_tables_are(config: str, worker: str, kind: str, tmp_path: Path) -> None:
    files = {"wrangler.jsonc": worker, "drizzle.config.ts": config, "src/schema.ts": tables("users")}
    assert kinds(tmp_path, files) == {"users": kind}


@pytest.mark.parametrize("schema", [pytest.param(schema, id=name) for name, schema in SCHEMAS.items()])
def test_a_configuration_names_its_schema_by(schema: str, tmp_path: Path) -> None:
    files = {
        "wrangler.jsonc": NO_D1,
        "drizzle.config.ts": f"""
            import path from "node:path";
            export default {{ dialect: "sqlite", driver: "durable-sqlite", schema: {schema} }};
        """,
        "src/schema.ts": tables("users"),
        "src/other.ts": "export {};",
        "src/barrel.ts": 'export { users } from "./schema";',
        "elsewhere/schema.ts": tables("posts"),
    }
    assert kinds(tmp_path, files) == {"users": "durable-object", "posts": "other"}


@pytest.mark.parametrize(("files", "expected"), [pytest.param(*case, id=name) for name, case in CASES.items()])
def test_whose_a_table_is(files: Files, expected: dict[str, str], tmp_path: Path) -> None:
    assert kinds(tmp_path, files) == expected


def test_two_bindings_are_two_databases(tmp_path: Path) -> None:
    files = {
        "package.json": APP,
        "wrangler.jsonc": wrangler("ONE", "TWO"),
        "src/one.ts": tables("users"),
        "src/two.ts": tables("events"),
        "src/index.ts": """
            import { drizzle } from "drizzle-orm/d1";
            import * as one from "./one";
            import * as two from "./two";
            export const connect = (env) => [drizzle(env.ONE, { schema: one }), drizzle(env.TWO, { schema: two })];
        """,
    }
    databases = project(tmp_path, files).databases
    assert [[table.name for table in database.tables] for database in databases] == [["users"], ["events"]]
    assert all(database.is_d1 for database in databases)


@pytest.mark.parametrize(
    ("files", "has_d1"),
    [
        ({"wrangler.jsonc": DB, "src/index.ts": ""}, True),
        ({"wrangler.jsonc": NO_D1, "src/index.ts": client("d1", "env.DB")}, True),
        ({"wrangler.jsonc": NO_D1, "src/index.ts": client("libsql", "env.URL")}, False),
        ({"package.json": package("app", "hono@4.0.0"), "wrangler.jsonc": DB, "src/index.ts": ""}, False),
        ({"package.json": package("app", "kysely-d1@0.4.0", "kysely@0.28.0"), "wrangler.jsonc": DB}, True),
    ],
    ids=["a binding", "a client", "a client of another database", "a binding without an ORM", "Kysely"],
)
def test_a_repository_has_d1_by(files: Files, has_d1: bool, tmp_path: Path) -> None:
    assert project(tmp_path, {"package.json": APP, **files}).has_d1 is has_d1


# --- casing --------------------------------------------------------------------------------------------------------

NAMED = """
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer().primaryKey(), fullName: text(), given: text("GIVEN") });
"""
KIT = {"drizzle.config.ts": kit('dialect: "sqlite", driver: "d1-http", casing: "snake_case"')}
CLIENT = {"src/index.ts": client("d1", 'env.DB, { schema, casing: "snake_case" }', WITH_SCHEMA)}
BARE_CLIENT = {"src/index.ts": client("d1", 'env.DB, { casing: "snake_case" }')}
SNAKE, AS_WRITTEN = "full_name", "fullName"

CASINGS: dict[str, tuple[str, Files, str]] = {
    "the configuration's": ("^0.45.2", KIT, SNAKE),
    "a client's": ("^0.45.2", CLIENT, SNAKE),
    "a client's, in the form with one object": (
        "^0.45.2",
        {"src/index.ts": client("d1", '{ client: env.DB, schema, casing: "snake_case" }', WITH_SCHEMA)},
        SNAKE,
    ),
    "that of the package's client without a schema": ("^0.45.2", BARE_CLIENT, SNAKE),
    "that of another database's client": (
        "^0.45.2",
        {"src/index.ts": client("libsql", 'env.URL, { casing: "snake_case" }')},
        AS_WRITTEN,
    ),
    "that of a Postgres client": (
        "^0.45.2",
        {"src/index.ts": client("postgres-js", 'env.URL, { casing: "snake_case" }')},
        AS_WRITTEN,
    ),
    "the configuration's before the client's": (
        "^0.45.2",
        {**KIT, "src/index.ts": client("d1", 'env.DB, { schema, casing: "camelCase" }', WITH_SCHEMA)},
        SNAKE,
    ),
    "camelCase": (
        "^0.45.2",
        {"drizzle.config.ts": kit('dialect: "sqlite", driver: "d1-http", casing: "camelCase"')},
        "fullName",
    ),
    "the configuration's, in a beta of 1.0": ("1.0.0-beta.9", KIT, SNAKE),
    "a client's, in a beta of 1.0": ("1.0.0-beta.9", CLIENT, SNAKE),
    "the configuration's, which a release candidate of 1.0 ignores": ("1.0.0-rc.5", KIT, AS_WRITTEN),
    "a client's, which a release candidate of 1.0 ignores": ("1.0.0-rc.5", CLIENT, AS_WRITTEN),
    "that of a client without a schema, which a release candidate of 1.0 ignores": (
        "1.0.0-rc.5",
        BARE_CLIENT,
        AS_WRITTEN,
    ),
    "the configuration's, which 1.0 ignores": ("^1.0.0", KIT, AS_WRITTEN),
    "NuxtHub's": (
        "^0.45.2",
        {
            "nuxt.config.ts": """
                export default defineNuxtConfig({
                    hub: { db: { dialect: "sqlite", driver: "d1", casing: "snake_case" } },
                });
            """,
            "src/schema.ts": "",
            "server/db/schema.ts": NAMED,
        },
        SNAKE,
    ),
}


@pytest.mark.parametrize(
    ("version", "files", "expected"), [pytest.param(*case, id=name) for name, case in CASINGS.items()]
)
def test_unnamed_columns_are_named_by(version: str, files: Files, expected: str, tmp_path: Path) -> None:
    app = {"package.json": package("app", f"drizzle-orm@{version}"), "wrangler.jsonc": DB, "src/schema.ts": NAMED}
    (table,) = project(tmp_path, {**app, **files}).tables
    assert [column.name for column in table.columns] == ["id", expected, "GIVEN"]


def test_the_casing_of_a_client_holds_for_the_tables_of_a_package_that_it_uses(tmp_path: Path) -> None:
    files = {
        "package.json": MONOREPO,
        "apps/api/package.json": package("api", "@x/db", "drizzle-orm@0.45.2"),
        "apps/api/wrangler.jsonc": DB,
        "apps/api/src/index.ts": client("d1", 'env.DB, { casing: "snake_case" }'),
        "packages/db/package.json": package("@x/db", "drizzle-orm@0.45.2"),
        "packages/db/src/schema.ts": NAMED,
    }
    (table,) = project(tmp_path, files).tables
    assert [column.name for column in table.columns] == ["id", "full_name", "GIVEN"]
