"""Drizzle clients: `drizzle(env.DB, { schema })` of each driver, and the types that name one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.drizzle.queries import client_member
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.values import UNDEFINED, ObjectValue, Site, Unknown, Value
from d1lint.model.workers import REQUEST, BindingValue

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator, TypeIntrinsic
    from d1lint.model.scope import Scope

D1 = "d1"
SYNC = "sync"
"""What stands for the driver of a client whose type says only that it answers at once: no client of D1 does."""
SQLITE_DRIVERS = (
    "durable-sqlite", "libsql", "libsql/web", "libsql/node", "libsql/http", "better-sqlite3", "bun-sqlite",
    "sqlite-proxy", "expo-sqlite", "op-sqlite", "sql-js", "tursodatabase/database", "node-sqlite", "sqlite-cloud",
)  # fmt: skip
OTHER_DRIVERS = (
    "postgres-js", "node-postgres", "neon-http", "neon-serverless", "neon", "vercel-postgres", "pglite", "pg-proxy",
    "aws-data-api/pg", "xata-http", "bun-sql", "mysql2", "planetscale-serverless", "mysql-proxy", "tidb-serverless",
    "singlestore", "singlestore-proxy", "gel", "bun-sql/postgres", "bun-sql/mysql",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class ClientValue(Value):
    """A Drizzle client. `driver` is the sub-package that made it, "" where only a general type is known.

    `site` is the `drizzle(...)` call, None for a client that is known by its type. `database` is what it was given
    (D1: a binding), `config` the second argument.
    """

    driver: str
    site: Site | None = None
    database: Value = UNDEFINED
    config: Value = UNDEFINED
    schema_type: Value | None = None
    """The `typeof schema` of the type that names it."""
    replaced: Mapping[str, Value] = field(default_factory=dict)
    """The members that code put in the place of its own, such as a `transaction` that sends a batch."""

    @property
    def is_d1(self) -> bool:
        """Whether it is proven to be a client of D1."""
        return self.driver == D1

    def member(self, name: str, ev: Evaluator) -> Value:
        """`$client` is the binding; the others begin queries."""
        if name in self.replaced:
            return self.replaced[name]
        if name == "$client":
            is_known = not isinstance(self.database, Unknown) and self.database is not UNDEFINED
            return self.database if is_known or not self.is_d1 else BindingValue("", REQUEST, True)
        return client_member(self, name) or Unknown(f"{name} of a client")

    def with_member(self, name: str, member: Value) -> ClientValue:
        """The client with another member."""
        return replace(self, replaced={**self.replaced, name: member})

    def schema(self, ev: Evaluator) -> Value:
        """The `schema` or `relations` that it was given; UNDEFINED if there is none."""
        if self.schema_type is not None:
            return self.schema_type
        if self.config is UNDEFINED:
            return UNDEFINED
        schema = self.config.member("schema", ev)
        return schema if schema is not UNDEFINED else self.config.member("relations", ev)


@dataclass(slots=True, eq=False)
class ClientMaker(Value):
    """A driver's `drizzle`."""

    driver: str

    def call(self, site: Site, ev: Evaluator) -> Value:
        """The client. Where only the type of its result is asked for, nobody calls it anywhere."""
        if not site.scope.module:
            return ClientValue(self.driver)
        first, config = site.argument(0), site.argument(1)
        if isinstance(first, ObjectValue) and config is UNDEFINED:
            # The form with one object: drizzle({ client, schema }).
            return ClientValue(self.driver, site, first.member("client", ev), first)
        return ClientValue(self.driver, site, first, config)


def client_values() -> dict[tuple[str, str], Value]:
    """`drizzle` of every driver."""
    values: dict[tuple[str, str], Value] = {}
    for driver in (D1, *SQLITE_DRIVERS, *OTHER_DRIVERS):
        maker = ClientMaker(driver)
        values[f"drizzle-orm/{driver}", "drizzle"] = maker
        values[f"drizzle-orm/{driver}/driver", "drizzle"] = maker
    return values


def _any_sqlite(ev: Evaluator, args: tuple[ir.Type, ...], scope: Scope) -> Value:
    is_sync = bool(args) and isinstance(args[0], ir.TypeName) and args[0].name == '"sync"'
    return ClientValue(SYNC if is_sync else "")


def _type(driver: str) -> TypeIntrinsic:
    def build(ev: Evaluator, args: tuple[ir.Type, ...], scope: Scope) -> Value:
        schema = ev.of_type(args[0], scope) if args else None
        return ClientValue(driver, schema_type=schema if not isinstance(schema, Unknown) else None)

    return build


def client_types() -> dict[tuple[str, str], TypeIntrinsic]:
    """The types that name a client, by package and name."""
    names = {
        D1: ("DrizzleD1Database", "AnyD1Database"),
        "durable-sqlite": ("DrizzleSqliteDODatabase",),
        "libsql": ("LibSQLDatabase",),
        "better-sqlite3": ("BetterSQLite3Database",),
        "bun-sqlite": ("BunSQLiteDatabase",),
        "sqlite-proxy": ("SqliteRemoteDatabase",),
        "expo-sqlite": ("ExpoSQLiteDatabase",),
        "postgres-js": ("PostgresJsDatabase",),
        "node-postgres": ("NodePgDatabase",),
        "neon-http": ("NeonHttpDatabase",),
        "neon-serverless": ("NeonDatabase",),
        "pglite": ("PgliteDatabase",),
        "vercel-postgres": ("VercelPgDatabase",),
        "mysql2": ("MySql2Database",),
        "planetscale-serverless": ("PlanetScaleDatabase",),
    }
    types: dict[tuple[str, str], TypeIntrinsic] = {}
    for driver, found in names.items():
        for name in found:
            types[f"drizzle-orm/{driver}", name] = _type(driver)
            types[f"drizzle-orm/{driver}/driver", name] = _type(driver)
    types["drizzle-orm", "SQL"] = lambda ev, args, scope: SqlValue((Unknown("a parameter"),))
    types["drizzle-orm/sqlite-core", "BaseSQLiteDatabase"] = _any_sqlite
    types["drizzle-orm/pg-core", "PgDatabase"] = _type("pg")
    return types
