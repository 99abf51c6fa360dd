"""One query: its client, its tables, its steps, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.clients import ClientValue
from d1lint.model.drizzle.queries import JOINS, RAW, RELATIONAL, SELECTS, WRITES, Root, Step
from d1lint.model.values import UNDEFINED, Value
from d1lint.model.walk import Place, Use, Visit

if TYPE_CHECKING:
    from d1lint.model.schema import Table

EXECUTORS = frozenset({"run", "all", "get", "execute", "then", "catch", "finally"})
"""Steps that send a query at once. The `values` of anything but an insert does, too."""


@dataclass(slots=True, eq=False)
class End:
    """The outermost call of a chain. `variable` holds the query that it goes on from, as in `query.where(…)`."""

    visit: Visit
    variable: str = ""

    @property
    def use(self) -> Use:
        """What becomes of its value."""
        return self.visit.use

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.visit.place


@dataclass(slots=True, eq=False)
class Query:
    """A query, with all that any of its variants says: a `where` in one branch of a condition is a step of it.

    `visit` is the call that begins it (`db.insert(users)`), `ends` are the outermost calls of its chain, several where
    it is held in a variable. `client` is None where only a table proves that it is one; `is_d1` is None where nothing
    says whose it is. `tables` are those that are known, the one that it is about first, then those it joins.
    """

    root: Root
    visit: Visit
    client: ClientValue | None
    steps: list[Step] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    tables: tuple[Table, ...] = ()
    is_d1: bool | None = None

    @property
    def kind(self) -> str:
        """How it begins: `select`, `insert`, `findMany`, `batch`, … (`drizzle.queries.ROOTS`)."""
        return self.root.kind

    @property
    def file(self) -> str:
        """Where it is written."""
        return self.root.site.scope.module

    @property
    def span(self) -> Span:
        """The place of the method that begins it."""
        return self.root.token

    @property
    def table(self) -> Table | None:
        """The table that it is about, if that is known."""
        return self.tables[0] if self.tables else None

    @property
    def symbol(self) -> str:
        """The function around it, and the table: `listUsers.users`."""
        name = self.visit.place.nearest_name
        table = self.table
        return f"{name}.{table.name}" if table is not None else f"{name}.{self.root.key or self.kind}"

    @property
    def function_name(self) -> str:
        """The name of the function around it, "" for none."""
        return next((place.name for place in self.visit.place.around if place.is_function), "")

    @property
    def is_select(self) -> bool:
        """Whether the builder's SELECT begins it."""
        return self.kind in SELECTS

    @property
    def is_relational(self) -> bool:
        """Whether it is `db.query.table.findMany(…)` or `findFirst`."""
        return self.kind in RELATIONAL

    @property
    def is_write(self) -> bool:
        """Whether it is an insert, an update or a delete of the builder's."""
        return self.kind in WRITES

    @property
    def sketch(self) -> str:
        """How it begins, to quote it: `insert(users)…`."""
        table = self.table.export or self.table.name if self.table is not None else ""
        if self.kind in RAW:
            return f"{self.kind}(sql`…`)"
        if self.kind in ("batch", "transaction"):
            return "batch([…])" if self.kind == "batch" else "transaction(…)"
        if self.is_relational:
            return f"query.{self.root.key}.{self.kind}(…)"
        return f"{self.kind}().from({table})…" if self.is_select else f"{self.kind}({table})…"

    def step(self, name: str) -> Step | None:
        """The first step of a name."""
        return next((step for step in self.steps if step.name == name), None)

    def argument(self, name: str, index: int = 0) -> Value:
        """An argument of a step; UNDEFINED where there is no such step or argument."""
        step = self.step(name)
        return step.site.argument(index) if step is not None else UNDEFINED

    @property
    def joins(self) -> Iterator[Step]:
        """The steps that join tables."""
        return (step for step in self.steps if step.name in JOINS)

    @property
    def executors(self) -> Iterator[Step]:
        """The steps that send it at once, without an `await`."""
        for step in self.steps:
            if step.name in EXECUTORS or (step.name == "values" and self.kind != "insert"):
                yield step

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.visit.place

    @property
    def uses(self) -> set[Use]:
        """What becomes of its ends."""
        return {end.use for end in self.ends}
