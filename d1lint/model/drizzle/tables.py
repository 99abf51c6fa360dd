"""`sqliteTable` and its relatives, and what stands in a table's third argument."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from d1lint.finding import Span
from d1lint.model.drizzle.columns import ColumnBuilder, ColumnRef, call_token, column_builders
from d1lint.model.values import (
    UNDEFINED,
    ArrayValue,
    Entry,
    External,
    FunctionValue,
    Native,
    ObjectValue,
    Site,
    Unknown,
    Value,
    text_of,
)

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

SQLITE_PACKAGES = ("drizzle-orm/sqlite-core", "drizzle-orm/sqlite-core/table", "drizzle-orm/sqlite-core/columns")
FOREIGN_CORES = ("pg-core", "mysql-core", "singlestore-core", "gel-core", "mssql-core", "cockroach-core")
_FOREIGN_PACKAGE = re.compile(rf"^drizzle-orm/({'|'.join(FOREIGN_CORES)})(?:/|$)")


@dataclass(slots=True, eq=False)
class TableValue(Value):
    """A table as the call `sqliteTable(name, columns, extra)` gives it. `span` is the whole call, `site` its arguments.

    `casing` is the naming that 1.0's `snakeCase.table` fixes; None leaves it to the configuration.
    """

    name: Value
    site: Site
    span: Span
    token: Span
    casing: str | None = None
    _columns: ObjectValue | None = None

    @property
    def extra(self) -> Value:
        """The third argument."""
        return self.site.argument(2)

    def columns(self, ev: Evaluator) -> ObjectValue:
        """The column builders by their key in TypeScript."""
        if self._columns is None:
            self._columns = ObjectValue(gaps=["the columns depend on themselves"])
            definition = self.site.argument(1)  # late: other modules may still have changed it
            if isinstance(definition, FunctionValue):
                definition = ev.apply(definition, [_builders_object()], self.site, is_later=False)
            found = ev.entries_of(definition)
            if found is None:
                reason = definition.reason if isinstance(definition, Unknown) else "its value is not an object"
                found = ObjectValue(gaps=[f"the columns are not known: {reason}"])
            self._columns = found
        return self._columns

    def builder(self, key: str, ev: Evaluator) -> ColumnBuilder | None:
        """The builder of one column; None if it is not known."""
        entry = self.columns(ev).entries.get(key)
        value = entry.read() if entry is not None else None
        return value if isinstance(value, ColumnBuilder) else None

    def member(self, name: str, ev: Evaluator) -> Value:
        """A column."""
        columns = self.columns(ev)
        if name in columns.entries:
            return ColumnRef(self, name)
        return Unknown(f"{name} of a table")

    def of_its_type(self) -> Value:
        """Another table with these columns, perhaps."""
        return Unknown("a table of which only the type is known")

    def as_object(self, ev: Evaluator) -> ObjectValue:
        """The table's columns as an object: what `...table` and `getTableColumns(table)` give."""
        columns = self.columns(ev)
        entries = {
            key: Entry(lambda k=key: ColumnRef(self, k), e.module, e.start, e.end)  # type: ignore[misc]
            for key, e in columns.entries.items()
        }
        return ObjectValue(entries, list(columns.gaps))


@dataclass(slots=True, eq=False)
class ForeignTable(Value):
    """A table of another dialect: `pgTable(...)`. `dialect` is the sub-package, such as `pg-core`."""

    dialect: str
    name: Value
    span: Span

    def member(self, name: str, ev: Evaluator) -> Value:
        """Nothing is known of its columns."""
        return Unknown(f"{name} of a table of {self.dialect}")


@dataclass(slots=True, eq=False)
class ForeignColumn(Value):
    """A column builder of another dialect. `origin` is its function, with the import that brings it in."""

    origin: External

    def member(self, name: str, ev: Evaluator) -> Value:
        """Its chain."""
        return Native(name, lambda site, ev: self)


@dataclass(slots=True, eq=False)
class IndexValue(Value):
    """`index(name).on(...columns).where(...)`; without `on` (`columns` is None) drizzle drops it."""

    is_builder: ClassVar[bool] = True

    name: Value
    is_unique: bool
    token: Span
    columns: tuple[Value, ...] | None = None
    column_gaps: tuple[str, ...] = ()
    where: Value | None = None

    def member(self, name: str, ev: Evaluator) -> Value:
        """`on` and `where`."""
        if name in ("on", "onOnly"):
            return Native(name, self._on)
        if name == "where":
            return Native(name, self._where)
        return Unknown(f"the index method {name} is not known")

    def _on(self, site: Site, ev: Evaluator) -> Value:
        columns = tuple(site.argument(i) for i in range(site.count))
        return IndexValue(self.name, self.is_unique, self.token, columns, site.gaps)

    def _where(self, site: Site, ev: Evaluator) -> Value:
        return IndexValue(self.name, self.is_unique, self.token, self.columns, self.column_gaps, where=site.argument(0))


@dataclass(slots=True, eq=False)
class UniqueValue(Value):
    """`unique(name).on(...columns)`."""

    name: Value
    token: Span
    columns: tuple[Value, ...] | None = None
    column_gaps: tuple[str, ...] = ()

    def member(self, name: str, ev: Evaluator) -> Value:
        """`on`."""
        return Native(name, self._on if name == "on" else lambda site, ev: self)

    def _on(self, site: Site, ev: Evaluator) -> Value:
        columns = tuple(site.argument(i) for i in range(site.count))
        return UniqueValue(self.name, self.token, columns, site.gaps)


@dataclass(slots=True, eq=False)
class PrimaryKeyValue(Value):
    """`primaryKey({ columns: [...] })`, or `primaryKey(a, b)`."""

    columns: Value
    token: Span


@dataclass(slots=True, eq=False)
class ForeignKeyValue(Value):
    """`foreignKey({ columns, foreignColumns }).onDelete("cascade")`."""

    is_builder: ClassVar[bool] = True

    config: Value
    token: Span
    on_delete: Value = field(default=UNDEFINED)
    on_update: Value = field(default=UNDEFINED)

    def member(self, name: str, ev: Evaluator) -> Value:
        """`onDelete` and `onUpdate`."""
        if name == "onDelete":
            return Native(
                name, lambda site, ev: ForeignKeyValue(self.config, self.token, site.argument(0), self.on_update)
            )
        if name == "onUpdate":
            return Native(
                name, lambda site, ev: ForeignKeyValue(self.config, self.token, self.on_delete, site.argument(0))
            )
        return Unknown(f"the foreign key method {name} is not known")


@dataclass(slots=True, eq=False)
class CheckValue(Value):
    """`check(name, condition)`."""

    token: Span


@dataclass(slots=True, eq=False)
class ViewValue(Value):
    """`sqliteView(...)`, in any of its forms."""

    def member(self, name: str, ev: Evaluator) -> Value:
        """`as` and `existing` give the view; its columns are not known."""
        if name in ("as", "existing"):
            return Native(name, lambda site, ev: self)
        return Unknown(f"{name} of a view")


def _table_maker(rename: Callable[[Value, Site, Evaluator], Value] | None = None, casing: str | None = None) -> Native:
    def build(site: Site, ev: Evaluator) -> Value:
        name = site.argument(0)
        if rename is not None:
            name = rename(name, site, ev)
        span = Span(site.scope.module, site.node.start, site.node.end)
        return TableValue(name, site, span, call_token(site), casing)

    return Native("sqliteTable", build)


def _creator(site: Site, ev: Evaluator) -> Value:
    function = site.argument(0)
    casing = text_of(site.argument(1))  # of 1.0
    return _table_maker(lambda name, inner, ev: ev.apply(function, [name], inner, is_later=False), casing)


def _foreign_schema(dialect: str) -> ObjectValue:
    """What makes tables as its members: `pgSchema("auth")`, and 1.0's `snakeCase` and `camelCase`."""
    schema = ObjectValue(gaps=["a schema"])
    schema.entries["table"] = Entry(lambda: _foreign_maker(dialect), "", 0, 0)
    schema.entries["schema"] = Entry(lambda: Native("schema", lambda site, ev: _foreign_schema(dialect)), "", 0, 0)
    return schema


def _foreign_maker(dialect: str) -> Native:
    def build(site: Site, ev: Evaluator) -> Value:
        return ForeignTable(dialect, site.argument(0), Span(site.scope.module, site.node.start, site.node.end))

    return Native(f"{dialect} table", build)


def _primary_key(site: Site, ev: Evaluator) -> Value:
    first = site.argument(0)
    if isinstance(first, ColumnRef):
        columns: Value = ArrayValue([site.argument(i) for i in range(site.count)], list(site.gaps))
    else:
        columns = first.member("columns", ev)
    return PrimaryKeyValue(columns, call_token(site))


def _foreign_key(site: Site, ev: Evaluator) -> Value:
    config = site.argument(0)
    if isinstance(config, FunctionValue):
        config = ev.apply(config, [], site)
    return ForeignKeyValue(config, call_token(site))


def _table_columns(site: Site, ev: Evaluator) -> Value:
    table = site.argument(0)
    return table.as_object(ev) if isinstance(table, TableValue) else Unknown("the columns of something unknown")


def _table_name(site: Site, ev: Evaluator) -> Value:
    table = site.argument(0)
    return table.name if isinstance(table, TableValue) else Unknown("the name of something unknown")


def _builders_object() -> ObjectValue:
    result = ObjectValue()
    for name, builder in column_builders().items():
        result.entries[name] = Entry(lambda b=builder: b, "", 0, 0)  # type: ignore[misc]
    return result


def _casing_module(casing: str) -> ObjectValue:
    """1.0's `snakeCase` and `camelCase` of sqlite-core: `table`, and the creators."""
    result = ObjectValue(gaps=[f"not known of {casing}"])
    result.entries["table"] = Entry(lambda: _table_maker(casing=casing), "", 0, 0)
    return result


def table_intrinsics() -> dict[tuple[str, str], Value]:
    """All of sqlite-core, the table makers of the other dialects, and the helpers on tables."""
    core: dict[str, Value] = {
        **column_builders(),
        "sqliteTable": _table_maker(),
        "sqliteTableCreator": Native("sqliteTableCreator", _creator),
        "sqliteView": Native("sqliteView", lambda site, ev: ViewValue()),
        "view": Native("view", lambda site, ev: ViewValue()),
        "index": Native("index", lambda site, ev: IndexValue(site.argument(0), False, call_token(site))),
        "uniqueIndex": Native("uniqueIndex", lambda site, ev: IndexValue(site.argument(0), True, call_token(site))),
        "unique": Native("unique", lambda site, ev: UniqueValue(site.argument(0), call_token(site))),
        "primaryKey": Native("primaryKey", _primary_key),
        "foreignKey": Native("foreignKey", _foreign_key),
        "check": Native("check", lambda site, ev: CheckValue(call_token(site))),
        "snakeCase": _casing_module("snake_case"),
        "camelCase": _casing_module("camelCase"),
    }
    values: dict[tuple[str, str], Value] = {(package, n): v for package in SQLITE_PACKAGES for n, v in core.items()}
    helpers: dict[str, Value] = {
        "getTableColumns": Native("getTableColumns", _table_columns),
        "getColumns": Native("getColumns", _table_columns),
        "getTableName": Native("getTableName", _table_name),
    }
    for name, value in helpers.items():
        values["drizzle-orm", name] = value
    return values


def foreign_fallback(value: External) -> Value | None:
    """What another dialect's package exports: table makers, schemas that make tables, and column builders."""
    match = _FOREIGN_PACKAGE.match(value.package)
    if match is None:
        return None
    dialect, name = match[1], value.path[0]
    if name.endswith("Table"):
        return _foreign_maker(dialect)
    if name.endswith("TableCreator"):
        return Native(name, lambda site, ev: _foreign_maker(dialect))
    if name.endswith("Schema"):
        return Native(name, lambda site, ev: _foreign_schema(dialect))
    if name in ("snakeCase", "camelCase"):
        return _foreign_schema(dialect)
    return Native(name, lambda site, ev: ForeignColumn(value))
