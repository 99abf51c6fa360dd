"""Who calls a function of the repository, and with what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.roles import is_script, is_test
from d1lint.model.taint.surroundings import Around, Surroundings, all_nodes
from d1lint.model.values import ClassValue, FunctionValue, TypedFunction, Unknown, alternatives
from d1lint.model.walk import Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.modules import Modules


MAX_FILES = 40
"""In how many files a method's name may stand; of a name that stands in more nobody can say who calls it."""


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """A call, and the module that it is in."""

    path: str
    node: ir.Call | ir.New


@dataclass(slots=True, eq=False)
class Uses:
    """How a function is used outside tests and scripts.

    `passed` are the calls that get the function itself, with its place among their arguments. `is_exported` says that
    other repositories, or a framework, can call it; `escapes` that it is put somewhere else; `may_be_called` that there
    are calls of which only the name says that they could be its; `is_tried` that a test or a script names it.
    """

    name: str
    calls: list[CallSite] = field(default_factory=list)
    passed: list[tuple[CallSite, int]] = field(default_factory=list)
    is_exported: bool = False
    escapes: bool = False
    may_be_called: bool = False
    is_tried: bool = False
    is_constructor: bool = False


class Callers:
    """Finds the uses of functions, each once."""

    def __init__(
        self, ev: Evaluator, modules: Modules, surroundings: Surroundings, visits: Callable[[str], list[Visit]]
    ) -> None:
        self._ev = ev
        self._modules = modules
        self._surroundings = surroundings
        self._visits = visits
        self._known: dict[int, tuple[ir.Function, Uses]] = {}

    def of(self, function: ir.Function, path: str) -> Uses:
        """How a function of a module is used."""
        known = self._known.get(id(function))
        if known is None:
            known = self._known[id(function)] = (function, self._find(function, path))
        return known[1]

    def _find(self, function: ir.Function, path: str) -> Uses:
        chain = self._surroundings.of(path, function.start)
        index = next((i for i, around in enumerate(chain) if around.node is function), None)
        if index is None or index == 0:
            return Uses("", escapes=True)
        holder, outer = chain[index - 1].node, chain[:index]
        match holder:
            case ir.DeclareFunction():
                return self._of_name(function, function.name, path, outer)
            case ir.Declare(pattern=ir.Name(name=name)):
                return self._of_name(function, name, path, outer)
            case ir.Class(members=members):
                member = next(member for member in members if member.value is function)
                return self._of_member(function, member.name or "", holder, path, outer)
            case ir.Object(entries=entries):
                keys = [e.key for e in entries if isinstance(e, ir.Property) and e.value is function]
                if keys and isinstance(keys[0], str):
                    return self._of_property(function, keys[0], path, outer)
            case ir.Call(args=args) | ir.New(args=args):
                for place, arg in enumerate(args):
                    if arg is function:
                        return Uses(function.name, passed=[(CallSite(path, holder), place)])
                if isinstance(holder, ir.Call) and holder.callee is function:
                    return Uses(function.name, calls=[CallSite(path, holder)])
            case _:
                pass
        return Uses(function.name, escapes=True)

    # --- by the way in which it has its name -----------------------------------------------------------------------

    def _of_name(self, function: ir.Function, name: str, path: str, outer: tuple[Around, ...]) -> Uses:
        module = self._modules.module(path)
        is_outermost = all(not isinstance(around.node, ir.Function) for around in outer)
        exports = [e.name for e in module.exports if e.source == name and e.specifier is None] if module else []
        uses = Uses(name, is_exported=bool(exports) and is_outermost)
        names = {name, *exports} - {"default", ir.DEFAULT}
        files = [path]
        if is_outermost and exports:
            stem = re.sub(r"(?:/index)?\.\w+$", "", path).rsplit("/", 1)[-1]
            wanted = [each.encode() for each in names] + ([stem.encode()] if "default" in exports else [])
            found = (f for f in self._files_with(wanted, uses) if f != path)
            files += [f for f in found if self._imports(f, {*exports, "*"})]
        for file in files:
            aliases = names | self._aliases(file, path, exports)
            self._collect(function, file, aliases, uses)
        return uses

    def _imports(self, file: str, names: set[str]) -> bool:
        """Whether a module imports something under one of some names."""
        module = self._modules.module(file)
        return module is not None and any(item.imported in names for item in module.imports)

    def _aliases(self, file: str, path: str, exports: list[str]) -> set[str]:
        """The local names under which a module imports the exports of another."""
        module = self._modules.module(file)
        found = set()
        for item in module.imports if module is not None else ():
            if item.imported in exports and (item.local != item.imported or item.imported == "default"):
                found.add(item.local)
        return found

    def _of_member(self, function: ir.Function, name: str, cls: ir.Class, path: str, outer: tuple[Around, ...]) -> Uses:
        module = self._modules.module(path)
        local = cls.name or next(
            (
                a.node.pattern.name
                for a in outer
                if isinstance(a.node, ir.Declare) and isinstance(a.node.pattern, ir.Name)
            ),
            "",
        )
        is_exported = module is not None and any(e.source == local and e.specifier is None for e in module.exports)
        if name == "constructor":
            return self._of_constructor(cls, local, is_exported)
        return self._by_method(function, name, is_exported)

    def _of_constructor(self, cls: ir.Class, name: str, is_exported: bool) -> Uses:
        uses = Uses(name, is_exported=is_exported, is_constructor=True)
        for file in self._files_with([name.encode()], uses) if name else ():
            for visit in self._visits(file):
                if isinstance(visit.node, ir.New):
                    made = self._ev.evaluate(visit.node.callee, visit.scope)
                    if isinstance(made, ClassValue) and made.node is cls:
                        uses.calls.append(CallSite(file, visit.node))
        return uses

    def _of_property(self, function: ir.Function, name: str, path: str, outer: tuple[Around, ...]) -> Uses:
        module = self._modules.module(path)
        declared = [
            a.node.pattern.name for a in outer if isinstance(a.node, ir.Declare) and isinstance(a.node.pattern, ir.Name)
        ]
        is_exported = module is not None and any(e.source in declared and e.specifier is None for e in module.exports)
        is_own = any(isinstance(around.node, (ir.Call, ir.New)) for around in outer)
        uses = self._by_method(function, name, is_exported)
        if is_own and not uses.calls:
            uses.escapes = True  # it is handed to a function that may call it
        return uses

    def _by_method(self, function: ir.Function, name: str, is_exported: bool) -> Uses:
        uses = Uses(name, is_exported=is_exported)
        files = list(self._files_with([f".{name}".encode()], uses))
        uses.may_be_called = len(files) > MAX_FILES
        for file in files if not uses.may_be_called else ():
            for visit in self._visits(file):
                node = visit.node
                if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Member) or node.callee.name != name:
                    continue
                found = list(alternatives(self._ev.evaluate(node.callee, visit.scope)))
                if any(isinstance(value, FunctionValue) and value.node is function for value in found):
                    uses.calls.append(CallSite(file, node))
                elif any(isinstance(value, (Unknown, TypedFunction)) for value in found):
                    uses.may_be_called = True
        return uses

    # --- in a file -------------------------------------------------------------------------------------------------

    def _files_with(self, texts: list[bytes], uses: Uses) -> Iterator[str]:
        """The files of Worker code with one of some texts; others are noted."""
        for path in self._modules.workspace.sources:
            data = self._modules.text(path)
            if not any(text in data for text in texts):
                continue
            if is_test(path) or is_script(path):
                uses.is_tried = True
            else:
                yield path

    def _collect(self, function: ir.Function, file: str, names: set[str], uses: Uses) -> None:
        """Note the calls of a function in a file, under some names, and what else is done with it there."""
        module = self._modules.module(file)
        called: set[int] = set()
        for visit in self._visits(file):
            node = visit.node
            if not isinstance(node, ir.Call) or not isinstance(node.callee, (ir.Name, ir.Member)):
                continue
            if node.callee.name in names and self._is_function(node.callee, visit, function):
                called.add(id(node.callee))
                uses.calls.append(CallSite(file, node))
            for index, arg in enumerate(node.args):
                if isinstance(arg, ir.Name) and arg.name in names and self._is_function(arg, visit, function):
                    called.add(id(arg))
                    uses.passed.append((CallSite(file, node), index))
        for statement in module.body if module is not None else ():
            for inner in all_nodes(statement):
                if isinstance(inner, ir.Call):
                    called.add(id(inner.callee))
                if uses.escapes or not isinstance(inner, ir.Name) or inner.name not in names or id(inner) in called:
                    continue
                if isinstance(statement, ir.Declare) and inner is statement.pattern:
                    continue
                scope = self._surroundings.of(file, inner.start)[-1].scope
                value = self._ev.evaluate(inner, scope)
                uses.escapes = isinstance(value, FunctionValue) and value.node is function

    def _is_function(self, node: ir.Expression, visit: Visit, function: ir.Function) -> bool:
        values = alternatives(self._ev.evaluate(node, visit.scope))
        return any(isinstance(value, FunctionValue) and value.node is function for value in values)
