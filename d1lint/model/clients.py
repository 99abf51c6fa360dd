"""Clients of D1 that are made while a module loads, and not for a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.clients import ClientMaker, ClientValue
from d1lint.model.values import ClassValue, FunctionValue, Instance, Unknown, Value, alternatives
from d1lint.model.walk import Place, Visit
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


def module_clients(visits: list[Visit], ev: Evaluator) -> Iterator[ModuleClient]:
    """The clients that a module makes as it loads."""
    claimed: list[tuple[int, int]] = []
    for visit in visits:
        node = visit.node
        if visit.place.function is not None or not isinstance(node, (ir.Call, ir.New)):
            continue
        if any(start <= node.start and node.end <= end for start, end in claimed):
            continue  # the call around it is the finding
        for made, client in _made_by(visit, ev):
            if client.binding is None or client.binding.origin not in MODULE_ORIGINS:
                continue
            is_direct = made is visit
            claimed.append((node.start, node.end))
            yield ModuleClient(
                _token(visit),
                visit.place.name or "(module)",
                client.binding.origin,
                client.binding.name,
                _is_static(visit),
                None if is_direct else _token(made),
                "" if is_direct else _name(node.callee),
            )
            break


@dataclass(slots=True, eq=False)
class _Made:
    binding: BindingValue | None


def _made_by(visit: Visit, ev: Evaluator, depth: int = 0) -> Iterator[tuple[Visit, _Made]]:
    """The D1 clients that a call makes, itself or in the functions that it runs."""
    node, scope = visit.node, visit.scope
    if not isinstance(node, (ir.Call, ir.New)) or depth > MAX_DEPTH:
        return
    for callee in alternatives(ev.evaluate(node.callee, scope)):
        if isinstance(callee, ClientMaker):
            client = ev.evaluate(node, scope)
            if isinstance(client, ClientValue) and client.is_d1:
                yield visit, _Made(_binding(client.database))
        elif isinstance(callee, FunctionValue):
            inner = ev.call_scope(callee, ev.site(node, scope))
            yield from _made_in(callee.node, inner, ev, depth)
        elif isinstance(callee, ClassValue) and isinstance(node, ir.New):
            instance = ev.evaluate(node, scope)
            if isinstance(instance, Instance):
                yield from _made_by_constructor(instance, ev, depth)


def _made_in(function: ir.Function, scope: Scope, ev: Evaluator, depth: int) -> Iterator[tuple[Visit, _Made]]:
    body = function.body if function.result is None else (ir.Return(function.result, function.start, function.end),)
    for inner in ev.walk(body, scope):
        if inner.place.function is function:
            yield from _made_by(inner, ev, depth + 1)


def _made_by_constructor(instance: Instance, ev: Evaluator, depth: int) -> Iterator[tuple[Visit, _Made]]:
    cls = instance.cls
    scope = ev.member_scope(cls.node, False, cls.scope, instance)
    for member in cls.node.members:
        if member.kind == "method" and member.name == "constructor" and isinstance(member.value, ir.Function):
            constructor = FunctionValue(member.value, scope, instance)
            if instance.site is not None:
                yield from _made_in(member.value, ev.call_scope(constructor, instance.site), ev, depth)
        elif member.kind == "field" and not member.is_static and member.value is not None:
            holder = ir.Function("", (), (), member.value, None, False, member.start, member.end)
            yield from _made_in(holder, ev.function_scope(holder, scope), ev, depth)


def _binding(database: Value) -> BindingValue | None:
    for value in alternatives(database):
        if isinstance(value, BindingValue):
            return value
        if isinstance(value, Unknown):
            return None
    return None


def _token(visit: Visit) -> Span:
    node = visit.node
    callee = node.callee if isinstance(node, (ir.Call, ir.New)) else node
    if isinstance(callee, ir.Member):
        return Span(visit.scope.module, callee.name_start, callee.name_start + len(callee.name.encode()))
    if isinstance(callee, ir.Name):
        return Span(visit.scope.module, callee.start, callee.end)
    return Span(visit.scope.module, node.start, node.start + 1)


def _name(callee: ir.Expression) -> str:
    if isinstance(callee, ir.Member):
        return callee.name
    return callee.name if isinstance(callee, ir.Name) else "the function"


def _is_static(visit: Visit) -> bool:
    place: Place | None = visit.place
    while place is not None and not place.is_static_field:
        place = place.parent
    return place is not None
