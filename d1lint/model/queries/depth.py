"""How deep SQLite finds an expression to be: `a = 1 OR b = 2 OR c = 3` is a tree of three ORs, each inside the next."""

from __future__ import annotations

from collections.abc import Iterator

from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.drizzle.queries import ChainValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.values import UNDEFINED, ArrayValue, Union, Unknown, Value

MAX_DEPTH = 100
"""What D1 takes; beyond it says that the `Expression tree is too large`."""
_COLUMN = 2
"""`"users"."id"` is a dot over two names."""
_TWICE = frozenset({"notLike", "notBetween", "notInArray", "notExists"})
"""Operators that SQLite reads as NOT over another one."""
_CONDITIONS = frozenset({"where", "having"})


def is_too_deep(condition: SqlValue) -> bool:
    """Whether D1 refuses a condition, whatever is in the parts that are not known."""
    return _reaches(condition, 0, {})


def parts_of(value: SqlValue) -> Iterator[SqlValue]:
    """A fragment and those inside of it, the outermost first, each once."""
    pending: list[object] = [value]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if isinstance(each, SqlValue) and id(each) not in seen:
            seen.add(id(each))
            yield each
            pending += each.parts[::-1]


def _reaches(condition: SqlValue, around: int, known: dict[int, int]) -> bool:
    """Whether a condition is too deep in a query that stands so deep itself: SQLite adds up what is nested."""
    depth = around + _height(condition, known)
    if depth > MAX_DEPTH:
        return True
    chains = (part for each in parts_of(condition) for part in each.parts if isinstance(part, ChainValue))
    return any(_reaches(inner, depth, known) for chain in chains for inner in _filters(chain))


def _height(value: object, known: dict[int, int]) -> int:
    """The least height of an expression; 0 for one that may not be there at all."""
    if isinstance(value, SqlValue):
        if id(value) not in known:
            known[id(value)] = 0
            known[id(value)] = _of_operator(value, known)
        return known[id(value)]
    if isinstance(value, ColumnRef):
        return _COLUMN
    if isinstance(value, ArrayValue):
        return max((_height(item, known) for item in value.items), default=0)
    if isinstance(value, ChainValue):
        return max((_height(inner, known) for inner in _filters(value)), default=0)
    return 0 if value is UNDEFINED or isinstance(value, (str, Unknown, Union)) else 1


def _of_operator(value: SqlValue, known: dict[int, int]) -> int:
    heights = [_height(part, known) for part in value.parts]
    if value.operator in ("and", "or"):
        depth = 0
        for height in filter(None, heights):
            depth = 1 + max(depth, height) if depth else height
        return depth
    deepest = max(heights, default=0)
    if value.operator in ("asc", "desc") or not value.operator:
        return deepest
    is_scalar = value.operator not in ("inArray", "notInArray", "exists", "notExists")
    selected = max((height for part, height in zip(value.parts, heights, strict=True) if _is_query(part)), default=0)
    if is_scalar and selected:
        deepest = max(deepest, selected + 1)
    return deepest + 1 + (value.operator in _TWICE)


def _is_query(part: str | Value) -> bool:
    return isinstance(part, ChainValue)


def _filters(chain: ChainValue) -> Iterator[SqlValue]:
    for step in chain.steps:
        given = step.site.argument(0) if step.name in _CONDITIONS else None
        if isinstance(given, SqlValue):
            yield given
