"""Kysely on D1: `new Kysely({ dialect: new D1Dialect({ database: env.DB }) })`, and its raw SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.values import Native, Site, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator


@dataclass(slots=True, eq=False)
class KyselyClient(Value):
    """An instance of Kysely. `is_d1` says that its dialect is D1's."""

    is_d1: bool


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
class _KyselyClass(Value):
    def construct(self, site: Site, ev: Evaluator) -> Value:
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


def kysely_values() -> dict[tuple[str, str], Value]:
    """What `kysely` and `kysely-d1` export."""
    return {
        ("kysely", "sql"): _KyselyTag(),
        ("kysely", "Kysely"): _KyselyClass(),
        ("kysely", "CompiledQuery"): RawQueryMaker(),
        ("kysely-d1", "D1Dialect"): DialectClass(),
    }
