"""What a file's bytes say about it before it is parsed: most files do not matter, and a search costs little.

A hint may be wrong by being there; it must not be wrong by missing, except where another file leads to this one.
"""

from __future__ import annotations

from enum import Flag, auto

from d1lint.model.drizzle.tables import FOREIGN_CORES


class Hint(Flag):
    """What a file may hold."""

    ANY = auto()
    """Something that concerns the product."""
    SCHEMA = auto()
    """Tables or relations."""
    CLIENT = auto()
    """A call of a driver's `drizzle`."""
    RAW_SQL = auto()
    """Raw SQL, or a comment about it."""
    FOREIGN = auto()
    """Something of another dialect."""
    D1_CLIENT = auto()
    """A client of D1: Drizzle's, by its package or type, or Kysely's."""
    SUPPRESSION = auto()
    """A comment that silences rules."""


_ANCHORS = (b"drizzle", b"sqliteTable", b"D1Database", b"ysely", b"sql`", b"sql.raw", b".prepare(")
_SCHEMA = (b"sqlite-core", b"sqliteTable", b"elations(", b"elations<", b"elations as ", b"elationsPart")
_CLIENT = (b"drizzle(", b"drizzle<", b"drizzle as ")
_RAW_SQL = (b".prepare(", b".exec(", b".execute(", b".raw(", b"@native-sql")
_CLIENT_METHODS = (b".run(", b".all(", b".get(", b".values(", b".run<", b".all<", b".get<", b".values<")
_SQL_TEXT = (
    b"sql`",
    b"sql.",
    b"sql<",
    b"SELECT",
    b"INSERT",
    b"UPDATE",
    b"DELETE",
    b"PRAGMA",
    b"select ",
    b"insert ",
    b"update ",
    b"delete ",
    b"pragma ",
)
_D1_CLIENT = (b"drizzle-orm/d1", b"DrizzleD1Database", b"kysely-d1")
_FOREIGN = tuple(f"drizzle-orm/{core}".encode() for core in FOREIGN_CORES)


def hints_of(data: bytes) -> Hint:
    """The hints in a file's content."""
    hints = Hint(0)
    if b"d1lint-ignore" in data:
        hints |= Hint.ANY | Hint.SUPPRESSION
    if b"@native-sql" in data or (b".exec(" in data and b"env" in data) or any(text in data for text in _ANCHORS):
        hints |= Hint.ANY
    if not hints:
        return hints
    if any(text in data for text in _SCHEMA):
        hints |= Hint.SCHEMA
    if any(text in data for text in _CLIENT):
        hints |= Hint.CLIENT
    if any(text in data for text in _D1_CLIENT):
        hints |= Hint.D1_CLIENT
    if any(text in data for text in _FOREIGN):
        hints |= Hint.FOREIGN
    if any(text in data for text in _RAW_SQL) or (
        any(text in data for text in _CLIENT_METHODS) and any(text in data for text in _SQL_TEXT)
    ):
        hints |= Hint.RAW_SQL
    return hints
