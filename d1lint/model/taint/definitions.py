"""What a name means at a place: the declaration, parameter, loop or import that binds it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.taint.surroundings import Around, Surroundings

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope

ELEMENT, KEYS = "[]", "{}"
"""Steps from a value to a part of it: any of its elements or properties, and the names of its properties.

The other steps are `.name`, a property, and `name()`, the result of a method.
"""
Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """What binds a name. `node` is a Declare, Function, Class, DeclareEnum, Loop, Try or Import.

    A Function is the function itself, or the one that a name is a parameter of: then `parameter` is that. `steps` lead
    from the value of the whole to the name, by patterns; `defaults` are those of the patterns. Between `start` and
    `end` the name has this meaning, unless something inside hides it.
    """

    name: str
    path: str
    node: ir.Node
    scope: Scope
    start: int
    end: int
    steps: Steps = ()
    defaults: tuple[ir.Expression, ...] = ()
    parameter: ir.Parameter | None = None

    def same(self, other: Definition | None) -> bool:
        """Whether another one is the same binding."""
        return other is not None and self.node is other.node and self.parameter is other.parameter


class Definitions:
    """Finds what binds names, and what changes them."""

    def __init__(self, ev: Evaluator, surroundings: Surroundings) -> None:
        self._ev = ev
        self._surroundings = surroundings
        self._known: dict[tuple[str, str, int], Definition | None] = {}

    def of(self, name: str, path: str, position: int) -> Definition | None:
        """What binds a name for a reader at a place; None for names that no module binds."""
        key = (name, path, position)
        if key not in self._known:
            self._known[key] = self._find(name, path, position)
        return self._known[key]

    def _find(self, name: str, path: str, position: int) -> Definition | None:
        for around in reversed(self._surroundings.of(path, position)):
            found = self._bound_by(around, name, path, position)
            if found is not None:
                return found
        module, root = self._ev.source.module(path), self._ev.root(path)
        if module is None or root is None:
            return None
        whole = (0, max((statement.end for statement in module.body), default=0))
        found = _in_body(module.body, name, path, root, whole)
        if found is not None:
            return found
        item = next((item for item in module.imports if item.local == name), None)
        return Definition(name, path, item, root, *whole) if item is not None else None

    def _bound_by(self, around: Around, name: str, path: str, position: int) -> Definition | None:
        node, scope = around.node, around.scope
        if around.body:
            found = _in_body(around.body, name, path, scope, (around.body[0].start, around.body[-1].end))
            if found is not None:
                return found
        match node:
            case ir.Function(params=params):
                inner = self._ev.function_scope(node, scope)
                for parameter in params:
                    bound = _in_pattern(parameter.pattern, name)
                    if bound is not None:
                        defaults = bound[1] if parameter.default is None else (parameter.default, *bound[1])
                        return Definition(name, path, node, inner, node.start, node.end, bound[0], defaults, parameter)
                if node.name == name and node.kind != "arrow":
                    return Definition(name, path, node, scope, node.start, node.end)
            case ir.Loop(binding=binding, init=init):
                bound = _in_pattern(binding, name) if binding is not None else None
                if bound is not None:
                    return Definition(name, path, node, scope, node.start, node.end, *bound)
                return _in_body(init, name, path, self._ev.loop_scope(node, scope), (node.start, node.end))
            case ir.Try(parameter=caught, handler=handler) if caught is not None and handler:
                inside = handler[0].start <= position < handler[-1].end
                bound = _in_pattern(caught, name) if inside else None
                if bound is not None:
                    return Definition(name, path, node, scope, handler[0].start, handler[-1].end, *bound)
            case ir.Switch(cases=cases):
                body = tuple(statement for case in cases for statement in case.body)
                return _in_body(body, name, path, self._ev.switch_scope(node, scope), (node.start, node.end))
            case _:
                pass
        return None

    def imported(self, item: ir.Import, importer: str) -> Definition | None:
        """What an imported name is where it is declared, through re-exports; None outside the repository."""
        return self._exported(item.specifier, item.imported, importer, set())

    def _exported(self, specifier: str, name: str, importer: str, seen: set[tuple[str, str]]) -> Definition | None:
        path = self._ev.source.resolve(specifier, importer).file
        module = self._ev.source.module(path) if path is not None else None
        if path is None or module is None or (path, name) in seen:
            return None
        seen.add((path, name))
        for export in module.exports:
            if export.name == name and export.specifier is None:
                return self.of(export.source, path, -1)
            if export.specifier is not None and export.name in (name, "*"):
                found = self._exported(export.specifier, name if export.name == "*" else export.source, path, seen)
                if found is not None:
                    return found
        return None

    def changes(self, definition: Definition) -> Iterator[tuple[ir.Assign | ir.Call, Scope]]:
        """The assignments and calls that change a variable, or the object in it, each with its scope."""
        module = self._ev.source.module(definition.path)
        for change in module.changes if module is not None else ():
            if change.name != definition.name or not definition.start <= change.start < definition.end:
                continue
            if not definition.same(self.of(definition.name, definition.path, change.start)):
                continue
            for around in self._surroundings.of(definition.path, change.start):
                if isinstance(around.node, (ir.Assign, ir.Call)) and around.node.start == change.start:
                    yield around.node, around.scope
                    break


def _in_body(
    body: tuple[ir.Statement, ...], name: str, path: str, scope: Scope, where: tuple[int, int]
) -> Definition | None:
    make = partial(Definition, name, path)
    for statement in body:
        match statement:
            case ir.Declare(pattern=pattern):
                bound = _in_pattern(pattern, name)
                if bound is not None:
                    return make(statement, scope, *where, *bound)
            case ir.DeclareFunction(function=function) if function.name == name:
                return make(function, scope, *where)
            case ir.DeclareClass(cls=cls) if cls.name == name:
                return make(cls, scope, *where)
            case ir.DeclareEnum() | ir.DeclareNamespace() if statement.name == name:
                return make(statement, scope, *where)
            case _:
                pass
    return None


def _in_pattern(pattern: ir.Pattern, name: str) -> tuple[Steps, tuple[ir.Expression, ...]] | None:
    """The steps from the whole to a name in a pattern, with the defaults on the way; None if it is not there."""
    match pattern:
        case ir.Name():
            return ((), ()) if pattern.name == name else None
        case ir.ObjectPattern(entries=entries, rest=rest):
            for entry in entries:
                step = f".{entry.key}" if isinstance(entry.key, str) else ELEMENT
                found = _in_entry(entry, step, name)
                if found is not None:
                    return found
            return ((), ()) if rest == name else None
        case ir.ArrayPattern(items=items, rest=others):
            for index, item in enumerate(items):
                found = _in_entry(item, f".{index}", name) if item is not None else None
                if found is not None:
                    return found
            return _in_pattern(others, name) if others is not None else None


def _in_entry(entry: ir.PatternEntry, step: str, name: str) -> tuple[Steps, tuple[ir.Expression, ...]] | None:
    found = _in_pattern(entry.target, name)
    if found is None:
        return None
    own = (entry.default,) if entry.default is not None else ()
    return (step, *found[0]), (*own, *found[1])
