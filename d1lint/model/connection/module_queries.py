"""Queries to D1 that are awaited while a module loads, there or in a function that is called then."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import conditional_parts, is_within, uncast
from d1lint.finding import Span
from d1lint.model.connection.clients import ModuleClient, body_of, is_getter
from d1lint.model.connection.commands import is_command
from d1lint.model.connection.factories import awaits_as_it_loads
from d1lint.model.drizzle.clients import ClientValue
from d1lint.model.kysely.clients import KyselyChain
from d1lint.model.values import FunctionValue, alternatives
from d1lint.model.walk import Use, Visit
from d1lint.model.workers import PROXY, BindingValue, StatementValue, bindings_of

if TYPE_CHECKING:
    from d1lint.model.project import Project

MAX_DEPTH = 4
"""How many functions may call each other before a query is no longer looked for."""

_COMPONENT = re.compile(r"\.(?:astro|vue|svelte)$")
"""Files whose top level runs for each request."""
_RAW = frozenset({"all", "first", "run", "raw"})
_EXECUTORS = frozenset({"execute", "executeTakeFirst", "executeTakeFirstOrThrow"})


@dataclass(slots=True, eq=False)
class ModuleQuery:
    """A query that is sent while a module loads, and that the module waits for.

    `span` is the method that begins it, or the call of a function that sends it: then `function` is the name of that
    and `sent_at` the query inside. `whole` is all of the expression that is awaited.
    """

    span: Span
    symbol: str
    sketch: str
    whole: Span
    function: str = ""
    sent_at: Span | None = None


@dataclass(slots=True, eq=False)
class _Sent:
    span: Span
    sketch: str
    symbol: str


def module_queries(project: Project, files: Container[str] | None = None) -> Iterator[ModuleQuery]:
    """The queries that modules of Worker code wait for as they load."""
    paths = (path for path in project.reach.files if files is None or path in files)
    yield from project.each(paths, lambda path: project.once(_module_queries_in, path))


def kept_clients(project: Project, files: Container[str] | None = None) -> Iterator[ModuleClient]:
    """The D1 clients that modules keep: those that one query alone is sent by, as the module loads, are not kept."""
    for client in project.module_clients_in(files):
        queries = project.once(_module_queries_in, client.span.file)
        if any(query.whole.start <= client.span.start < query.whole.end for query in queries):
            continue
        if not client.factory or not _only_sends(project, client):
            yield client


def _module_queries_in(project: Project, path: str) -> list[ModuleQuery]:
    data = project.modules.text(path)
    if not awaits_as_it_loads(data) or _COMPONENT.search(path) or is_command(data):
        return []
    senders = _Senders(project)
    found: list[ModuleQuery] = []
    for visit in project.visits(path):
        if visit.place.function is not None or not _is_taken(visit, {Use.AWAITED}):
            continue
        whole = Span(path, visit.node.start, visit.node.end)
        own = senders.sent(visit)
        inner = senders.sent_by_called(visit) if own is None else None
        if own is not None:
            found.append(ModuleQuery(own.span, own.symbol, own.sketch, whole))
        elif inner is not None:
            callee = uncast(visit.node.callee) if isinstance(visit.node, ir.Call) else None
            if isinstance(callee, ir.Function):
                found.append(ModuleQuery(inner.span, inner.symbol, inner.sketch, whole))
            else:
                symbol = visit.place.nearest_name
                found.append(ModuleQuery(visit.token, symbol, inner.sketch, whole, _name(callee), inner.span))
    return found


def _only_sends(project: Project, client: ModuleClient) -> bool:
    """Whether a function that makes a client as a module loads sends a query by it, and gives something else back."""
    senders = _Senders(project)
    for visit in project.visits(client.span.file):
        if visit.token == client.span and senders.sent_by_called(visit) is not None:
            made = project.ev.evaluate(visit.node, visit.scope)
            return not any(isinstance(value, ClientValue) for value in alternatives(made))
    return False


class _Senders:
    """Finds what sends a query to D1."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._drizzle: dict[str, dict[int, _Sent]] = {}

    def sent(self, visit: Visit) -> _Sent | None:
        """The query that a call is the end of."""
        node, path = visit.node, visit.scope.module
        if path not in self._drizzle:
            self._drizzle[path] = dict(self._queries_of(path))
        if id(node) in self._drizzle[path]:
            return self._drizzle[path][id(node)]
        if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Member):
            return None
        name, receiver = node.callee.name, node.callee.object
        if name in _RAW or name in ("batch", "exec"):
            return self._raw(node.callee, visit)
        values = alternatives(self._project.ev.evaluate(receiver, visit.scope)) if name in _EXECUTORS else ()
        for value in values:
            if isinstance(value, KyselyChain) and value.is_d1:
                return _Sent(visit.token, f"{value.method}(…)…", visit.place.nearest_name)
        return None

    def _queries_of(self, path: str) -> Iterator[tuple[int, _Sent]]:
        for query in self._project.queries.of_file(path):
            bindings = bindings_of(query.client.database) if query.client is not None else []
            if query.is_d1 and all(binding.origin != PROXY for binding in bindings):
                for end in query.ends:
                    yield id(end.visit.node), _Sent(query.span, query.sketch, query.symbol)

    def _raw(self, callee: ir.Member, visit: Visit) -> _Sent | None:
        """A statement of D1's own, or several."""
        ev, receiver = self._project.ev, uncast(callee.object)
        at = callee
        if callee.name in _RAW:
            if not any(isinstance(v, StatementValue) for v in alternatives(ev.evaluate(receiver, visit.scope))):
                return None
            while isinstance(receiver, ir.Call) and isinstance(receiver.callee, ir.Member):
                at, receiver = receiver.callee, uncast(receiver.callee.object)
        found = list(alternatives(ev.evaluate(receiver, visit.scope)))
        if at.name not in ("prepare", "batch", "exec") or not all(self._is_d1(value, visit) for value in found):
            return None
        place = Span(visit.scope.module, at.name_start, at.name_start + len(at.name.encode()))
        written = self._project.modules.text(visit.scope.module)[receiver.start : receiver.end]
        return _Sent(place, f"{written.decode('utf-8', 'replace')}.{at.name}(…)", visit.place.nearest_name)

    def _is_d1(self, value: object, visit: Visit) -> bool:
        """Whether a value is a D1 database of the Worker, by its type or by what wrangler declares."""
        if not isinstance(value, BindingValue) or value.origin == PROXY:
            return False
        workspace = self._project.workspace
        configs = workspace.wranglers_of(workspace.package_of(visit.scope.module))
        return value.is_d1 or any(d1.binding == value.name for config in configs for d1 in config.d1)

    def sent_by_called(self, visit: Visit, seen: tuple[ir.Function, ...] = ()) -> _Sent | None:
        """The query that a function of the repository surely sends, and waits for, when a call runs it."""
        node = visit.node
        if not isinstance(node, ir.Call) or is_getter(node) or len(seen) >= MAX_DEPTH:
            return None
        callees = list(alternatives(self._project.ev.evaluate(node.callee, visit.scope)))
        callee = callees[0]
        if len(callees) != 1 or not isinstance(callee, FunctionValue):
            return None
        function = callee.node
        if function.kind == "generator" or function in seen:
            return None
        body = body_of(function)
        conditional = conditional_parts(*body)
        ends = [s.start for s in body if isinstance(s, ir.If) and any(isinstance(t, ir.Return) for t in s.then)]
        last = min(ends, default=function.end)  # what follows such a statement may not run
        for inner in self._project.visits(callee.scope.module):
            if inner.place.function is not function or inner.node.start >= last:
                continue
            if is_within(inner.node.start, conditional) or not _is_taken(inner, {Use.AWAITED, Use.RETURNED}):
                continue
            found = self.sent(inner) or self.sent_by_called(inner, (*seen, function))
            if found is not None:
                return found
        return None


def _is_taken(visit: Visit, uses: Container[Use]) -> bool:
    """Whether the value of a call goes into one of some uses, itself or as one of those that a promise waits for."""
    if visit.use in uses:
        return True
    around = visit.around
    if visit.use not in (Use.ITEM, Use.ARGUMENT) or around is None or not isinstance(around.node, ir.Call):
        return False
    match around.node.callee:
        case ir.Member(object=ir.Name(name="Promise"), name="all" | "race"):
            return _is_taken(around, uses)
        case _:
            return False


def _name(callee: ir.Expression | None) -> str:
    return callee.name if isinstance(callee, (ir.Name, ir.Member)) else "…"
