"""What a query is given that may become too much for D1: lists, texts and conditions of any length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.queries.callbacks import callback_at
from d1lint.model.queries.lengths import Length, Lengths, is_chunk, is_list_type
from d1lint.model.queries.limits import Fragment, fragments_of, is_first_with, patterns_of
from d1lint.model.queries.query import Query
from d1lint.model.values import UNDEFINED, ArrayValue, FunctionValue, Unknown, Value, text_of

if TYPE_CHECKING:
    from d1lint.model.project import Project

_MADE = frozenset({"map", "flatMap"})


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list of any length. `written` is how it is written, quoted, and `method` what it is given to.

    `row` is what a row of an insert is, as far as that is known.
    """

    span: Span
    written: str
    method: str
    row: Value = UNDEFINED


def open_lists(query: Query, project: Project) -> Iterator[OpenList]:
    """The lists of any length that a query binds: in its `values(…)` and `inArray(…)`."""
    step = query.step("values") if query.kind == "insert" else None
    if step is not None and step.site.node_arguments:
        node, path, value = step.site.node_arguments[0], step.site.scope.module, step.site.argument(0)
        is_known = isinstance(value, ArrayValue) and not value.gaps
        if not is_known and _is_list(node, path, project) and _is_open(node, path, query, project):
            yield OpenList(step.token, _written(node, path, project), "values", row_made(node, path, project))
    for fragment in fragments_of(query, project.ev):
        site = fragment.value.site
        if fragment.value.operator not in ("inArray", "notInArray") or site is None or len(site.node_arguments) < 2:
            continue
        if isinstance(site.argument(1), (Unknown, ArrayValue)):
            yield from _if_open(fragment, site.node_arguments[1], query, project)


def open_conditions(query: Query, project: Project) -> Iterator[OpenList]:
    """The conditions that are spread from a list of any length: `or(...names.map((name) => eq(users.name, name)))`."""
    for fragment in fragments_of(query, project.ev):
        site = fragment.value.site
        if fragment.value.operator in ("and", "or") and site is not None and site.gaps:
            for node in site.node_arguments:
                if isinstance(node, ir.Spread):
                    yield from _if_open(fragment, node.value, query, project)


def _if_open(fragment: Fragment, node: ir.Expression, query: Query, project: Project) -> Iterator[OpenList]:
    path = fragment.span.file
    if _is_open(node, path, query, project) and is_first_with(fragment.span, query, project):
        yield OpenList(fragment.span, _written(node, path, project), fragment.value.operator)


def open_patterns(query: Query, project: Project) -> Iterator[OpenList]:
    """The patterns of LIKE that a text of any length is put into."""
    for pattern in patterns_of(query, project):
        node = pattern.node
        if node is None or text_of(pattern.value) is not None:
            continue
        path = pattern.span.file
        if _lengths(project).of(node, path) == Length.OPEN and is_first_with(pattern.span, query, project):
            yield OpenList(pattern.span, _written(node, path, project), "like")


def _lengths(project: Project) -> Lengths:
    return project.once(Lengths)


def _is_open(node: ir.Expression, path: str, query: Query, project: Project) -> bool:
    return not _is_in_chunks(query, project) and _lengths(project).of(node, path) == Length.OPEN


def _is_in_chunks(query: Query, project: Project) -> bool:
    """Whether a query stands in a loop over chunks of a list."""
    text = project.modules.text(query.file)
    for place in query.place.around:
        around: list[ir.Node | None] = []
        if isinstance(place.statement, ir.Loop):
            around = [place.statement.iterable, place.statement.binding]
        elif place.is_function and (callback := callback_at(place)) is not None:
            callee = callback.call.node.callee if isinstance(callback.call.node, ir.Call) else None
            around = [callee.object if isinstance(callee, ir.Member) else None]
        for node in around:
            if node is not None and is_chunk(text[node.start : node.end].decode("utf-8", "replace")):  # type: ignore[attr-defined]
                return True
    return False


def _is_list(node: ir.Expression, path: str, project: Project) -> bool:
    """Whether what an insert is given is a list: it is made by `map`, or declared as one."""
    made = _made_by(node, path, project)
    if made is not None or isinstance(node, ir.Array):
        return True
    if not isinstance(node, ir.Name):
        return False
    definition = project.tracer.definitions.of(node.name, path, node.start)
    if definition is None or definition.steps:
        return False
    declared = definition.node
    if isinstance(declared, ir.Declare) and isinstance(declared.value, ir.Array):
        return True
    holder = declared if isinstance(declared, ir.Declare) else definition.parameter
    return holder is not None and holder.type is not None and is_list_type(project.modules.text(path), holder.type)


def _made_by(node: ir.Expression, path: str, project: Project) -> ir.Call | None:
    """The `list.map(…)` that makes a list, perhaps held in a variable."""
    while isinstance(node, (ir.Cast, ir.Await)):
        node = node.value
    if isinstance(node, ir.Name):
        definition = project.tracer.definitions.of(node.name, path, node.start)
        declared = definition.node if definition is not None and not definition.steps else None
        if not isinstance(declared, ir.Declare) or declared.value is None:
            return None
        node = declared.value
    match node:
        case ir.Call(callee=ir.Member(name=name)) if name in _MADE and node.args:
            return node
        case ir.Call(callee=ir.Member(name="filter" | "flat", object=ir.Call() as inner)):
            return _made_by(inner, path, project)
        case _:
            return None


def row_made(node: ir.Expression, path: str, project: Project) -> Value:
    """What a callback makes of an element that is not known."""
    made = _made_by(node, path, project)
    scope = project.tracer.scope_at(made, path) if made is not None else None
    function = project.ev.evaluate(made.args[0], scope) if made is not None and scope is not None else UNDEFINED
    if not isinstance(function, FunctionValue):
        return UNDEFINED
    return project.ev.apply(function, [Unknown("an element of a list")], None)


def _written(node: ir.Expression, path: str, project: Project) -> str:
    """How an expression is written, as code in Markdown; "…" for a long one."""
    text = project.modules.text(path)[node.start : node.end].decode("utf-8", "replace")
    if len(text) > 40 or "\n" in text:
        return "`…`"
    return text if "`" in text else f"`{text}`"
