"""The migrations of a database, applied in order to an in-memory SQLite."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property, partial
from itertools import count, islice
from typing import TYPE_CHECKING, NamedTuple

from d1lint.model.schema import Index, IndexColumn
from d1lint.model.sql_statements import statements, without_comments

if TYPE_CHECKING:
    import apsw

    from d1lint.model.memo import ContentMemo
    from d1lint.workspace.packages import Package
    from d1lint.workspace.workspace import Workspace

_NOT_NULL = re.compile(
    r"\bwhere[\s(]+(?:[\"`\[]?\w+[\"`\]]?\.)?[\"`\[]?(\w+)[\"`\]]?\s+(?:is\s+not\s+null|not\s*null)[\s);]*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_CHANGES_SCHEMA = re.compile(r"\s*(?:create|alter|drop|begin|commit|end|rollback|savepoint|release)\b", re.IGNORECASE)

# Nobody vouches for the SQL of a repository: what it can cost, and what it can reach, has bounds.
MAX_BYTES = 8 * 1024 * 1024
"""Folders with more SQL than this hold data, not a schema; the rest is not applied."""
MAX_STATEMENTS = 20_000
"""How many statements of a folder are applied."""
MAX_STEPS = 20_000_000
"""How many instructions of SQLite's machine they may take, all together."""
MAX_PAGES = 16_384
"""How large the database may become, in pages of 4 KiB."""
MAX_VALUE = 1_000_000
"""The longest text or blob that it may make, in bytes."""
_STEPS_AT_ONCE = 100_000

_CREATES_INDEX = (b"INDEX", b"create index", b"create unique index")
_CREATE_INDEX = re.compile(
    r"""\bcreate\s+(unique\s+)?index\s+(?:if\s+not\s+exists\s+)?(?:[`"\[]?\w+[`"\]]?\.)?(?P<name>[`"\[]?[\w-]+[`"\]]?)\s+on\s+
    [`"\[]?(?P<table>[\w-]+)[`"\]]?\s*\((?P<columns>[^()]*)\)\s*(?P<where>where\b[^;]*)?;?""",
    re.IGNORECASE | re.VERBOSE,
)

_CREATE_TABLE = re.compile(
    r"""\bcreate\s+(virtual\s+table|table|view)\s+(?:if\s+not\s+exists\s+)?[`"'\[\\]*([\w-]+)""", re.IGNORECASE
)
_CREATES_TABLE = (
    b"create table", b"CREATE TABLE", b"create virtual table", b"CREATE VIRTUAL TABLE", b"create view", b"CREATE VIEW",
)  # fmt: skip
_PRIMARY_KEY = re.compile(r"\bprimary\s+key\b", re.IGNORECASE)
_KEYS = re.compile(r"\bunique\b|\bprimary\s+key\s*\(", re.IGNORECASE)


class CreatedTable(NamedTuple):
    """A table that a `CREATE TABLE` makes; its name is in lower case. `is_virtual` says that it has no rows of its own:
    it is a virtual one, or a view.

    `has_keys` says that it has a unique constraint, or a primary key that is apart from its columns.
    """

    name: str
    is_virtual: bool
    has_primary_key: bool
    has_keys: bool


class Migrations:
    """The SQL files of a database. Nothing is read before it is asked for.

    `folders` are those that a configuration names; `packages` those of its tables, whose other SQL files may have been
    applied by hand.
    """

    def __init__(self, workspace: Workspace, memo: ContentMemo) -> None:
        self._workspace = workspace
        self._memo = memo
        self.folders: list[str] = []
        self.packages: set[Package] = set()

    @cached_property
    def files(self) -> dict[str, list[str]]:
        """The SQL files of each folder, in the order in which they are applied.

        They are `0001_name.sql`, or `2026_name/migration.sql` as Drizzle 1.0 lays them out.
        """
        found: dict[str, list[str]] = {folder: [] for folder in self.folders}
        for path in sorted(self._workspace.sql_files, key=_order):
            folder = posixpath.dirname(path)
            if posixpath.basename(path) == "migration.sql" and folder not in found:
                folder = posixpath.dirname(folder)
            if folder in found:
                found[folder].append(path)
        return found

    def indexes(self, table: str) -> list[Index]:
        """The indexes and unique constraints of a table after the last migration, and those that other SQL makes."""
        return [*self._indexes.get(table.lower(), []), *self._loose_indexes.get(table.lower(), [])]

    def makes(self, table: str) -> bool:
        """Whether a table is there after the last migration, or other SQL of the packages creates it."""
        return table.lower() in self._indexes or table.lower() in self._loose_tables

    def has_keys_besides(self, table: str) -> bool:
        """Whether SQL that is no migration creates a table with unique constraints or keys, which are not looked at."""
        return table.lower() in self._loose_keys

    def is_virtual(self, table: str) -> bool:
        """Whether SQL of the packages creates a table as a virtual one, such as for full-text search, or a view."""
        return any(made.is_virtual for made in self._created.get(table.lower(), ()))

    def has_primary_key(self, table: str) -> bool:
        """Whether SQL of the packages creates a table with a primary key."""
        return any(made.has_primary_key for made in self._created.get(table.lower(), ()))

    @cached_property
    def _created(self) -> dict[str, list[CreatedTable]]:
        """The tables that SQL of the packages creates, by their names in lower case, migrations and other SQL alike."""
        found: dict[str, list[CreatedTable]] = {}
        applied = [path for files in self.files.values() for path in files]
        for path in (*applied, *self._loose_files()):
            for made in self._memo.of(_tables_made_in, path, self._bytes(path)):
                found.setdefault(made.name, []).append(made)
        return found

    @cached_property
    def _loose_keys(self) -> set[str]:
        """Those that other SQL files, and SQL in the code, create with keys over columns that are named apart."""
        loose = self._loose_files()
        made = (each for path in loose for each in self._memo.of(_tables_made_in, path, self._bytes(path)))
        return {each.name for each in made if each.has_keys}

    @cached_property
    def _loose_tables(self) -> set[str]:
        """The tables that other SQL files, and SQL in the code, create; in lower case."""
        loose = self._loose_files()
        return {made.name for path in loose for made in self._memo.of(_tables_made_in, path, self._bytes(path))}

    def _loose_files(self) -> Iterator[str]:
        """The files besides the migrations whose SQL may have been applied: nothing says whether it was."""
        applied = {path for files in self.files.values() for path in files}
        for path in (*self._workspace.sql_files, *self._workspace.sources):
            if path not in applied and self._workspace.package_of(path) in self.packages:
                yield path

    @cached_property
    def _loose_indexes(self) -> dict[str, list[Index]]:
        """The indexes that such files make."""
        found: dict[str, list[Index]] = {}
        for path in self._loose_files():
            for table, index in self._memo.of(_indexes_made_in, path, self._bytes(path)):
                found.setdefault(table, []).append(index)
        return found

    @cached_property
    def _indexes(self) -> dict[str, list[Index]]:
        found: dict[str, list[Index]] = {}
        # Each folder is a history of its own: what another one drops does not concern it.
        for files in self.files.values():
            if not files:
                continue
            # What a folder comes to rests on the names and contents of its files, one after the other.
            contents = b"\0".join(part for path in files for part in (os.fsencode(path), self._bytes(path)))
            replay = partial(self._replay, files)
            for table, indexes in self._memo.of(replay, files[0], contents, key=Migrations).items():
                found.setdefault(table, []).extend(indexes)
        return found

    def _replay(self, files: list[str], first: str, contents: bytes) -> dict[str, list[Index]]:
        connection = _connection()
        made_by: dict[str, str] = {}
        for path, script in self._scripts(files):
            for statement in script:
                _apply(connection, statement)
            names = [str(name) for (name,) in connection.execute(_INDEX_NAMES)]
            made_by = {name: made_by.get(name, path) for name in names}
        connection.authorizer = None
        tables = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table.lower(): list(_indexes_of(connection, table, made_by)) for table in tables}

    def _scripts(self, files: list[str]) -> Iterator[tuple[str, Iterator[str]]]:
        """The statements of each file that can change the schema. What changes rows changes no index."""
        size, left = 0, MAX_STATEMENTS
        for path in files:
            script = self._read(path)
            size += len(script)
            if size > MAX_BYTES:
                return
            found = list(islice(filter(_CHANGES_SCHEMA.match, statements(script)), left))
            left -= len(found)
            yield path, iter(found)

    def _read(self, path: str) -> str:
        return self._bytes(path).decode("utf-8-sig", "replace")

    def _bytes(self, path: str) -> bytes:
        try:
            return self._workspace.read(path)
        except OSError:
            return b""


def _indexes_made_in(path: str, data: bytes) -> list[tuple[str, Index]]:
    """The indexes that SQL in a file makes, each with its table in lower case."""
    if not path.endswith(".sql") and not any(text in data for text in _CREATES_INDEX):
        return []  # code that creates its own tables holds such statements in its strings
    text = data.decode("utf-8-sig", "replace")[:MAX_BYTES]
    if path.endswith(".sql"):
        text = without_comments(text)
    found = []
    for match in _CREATE_INDEX.finditer(text):
        columns = tuple(IndexColumn(c.split()[0].strip('`"[]')) for c in match["columns"].split(",") if c.split())
        condition = match["where"]
        index = Index(
            match["name"].strip('`"[]'),
            "index",
            columns,
            match[1] is not None,
            partial=condition is not None,
            not_null=_not_null_column(condition) if condition else None,
            migration=path,
        )
        found.append((match["table"].lower(), index))
    return found


def _tables_made_in(path: str, data: bytes) -> list[CreatedTable]:
    """The tables that SQL in a file creates."""
    if not path.endswith(".sql") and not any(text in data for text in _CREATES_TABLE):
        return []
    text = data.decode("utf-8-sig", "replace")[:MAX_BYTES]
    matches = list(_CREATE_TABLE.finditer(text))
    ends = [*(match.start() for match in matches), len(text)][1:]
    found = []
    for match, end in zip(matches, ends, strict=True):
        body = text[match.end() : end].partition(";")[0]
        has_key, has_keys = (pattern.search(body) is not None for pattern in (_PRIMARY_KEY, _KEYS))
        found.append(CreatedTable(match[2].lower(), match[1].lower() != "table", has_key, has_keys))
    return found


def _order(path: str) -> tuple[str, int, str]:
    """By their numbers, as wrangler does it: `9_b.sql` comes before `10_c.sql`."""
    folder, name = posixpath.split(path)
    if name == "migration.sql":
        folder, name = posixpath.split(folder)
    number = _NUMBER.match(name)
    return folder, int(number[0]) if number else -1, name


_INDEX_NAMES = "SELECT lower(name) FROM sqlite_master WHERE type = 'index'"


def _connection() -> apsw.Connection:
    """An empty database in memory that reaches no file and ends in time."""
    import apsw

    connection = apsw.Connection(":memory:")
    connection.execute(f"PRAGMA foreign_keys = OFF; PRAGMA max_page_count = {MAX_PAGES}")
    connection.limit(apsw.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    # Without ATTACH, which VACUUM INTO needs too, no statement opens a file.
    refused = (apsw.SQLITE_ATTACH, apsw.SQLITE_PRAGMA)
    connection.authorizer = lambda code, *_: apsw.SQLITE_DENY if code in refused else apsw.SQLITE_OK
    steps = count(_STEPS_AT_ONCE, _STEPS_AT_ONCE)
    connection.set_progress_handler(lambda: next(steps) > MAX_STEPS, _STEPS_AT_ONCE)
    return connection


def _apply(connection: apsw.Connection, statement: str) -> None:
    """Run a statement. What SQLite refuses here changes no index; the rules of migrations report it."""
    import apsw

    with suppress(apsw.Error, ValueError):  # ValueError: a NUL in it
        for _ in connection.execute(statement):
            pass


def _indexes_of(connection: apsw.Connection, table: str, made_by: dict[str, str]) -> Iterator[Index]:
    listed = list(connection.execute("SELECT name, [unique], origin, partial FROM pragma_index_list(?)", (table,)))
    for name, unique, origin, is_partial in listed:
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
        if is_partial:
            sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            where = _not_null_column(str(sql[0])) if sql else None
        yield Index(
            str(name),
            "unique" if origin == "u" else "index",
            columns,
            bool(unique),
            partial=bool(is_partial),
            not_null=where,
            migration=made_by.get(str(name).lower()),
        )


def _not_null_column(sql: str) -> str | None:
    """The column of `… WHERE column IS NOT NULL`, if that is the whole condition."""
    match = _NOT_NULL.search(without_comments(sql))
    return match[1] if match else None
