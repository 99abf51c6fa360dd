"""timestamp-default-mismatch: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.tables.defaults import MILLISECONDS, SECONDS, TEXT, TimeDefault
from d1lint.rule import finding, rule

_COLUMN = {
    SECONDS: 'counts seconds (`mode: "timestamp"`)',
    MILLISECONDS: 'counts milliseconds (`mode: "timestamp_ms"`)',
    None: "is an integer",
}
_GIVES = {TEXT: "a text", SECONDS: "seconds", MILLISECONDS: "milliseconds"}
_WHY = {
    (
        SECONDS,
        TEXT,
    ): "D1 stores a text such as `2026-11-21 12:00:00`, of which Drizzle makes an Invalid Date (null in JSON).",
    (MILLISECONDS, TEXT): (
        "D1 stores a text such as `2026-11-21 12:00:00` among the numbers that Drizzle writes: "
        "SQL compares and sorts every text after every number."
    ),
    (None, TEXT): (
        "D1 stores a text such as `2026-11-21 12:00:00` all the same: "
        "the code reads a string where its type says number, and SQL sorts it after every number."
    ),
    (SECONDS, MILLISECONDS): "Drizzle takes them for seconds: it reads a date more than 50,000 years ahead.",
    (MILLISECONDS, SECONDS): "Drizzle takes them for milliseconds: it reads a date in January 1970.",
}
_SQL = {SECONDS: "(unixepoch())", MILLISECONDS: "(unixepoch() * 1000)", None: "(unixepoch())"}


@rule(on=TimeDefault, level="error", clauses=["REC-6", "DS-4"], since="0.1")
def timestamp_default_mismatch(default: TimeDefault, project: Project) -> Iterator[Finding]:
    """A default that gives an integer timestamp a text, or the time in another unit."""
    name = f"{default.table.name}.{default.column.name}"
    given = "`defaultNow()`" if default.sql is None else f"`{_short(default.sql)}`"
    shared = f" ({default.others} more columns get it here)" if default.others else ""
    yield finding(
        at=default.span,
        symbol=name,
        what=f"`{name}` {_COLUMN[default.wanted]}, and {given} gives {_GIVES[default.unit]}{shared}.",
        why=_WHY[default.wanted, default.unit],
        instead=_instead(default),
    )


def _instead(default: TimeDefault) -> str:
    if default.method.startswith("$"):
        now = "new Date()" if default.wanted is not None else "Math.floor(Date.now() / 1000)"
        return f"Write `.{default.method}(() => {now})`."
    right = f".default(sql`{_SQL[default.wanted]}`)"
    if default.wanted is not None:
        return f"Write {right}, or `.$defaultFn(() => new Date())`, which needs no migration."
    return f"Write {right}, or make it a `text` column."


def _short(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= 60 else f"{text[:59]}…"
