"""What runs some code for each element of a list, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from d1lint.facts import ir
from d1lint.facts.nodes import nodes, occurrences
from d1lint.finding import Span
from d1lint.model.queries.callbacks import ELEMENT_METHODS, Callback, callback_at
from d1lint.model.walk import Visit

_AGGREGATES = ("all", "allSettled", "any", "race")


@dataclass(frozen=True, slots=True)
class Loop:
    """What runs some code for each element of a list. `how` is `for` or the array's method; `over` is its list.

    `binding` is the element's name or pattern; `index` the variable of a loop that counts, where the element is
    `over[index]`.
    """

    how: str
    span: Span
    over: ir.Expression | None
    binding: ir.Pattern | None
    body: tuple[ir.Statement, ...]
    call: Visit | None = None
    index: str = ""


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
    span = Span(module, statement.start, statement.start + 3)
    if statement.kind in ("of", "in"):
        return Loop("for", span, statement.iterable, statement.binding, statement.body)
    return _counted_loop(statement, span) if statement.kind == "for" else None


def _counted_loop(statement: ir.Loop, span: Span) -> Loop | None:
    """A loop that counts the elements of a list, one by one: `for (let i = 0; i < list.length; i++)`."""
    match statement.head:
        case (
            ir.Binary(operator="<" | "!==" | "!=", left=ir.Name(name=index), right=bound),
            ir.Assign(operator="++" | "+=", target=ir.Name(name=counted), value=ir.Literal(value=1)),
        ) if index == counted:
            over = _counted_list(bound, statement.init)
            return Loop("for", span, over, None, statement.body, index=index) if over is not None else None
        case _:
            return None


def _counted_list(bound: ir.Expression, init: tuple[ir.Statement, ...]) -> ir.Expression | None:
    """The list whose length an expression is, or a variable that the loop begins with."""
    if isinstance(bound, ir.Name):
        for each in init:
            if isinstance(each, ir.Declare) and isinstance(each.pattern, ir.Name) and each.pattern.name == bound.name:
                return _counted_list(each.value, ()) if each.value is not None else None
    return bound.object if isinstance(bound, ir.Member) and bound.name == "length" else None


def _callback_loop(callback: Callback) -> Loop | None:
    callee = callback.call.node.callee if isinstance(callback.call.node, ir.Call) else None
    if not isinstance(callee, ir.Member) or callee.name not in ELEMENT_METHODS:
        return None
    function, index = callback.function, int(callee.name == "reduce")
    binding = function.params[index].pattern if len(function.params) > index else None
    return Loop(callee.name, callback.span, callee.object, binding, function.body, callback.call)


# --- how often -------------------------------------------------------------------------------------------------------


def runs_once(loop: Loop, visit: Visit) -> bool:
    """Whether a call in a loop runs only once with success: the loop, or the branch with the call, then ends it.

    It is a search or a retry.
    """
    if loop.how != "for":
        return False
    if isinstance(visit.place.statement, (ir.Return, ir.Throw)):
        return True
    if any(isinstance(each, ir.Return) or _is_break(each) for each in _last(loop.body)):
        return True
    inner = _branch_at(loop.body, visit.node.start)
    while inner is not None:
        body, breaks = inner
        if any(isinstance(each, (ir.Return, ir.Throw)) or (breaks and _is_break(each)) for each in _last(body)):
            return True
        inner = _branch_at(body, visit.node.start)
    return False


def _is_break(statement: ir.Statement) -> bool:
    return isinstance(statement, ir.Jump) and statement.kind == "break"


def _branch_at(body: tuple[ir.Statement, ...], position: int) -> tuple[tuple[ir.Statement, ...], bool] | None:
    """The body of a branch that a place is in, and whether a `break` in it leaves the loop; the outermost one."""
    for statement in body:
        parts: tuple[tuple[ir.Statement, ...], ...] = ()
        match statement:
            case ir.If(then=then, otherwise=otherwise):
                parts = (then, otherwise)
            case ir.Try(block=block, handler=handler, finalizer=finalizer):
                parts = (block, handler or (), finalizer)
            case ir.Switch(cases=cases):
                parts = tuple(case.body for case in cases)
            case ir.Block(body=inner):
                parts = (inner,)
            case _:
                pass
        for part in parts:
            if part and part[0].start <= position < part[-1].end:
                return part, not isinstance(statement, ir.Switch)
    return None


def _last(body: tuple[ir.Statement, ...]) -> Iterator[ir.Statement]:
    if body:
        last = body[-1]
        yield last
        if isinstance(last, ir.Try):
            yield from _last(last.block)


# --- the element -----------------------------------------------------------------------------------------------------


def depends_on(loop: Loop, node: ir.Node) -> bool:
    """Whether an expression uses the loop's element, directly or by a variable that the body makes of it."""
    names = set(_names(loop.binding)) if loop.binding is not None else set()
    declared = [each for each in nodes(loop.body) if isinstance(each, ir.Declare) and each.value is not None]
    for statement in sorted(declared, key=lambda each: each.start):
        assert statement.value is not None
        if _uses(statement.value, names, loop):
            names.update(_names(statement.pattern))
    return _uses(node, names, loop)


def _uses(node: ir.Node, names: set[str], loop: Loop) -> bool:
    return any(occurrences(node, name) for name in names) or (
        bool(loop.index) and any(_is_element(each, loop) for each in nodes(node))
    )


def _is_element(node: ir.Node, loop: Loop) -> bool:
    """Whether an expression is `list[i]` of a loop that counts."""
    match node:
        case ir.Index(object=inner, index=ir.Name(name=name)):
            return name == loop.index and loop.over is not None and _is_same(inner, loop.over)
        case _:
            return False


def _is_same(first: ir.Expression, second: ir.Expression) -> bool:
    match first, second:
        case ir.Name(name=name), ir.Name(name=other):
            return name == other
        case ir.Member(object=inner, name=name), ir.Member(object=other_inner, name=other):
            return name == other and _is_same(inner, other_inner)
        case _:
            return False


def _names(pattern: ir.Pattern) -> Iterator[str]:
    for node in nodes(pattern):
        if isinstance(node, ir.Name):
            yield node.name


# --- promises --------------------------------------------------------------------------------------------------------


def aggregate_around(visit: Visit) -> Visit | None:
    """The `Promise.all`, or one of its like, that a call is handed to."""
    around = visit.around
    callee = around.node.callee if around is not None and isinstance(around.node, ir.Call) else None
    return around if isinstance(callee, ir.Member) and callee.name in _AGGREGATES else None
