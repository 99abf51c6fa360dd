"""Where a value comes from: an expression followed backwards to the places that put something into it.

What is made of the source alone (literals, lookups in constant objects, lists of placeholders) has no sources. A value
is followed through variables and all that changes them, functions of the repository, callbacks of arrays, and from a
parameter to the arguments of all callers. What is not understood is a source of the kind UNKNOWN, never nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.taint.callers import Callers
from d1lint.model.taint.calls import Calls
from d1lint.model.taint.definitions import ELEMENT, KEYS, Definition, Definitions, Steps
from d1lint.model.taint.guards import Guards
from d1lint.model.taint.parameters import Parameters
from d1lint.model.taint.sources import NOTHING, Frame, Given, Kind, Source, Sources
from d1lint.model.taint.surroundings import Surroundings, all_nodes
from d1lint.model.taint.types import Says, Types
from d1lint.model.taint.validators import Validators
from d1lint.model.values import Constant, FunctionValue, alternatives
from d1lint.model.walk import Visit
from d1lint.model.workers import EnvValue

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.modules import Modules
    from d1lint.model.scope import Scope

MAX_STEPS = 2_000
"""How many expressions may be followed for one value."""
MAX_FRAMES = 6
"""How many calls may be followed into each other."""
MAX_DEPTH = 120
"""How deep expressions may lead to each other."""

_ARITHMETIC = frozenset({"-", "*", "/", "%", "**", "|", "&", "^", "<<", ">>", ">>>"})


class Tracer:
    """Follows values. `visits` gives the calls of a file."""

    def __init__(self, ev: Evaluator, modules: Modules, visits: Callable[[str], list[Visit]]) -> None:
        self.ev = ev
        self.modules = modules
        self.surroundings = Surroundings(ev)
        self.definitions = Definitions(ev, self.surroundings)
        self.types = Types(ev, modules.text)
        self.guards = Guards(ev, self.surroundings, self.definitions, modules.text)
        self.guards.is_open = self._is_sent
        self.validators = Validators(ev, self.surroundings, self.definitions)
        self.callers = Callers(ev, modules, self.surroundings, visits)
        self._parameters = Parameters(self, self.callers)
        self._calls = Calls(self)
        self._left = 0
        self._depth = 0
        self._active: set[tuple[int, Steps, Frame | None]] = set()
        self._known: dict[tuple[int, Steps, Frame | None], Sources] = {}
        self._constants: dict[int, tuple[ir.Expression, bool]] = {}

    def sources(self, node: ir.Expression, path: str) -> list[Source]:
        """The places that put something into the value of an expression, in their order."""
        self._left = MAX_STEPS
        self._active.clear()
        self._known.clear()
        return sorted(self.trace(Given(node, path)), key=lambda source: (source.span, source.kind))

    def scope_at(self, node: ir.Expression, path: str) -> Scope | None:
        """The scope that an expression of a module stands in."""
        chain = self.surroundings.of(path, node.start)
        own = next((around.scope for around in chain if around.node is node), None)
        return own or (chain[-1].scope if chain else self.ev.root(path))

    def nodes_in(self, function: ir.Node | None, path: str) -> Iterator[ir.Node]:
        """All nodes of a function, or of a module."""
        module = self.ev.source.module(path)
        roots = (function,) if function is not None else module.body if module is not None else ()
        for root in roots:
            yield from all_nodes(root)

    def _is_sent(self, node: ir.Expression, path: str, steps: Steps) -> bool:
        return any(source.kind is Kind.REQUEST for source in self.trace(Given(node, path, steps)))

    # --- expressions -----------------------------------------------------------------------------------------------

    def trace(self, given: Given) -> Sources:
        """The sources of a value."""
        self._left -= 1
        if self._left < 0 or self._depth > MAX_DEPTH:
            return self.source(Kind.UNKNOWN, given)
        key = (id(given.node), given.steps, given.frames[-1] if given.frames else None)
        if key in self._active:
            return NOTHING
        if given.shown is None and key in self._known:
            return self._known[key]
        self._active.add(key)
        self._depth += 1
        try:
            found = self._traced(given)
        finally:
            self._active.remove(key)
            self._depth -= 1
        if given.shown is None:
            self._known[key] = found
        return found

    def all_of(self, nodes: Iterable[ir.Expression], given: Given, steps: Steps) -> Sources:
        """The sources of several expressions that stand beside a given one."""
        return NOTHING.union(*(self.trace(given.beside(node, steps)) for node in nodes))

    def _traced(self, given: Given) -> Sources:
        node, path, steps = given.node, given.path, given.steps
        if isinstance(node, (ir.Literal, ir.Undefined, ir.Function, ir.Class)):
            return NOTHING
        scope = self.scope_at(node, path)
        if scope is None:
            return self.source(Kind.UNKNOWN, given)
        if not steps and self._is_constant(node, scope):
            return NOTHING
        checked = self.guards.checked(node, steps, path)
        if checked is not None:
            return self.all_of(checked, given, steps)
        match node:
            case ir.Name():
                return self._name(node, given)
            case ir.Member():
                return self._member(node, given, scope)
            case ir.Index(object=obj, index=index):
                key = self.ev.evaluate(index, scope)
                step = f".{key.value}" if isinstance(key, Constant) and key.value is not None else ELEMENT
                return self.trace(given.inner(obj, (step, *steps)))
            case ir.Call():
                return self._calls.of(node, given, scope)
            case ir.New():
                return self._new(node, given)
            case ir.Template(parts=parts):
                return self.all_of((part for part in parts if not isinstance(part, str)), given, ())
            case ir.Object():
                return self._object(node, given)
            case ir.Array():
                return self._array(node, given)
            case ir.Conditional(test=test, then=then, otherwise=otherwise):
                truth = self.ev.evaluate(test, scope).truth()
                taken = [branch for branch, when in ((then, True), (otherwise, False)) if truth in (None, when)]
                return self.all_of(taken, given, steps)
            case ir.Binary():
                return self._binary(node, given)
            case ir.Unary(operator=operator, value=value):
                is_number = operator in ("-", "+", "~")
                return self.number((value,), given) if is_number else NOTHING
            case ir.Await(value=value) | ir.Cast(value=value) | ir.Spread(value=value) | ir.Assign(value=value):
                return self.trace(Given(value, path, steps, given.frames, given.shown))
            case ir.Opaque(reason="sequence_expression", parts=(*_, last)):
                return self.trace(Given(last, path, steps, given.frames))
            case ir.Opaque(reason="regex") | ir.Tagged():
                return NOTHING
            case _:
                return self.source(Kind.UNKNOWN, given)

    def _is_constant(self, node: ir.Expression, scope: Scope) -> bool:
        """Whether the source says what an expression is: asked again for each call of the function that it is in."""
        known = self._constants.get(id(node))
        if known is None:
            values = alternatives(self.ev.evaluate(node, scope))
            known = self._constants[id(node)] = (node, all(isinstance(value, Constant) for value in values))
        return known[1]

    def _binary(self, node: ir.Binary, given: Given) -> Sources:
        if node.operator in _ARITHMETIC:
            return self.number((node.left, node.right), given)
        if node.operator == "&&":
            return self.all_of((node.right,), given, given.steps)
        if node.operator in ("+", "||", "??"):
            return self.all_of((node.left, node.right), given, given.steps)
        return NOTHING

    def _object(self, node: ir.Object, given: Given) -> Sources:
        steps = given.steps
        if not steps:
            return NOTHING
        step, rest, found = steps[0], steps[1:], NOTHING
        for entry in reversed(node.entries):
            if isinstance(entry, ir.Spread):
                found |= self.all_of((entry.value,), given, steps)
            elif step == KEYS:
                found |= self.all_of((entry.key,), given, rest) if not isinstance(entry.key, str) else NOTHING
            elif step == ELEMENT or not isinstance(entry.key, str):
                found |= self.all_of((entry.value,), given, rest)
            elif step == f".{entry.key}":
                return found | self.all_of((entry.value,), given, rest)
        return found

    def _array(self, node: ir.Array, given: Given) -> Sources:
        steps = given.steps
        if steps and steps[0] != ELEMENT and not steps[0][1:].isdigit():
            return NOTHING
        rest, found = steps[1:], NOTHING
        is_plain = not any(isinstance(item, ir.Spread) for item in node.items)
        if is_plain and steps and steps[0] != ELEMENT:
            index = int(steps[0][1:])
            return self.all_of(node.items[index : index + 1], given, rest)
        for item in node.items:
            if isinstance(item, ir.Spread):
                found |= self.all_of((item.value,), given, (ELEMENT, *rest))
            else:
                found |= self.all_of((item,), given, rest)
        return found

    def _new(self, node: ir.New, given: Given) -> Sources:
        name = node.callee.name if isinstance(node.callee, ir.Name) else ""
        steps, first = given.steps, node.args[:1]
        if name in ("URL", "URLSearchParams", "Request", "Headers", "String"):
            return self.all_of(first, given, ())
        if name == "Set":
            return self.all_of(first, given, steps)
        if name == "Map" and steps:
            part = ".0" if steps[0] == KEYS else ".1"
            return self.all_of(first, given, (ELEMENT, part, *steps[1:]))
        if name in ("Date", "Array", "Map"):
            return NOTHING
        return self.source(Kind.UNKNOWN, given)

    def _member(self, node: ir.Member, given: Given, scope: Scope) -> Sources:
        if node.name in ("length", "size") and not given.steps:
            return self.number((node.object,), given)
        owner = node.object
        if isinstance(owner, ir.Name) and owner.name == "this":
            return self._field(node, given)
        if any(isinstance(v, (TableValue, EnvValue)) for v in alternatives(self.ev.evaluate(owner, scope))):
            return self.source(Kind.UNKNOWN, given)
        return self.trace(given.inner(owner, (f".{node.name}", *given.steps)))

    def _field(self, node: ir.Member, given: Given) -> Sources:
        """The sources of `this.name`: its initial value, and what the methods of the class assign to it."""
        chain = self.surroundings.of(given.path, node.start)
        cls = next((around.node for around in reversed(chain) if isinstance(around.node, ir.Class)), None)
        values: list[ir.Expression] = []
        found = NOTHING
        for member in cls.members if cls is not None else ():
            if member.name == node.name and member.kind == "field" and member.value is not None:
                values.append(member.value)
            if member.name == "constructor" and isinstance(member.value, ir.Function):
                for parameter in member.value.params:
                    pattern = parameter.pattern
                    if parameter.is_property and isinstance(pattern, ir.Name) and pattern.name == node.name:
                        inside = self.ev.function_scope(member.value, chain[-1].scope)
                        constructor = member.value
                        bound = Definition(
                            node.name, given.path, constructor, inside, constructor.start, constructor.end,
                            parameter=parameter,
                        )  # fmt: skip
                        found |= self._parameters.of(bound, given.steps, given)
        for inner in all_nodes(cls) if cls is not None else ():
            match inner:
                case ir.Assign(target=ir.Member(object=ir.Name(name="this"), name=name), value=value):
                    if name == node.name:
                        values.append(value)
                case _:
                    pass
        if not values and not found:
            return self.source(Kind.UNKNOWN, given)
        return found | self.all_of(values, given, given.steps)

    # --- names -----------------------------------------------------------------------------------------------------

    def _name(self, node: ir.Name, given: Given) -> Sources:
        definition = self.definitions.of(node.name, given.path, node.start)
        if definition is None:
            return self.source(Kind.UNKNOWN, given)
        return self._defined(definition, given.steps, given)

    def _defined(self, definition: Definition, steps: Steps, given: Given) -> Sources:
        whole = (*definition.steps, *steps)
        frames, path = given.frames, definition.path
        match definition.node:
            case ir.Import():
                return self._imported(definition, steps, given)
            case ir.Declare(value=value):
                found = self.trace(Given(value, path, whole, frames)) if value is not None else NOTHING
                found |= self.all_of(definition.defaults, Given(value or given.node, path, (), frames), steps)
                found |= self._changes(definition, steps, frames)
                kind = definition.node.kind
                return self.source(Kind.UNKNOWN, given) if kind == "declare" else found
            case ir.Loop(kind=kind, iterable=iterable) if iterable is not None:
                step = KEYS if kind == "in" else ELEMENT
                return self.trace(Given(iterable, path, (step, *whole), frames))
            case ir.Function() if definition.parameter is not None:
                changed = self._changes(definition, steps, frames)
                return changed | self._parameters.of(definition, whole, given)
            case ir.Function() | ir.DeclareEnum():
                return NOTHING
            case _:
                return self.source(Kind.UNKNOWN, given)

    def _imported(self, definition: Definition, steps: Steps, given: Given) -> Sources:
        item = definition.node
        assert isinstance(item, ir.Import)
        if item.imported == "*" and steps and steps[0].startswith("."):
            item, steps = ir.Import("", item.specifier, steps[0][1:], False, item.start, item.end), steps[1:]
        target = self.definitions.imported(item, definition.path)
        if target is None:
            return self.source(Kind.UNKNOWN, given)
        return self._defined(target, steps, given)

    def _changes(self, definition: Definition, steps: Steps, frames: tuple[Frame, ...]) -> Sources:
        """What assignments and calls put into a variable, or into the object that it holds."""
        found = NOTHING
        for change, _ in self.definitions.changes(definition):
            at = Given(change, definition.path, (), frames)
            if isinstance(change, ir.Assign):
                found |= self._assigned(change, definition.name, steps, at)
            else:
                found |= self._changed_by(change, definition.name, steps, at)
        return found

    def _assigned(self, node: ir.Assign, name: str, steps: Steps, at: Given) -> Sources:
        match node.target:
            case ir.Name():
                if node.operator in ("=", "+=", "??=", "||=", "&&="):
                    return self.all_of((node.value,), at, steps)
                return self.source(Kind.NUMBER, at, node.target)
            case ir.Member(object=ir.Name(), name=key):
                is_it = bool(steps) and steps[0] in (f".{key}", ELEMENT)
                return self.all_of((node.value,), at, steps[1:]) if is_it else NOTHING
            case ir.Index(object=ir.Name(), index=index):
                if steps and steps[0] == KEYS:
                    return self.all_of((index,), at, steps[1:])
                return self.all_of((node.value,), at, steps[1:]) if steps else NOTHING
            case ir.Opaque():
                return self.source(Kind.UNKNOWN, at, node)
            case _:
                return NOTHING

    def _changed_by(self, call: ir.Call, name: str, steps: Steps, at: Given) -> Sources:
        is_item = not steps or steps[0] == ELEMENT or steps[0][1:].isdigit()
        match call.callee:
            case ir.Member(object=ir.Name(name=holder), name=method) if holder == name:
                added = {"push": 0, "unshift": 0, "fill": 0, "splice": 2}.get(method)
                found = NOTHING
                for arg in call.args[added:] if added is not None and is_item else ():
                    if isinstance(arg, ir.Spread):
                        found |= self.all_of((arg.value,), at, (ELEMENT, *steps[1:]))
                    else:
                        found |= self.all_of((arg,), at, steps[1:])
                return found
            case ir.Member(object=ir.Name(name="Object"), name="assign"):
                return self.all_of(call.args[1:], at, steps)
            case _:
                return self._changed_in_functions(call, name, steps, at)

    def _changed_in_functions(self, call: ir.Call, name: str, steps: Steps, at: Given) -> Sources:
        """What a function of the repository puts into an object that it is given."""
        found = NOTHING
        if len(at.frames) >= MAX_FRAMES:
            return found
        places = [i for i, arg in enumerate(call.args) if isinstance(arg, ir.Name) and arg.name == name]
        for function in self.functions(call.callee, at.path):
            frame = Frame(function.node, tuple(at.beside(arg, ()) for arg in call.args))
            for place in places:
                parameter = function.node.params[place] if place < len(function.node.params) else None
                if parameter is None or not isinstance(parameter.pattern, ir.Name) or not function.node.body:
                    continue
                inside = function.node.body[0].start
                bound = self.definitions.of(parameter.pattern.name, function.scope.module, inside)
                if bound is not None and bound.parameter is parameter:
                    found |= self._changes(bound, steps, (*at.frames, frame))
        return found

    # --- what is said of a source ------------------------------------------------------------------------------------

    def functions(self, callee: ir.Expression, path: str) -> list[FunctionValue]:
        """The functions of the repository that an expression of a module can be."""
        scope = self.scope_at(callee, path)
        values = alternatives(self.ev.evaluate(callee, scope)) if scope is not None else ()
        return [value for value in values if isinstance(value, FunctionValue)]

    def said(self, says: Says | None, text: Sources, given: Given) -> Sources:
        """The sources of what something has checked: `text` where it lets any text through."""
        if says is Says.TEXT:
            return text
        if says is Says.CLOSED:
            return NOTHING
        return self.source(Kind.NUMBER if says is Says.NUMBER else Kind.UNKNOWN, given)

    def number(self, operands: Iterable[ir.Expression], given: Given) -> Sources:
        """A number that is made of some expressions; nothing where those are all in the source."""
        return self.source(Kind.NUMBER, given) if self.all_of(operands, given, ()) else NOTHING

    def source(self, kind: Kind, given: Given, node: ir.Expression | None = None) -> Sources:
        """One source: what is given, or a node of its module."""
        shown, path = (node, given.path) if node is not None else given.shown or (given.node, given.path)
        return frozenset({Source(kind, Span(path, shown.start, shown.end), self.written(shown, path))})

    def written(self, node: ir.Expression, path: str) -> str:
        """How an expression is written, in one line and not too long."""
        text = self.modules.text(path)[node.start : node.end].decode("utf-8", "replace")
        flat = re.sub(r"\s+", " ", text)
        return flat if len(flat) <= 60 else f"{flat[:57]}…"
