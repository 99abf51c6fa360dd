"""Queries as chains of calls: `db.select().from(users).where(…)`, `db.query.users.findMany(…)`, `db.batch([…])`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.columns import call_token
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.values import Native, Site, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

SELECTS = frozenset({"select", "selectDistinct"})
WRITES = frozenset({"insert", "update", "delete"})
RELATIONAL = frozenset({"findMany", "findFirst"})
RAW = frozenset({"run", "all", "get", "values"})
CALLS = frozenset({"batch", "transaction", "$count"})
ROOTS = SELECTS | WRITES | RELATIONAL | RAW | CALLS
"""The methods that begin a query, by which its `kind` is called."""

JOINS = frozenset({"leftJoin", "rightJoin", "innerJoin", "fullJoin", "crossJoin"})
SET_OPERATIONS = frozenset({"union", "unionAll", "intersect", "intersectAll", "except", "exceptAll"})


@dataclass(slots=True, eq=False)
class Step:
    """One call of a chain: `.where(…)`."""

    name: str
    site: Site

    @property
    def token(self) -> Span:
        """The place of its name."""
        return call_token(self.site)


@dataclass(slots=True, eq=False)
class Root:
    """How a chain begins. `kind` is one of ROOTS; `receiver` the client, or Unknown where nothing proves one.

    `key` is the table's key of a relational query; `ctes` are the arguments of a `with(…)` before it.
    """

    kind: str
    receiver: Value
    site: Site
    key: str = ""
    ctes: tuple[Value, ...] = ()

    @property
    def place(self) -> tuple[str, int, int]:
        """What identifies it: the module, and where its call starts and ends."""
        return self.site.scope.module, self.site.node.start, self.site.node.end

    @property
    def token(self) -> Span:
        """The place of its name: `insert` of `db.insert(users)`."""
        return call_token(self.site)


@dataclass(slots=True, eq=False)
class ChainValue(Value):
    """A query that is not awaited: its root, and the calls on it so far."""

    root: Root
    steps: tuple[Step, ...] = ()

    def member(self, name: str, ev: Evaluator) -> Value:
        """A method: it gives the chain with one step more; `as` gives a subquery."""
        if name == "as":
            return Native(name, lambda site, ev: SubqueryValue(self))
        if name == "_":
            return Unknown("the inside of a query")
        return Native(name, lambda site, ev: ChainValue(self.root, (*self.steps, Step(name, site))))

    def awaited(self) -> Value:
        """What the database answers."""
        return Unknown("what a query gives")

    def of_its_type(self) -> Value:
        """Another query."""
        return Unknown("a query of which only the type is known")


@dataclass(slots=True, eq=False)
class SubqueryValue(Value):
    """`query.as("name")`, and the common table expressions of `db.$with("name").as(query)`."""

    query: Value

    def member(self, name: str, ev: Evaluator) -> Value:
        """Its columns are not followed."""
        return Unknown(f"{name} of a subquery")


@dataclass(slots=True, eq=False)
class PendingSelect(Unknown):
    """`x.select(…)` of something unknown: a query if what it selects from is a table."""

    root: Root | None = None

    def member(self, name: str, ev: Evaluator) -> Value:
        """`from` with a table proves it."""
        if name != "from" or self.root is None:
            return Unknown(self.reason)
        root, reason = self.root, self.reason

        def build(site: Site, ev: Evaluator) -> Value:
            is_table = isinstance(site.argument(0), TableValue)
            return ChainValue(root, (Step("from", site),)) if is_table else Unknown(reason)

        return Native(name, build)


@dataclass(slots=True, eq=False)
class RelationalTables(Value):
    """`db.query`; of something unknown it is one only by its shape."""

    receiver: Value

    def member(self, name: str, ev: Evaluator) -> Value:
        """The queries of one table."""
        return RelationalTable(self.receiver, name)

    def truth(self) -> bool | None:
        """Not known: a client without a schema has no tables."""
        return None


@dataclass(slots=True, eq=False)
class RelationalTable(Value):
    """`db.query.users`."""

    receiver: Value
    key: str

    def member(self, name: str, ev: Evaluator) -> Value:
        """`findMany` and `findFirst`."""
        if name not in RELATIONAL:
            return Unknown(f"{name} of a relational query")
        return Native(name, lambda site, ev: ChainValue(Root(name, self.receiver, site, self.key)))

    def truth(self) -> bool | None:
        """Not known: a client without a schema has no tables."""
        return None


@dataclass(slots=True, eq=False)
class _With(Value):
    """`db.with(first, second)`."""

    receiver: Value
    ctes: tuple[Value, ...]

    def member(self, name: str, ev: Evaluator) -> Value:
        if name not in SELECTS | WRITES:
            return Unknown(f"{name} after with()")
        return Native(name, lambda site, ev: ChainValue(Root(name, self.receiver, site, ctes=self.ctes)))


@dataclass(slots=True, eq=False)
class _Cte(Value):
    def member(self, name: str, ev: Evaluator) -> Value:
        return Native(name, lambda site, ev: SubqueryValue(site.argument(0)))


@dataclass(slots=True, eq=False)
class _Transaction(Native):
    """`db.transaction`, whose callback is given a client of the same database."""

    client: Value

    def parameter_at(self, index: int, ev: Evaluator) -> Value:
        return _Callback(self.client)


@dataclass(slots=True, eq=False)
class _Callback(Value):
    client: Value

    def parameter_at(self, index: int, ev: Evaluator) -> Value:
        return self.client if index == 0 else Unknown("a parameter of a transaction")


def client_member(client: Value, name: str) -> Value | None:
    """A member of a client that begins a query; None for other members."""
    if name == "transaction":
        return _Transaction(name, lambda site, ev: ChainValue(Root(name, client, site)), client)
    if name in ROOTS - RELATIONAL:
        return Native(name, lambda site, ev: ChainValue(Root(name, client, site)))
    if name == "query":
        return RelationalTables(client)
    if name == "with":
        return Native(name, lambda site, ev: _With(client, tuple(site.argument(i) for i in range(site.count))))
    if name == "$with":
        return Native(name, lambda site, ev: _Cte())
    return None


def unproven_member(owner: Unknown, name: str) -> Value | None:
    """What a member of something unknown would be if that is a client: its argument, a table, has to prove it."""
    if name in WRITES:
        return Native(name, lambda site, ev: _write(owner, name, site))
    if name in SELECTS:
        return Native(name, lambda site, ev: PendingSelect(owner.reason, root=Root(name, owner, site)))
    if name in ("batch", "transaction"):
        return Native(name, lambda site, ev: ChainValue(Root(name, owner, site)))
    if name == "query":
        return _UnprovenTables(owner.reason, receiver=owner)
    return None


def _write(owner: Unknown, name: str, site: Site) -> Value:
    is_table = isinstance(site.argument(0), TableValue)
    return ChainValue(Root(name, owner, site)) if is_table else Unknown(owner.reason)


@dataclass(slots=True, eq=False)
class _UnprovenTables(Unknown):
    receiver: Value | None = None

    def member(self, name: str, ev: Evaluator) -> Value:
        assert self.receiver is not None
        return _UnprovenTable(self.reason, receiver=self.receiver, key=name)


@dataclass(slots=True, eq=False)
class _UnprovenTable(Unknown):
    receiver: Value | None = None
    key: str = ""

    def member(self, name: str, ev: Evaluator) -> Value:
        receiver = self.receiver
        if name not in RELATIONAL or receiver is None:
            return Unknown(self.reason)
        return Native(name, lambda site, ev: ChainValue(Root(name, receiver, site, self.key)))


def query_values() -> dict[tuple[str, str], Value]:
    """`alias(table, name)`, whose columns are those of the table, and the set operations as functions."""
    values: dict[tuple[str, str], Value] = {}
    for package in ("drizzle-orm/sqlite-core", "drizzle-orm/sqlite-core/alias"):
        values[package, "alias"] = Native("alias", lambda site, ev: site.argument(0))
        for name in SET_OPERATIONS:
            values[package, name] = _set_operation(name)
    return values


def _set_operation(name: str) -> Native:
    """`union(first, second, …)`: the chain of the first, combined with the others."""

    def build(site: Site, ev: Evaluator) -> Value:
        first = site.argument(0)
        if not isinstance(first, ChainValue):
            return Unknown(f"{name} of something that is no query")
        return ChainValue(first.root, (*first.steps, Step(name, site)))

    return Native(name, build)
