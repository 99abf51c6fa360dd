"""Kysely on D1: `new Kysely({ dialect: new D1Dialect({ database: env.DB }) })`, and its raw SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.values import Native, Site, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator, TypeIntrinsic


KYSELY_QUERIES = ("selectFrom", "insertInto", "updateTable", "deleteFrom", "replaceInto", "mergeInto", "selectNoFrom")
KYSELY_TRANSACTIONS = ("transaction", "startTransaction")
KYSELY_DEFINITIONS = ("createTable", "alterTable", "dropTable", "createIndex", "dropIndex", "createView", "dropView")
"""What begins a statement about the schema, after `db.schema`."""


@dataclass(slots=True, eq=False)
class KyselyClient(Value):
    """An instance of Kysely. `is_d1` says that its dialect is D1's; None where only its type is known."""

    is_d1: bool | None

    def member(self, name: str, ev: Evaluator) -> Value:
        """What begins a query or a transaction; `with` and the like give a client again."""
        if name in KYSELY_QUERIES or name in KYSELY_TRANSACTIONS:
            return Native(name, lambda site, ev: KyselyChain(name, self.is_d1, site))
        if name == "schema":
            return _KyselySchema(self.is_d1)
        if name in ("with", "withRecursive", "withSchema", "withPlugin", "withoutPlugins", "withTables"):
            return Native(name, lambda site, ev: self)
        return Unknown(f"{name} of a client of Kysely")


@dataclass(slots=True, eq=False)
class _KyselySchema(Value):
    """`db.schema`."""

    is_d1: bool | None

    def member(self, name: str, ev: Evaluator) -> Value:
        if name in KYSELY_DEFINITIONS:
            return Native(name, lambda site, ev: KyselyChain(name, self.is_d1, site))
        return Unknown(f"{name} of a schema of Kysely's")


@dataclass(slots=True, eq=False)
class KyselyChain(Value):
    """A query of Kysely's: the method that begins it, with its call, and the names of the steps after it."""

    method: str
    is_d1: bool | None
    site: Site
    steps: tuple[str, ...] = ()

    def member(self, name: str, ev: Evaluator) -> Value:
        """A further step."""
        return Native(name, lambda site, ev: KyselyChain(self.method, self.is_d1, self.site, (*self.steps, name)))

    def awaited(self) -> Value:
        """Rows, where it was executed; the builder itself otherwise, which nobody wants."""
        return Unknown("what a query of Kysely's gives")


@dataclass(slots=True, eq=False)
class D1Dialect(Value):
    """The dialect of `kysely-d1`."""


@dataclass(slots=True, eq=False)
class KyselyFragment(Value):
    """Kysely's sql`…`, which can be executed."""


@dataclass(slots=True, eq=False)
class RawQueryMaker(Value):
    """Kysely's `CompiledQuery`, whose `raw` makes a statement."""


@dataclass(slots=True, eq=False)
class _KyselyTag(Value):
    def tagged(self, template: ir.Template, site: Site, ev: Evaluator) -> Value:
        return KyselyFragment()

    def member(self, name: str, ev: Evaluator) -> Value:
        return Native(name, lambda site, ev: KyselyFragment())


@dataclass(slots=True, eq=False)
class KyselyClass(Value):
    """The class `Kysely` itself."""

    def construct(self, site: Site, ev: Evaluator) -> Value:
        """A client, if its dialect is known."""
        dialect = site.argument(0).member("dialect", ev)
        return (
            Unknown("a client of Kysely")
            if isinstance(dialect, Unknown)
            else KyselyClient(isinstance(dialect, D1Dialect))
        )


@dataclass(slots=True, eq=False)
class DialectClass(Value):
    """The class `D1Dialect` itself."""

    def construct(self, site: Site, ev: Evaluator) -> Value:
        """A dialect."""
        return D1Dialect()


def kysely_types() -> dict[tuple[str, str], TypeIntrinsic]:
    """The type of an instance."""
    return {("kysely", "Kysely"): lambda ev, args, scope: KyselyClient(None)}


def kysely_values() -> dict[tuple[str, str], Value]:
    """What `kysely` and `kysely-d1` export."""
    return {
        ("kysely", "sql"): _KyselyTag(),
        ("kysely", "Kysely"): KyselyClass(),
        ("kysely", "CompiledQuery"): RawQueryMaker(),
        ("kysely-d1", "D1Dialect"): DialectClass(),
    }
