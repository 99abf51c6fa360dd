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

    from d1lint.workspace.workspace import Workspace

_NOT_NULL = re.compile(
    r"\bwhere\s+(?:[\"`\[]?\w+[\"`\]]?\.)?[\"`\[]?(\w+)[\"`\]]?\s+is\s+not\s+null\s*;?\s*$", re.IGNORECASE
)
MAX_BYTES = 8 * 1024 * 1024
"""Folders with more SQL than this hold data, not a schema; the rest is not applied."""


class Migrations:
    """The SQL files of some folders. Nothing is read before it is asked for."""

    def __init__(self, workspace: Workspace, folders: list[str]) -> None:
        self._workspace = workspace
        self.folders = folders

    @cached_property
    def files(self) -> list[str]:
        """The SQL files in the order in which they are applied: `0001_name.sql`, or `2026_name/migration.sql`."""
        found = []
        for path in self._workspace.sql_files:
            folder = posixpath.dirname(path)
            is_nested = posixpath.basename(path) == "migration.sql" and posixpath.dirname(folder) in self.folders
            if folder in self.folders or is_nested:
                found.append(path)
        return sorted(found)

    def indexes(self, table: str) -> list[Index]:
        """The indexes and unique constraints of a table after the last migration."""
        return self._indexes.get(table.lower(), [])

    @cached_property
    def _indexes(self) -> dict[str, list[Index]]:
        if not self.files:
            return {}
        import apsw

        connection = apsw.Connection(":memory:")
        connection.execute("PRAGMA foreign_keys = OFF")
        made_by: dict[str, str] = {}
        size = 0
        for path in self.files:
            try:
                data = self._workspace.read(path)
            except OSError:
                continue
            size += len(data)
            if size > MAX_BYTES:
                break
            for statement in statements(data.decode("utf-8", "replace")):
                try:
                    for _ in connection.execute(statement):
                        pass
                except apsw.Error:
                    continue  # what SQLite refuses here changes no index; the migration rules report it
            names = connection.execute("SELECT lower(name) FROM sqlite_master WHERE type = 'index'")
            for (name,) in names:
                made_by.setdefault(str(name), path)
        found: dict[str, list[Index]] = {}
        for (table,) in list(connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")):
            found[str(table).lower()] = list(_indexes_of(connection, str(table), made_by))
        return found


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
