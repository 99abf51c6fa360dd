"""The schema as rules see it: tables with their columns, keys, indexes and relations, by the names in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.finding import Span

if TYPE_CHECKING:
    from d1lint.model.databases import Database
    from d1lint.model.drizzle.tables import TableValue


@dataclass(slots=True, eq=False)
class Column:
    """A column. `key` is its name in TypeScript, `name` that in the database, `type` its SQL type (None: not known)."""

    key: str
    name: str
    type: str | None
    mode: str | None
    not_null: bool
    primary_key: bool
    unique: bool
    has_default: bool
    span: Span


@dataclass(slots=True, eq=False)
class ForeignKey:
    """A foreign key, inline (`.references()`) or of the table (`foreignKey()`).

    `columns` are in their declared order. `foreign` is the table it points at, None where that is not known.
    """

    table: Table
    columns: tuple[str, ...]
    foreign: Table | None
    foreign_columns: tuple[str, ...]
    on_delete: str | None
    on_update: str | None
    span: Span

    @property
    def symbol(self) -> str:
        """`posts.author_id`, or `posts.a+b`."""
        return f"{self.table.name}.{'+'.join(self.columns)}"

    @property
    def is_known(self) -> bool:
        """Whether both of its ends are known."""
        return self.foreign is not None and bool(self.columns) and len(self.columns) == len(self.foreign_columns)

    def covering_index(self) -> Index | None:
        """The index, unique constraint or primary key that leads with its columns, in any order among themselves."""
        return next((index for index in self.table.lookups() if index.leads_with(self.columns)), None)

    def partial_index(self) -> Index | None:
        """An index that would cover it, were it not for its columns' place, its condition or an expression."""
        wanted = set(self.columns)
        for index in self.table.lookups():
            named = {column.name for column in index.columns}
            if named & wanted or any(c.expression and any(w in c.expression for w in wanted) for c in index.columns):
                return index
        return None

    def relations(self) -> list[Relation]:
        """The relations over its columns: a `one` of its table, or of the parent's side, or one through a junction."""
        if self.foreign is None:
            return []
        sides = dict.fromkeys([self.table, self.foreign])
        own = [relation for table in sides for relation in table.relations if relation.follows(self)]
        return own + [relation for relation in self.table.junction_of if relation.goes_through(self)]


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A column of an index: its name, or an SQL expression (then `name` is None)."""

    name: str | None
    expression: str | None = None
    descending: bool = False


@dataclass(slots=True, eq=False)
class Index:
    """An index, or what SQLite makes one for: a unique constraint, a primary key.

    `kind` is "index", "unique" or "primary key". `partial` says that it has a condition; `not_null` names the column
    whose being not null is that whole condition. `span` is None for one that a migration made.
    """

    name: str | None
    kind: str
    columns: tuple[IndexColumn, ...]
    unique: bool
    partial: bool = False
    not_null: str | None = None
    span: Span | None = None
    migration: str | None = None

    def leads_with(self, columns: tuple[str, ...]) -> bool:
        """Whether SQLite can look these columns up with it."""
        if self.partial and self.not_null not in columns:
            return False
        leading = [column.name for column in self.columns[: len(columns)]]
        return None not in leading and set(leading) == set(columns)


@dataclass(slots=True, eq=False)
class Relation:
    """A relation of Drizzle's: `one` or `many`. Columns are the database's names; None where there are none.

    `through` holds the columns of a junction table that it goes over, with that table.
    """

    kind: str
    name: str
    table: Table
    target: Table | None
    columns: tuple[str, ...] | None
    references: tuple[str, ...] | None
    alias: str | None
    span: Span
    through: tuple[tuple[Table, str], ...] = ()
    is_known: bool = True

    def follows(self, fk: ForeignKey) -> bool:
        """Whether it is a `one` over exactly the columns of a foreign key, from either side."""
        if self.kind != "one" or self.columns is None:
            return False
        if self.table is fk.table and set(self.columns) == set(fk.columns):
            return self.target is None or self.target is fk.foreign
        return (
            self.table is fk.foreign
            and self.target is fk.table
            and self.references is not None
            and set(self.references) == set(fk.columns)
        )

    def goes_through(self, fk: ForeignKey) -> bool:
        """Whether it goes over a junction by a foreign key of that junction."""
        return all(any(t is fk.table and c == column for t, c in self.through) for column in fk.columns)


@dataclass(slots=True, eq=False)
class Table:
    """A table. `export` is the name under which its module exports it, None if it does not.

    `reasons` says what of it is not known; empty for a complete one.
    """

    name: str
    export: str | None
    file: str
    span: Span
    token: Span
    columns: list[Column] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    primary_keys: list[tuple[str, ...]] = field(default_factory=list)
    uniques: list[tuple[str, ...]] = field(default_factory=list)
    checks: int = 0
    relations: list[Relation] = field(default_factory=list)
    junction_of: list[Relation] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    indexes_known: bool = True
    relations_known: bool = True
    database: Database | None = None
    origin: TableValue | None = None
    """What it was compiled from: where its call and the arguments stand."""

    @property
    def complete(self) -> bool:
        """Whether all of it is known."""
        return not self.reasons

    def column(self, name: str) -> Column | None:
        """A column by its name in the database."""
        return next((column for column in self.columns if column.name == name), None)

    def lookups(self) -> Iterator[Index]:
        """All that SQLite can look rows up with: primary key, unique constraints, indexes, those of migrations."""
        for column in self.columns:
            if column.primary_key or column.unique:
                kind = "primary key" if column.primary_key else "unique"
                yield Index(None, kind, (IndexColumn(column.name),), True, span=column.span)
        for key in self.primary_keys:
            yield Index(None, "primary key", tuple(map(IndexColumn, key)), True, span=self.token)
        for unique in self.uniques:
            yield Index(None, "unique", tuple(map(IndexColumn, unique)), True, span=self.token)
        yield from self.indexes
        if self.database is not None:
            yield from self.database.migrations.indexes(self.name)
