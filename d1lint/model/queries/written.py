"""What the rows of an insert and the values of an update bind: what is given, and what Drizzle fills in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.model.drizzle.queries import ChainValue, SubqueryValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.queries.binds import NONE, ONE, OPEN, SOME, Count, Fragments, either, may_be_anything, total
from d1lint.model.values import UNDEFINED, ArrayValue, Constant, FunctionValue, ObjectValue, Union, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.schema import Column, Default, Table

LIMIT = 100
"""What D1 takes: with 101 it answers `too many SQL variables`."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an insert: what the largest binds, and how many rows the code lists, None where that is not known."""

    per_row: Count
    count: int | None
    total: Count

    @property
    def fit(self) -> int:
        """How many rows fit into one statement."""
        return LIMIT // max(self.per_row.least, 1)


class Written:
    """Counts for one table; None for one that is not known."""

    def __init__(self, ev: Evaluator, table: Table | None, fragments: Fragments) -> None:
        self._ev = ev
        self._table = table
        self._fragments = fragments

    def rows(self, given: Value) -> Rows:
        """What the rows of an insert bind, one or a list."""
        rows = given.items if isinstance(given, ArrayValue) else [given]
        is_listed = isinstance(given, ObjectValue) or (isinstance(given, ArrayValue) and not given.gaps)
        counts = [self.row(row) for row in rows]
        largest = max(counts, key=lambda each: each.least, default=self.row(Unknown("a row")))
        # One row or a list of them: what is not known has at least none.
        together = total(counts) if isinstance(given, (ArrayValue, ObjectValue)) else OPEN
        return Rows(largest, len(rows) if is_listed else None, together if is_listed else Count(together.least, False))

    def row(self, row: Value) -> Count:
        """What one row binds: what it is given, and the defaults that Drizzle fills in."""
        table = self._table
        if table is None:
            return OPEN
        if not isinstance(row, ObjectValue):
            return Count(sum(self._filled_in(column).least for column in table.columns), False)
        found = NONE if not row.gaps and not row.is_typed and table.complete else OPEN
        for column in table.columns:
            value = row.entries[column.key].read() if column.key in row.entries else UNDEFINED
            if value is UNDEFINED and row.gaps:
                # Something that is not known may supply it; what is filled in for it counts either way.
                found += Count(self._filled_in(column).least, False)
            else:
                found += self._cell(value, column)
        return found

    def _cell(self, value: Value, column: Column) -> Count:
        """What a value of a column binds in a row; where it is undefined, the default does."""
        if isinstance(value, Union):
            return either(self._cell(each, column) for each in value.alternatives)
        if value is UNDEFINED:
            return self._filled_in(column)
        if may_be_anything(value):
            return SOME
        return self._given(value, column)

    def _given(self, value: Value, column: Column | None) -> Count:
        if isinstance(value, (SqlValue, ChainValue, SubqueryValue)):
            return self._fragments.fragment(value)
        return SOME if column is not None and column.is_custom else ONE

    def _filled_in(self, column: Column) -> Count:
        """What Drizzle binds for a column that an insert leaves out: SQL and `null` are written out."""
        default = column.default
        if default is not None and default.kind == "value":
            is_none = isinstance(default.value, Constant) and default.value.value is None
            if not is_none:
                return self._given(default.value, column)
            default = None
        if default is None:
            return self._made(column.on_update, column) if column.on_update is not None else NONE
        return self._made(default, column)

    def _made(self, default: Default, column: Column) -> Count:
        match default.kind:
            case "function":
                if not isinstance(default.value, FunctionValue):
                    return SOME
                made = self._ev.apply(default.value, [], None)
                return self._cell(made, column) if isinstance(made, Union) else self._given(made, column)
            case "sql":
                return self._fragments.fragment(default.value)
            case "now":
                return NONE
            case _:
                return OPEN

    def set(self, given: Value) -> Count:
        """What is set, and what `$onUpdate` sets besides. Keys that are no columns are passed over."""
        table = self._table
        if table is None or not isinstance(given, ObjectValue):
            return OPEN
        found = NONE if not given.gaps and not given.is_typed and table.complete else OPEN
        for column in table.columns:
            value = given.entries[column.key].read() if column.key in given.entries else UNDEFINED
            found += self._assigned(value, column, bool(given.gaps))
        return found

    def _assigned(self, value: Value, column: Column, is_open: bool) -> Count:
        if isinstance(value, Union):
            return either(self._assigned(each, column, is_open) for each in value.alternatives)
        if value is UNDEFINED:
            updated = self._made(column.on_update, column) if column.on_update is not None else NONE
            return updated if not is_open else Count(updated.least, False)
        if may_be_anything(value):
            return SOME
        in_sql = self._fragments.operand(value, None) if not isinstance(value, (ArrayValue, ObjectValue)) else ONE
        return SOME if column.is_custom and in_sql == ONE else in_sql
