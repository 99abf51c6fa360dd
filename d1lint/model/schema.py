"""The schema as rules see it: tables with their columns, keys, indexes and relations, by the names in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.finding import Span

if TYPE_CHECKING:
    from d1lint.model.drizzle.relations import RelationValue
    from d1lint.model.drizzle.tables import TableValue
    from d1lint.model.tables.databases import Database
    from d1lint.model.values import Value


@dataclass(frozen=True, slots=True, eq=False)
class Default:
    """What fills a column that a statement leaves out: the call of a `method` (`default`, `$defaultFn`, …).

    `value` is the call's argument and `argument` its place, None where it has none; `span` is the method's place.
    `kind` is "value" for `.default(v)`, "sql" for .default(sql`…`), "now" for `.defaultNow()`, "function" for
    `.$defaultFn(f)` and `.$onUpdateFn(f)`, and "unknown" where a `.default(…)` may be a value or SQL.
    """

    kind: str
    method: str
    value: Value
    span: Span
    argument: Span | None = None


@dataclass(slots=True, eq=False)
class Column:
    """A column. `key` is its name in TypeScript, `name` that in the database, `type` its SQL type (None: not known).

    `mode` is Drizzle's, None where the code gives none, and "?" where it is not known.
    Where a column has a static default and a function, `default` is the static one: Drizzle takes that first.
    """

    key: str
    name: str
    type: str | None
    mode: str | None
    not_null: bool
    primary_key: bool
    unique: bool
    has_default: bool
    span: Span
    default: Default | None = None
    on_update: Default | None = None
    unique_name: str | None = None
    is_custom: bool = False
    """Whether `customType` made its type: what it stores and reads is its own affair."""

    @property
    def storage(self) -> str | None:
        """What SQLite keeps it as: "text", "blob" or "number"; None where that is not known."""
        if self.type is None or self.is_custom:
            return None
        kind = self.type.partition("(")[0]
        return kind if kind in ("text", "blob") else "number"


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
    helper: Span | None = None
    """Where it is written, if that is not where `span`, the use of it, is."""

    @property
    def symbol(self) -> str:
        """`posts.author_id`, or `posts.a+b`."""
        return f"{self.table.name}.{'+'.join(self.columns)}"

    @property
    def is_known(self) -> bool:
        """Whether both of its ends are known."""
        return self.foreign is not None and bool(self.columns) and len(self.columns) == len(self.foreign_columns)

    def target_key(self) -> Index | None:
        """The primary key or the full unique index of its target over exactly its columns, which SQLite insists on."""
        found = self.foreign.lookups() if self.foreign is not None else iter(())
        return next((index for index in found if index.is_key_of(self.foreign_columns)), None)

    def covering_index(self) -> Index | None:
        """The index, unique constraint or primary key that leads with its columns, in any order among themselves."""
        found = self.table.lookups_led_by(self.columns)
        return next((index for index in found if index.leads_with(self.columns)), None)

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
        near = (relation for table in sides for relation in table.relations_over(self.columns))
        own = [relation for relation in near if relation.follows(self)]
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
    whose being not null is that whole condition; `condition` is its text, where the code says it and it is wholly
    known. `name` is None where nobody gave one. `span` is None for one that a migration made.
    """

    name: str | None
    kind: str
    columns: tuple[IndexColumn, ...]
    unique: bool
    partial: bool = False
    not_null: str | None = None
    span: Span | None = None
    migration: str | None = None
    condition: str | None = None

    def leads_with(self, columns: tuple[str, ...]) -> bool:
        """Whether SQLite can look these columns up with it."""
        if self.partial and self.not_null not in columns:
            return False
        leading = [column.name for column in self.columns[: len(columns)]]
        return None not in leading and set(leading) == set(columns)

    def is_key_of(self, columns: tuple[str, ...]) -> bool:
        """Whether these columns, in any order, identify a row by it."""
        return (
            self.unique
            and not self.partial
            and len(self.columns) == len(columns)
            and {column.name for column in self.columns} == set(columns)
        )


@dataclass(frozen=True, slots=True, eq=False)
class LostConstraint:
    """Something of a table's third argument that Drizzle does not take up.

    `kind` is what it would be ("index", "unique index", "unique constraint", "primary key", "foreign key", "check";
    "" where a callback returns nothing), `name` its name if it has a known one. `cause` is one of the constants below.
    """

    table: Table
    kind: str
    name: str | None
    cause: str
    span: Span


IN_OBJECT, IN_ARRAY, WITHOUT_ON, BARE, NOTHING = "in an object", "in an array", "without on", "bare", "nothing"
"""It is in an object inside the array; in an array inside the object, or deeper in the array than Drizzle looks; it
has no `.on()`; it is all that the callback returns; the callback returns nothing."""


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
    origin: RelationValue | None = None
    """What it was compiled from. A helper that serves several tables makes one for each, at the same place."""

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
    constraints: list[Index] = field(default_factory=list)
    """Its unique constraints, those of single columns left out."""
    lost: list[LostConstraint] = field(default_factory=list)
    checks: int = 0
    relations: list[Relation] = field(default_factory=list)
    junction_of: list[Relation] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    indexes_known: bool = True
    relations_known: bool = True
    database: Database | None = None
    origin: TableValue | None = None
    """What it was compiled from: where its call and the arguments stand."""
    _lookups: list[Index] | None = None
    _led: dict[frozenset[str | None], list[Index]] | None = None
    _over: dict[frozenset[str], list[Relation]] | None = None

    @property
    def complete(self) -> bool:
        """Whether all of it is known."""
        return not self.reasons

    @property
    def uniques(self) -> list[tuple[str, ...]]:
        """The columns of each of its unique constraints, those of single columns left out."""
        return [tuple(column.name or "" for column in unique.columns) for unique in self.constraints]

    @property
    def has_primary_key(self) -> bool:
        """Whether a primary key of it is known."""
        return bool(self.primary_keys) or any(column.primary_key for column in self.columns)

    @property
    def gets_primary_key(self) -> bool:
        """Whether SQL of the repository creates it with a primary key, or as what has none: a virtual table, a view."""
        if self.database is None:
            return False
        migrations = self.database.migrations
        return migrations.has_primary_key(self.name) or migrations.is_virtual(self.name)

    def own_key(self) -> Index | None:
        """An index or constraint of it that tells its rows apart: full, unique, over columns that are never null."""
        for index in self.lookups():
            columns = [self.column(column.name) if column.name is not None else None for column in index.columns]
            if index.unique and not index.partial and all(column is not None and column.not_null for column in columns):
                return index
        return None

    @property
    def is_named(self) -> bool:
        """Whether its name is known."""
        return self.name != "?"

    def column(self, name: str) -> Column | None:
        """A column by its name in the database."""
        return next((column for column in self.columns if column.name == name), None)

    def lookups(self) -> Iterator[Index]:
        """All that SQLite can look rows up with: primary key, unique constraints, indexes, those of migrations."""
        if self.database is None:
            return self._find_lookups()
        if self._lookups is None:  # each foreign key asks, and there may be thousands
            self._lookups = list(self._find_lookups())
        return iter(self._lookups)

    def lookups_led_by(self, columns: Iterable[str]) -> list[Index]:
        """Those of the same whose first columns are these, in any order among themselves."""
        if self._led is None or self.database is None:
            self._led = {}
            for index in self.lookups():
                names = [column.name for column in index.columns]
                for end in range(1, len(names) + 1):
                    self._led.setdefault(frozenset(names[:end]), []).append(index)
        return self._led.get(frozenset(columns), [])

    def relations_over(self, columns: Iterable[str]) -> list[Relation]:
        """Its relations that go over these columns, of its own or of their targets."""
        if self._over is None or self.database is None:
            self._over = {}
            for relation in self.relations:
                for ends in dict.fromkeys(frozenset(e) for e in (relation.columns, relation.references) if e):
                    self._over.setdefault(ends, []).append(relation)
        return self._over.get(frozenset(columns), [])

    def _find_lookups(self) -> Iterator[Index]:
        for column in self.columns:
            if column.primary_key or column.unique:
                kind = "primary key" if column.primary_key else "unique"
                name = column.unique_name if column.unique else None
                yield Index(name, kind, (IndexColumn(column.name),), True, span=column.span)
        for key in self.primary_keys:
            yield Index(None, "primary key", tuple(map(IndexColumn, key)), True, span=self.token)
        yield from self.constraints
        yield from self.indexes
        if self.database is not None:
            yield from self.database.migrations.indexes(self.name)
