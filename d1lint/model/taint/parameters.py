"""What comes to the parameters of functions: from a call that is being followed, from all callers, or from outside."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.taint.callers import Callers, CallSite
from d1lint.model.taint.definitions import ELEMENT, Definition, Steps
from d1lint.model.taint.requests import is_request_data
from d1lint.model.taint.sources import NOTHING, Frame, Given, Kind, Source, Sources
from d1lint.model.taint.surroundings import all_nodes
from d1lint.model.taint.types import Says

if TYPE_CHECKING:
    from d1lint.model.taint.trace import Tracer

MAX_SOURCES = 12
"""Of how many sources a parameter's callers are asked for."""

_CONFIGURATION = re.compile(r"^(?:_?(?:config|cfg|env|ctx|context|c|deps|self|settings|opts|options|this))$")
_CALLBACK_METHODS = frozenset(
    {"map", "forEach", "filter", "find", "findLast", "findIndex", "some", "every", "flatMap", "sort", "toSorted"}
)


class Parameters:
    """Follows parameters."""

    def __init__(self, tracer: Tracer, callers: Callers) -> None:
        self._tracer = tracer
        self._callers = callers

    def of(self, definition: Definition, steps: Steps, given: Given) -> Sources:
        """The sources of a parameter, or of the part of it that steps lead to."""
        function, parameter = definition.node, definition.parameter
        assert isinstance(function, ir.Function) and parameter is not None
        index = function.params.index(parameter)
        for depth in range(len(given.frames) - 1, -1, -1):
            frame = given.frames[depth]
            if frame.function is function:
                return self.argument(parameter, index, frame.arguments, steps, given)
        found = self._from_callers(definition, index, steps, given)
        says = self._tracer.types.says(parameter.type, definition.scope, steps) if parameter.type is not None else None
        if says is Says.CLOSED or says is Says.DATE:
            return frozenset(source for source in found if source.kind is Kind.REQUEST)
        if says is Says.NUMBER or says is Says.BIGINT:
            return self._tracer.source(Kind.NUMBER, given)
        is_open = says is Says.TEXT or parameter.type is None or _is_any(parameter.type)
        return found if is_open else frozenset(_unless_parameter(source) for source in found)

    def argument(
        self, parameter: ir.Parameter, index: int, arguments: tuple[Given, ...], steps: Steps, given: Given
    ) -> Sources:
        """What a call gives to a parameter."""
        if parameter.is_rest:
            rest = arguments[index:]
            return NOTHING.union(
                *(self._tracer.trace(Given(a.node, a.path, (*a.steps, *steps[1:]), a.frames)) for a in rest if steps)
            )
        if any(isinstance(argument.node, ir.Spread) for argument in arguments[: index + 1]):
            return self._tracer.source(Kind.UNKNOWN, given)
        if index >= len(arguments):
            return self._tracer.all_of((parameter.default,), given, steps) if parameter.default is not None else NOTHING
        argument = arguments[index]
        # A plain name is shown as the expression that takes a part of it: `c.req.query("sort")`, not `c`.
        is_plain = isinstance(argument.node, ir.Name) and bool(steps)
        shown = (given.shown or (given.node, given.path)) if is_plain else None
        whole = (*argument.steps, *steps)
        return self._tracer.trace(Given(argument.node, argument.path, whole, argument.frames, shown))

    def _from_callers(self, definition: Definition, index: int, steps: Steps, given: Given) -> Sources:
        function, parameter = definition.node, definition.parameter
        assert isinstance(function, ir.Function) and parameter is not None
        uses = self._callers.of(function, definition.path)
        found = NOTHING
        for site in uses.calls:
            if len(found) < MAX_SOURCES:
                arguments = tuple(Given(arg, site.path) for arg in site.node.args)
                found |= self.argument(parameter, index, arguments, steps, given)
        for site, place in uses.passed:
            found |= self._handed(definition, index, site, place, steps, given)
        if uses.calls or uses.passed:
            return found | self._tracer.source(Kind.UNKNOWN, given) if uses.may_be_called else found
        if uses.is_constructor or not (uses.is_exported or uses.escapes or uses.may_be_called):
            return self._tracer.source(Kind.UNKNOWN, given)
        is_uncalled = uses.is_exported and not uses.is_tried and not uses.may_be_called
        return self._entry(definition, steps, given, uses.name if is_uncalled else "")

    def _entry(self, definition: Definition, steps: Steps, given: Given, owner: str) -> Sources:
        """A parameter of a function that somebody outside the repository calls: a handler's, or anybody's."""
        if self._is_sent(definition, steps):
            return self._tracer.source(Kind.REQUEST, given)
        parameter = definition.parameter
        name = parameter.pattern.name if parameter is not None and isinstance(parameter.pattern, ir.Name) else ""
        fields = [step for step in steps if step.startswith(".")]
        is_plain = not any(step.endswith("()") for step in steps) and len(fields) <= 1
        if not owner or not is_plain or _CONFIGURATION.match(name):
            return self._tracer.source(Kind.UNKNOWN, given)
        return frozenset(replace(source, owner=owner) for source in self._tracer.source(Kind.PARAMETER, given))

    def _is_sent(self, definition: Definition, steps: Steps) -> bool:
        parameter = definition.parameter
        assert parameter is not None
        name = parameter.pattern.name if isinstance(parameter.pattern, ir.Name) else ""
        type_name = parameter.type.name if isinstance(parameter.type, ir.TypeName) else ""
        return is_request_data(name, type_name, steps)

    def _handed(
        self,
        definition: Definition,
        index: int,
        site: CallSite,
        place: int,
        steps: Steps,
        given: Given,
    ) -> Sources:
        """What the call that a function is handed to calls it with."""
        call, callee = site.node, site.node.callee
        if isinstance(callee, ir.Member) and place == 0 and isinstance(call, ir.Call):
            listed = Given(callee.object, site.path, (ELEMENT, *steps))
            if callee.name in _CALLBACK_METHODS:
                return self._tracer.trace(listed) if index == 0 else NOTHING
            if callee.name in ("reduce", "reduceRight"):
                if index == 1:
                    return self._tracer.trace(listed)
                return self._tracer.all_of(call.args[1:2], Given(callee, site.path), steps) if index == 0 else NOTHING
            if callee.name == "then" and index == 0:
                return self._tracer.trace(Given(callee.object, site.path, steps))
        if isinstance(callee, ir.Member) and callee.name == "from" and place == 1:
            return self._tracer.trace(Given(call.args[0], site.path, (ELEMENT, *steps))) if index == 0 else NOTHING
        found = self._called_back(index, site, place, steps)
        if found is not None:
            return found
        schema = self._tracer.validators.of_callback(call, steps)
        if schema is not None:
            says = self._tracer.validators.says(schema[0], site.path, schema[1])
            return self._tracer.said(says, self._tracer.source(Kind.REQUEST, given), given)
        kind = Kind.REQUEST if self._is_sent(definition, steps) else Kind.UNKNOWN
        return self._tracer.source(kind, given)

    def _called_back(self, index: int, site: CallSite, place: int, steps: Steps) -> Sources | None:
        """What functions of the repository call a function with that they are given; None if they do not."""
        found, is_called = NOTHING, False
        for function in self._tracer.functions(site.node.callee, site.path):
            parameters = function.node.params
            pattern = parameters[place].pattern if place < len(parameters) else None
            frame = Frame(function.node, tuple(Given(arg, site.path) for arg in site.node.args))
            called = pattern.name if isinstance(pattern, ir.Name) else ""
            for inner in all_nodes(function.node) if called else ():
                match inner:
                    case ir.Call(callee=ir.Name(name=name), args=args) if name == called and index < len(args):
                        is_called = True
                        found |= self._tracer.trace(Given(args[index], function.scope.module, steps, (frame,)))
                    case _:
                        pass
        return found if is_called else None


def _is_any(node: ir.Type) -> bool:
    return isinstance(node, ir.TypeName) and node.name in ("any", "unknown")


def _unless_parameter(source: Source) -> Source:
    """A source; of an uncalled function's parameter whose type does not say that it is a text, nothing is known."""
    return replace(source, kind=Kind.UNKNOWN) if source.kind is Kind.PARAMETER else source
