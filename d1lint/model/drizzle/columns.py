"""Column builders of `drizzle-orm/sqlite-core`: `text("name").notNull().references(() => users.id)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.values import Constant, Native, ObjectValue, Site, Unknown, Value, text_of

if TYPE_CHECKING:
    from d1lint.model.drizzle.tables import TableValue
    from d1lint.model.evaluate import Evaluator


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """`.references(() => target, options)`. `in_helper` says that an inlined function wrote it."""

    target: Value
    options: Value
    span: Span
    site: Site
    in_helper: bool


@dataclass(frozen=True, slots=True, eq=False)
class ColumnBuilder(Value):
    """A column as its chain of calls describes it. `sql_type` is None where it is not known."""

    kind: str
    name: str | None
    sql_type: str | None
    mode: str | None = None
    not_null: bool = False
    primary_key: bool = False
    unique: bool = False
    has_default: bool = False
    references: tuple[Reference, ...] = ()
    gaps: tuple[str, ...] = ()

    def member(self, name: str, ev: Evaluator) -> Value:
        """A method of the chain."""
        change = _METHODS.get(name)
        if change is None:
            return Unknown(f"the column method {name} is not known")
        return Native(name, lambda site, ev: change(self, site))


def _primary_key(column: ColumnBuilder, site: Site) -> Value:
    # An integer primary key is the row id: SQLite fills it in, and drizzle says `hasDefault`.
    has_default = column.has_default or column.kind == "integer"
    return replace(column, primary_key=True, not_null=True, has_default=has_default)


def _references(column: ColumnBuilder, site: Site) -> Value:
    reference = Reference(site.argument(0), site.argument(1), call_token(site), site, site.scope.depth > 0)
    return replace(column, references=(*column.references, reference))


_METHODS: dict[str, Callable[[ColumnBuilder, Site], Value]] = {
    "notNull": lambda column, site: replace(column, not_null=True),
    "primaryKey": _primary_key,
    "unique": lambda column, site: replace(column, unique=True),
    "references": _references,
    "$type": lambda column, site: column,
    "generatedAlwaysAs": lambda column, site: column,
    **{
        name: (lambda column, site: replace(column, has_default=True))
        for name in ("default", "$default", "$defaultFn", "$onUpdate", "$onUpdateFn", "defaultNow")
    },
}


def call_token(site: Site) -> Span:
    """The place of a call's name: `references` of `text().references(...)`, `index` of `index(...)`."""
    node = site.node
    callee = node.tag if isinstance(node, ir.Tagged) else node.callee
    if isinstance(callee, ir.Member):
        return Span(site.scope.module, callee.name_start, callee.name_start + len(callee.name.encode()))
    return Span(site.scope.module, callee.start, callee.end)


def _builder(kind: str, base_type: str) -> Native:
    def build(site: Site, ev: Evaluator) -> Value:
        first, config = site.argument(0), site.argument(1)
        name = text_of(first)
        gaps: tuple[str, ...] = ()
        if name is None and isinstance(first, ObjectValue):
            config = first
        elif isinstance(first, Unknown) and site.count:
            gaps = (f"the name of a column is not known: {first.reason}",)
        sql_type: str | None = base_type
        mode = config.member("mode", ev) if isinstance(config, ObjectValue) else None
        if kind == "text" and isinstance(config, ObjectValue) and "length" in config.entries:
            length = config.member("length", ev)
            sql_type = f"text({length.value})" if isinstance(length, Constant) else None
            if text_of(mode) == "json" if mode is not None else False:
                sql_type = "text"
        return ColumnBuilder(kind, name, sql_type, text_of(mode) if mode is not None else None, gaps=gaps)

    return Native(kind, build)


def _custom_type(site: Site, ev: Evaluator) -> Value:
    definition = site.argument(0)
    data_type = definition.member("dataType", ev) if isinstance(definition, ObjectValue) else Unknown("a custom type")

    def build(inner: Site, ev: Evaluator) -> Value:
        first, config = inner.argument(0), inner.argument(1)
        name = text_of(first)
        if name is None and isinstance(first, ObjectValue):
            config = first
        sql_type = text_of(ev.apply(data_type, [config], inner))
        gaps = () if sql_type is not None else ("the data type of a custom type is not known",)
        return ColumnBuilder("custom", name, sql_type, gaps=gaps)

    return Native("customType", build)


def column_builders() -> dict[str, Value]:
    """The builders by the name under which sqlite-core exports them."""
    integer = _builder("integer", "integer")
    return {
        "integer": integer,
        "int": integer,
        "text": _builder("text", "text"),
        "real": _builder("real", "real"),
        "numeric": _builder("numeric", "numeric"),
        "blob": _builder("blob", "blob"),
        "customType": Native("customType", _custom_type),
    }


@dataclass(slots=True, eq=False)
class ColumnRef(Value):
    """A column of a finished table: `users.id`."""

    table: TableValue
    key: str

    def member(self, name: str, ev: Evaluator) -> Value:
        """`name` is the column's name in the database, where it is written."""
        if name == "name":
            column = self.table.builder(self.key, ev)
            if column is not None and column.name is not None:
                return Constant(column.name)
        return Unknown(f"{name} of a column")
