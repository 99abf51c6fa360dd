"""How many parameters a query binds, as Drizzle binds them. D1 takes 100 in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.drizzle.queries import ChainValue, Step, SubqueryValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.queries.query import Query
from d1lint.model.values import UNDEFINED, ArrayValue, Constant, ObjectValue, Unknown, Value, alternatives

if TYPE_CHECKING:
    from d1lint.model.schema import Column, Table

LIMIT = 100
"""What D1 takes: with 101 it answers `too many SQL variables`."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of parameters: at least so many, exactly so many where `is_exact`."""

    least: int
    is_exact: bool = True

    def __add__(self, other: Count) -> Count:
        return Count(self.least + other.least, self.is_exact and other.is_exact)

    def __str__(self) -> str:
        return str(self.least) if self.is_exact else f"{self.least}+"


NONE, ONE, SOME = Count(0), Count(1), Count(1, False)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an insert: what one row binds, and how many rows the code lists, None where that is not known."""

    per_row: Count
    count: int | None
    total: Count

    @property
    def fit(self) -> int:
        """How many rows fit into one statement."""
        return LIMIT // max(self.per_row.least, 1)


def parameters_of(query: Query) -> Count:
    """What a query binds in all."""
    if query.kind == "insert":
        rows = rows_of(query)
        values = rows.total if rows is not None else SOME
        return values + _steps(query, ("onConflictDoUpdate", "onConflictDoNothing"))
    if query.kind == "update":
        return _set(query) + _steps(query, ("where", "orderBy", "limit"))
    if query.is_relational:
        return _relational(query)
    if query.kind in ("batch", "transaction"):
        return NONE
    given = _sum(map(count, (query.root.site.argument(i) for i in range(query.root.site.count))))
    joins = tuple(step.name for step in query.joins)
    return given + _steps(query, ("where", "having", "groupBy", "orderBy", "limit", "offset", *joins))


def rows_of(query: Query) -> Rows | None:
    """The rows that an insert is given; None where there are none, as for `insert(…).select(…)`."""
    step, table = query.step("values"), query.table
    if query.kind != "insert" or step is None:
        return None
    given = step.site.argument(0)
    rows = given.items if isinstance(given, ArrayValue) else [given]
    is_listed = isinstance(given, ObjectValue) or (isinstance(given, ArrayValue) and not given.gaps)
    counts = [_row(row, table) for row in rows]
    # Each row binds what is set in it; where they differ, the smallest says how many fit for sure.
    per_row = min(counts, key=lambda each: each.least) if counts else _row(Unknown("a row"), table)
    total = _sum(counts)
    return Rows(per_row, len(rows) if is_listed else None, total if is_listed else Count(total.least, False))


def _row(row: Value, table: Table | None) -> Count:
    """What one row binds: what it is given, and the defaults that Drizzle fills in."""
    if table is None:
        return SOME
    if not isinstance(row, ObjectValue):
        return Count(sum(_filled_in(column) for column in table.columns), False)
    total = Count(0, not row.gaps and not row.is_typed and table.complete)
    for column in table.columns:
        value = row.entries[column.key].read() if column.key in row.entries else UNDEFINED
        if isinstance(value, Unknown):
            total += SOME  # where it turns out undefined, the default counts
        elif value is not UNDEFINED:
            total += _bound(value)
        elif not row.gaps:
            total += Count(_filled_in(column), column.default is None or column.default.kind != "unknown")
    return total


def _filled_in(column: Column) -> int:
    """What Drizzle binds for a column that an insert leaves out. SQL defaults are written out, the rest is `null`."""
    if column.default is not None:
        return int(column.default.kind in ("value", "function"))
    return int(column.on_update is not None)


def _set(query: Query) -> Count:
    given = query.argument("set")
    if not isinstance(given, ObjectValue):
        return SOME
    table = query.table
    values = [entry.read() for entry in given.entries.values()]
    total = _sum(SOME if isinstance(value, Unknown) else _bound(value) for value in values)
    updated = (column for column in (table.columns if table is not None else ()) if column.on_update is not None)
    total += Count(sum(column.key not in given.entries for column in updated))
    return total if not given.gaps else Count(total.least, False)


def _bound(value: Value) -> Count:
    """What a column's new value binds: SQL its own parameters, anything else is one."""
    return count(value) if value is UNDEFINED or isinstance(value, SqlValue) else ONE


def _relational(query: Query) -> Count:
    config = query.root.site.argument(0)
    total = Count(int(query.kind == "findFirst"))
    if config is UNDEFINED:
        return total
    if not isinstance(config, ObjectValue):
        return total + Count(0, False)
    for name, entry in config.entries.items():
        if name in ("limit", "offset"):
            total += ONE if name == "offset" or query.kind != "findFirst" else NONE
        elif name in ("where", "with", "extras", "orderBy"):
            total += _condition(entry.read())
    return total


def _condition(value: Value) -> Count:
    if isinstance(value, SqlValue):
        return count(value)
    return NONE if value is UNDEFINED else Count(0, False)


def _steps(query: Query, names: tuple[str, ...]) -> Count:
    steps = [step for step in query.steps if step.name in names]
    return _sum(_step(step) for step in steps)


def _step(step: Step) -> Count:
    total = _sum(count(step.site.argument(i)) for i in range(step.site.count))
    return total if not step.site.gaps else Count(total.least, False)


def count(value: object) -> Count:
    """What a value binds where it stands in a query."""
    match value:
        case str() | ColumnRef() | TableValue():
            return NONE
        case Constant() if value is UNDEFINED:
            return NONE
        case SqlValue(is_raw=True):
            return NONE
        case SqlValue(operator="inArray" | "notInArray", parts=(left, Value() as listed, *_)):
            return count(left) + _list(listed)
        case SqlValue(operator="and" | "or", parts=parts):
            return _sum(map(count, parts))
        case SqlValue(parts=parts):
            return _sum(ONE if isinstance(part, Unknown) else count(part) for part in parts)
        case ArrayValue():
            return _list(value)
        case ObjectValue():
            # The fields of a select and what a conflict sets; a JSON value is one parameter, which its place decides.
            total = _sum(count(entry.read()) for entry in value.entries.values())
            return total if not value.gaps else Count(total.least, False)
        case ChainValue() | SubqueryValue():
            return Count(0, False)
        case Value() if any(isinstance(each, (SqlValue, Unknown)) for each in alternatives(value)):
            return Count(0, False)
        case _:
            return ONE


def _list(value: Value) -> Count:
    if isinstance(value, ArrayValue):
        total = _sum(ONE if not isinstance(item, SqlValue) else count(item) for item in value.items)
        return total if not value.gaps else Count(total.least, False)
    return Count(0, False)


def _sum(counts: Iterable[Count]) -> Count:
    total = NONE
    for each in counts:
        total += each
    return total
