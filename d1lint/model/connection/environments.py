"""Which of the Worker's bindings an expression is, by what the code itself makes of its environment: followed backwards
through variables, fields and functions, and from a parameter to the arguments of all callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.taint.definitions import Definition, Steps
from d1lint.model.taint.surroundings import all_nodes, results_of

if TYPE_CHECKING:
    from d1lint.model.project import Project

MAX_EXPRESSIONS = 200
"""How many expressions are followed for one binding."""

_ENTRIES = frozenset({"fetch", "scheduled", "queue", "email", "tail", "trace", "test"})
"""The handlers of a Worker, which the runtime calls."""
_GLOBAL_OBJECTS = frozenset({"globalThis", "self", "window"})


def is_handed_by_worker(project: Project, node: ir.Expression, path: str, name: str) -> bool:
    """Whether an expression of a module can only be what the runtime's environment has under a name.

    It is something else where the code makes the object that it is read from (`createDb({ MAIN: env.DB })`), and it can
    not be told where it is read from a parameter of a package that has no Worker and no caller.
    """
    return _Trail(project).names(node, path, ()) == {name}


class _Trail:
    """Follows one expression. A name is that of a binding in the runtime's environment; "" is anything else."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._tracer = project.tracer
        self._seen: set[tuple[int, Steps]] = set()

    def names(self, node: ir.Expression, path: str, steps: Steps) -> set[str]:
        """The bindings that the part of an expression can be that steps lead to."""
        if (id(node), steps) in self._seen:
            return set()
        self._seen.add((id(node), steps))
        if len(self._seen) > MAX_EXPRESSIONS:
            return {_last(steps)}
        match node:
            case ir.Name(name=name):
                definition = self._tracer.definitions.of(name, path, node.start)
                if definition is None:
                    return {"" if name in _GLOBAL_OBJECTS else _last(steps)}
                return self._defined(definition, steps)
            case ir.Member(object=ir.Name(name="this"), name=name):
                return self._field(node, path, steps)
            case ir.Member(object=owner, name=name):
                return self.names(owner, path, (f".{name}", *steps))
            case ir.Index(object=owner, index=ir.Literal(value=str(key))):
                return self.names(owner, path, (f".{key}", *steps))
            case ir.Object():
                return self._entry(node, path, steps)
            case ir.Cast(value=value) | ir.Await(value=value) | ir.Spread(value=value) | ir.Assign(value=value):
                return self.names(value, path, steps)
            case ir.Conditional(then=then, otherwise=otherwise):
                return self._all((then, otherwise), path, steps)
            case ir.Binary(operator="||" | "??", left=left, right=right):
                return self._all((left, right), path, steps)
            case ir.Call(callee=ir.Member(object=owner, name="withSession")):
                return self.names(owner, path, steps)
            case ir.Call(callee=callee):
                functions = self._tracer.functions(callee, path)
                found = [self._all(results_of(f.node), f.scope.module, steps) for f in functions]
                return set().union(*found) or {_last(steps)}
            case _:
                return {_last(steps)}

    def _all(self, nodes: Iterable[ir.Expression], path: str, steps: Steps) -> set[str]:
        return set().union(*(self.names(node, path, steps) for node in nodes))

    def _entry(self, node: ir.Object, path: str, steps: Steps) -> set[str]:
        """What an object of the code has at a step."""
        spreads = []
        for entry in reversed(node.entries):
            if isinstance(entry, ir.Spread):
                spreads.append(entry.value)
            elif steps and f".{entry.key}" == steps[0]:
                return self.names(entry.value, path, steps[1:]) | self._all(spreads, path, steps)
        return self._all(spreads, path, steps) or {""}

    def _defined(self, definition: Definition, steps: Steps) -> set[str]:
        whole = (*definition.steps, *steps)
        match definition.node:
            case ir.Import() as item:
                target = self._tracer.definitions.imported(item, definition.path)
                return {_last(steps)} if target is None else self._defined(target, steps)
            case ir.Declare(value=value) if value is not None:
                return self.names(value, definition.path, whole)
            case ir.Function() as function if definition.parameter is not None:
                return self._given(function, definition.parameter, definition.path, whole)
            case _:
                return {_last(whole)}

    def _field(self, node: ir.Member, path: str, steps: Steps) -> set[str]:
        """What a class keeps under a name: the bindings that its constructor is given."""
        chain = self._tracer.surroundings.of(path, node.start)
        cls = next((around.node for around in reversed(chain) if isinstance(around.node, ir.Class)), None)
        found: set[str] = set()
        for member in cls.members if cls is not None else ():
            if member.name == node.name and member.kind == "field" and member.value is not None:
                found |= self.names(member.value, path, steps)
            if member.name == "constructor" and isinstance(member.value, ir.Function):
                for parameter in _properties(member.value, node.name):
                    found |= self._given(member.value, parameter, path, steps)
        for inner in all_nodes(cls) if cls is not None else ():
            match inner:
                case ir.Assign(target=ir.Member(object=ir.Name(name="this"), name=node.name), value=value):
                    found |= self.names(value, path, steps)
                case _:
                    pass
        return found or {_last((f".{node.name}", *steps))}

    def _given(self, function: ir.Function, parameter: ir.Parameter, path: str, steps: Steps) -> set[str]:
        """What the callers of a function give to a parameter of it."""
        uses = self._tracer.callers.of(function, path)
        if uses.passed or uses.name in _ENTRIES:
            return {_last(steps)}  # a handler that something else calls
        index = function.params.index(parameter)
        found: set[str] = set()
        for site in uses.calls:
            if index < len(site.node.args):
                found |= self.names(site.node.args[index], site.path, steps)
        return found or {_last(steps) if uses.calls or self._has_worker(path) else ""}

    def _has_worker(self, path: str) -> bool:
        """Whether a file's own package is that of a Worker."""
        workspace = self._project.workspace
        package = workspace.package_of(path)
        return any(workspace.package_of(config.path) is package for config in workspace.wrangler_configs)


def _properties(constructor: ir.Function, name: str) -> Iterator[ir.Parameter]:
    """The parameter of a constructor that keeps a field of the class."""
    for parameter in constructor.params:
        if parameter.is_property and isinstance(parameter.pattern, ir.Name) and parameter.pattern.name == name:
            yield parameter


def _last(steps: Steps) -> str:
    """The name of the binding that steps through the runtime's environment lead to."""
    return steps[-1].removeprefix(".") if steps else ""
