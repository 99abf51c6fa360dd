"""Queries that bind more parameters than D1 takes in one statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.queries.limits import deep_conditions, fragments_of
from d1lint.model.queries.outlines import outline_of
from d1lint.model.queries.parameters import parameters_of, rows_of
from d1lint.model.queries.query import Query
from d1lint.model.queries.written import LIMIT, Rows
from d1lint.model.values import ArrayValue

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.project import Project


@dataclass(frozen=True, slots=True)
class Overflow:
    """Too many parameters: at least so many in all, most of them at `span`, which lists so many for `method`.

    `rows` are those of an insert.
    """

    least: int
    span: Span
    method: str
    listed: int = 0
    rows: Rows | None = None


def overflow(query: Query, project: Project) -> Overflow | None:
    """What a query binds too much; None where it fits, as far as the code says."""
    ev = project.ev
    if not project.once(outline_of, query).may_list:
        return None
    least = parameters_of(query, ev).least
    if least <= LIMIT:
        return None
    found = max(_lists(query, ev, least), key=lambda each: each.listed, default=None)
    if found is not None:
        return found
    if any(True for _ in deep_conditions(query, project)):
        return None  # that is said of its conditions already
    step = query.step("set") or query.step("where")
    return Overflow(
        least, step.token if step is not None else query.span, step.name if step is not None else query.kind
    )


def _lists(query: Query, ev: Evaluator, least: int) -> Iterator[Overflow]:
    rows, step = rows_of(query, ev), query.step("values")
    if rows is not None and step is not None:
        yield Overflow(least, step.token, "values", rows.total.least, rows)
    for fragment in fragments_of(query, ev):
        value = fragment.value
        listed = value.parts[1] if value.operator in ("inArray", "notInArray") and len(value.parts) > 1 else None
        if isinstance(listed, ArrayValue):
            yield Overflow(least, fragment.span, value.operator, len(listed.items))
