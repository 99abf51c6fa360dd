"""What a query has too much of for D1: parameters, terms, depth, the length of a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.columns import call_token
from d1lint.model.drizzle.queries import SET_OPERATIONS, ChainValue, Step
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.queries.query import Query
from d1lint.model.values import ArrayValue, ObjectValue, Value, alternatives, text_of

MAX_TERMS = 5
"""How many SELECTs D1 combines; 6 are `too many terms in compound SELECT`."""
MAX_CONDITIONS = 98
"""How many conditions one `and` or `or` can join; with 99 D1 says that the `Expression tree is too large`."""
MAX_PATTERN = 50
"""How many bytes a pattern of LIKE may have, `%` included."""
_LIKES = frozenset({"like", "notLike", "ilike", "notIlike"})
_SHORT_WORDS = ("chunk", "batch", "slice", "page", "part", "splice")


@dataclass(frozen=True, slots=True)
class Excess:
    """Where a query goes beyond a limit, and with how much."""

    span: Span
    size: int


def conditions_of(query: Query) -> Iterator[SqlValue]:
    """Every operator in the arguments of a query, the outermost first."""
    values = [query.root.site.argument(i) for i in range(query.root.site.count)]
    values += [step.site.argument(i) for step in query.steps for i in range(step.site.count)]
    pending = values[::-1]
    seen: set[int] = set()
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        for each in alternatives(value):
            if isinstance(each, SqlValue):
                if each.operator:
                    yield each
                pending += [part for part in each.parts if isinstance(part, Value)]
            elif isinstance(each, ArrayValue):
                pending += each.items
            elif isinstance(each, ObjectValue) and query.is_relational:
                pending += [entry.read() for entry in each.entries.values()]


def compound_excess(query: Query) -> Excess | None:
    """The set operation at which a query has more SELECTs than D1 combines."""
    terms = 1
    for step in query.steps:
        if step.name in SET_OPERATIONS:
            terms += _terms_added(step)
            if terms > MAX_TERMS:
                return Excess(step.token, terms)
    return None


def _terms_added(step: Step) -> int:
    """How many SELECTs a set operation adds. As a function, `union(a, b, c)`, its first argument is there already."""
    is_method = isinstance(step.site.node, ir.Call) and isinstance(step.site.node.callee, ir.Member)
    given = [step.site.argument(i) for i in range(0 if is_method else 1, step.site.count)]
    return sum(_terms(value) for value in given)


def _terms(value: Value) -> int:
    chain = next((each for each in alternatives(value) if isinstance(each, ChainValue)), None)
    if chain is None:
        return 1
    return 1 + sum(_terms_added(step) for step in chain.steps if step.name in SET_OPERATIONS)


def deep_conditions(query: Query) -> Iterator[Excess]:
    """Each `and` or `or` that joins more conditions than D1's expressions can nest."""
    for condition in conditions_of(query):
        if condition.operator in ("and", "or") and len(condition.parts) > MAX_CONDITIONS and condition.site is not None:
            yield Excess(call_token(condition.site), len(condition.parts))


def long_patterns(query: Query) -> Iterator[Excess]:
    """Each LIKE whose pattern has more bytes than D1 takes, whatever is put into it."""
    for condition in conditions_of(query):
        site = condition.site
        if condition.operator not in _LIKES or site is None or len(site.node_arguments) < 2:
            continue
        text = text_of(site.argument(1))
        size = len(text.encode()) if text is not None else _least_bytes(site.node_arguments[1])
        if size > MAX_PATTERN:
            yield Excess(call_token(site), size)


def open_patterns(query: Query) -> Iterator[Excess]:
    """Each LIKE whose pattern is made of something that may have any length."""
    for condition in conditions_of(query):
        site = condition.site
        if condition.operator in _LIKES and site is not None and len(site.node_arguments) > 1:
            node = site.node_arguments[1]
            if isinstance(node, ir.Template) and text_of(site.argument(1)) is None and not _is_cut(node):
                yield Excess(call_token(site), _least_bytes(node))


def _least_bytes(node: ir.Expression) -> int:
    """How many bytes of a template are there for sure."""
    parts = node.parts if isinstance(node, ir.Template) else ()
    return sum(len(part.encode()) for part in parts if isinstance(part, str))


def _is_cut(node: ir.Template) -> bool:
    """Whether what is put into a template is cut to a length there."""
    return any(
        isinstance(part, ir.Call) and isinstance(part.callee, ir.Member) and part.callee.name in ("slice", "substring")
        for part in node.parts
    )


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list of any length that a query binds: `written` is how it is written."""

    span: Span
    written: str
    method: str


def open_lists(query: Query, text: bytes) -> Iterator[OpenList]:
    """The lists of any length in a query's `values(…)` and `inArray(…)`; not chunks and slices of one."""
    step = query.step("values") if query.kind == "insert" else None
    if step is not None and step.site.node_arguments and _is_list_of_any_length(step.site.node_arguments[0], query):
        yield from _open(step.token, step.site.node_arguments[0], "values", text)
    for condition in conditions_of(query):
        site = condition.site
        if condition.operator in ("inArray", "notInArray") and site is not None and len(site.node_arguments) > 1:
            value = site.argument(1)
            is_known = isinstance(value, ArrayValue) and not value.gaps
            if not is_known and not any(isinstance(each, (ChainValue, SqlValue)) for each in alternatives(value)):
                yield from _open(call_token(site), site.node_arguments[1], condition.operator, text)


def _open(span: Span, node: ir.Expression, method: str, text: bytes) -> Iterator[OpenList]:
    written = text[node.start : node.end].decode("utf-8", "replace")
    if not any(word in written.lower() for word in _SHORT_WORDS):
        yield OpenList(span, written if len(written) <= 40 else "…", method)


def _is_list_of_any_length(node: ir.Expression, query: Query) -> bool:
    """Whether an expression is a list that the code makes of another: `rows.map(…)`, perhaps held in a variable."""
    if isinstance(node, ir.Name) and query.place.function is not None:
        from d1lint.facts.names import nodes_in

        declared = [
            each.value
            for each in nodes_in(query.place.function)
            if isinstance(each, ir.Declare) and isinstance(each.pattern, ir.Name) and each.pattern.name == node.name
        ]
        node = declared[0] if len(declared) == 1 and declared[0] is not None else node
    return (
        isinstance(node, ir.Call)
        and isinstance(node.callee, ir.Member)
        and node.callee.name in ("map", "flatMap", "filter")
    )
