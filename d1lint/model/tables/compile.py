"""From evaluated values to the schema: what drizzle's `getTableConfig` says, without running it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeGuard

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.casing import cased
from d1lint.model.drizzle.columns import ColumnBuilder, ColumnRef, Reference
from d1lint.model.drizzle.relations import RelationsConfig, RelationsValue, RelationValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.drizzle.sql_parts import flat_parts
from d1lint.model.drizzle.tables import (
    CheckValue,
    ForeignKeyValue,
    ForeignTable,
    IndexValue,
    PrimaryKeyValue,
    TableValue,
    UniqueValue,
)
from d1lint.model.schema import (
    BARE,
    IN_ARRAY,
    IN_OBJECT,
    NOTHING,
    WITHOUT_ON,
    Column,
    ForeignKey,
    Index,
    IndexColumn,
    LostConstraint,
    Relation,
    Table,
)
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
    option,
    text_of,
)

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

_NOT_NULL = re.compile(r"^\s*(?:\?|[\"`]?(\w+)[\"`]?)\s+is\s+not\s+null\s*$", re.IGNORECASE)
_COLUMN_ONLY = re.compile(r"^\s*\?\s*(asc|desc)?\s*$", re.IGNORECASE)

MAX_NESTED = 2
"""How deep a constraint that Drizzle drops is looked for in objects and lists."""

CasingOf = Callable[[TableValue], str | None]


class SchemaCompiler:
    """Compiles each table once. `casing_of` says how a table's unnamed columns are named ("snake_case", "camelCase",
    None for as they are).
    """

    def __init__(self, ev: Evaluator, casing_of: CasingOf) -> None:
        self.ev = ev
        self._casing_of = casing_of
        self._tables: dict[int, Table] = {}
        self._values: list[TableValue] = []
        self.unattached_relations: list[Span] = []
        """The relations of tables that are not known."""

    def table(self, value: TableValue) -> Table:
        """The table that a value stands for."""
        known = self._tables.get(id(value))
        if known is None:
            name = text_of(value.name)
            known = Table(name or "?", None, value.span.file, value.span, value.token, origin=value)
            self._tables[id(value)] = known
            self._values.append(value)
            if name is None:
                known.reasons.append("the table's name is not known")
            self._columns(value, known)
            self._extra(value, known)
        return known

    # --- columns and what they carry ---------------------------------------------------------------------------

    def column_name(self, value: TableValue, key: str) -> str | None:
        """A column's name in the database; None if there is no such column."""
        builder = value.builder(key, self.ev)
        return self._named(builder, key, value) if builder is not None else None

    def _named(self, builder: ColumnBuilder, key: str, value: TableValue) -> str:
        if builder.name is not None:
            return builder.name
        return cased(key, value.casing, is_unicode=True) if value.casing else cased(key, self._casing_of(value))

    def _columns(self, value: TableValue, table: Table) -> None:
        columns = value.columns(self.ev)
        table.reasons += columns.gaps
        if columns.gaps:
            table.indexes_known = False
        references: list[tuple[str, Entry, Reference]] = []
        for key, entry in columns.entries.items():
            builder = entry.read()
            if builder is UNDEFINED:
                continue
            if not isinstance(builder, ColumnBuilder):
                reason = builder.reason if isinstance(builder, Unknown) else "its value is not a column"
                table.reasons.append(f"the column {key} is not known: {reason}")
                table.indexes_known = False
                continue
            name = self._named(builder, key, value)
            self._note_shared(builder, key, name, table)
            table.reasons += builder.gaps
            if builder.sql_type is None:
                table.reasons.append(f"the type of the column {key} is not known")
            table.columns.append(
                Column(
                    key,
                    name,
                    builder.sql_type,
                    builder.mode,
                    builder.not_null,
                    builder.primary_key,
                    builder.unique,
                    builder.has_default,
                    _key_span(entry, key),
                    builder.default,
                    builder.on_update,
                    builder.unique_name,
                    builder.kind == "custom",
                )
            )
            references += [(name, entry, reference) for reference in builder.references]
        for name, entry, reference in references:
            self._inline_key(table, name, entry, reference)

    def _note_shared(self, column: ColumnBuilder, key: str, name: str, table: Table) -> None:
        """Note where the same builder is changed, or gets another name, for another column."""

        def compare(stage: ColumnBuilder) -> None:
            if not column.says_all_of(stage):
                table.reasons.append(f"the builder of the column {key} is changed elsewhere")

        def rename() -> None:
            table.reasons.append(f"the builder of the column {key} has another name elsewhere")

        column.builder.begin(self)
        column.builder.watch(compare)
        if column.name is None:
            others = [other for known, other in column.builder.names.items() if known != name]
            column.builder.names.setdefault(name, rename)
            if others:
                rename()
            for other in others:
                other()

    def _inline_key(self, table: Table, name: str, entry: Entry, reference: Reference) -> None:
        target = self.ev.apply(reference.target, [], reference.site)
        span, helper = reference.span, None
        if not _within(span, table.span):
            # A shared helper makes it: a person would edit the column that uses the helper, or what spreads it.
            spread = _spread_span(entry, table.origin, self.ev)
            if spread is not None:
                span, helper = spread, span
            elif reference.in_helper:
                span, helper = _key_span(entry, name), span
        foreign, columns = self._target([target], table)
        given = [option(reference.options, name, self.ev) for name in ("onDelete", "onUpdate")]
        actions = [self._action(action, table) for action in given]
        table.foreign_keys.append(ForeignKey(table, (name,), foreign, columns, actions[0], actions[1], span, helper))

    def _action(self, action: Value, table: Table) -> str | None:
        if not isinstance(action, Constant):
            table.reasons.append("the action of a foreign key is not known")
        return text_of(action) or None

    def _target(self, values: list[Value], table: Table) -> tuple[Table | None, tuple[str, ...]]:
        """The table and the column names that references point at."""
        names: list[str] = []
        foreign: Table | None = None
        for value in values:
            if not isinstance(value, ColumnRef):
                reason = value.reason if isinstance(value, Unknown) else "its value is not a column"
                table.reasons.append(f"a foreign key's target is not known: {reason}")
                return None, ()
            foreign = self.table(value.table)
            names.append(self.column_name(value.table, value.key) or value.key)
        return foreign, tuple(names)

    # --- the third argument ------------------------------------------------------------------------------------

    def _extra(self, value: TableValue, table: Table) -> None:
        if value.extra is UNDEFINED:
            return
        extra = value.extra
        if not isinstance(extra, (ObjectValue, ArrayValue)):
            extra = self.ev.apply(extra, [value], None)
        if isinstance(value.extra, FunctionValue) and isinstance(extra, Constant) and extra.value is None:
            table.lost.append(LostConstraint(table, "", None, NOTHING, _head(value.extra)))
        elif isinstance(extra, _CONSTRAINTS):
            self._lose(extra, BARE, table)
        for item in self._extra_items(extra, table):
            self._extra_item(item, value, table)

    def _lose(self, value: Value, cause: str, table: Table, depth: int = 0) -> bool:
        """Note the first constraint in a value that Drizzle drops; false where there is none."""
        match value:
            case IndexValue() | UniqueValue() | PrimaryKeyValue() | ForeignKeyValue() | CheckValue():
                name = text_of(value.name) if isinstance(value, (IndexValue, UniqueValue)) else None
                table.lost.append(LostConstraint(table, _kind_of(value), name, cause, value.token))
                return True
            case ObjectValue(entries=entries) if depth < MAX_NESTED:
                return any(self._lose(entry.read(), cause, table, depth + 1) for entry in entries.values())
            case ArrayValue(items=items) if depth < MAX_NESTED:
                return any(self._lose(item, cause, table, depth + 1) for item in items)
            case _:
                return False

    def _extra_items(self, extra: Value, table: Table) -> Iterator[Value]:
        """The builders of the third argument. Drizzle flattens one level of arrays and drops plain objects in them."""
        if isinstance(extra, ArrayValue):
            self._note_gaps(table, extra.gaps)
            for item in extra.items:
                if isinstance(item, ArrayValue):
                    self._note_gaps(table, item.gaps)
                    yield from item.items
                else:
                    yield item
        elif isinstance(extra, ObjectValue):
            self._note_gaps(table, extra.gaps)
            for entry in extra.entries.values():
                yield entry.read()
        elif not (isinstance(extra, Constant) and extra.value is None):
            reason = extra.reason if isinstance(extra, Unknown) else "its value is not a list"
            self._note_gaps(table, [f"the indexes and keys are not known: {reason}"])

    def _note_gaps(self, table: Table, gaps: list[str]) -> None:
        table.reasons += gaps
        table.indexes_known = table.indexes_known and not gaps

    def _extra_item(self, item: Value, value: TableValue, table: Table) -> None:
        match item:
            case IndexValue(columns=None) | UniqueValue(columns=None):
                self._lose(item, WITHOUT_ON, table)
            case ObjectValue() | ArrayValue():
                self._lose(item, IN_OBJECT if isinstance(item, ObjectValue) else IN_ARRAY, table)
            case IndexValue():
                self._index(item, table)
            case UniqueValue(columns=tuple() as given, column_gaps=gaps):
                names = self._names(given, table)
                self._note_gaps(table, list(gaps))
                if names is not None:
                    columns = tuple(map(IndexColumn, names))
                    table.constraints.append(Index(text_of(item.name), "unique", columns, True, span=item.token))
            case PrimaryKeyValue(columns=columns_value):
                names = self._names(tuple(columns_value.items), table) if _is_whole(columns_value) else None
                if names is not None:
                    table.primary_keys.append(names)
                else:
                    self._note_gaps(table, ["the columns of a primary key are not known"])
            case ForeignKeyValue():
                self._table_key(item, value, table)
            case CheckValue():
                table.checks += 1
            case Constant() | ColumnRef() | SqlValue() | FunctionValue():
                pass  # drizzle drops what is no builder
            case _:
                reason = item.reason if isinstance(item, Unknown) else "its value is not an index or a key"
                self._note_gaps(table, [f"an entry of the indexes and keys is not known: {reason}"])

    def _names(self, columns: tuple[Value, ...], table: Table) -> tuple[str, ...] | None:
        names = []
        for column in columns:
            name = self.column_name(column.table, column.key) if isinstance(column, ColumnRef) else None
            if name is None:
                self._note_gaps(table, ["a column of a constraint is not known"])
                return None
            names.append(name)
        return tuple(names)

    def _index(self, item: IndexValue, table: Table) -> None:
        name = text_of(item.name)
        if name is None and item.name is not UNDEFINED:
            table.reasons.append("the name of an index is not known")
        self._note_gaps(table, list(item.column_gaps))
        columns = tuple(self._index_column(c, table) for c in item.columns or ())
        not_null = self._not_null_column(item.where) if item.where is not None else None
        is_partial = item.where is not None and item.where is not UNDEFINED
        if isinstance(item.where, (Unknown, Union)):
            self._note_gaps(table, ["the condition of an index is not known"])
        if name is None and item.name is UNDEFINED:
            name = "_".join([table.name, *(c.name or "expression" for c in columns), "index"])
        condition = self._condition(item.where) if isinstance(item.where, SqlValue) else None
        index = Index(name, "index", columns, item.is_unique, is_partial, not_null, item.token, condition=condition)
        table.indexes.append(index)

    def _index_column(self, value: Value, table: Table) -> IndexColumn:
        if isinstance(value, ColumnRef):
            name = self.column_name(value.table, value.key)
            if name is not None:
                return IndexColumn(name)
        if isinstance(value, SqlValue):
            columns = [part for part in value.parts if isinstance(part, ColumnRef)]
            order = _COLUMN_ONLY.match(value.text) if not value.operator else None
            direction = value.operator if value.operator in ("asc", "desc") else order and (order[1] or "asc")
            if direction and len(columns) == len(value.parts) - value.text_count == 1:
                name = self.column_name(columns[0].table, columns[0].key)
                return IndexColumn(name, descending=direction.lower() == "desc")
            if value.is_open:
                self._note_gaps(table, ["an expression of an index is not known"])
            return IndexColumn(None, self._expression(value))
        self._note_gaps(table, ["a column of an index is not known"])
        return IndexColumn(None, "?")

    def _condition(self, value: SqlValue) -> str | None:
        """The text of a condition, to tell whether two are the same; None if not all of it is known."""
        texts: list[str | None] = []
        for part in flat_parts(value) or (UNDEFINED,):
            match part:
                case str():
                    texts.append(part)
                case ColumnRef():
                    texts.append(self.column_name(part.table, part.key))
                case Constant() if part is not UNDEFINED:
                    texts.append(repr(part.value))
                case _:
                    return None
        return "".join(text for text in texts if text is not None) if None not in texts else None

    def _expression(self, value: SqlValue) -> str:
        parts = []
        for part in value.parts:
            if isinstance(part, ColumnRef):
                parts.append(self.column_name(part.table, part.key) or "?")
            else:
                parts.append(part if isinstance(part, str) else "?")
        return "".join(parts)

    def _not_null_column(self, where: Value) -> str | None:
        """The column of a condition that says only that it is not null."""
        if not isinstance(where, SqlValue):
            return None
        columns = [part for part in where.parts if isinstance(part, ColumnRef)]
        if where.operator == "isNotNull" and columns:
            return self.column_name(columns[0].table, columns[0].key)
        matched = _NOT_NULL.match(where.text) if not where.operator else None
        if matched is None:
            return None
        return matched[1] or (self.column_name(columns[0].table, columns[0].key) if columns else None)

    def _table_key(self, item: ForeignKeyValue, value: TableValue, table: Table) -> None:
        own = option(item.config, "columns", self.ev)
        theirs = option(item.config, "foreignColumns", self.ev)
        if not _is_whole(own) or not _is_whole(theirs):
            table.reasons.append("the columns of a foreign key are not known")
            return
        names = self._names(tuple(own.items), table)
        foreign, columns = self._target(theirs.items, table)
        if names is None:
            return
        actions = [self._action(action, table) for action in (item.on_delete, item.on_update)]
        table.foreign_keys.append(ForeignKey(table, names, foreign, columns, actions[0], actions[1], item.token))

    # --- relations -----------------------------------------------------------------------------------------------

    def relations(self, value: RelationsValue) -> None:
        """Add the relations of a `relations(table, …)` to its table."""
        if isinstance(value.table, ForeignTable):
            return
        if not isinstance(value.table, TableValue):
            # They may belong to any table: no relation of this file's neighbours can be called missing.
            self.unattached_relations.append(value.token)
            return
        table = self.table(value.table)
        self._add_relations(table, value.table, value.entries(self.ev))

    def relations_config(self, value: RelationsConfig) -> None:
        """Add the relations of a `defineRelations(schema, …)` to their tables."""
        by_table = value.tables(self.ev)
        if self.ev.entries_of(value.schema) is None:
            self.unattached_relations.append(value.token)
        if by_table is None:
            for candidate in self._schema_tables(value.schema):
                self.table(candidate).relations_known = False
            return
        for key, entry in by_table.entries.items():
            owner = value.schema.member(key, self.ev)
            if isinstance(owner, TableValue):
                self._add_relations(self.table(owner), owner, self.ev.entries_of(entry.read()))
        if by_table.gaps:
            for candidate in self._schema_tables(value.schema):
                self.table(candidate).relations_known = False

    def _schema_tables(self, schema: Value) -> Iterator[TableValue]:
        entries = self.ev.entries_of(schema)
        for entry in entries.entries.values() if entries is not None else ():
            value = entry.read()
            if isinstance(value, TableValue):
                yield value

    def _add_relations(self, table: Table, owner: TableValue, entries: ObjectValue | None) -> None:
        if entries is None or entries.gaps:
            table.relations_known = False
        for name, entry in entries.entries.items() if entries is not None else ():
            value = entry.read()
            if isinstance(value, RelationValue):
                self._add_relation(table, name, value)
            elif not isinstance(value, Constant):
                table.relations_known = False

    def _add_relation(self, table: Table, name: str, value: RelationValue) -> None:
        target = self.table(value.target) if isinstance(value.target, TableValue) else None
        columns, fields_known = self._relation_columns(value.fields)
        references, references_known = self._relation_columns(value.references)
        through = []
        for column in value.through:
            if isinstance(column, ColumnRef):
                junction = self.table(column.table)
                through.append((junction, self.column_name(column.table, column.key) or column.key))
        is_known = fields_known and references_known
        relation = Relation(
            value.kind,
            name,
            table,
            target,
            columns,
            references,
            text_of(value.alias),
            value.token,
            tuple(through),
            is_known,
            value,
        )
        if not fields_known:
            table.relations_known = False
        table.relations.append(relation)
        for junction, _ in through:
            if relation not in junction.junction_of:
                junction.junction_of.append(relation)

    def _relation_columns(self, values: tuple[Value, ...] | None) -> tuple[tuple[str, ...] | None, bool]:
        if values is None:
            return None, True
        names = []
        for value in values:
            name = self.column_name(value.table, value.key) if isinstance(value, ColumnRef) else None
            if name is None:
                return None, False
            names.append(name)
        return tuple(names), True


_CONSTRAINTS = (IndexValue, UniqueValue, PrimaryKeyValue, ForeignKeyValue, CheckValue)


def _kind_of(value: Value) -> str:
    match value:
        case IndexValue(is_unique=is_unique):
            return "unique index" if is_unique else "index"
        case UniqueValue():
            return "unique constraint"
        case PrimaryKeyValue():
            return "primary key"
        case ForeignKeyValue():
            return "foreign key"
        case _:
            return "check"


def _head(function: FunctionValue) -> Span:
    """The first parameter of a function, or its beginning where it has none."""
    node = function.node
    start, end = (node.params[0].start, node.params[0].end) if node.params else (node.start, node.start + 2)
    return Span(function.scope.module, start, end)


def _within(inner: Span, outer: Span) -> bool:
    return inner.file == outer.file and outer.start <= inner.start and inner.end <= outer.end


def _key_span(entry: Entry, key: str) -> Span:
    return Span(entry.module, entry.start, min(entry.start + len(key.encode()), entry.end))


def _spread_span(entry: Entry, origin: TableValue | None, ev: Evaluator) -> Span | None:
    """The name in the spread, `tenant` of `...tenant`, that brings a column into the literal of a table's columns."""
    site = origin.site if origin is not None else None
    columns = site.node_arguments[1] if site is not None and len(site.node_arguments) > 1 else None
    if site is None or not isinstance(columns, ir.Object):
        return None
    for spread in reversed([each for each in columns.entries if isinstance(each, ir.Spread)]):
        found = ev.entries_of(ev.evaluate(spread.value, site.scope))
        if found is not None and any(each is entry for each in found.entries.values()):
            name = spread.value.callee if isinstance(spread.value, ir.Call) else spread.value
            return Span(site.scope.module, name.start, name.end) if isinstance(name, (ir.Name, ir.Member)) else None
    return None


def _is_whole(value: Value) -> TypeGuard[ArrayValue]:
    return isinstance(value, ArrayValue) and not value.gaps
