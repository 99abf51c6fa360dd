"""`relations()` of Drizzle 0.x, and `defineRelations()` with its parts of 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.columns import ColumnRef, call_token
from d1lint.model.values import UNDEFINED, ArrayValue, Entry, Native, ObjectValue, Site, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator


REMOVED_FROM = ("drizzle-orm", "drizzle-orm/relations")
"""The packages that have `relations` in 0.x and not in 1.0."""


@dataclass(slots=True, eq=False)
class RelationValue(Value):
    """One `one(...)` or `many(...)`. `fields` are columns of its own table, `references` those of the target.

    None for `fields` says that it has none; an Unknown in them that they are not known. `through` holds the columns of
    a junction (1.0).
    """

    kind: str
    target: Value
    fields: tuple[Value, ...] | None
    references: tuple[Value, ...] | None
    alias: Value
    token: Span
    through: tuple[Value, ...] = ()


@dataclass(slots=True, eq=False)
class RelationsValue(Value):
    """What `relations(table, callback)` gives. `package` is where it is imported from."""

    table: Value
    callback: Value
    token: Span
    package: str
    _result: Value | None = None

    def entries(self, ev: Evaluator) -> ObjectValue | None:
        """The relations by name; None if they can not be known."""
        if self._result is None:
            helpers = ObjectValue()
            for kind in ("one", "many"):
                helpers.entries[kind] = Entry(lambda k=kind: _maker(k), "", 0, 0)  # type: ignore[misc]
            self._result = ev.apply(self.callback, [helpers], None)
        return ev.entries_of(self._result)


@dataclass(slots=True, eq=False)
class RelationsConfig(Value):
    """What `defineRelations(schema, callback)` or `defineRelationsPart` gives: relations for several tables.

    It spreads into the parts it is merged from: `{ ...part1, ...part2 }`.
    """

    schema: Value
    callback: Value
    token: Span
    _result: Value | None = None

    def tables(self, ev: Evaluator) -> ObjectValue | None:
        """An object of relations for each table's key; None if it can not be known."""
        if self.callback is UNDEFINED:
            return ObjectValue()
        if self._result is None:
            self._result = ev.apply(self.callback, [_Builder(self.schema)], None)
        return ev.entries_of(self._result)


def _maker(kind: str) -> Native:
    def build(site: Site, ev: Evaluator) -> Value:
        config = site.argument(1)
        fields = _list(config.member("fields", ev)) if config is not UNDEFINED else None
        references = _list(config.member("references", ev)) if config is not UNDEFINED else None
        alias = config.member("relationName", ev) if config is not UNDEFINED else UNDEFINED
        return RelationValue(kind, site.argument(0), fields, references, alias, call_token(site))

    return Native(kind, build)


def _list(value: Value) -> tuple[Value, ...] | None:
    """Columns in an array, or a single one; None where there is nothing."""
    if value is UNDEFINED:
        return None
    if isinstance(value, ArrayValue):
        return (*value.items, *(Unknown(gap) for gap in value.gaps))
    return (value,)


@dataclass(slots=True, eq=False)
class _Builder(Value):
    """The `r` of defineRelations: `r.one.users(...)`, `r.many.posts(...)`, `r.users.id`."""

    schema: Value

    def member(self, name: str, ev: Evaluator) -> Value:
        if name in ("one", "many"):
            return _Targets(name, self.schema)
        table = self.schema.member(name, ev)
        return _Columns(table)


@dataclass(slots=True, eq=False)
class _Targets(Value):
    kind: str
    schema: Value

    def member(self, name: str, ev: Evaluator) -> Value:
        target = self.schema.member(name, ev)

        def build(site: Site, ev: Evaluator) -> Value:
            config = site.argument(0)
            if config is UNDEFINED:
                return RelationValue(self.kind, target, None, None, UNDEFINED, call_token(site))
            ends = _list(config.member("from", ev)), _list(config.member("to", ev))
            through = tuple(v.through for end in ends for v in end or () if isinstance(v, _Through))
            plain = tuple(
                tuple(v.column if isinstance(v, _Through) else v for v in end) if end is not None else None
                for end in ends
            )
            return RelationValue(
                self.kind, target, plain[0], plain[1], config.member("alias", ev), call_token(site), through
            )

        return Native(self.kind, build)


@dataclass(slots=True, eq=False)
class _Columns(Value):
    table: Value

    def member(self, name: str, ev: Evaluator) -> Value:
        column = self.table.member(name, ev)
        return _RelationColumn(column.table, column.key) if isinstance(column, ColumnRef) else column


@dataclass(slots=True, eq=False)
class _RelationColumn(ColumnRef):
    def member(self, name: str, ev: Evaluator) -> Value:
        if name == "through":
            return Native(name, lambda site, ev: _Through(self, site.argument(0)))
        return Unknown(f"{name} of a column")


@dataclass(slots=True, eq=False)
class _Through(Value):
    column: Value
    through: Value


def _relations(package: str, site: Site, ev: Evaluator) -> Value:
    return RelationsValue(site.argument(0), site.argument(1), call_token(site), package)


def _define(site: Site, ev: Evaluator) -> Value:
    return RelationsConfig(site.argument(0), site.argument(1), call_token(site))


def relation_intrinsics() -> dict[tuple[str, str], Value]:
    """`relations`, `defineRelations`, `defineRelationsPart` under the packages that export them."""
    values: dict[tuple[str, str], Value] = {
        (package, "relations"): Native("relations", partial(_relations, package))
        for package in (*REMOVED_FROM, "drizzle-orm/_relations")
    }
    for name in ("defineRelations", "defineRelationsPart"):
        for package in ("drizzle-orm", "drizzle-orm/relations"):
            values[package, name] = Native(name, _define)
    return values
