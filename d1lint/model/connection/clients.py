"""Clients of D1 that are made while a module loads, and not for a request: Drizzle's and Kysely's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import uncast
from d1lint.finding import Span
from d1lint.model.drizzle.clients import D1, ClientMaker, ClientValue
from d1lint.model.kysely.clients import DialectClass, KyselyClient
from d1lint.model.values import ClassValue, FunctionValue, Instance, Unknown, Value, alternatives
from d1lint.model.walk import Place, Visit, Visited
from d1lint.model.workers import CONTEXT, IMPORTED, PROCESS, UNDEFINED_ENV, BindingValue, EnvValue

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Binding, Scope

MAX_DEPTH = 6
"""How many factories may call each other before a client is no longer looked for."""

MODULE_ORIGINS = frozenset({CONTEXT, IMPORTED, PROCESS, UNDEFINED_ENV})
"""Environments that a module can have without a request."""


DRIZZLE, KYSELY = "Drizzle", "Kysely"


@dataclass(slots=True, eq=False)
class ModuleClient:
    """A D1 client that exists once for a whole isolate.

    `span` is the call that makes it: `drizzle(` or `new Kysely(` itself, or that of a factory, whose `drizzle(` is
    `maker`; `factory` is "" for a function without a name. `origin` is where its environment comes from, one of the
    constants of `workers`; `binding` the binding's name. `context` is the name of a function that hands out the context
    of a request, where `span` is its call and clients, of which `maker` is the first, are made of what it gives.
    """

    span: Span
    symbol: str
    origin: str
    binding: str
    is_static_field: bool
    maker: Span | None
    factory: str
    options: str
    """The further arguments of `drizzle(`, as they are written, with their comma; "" where there are none."""
    library: str = DRIZZLE
    context: str = ""


def module_clients(visits: list[Visit], ev: Evaluator, text: Callable[[str], bytes]) -> Iterator[ModuleClient]:
    """The clients that a module makes as it loads, and the contexts that it asks for then to make clients of."""
    contexts = list(_contexts(visits, ev))
    yield from contexts
    makers = _Makers(ev)
    claimed = 0
    for visit in visits:
        node = visit.node
        if visit.place.function is not None or not isinstance(node, (ir.Call, ir.New)):
            continue
        if node.start < claimed:
            continue  # the call around it is the finding
        if not makers.may_make(visit):
            continue
        for made, client in _made_by(visit, makers):
            if client.binding is None or client.binding.origin not in MODULE_ORIGINS:
                continue
            if contexts and client.binding.origin == CONTEXT:
                continue  # the call that gives the context is the finding
            is_direct = made is visit
            claimed = node.end
            yield ModuleClient(
                _kysely_around(visit, ev).token if is_direct else visit.token,
                visit.place.name or "(module)",
                client.binding.origin,
                client.binding.name,
                _is_static(visit),
                None if is_direct else made.token,
                "" if is_direct else _name(node.callee),
                _written_options(made.node, text(made.scope.module)),
                client.library,
            )
            break


def _contexts(visits: list[Visit], ev: Evaluator) -> Iterator[ModuleClient]:
    """The calls at the top level for a request's context that a variable takes, and that clients are made of."""
    for visit in visits:
        node, statement = visit.node, visit.place.statement
        if visit.place.function is not None or not isinstance(node, ir.Call) or node.args:
            continue
        if not isinstance(statement, ir.Declare) or statement.value is not node:
            continue
        env = ev.evaluate(node, visit.scope).member("env", ev)
        if not isinstance(env, EnvValue) or env.origin != CONTEXT:
            continue
        taken = {name: visit.scope.find(name) for name in _bound(statement.pattern)}
        made = next(((user, client) for user in visits if (client := _made_of(user, taken, ev)) is not None), None)
        if made is not None:
            user, binding = made
            name = _name(node.callee)
            symbol = visit.place.name or "(module)"
            yield ModuleClient(visit.token, symbol, CONTEXT, binding.name, False, user.token, "", "", context=name)


def _made_of(visit: Visit, taken: Mapping[str, Binding | None], ev: Evaluator) -> BindingValue | None:
    """The binding of a client that a call makes of what some variables of the module hold."""
    node = visit.node
    for arg in node.args if isinstance(node, ir.Call) else ():
        root = uncast(arg)
        while isinstance(root, ir.Member):
            root = uncast(root.object)
        if isinstance(root, ir.Name) and root.name in taken and visit.scope.find(root.name) is taken[root.name]:
            client = ev.evaluate(node, visit.scope)
            if isinstance(client, ClientValue) and client.is_d1:
                return _binding(client.database)
    return None


def _bound(pattern: ir.Pattern) -> Iterator[str]:
    """The names that a pattern binds."""
    match pattern:
        case ir.Name(name=name):
            yield name
        case ir.ObjectPattern(entries=entries):
            for entry in entries:
                yield from _bound(entry.target)
        case _:
            pass


def _kysely_around(visit: Visit, ev: Evaluator) -> Visit:
    """The call that makes the instance of Kysely that a dialect is for; otherwise the call itself."""
    around = visit.around
    if around is not None and isinstance(around.node, ir.New):
        made = ev.evaluate(around.node, around.scope)
        return around if isinstance(made, KyselyClient) else visit
    return visit


class _Makers:
    """Which functions can make a client of D1 at all, whatever they are called with. Each is looked at once."""

    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self._known: dict[int, bool] = {}

    def may_make(self, visit: Visit) -> bool:
        """Whether a call can make a client, itself or in the functions that it runs."""
        called = list(self._called(visit))
        return any(map(_is_maker, called)) or any(
            self._function(*run) for callee in called for run in self._run(callee)
        )

    def _called(self, visit: Visit) -> Iterator[Value]:
        node = visit.node
        if isinstance(node, (ir.Call, ir.New)) and not is_getter(node):
            yield from alternatives(self.ev.evaluate(node.callee, visit.scope))

    def _run(self, callee: Value) -> Iterator[tuple[ir.Function, Scope]]:
        """The functions that a call of a value runs."""
        if isinstance(callee, FunctionValue):
            yield callee.node, callee.scope
        elif isinstance(callee, ClassValue):
            scope = self.ev.member_scope(callee.node, False, callee.scope)
            for function in run_by_constructor(callee.node):
                yield function, scope

    def _function(self, node: ir.Function, scope: Scope) -> bool:
        # Functions may call each other to any depth, so those that are being looked at are on a stack of our own.
        pending = [(node, self._inside(node, scope))] if id(node) not in self._known else []
        while pending:
            current, inside = pending[-1]
            inner = next(inside, None)
            if inner is None:
                pending.pop()
                if pending:
                    self._known[id(pending[-1][0])] |= self._known[id(current)]
            elif id(inner[0]) not in self._known:
                pending.append((inner[0], self._inside(*inner)))
            else:
                self._known[id(current)] |= self._known[id(inner[0])]
        return self._known[id(node)]

    def _inside(self, node: ir.Function, scope: Scope) -> Iterator[tuple[ir.Function, Scope]]:
        """The functions that a function runs, until it is known to make a client."""
        self._known[id(node)] = False  # a function that leads back to itself makes nothing more
        visits = self.ev.walk(body_of(node), self.ev.function_scope(node, scope))
        called = [callee for visit in visits if visit.place.function is node for callee in self._called(visit)]
        self._known[id(node)] = any(map(_is_maker, called))
        runs = (run for callee in called for run in self._run(callee))
        return takewhile(lambda run: not self._known[id(node)], runs)


def _is_maker(callee: Value) -> bool:
    return isinstance(callee, DialectClass) or (isinstance(callee, ClientMaker) and callee.driver == D1)


def is_getter(node: ir.Call | ir.New) -> bool:
    """Whether a call stands for a property's getter, which runs when somebody reads the property."""
    return isinstance(node.callee, ir.Function) and node.callee.end == node.end


def body_of(node: ir.Function) -> tuple[ir.Statement, ...]:
    """The statements of a function; the expression of an arrow as one that returns it."""
    return node.body if node.result is None else (ir.Return(node.result, node.start, node.end),)


def run_by_constructor(node: ir.Class) -> Iterator[ir.Function]:
    """The constructor of a class, and each initialiser of an instance's field as a function."""
    for member in node.members:
        if member.kind == "method" and member.name == "constructor" and isinstance(member.value, ir.Function):
            yield member.value
        elif member.kind == "field" and not member.is_static and member.value is not None:
            yield ir.Function("", (), (), member.value, None, False, member.start, member.end)


@dataclass(slots=True, eq=False)
class _Made:
    binding: BindingValue | None
    library: str = DRIZZLE


def _made_by(visit: Visit, makers: _Makers, depth: int = 0) -> Iterator[tuple[Visit, _Made]]:
    """The D1 clients that a call makes, itself or in the functions that it runs."""
    node, scope = visit.node, visit.scope
    if not isinstance(node, (ir.Call, ir.New)) or depth > MAX_DEPTH:
        return
    for callee in alternatives(makers.ev.evaluate(node.callee, scope)):
        if isinstance(callee, ClientMaker):
            client = makers.ev.evaluate(node, scope)
            if isinstance(client, ClientValue) and client.is_d1:
                yield visit, _Made(_binding(client.database))
        elif isinstance(callee, DialectClass) and isinstance(node, ir.New) and node.args:
            yield visit, _Made(_binding(makers.ev.evaluate(node.args[0], scope).member("database", makers.ev)), KYSELY)
        elif isinstance(callee, FunctionValue):
            inner = makers.ev.call_scope(callee, makers.ev.site(node, scope))
            yield from _made_in(callee.node, inner, makers, depth)
        elif isinstance(callee, ClassValue) and isinstance(node, ir.New):
            instance = makers.ev.evaluate(node, scope)
            if isinstance(instance, Instance):
                yield from _made_by_constructor(instance, makers, depth)


def _made_in(function: ir.Function, scope: Scope, makers: _Makers, depth: int) -> Iterator[tuple[Visit, _Made]]:
    for inner in makers.ev.walk(body_of(function), scope):
        if inner.place.function is function and makers.may_make(inner):
            yield from _made_by(inner, makers, depth + 1)


def _made_by_constructor(instance: Instance, makers: _Makers, depth: int) -> Iterator[tuple[Visit, _Made]]:
    cls = instance.cls
    scope = makers.ev.member_scope(cls.node, False, cls.scope, instance)
    for function in run_by_constructor(cls.node):
        if not function.name:
            yield from _made_in(function, makers.ev.function_scope(function, scope), makers, depth)
        elif instance.site is not None:
            constructor = FunctionValue(function, scope, instance)
            yield from _made_in(function, makers.ev.call_scope(constructor, instance.site), makers, depth)


def _binding(database: Value) -> BindingValue | None:
    for value in alternatives(database):
        if isinstance(value, BindingValue):
            return value
        if isinstance(value, Unknown):
            return None
    return None


def _written_options(node: Visited, data: bytes) -> str:
    arguments = node.args[1:] if isinstance(node, ir.Call) else ()
    if not arguments:
        return ""
    written = re.sub(r"\s+", " ", data[arguments[0].start : arguments[-1].end].decode("utf-8", "replace"))
    return f", {written}" if len(written) <= 60 else ", { … }"


def _name(callee: ir.Expression) -> str:
    if isinstance(callee, ir.Member):
        return callee.name
    return callee.name if isinstance(callee, ir.Name) else ""


def _is_static(visit: Visit) -> bool:
    place: Place | None = visit.place
    while place is not None and not place.is_static_field:
        place = place.parent
    return place is not None
