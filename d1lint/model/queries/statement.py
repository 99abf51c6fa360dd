"""The skeleton of a query as SQL, for SQLite to plan: its tables, filter and order, with placeholders for values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.drizzle.queries import JOINS, SET_OPERATIONS, ChainValue, SubqueryValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.queries.binds import applied
from d1lint.model.queries.query import Query
from d1lint.model.sql_statements import quoted
from d1lint.model.values import (
    UNDEFINED,
    ArrayValue,
    Constant,
    ObjectValue,
    Union,
    Unknown,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.schema import Column, Table

_COMPARISONS = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_JOIN_WORDS = {"leftJoin": "LEFT JOIN", "rightJoin": "RIGHT JOIN", "innerJoin": "JOIN", "fullJoin": "FULL JOIN"}
_RANGES = frozenset({"gt", "gte", "lt", "lte", "between"})
_SIMPLE = re.compile(r"^\s*\?\s*(=|<|>|<=|>=|is|is not)\s*(?:\?|null|true|false|\d+|'[^']*')\s*$", re.IGNORECASE)
_OBJECT_OPERATORS = {**_COMPARISONS, "like": "LIKE", "ilike": "LIKE", "notLike": "NOT LIKE"}


MAX_PARTS = 5_000
"""How many parts a statement may have: a fragment that holds another twice, which holds a third twice, has millions."""


class NotKnown(Exception):
    """The shape of a query is not known; the message says what of it."""


@dataclass(slots=True)
class Statement:
    """A query as SQL. `equal`, `range` and `order` are the columns of its first table that an index could serve:

    those that the whole filter compares for equality, those that it wants to be null, those that it bounds, and those
    that it sorts by (with whether it descends); `order` is empty where something else sorts, too. All by their names
    in the database.
    """

    text: str
    table: Table
    equal: list[str] = field(default_factory=list)
    null: list[str] = field(default_factory=list)
    range: list[str] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    filter: str = ""
    sort: str = ""
    is_limited: bool = False


class Renderer:
    """Writes queries as SQL. `table_of` gives the table that a value is."""

    def __init__(self, ev: Evaluator, table_of: Callable[[Value], Table | None]) -> None:
        self._ev = ev
        self._table_of = table_of
        self._left = 0

    def statement(self, query: Query) -> Statement:
        """The statement of a query that reads or filters rows of a table. Raises NotKnown."""
        self._left = MAX_PARTS
        if query.kind in ("update", "delete"):
            return self._write(query)
        if query.is_select:
            return self._select(query)
        if query.is_relational:
            return self._relational(query)
        raise NotKnown("it is no query of rows")

    # --- kinds ---------------------------------------------------------------------------------------------------

    def _write(self, query: Query) -> Statement:
        table = self._table(query)
        result = Statement("", table)
        where = self._where(_argument(query, "where"), result)
        if query.kind == "delete":
            result.text = f"DELETE FROM {quoted(table.name)}{where}"
        else:
            column = table.columns[0].name if table.columns else "rowid"
            result.text = f"UPDATE {quoted(table.name)} SET {quoted(column)} = ?{where}"
        return result

    def _select(self, query: Query) -> Statement:
        for step in query.steps:
            if step.name in SET_OPERATIONS:
                raise NotKnown("it is combined with another query")
        if query.root.ctes or query.step("from") is None:
            raise NotKnown("it selects from another query")
        table = self._table(query)
        result = Statement("", table)
        joins = "".join(self._joins(query))
        where = self._where(_argument(query, "where"), result)
        group = self._list(query, "groupBy")
        order = self._order([self._arguments(query, "orderBy")], result)
        if group or query.kind == "selectDistinct":
            result.order.clear()
        result.is_limited = query.step("limit") is not None or query.step("get") is not None
        limit = " LIMIT ?" if query.step("limit") is not None else ""
        by = f" GROUP BY {group}" if group else ""
        result.text = f"SELECT {self._selected(query)} FROM {quoted(table.name)}{joins}{where}{by}{order}{limit}"
        return result

    def _relational(self, query: Query) -> Statement:
        table = self._table(query)
        result = Statement("", table)
        config = query.root.site.argument(0)
        if config is UNDEFINED:
            config = ObjectValue()
        if not isinstance(config, ObjectValue) or config.gaps:
            raise NotKnown("its options are not known")
        where = self._where(applied(config.member("where", self._ev), table, self._ev), result)
        ordered = applied(config.member("orderBy", self._ev), table, self._ev)
        if isinstance(ordered, ObjectValue):
            raise NotKnown("its order is an object")
        values = [] if ordered is UNDEFINED else [list(ordered.items) if isinstance(ordered, ArrayValue) else [ordered]]
        order = self._order(values, result)
        result.is_limited = query.kind == "findFirst" or config.member("limit", self._ev) is not UNDEFINED
        limit = " LIMIT ?" if result.is_limited else ""
        result.text = f"SELECT * FROM {quoted(table.name)}{where}{order}{limit}"
        return result

    def _table(self, query: Query) -> Table:
        if query.table is None or not query.table.complete or not query.table.columns:
            raise NotKnown("its table is not wholly known")
        if query.is_select and query.tables and self._table_of(query.argument("from")) is not query.tables[0]:
            raise NotKnown("it selects from another query")
        return query.table

    def _joins(self, query: Query) -> Iterator[str]:
        seen = {query.table}
        for step in query.steps:
            if step.name not in JOINS:
                continue
            table = self._table_of(step.site.argument(0))
            if table is None or table in seen or not table.complete:
                raise NotKnown("it joins something that is not a table that it has not yet")
            seen.add(table)
            word = _JOIN_WORDS.get(step.name, "CROSS JOIN")
            on = "" if step.name == "crossJoin" else f" ON {self._expression(step.site.argument(1))}"
            yield f" {word} {quoted(table.name)}{on}"

    def _selected(self, query: Query) -> str:
        """`*`, or the columns and counts that are named: an index alone may answer them."""
        fields = query.root.site.argument(0)
        if isinstance(fields, ObjectValue) and not fields.gaps and fields.entries:
            try:
                return ", ".join(map(self._field, (entry.read() for entry in fields.entries.values())))
            except NotKnown:
                return "*"
        return "*"

    def _field(self, value: Value) -> str:
        return f"{self._expression(value)}.*" if isinstance(value, TableValue) else self._expression(value)

    # --- clauses -------------------------------------------------------------------------------------------------

    def _where(self, value: Value, result: Statement) -> str:
        value = _without_optional(value)
        if value is UNDEFINED:
            return ""
        if isinstance(value, (Unknown, Union)):
            raise NotKnown("its filter is not known")
        if isinstance(value, ObjectValue):
            parts = list(self._object_filter(value, result))
            text = f"({' AND '.join(parts)})" if len(parts) > 1 else "".join(parts)
        else:
            text = self._expression(value)
            self._note_conjunction(value, result)
        if not text:
            return ""
        result.filter = text
        return f" WHERE {text}"

    def _object_filter(self, value: ObjectValue, result: Statement) -> Iterator[str]:
        """The filter of Drizzle 1.0: `{ id: 1, name: { like: "a%" } }`."""
        if value.gaps:
            raise NotKnown("its filter is not known")
        for key, entry in value.entries.items():
            column = next((c for c in result.table.columns if c.key == key), None)
            if column is None:
                raise NotKnown(f"its filter has {key}")
            inner = entry.read()
            if not isinstance(inner, ObjectValue):
                result.equal.append(column.name)
                yield f"{_column(result.table, column)} = ?"
                continue
            for operator in inner.entries:
                if operator not in _OBJECT_OPERATORS or inner.gaps:
                    raise NotKnown(f"its filter has {operator}")
                if operator == "eq":
                    result.equal.append(column.name)
                elif operator in _RANGES:
                    result.range.append(column.name)
                yield f"{_column(result.table, column)} {_OBJECT_OPERATORS[operator]} ?"

    def _note_conjunction(self, value: Value, result: Statement) -> None:
        """Note the columns of the first table that all of the filter compares with a value."""
        if not isinstance(value, SqlValue):
            return
        if value.operator == "and":
            for part in value.parts:
                if not isinstance(part, str):
                    self._note_conjunction(_without_optional(part), result)
            return
        name = self._own_column(value.parts[0], result.table) if value.parts else None
        if name is None:
            if not value.operator and len(value.parts) > 1 and _SIMPLE.match(value.text):
                name = self._own_column(value.parts[1], result.table)  # sql`${users.id} = ${id}`
                sign = _SIMPLE.match(value.text)
                if name is not None and sign is not None:
                    (result.equal if sign[1] in ("=", "is") else result.range).append(name)
            return
        if any(isinstance(part, ColumnRef) for part in value.parts[1:]):
            return
        if value.operator in ("eq", "inArray"):
            result.equal.append(name)
        elif value.operator == "isNull":
            result.null.append(name)
        elif value.operator in _RANGES:
            result.range.append(name)

    def _own_column(self, value: object, table: Table) -> str | None:
        if isinstance(value, ColumnRef) and self._table_of(value.table) is table:
            return self._column_of(value)[1].name
        return None

    def _order(self, groups: list[list[Value]], result: Statement) -> str:
        parts = []
        own = True
        for given in [value for group in groups for value in group]:
            value = _without_optional(given)
            if value is UNDEFINED:
                continue
            if isinstance(value, (Unknown, Union)):
                raise NotKnown("its order is not known")
            if isinstance(value, ArrayValue):
                raise NotKnown("its order is a list")
            descends = isinstance(value, SqlValue) and value.operator == "desc"
            is_plain = isinstance(value, SqlValue) and value.operator in ("asc", "desc")
            inner = value.parts[0] if is_plain and isinstance(value, SqlValue) else value
            name = self._own_column(inner, result.table)
            own = own and name is not None
            if name is not None:
                result.order.append((name, descends))
            parts.append(self._expression(value))
        if not own:
            result.order.clear()
        result.sort = ", ".join(parts)
        return f" ORDER BY {result.sort}" if parts else ""

    def _list(self, query: Query, name: str) -> str:
        return ", ".join(self._expression(value) for value in self._arguments(query, name))

    def _arguments(self, query: Query, name: str) -> list[Value]:
        steps = [step for step in query.steps if step.name == name]
        if len(steps) > 1 or any(step.site.gaps for step in steps):
            raise NotKnown(f"its {name} depends on a condition")
        return [step.site.argument(i) for step in steps for i in range(step.site.count)]

    # --- expressions ---------------------------------------------------------------------------------------------

    def _expression(self, value: object) -> str:
        self._left -= 1
        if self._left < 0:
            raise NotKnown("it is too long")
        match value:
            case str():
                return value
            case ColumnRef():
                return _column(*self._column_of(value))
            case TableValue():
                table = self._table_of(value)
                if table is None:
                    raise NotKnown("a table in it is not known")
                return quoted(table.name)
            case SqlValue():
                return self._fragment(value)
            case ChainValue() | SubqueryValue():
                return "(SELECT ?)"
            case Unknown() | Union() if self._may_be_sql(value):
                raise NotKnown("a part of its filter or its order is not known")
            case _:
                return "?"

    def _may_be_sql(self, value: Value) -> bool:
        return any(isinstance(each, (SqlValue, ColumnRef)) for each in alternatives(value))

    def _fragment(self, value: SqlValue) -> str:
        if value.is_raw and not isinstance(value.parts[0], Constant):
            raise NotKnown("raw SQL in it is not known")
        parts = value.parts
        operator = value.operator
        if operator in ("and", "or"):
            known = [_without_optional(part) for part in parts if not isinstance(part, str)]
            if any(isinstance(part, Unknown) for part in known):
                raise NotKnown("a condition in its filter is not known")
            texts = [text for part in known if part is not UNDEFINED and (text := self._expression(part))]
            joined = f" {operator.upper()} ".join(texts)
            return f"({joined})" if len(texts) > 1 else joined
        if operator and operator != "count" and len(parts) < (2 if operator in _COMPARISONS else 1):
            raise NotKnown(f"{operator} is given too little")
        if operator and parts and isinstance(parts[0], Unknown):
            raise NotKnown("a column in it is not known")
        if operator in _COMPARISONS:
            return f"{self._expression(parts[0])} {_COMPARISONS[operator]} {self._expression(parts[1])}"
        if operator in ("inArray", "notInArray"):
            word = "IN" if operator == "inArray" else "NOT IN"
            return f"{self._expression(parts[0])} {word} (?, ?)"
        if operator in ("isNull", "isNotNull"):
            return f"{self._expression(parts[0])} IS {'NOT ' if operator == 'isNotNull' else ''}NULL"
        if operator in ("like", "notLike", "ilike", "notIlike"):
            return f"{self._expression(parts[0])} {'NOT ' if operator.startswith('not') else ''}LIKE ?"
        if operator in ("between", "notBetween"):
            return f"{self._expression(parts[0])} {'NOT ' if operator == 'notBetween' else ''}BETWEEN ? AND ?"
        if operator in ("exists", "notExists"):
            return "? IS NOT NULL"
        if operator == "not":
            return f"NOT {self._expression(parts[0])}"
        if operator in ("asc", "desc"):
            return f"{self._expression(parts[0])} {operator.upper()}"
        if operator in ("count", "sum", "avg", "min", "max"):
            return f"{operator}({self._expression(parts[0]) if parts else '*'})"
        if operator == "countDistinct":
            return f"count(DISTINCT {self._expression(parts[0])})"
        if operator:
            raise NotKnown(f"{operator} is not written as SQL here")
        if value.is_raw:
            return str(parts[0].value) if isinstance(parts[0], Constant) else "?"
        return "".join(self._expression(part) for part in parts)

    def _column_of(self, ref: ColumnRef) -> tuple[Table, Column]:
        table = self._table_of(ref.table)
        column = next((c for c in table.columns if c.key == ref.key), None) if table is not None else None
        if table is None or column is None:
            raise NotKnown("a column in it is not known")
        return table, column


def _argument(query: Query, name: str) -> Value:
    """The argument of a step; NotKnown where several steps, or a condition, decide."""
    steps = [step for step in query.steps if step.name == name]
    if len(steps) > 1 or any(step.site.gaps for step in steps):
        raise NotKnown(f"its {name} depends on a condition")
    return steps[0].site.argument(0) if steps else UNDEFINED


def _without_optional(value: Value) -> Value:
    """A condition as it is where what is optional is left out: `search ? like(…) : undefined` is nothing."""
    if isinstance(value, Union) and any(each is UNDEFINED for each in value.alternatives):
        return UNDEFINED
    return value


def _column(table: Table, column: Column) -> str:
    return f"{quoted(table.name)}.{quoted(column.name)}"
