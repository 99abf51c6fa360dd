"""How many parameters a query binds, as Drizzle binds them. D1 takes 100 in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.drizzle.queries import JOINS, RELATIONAL, SELECTS, SET_OPERATIONS, ChainValue, Root, Step, SubqueryValue
from d1lint.model.drizzle.relations import RelationsConfig
from d1lint.model.drizzle.sql import SqlValue, sql_intrinsics
from d1lint.model.queries.binds import NONE, ONE, OPEN, SOME, Count, Fragments, either, total
from d1lint.model.queries.forms import forms
from d1lint.model.queries.query import Query
from d1lint.model.values import (
    UNDEFINED,
    ArrayValue,
    Constant,
    Entry,
    FunctionValue,
    ObjectValue,
    Union,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.schema import Column, Default, Relation, Table

LIMIT = 100
"""What D1 takes: with 101 it answers `too many SQL variables`."""
_FIELD_OPERATORS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "like", "notLike"})
_CLAUSES = frozenset({"where", "having", "groupBy", "orderBy", "limit", "offset"})
"""Steps of which the last one counts."""


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


def parameters_of(query: Query, ev: Evaluator) -> Count:
    """What a query binds in all."""
    return either(
        _Statement(ev, query).count(form.steps) + (NONE if form.is_certain else OPEN) for form in forms(query)
    )


def rows_of(query: Query, ev: Evaluator) -> Rows | None:
    """The rows that an insert is given; None where there are none, as for `insert(…).select(…)`."""
    step = query.step("values")
    return _Statement(ev, query).rows(step.site.argument(0)) if query.kind == "insert" and step is not None else None


def row_of(query: Query, row: Value, ev: Evaluator) -> Count:
    """What a row of an insert binds."""
    return _Statement(ev, query).row(row)


class _Statement:
    """Counts for one query."""

    def __init__(self, ev: Evaluator, query: Query) -> None:
        self._ev = ev
        self._query = query
        self._fragments = Fragments(ev, self._nested)
        self._ctes: list[Value] = []

    def count(self, steps: Sequence[Step]) -> Count:
        """What the query binds with these steps."""
        root = self._query.root
        if root.kind in ("batch", "transaction"):
            return NONE
        return self._chain(root, steps, self._table)

    @property
    def _table(self) -> Table | None:
        """The table of the query; None where it is one of several."""
        is_one = not isinstance(self._query.root.site.argument(0), Union)
        return self._query.table if is_one else None

    # --- kinds ---------------------------------------------------------------------------------------------------

    def _chain(self, root: Root, steps: Sequence[Step], table: Table | None) -> Count:
        self._ctes += root.ctes
        with_list = total(self._nested(cte, is_named=False) for cte in root.ctes)
        if root.kind in SELECTS:
            return with_list + self._select(root, steps, table)
        if root.kind in RELATIONAL:
            return self._relational(root.site.argument(0), table, root.kind == "findFirst")
        if root.kind == "insert":
            return with_list + total(self._of_insert(step, table) for step in steps)
        if root.kind in ("update", "delete"):
            own = total(self._set(step.site.argument(0), table) for step in _last(steps, ("set",)))
            return with_list + own + self._clauses(steps, table)
        given = (root.site.argument(index) for index in range(root.site.count))
        return total(map(self._fragments.fragment, given))

    def _select(self, root: Root, steps: Sequence[Step], table: Table | None) -> Count:
        fields = root.site.argument(0)
        found = self._fragments.fields(fields)
        self._fragments.aliased(fields)
        clauses: list[Step] = []
        for step in steps:
            if step.name in SET_OPERATIONS:
                # What follows is about the combination.
                found += self._clauses(clauses, table) + self._combined(step)
                clauses.clear()
            else:
                clauses.append(step)
        return found + self._clauses(clauses, table)

    def _combined(self, step: Step) -> Count:
        others = [step.site.argument(index) for index in range(step.site.count)]
        if not _is_method(step):
            others = others[1:]
        return total(self._nested(other) for other in others) + (OPEN if step.site.gaps else NONE)

    def _clauses(self, steps: Sequence[Step], table: Table | None) -> Count:
        found = total(self._clause(step, table) for step in _last(steps, _CLAUSES))
        for step in steps:
            if step.name in JOINS or step.name == "from":
                found += self._fragments.fragment(step.site.argument(0))
                found += self._condition(step.site.argument(1), table)
            elif step.name == "returning":
                found += self._fragments.fields(step.site.argument(0))
        return found

    def _clause(self, step: Step, table: Table | None) -> Count:
        given = [step.site.argument(index) for index in range(step.site.count)]
        found = OPEN if step.site.gaps else NONE
        if step.name in ("limit", "offset"):
            return found + total(self._bound(value, step.name == "limit") for value in given[:1])
        return found + total(self._condition(value, table) for value in given)

    def _bound(self, value: Value, is_limit: bool) -> Count:
        """What a `limit` or an `offset` binds: Drizzle leaves out an offset of 0."""
        if isinstance(value, Union):
            return either(self._bound(each, is_limit) for each in value.alternatives)
        if isinstance(value, Constant):
            number = value.value
            is_left_out = not isinstance(number, (int, float)) or (number < 0 if is_limit else number == 0)
            return NONE if is_left_out else ONE
        if isinstance(value, Unknown) and value.reason != "sql.placeholder":
            return ONE if is_limit else OPEN
        return self._fragments.fragment(value)

    # --- inserts and updates -------------------------------------------------------------------------------------

    def _of_insert(self, step: Step, table: Table | None) -> Count:
        given = step.site.argument(0)
        match step.name:
            case "values":
                return self.rows(given).total
            case "select":
                return self._nested(given)
            case "returning":
                return self._fragments.fields(given)
            case "onConflictDoUpdate" | "onConflictDoNothing":
                return self._conflict(given, table)
            case _:
                return NONE

    def _conflict(self, given: Value, table: Table | None) -> Count:
        if given is UNDEFINED:
            return NONE
        if not isinstance(given, ObjectValue):
            return OPEN
        found = OPEN if given.gaps else NONE
        for name, entry in given.entries.items():
            if name == "set":
                found += self._set(entry.read(), table)
            elif name in ("target", "where", "targetWhere", "setWhere"):
                found += self._fragments.fragment(entry.read())
        return found

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
        if isinstance(value, Unknown) and not value.reason.startswith("sql."):
            return SOME
        return self._given(value, column)

    def _given(self, value: Value, column: Column | None) -> Count:
        if isinstance(value, (SqlValue, ChainValue, SubqueryValue)):
            return self._fragments.fragment(value)
        return SOME if column is not None and column.is_custom else ONE

    def _filled_in(self, column: Column) -> Count:
        """What Drizzle binds for a column that an insert leaves out. SQL defaults are written out, the rest is `null`."""
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
                return self._given(made, column) if not isinstance(made, (Unknown, Union)) else SOME
            case "sql":
                return self._fragments.fragment(default.value)
            case "now":
                return NONE
            case _:
                return OPEN

    def _set(self, given: Value, table: Table | None) -> Count:
        """What is set, and what `$onUpdate` sets besides. Keys that are no columns are passed over."""
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
        if isinstance(value, Unknown) and not value.reason.startswith("sql."):
            return SOME
        in_sql = self._fragments.operand(value, None) if not isinstance(value, (ArrayValue, ObjectValue)) else ONE
        return SOME if column.is_custom and in_sql == ONE else in_sql

    # --- conditions and what is nested ---------------------------------------------------------------------------

    def _condition(self, value: Value, table: Table | None) -> Count:
        """What a condition or an order binds, which may be a callback on the table's columns."""
        return self._fragments.fragment(self._applied(value, table))

    def _applied(self, value: Value, table: Table | None) -> Value:
        if not isinstance(value, FunctionValue):
            return value
        origin: Value = table.origin if table is not None and table.origin is not None else Unknown("a table")
        return self._ev.apply(value, [origin, _operators()], None)

    def _nested(self, value: Value, is_named: bool = True) -> Count:
        """What a query inside of the query binds; one of its own `with` list stands there by its name."""
        match value:
            case SubqueryValue(query=inner):
                return NONE if is_named and any(value is cte for cte in self._ctes) else self._nested(inner)
            case ChainValue(root=root, steps=steps):
                return self._chain(root, steps, None) if root.kind in (*SELECTS, "$count") else OPEN
            case Union(alternatives=parts):
                return either(map(self._nested, parts))
            case FunctionValue():
                made = self._ev.apply(value, [Unknown("a query builder")], None)
                return self._nested(made) if not isinstance(made, FunctionValue) else OPEN
            case SqlValue():
                return self._fragments.fragment(value)
            case _:
                return OPEN

    # --- relational queries --------------------------------------------------------------------------------------

    def _relational(self, config: Value, table: Table | None, is_first: bool) -> Count:
        """`findMany(…)`, `findFirst(…)` and what `with` has for one relation; the latter two bind a limit of 1."""
        found = ONE if is_first else NONE
        if config is UNDEFINED or (isinstance(config, Constant) and config.value is True):
            return found
        if not isinstance(config, ObjectValue):
            return found + OPEN
        found += OPEN if config.gaps else NONE
        for name, entry in config.entries.items():
            value = entry.read()
            match name:
                case "limit":
                    found += NONE if is_first else self._bound(value, True)
                case "offset":
                    found += self._offset(value)
                case "where":
                    found += self._filter(self._applied(value, table), table)
                case "orderBy":
                    ordered = self._applied(value, table)
                    found += NONE if isinstance(ordered, ObjectValue) else self._fragments.fragment(ordered)
                case "extras":
                    found += self._extras(self._applied(value, table), table)
                case "with":
                    found += self._with(value, table)
                case _:
                    pass
        return found

    def _offset(self, value: Value) -> Count:
        is_zero = isinstance(value, Constant) and value.value == 0
        return ONE if is_zero and self._is_v1 else self._bound(value, False)

    @property
    def _is_v1(self) -> bool:
        client = self._query.client
        return client is not None and isinstance(client.schema(self._ev), RelationsConfig)

    def _extras(self, value: Value, table: Table | None) -> Count:
        if not isinstance(value, ObjectValue):
            return OPEN
        entries = (self._applied(entry.read(), table) for entry in value.entries.values())
        return total(map(self._fragments.fragment, entries)) + (OPEN if value.gaps else NONE)

    def _with(self, value: Value, table: Table | None) -> Count:
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
                found += self._relational(config, relation.target, relation.kind == "one")
        return found

    def _filter(self, value: Value, table: Table | None) -> Count:
        """What a filter binds: SQL, or an object, as Drizzle 1.0 has it."""
        if not isinstance(value, ObjectValue):
            return self._fragments.fragment(value)
        found = OPEN if value.gaps else NONE
        for name, entry in value.entries.items():
            inner = entry.read()
            if name in ("AND", "OR"):
                found += total(self._filter(item, table) for item in _items(inner))
                found += NONE if isinstance(inner, ArrayValue) and not inner.gaps else OPEN
            elif name == "NOT":
                found += self._filter(inner, table)
            elif name == "RAW":
                found += self._fragments.fragment(self._applied(inner, table))
            elif table is not None and any(column.key == name for column in table.columns):
                found += self._field(inner)
            else:
                relation = _relation(table, name)
                is_flag = isinstance(inner, Constant)
                found += OPEN + (NONE if is_flag or relation is None else self._filter(inner, relation.target))
        return found

    def _field(self, value: Value) -> Count:
        """What the filter of one column binds: a value, or an object of operators."""
        if isinstance(value, Union):
            return either(map(self._field, value.alternatives))
        if isinstance(value, Unknown) and value.reason != "sql.placeholder":
            return OPEN
        if not isinstance(value, ObjectValue):
            return ONE
        found = OPEN if value.gaps else NONE
        for operator, entry in value.entries.items():
            inner = entry.read()
            if operator in ("in", "notIn"):
                found += Count(len(_items(inner)), isinstance(inner, ArrayValue) and not inner.gaps)
            elif operator in ("AND", "OR"):
                found += total(map(self._field, _items(inner)))
                found += NONE if isinstance(inner, ArrayValue) and not inner.gaps else OPEN
            elif operator == "NOT":
                found += self._field(inner)
            elif operator in _FIELD_OPERATORS:
                found += ONE
            elif operator not in ("isNull", "isNotNull"):
                found += OPEN
        return found


def _is_method(step: Step) -> bool:
    """Whether a step is called on the query: not as `union(first, second)`."""
    return isinstance(step.site.node, ir.Call) and isinstance(step.site.node.callee, ir.Member)


def _last(steps: Sequence[Step], names: Iterable[str]) -> list[Step]:
    """The last step of each of these names: it replaces those before it."""
    wanted = set(names)
    return list({step.name: step for step in steps if step.name in wanted}.values())


def _items(value: Value) -> list[Value]:
    return value.items if isinstance(value, ArrayValue) else []


def _relation(table: Table | None, name: str) -> Relation | None:
    return next((each for each in table.relations if each.name == name), None) if table is not None else None


def _operators() -> ObjectValue:
    """What callbacks get as their second argument: `(users, { eq }) => eq(users.id, 1)`."""
    helpers = ObjectValue()
    for (package, name), helper in sql_intrinsics().items():
        if package == "drizzle-orm":
            helpers.entries[name] = Entry(lambda helper=helper: helper, "", 0, 0)  # type: ignore[misc]
    return helpers
