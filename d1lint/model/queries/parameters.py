"""How many parameters a query binds, as Drizzle binds them. D1 takes 100 in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.drizzle.queries import (
    JOINS,
    RELATIONAL,
    SELECTS,
    SET_OPERATIONS,
    ChainValue,
    Root,
    Step,
    SubqueryValue,
)
from d1lint.model.drizzle.relations import RelationsConfig
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.queries.binds import NONE, OPEN, Count, Fragments, either, total
from d1lint.model.queries.forms import forms
from d1lint.model.queries.query import Query
from d1lint.model.queries.relational_parameters import Relational
from d1lint.model.queries.written import Rows, Written
from d1lint.model.values import UNDEFINED, FunctionValue, ObjectValue, Union, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.schema import Column, Table

_CLAUSES = frozenset({"where", "having", "groupBy", "orderBy", "limit", "offset"})
"""Steps of which the last one counts."""
MAX_QUERIES = 500
"""How many queries are looked at inside of one: one that is combined with itself, and that again, has millions."""


def parameters_of(query: Query, ev: Evaluator) -> Count:
    """What a query binds in all."""
    return either(
        _Statement(ev, query).count(form.steps) + (NONE if form.is_certain else OPEN) for form in forms(query)
    )


def rows_of(query: Query, ev: Evaluator) -> Rows | None:
    """The rows that an insert is given; None where there are none, as for `insert(…).select(…)`."""
    step = query.step("values")
    return _Statement(ev, query).written.rows(step.site.argument(0)) if query.kind == "insert" and step else None


def given_row_of(query: Query, row: Value, ev: Evaluator) -> int:
    """What a row of an insert binds at least, if it has what its table demands."""
    counted = row_of(query, row, ev).least
    if query.table is None or (isinstance(row, ObjectValue) and not row.gaps and not row.is_typed):
        return counted
    named = row.entries if isinstance(row, ObjectValue) else {}
    return counted + sum(_is_required(column) and column.key not in named for column in query.table.columns)


def _is_required(column: Column) -> bool:
    """Whether nothing fills in a column that an insert leaves out."""
    is_filled = column.has_default or column.on_update is not None or (column.primary_key and not column.not_null)
    return column.not_null and not is_filled and not (column.primary_key and column.storage == "number")


def row_of(query: Query, row: Value, ev: Evaluator) -> Count:
    """What a row of an insert binds."""
    return _Statement(ev, query).written.row(row)


class _Statement:
    """Counts for one query."""

    def __init__(self, ev: Evaluator, query: Query) -> None:
        self._ev = ev
        self._query = query
        is_one = not isinstance(query.root.site.argument(0), Union)
        self._table = query.table if is_one else None
        self._fragments = Fragments(ev, self._nested)
        self.written = Written(ev, self._table, self._fragments)
        self._ctes: list[Value] = []
        self._left = MAX_QUERIES

    def count(self, steps: Sequence[Step]) -> Count:
        """What the query binds with these steps."""
        root = self._query.root
        if root.kind in ("batch", "transaction"):
            return NONE
        return self._chain(root, steps, self._table)

    def _chain(self, root: Root, steps: Sequence[Step], table: Table | None) -> Count:
        self._ctes += root.ctes
        with_list = total(self._nested(cte, is_named=False) for cte in root.ctes)
        if root.kind in SELECTS:
            return with_list + self._select(root, steps, table)
        if root.kind in RELATIONAL:
            client = self._query.client
            is_v1 = client is not None and isinstance(client.schema(self._ev), RelationsConfig)
            relational = Relational(self._fragments, is_v1)
            return relational.count(root.site.argument(0), table, root.kind == "findFirst")
        if root.kind == "insert":
            return with_list + total(map(self._of_insert, steps))
        if root.kind in ("update", "delete"):
            own = total(self.written.set(step.site.argument(0)) for step in _last(steps, ("set",)))
            return with_list + own + self._clauses(steps, table)
        given = (root.site.argument(index) for index in range(root.site.count))
        return total(map(self._fragments.fragment, given))

    def _select(self, root: Root, steps: Sequence[Step], table: Table | None) -> Count:
        fields = root.site.argument(0)
        found = self._fragments.fields(fields)
        self._fragments.name_fields(fields)
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
                found += self._fragments.condition(step.site.argument(1), table)
            elif step.name == "returning":
                found += self._fragments.fields(step.site.argument(0))
        return found

    def _clause(self, step: Step, table: Table | None) -> Count:
        given = [step.site.argument(index) for index in range(step.site.count)]
        found = OPEN if step.site.gaps else NONE
        if step.name in ("limit", "offset"):
            return found + total(self._fragments.bound(value, step.name == "limit") for value in given[:1])
        return found + total(self._fragments.condition(value, table) for value in given)

    def _of_insert(self, step: Step) -> Count:
        given = step.site.argument(0)
        match step.name:
            case "values":
                return self.written.rows(given).total
            case "select":
                return self._nested(given)
            case "returning":
                return self._fragments.fields(given)
            case "onConflictDoUpdate" | "onConflictDoNothing":
                return self._conflict(given)
            case _:
                return NONE

    def _conflict(self, given: Value) -> Count:
        if given is UNDEFINED:
            return NONE
        if not isinstance(given, ObjectValue):
            return OPEN
        found = OPEN if given.gaps else NONE
        for name, entry in given.entries.items():
            if name == "set":
                found += self.written.set(entry.read())
            elif name in ("target", "where", "targetWhere", "setWhere"):
                found += self._fragments.fragment(entry.read())
        return found

    def _nested(self, value: Value, is_named: bool = True) -> Count:
        """What a query inside of the query binds; one of its own `with` list stands there by its name."""
        self._left -= 1
        if self._left < 0:
            return OPEN
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


def _is_method(step: Step) -> bool:
    """Whether a step is called on the query: not as `union(first, second)`."""
    return isinstance(step.site.node, ir.Call) and isinstance(step.site.node.callee, ir.Member)


def _last(steps: Sequence[Step], names: Iterable[str]) -> list[Step]:
    """The last step of each of these names: it replaces those before it."""
    wanted = set(names)
    return list({step.name: step for step in steps if step.name in wanted}.values())
