"""Queries that are sent once for each element of a list, here or in a function that is called for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import nodes, occurrences, uncast
from d1lint.finding import Span
from d1lint.model.queries.callbacks import ELEMENT_METHODS, Callback, callback_at
from d1lint.model.queries.query import End, Query
from d1lint.model.values import ArrayValue, FunctionValue, Value, alternatives
from d1lint.model.walk import Use, Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

_CHUNK_WORDS = ("chunk", "batch", "slice", "page", "partition", "splice")
FEW = 5
"""A literal list of so many elements is no list that grows."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What runs some code for each element of a list. `how` is `for` or the array's method; `over` is its list."""

    how: str
    span: Span
    over: ir.Expression | None
    binding: ir.Pattern | None
    body: tuple[ir.Statement, ...]
    call: Visit | None = None


def loop_around(visit: Visit) -> Loop | None:
    """The loop over a list's elements around a call; None where another kind of loop or function is nearer."""
    for place in visit.place.around:
        statement = place.statement
        if isinstance(statement, ir.Loop) and place is not visit.place:
            return _list_loop(statement, visit.scope.module)
        if place.is_function:
            callback = callback_at(place)
            return _callback_loop(callback) if callback is not None else None
    return None


def _list_loop(statement: ir.Loop, module: str) -> Loop | None:
    if statement.kind not in ("of", "in"):
        return None
    span = Span(module, statement.start, statement.start + 3)
    return Loop("for", span, statement.iterable, statement.binding, statement.body)


def _callback_loop(callback: Callback) -> Loop | None:
    callee = callback.call.node.callee if isinstance(callback.call.node, ir.Call) else None
    if not isinstance(callee, ir.Member) or callee.name not in ELEMENT_METHODS:
        return None
    function, index = callback.function, int(callee.name == "reduce")
    binding = function.params[index].pattern if len(function.params) > index else None
    return Loop(callee.name, callback.span, callee.object, binding, function.body, callback.call)


def is_over_chunks(loop: Loop, text: Callable[[ir.Expression], str]) -> bool:
    """Whether a loop's elements are chunks of a list, by what it and they are called."""
    if loop.over is None:
        return False
    names = (text(loop.over), loop.binding.name if isinstance(loop.binding, ir.Name) else "")
    return any(word in name.lower() for word in _CHUNK_WORDS for name in names)


def is_over_few(loop: Loop, evaluate: Callable[[ir.Expression], Value]) -> bool:
    """Whether a loop's elements are only a few that the code names."""
    if loop.over is None:
        return False
    lists = (value for value in alternatives(evaluate(loop.over)) if isinstance(value, ArrayValue))
    return any(not value.gaps and len(value.items) <= FEW for value in lists)


def ends_after_first(loop: Loop) -> bool:
    """Whether a loop's body always leaves the loop when it has tried one element with success: a search or a retry."""
    return loop.how == "for" and any(isinstance(statement, (ir.Return, ir.Jump)) for statement in _last(loop.body))


def _last(body: tuple[ir.Statement, ...]) -> Iterator[ir.Statement]:
    if body:
        last = body[-1]
        yield last
        if isinstance(last, ir.Try):
            yield from _last(last.block)


def depends_on(loop: Loop, node: ir.Node) -> bool:
    """Whether an expression uses the loop's element, directly or by a variable that the body makes of it."""
    names = set(_names(loop.binding)) if loop.binding is not None else set()
    for statement in nodes(loop.body):
        if not isinstance(statement, ir.Declare) or statement.value is None:
            continue
        if any(occurrences(statement.value, name) for name in names):
            names.update(_names(statement.pattern))
    return any(occurrences(node, name) for name in names)


def _names(pattern: ir.Pattern) -> Iterator[str]:
    for node in nodes(pattern):
        if isinstance(node, ir.Name):
            yield node.name


def is_sent(query: Query) -> bool:
    """Whether the code around a query waits for it: it is awaited, or returned to what a `Promise.all` awaits."""
    return bool(query.uses & {Use.AWAITED, Use.RETURNED}) or any(True for _ in query.executors)


def loader_names(queries: Iterable[Query]) -> Iterator[str]:
    """The names of the functions that do little but to send some of a file's queries to D1."""
    sent: dict[int, list[Query]] = {}
    for query in filter(is_sent, queries):
        function = _function_of(query)
        if function is not None:
            sent.setdefault(function.start, []).append(query)
    for group in sent.values():
        function = _function_of(group[0])
        if group[0].is_d1 and function is not None and _is_loader(function, len(group)):
            yield from _names_of(function, group[0])


def _names_of(function: ir.Function, query: Query) -> Iterator[str]:
    """The names by which the function around a query is called: its own, or that of the variable that holds it."""
    yield query.function_name
    for place in query.place.around:
        match place.statement:
            case ir.Declare(pattern=ir.Name(name=name), value=ir.Node() as value) if uncast(value) is function:
                yield name
            case _:
                pass


@dataclass(slots=True, eq=False)
class LoopedQuery:
    """A query that is sent for each element of a list.

    `span` is the query, or the call of the function that sends it; `function` is that function's name, "" for none.
    """

    query: Query
    loop: Loop
    span: Span
    symbol: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class _Loader:
    """A function that does little but query, by the name under which it is called, and its first query."""

    name: str
    node: ir.Function
    query: Query

    def looped(self, loop: Loop, visit: Visit, span: Span) -> LoopedQuery:
        """Its query, sent for each element of a loop's list; `span` is where the function is named."""
        return LoopedQuery(self.query, loop, span, f"{visit.place.nearest_name}.{self.name}", self.name)


class LoopFinder:
    """Finds the queries that are sent in loops.

    `queries_of` gives the queries of a file, `text_of` its content; `loaders` are the names of functions that query.
    """

    def __init__(
        self,
        ev: Evaluator,
        queries_of: Callable[[str], list[Query]],
        text_of: Callable[[str], bytes],
        loaders: frozenset[str],
    ) -> None:
        self._ev = ev
        self._loaders = loaders
        self._queries_of = queries_of
        self._text_of = text_of

    def in_file(self, path: str, visits: list[Visit]) -> Iterator[LoopedQuery]:
        """Those of one file: its queries, then the calls in it of functions that query."""
        for query in self._queries_of(path):
            loop = self._loop_of(query.visit, query.ends[0]) if query.is_d1 and is_sent(query) else None
            if loop is not None and self._is_each(loop, query.visit, query):
                yield LoopedQuery(query, loop, query.span, query.symbol)
        for visit in visits:
            if not isinstance(visit.node, ir.Call):
                continue
            if visit.use in (Use.AWAITED, Use.RETURNED):
                loop = self._loop_of(visit, End(visit))
                called = self._loader(visit.node.callee, visit) if loop is not None else None
                if loop is not None and called is not None and self._is_each(loop, visit, called.query):
                    yield called.looped(loop, visit, visit.token)
            handed = self._handed(visit.node, visit)
            if handed is not None:
                yield handed

    def _loop_of(self, visit: Visit, end: End | None) -> Loop | None:
        """The loop that sends a query for each element; None where it is only made there, as for a batch."""
        loop = loop_around(visit)
        if loop is None or loop.call is None or end is None or end.use != Use.RETURNED:
            return loop
        function = next((place.function for place in visit.place.around if place.is_function), None)
        if function is None or function.is_async:
            return loop
        # A callback that only gives a query back sends it where somebody awaits all of them.
        return loop if _is_awaited_with_others(loop.call) or loop.how == "forEach" else None

    def _is_each(self, loop: Loop, visit: Visit, query: Query) -> bool:
        """Whether a query is one that belongs together with those of the other elements."""
        if ends_after_first(loop) or not self._depends(loop, visit, query):
            return False
        if query.is_write and self._records_work(loop, visit):
            return False
        return not self._is_bounded(loop, visit)  # last, as it may lead to files that nothing else asks for

    def _is_bounded(self, loop: Loop, visit: Visit) -> bool:
        """Whether a loop is over chunks, or over a few elements."""
        data = self._text_of(visit.scope.module)
        return is_over_chunks(loop, lambda node: data[node.start : node.end].decode("utf-8", "replace")) or is_over_few(
            loop, lambda node: self._ev.evaluate(node, visit.scope)
        )

    def _records_work(self, loop: Loop, visit: Visit) -> bool:
        """Whether a write notes what was done for an element before it: one batch at the end could lose that."""
        return any(
            isinstance(node, ir.Await) and node.end <= visit.node.start and self._is_other_work(node.value, visit)
            for node in nodes(loop.body)
        )

    def _is_other_work(self, node: ir.Expression, visit: Visit) -> bool:
        """Whether what is awaited is a call, but no query and no function of the repository that does little else."""
        if not isinstance(node, ir.Call):
            return False
        queries = self._queries_of(visit.scope.module)
        if any(node.start <= query.visit.node.start and query.visit.node.end <= node.end for query in queries):
            return False
        for value in alternatives(self._ev.evaluate(node.callee, visit.scope)):
            if isinstance(value, FunctionValue):
                sent = [q for q in self._queries_of(value.scope.module) if is_sent(q) and _is_inside(q, value.node)]
                return not sent or not _is_loader(value.node, len(sent))
        return True

    def _depends(self, loop: Loop, visit: Visit, query: Query) -> bool:
        """Whether what is sent differs from element to element, so that one query could ask for all."""
        nodes = [end.visit.node for end in query.ends] if visit is query.visit else [visit.node]
        return any(depends_on(loop, node) for node in nodes)

    def _handed(self, call: ir.Call, visit: Visit) -> LoopedQuery | None:
        """The query of a function that is handed to a method of arrays: `Promise.all(ids.map(load))`."""
        callee = call.callee
        if not isinstance(callee, ir.Member) or callee.name not in ELEMENT_METHODS or not call.args:
            return None
        if callee.name != "forEach" and not _is_awaited_with_others(visit):
            return None
        loader = self._loader(call.args[0], visit)
        if loader is None:
            return None
        index = int(callee.name == "reduce")
        binding = loader.node.params[index].pattern if len(loader.node.params) > index else None
        loop = Loop(callee.name, visit.token, callee.object, binding, loader.node.body, visit)
        if not any(depends_on(loop, end.visit.node) for end in loader.query.ends) or self._is_bounded(loop, visit):
            return None
        return loader.looped(loop, visit, Span(visit.scope.module, call.args[0].start, call.args[0].end))

    def _loader(self, node: ir.Expression, visit: Visit) -> _Loader | None:
        """The function of the repository that an expression at a call is, if it does little but query D1."""
        if not isinstance(node, (ir.Name, ir.Member)) or node.name not in self._loaders:
            return None
        for value in alternatives(self._ev.evaluate(node, visit.scope)):
            if not isinstance(value, FunctionValue):
                continue
            sent = [q for q in self._queries_of(value.scope.module) if is_sent(q) and _is_inside(q, value.node)]
            if sent and sent[0].is_d1 and _is_loader(value.node, len(sent)):
                return _Loader(node.name, value.node, sent[0])
        return None


def _is_awaited_with_others(call: Visit) -> bool:
    """Whether what `list.map(…)` gives is handed to Promise.all or its like."""
    around = call.around
    callee = around.node.callee if around is not None and isinstance(around.node, ir.Call) else None
    return isinstance(callee, ir.Member) and callee.name in ("all", "allSettled", "any", "race")


def _is_loader(function: ir.Function, queries: int) -> bool:
    """Whether a function does little but query: what else it waits for would be its own work for each element."""
    waits = (node for node in nodes(function.body, function.result) if isinstance(node, ir.Await))
    return next(islice(waits, queries, None), None) is None


def _is_inside(query: Query, function: ir.Function) -> bool:
    """Whether a function runs a query by itself: not in a function inside of it that somebody else calls."""
    own = _function_of(query)
    return own is not None and own.start == function.start


def _function_of(query: Query) -> ir.Function | None:
    return next((place.function for place in query.place.around if place.is_function), None)
