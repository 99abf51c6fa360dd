"""SQL fragments laid out flat: what is nested in them stands in its place."""

from __future__ import annotations

from d1lint.facts.literals import literal_text
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.values import Constant, Value

MAX_PARTS = 1_000
"""How many parts a fragment may have: one that holds another twice, which holds a third twice, has millions."""


def flat_parts(value: SqlValue) -> list[str | Value] | None:
    """The texts of a fragment and the values in it, with those of nested fragments; None if there are too many.

    An operator stands there as the call that it is, and what `sql.raw` is given as text.
    """
    found: list[str | Value] = []
    pending: list[str | Value] = [value]
    for _ in range(MAX_PARTS):
        if not pending:
            return found
        part = pending.pop()
        if not isinstance(part, SqlValue):
            found.append(part)
        elif part.operator:
            separated = [each for inner in part.parts for each in (", ", inner)]
            pending += reversed([f"{part.operator}(", *separated[1:], ")"])
        else:
            pending += reversed([_raw(inner) if part.is_raw else inner for inner in part.parts])
    return None


def _raw(part: str | Value) -> str | Value:
    return literal_text(part.value) if isinstance(part, Constant) else part
