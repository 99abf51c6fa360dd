"""What is around a place of a module: every statement and expression that holds it, with the scope it stands in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import holders

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope

Body = tuple[ir.Statement, ...]
Part = tuple["Body | ir.Node", "Callable[[], Scope]"]


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """A node that holds a place, and its scope. Of a statement: the block it is in, and its index there."""

    node: ir.Node
    scope: Scope
    body: Body = ()
    index: int = -1


class Surroundings:
    """Finds what is around places, each place once."""

    def __init__(self, ev: Evaluator) -> None:
        self._ev = ev
        self._known: dict[tuple[str, int], tuple[Around, ...]] = {}

    def of(self, path: str, position: int) -> tuple[Around, ...]:
        """What is around a byte offset of a module, the outermost first; nothing if the module has nothing there."""
        key = (path, position)
        if key not in self._known:
            self._known[key] = tuple(self._find(path, position))
        return self._known[key]

    def _find(self, path: str, position: int) -> Iterator[Around]:
        module, root = self._ev.source.module(path), self._ev.root(path)
        if module is None or root is None:
            return
        part: Part | None = (module.body, lambda: root)
        while part is not None:
            inside, scope = part[0], part[1]()
            if isinstance(inside, tuple):
                index = _index(inside, position)
                if index is None:
                    return
                node: ir.Node = inside[index]
                yield Around(node, scope, inside, index)
            else:
                node = inside
                yield Around(node, scope)
            part = next((p for p in self._parts(node, scope) if _holds(p[0], position)), None)

    def _parts(self, node: ir.Node, scope: Scope) -> Iterator[Part]:
        """The blocks and expressions directly inside a node, each with its scope, as `Walk` gives them theirs."""
        ev = self._ev
        same = partial(_itself, scope)
        match node:
            case ir.If(test=test, then=then, otherwise=otherwise):
                yield test, same
                yield then, partial(scope.child, then, then)
                yield otherwise, partial(scope.child, otherwise, otherwise)
            case ir.Loop(iterable=iterable, init=init, head=head, body=body):
                inner = ev.loop_scope(node, scope)
                if iterable is not None:
                    yield iterable, same
                yield init, partial(_itself, inner)
                for part in head:
                    yield part, partial(_itself, inner)
                yield body, partial(inner.child, body, body)
            case ir.Try(block=block, handler=handler, finalizer=finalizer):
                yield block, partial(scope.child, block, block)
                if handler is not None:
                    yield handler, partial(ev.catch_scope, node, scope)
                yield finalizer, partial(scope.child, finalizer, finalizer)
            case ir.Switch(subject=subject, cases=cases):
                yield subject, same
                for case in cases:
                    if case.test is not None:
                        yield case.test, partial(ev.switch_scope, node, scope)
                    yield case.body, partial(ev.switch_scope, node, scope)
            case ir.Block(body=body):
                yield body, partial(scope.child, body, body)
            case ir.DeclareNamespace(body=body):
                yield body, partial(ev.namespace_scope, node, scope)
            case ir.Function(params=params, result=result, body=body):
                inside = partial(ev.function_scope, node, scope)
                for parameter in params:
                    if parameter.default is not None:
                        yield parameter.default, inside
                if result is not None:
                    yield result, inside
                yield body, inside
            case ir.Class(members=members, base=base):
                if base is not None:
                    yield base, same
                for member in members:
                    if member.value is not None:
                        yield member.value, partial(ev.member_scope, node, member.is_static, scope)
            case ir.Template(parts=parts):
                yield from ((part, same) for part in parts if not isinstance(part, str))
            case ir.Object(entries=entries):
                for entry in entries:
                    if isinstance(entry, ir.Property) and not isinstance(entry.key, str):
                        yield entry.key, same
                    yield entry.value, same
            case _:
                yield from ((part, same) for part in inner_nodes(node))


_LEFT_OUT = frozenset({"type", "type_args", "returns", "pattern", "binding", "parameter"})


def inner_nodes(node: ir.Node) -> Iterator[ir.Node]:
    """The nodes that are directly inside a node, types and patterns left out."""
    for name in holders(type(node)):
        if name in _LEFT_OUT:
            continue
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, (ir.Case, ir.PatternEntry, ir.Parameter, ir.ClassMember, ir.Property)):
                yield from inner_nodes(part)
            elif isinstance(part, ir.Node):
                yield part


def all_nodes(node: ir.Node) -> Iterator[ir.Node]:
    """A node and all nodes inside it."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending += inner_nodes(current)


def own_statements(body: Body) -> Iterator[ir.Statement]:
    """The statements of a block and of the blocks inside it, not those of functions."""
    pending = list(reversed(body))
    while pending:
        statement = pending.pop()
        yield statement
        inner: Body = ()
        match statement:
            case ir.If(then=then, otherwise=otherwise):
                inner = (*then, *otherwise)
            case ir.Loop(init=init, body=block):
                inner = (*init, *block)
            case ir.Block(body=block):
                inner = block
            case ir.Try(block=block, handler=handler, finalizer=finalizer):
                inner = (*block, *(handler or ()), *finalizer)
            case ir.Switch(cases=cases):
                inner = tuple(each for case in cases for each in case.body)
            case _:
                pass
        pending += reversed(inner)


def results_of(function: ir.Function) -> tuple[ir.Expression, ...]:
    """The expressions that a function returns."""
    if function.result is not None:
        return (function.result,)
    found = (s.value for s in own_statements(function.body) if isinstance(s, ir.Return))
    return tuple(value for value in found if value is not None)


def _itself(scope: Scope) -> Scope:
    return scope


def _index(body: Body, position: int) -> int | None:
    """Which statement of a block holds a place; of several declarators of one declaration, the right one."""
    found = [i for i, statement in enumerate(body) if statement.start <= position < statement.end]
    for index in found if len(found) > 1 else ():
        if any(_holds(part, position) for part in inner_nodes(body[index])):
            return index
    return found[0] if found else None


def _holds(part: Body | ir.Node, position: int) -> bool:
    if isinstance(part, tuple):
        return any(statement.start <= position < statement.end for statement in part)
    start: int = getattr(part, "start", position + 1)
    end: int = getattr(part, "end", 0)
    return start <= position < end
