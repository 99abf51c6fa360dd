"""SQL that D1 refuses, whatever the database holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from d1lint.model.sql_statements import statements

_START = re.compile(
    r"""\s*(?:explain\s+(?:query\s+plan\s+)?)?(?:
    (?P<transaction>begin|savepoint)\b
    | (?P<file>attach)\b
    | (?P<vacuum>vacuum)\b
    | (?P<temporary>create\s+(?:temp(?:orary)?\s+(?:table|view|trigger)|table\s+(?:if\s+not\s+exists\s+)?temp\s*\.))
    | pragma\s+(?:\w+\s*\.\s*)?(?P<pragma>\w+)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_REFUSED_PRAGMAS = frozenset(
    {"journal_mode", "synchronous", "integrity_check", "cache_size", "busy_timeout", "temp_store", "user_version"}
    | {"encoding", "mmap_size", "page_count", "wal_checkpoint", "auto_vacuum", "database_list", "compile_options"}
)
"""Those that workerd was seen to refuse; of others nothing is said."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that D1 refuses. `kind` is transaction, file, vacuum, temporary or pragma; `words` how it begins."""

    kind: str
    words: str


def refused(script: str) -> Refused | None:
    """The first statement of a script that D1 refuses."""
    for statement in statements(script):
        match = _START.match(statement)
        if match is None:
            continue
        kind = next((name for name, found in match.groupdict().items() if found), "")
        if kind == "pragma" and match["pragma"].lower() not in _REFUSED_PRAGMAS:
            continue
        if kind:
            return Refused(kind, re.sub(r"\s+", " ", match[0]).strip())
    return None
