"""What the defaults of columns come to: those that are made once, and those that hold the time in another unit."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from d1lint.facts.literals import literal_text
from d1lint.finding import Span
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.drizzle.sql_parts import flat_parts
from d1lint.model.fresh import Fresh, fresh_in
from d1lint.model.schema import Column, Default, Table
from d1lint.model.values import Constant, FunctionValue, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

SECONDS, MILLISECONDS, TEXT = "seconds", "milliseconds", "text"
_MODES = {"timestamp": SECONDS, "timestamp_ms": MILLISECONDS}
_DATE_OR_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d")
MAX_SQL = 1_000
"""How long the SQL of a default may be to be looked at, in characters."""


@dataclass(frozen=True, slots=True, eq=False)
class FrozenDefault:
    """A static default that is computed once, while the module loads: `.default(Date.now())`.

    `made` is what makes its value, `argument` where it stands. `others` counts the further columns that a shared helper
    gives the same default.
    """

    table: Table
    column: Column
    made: Fresh
    argument: Span | None
    span: Span
    others: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class TimeDefault:
    """A default that gives an integer column the time in a unit (one of the constants above) that is not `wanted`.

    `wanted` is None for an integer without a timestamp mode: any number would do. `sql` is its SQL, None for
    `defaultNow()`; `method` the method that sets it. `others` as for a frozen default.
    """

    table: Table
    column: Column
    unit: str
    wanted: str | None
    sql: str | None
    method: str
    span: Span
    others: int = 0


_Found = TypeVar("_Found", FrozenDefault, TimeDefault)


def frozen_defaults(tables: Iterable[Table]) -> list[FrozenDefault]:
    """The frozen defaults of tables, each place once."""
    return _by_place(
        FrozenDefault(table, column, made, default.argument, default.span)
        for table in tables
        for column in table.columns
        if (default := column.default) is not None and default.kind != "function"
        if (made := fresh_in(default.value)) is not None
    )


def time_defaults(tables: Iterable[Table], ev: Evaluator) -> list[TimeDefault]:
    """The defaults of tables that hold the time in another unit than their column, each place once."""
    return _by_place(found for table in tables for column in table.columns for found in _mismatches(table, column, ev))


def _mismatches(table: Table, column: Column, ev: Evaluator) -> Iterator[TimeDefault]:
    wanted = _MODES.get(column.mode or "")
    if column.type != "integer" or column.is_custom or (wanted is None and column.mode not in (None, "number")):
        return
    for default in (column.default, column.on_update):
        if default is None:
            continue
        sql = _sql_of(default, ev)
        unit = MILLISECONDS if default.kind == "now" else _unit(sql) if sql is not None else None
        if unit is not None and unit != wanted and (wanted is not None or unit == TEXT):
            yield TimeDefault(table, column, unit, wanted, sql, default.method, default.span)


def _sql_of(default: Default, ev: Evaluator) -> str | None:
    """The SQL of a default, also of one that a function returns; None where it is not SQL or not known."""
    value = default.value
    if default.kind == "function" and isinstance(value, FunctionValue):
        value = ev.apply(value, [], None)
    return _text(value) if isinstance(value, SqlValue) else None


def _text(value: SqlValue) -> str | None:
    texts = [_part(part) for part in flat_parts(value) or (None,)]
    text = "".join(text for text in texts if text is not None)
    return text if None not in texts and len(text) <= MAX_SQL else None


def _part(part: str | Value | None) -> str | None:
    if isinstance(part, Constant) and isinstance(part.value, (int, float)) and not isinstance(part.value, bool):
        return literal_text(part.value)
    return part if isinstance(part, str) else None


@lru_cache(maxsize=256)
def _unit(sql: str) -> str | None:
    """The unit of the time that an expression gives an integer column; None where it is no time.

    SQLite itself computes it: what an expression comes to is seen by its magnitude.
    """
    import apsw  # costs milliseconds: only where there are such defaults

    if ";" in sql:
        return None  # one expression; nothing else is run
    connection = apsw.Connection(":memory:")
    connection.limit(apsw.SQLITE_LIMIT_LENGTH, 100_000)
    try:
        connection.execute(f"CREATE TABLE t (c INTEGER DEFAULT ({sql}\n))")
        connection.execute("INSERT INTO t DEFAULT VALUES")
        ((value,),) = connection.execute("SELECT c FROM t")
    except (apsw.Error, ValueError):
        return None
    if isinstance(value, str):
        return TEXT if _DATE_OR_TIME.match(value) else None
    now = time.time()
    if not isinstance(value, (int, float)):
        return None
    units = ((SECONDS, now), (MILLISECONDS, now * 1000))
    return next((unit for unit, present in units if present / 2 < value < present * 2), None)


def _by_place(found: Iterable[_Found]) -> list[_Found]:
    """Each place once: a shared helper gives several columns the same default."""
    places: dict[Span, list[_Found]] = {}
    for item in found:
        places.setdefault(item.span, []).append(item)
    return [replace(group[0], others=len(group) - 1) for group in places.values()]
