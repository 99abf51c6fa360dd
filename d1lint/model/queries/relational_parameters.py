"""What relational queries bind: `db.query.users.findMany({ where, with, limit })`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from d1lint.model.queries.binds import MAX_DEPTH, NONE, ONE, OPEN, Count, Fragments, either, may_be_anything, total
from d1lint.model.values import UNDEFINED, ArrayValue, Constant, ObjectValue, Union, Value

if TYPE_CHECKING:
    from d1lint.model.schema import Relation, Table

_FIELD_OPERATORS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "like", "notLike"})


class Relational:
    """Counts for one relational query, of Drizzle 1.0 where `is_v1`."""

    def __init__(self, fragments: Fragments, is_v1: bool) -> None:
        self._fragments = fragments
        self._is_v1 = is_v1

    def count(self, config: Value, table: Table | None, is_first: bool, depth: int = 0) -> Count:
        """`findMany(…)`, `findFirst(…)` and what `with` has for one relation; the latter two bind a limit of 1."""
        found = ONE if is_first else NONE
        if config is UNDEFINED or (isinstance(config, Constant) and config.value is True):
            return found
        if not isinstance(config, ObjectValue) or depth > MAX_DEPTH:
            return found + OPEN
        found += OPEN if config.gaps else NONE
        for name, entry in config.entries.items():
            value = entry.read()
            match name:
                case "limit":
                    found += NONE if is_first else self._fragments.bound(value, True)
                case "offset":
                    found += self._offset(value)
                case "where":
                    found += self._filter(self._fragments.applied(value, table), table, 0)
                case "orderBy":
                    ordered = self._fragments.applied(value, table)
                    found += NONE if isinstance(ordered, ObjectValue) else self._fragments.fragment(ordered)
                case "extras":
                    found += self._extras(self._fragments.applied(value, table), table)
                case "with":
                    found += self._with(value, table, depth + 1)
                case _:
                    pass
        return found

    def _offset(self, value: Value) -> Count:
        is_zero = isinstance(value, Constant) and value.value == 0
        return ONE if is_zero and self._is_v1 else self._fragments.bound(value, False)

    def _extras(self, value: Value, table: Table | None) -> Count:
        if not isinstance(value, ObjectValue):
            return OPEN
        entries = (self._fragments.applied(entry.read(), table) for entry in value.entries.values())
        return total(map(self._fragments.fragment, entries)) + (OPEN if value.gaps else NONE)

    def _with(self, value: Value, table: Table | None, depth: int) -> Count:
        if value is UNDEFINED:
            return NONE
        if not isinstance(value, ObjectValue):
            return OPEN
        # The relations of Drizzle 1.0 may bind parameters of their own (`where`), which are not looked at.
        found = OPEN if value.gaps or self._is_v1 else NONE
        for name, entry in value.entries.items():
            relation = _relation(table, name)
            config = entry.read()
            if config.truth() is False:
                continue
            if relation is None or config.truth() is None:
                found += OPEN
            else:
                found += self.count(config, relation.target, relation.kind == "one", depth)
        return found

    def _filter(self, value: Value, table: Table | None, depth: int) -> Count:
        """What a filter binds: SQL, or an object, as Drizzle 1.0 has it."""
        if not isinstance(value, ObjectValue):
            return self._fragments.fragment(value)
        if depth > MAX_DEPTH:
            return OPEN
        found = OPEN if value.gaps else NONE
        for name, entry in value.entries.items():
            inner = entry.read()
            if name in ("AND", "OR"):
                found += total(self._filter(item, table, depth + 1) for item in _items(inner))
                found += NONE if isinstance(inner, ArrayValue) and not inner.gaps else OPEN
            elif name == "NOT":
                found += self._filter(inner, table, depth + 1)
            elif name == "RAW":
                found += self._fragments.fragment(self._fragments.applied(inner, table))
            elif table is not None and any(column.key == name for column in table.columns):
                found += self._field(inner, depth + 1)
            else:
                relation = _relation(table, name)
                is_flag = isinstance(inner, Constant)
                found += OPEN + (
                    NONE if is_flag or relation is None else self._filter(inner, relation.target, depth + 1)
                )
        return found

    def _field(self, value: Value, depth: int) -> Count:
        """What the filter of one column binds: a value, or an object of operators."""
        if isinstance(value, Union):
            return either(self._field(each, depth) for each in value.alternatives)
        if may_be_anything(value) or depth > MAX_DEPTH:
            return OPEN
        if not isinstance(value, ObjectValue):
            return ONE
        found = OPEN if value.gaps else NONE
        for operator, entry in value.entries.items():
            inner = entry.read()
            if operator in ("in", "notIn"):
                found += Count(len(_items(inner)), isinstance(inner, ArrayValue) and not inner.gaps)
            elif operator in ("AND", "OR"):
                found += total(self._field(item, depth + 1) for item in _items(inner))
                found += NONE if isinstance(inner, ArrayValue) and not inner.gaps else OPEN
            elif operator == "NOT":
                found += self._field(inner, depth + 1)
            elif operator in _FIELD_OPERATORS:
                found += ONE
            elif operator not in ("isNull", "isNotNull"):
                found += OPEN
        return found


def _items(value: Value) -> list[Value]:
    return value.items if isinstance(value, ArrayValue) else []


def _relation(table: Table | None, name: str) -> Relation | None:
    return next((each for each in table.relations if each.name == name), None) if table is not None else None
