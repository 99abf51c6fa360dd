"""Queries that bind more parameters than D1 takes in one statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import nodes
from d1lint.finding import Span
from d1lint.model.queries.binds import Count
from d1lint.model.queries.limits import deep_conditions, fragments_of
from d1lint.model.queries.open_ends import row_made
from d1lint.model.queries.outlines import outline_of
from d1lint.model.queries.parameters import given_row_of, parameters_of, rows_of
from d1lint.model.queries.parts import part_of
from d1lint.model.queries.query import Query
from d1lint.model.queries.written import LIMIT, Rows
from d1lint.model.values import UNDEFINED, ArrayValue

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.project import Project


_MEMBERSHIPS = ("inArray", "notInArray")


@dataclass(frozen=True, slots=True)
class Overflow:
    """Too many parameters: at least so many in all, most of them at `span`, which lists so many for `method`.

    `rows` are those of an insert; `is_part` says that a list of any length is cut into parts that are so long.
    """

    least: int
    span: Span
    method: str
    listed: int = 0
    rows: Rows | None = None
    is_part: bool = False


def overflow(query: Query, project: Project) -> Overflow | None:
    """What a query binds too much; None where it fits, as far as the code says."""
    ev = project.ev
    if not project.once(outline_of, query).may_list:
        return None
    least = parameters_of(query, ev).least
    if least <= LIMIT:
        return _in_parts(query, project)
    if any(_is_shortened(node, query, project) for node in _given(query, project)):
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


def _given(query: Query, project: Project) -> Iterator[ir.Expression]:
    """What the query is given as lists: in `values(…)` and `inArray(…)`."""
    step = query.step("values")
    if query.kind == "insert" and step is not None:
        yield from step.site.node_arguments[:1]
    for fragment in fragments_of(query, project.ev):
        site = fragment.value.site
        if fragment.value.operator in _MEMBERSHIPS and site is not None:
            yield from site.node_arguments[1:2]


def _is_shortened(node: ir.Expression, query: Query, project: Project) -> bool:
    """Whether code sets the length of a list that is given: `ids.length = 10`."""
    names = {each.name: each for each in nodes(node) if isinstance(each, ir.Name)}
    for name, each in names.items():
        definition = project.tracer.definitions.of(name, query.file, each.start)
        changes = project.tracer.definitions.changes(definition) if definition is not None else ()
        if any(_sets_length(change) for change, _ in changes):
            return True
    return False


def _sets_length(change: ir.Node) -> bool:
    return isinstance(change, ir.Assign) and isinstance(change.target, ir.Member) and change.target.name == "length"


def _in_parts(query: Query, project: Project) -> Overflow | None:
    """A list that is cut into parts which are too long, by a literal number."""
    step = query.step("values") if query.kind == "insert" else None
    if step is not None and step.site.node_arguments:
        node = step.site.node_arguments[0]
        part = part_of(node, query.file, project)
        if part is None:
            return None
        row = row_made(node, query.file, project)
        row = row_made(part.whole, query.file, project) if row is UNDEFINED else row
        per_row = given_row_of(query, row, project.ev)
        if per_row * part.size > LIMIT:
            rows = Rows(Count(per_row, False), part.size, Count(per_row * part.size, False))
            return Overflow(per_row * part.size, step.token, "values", part.size, rows, is_part=True)
        return None
    for fragment in fragments_of(query, project.ev):
        site = fragment.value.site
        if fragment.value.operator not in _MEMBERSHIPS or site is None or len(site.node_arguments) < 2:
            continue
        part = part_of(site.node_arguments[1], fragment.span.file, project)
        if part is not None and part.size > LIMIT:
            return Overflow(part.size, fragment.span, fragment.value.operator, part.size, is_part=True)
    return None


def _lists(query: Query, ev: Evaluator, least: int) -> Iterator[Overflow]:
    rows, step = rows_of(query, ev), query.step("values")
    if rows is not None and step is not None:
        yield Overflow(least, step.token, "values", rows.total.least, rows)
    for fragment in fragments_of(query, ev):
        value = fragment.value
        listed = value.parts[1] if value.operator in ("inArray", "notInArray") and len(value.parts) > 1 else None
        if isinstance(listed, ArrayValue):
            yield Overflow(least, fragment.span, value.operator, len(listed.items))
        elif not value.operator:
            longest = max((len(part.items) for part in value.parts if isinstance(part, ArrayValue)), default=0)
            if longest:
                yield Overflow(least, fragment.span, "in", longest)
