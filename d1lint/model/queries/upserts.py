"""The targets of upserts: `onConflictDoUpdate({ target: users.email, set })`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.queries.binds import OPEN, Fragments
from d1lint.model.queries.query import Query
from d1lint.model.schema import Index
from d1lint.model.values import UNDEFINED, ArrayValue, ObjectValue, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.schema import Table

_METHODS = ("onConflictDoUpdate", "onConflictDoNothing")


@dataclass(frozen=True, slots=True)
class Target:
    """What an upsert takes for a conflict: columns of its table by their names in the database.

    `has_condition` says that it has a `targetWhere`, `binds` that this has parameters: then it is no index's condition,
    as SQLite compares the two before it knows any value.
    """

    table: Table
    columns: tuple[str, ...]
    span: Span
    method: str
    has_condition: bool
    binds: bool

    def unique(self) -> Index | None:
        """The unique index, constraint or primary key over exactly these columns, in any order."""
        return next((index for index in self._candidates() if not index.partial or self._has_constant_condition), None)

    @property
    def _has_constant_condition(self) -> bool:
        return self.has_condition and not self.binds

    def partial_unique(self) -> Index | None:
        """A unique index over these columns that the `targetWhere` keeps from counting."""
        return next((index for index in self._candidates() if index.partial), None)

    def wider_unique(self) -> Index | None:
        """A unique index or key over these columns and others, or over some of them."""
        wanted = {name.lower() for name in self.columns}
        found = (index for index in self.table.lookups() if index.unique)
        return next((index for index in found if _names(index) & wanted and _names(index) != wanted), None)

    def _candidates(self) -> Iterator[Index]:
        wanted = {name.lower() for name in self.columns}
        return (index for index in self.table.lookups() if index.unique and _names(index) == wanted)


def targets(query: Query, table_of: Callable[[Value], Table | None], ev: Evaluator) -> Iterator[Target]:
    """The targets of an insert that are wholly known, on a table whose keys and indexes are."""
    table = query.table
    if query.kind != "insert" or table is None or not _is_known(table):
        return
    for step in query.steps:
        config = step.site.argument(0)
        if step.name not in _METHODS or not isinstance(config, ObjectValue) or config.gaps or config.is_typed:
            continue
        entry = config.entries.get("target")
        given = entry.read() if entry is not None else UNDEFINED
        items = given.items if isinstance(given, ArrayValue) and not given.gaps else [given]
        names = [_name(item, table, table_of) for item in items]
        if given is not UNDEFINED and names and None not in names:
            # `where` is about the row that is updated; and after DO NOTHING, SQLite takes no condition at all.
            has_condition = step.name == "onConflictDoUpdate" and "targetWhere" in config.entries
            condition = config.entries["targetWhere"].read() if has_condition else UNDEFINED
            binds = Fragments(ev, lambda inner: OPEN).fragment(condition).least > 0
            columns = tuple(dict.fromkeys(name for name in names if name is not None))
            yield Target(table, columns, step.token, step.name, has_condition, binds)


def _is_known(table: Table) -> bool:
    """Whether all keys and indexes of a table are known; what it loses of them is a matter of its own."""
    if not table.complete or not table.indexes_known or table.lost or table.database is None:
        return False
    has_other_key = table.gets_primary_key and not table.has_primary_key
    return not has_other_key and not table.database.migrations.has_keys_besides(table.name)


def _names(index: Index) -> set[str]:
    """The columns of an index in lower case; one that is an expression stands there as itself."""
    return {column.name.lower() if column.name is not None else f"({column.expression})" for column in index.columns}


def _name(value: Value, table: Table, table_of: Callable[[Value], Table | None]) -> str | None:
    if not isinstance(value, ColumnRef) or table_of(value.table) is not table:
        return None
    return next((column.name for column in table.columns if column.key == value.key), None)
