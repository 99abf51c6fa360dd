"""The targets of upserts: `onConflictDoUpdate({ target: users.email, set })`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.queries.query import Query
from d1lint.model.schema import Index
from d1lint.model.values import UNDEFINED, ArrayValue, ObjectValue, Value

if TYPE_CHECKING:
    from d1lint.model.schema import Table

_METHODS = ("onConflictDoUpdate", "onConflictDoNothing")


@dataclass(frozen=True, slots=True)
class Target:
    """What an upsert takes for a conflict: columns of its table by their names in the database."""

    table: Table
    columns: tuple[str, ...]
    span: Span
    method: str
    has_condition: bool

    def unique(self) -> Index | None:
        """The unique index, constraint or primary key over exactly these columns."""
        for index in self.table.lookups():
            names = [column.name for column in index.columns]
            if index.unique and set(names) == set(self.columns) and (not index.partial or self.has_condition):
                return index
        return None

    def partial_unique(self) -> Index | None:
        """A unique index over these columns that a missing `targetWhere` keeps from counting."""
        wanted = set(self.columns)
        return next(
            (i for i in self.table.lookups() if i.partial and i.unique and {c.name for c in i.columns} == wanted), None
        )


def targets(query: Query, table_of: Callable[[Value], Table | None]) -> Iterator[Target]:
    """The targets of an insert that are wholly known, on a table that is."""
    table = query.table
    if query.kind != "insert" or table is None or not table.complete or not table.indexes_known:
        return
    for step in query.steps:
        config = step.site.argument(0)
        if step.name not in _METHODS or not isinstance(config, ObjectValue) or config.gaps:
            continue
        entry = config.entries.get("target")
        given = entry.read() if entry is not None else UNDEFINED
        items = given.items if isinstance(given, ArrayValue) and not given.gaps else [given]
        names = [_name(item, table, table_of) for item in items]
        if given is not UNDEFINED and names and None not in names:
            conditioned = any(key in config.entries for key in ("targetWhere", "where"))
            columns = tuple(name for name in names if name is not None)
            yield Target(table, columns, step.token, step.name, conditioned)


def _name(value: Value, table: Table, table_of: Callable[[Value], Table | None]) -> str | None:
    if not isinstance(value, ColumnRef) or table_of(value.table) is not table:
        return None
    return next((column.name for column in table.columns if column.key == value.key), None)
