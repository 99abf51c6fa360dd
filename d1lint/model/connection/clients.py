"""Clients of D1 that are made while a module loads, and not for a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.clients import D1, ClientMaker, ClientValue
from d1lint.model.values import ClassValue, FunctionValue, Instance, Unknown, Value, alternatives
from d1lint.model.walk import Place, Visit, Visited
from d1lint.model.workers import CONTEXT, IMPORTED, PROCESS, UNDEFINED_ENV, BindingValue

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope

MAX_DEPTH = 6
"""How many factories may call each other before a client is no longer looked for."""

MODULE_ORIGINS = frozenset({CONTEXT, IMPORTED, PROCESS, UNDEFINED_ENV})
"""Environments that a module can have without a request."""


@dataclass(slots=True, eq=False)
class ModuleClient:
    """A D1 client that exists once for a whole isolate.

    `span` is the call that makes it: `drizzle(` itself, or that of a factory, whose `drizzle(` is `maker`.
    `origin` is where its environment comes from, one of the constants of `workers`; `binding` the binding's name.
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


def module_clients(visits: list[Visit], ev: Evaluator, text: Callable[[str], bytes]) -> Iterator[ModuleClient]:
    """The clients that a module makes as it loads."""
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
            is_direct = made is visit
            claimed = node.end
            yield ModuleClient(
                visit.token,
                visit.place.name or "(module)",
                client.binding.origin,
                client.binding.name,
                _is_static(visit),
                None if is_direct else made.token,
                "" if is_direct else _name(node.callee),
                _written_options(made.node, text(made.scope.module)),
            )
            break


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
    return isinstance(callee, ClientMaker) and callee.driver == D1


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
    return callee.name if isinstance(callee, ir.Name) else "the function"


def _is_static(visit: Visit) -> bool:
    place: Place | None = visit.place
    while place is not None and not place.is_static_field:
        place = place.parent
    return place is not None
