"""What a value binds where it stands in a query: a value one parameter, SQL those inside of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.drizzle.queries import ChainValue, SubqueryValue
from d1lint.model.drizzle.sql import SqlValue, sql_intrinsics
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.fresh import Fresh
from d1lint.model.values import (
    UNDEFINED,
    ArrayValue,
    Constant,
    Entry,
    External,
    FunctionValue,
    ObjectValue,
    Union,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.schema import Table

_COMPARISONS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "between", "notBetween"})
_MEMBERSHIPS = frozenset({"inArray", "notInArray"})
_LIKES = frozenset({"like", "notLike"})
_OF_TAG = {"sql.placeholder": 1, "sql.param": 1, "sql.identifier": 0, "sql.empty": 0}
"""What the helpers of Drizzle's `sql` bind, by the reason why what they give is not followed."""
_DATE = "a date"
"""The reason of `new Date(…)`."""
MAX_DEPTH = 8
"""How deep fields, or the options of a query, may stand in each other."""
_BEFORE_VALUE = re.compile(r"(?:[=<>+*/|-]|\blike|\bglob)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of parameters: at least so many, exactly so many where `is_exact`."""

    least: int
    is_exact: bool = True

    def __add__(self, other: Count) -> Count:
        return Count(self.least + other.least, self.is_exact and other.is_exact)

    def __str__(self) -> str:
        return str(self.least) if self.is_exact else f"{self.least}+"


NONE, ONE, OPEN, SOME = Count(0), Count(1), Count(0, False), Count(1, False)


def may_be_anything(value: object) -> bool:
    """Whether nothing is known of a value: it can be SQL, a list, or undefined."""
    is_known = isinstance(value, Fresh) or (isinstance(value, Unknown) and value.reason in (_DATE, *_OF_TAG))
    return isinstance(value, Unknown) and not is_known


def total(counts: Iterable[Count]) -> Count:
    """Several together."""
    result = NONE
    for each in counts:
        result += each
    return result


def either(counts: Iterable[Count]) -> Count:
    """One of several."""
    found = set(counts)
    return found.pop() if len(found) == 1 else Count(min((each.least for each in found), default=0), False)


class Fragments:
    """Counts what the fragments of one query bind. `of_query` counts for a query inside of it."""

    def __init__(self, ev: Evaluator, of_query: Callable[[Value], Count]) -> None:
        self._ev = ev
        self._of_query = of_query
        self._known: dict[int, tuple[Value, Count]] = {}
        """A fragment may hold another twice, and that a third: each is counted once."""

    def fragment(self, value: object) -> Count:
        """What a value binds as a part of a template, or as a condition."""
        match value:
            case str() | ColumnRef() | TableValue():
                return NONE
            case Constant():
                return NONE if value is UNDEFINED else ONE
            case SqlValue() | ArrayValue():
                if id(value) not in self._known:
                    self._known[id(value)] = value, OPEN  # for one that holds itself
                    self._known[id(value)] = value, self._compound(value)
                return self._known[id(value)][1]
            case ChainValue() | SubqueryValue():
                return self._of_query(value)
            case Unknown(reason=reason):
                return OPEN if may_be_anything(value) else Count(_OF_TAG.get(reason, 1))
            case Union(alternatives=parts):
                return either(map(self.fragment, parts))
            case External():
                return OPEN
            case _:
                return ONE

    def _compound(self, value: SqlValue | ArrayValue) -> Count:
        if isinstance(value, ArrayValue):
            return total(map(self.fragment, value.items)) + (OPEN if value.gaps else NONE)
        if value.is_raw:
            return NONE
        parts, operator = value.parts, value.operator
        if operator in _COMPARISONS and parts:
            return self.fragment(parts[0]) + total(self.operand(part, parts[0]) for part in parts[1:])
        if operator in _LIKES and parts:
            return self.fragment(parts[0]) + total(map(self._pattern, parts[1:]))
        if operator in _MEMBERSHIPS and len(parts) > 1:
            return self._membership(parts[0], parts[1])
        if operator:
            return total(map(self.fragment, parts))
        return total(self._part(value, index) for index in range(len(parts)))

    def _part(self, value: SqlValue, index: int) -> Count:
        part, before = value.parts[index], value.parts[index - 1] if index else ""
        found = self.fragment(part)
        is_value = isinstance(before, str) and _BEFORE_VALUE.search(before) is not None
        return SOME if is_value and may_be_anything(part) else found

    def operand(self, value: object, column: object) -> Count:
        """What a value binds that is compared with a column: a list and an object are one value of it."""
        match value:
            case Union(alternatives=parts):
                return either(self.operand(part, column) for part in parts)
            case Unknown() if may_be_anything(value):
                return self._encoded(column)
            case SqlValue() | ColumnRef() | TableValue() | ChainValue() | SubqueryValue() | Unknown() | External():
                return self.fragment(value)
            case ArrayValue() if not isinstance(column, ColumnRef):
                return self.fragment(value)
            case _:
                return self._encoded(column)

    def _encoded(self, column: object) -> Count:
        """What a value of a column binds: one, unless the column's own type makes SQL of it."""
        if not isinstance(column, ColumnRef):
            return ONE
        builder = column.table.builder(column.key, self._ev)
        return ONE if builder is not None and builder.kind != "custom" else SOME

    def _pattern(self, value: object) -> Count:
        return ONE if may_be_anything(value) else self.fragment(value)

    def _membership(self, column: object, listed: object) -> Count:
        match listed:
            case ArrayValue(items=[], gaps=[]):
                return NONE  # Drizzle writes `false`, or `true`
            case ArrayValue(items=items, gaps=gaps):
                bound = total(self.operand(item, column) for item in items)
                return self.fragment(column) + bound + (OPEN if gaps else NONE)
            case Union(alternatives=parts):
                return either(self._membership(column, part) for part in parts)
            case _:
                return self.fragment(column) + self.fragment(listed)

    def fields(self, value: Value, depth: int = 0) -> Count:
        """What the fields of a `select` or a `returning` bind."""
        if not isinstance(value, ObjectValue) or depth > MAX_DEPTH:
            return self.fragment(value) if depth <= MAX_DEPTH else OPEN
        found = total(self.fields(entry.read(), depth + 1) for entry in value.entries.values())
        return found + (OPEN if value.gaps else NONE)

    def name_fields(self, value: Value, depth: int = 0) -> None:
        """Note the fragments among the fields of a `select`, which its other clauses may name."""
        for entry in value.entries.values() if isinstance(value, ObjectValue) and depth <= MAX_DEPTH else ():
            field = entry.read()
            self.name_fields(field, depth + 1)
            if isinstance(field, SqlValue) and self.fragment(field) != NONE:
                self._known[id(field)] = field, OPEN  # with `.as("score")`, it stands there by that name

    def bound(self, value: Value, is_limit: bool) -> Count:
        """What a `limit` or an `offset` binds: Drizzle leaves out an offset of 0."""
        if isinstance(value, Union):
            return either(self.bound(each, is_limit) for each in value.alternatives)
        if isinstance(value, Constant):
            number = value.value
            is_left_out = not isinstance(number, (int, float)) or (number < 0 if is_limit else number == 0)
            return NONE if is_left_out else ONE
        if may_be_anything(value):
            return ONE if is_limit else OPEN
        return self.fragment(value)

    def condition(self, value: Value, table: Table | None) -> Count:
        """What a condition or an order binds, which may be a callback on the table's columns."""
        return self.fragment(self.applied(value, table))

    def applied(self, value: Value, table: Table | None) -> Value:
        """The result of a callback on a table's columns; another value as it is."""
        return applied(value, table, self._ev)


def applied(value: Value, table: Table | None, ev: Evaluator) -> Value:
    """The result of a callback such as `(users, { eq }) => eq(users.id, 1)`; another value as it is."""
    if not isinstance(value, FunctionValue):
        return value
    origin: Value = table.origin if table is not None and table.origin is not None else Unknown("a table")
    return ev.apply(value, [origin, _operators()], None)


def _operators() -> ObjectValue:
    """What callbacks get as their second argument."""
    helpers = ObjectValue()
    for (package, name), helper in sql_intrinsics().items():
        if package == "drizzle-orm":
            helpers.entries[name] = Entry(lambda helper=helper: helper, "", 0, 0)  # type: ignore[misc]
    return helpers
