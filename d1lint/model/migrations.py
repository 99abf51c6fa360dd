"""The migrations of a database, applied in order to an in-memory SQLite."""

from __future__ import annotations

import posixpath
import re
import sqlite3
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from d1lint.model.schema import Index, IndexColumn

if TYPE_CHECKING:
    import apsw

    from d1lint.workspace.packages import Package
    from d1lint.workspace.workspace import Workspace

_NOT_NULL = re.compile(
    r"\bwhere\s+(?:[\"`\[]?\w+[\"`\]]?\.)?[\"`\[]?(\w+)[\"`\]]?\s+is\s+not\s+null\s*;?\s*$", re.IGNORECASE
)
MAX_BYTES = 8 * 1024 * 1024
"""Folders with more SQL than this hold data, not a schema; the rest is not applied."""


_CREATE_INDEX = re.compile(
    r"""\bcreate\s+(unique\s+)?index\s+(?:if\s+not\s+exists\s+)?(?P<name>[`"\[]?[\w-]+[`"\]]?)\s+on\s+
    [`"\[]?(?P<table>[\w-]+)[`"\]]?\s*\((?P<columns>[^()]*)\)\s*(?P<where>where\b[^;]*)?;?""",
    re.IGNORECASE | re.VERBOSE,
)


class Migrations:
    """The SQL files of a database. Nothing is read before it is asked for.

    `folders` are those that a configuration names; `packages` those of its tables, whose other SQL files may have been
    applied by hand.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.folders: list[str] = []
        self.packages: set[Package] = set()

    @cached_property
    def files(self) -> dict[str, list[str]]:
        """The SQL files of each folder, in the order in which they are applied.

        They are `0001_name.sql`, or `2026_name/migration.sql` as Drizzle 1.0 lays them out.
        """
        found: dict[str, list[str]] = {folder: [] for folder in self.folders}
        for path in sorted(self._workspace.sql_files):
            folder = posixpath.dirname(path)
            if posixpath.basename(path) == "migration.sql" and folder not in found:
                folder = posixpath.dirname(folder)
            if folder in found:
                found[folder].append(path)
        return found

    def indexes(self, table: str) -> list[Index]:
        """The indexes and unique constraints of a table after the last migration, and those that other SQL makes."""
        return [*self._indexes.get(table.lower(), []), *self._loose_indexes.get(table.lower(), [])]

    @cached_property
    def _loose_indexes(self) -> dict[str, list[Index]]:
        """The indexes that other SQL files, and SQL in the code, make: nothing says whether they were applied."""
        found: dict[str, list[Index]] = {}
        applied = {path for files in self.files.values() for path in files}
        for path in (*self._workspace.sql_files, *self._workspace.sources):
            if path in applied or self._workspace.package_of(path) not in self.packages:
                continue
            text = self._read(path)[:MAX_BYTES]
            # Code that creates its own tables holds such statements in its strings.
            for match in _CREATE_INDEX.finditer(text) if "INDEX" in text or "create " in text else ():
                columns = tuple(
                    IndexColumn(c.split()[0].strip('`"[]')) for c in match["columns"].split(",") if c.split()
                )
                condition = match["where"]
                not_null = _not_null_column(condition) if condition else None
                index = Index(
                    match["name"].strip('`"[]'),
                    "index",
                    columns,
                    match[1] is not None,
                    partial=condition is not None,
                    not_null=not_null,
                    migration=path,
                )
                found.setdefault(match["table"].lower(), []).append(index)
        return found

    @cached_property
    def _indexes(self) -> dict[str, list[Index]]:
        found: dict[str, list[Index]] = {}
        # Each folder is a history of its own: what another one drops does not concern it.
        for files in self.files.values():
            for table, indexes in self._replay(files).items() if files else ():
                found.setdefault(table, []).extend(indexes)
        return found

    def _replay(self, files: list[str]) -> dict[str, list[Index]]:
        import apsw

        connection = apsw.Connection(":memory:")
        connection.execute("PRAGMA foreign_keys = OFF")
        made_by: dict[str, str] = {}
        size = 0
        for path in files:
            data = self._read(path)
            size += len(data)
            if size > MAX_BYTES:
                break
            for statement in statements(data):
                try:
                    for _ in connection.execute(statement):
                        pass
                except apsw.Error:
                    continue  # what SQLite refuses here changes no index; the migration rules report it
            for (name,) in connection.execute("SELECT lower(name) FROM sqlite_master WHERE type = 'index'"):
                made_by.setdefault(str(name), path)
        tables = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table.lower(): list(_indexes_of(connection, table, made_by)) for table in tables}

    def _read(self, path: str) -> str:
        try:
            return self._workspace.read(path).decode("utf-8", "replace")
        except OSError:
            return ""


def _indexes_of(connection: apsw.Connection, table: str, made_by: dict[str, str]) -> Iterator[Index]:
    listed = list(connection.execute("SELECT name, [unique], origin, partial FROM pragma_index_list(?)", (table,)))
    for name, unique, origin, partial in listed:
        if origin == "pk":
            continue
        rows = connection.execute(
            "SELECT name, [desc] FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno", (name,)
        )
        columns = tuple(
            IndexColumn(str(column) if column is not None else None, None if column is not None else "?", bool(desc))
            for column, desc in rows
        )
        where = None
        if partial:
            sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            where = _not_null_column(str(sql[0])) if sql else None
        yield Index(
            str(name),
            "unique" if origin == "u" else "index",
            columns,
            bool(unique),
            partial=bool(partial),
            not_null=where,
            migration=made_by.get(str(name).lower()),
        )


def _not_null_column(sql: str) -> str | None:
    """The column of `… WHERE column IS NOT NULL`, if that is the whole condition."""
    match = _NOT_NULL.search(sql)
    return match[1] if match else None


def statements(sql: str) -> Iterator[str]:
    """The statements of a script; triggers keep their inner semicolons."""
    pending = ""
    for piece in sql.replace("--> statement-breakpoint", "\n").split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip(" \n\r\t;"):
        yield pending
