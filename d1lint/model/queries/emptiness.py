"""Whether a `db.batch([…])` has anything in it: how its list is made, and what the code asks of its length first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import conditional_parts, nodes, occurrences, uncast
from d1lint.model.drizzle.queries import ChainValue
from d1lint.model.queries.chunks import Chunks
from d1lint.model.queries.lengths import is_length_of
from d1lint.model.queries.list_types import ListType, declared_list_type, list_type
from d1lint.model.queries.query import Query
from d1lint.model.queries.schemas import MAX_DEPTH, PARSERS, schema_call, without_carrier
from d1lint.model.taint.definitions import Definition, Steps
from d1lint.model.values import ArrayValue, FunctionValue, Value, alternatives

if TYPE_CHECKING:
    from d1lint.model.project import Project

_SAME = frozenset({"map", "flatMap", "sort", "reverse", "toSorted", "toReversed", "slice", "splice", "values"})
_READERS = frozenset({"json", "formData", "parseBody"})
_SCHEMA_WRAPPERS = frozenset(
    {"optional", "nullable", "nullish", "readonly", "strict", "refine", "superRefine", "max", "brand", "describe"}
    | {"passthrough", "strip", "loose", "meta"}
)
_FIRST = frozenset({"at", "find", "some", "shift", "pop"})
_ASSERTS = re.compile(r"^(?:assert|ensure|invariant|require|must|expect|check|validate|throwIf)")


class Emptiness(StrEnum):
    """How a batch can be empty."""

    ALWAYS = "always"
    PERHAPS = "perhaps"
    """It is made of a list of any length, and nothing asks for its length first."""


class Fill(StrEnum):
    """What is known of a list."""

    FILLED = "filled"
    """It has an element, or the code asks for its length."""
    OPEN = "open"
    """It has as many elements as a caller, a request or a query gives, which may be none."""
    UNKNOWN = "unknown"


def emptiness(query: Query, project: Project) -> Emptiness | None:
    """Whether a batch has nothing in it, always or perhaps; None where that is not known."""
    node, scope = query.root.site.node, query.root.site.scope
    first = node.args[0] if isinstance(node, ir.Call) and node.args else None
    if first is None:
        return None
    value = project.ev.evaluate(first, scope)
    if _is_empty(value) and not (isinstance(first, ir.Name) and _is_filled(first.name, query)):
        return Emptiness.ALWAYS
    if query.place.function is None:
        return None
    is_open = project.once(Fills).of_members(uncast(first), scope.module) == Fill.OPEN
    return Emptiness.PERHAPS if is_open else None


def _is_empty(value: Value) -> bool:
    return isinstance(value, ArrayValue) and not value.items and not value.gaps


def _is_filled(name: str, query: Query) -> bool:
    """Whether code that is not followed, such as a callback, puts something into a list."""
    function = query.place.function
    return function is None or occurrences(function, name) > 2


class Fills:
    """Follows lists back to what says whether they have any elements."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._definitions = project.tracer.definitions
        self._text = project.modules.text
        self._active: set[tuple[int, Steps]] = set()

    @cached_property
    def _chunks(self) -> Chunks:
        return Chunks(self._definitions, self._text)

    def of_members(self, node: ir.Expression, path: str) -> Fill:
        """Of a list of queries: UNKNOWN unless `map` makes it of another list that has a name."""
        if isinstance(node, ir.Name):
            definition = self._definitions.of(node.name, path, node.start)
            value = definition.node.value if definition and isinstance(definition.node, ir.Declare) else None
            if definition is None or definition.steps or value is None or not _is_mapped(uncast(value)):
                return Fill.UNKNOWN
        elif not _is_mapped(node):
            return Fill.UNKNOWN
        return self.of(node, path)

    def of(self, node: ir.Expression, path: str, steps: Steps = ()) -> Fill:
        """Of an expression's value, or of the part of it that steps lead to."""
        key = (id(node), steps)
        if key in self._active or len(self._active) > MAX_DEPTH:
            return Fill.UNKNOWN
        self._active.add(key)
        try:
            return self._of(node, path, steps)
        finally:
            self._active.remove(key)

    def _of(self, node: ir.Expression, path: str, steps: Steps) -> Fill:
        match node:
            case ir.Name():
                return self._name(node, path, steps)
            case ir.Member(object=inner, name=name):
                return self.of(inner, path, (f".{name}", *steps))
            case ir.Await(value=value) | ir.Spread(value=value):
                return self.of(value, path, steps)
            case ir.Cast(value=value, type=declared):
                found = self.of(value, path, steps)
                return found if found != Fill.UNKNOWN else self._of_type(declared, node, path, steps)
            case ir.Binary(operator="??" | "||", left=left, right=right):
                is_nothing = isinstance(right, ir.Array) and not right.items
                return Fill.OPEN if is_nothing and not steps else self.of(left, path, steps)
            case ir.Conditional(then=then, otherwise=otherwise):
                either = {self.of(part, path, steps) for part in (then, otherwise)}
                return Fill.OPEN if Fill.OPEN in either else either.pop() if len(either) == 1 else Fill.UNKNOWN
            case ir.Array(items=items) if not steps:
                return self._array(items, path)
            case ir.New(callee=ir.Name(name="Set"), args=(first, *_)):
                return self.of(first, path, steps)
            case ir.Call():
                return self._call(node, path, steps)
            case _:
                return Fill.UNKNOWN

    def _array(self, items: tuple[ir.Expression, ...], path: str) -> Fill:
        if not items or any(not isinstance(item, ir.Spread) for item in items):
            return Fill.FILLED if items else Fill.OPEN
        found = {self.of(item, path) for item in items}
        if Fill.FILLED in found:
            return Fill.FILLED
        return Fill.OPEN if found == {Fill.OPEN} else Fill.UNKNOWN

    def _of_type(self, declared: ir.Type | None, node: ir.Expression, path: str, steps: Steps) -> Fill:
        scope = self._project.tracer.scope_at(node, path)
        return _by_type(list_type(declared, scope, self._text, steps) if scope is not None else None)

    # --- calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: ir.Call, path: str, steps: Steps) -> Fill:
        callee = node.callee
        if isinstance(callee, ir.Member):
            name = callee.name
            if name in PARSERS:
                return self._by_schema(callee.object, path, without_carrier(steps))
            if name == "valid" and node.args and isinstance(node.args[0], ir.Literal):
                schema = self._project.tracer.validators.of_request(str(node.args[0].value), path, node.start)
                return self._by_schema(schema, path, steps) if schema is not None else Fill.UNKNOWN
            if name in _READERS:
                return self._of_type(node.type_args[0], node, path, steps) if node.type_args else Fill.UNKNOWN
            if name == "split" and not steps:
                return Fill.FILLED
            if name == "filter" and not steps:
                return Fill.OPEN
            if name == "from" and isinstance(callee.object, ir.Name) and callee.object.name == "Array" and node.args:
                return self.of(node.args[0], path, steps)
            if name in _SAME and not steps:
                return self.of(callee.object, path)
        if steps:
            return Fill.UNKNOWN
        found = self._evaluated(node, path)
        return self._of_chunked(node, path) if found == Fill.UNKNOWN and self._chunks.are(node, path) else found

    def _of_chunked(self, node: ir.Call, path: str) -> Fill:
        """Of the chunks of a list: there are none only if the list is empty."""
        found = {self.of(arg, path) for arg in node.args if isinstance(arg, (ir.Name, ir.Member))}
        return next((fill for fill in (Fill.FILLED, Fill.OPEN) if fill in found), Fill.UNKNOWN)

    def _evaluated(self, node: ir.Call, path: str) -> Fill:
        """What a query gives, or a function of the repository that is declared to give a list."""
        scope = self._project.tracer.scope_at(node, path)
        if scope is None:
            return Fill.UNKNOWN
        for value in alternatives(self._project.ev.evaluate(node, scope)):
            if isinstance(value, ChainValue) and value.root.kind in ("select", "selectDistinct", "findMany"):
                return Fill.OPEN if not any(step.name == "get" for step in value.steps) else Fill.UNKNOWN
        for value in alternatives(self._project.ev.evaluate(node.callee, scope)):
            if isinstance(value, FunctionValue):
                return _by_type(list_type(value.node.returns, value.scope, self._text))
        return Fill.UNKNOWN

    # --- names -------------------------------------------------------------------------------------------------------

    def _name(self, node: ir.Name, path: str, steps: Steps) -> Fill:
        definition = self._definitions.of(node.name, path, node.start)
        if definition is None or (not steps and self._is_asked(definition, node)):
            return Fill.FILLED if definition is not None else Fill.UNKNOWN
        inner = (*definition.steps, *steps)
        declared = declared_list_type(definition, self._text, inner)
        if declared in (ListType.FILLED, ListType.FEW):
            return Fill.FILLED
        match definition.node:
            case ir.Declare(value=value) if value is not None:
                if isinstance(value, ir.Array) and not value.items and not inner:
                    return self._pushed(definition)
                found = self.of(value, definition.path, inner)
                return found if found != Fill.UNKNOWN else _by_type(declared)
            case ir.Function() if definition.parameter is not None:
                return Fill.UNKNOWN if self._is_callback(definition) else _by_type(declared)
            case ir.Import():
                origin = self._definitions.imported(definition.node, path)
                value = origin.node.value if origin is not None and isinstance(origin.node, ir.Declare) else None
                return self.of(value, origin.path, steps) if origin and value is not None else Fill.UNKNOWN
            case _:
                return Fill.UNKNOWN

    def _is_callback(self, definition: Definition) -> bool:
        """Whether a parameter is that of a function that is handed to a call, which may hand it chunks."""
        chain = self._project.tracer.surroundings.of(definition.path, definition.node.start)  # type: ignore[attr-defined]
        return any(
            isinstance(around.node, (ir.Call, ir.New)) and any(arg is definition.node for arg in around.node.args)
            for around in chain
        )

    def _pushed(self, definition: Definition) -> Fill:
        """Of a list that begins empty: open, if all that is put into it is put there in loops or under conditions."""
        changes = [change for change, _ in self._definitions.changes(definition)]
        function = definition.scope.function
        if not changes or function is None or any(isinstance(change, ir.Assign) for change in changes):
            return Fill.UNKNOWN
        parts = [part for part in conditional_parts(function) if part[0] >= definition.start]
        is_sure = any(not any(start <= change.start < end for start, end in parts) for change in changes)
        return Fill.FILLED if is_sure else Fill.OPEN

    # --- what the code asks ------------------------------------------------------------------------------------------

    def _is_asked(self, definition: Definition, use: ir.Name) -> bool:
        """Whether the code says anything of a list's length, by itself or by a function, or adds an element to it."""
        own = definition.node if isinstance(definition.node, ir.Function) else definition.scope.function
        name, whole = definition.name, list(self._project.tracer.nodes_in(own, definition.path))
        firsts = set(_first_elements(whole, name))
        for node in whole:
            if is_length_of(node, name) or _asserts(node, name):
                return True
            if any(_asks(test, name, firsts) for test in _tests(node)):
                return True
        return own is not None and any(_adds(node, name) and self._comes_before(node, use, own) for node in whole)

    def _comes_before(self, change: ir.Node, use: ir.Name, function: ir.Node) -> bool:
        """Whether a change of a list is made on every way to a use of it."""
        start: int = change.start  # type: ignore[attr-defined]
        return start < use.start and all(
            first <= use.start < last for first, last in conditional_parts(function) if first <= start < last
        )

    # --- schemas -----------------------------------------------------------------------------------------------------

    def _by_schema(self, node: ir.Expression, path: str, steps: Steps, depth: int = 0) -> Fill:
        """What a schema of zod lets through: `z.array(…)` an empty list, `z.array(…).min(1)` none."""
        call = schema_call(self._definitions, node, path, steps, depth)
        if call is None:
            return Fill.UNKNOWN
        name, inner, args, path, steps, depth = call
        if name in ("min", "length") and not steps:
            is_none = args and isinstance(args[0], ir.Literal) and args[0].value == 0
            return self._by_schema(inner, path, steps, depth + 1) if is_none else Fill.FILLED
        if name == "nonempty":
            return Fill.FILLED
        if name in ("object", "strictObject", "looseObject") and args:
            return self._by_schema(args[0], path, steps, depth + 1)
        if name == "array" and not steps:
            return Fill.OPEN
        return self._by_schema(inner, path, steps, depth + 1) if name in _SCHEMA_WRAPPERS else Fill.UNKNOWN


def _by_type(declared: ListType | None) -> Fill:
    match declared:
        case ListType.ANY_LENGTH:
            return Fill.OPEN
        case ListType.FILLED | ListType.FEW:
            return Fill.FILLED
        case _:
            return Fill.UNKNOWN


def _is_mapped(node: ir.Expression) -> bool:
    """Whether `map` makes a list of another one that has a name."""
    match node:
        case ir.Call(callee=ir.Member(name="map" | "flatMap", object=ir.Name())):
            return True
        case ir.Array(items=(ir.Spread(value=ir.Call(callee=ir.Member(name="map", object=ir.Name()))),)):
            return True
        case _:
            return False


def _is_name(node: ir.Node, name: str) -> bool:
    return isinstance(node, ir.Name) and node.name == name


def _tests(node: ir.Node) -> Iterable[ir.Expression]:
    """What a node decides by."""
    match node:
        case ir.If(test=test) | ir.Conditional(test=test):
            return (test,)
        case ir.Binary(operator="&&" | "||", left=left):
            return (left,)
        case ir.Loop(head=head, kind=kind) if kind not in ("of", "in"):
            return head
        case _:
            return ()


def _asks(test: ir.Expression, name: str, firsts: set[str]) -> bool:
    """Whether a test looks at a list's first element, or hands it to a function: `nonEmpty(list)`, `!list[0]`."""
    for node in nodes(test):
        match node:
            case ir.Call(callee=callee, args=args):
                if any(_is_name(arg, name) for arg in args):
                    return True
                if isinstance(callee, ir.Member) and callee.name in _FIRST and _is_name(callee.object, name):
                    return True
            case ir.Index(object=inner) if _is_name(inner, name):
                return True
            case ir.Name(name=tested) if tested in firsts:
                return True
            case _:
                pass
    return False


def _first_elements(whole: Iterable[ir.Node], name: str) -> Iterator[str]:
    """The variables that hold an element of a list: `const first = list[0]`, `const [first] = list`."""
    for node in whole:
        if not isinstance(node, ir.Declare) or node.value is None:
            continue
        value = uncast(node.value)
        match node.pattern, value:
            case ir.Name(name=first), ir.Index(object=inner) if _is_name(inner, name):
                yield first
            case ir.Name(name=first), ir.Call(callee=ir.Member(name=method, object=inner)) if (
                method in _FIRST and _is_name(inner, name)
            ):
                yield first
            case ir.Name(name=first), ir.Call(args=args) if any(_is_name(arg, name) for arg in args):
                yield first  # const ok = nonEmpty(list)
            case ir.ArrayPattern(items=(ir.PatternEntry(target=ir.Name(name=first)), *_)), ir.Name(name=listed) if (
                listed == name
            ):
                yield first
            case _:
                pass


def _asserts(node: ir.Node, name: str) -> bool:
    """Whether a statement hands a list to a function that, by its name, throws if there is something wrong with it."""
    if not isinstance(node, ir.Evaluate):
        return False
    match uncast(node.value):
        case ir.Call(callee=ir.Name(name=called) | ir.Member(name=called), args=args):
            return _ASSERTS.match(called) is not None and any(_is_name(arg, name) for arg in args)
        case _:
            return False


def _adds(node: ir.Node, name: str) -> bool:
    """Whether a call adds an element to a list."""
    match node:
        case ir.Call(callee=ir.Member(name="push" | "unshift", object=inner), args=args) if _is_name(inner, name):
            return any(not isinstance(arg, ir.Spread) for arg in args)
        case _:
            return False
