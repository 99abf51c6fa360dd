"""Scripts of SQL, taken apart as SQLite's own shell does it."""

from __future__ import annotations

import re
from collections.abc import Iterator

BREAKPOINT = "--> statement-breakpoint"
"""What drizzle-kit writes between statements. It sends each piece by itself."""

_QUOTED = r"""'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[^\]]*(?:\]|\Z)"""
_COMMENT = r"--[^\n]*|/\*.*?(?:\*/|\Z)"
_SEMICOLON = re.compile(rf"{_QUOTED}|(?P<end>;)")
_COMMENTS = re.compile(rf"(?P<quoted>{_QUOTED})|{_COMMENT}", re.DOTALL)
_TRIGGER = re.compile(r"\s*(?:explain\s+)?create\s+(?:temp\s+|temporary\s+)?trigger\b", re.IGNORECASE)


def statements(script: str) -> Iterator[str]:
    """The statements of a script, without comments; triggers keep their inner semicolons."""
    for piece in script.split(BREAKPOINT):
        trigger: list[str] = []
        for part in _parts(piece):
            if not trigger and not _TRIGGER.match(part):
                if part.strip(" \t\r\n;"):
                    yield part
                continue
            trigger.append(part)
            if part.strip(" \t\r\n;").lower() == "end":  # a trigger ends with `; END;`
                yield "".join(trigger)
                trigger.clear()
        if trigger:
            yield "".join(trigger)


def quoted(name: str) -> str:
    """A name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def without_comments(sql: str) -> str:
    """A text of SQL with a space for each comment."""
    return _COMMENTS.sub(lambda match: match["quoted"] or " ", sql)


def _parts(script: str) -> Iterator[str]:
    """The text up to each semicolon that is neither quoted nor in a comment, and the rest."""
    script = without_comments(script)
    start = 0
    for match in _SEMICOLON.finditer(script):
        if match["end"]:
            yield script[start : match.end()]
            start = match.end()
    if start < len(script):
        yield script[start:]


_PARAMETER = re.compile(rf"{_QUOTED}|{_COMMENT}|(?P<mark>\?)(?P<number>\d*)|(?<![\w:])(?P<named>[:@$]\w+)", re.DOTALL)


def parameters(statement: str) -> int:
    """How many parameters a statement takes: SQLite counts up to the highest number."""
    highest = 0
    names: set[str] = set()
    for match in _PARAMETER.finditer(statement):
        if match["number"]:
            highest = max(highest, int(match["number"]))
        elif match["mark"] or (match["named"] and match["named"] not in names):
            highest += 1
        if match["named"]:
            names.add(match["named"])
    return highest
