"""Whether a query filters its rows at all."""

from __future__ import annotations

from enum import StrEnum

from d1lint.model.drizzle.queries import Step
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.queries.query import Query
from d1lint.model.values import UNDEFINED, Value
from d1lint.model.walk import Use


class Filter(StrEnum):
    """What is known of the filter of a query."""

    ABSENT = "absent"
    """No step of the chain filters."""
    VACUOUS = "vacuous"
    """There is a `where`, and what it is given says nothing: `where(undefined)`, `where(and())`."""
    PRESENT = "present"
    UNKNOWN = "unknown"
    """Code that is not followed may add one."""


def filter_of(query: Query) -> Filter:
    """The filter of an update, a delete or a SELECT."""
    steps = [step for step in query.steps if step.name == "where"]
    if not steps:
        return Filter.UNKNOWN if _may_go_on(query) else Filter.ABSENT
    return Filter.VACUOUS if all(_is_vacuous_step(step) for step in steps) else Filter.PRESENT


def _may_go_on(query: Query) -> bool:
    """Whether code that is not followed gets the builder, and not what it gives."""
    for end in query.ends:
        function = end.place.function
        if end.use in (Use.ASSIGNED, Use.OTHER) or (end.use == Use.ARGUMENT and not _is_run_by(end.visit.around)):
            return True
        if end.use == Use.RETURNED and function is not None and not function.is_async and not any(query.executors):
            handed = next((place.handed_to for place in end.place.around if place.is_function), None)
            if handed is None:
                return True
    return False


def _is_run_by(around: object) -> bool:
    """Whether a call only runs the queries that it is given."""
    callee = getattr(getattr(around, "node", None), "callee", None)
    return getattr(callee, "name", "") in ("waitUntil", "batch", "push", "all", "allSettled", "race", "any")


def _is_vacuous_step(step: Step) -> bool:
    return not step.site.gaps and is_vacuous(step.site.argument(0))


def is_vacuous(value: Value) -> bool:
    """Whether a condition says nothing: undefined, and `and()` or `or()` of nothing but such."""
    if value is UNDEFINED:
        return True
    is_list = isinstance(value, SqlValue) and value.operator in ("and", "or")
    return (
        is_list
        and isinstance(value, SqlValue)
        and all(not isinstance(part, str) and is_vacuous(part) for part in value.parts)
    )
