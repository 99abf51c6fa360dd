"""Names that two tables or two indexes of one database have, and indexes that are there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from d1lint.finding import Span
from d1lint.model.schema import Index, IndexColumn, Table


@dataclass(frozen=True, slots=True, eq=False)
class DuplicateTable:
    """A table whose name another one of its database has, in upper or lower case. `first` comes before it."""

    table: Table
    first: Table

    @property
    def span(self) -> Span:
        """The table's call."""
        return self.table.token


@dataclass(frozen=True, slots=True, eq=False)
class DuplicateIndexName:
    """An index, or a named unique constraint, whose name another one of its database has. `first` comes before it."""

    table: Table
    index: Index
    first_table: Table
    first: Index
    span: Span


def duplicate_tables(groups: Iterable[list[Table]]) -> Iterator[DuplicateTable]:
    """The tables of each group that have the name of an earlier one, each once."""
    found: dict[Table, Table] = {}
    for group in groups:
        by_name: dict[str, Table] = {}
        for table in sorted(group, key=lambda table: table.token):
            if not table.is_named:
                continue
            first = by_name.setdefault(table.name.lower(), table)
            if first.token != table.token:  # a factory that is called twice makes two tables at one place
                found.setdefault(table, first)
    return (DuplicateTable(table, first) for table, first in found.items())


def duplicate_index_names(groups: Iterable[list[Table]], v1: set[Table]) -> Iterator[DuplicateIndexName]:
    """The indexes of each group that have the name of an earlier one, each place once.

    Of tables with one name, only the first counts: there will be one of them. In Drizzle 1.0 (`v1`) unique constraints
    make no index of their name.
    """
    found: dict[Span, DuplicateIndexName] = {}
    for group in groups:
        names: dict[str, tuple[Table, Index]] = {}
        tables: dict[str, Table] = {}
        for table in sorted(group, key=lambda table: table.token):
            if tables.setdefault(table.name.lower(), table) is not table:
                continue
            constraints = [] if table in v1 else table.constraints
            of_columns = [] if table in v1 else list(_named_uniques(table))
            for index in (*table.indexes, *constraints, *of_columns):
                if index.name is None or index.span is None:
                    continue
                first_table, first = names.setdefault(index.name.lower(), (table, index))
                if first is not index and not (first_table is table and index in of_columns):
                    found.setdefault(index.span, DuplicateIndexName(table, index, first_table, first, index.span))
    return iter(found.values())


def _named_uniques(table: Table) -> Iterator[Index]:
    """What `.unique("name")` of single columns makes. drizzle-kit itself refuses two of one name in one table."""
    for column in table.columns:
        if column.unique and column.unique_name:
            yield Index(column.unique_name, "unique", (IndexColumn(column.name),), True, span=column.span)


def duplicate_indexes(table: Table, *, is_v1: bool) -> Iterator[tuple[Index, Index]]:
    """The indexes that are made twice, each with the earlier one: the same columns, uniqueness and condition.

    Before Drizzle 1.0, a unique constraint is such an index, too. Two of one name are not two.
    """
    if not table.indexes_known:
        return
    known: dict[object, Index] = {}
    for index in table.lookups():
        if index.span is None or index.kind == "primary key" or (index.kind == "unique" and is_v1):
            continue
        if not _is_known(index):
            continue
        first = known.setdefault((index.columns, index.unique, index.condition), index)
        if first is not index and _name(first, table).lower() != _name(index, table).lower():
            yield index, first


def _is_known(index: Index) -> bool:
    """Whether all that an index is over is known, and its condition."""
    columns_known = all(column.name or "?" not in (column.expression or "?") for column in index.columns)
    return columns_known and (not index.partial or index.condition is not None)


def _name(index: Index, table: Table) -> str:
    """The name that an index gets in the database."""
    columns = "_".join(column.name or "" for column in index.columns)
    return index.name or f"{table.name}_{columns}_unique"
