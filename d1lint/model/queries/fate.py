"""What becomes of a query: whether anything runs it, and whether anybody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from d1lint.facts import ir
from d1lint.facts.nodes import occurrences
from d1lint.finding import Span
from d1lint.model.queries.callbacks import callback_around
from d1lint.model.queries.query import End, Query
from d1lint.model.walk import Use, Visit

_UNHEARD = ("setTimeout", "setInterval", "queueMicrotask", "setImmediate")
"""Functions that take no notice of what their callback gives."""


class Fate(StrEnum):
    """What becomes of a query."""

    NEVER_RUN = "never run"
    """It is lazy, and nothing awaits it: its SQL is never sent."""
    UNAWAITED = "unawaited"
    """It is sent, but nobody waits for it: the Worker may be gone before D1 answers."""


@dataclass(frozen=True, slots=True)
class Floating:
    """A query that floats. `span` is where the statement begins, or the `forEach` that lets it float.

    `name` is the variable that holds it and that nobody reads, "" for another; `by` the method whose callback drops it.
    """

    query: Query
    fate: Fate
    span: Span
    name: str = ""
    by: str = ""


def floating(query: Query) -> Iterator[Floating]:
    """How a query floats, if it does: at most once for each of its ends."""
    if query.kind == "transaction":
        return
    is_eager = query.kind == "batch" or any(True for _ in query.executors)
    fate = Fate.UNAWAITED if is_eager else Fate.NEVER_RUN
    for end in query.ends:
        if end.variable:
            continue  # a step on a variable that holds the query
        match end.use:
            case Use.DISCARDED | Use.VOID:
                yield Floating(query, fate, _begin(end.visit))
            case Use.DECLARED if not is_eager:
                name = _unread_variable(end, query)
                if name:
                    yield Floating(query, fate, _begin(end.visit), name=name)
            case Use.RETURNED:
                yield from _dropped(query, end, fate)
            case Use.AWAITED:
                yield from _in_for_each(query, end)
            case _:
                pass


def _dropped(query: Query, end: End, fate: Fate) -> Iterator[Floating]:
    """A query that a callback returns to something that drops it."""
    callback = callback_around(end.place)
    if callback is None:
        return
    method, use = callback.method, callback.call.use
    is_dropped = (
        method in ("forEach", *_UNHEARD)
        or (method in ("map", "flatMap") and use in (Use.DISCARDED, Use.VOID))
        or (method == "map" and use == Use.AWAITED)  # awaiting an array waits for nothing in it
    )
    if is_dropped:
        yield Floating(query, Fate.UNAWAITED if callback.function.is_async else fate, callback.span, by=method)


def _in_for_each(query: Query, end: End) -> Iterator[Floating]:
    """A query that is awaited in an `async` callback of forEach, which nobody awaits in turn."""
    callback = callback_around(end.place)
    if callback is not None and callback.method == "forEach" and callback.call.use in (Use.DISCARDED, Use.VOID):
        yield Floating(query, Fate.UNAWAITED, callback.span, by="forEach")


def _begin(end: Visit) -> Span:
    """The first token of a chain: `db` of `db.insert(users)`."""
    node: ir.Expression = end.node
    while isinstance(node, (ir.Call, ir.Member, ir.Cast, ir.Index)):
        match node:
            case ir.Call(callee=inner) | ir.Member(object=inner) | ir.Cast(value=inner) | ir.Index(object=inner):
                node = inner
    return Span(end.scope.module, node.start, node.end)


def _unread_variable(end: End, query: Query) -> str:
    """The variable that a query is declared as, if nothing reads it; "" otherwise."""
    statement = end.place.statement
    if not isinstance(statement, ir.Declare) or not isinstance(statement.pattern, ir.Name):
        return ""
    function = end.place.function
    if function is None or len(query.ends) > 1:
        return ""
    name = statement.pattern.name
    return name if occurrences(function, name) == 1 else ""
