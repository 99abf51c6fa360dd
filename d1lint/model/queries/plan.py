"""What SQLite would do for a query, and which index would spare it: its own planner is asked, before and after."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.model.queries.statement import Statement
from d1lint.model.schema import Index
from d1lint.model.sql_statements import parameters, quoted

if TYPE_CHECKING:
    import apsw

    from d1lint.model.schema import Table


_READS = re.compile(r"^(?:SCAN|SEARCH) (\S+)")


@dataclass(frozen=True, slots=True)
class Plan:
    """The lines of EXPLAIN QUERY PLAN."""

    lines: tuple[str, ...]

    def scans(self, table: str) -> bool:
        """Whether it reads all rows of a table."""
        pattern = re.compile(rf'^SCAN "?{re.escape(table)}"?(?: |$)')
        return any(pattern.match(line) for line in self.lines)

    @property
    def sorts(self) -> bool:
        """Whether it sorts rows for an ORDER BY, all of them or those that are equal so far."""
        return any(line.startswith("USE TEMP B-TREE FOR") and "ORDER BY" in line for line in self.lines)

    @property
    def sorts_all(self) -> bool:
        """Whether it has to see every row that it finds before it can give the first."""
        return "USE TEMP B-TREE FOR ORDER BY" in self.lines

    @property
    def first(self) -> str:
        """The table that it begins with; "" if it reads none."""
        match = next((found for line in self.lines if (found := _READS.match(line))), None)
        return match[1] if match is not None else ""


@dataclass(frozen=True, slots=True)
class Improvement:
    """An index that would spare a query its scan or its sort; `extends` is the index that it begins with."""

    statement: Statement
    before: Plan
    after: Plan
    columns: tuple[tuple[str, bool], ...]
    extends: Index | None

    def begins_with(self, other: Improvement) -> bool:
        """Whether the index of another one would be the beginning of this one's."""
        return other.statement.table is self.statement.table and self.columns[: len(other.columns)] == other.columns

    @property
    def spares_scan(self) -> bool:
        """Whether all rows need not be read any more."""
        return self.before.scans(self.statement.table.name) and not self.after.scans(self.statement.table.name)


class Planner:
    """SQLite with the tables of one database, empty."""

    def __init__(self, tables: Iterable[Table]) -> None:
        import apsw

        self._connection: apsw.Connection = apsw.Connection(":memory:")
        self._uncertain: dict[str, set[str]] = {}
        """The first columns of indexes whose conditions are not known, by table."""
        for table in tables:
            self._create(table)

    def plan(self, sql: str) -> Plan | None:
        """What SQLite would do; None where it refuses the statement."""
        import apsw

        try:
            rows = list(self._connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * (parameters(sql) or 0)))
        except apsw.Error:
            return None
        return Plan(tuple(str(row[3]) for row in rows))

    def refusal(self, sql: str) -> str:
        """What SQLite says of a statement that it refuses; "" for others."""
        import apsw

        try:
            self._connection.execute(f"EXPLAIN {sql}", [None] * (parameters(sql) or 0))
        except apsw.Error as error:
            return str(error)
        return ""

    def improvement(self, statement: Statement) -> Improvement | None:
        """The index that would help a query most, if one would: the shortest that spares the most."""
        name = statement.table.name
        before = self.plan(statement.text)
        if before is None or self._may_have_index(statement):
            return None
        scans, sorts = before.scans(name), before.sorts_all and statement.is_limited
        if not scans and not sorts:
            return None  # to sort what a search has found costs little
        best: tuple[int, Plan, list[tuple[str, bool]]] | None = None
        for columns in _candidates(statement):
            after = self._plan_with(statement, columns)
            if after is None:
                continue
            # Half of the rows are found by what is only true or false: that spares a sort, and no reading.
            spares_scan = scans and not after.scans(name) and _tells_rows_apart(statement, columns)
            # To begin with another table, for its order, can read far more than is sorted now.
            spares_sort = before.sorts and not after.sorts and (scans or before.first == after.first)
            gain = 2 * spares_scan + spares_sort
            if (spares_scan or (sorts and spares_sort)) and (best is None or gain > best[0]):
                best = gain, after, columns
        if best is None:
            return None
        return Improvement(statement, before, best[1], tuple(best[2]), _extended(statement.table, best[2]))

    def helped_by(self, statement: Statement, indexes: Iterable[Improvement]) -> Improvement | None:
        """The first of some indexes of its table with which a query neither reads nor sorts all of it, if one does."""
        name = statement.table.name
        for index in indexes:
            after = self._plan_with(statement, list(index.columns))
            if after is not None and not after.scans(name) and not (after.sorts_all and statement.is_limited):
                return index
        return None

    def _plan_with(self, statement: Statement, columns: list[tuple[str, bool]]) -> Plan | None:
        import apsw

        described = ", ".join(f"{quoted(name)}{' DESC' if descends else ''}" for name, descends in columns)
        name = quoted(index_name(statement.table, columns))
        try:
            self._connection.execute(f"CREATE INDEX {name} ON {quoted(statement.table.name)} ({described})")
        except apsw.Error:
            return None
        try:
            return self.plan(statement.text)
        finally:
            self._connection.execute(f"DROP INDEX {name}")

    def _may_have_index(self, statement: Statement) -> bool:
        """Whether an index that is not wholly known could serve a query."""
        wanted = {*statement.equal, *statement.range, *(name for name, _ in statement.order)}
        return not statement.table.indexes_known or bool(wanted & self._uncertain.get(statement.table.name, set()))

    # --- tables --------------------------------------------------------------------------------------------------

    def _create(self, table: Table) -> None:
        import apsw

        columns = [f"{quoted(column.name)} {column.type or ''}{_key(table, column.name)}" for column in table.columns]
        has_own = any(column.primary_key for column in table.columns)
        keys = [f"PRIMARY KEY ({', '.join(map(quoted, key))})" for key in table.primary_keys if not has_own]
        with suppress(apsw.Error):  # another table has the name
            self._connection.execute(f"CREATE TABLE {quoted(table.name)} ({', '.join([*columns, *keys[:1]])})")
        for number, index in enumerate(table.lookups()):
            self._create_index(table, index, number)

    def _create_index(self, table: Table, index: Index, number: int) -> None:
        import apsw

        names = [column.name for column in index.columns]
        if index.kind == "primary key" or None in names:
            return  # the table has it; an expression serves no plain column
        condition = ""
        if index.partial:
            if index.not_null is None:
                self._uncertain.setdefault(table.name, set()).update(name for name in names if name)
                return
            condition = f" WHERE {quoted(index.not_null)} IS NOT NULL"
        described = ", ".join(
            f"{quoted(column.name or '')}{' DESC' if column.descending else ''}" for column in index.columns
        )
        unique = "UNIQUE " if index.unique else ""
        name = quoted(index.name or f"{table.name}_{'_'.join(map(str, names))}_{number}")
        with suppress(apsw.Error):  # the schema and the migrations make the same one
            self._connection.execute(f"CREATE {unique}INDEX {name} ON {quoted(table.name)} ({described}){condition}")


def _candidates(statement: Statement) -> list[list[tuple[str, bool]]]:
    """The indexes that could help: the equal columns, then the order or the first bounded column.

    What tells few rows apart comes last, and is no index by itself.
    """
    named = dict.fromkeys(statement.equal)
    telling = [name for name in named if not _is_boolean(statement.table, name)]
    others = [name for name in (*named, *dict.fromkeys(statement.null)) if name not in telling]
    equal = [(name, False) for name in (*telling, *others)]
    own = {name for name, _ in equal}
    order = [(name, descends) for name, descends in dict.fromkeys(statement.order) if name not in own]
    bounded = [(name, False) for name in dict.fromkeys(statement.range) if name not in own][:1]
    if order and all(descends for _, descends in order):
        order = [(name, False) for name, _ in order]  # an index is read backwards, too
    found = [equal if telling else [], [*equal, *bounded], [*equal, *order]]
    return [columns for columns in found if columns and (telling or columns != equal)]


def _tells_rows_apart(statement: Statement, columns: list[tuple[str, bool]]) -> bool:
    """Whether an index finds rows by something that is not only true or false."""
    found_by = {*statement.equal, *statement.range}
    return any(name in found_by and not _is_boolean(statement.table, name) for name, _ in columns)


def _is_boolean(table: Table, name: str) -> bool:
    column = table.column(name)
    return column is not None and column.mode == "boolean"


def index_name(table: Table, columns: Iterable[tuple[str, bool]]) -> str:
    """A name for a new index, as drizzle-kit's own names are made: `posts_author_id_created_at_idx`."""
    return "_".join([table.name, *(name for name, _ in columns), "idx"])


def _extended(table: Table, columns: list[tuple[str, bool]]) -> Index | None:
    """A plain index whose columns are the first of a new one's."""
    names = [name for name, _ in columns]
    for index in table.lookups():
        own = [column.name for column in index.columns]
        if index.kind == "index" and not index.unique and not index.partial and own == names[: len(own)]:
            return index
    return None


def _key(table: Table, name: str) -> str:
    column = table.column(name)
    return " PRIMARY KEY" if column is not None and column.primary_key else ""
