"""Queries that are sent once for each element of a list, here or in a function that is called for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import nodes, uncast
from d1lint.finding import Span
from d1lint.model.drizzle.queries import RAW
from d1lint.model.queries.callbacks import ELEMENT_METHODS
from d1lint.model.queries.chunks import CHUNK_WORDS, Chunks
from d1lint.model.queries.fate import floating
from d1lint.model.queries.list_types import ListType, declared_list_type
from d1lint.model.queries.loop import Loop, aggregate_around, depends_on, loop_around, runs_once
from d1lint.model.queries.query import EXECUTORS, End, Query
from d1lint.model.taint.definitions import Definitions
from d1lint.model.taint.surroundings import Surroundings
from d1lint.model.values import ArrayValue, FunctionValue, ObjectValue, alternatives
from d1lint.model.walk import Use, Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

FEW = 5
"""A list of so many elements that the code names is no list that grows."""
_KEEPING = frozenset({"filter", "map", "slice", "sort", "reverse", "toSorted", "toReversed", "entries", "values"})


def is_sent(query: Query) -> bool:
    """Whether the code around a query waits for it, or returns it to what a `Promise.all` awaits."""
    return any(_is_waited_for(end.visit) for end in query.ends) or any(True for _ in query.executors)


def _is_waited_for(visit: Visit) -> bool:
    """Whether a call is awaited, returned, handed to `waitUntil`, or one of several that are awaited together."""
    match visit.use:
        case Use.AWAITED | Use.RETURNED:
            return True
        case Use.ITEM:
            together = aggregate_around(visit)
            return together is not None and together.use in (Use.AWAITED, Use.RETURNED)
        case Use.ARGUMENT:
            around = visit.around
            callee = around.node.callee if around is not None and isinstance(around.node, ir.Call) else None
            return isinstance(callee, (ir.Name, ir.Member)) and callee.name == "waitUntil"
        case _:
            return False


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
    """A function that does little but query, by the name under which it is called, and its first query.

    `writes` says whether one of its queries writes.
    """

    name: str
    node: ir.Function
    query: Query
    writes: bool

    def is_given_its_table(self, call: ir.Call, loop: Loop) -> bool:
        """Whether a call in a loop says by the element which table is asked."""
        names = {each.name for node in _tables_in(self.query) for each in nodes(node) if isinstance(each, ir.Name)}
        return any(
            isinstance(parameter.pattern, ir.Name) and parameter.pattern.name in names and depends_on(loop, given)
            for parameter, given in zip(self.node.params, call.args, strict=False)
        )

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
            if query.is_d1 and is_sent(query):
                yield from self._of_query(query)
        for visit in visits:
            if not isinstance(visit.node, ir.Call):
                continue
            if _is_waited_for(visit):
                loop = self._loop_of(visit, End(visit))
                called = self._loader(visit.node.callee, visit) if loop is not None else None
                if loop is None or called is None or called.is_given_its_table(visit.node, loop):
                    pass
                elif self._is_each(loop, visit, called.query, called.writes):
                    yield called.looped(loop, visit, visit.token)
            handed = self._handed(visit.node, visit)
            if handed is not None:
                yield handed

    def _of_query(self, query: Query) -> Iterator[LoopedQuery]:
        loop = self._loop_of(query.visit, query.ends[0])
        if loop is not None:
            is_told = loop.how == "forEach" and any(each.by == "forEach" for each in floating(query))
            is_about_it = any(depends_on(loop, node) for node in _tables_in(query))  # no query could ask for all
            if not is_told and not is_about_it and self._is_each(loop, query.visit, query, query.is_write):
                yield LoopedQuery(query, loop, query.span, query.symbol)
            return
        for end in query.ends:
            if query.step("prepare") is not None and end.variable and _is_waited_for(end.visit):
                loop = self._loop_of(end.visit, end)
                if loop is not None and depends_on(loop, end.visit.node) and not self._is_bounded(loop, end.visit):
                    yield LoopedQuery(query, loop, end.visit.token, query.symbol)

    def _loop_of(self, visit: Visit, end: End | None) -> Loop | None:
        """The loop that sends a query for each element; None where it is only made there, as for a batch."""
        loop = loop_around(visit)
        if loop is None or loop.call is None or end is None or end.use != Use.RETURNED:
            return loop
        function = next((place.function for place in visit.place.around if place.is_function), None)
        if function is None or function.is_async:
            return loop
        # A callback that only gives a query back sends it where somebody awaits all of them.
        is_sent_at_once = loop.how == "forEach" and isinstance(visit.node, ir.Call) and _is_executor(end)
        return loop if aggregate_around(loop.call) is not None or is_sent_at_once else None

    def _is_each(self, loop: Loop, visit: Visit, query: Query, writes: bool) -> bool:
        """Whether a query is one that belongs together with those of the other elements."""
        if runs_once(loop, visit) or not self._depends(loop, visit, query):
            return False
        if writes and self._records_work(loop, visit):
            return False
        return not self._is_bounded(loop, visit)  # last, as it may lead to files that nothing else asks for

    def _is_bounded(self, loop: Loop, visit: Visit) -> bool:
        """Whether a loop is over chunks, or over a few elements."""
        module, over = visit.scope.module, loop.over
        if over is None:
            return False
        text = self._text_of(module)[over.start : over.end].decode("utf-8", "replace").lower()
        name = loop.binding.name.lower() if isinstance(loop.binding, ir.Name) else ""
        if any(word in each for word in CHUNK_WORDS for each in (text, name)):
            return True
        return self._are_few(over, visit) or self._chunks.are(over, module)

    @cached_property
    def _definitions(self) -> Definitions:
        return Definitions(self._ev, Surroundings(self._ev))

    @cached_property
    def _chunks(self) -> Chunks:
        return Chunks(self._definitions, self._text_of)

    def _are_few(self, node: ir.Expression, visit: Visit) -> bool:
        """Whether a list has only a few elements, which the code names or a type counts."""
        node = uncast(node)
        values = list(alternatives(self._ev.evaluate(node, visit.scope)))
        counts = [len(value.items) for value in values if isinstance(value, ArrayValue) and not value.gaps]
        if len(counts) == len(values) and 0 < max(counts, default=0) <= FEW:
            return True
        match node:
            case ir.Call(callee=ir.Member(object=ir.Name(name="Object")), args=(first, *_)):
                value = self._ev.evaluate(first, visit.scope)
                return isinstance(value, ObjectValue) and not value.gaps and 0 < len(value.entries) <= FEW
            case ir.Call(callee=ir.Member(object=inner, name=name)) if name in _KEEPING:
                return self._are_few(inner, visit)
            case ir.New(callee=ir.Name(name="Set" | "Map"), args=(first, *_)):
                return self._are_few(first, visit)
            case ir.Name(name=name):
                definition = self._definitions.of(name, visit.scope.module, node.start)
                if definition is None:
                    return False
                if declared_list_type(definition, self._text_of) == ListType.FEW:
                    return True
                made = definition.node.value if isinstance(definition.node, ir.Declare) else None
                if made is None or definition.steps or not isinstance(uncast(made), (ir.Call, ir.New)):
                    return False
                return self._are_few(made, visit)
            case _:
                return False

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
        if callee.name != "forEach" and aggregate_around(visit) is None:
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
                return _Loader(node.name, value.node, sent[0], any(query.is_write for query in sent))
        return None


def _is_executor(end: End) -> bool:
    """Whether the outermost call of a chain sends its query at once."""
    callee = end.visit.node.callee if isinstance(end.visit.node, ir.Call) else None
    return isinstance(callee, ir.Member) and callee.name in EXECUTORS


def _tables_in(query: Query) -> Iterator[ir.Expression]:
    """The expressions that say which table a query is about, where they are names or parts of objects."""
    root = query.root.site
    given = [step.site.node_arguments[0] for step in query.steps if step.name == "from" and step.site.node_arguments]
    if root.node_arguments and (query.is_write or query.kind == "$count"):
        given.append(root.node_arguments[0])
    elif query.kind in RAW:
        given += [
            node.args[0]
            for node in nodes(root.node)
            if isinstance(node, ir.Call) and node.args and isinstance(node.callee, ir.Member)
            if node.callee.name in ("identifier", "raw")
        ]
    return (node for node in given if isinstance(node, (ir.Name, ir.Member, ir.Index)))


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
