"""Every call, template and assignment of a module, each with its scope, the statement it stands in and its use."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope


class Use(StrEnum):
    """What becomes of the value of an expression."""

    DISCARDED = "discarded"
    """It is a statement by itself: nobody takes the value."""
    VOID = "void"
    AWAITED = "awaited"
    RETURNED = "returned"
    """By `return`, or as the expression of an arrow function."""
    DECLARED = "declared"
    """It is the value of a declared variable."""
    ASSIGNED = "assigned"
    OBJECT = "object"
    """A member of it is read: a chain goes on."""
    ARGUMENT = "argument"
    ITEM = "item"
    """It is put into an array or an object, or spread."""
    ITERATED = "iterated"
    OTHER = "other"


@dataclass(slots=True, eq=False)
class Place:
    """The statement or class member that something stands in, and the function around it.

    `name` is that of the nearest function, method, class or declared variable around it; `parent` the statement
    around the function or block that holds this one. `statement` is None for a class member and for a function;
    a function's place has `is_function`, and `handed_to`, the call that it is an argument of.
    """

    start: int
    end: int
    name: str
    function: ir.Function | None
    parent: Place | None
    statement: ir.Statement | None = None
    is_static_field: bool = False
    is_function: bool = False
    handed_to: Visit | None = None

    @property
    def around(self) -> Iterator[Place]:
        """This place and all around it, the innermost first."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.parent

    @property
    def nearest_name(self) -> str:
        """The name of the nearest place around it that has one; "(module)" for none."""
        return next((place.name for place in self.around if place.name), "(module)")


Visited = ir.Call | ir.New | ir.Tagged | ir.Assign


@dataclass(slots=True, eq=False)
class Visit:
    """One expression with its scope and place. `around` is the call that has it in an argument."""

    node: Visited
    scope: Scope
    place: Place
    around: Visit | None
    use: Use = Use.OTHER

    @property
    def token(self) -> Span:
        """The name of what it calls; its first character where that has none."""
        node = self.node
        callee = node.callee if isinstance(node, (ir.Call, ir.New)) else node
        if isinstance(callee, ir.Member):
            return Span(self.scope.module, callee.name_start, callee.name_start + len(callee.name.encode()))
        if isinstance(callee, ir.Name):
            return Span(self.scope.module, callee.start, callee.end)
        return Span(self.scope.module, node.start, node.start + 1)


_LEAVES = frozenset({ir.Name, ir.Literal, ir.Undefined})
"""Half of all expressions: nothing is inside of them."""


class Walk:
    """Walks statements once; `visits` is in source order.

    Given `offsets` (sorted), it walks only what has one of them inside, and that in all branches.
    """

    def __init__(self, ev: Evaluator, offsets: Sequence[int] | None = None) -> None:
        self.ev = ev
        self.visits: list[Visit] = []
        self._offsets = offsets

    def statements(
        self, body: tuple[ir.Statement, ...], scope: Scope, around: Place | None, call: Visit | None
    ) -> None:
        """Walk the statements of a block whose scope is `scope`."""
        function = scope.function
        outer_name = around.name if around is not None else ""
        for statement in body:
            name = outer_name
            if isinstance(statement, ir.Declare) and isinstance(statement.pattern, ir.Name) and not function:
                name = statement.pattern.name
            place = Place(statement.start, statement.end, name, function, around, statement)
            self._statement(statement, scope, place, call)

    def _statement(self, node: ir.Statement, scope: Scope, place: Place, call: Visit | None) -> None:
        if self._offsets is not None and not _has_inside(node, self._offsets):
            return
        match node:
            case ir.Declare(value=value):
                if value is not None:
                    self._expression(value, scope, place, call, Use.DECLARED)
            case ir.Evaluate(value=value):
                self._expression(value, scope, place, call, Use.DISCARDED)
            case ir.Throw(value=value):
                self._expression(value, scope, place, call)
            case ir.Return(value=value):
                if value is not None:
                    self._expression(value, scope, place, call, Use.RETURNED)
            case ir.If(test=test, then=then, otherwise=otherwise):
                self._expression(test, scope, place, call)
                truth = self._truth(test, scope)
                if truth is not False:
                    self._block(then, scope, place, call)
                if truth is not True:
                    self._block(otherwise, scope, place, call)
            case ir.Loop():
                inner = self.ev.loop_scope(node, scope)
                if node.iterable is not None:
                    self._expression(node.iterable, scope, place, call, Use.ITERATED)
                self.statements(node.init, inner, place, call)
                for part in node.head:
                    self._expression(part, inner, place, call)
                self._block(node.body, inner, place, call)
            case ir.Try(block=block, handler=handler, finalizer=finalizer):
                self._block(block, scope, place, call)
                if handler is not None:
                    self.statements(handler, self.ev.catch_scope(node, scope), place, call)
                self._block(finalizer, scope, place, call)
            case ir.Switch(subject=subject, cases=cases):
                self._expression(subject, scope, place, call)
                inner = self.ev.switch_scope(node, scope)
                for case in cases:
                    if case.test is not None:
                        self._expression(case.test, inner, place, call)
                    self.statements(case.body, inner, place, call)
            case ir.Block(body=body):
                self._block(body, scope, place, call)
            case ir.DeclareFunction(function=function):
                self._function(function, scope, place, call, function.name)
            case ir.DeclareClass(cls=cls):
                self._class(cls, scope, place, call)
            case ir.DeclareNamespace(body=body):
                self.statements(body, self.ev.namespace_scope(node, scope), place, call)
            case _:
                pass

    def _block(self, body: tuple[ir.Statement, ...], scope: Scope, place: Place, call: Visit | None) -> None:
        if body:
            self.statements(body, scope.child(body, body), place, call)

    def _expression(
        self, node: ir.Expression, scope: Scope, place: Place, call: Visit | None, use: Use = Use.OTHER
    ) -> None:
        if type(node) in _LEAVES or (self._offsets is not None and not _has_inside(node, self._offsets)):
            return
        match node:
            case ir.Call(callee=callee, args=args) | ir.New(callee=callee, args=args):
                visit = Visit(node, scope, place, call, use)
                self._expression(callee, scope, place, call)
                self.visits.append(visit)
                for arg in args:
                    self._expression(arg, scope, place, visit, Use.ARGUMENT)
            case ir.Member(object=obj):
                self._expression(obj, scope, place, call, Use.OBJECT)
            case ir.Object(entries=entries):
                for entry in entries:
                    if isinstance(entry, ir.Property):
                        if isinstance(entry.key, str):
                            if isinstance(entry.value, ir.Function):
                                self._function(entry.value, scope, place, call, entry.value.name or entry.key)
                                continue
                        else:
                            self._expression(entry.key, scope, place, call)
                    self._expression(entry.value, scope, place, call, Use.ITEM)
            case ir.Function():
                self._function(node, scope, place, call, node.name or place.name or _label(call))
            case ir.Class():
                self._class(node, scope, place, call)
            case ir.Tagged(tag=tag, template=template):
                visit = Visit(node, scope, place, call, use)
                self.visits.append(visit)
                self._expression(tag, scope, place, call)
                for part in template.parts:
                    if not isinstance(part, str):
                        self._expression(part, scope, place, visit, Use.ARGUMENT)
            case ir.Template(parts=parts):
                for part in parts:
                    if not isinstance(part, str):
                        self._expression(part, scope, place, call)
            case ir.Array(items=items):
                for item in items:
                    self._expression(item, scope, place, call, Use.ITEM)
            case ir.Opaque(parts=items):
                for item in items:
                    self._expression(item, scope, place, call)
            case ir.Conditional(test=test, then=then, otherwise=otherwise):
                self._expression(test, scope, place, call)
                truth = self._truth(test, scope)
                if truth is not False:
                    self._expression(then, scope, place, call, use)
                if truth is not True:
                    self._expression(otherwise, scope, place, call, use)
            case ir.Binary(left=left, right=right):
                is_logical = node.operator in ("&&", "||", "??")
                self._expression(left, scope, place, call, use if node.operator in ("||", "??") else Use.OTHER)
                if node.operator not in ("&&", "||") or self._truth(left, scope) is not (node.operator == "||"):
                    self._expression(right, scope, place, call, use if is_logical else Use.OTHER)
            case ir.Index(object=obj, index=index):
                self._expression(obj, scope, place, call, Use.OBJECT)
                self._expression(index, scope, place, call)
            case ir.Assign(target=target, value=value):
                self._expression(target, scope, place, call)
                self.visits.append(Visit(node, scope, place, call, use))
                self._expression(value, scope, place, call, Use.ASSIGNED)
            case ir.Await(value=value):
                self._expression(value, scope, place, call, Use.AWAITED)
            case ir.Spread(value=value):
                self._expression(value, scope, place, call, Use.ITEM)
            case ir.Unary(value=value):
                self._expression(value, scope, place, call, Use.VOID if node.operator == "void" else Use.OTHER)
            case ir.Cast(value=value):
                self._expression(value, scope, place, call, use)
            case _:
                pass

    def _truth(self, test: ir.Expression, scope: Scope) -> bool | None:
        """Whether a test holds in an inlined call; elsewhere nothing is known of the parameters, and all is walked."""
        return self.ev.evaluate(test, scope).truth() if scope.depth > 0 and self._offsets is None else None

    def _function(self, node: ir.Function, scope: Scope, place: Place, call: Visit | None, name: str) -> None:
        inner = self.ev.function_scope(node, scope)
        body_place = Place(place.start, place.end, name, node, place, is_function=True)
        if call is not None and _has_argument(call.node, node):
            body_place.handed_to = call
        for parameter in node.params:
            if parameter.default is not None:
                self._expression(parameter.default, inner, body_place, call)
        if node.result is not None:
            self._expression(node.result, inner, body_place, call, Use.RETURNED)
        self.statements(node.body, inner, body_place, call)

    def _class(self, node: ir.Class, scope: Scope, place: Place, call: Visit | None) -> None:
        for member in node.members:
            if member.value is None:
                continue
            this = self.ev.member_scope(node, member.is_static, scope)
            name = member.name or node.name
            inner = Place(member.start, member.end, name, scope.function, place)
            if member.kind == "field" and not isinstance(member.value, ir.Function):
                # A static field is set when the module loads; an instance's field when somebody constructs it.
                inner.is_static_field = member.is_static
                if not member.is_static:
                    this = self.ev.function_scope(_CONSTRUCTION, this)
                    inner.function = _CONSTRUCTION
                self._expression(member.value, this, inner, call, Use.ASSIGNED)
            elif member.kind == "block" and isinstance(member.value, ir.Function):
                body = member.value.body
                self.statements(body, this.child(body, body), inner, call)
            elif isinstance(member.value, ir.Function):
                self._function(member.value, this, inner, call, name)


_CONSTRUCTION = ir.Function("constructor", (), (), None, None, False, 0, 0)


def _has_inside(node: ir.Expression | ir.Statement, offsets: Sequence[int]) -> bool:
    index = bisect_left(offsets, node.start)
    return index < len(offsets) and offsets[index] < node.end


def _has_argument(node: Visited, function: ir.Function) -> bool:
    return isinstance(node, (ir.Call, ir.New)) and any(arg is function for arg in node.args)


def _label(call: Visit | None) -> str:
    """A name for a function that has none: the call it is handed to, such as `get /users`."""
    match call.node if call is not None else None:
        case ir.Call(callee=ir.Member(name=method), args=(ir.Literal(value=str() as first), *_)):
            return f"{method} {first}"
        case ir.Call(callee=ir.Member(name=name) | ir.Name(name=name)):
            return name
        case _:
            return ""
