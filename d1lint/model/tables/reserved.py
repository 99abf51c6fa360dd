"""The names of tables that SQLite and Cloudflare keep for themselves."""

from __future__ import annotations

_PREFIXES = ("sqlite_", "_cf_", "d1_")
_INTERNAL = frozenset(
    {
        "sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema", "sqlite_sequence", "sqlite_stat1",
        "sqlite_stat4", "d1_migrations", "_cf_kv", "_cf_metadata", "_cf_alarm",
    }
)  # fmt: skip
"""Tables that are there without anybody's doing: code maps them to read them."""


def reserved_prefix(name: str) -> str | None:
    """The reserved prefix that a table's name begins with, in upper or lower case; None if it has none."""
    return next((prefix for prefix in _PREFIXES if name.lower().startswith(prefix)), None)


def is_reserved(name: str) -> bool:
    """Whether a table's name is reserved."""
    return reserved_prefix(name) is not None


def is_internal(name: str) -> bool:
    """Whether it is the name of a table that SQLite, D1 or wrangler makes."""
    return name.lower() in _INTERNAL
