"""Whether the code bounds the length of a list or of a text, followed back to where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.drizzle.queries import ChainValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.queries.schemas import MAX_DEPTH, PARSERS, schema_call, without_carrier
from d1lint.model.taint.callers import Callers
from d1lint.model.taint.definitions import Definition, Steps
from d1lint.model.taint.requests import REQUEST_READERS
from d1lint.model.values import ObjectValue, alternatives

if TYPE_CHECKING:
    from d1lint.model.project import Project

_SAME = frozenset({"map", "filter", "flat", "flatMap", "concat", "sort", "reverse", "toSorted", "toReversed", "values"})
_SAME_TEXT = frozenset({"trim", "toLowerCase", "toUpperCase", "replace", "replaceAll", "normalize", "toString"})
_CUT = frozenset({"slice", "splice", "substring", "substr"})
_CHUNKS = ("chunk", "batch", "slice", "page", "partition")
_READERS = frozenset({"json", "formData", "parseBody", "query", "param", "queries"})
_WRAPPERS = frozenset(
    {"optional", "nullable", "nullish", "default", "catch", "readonly", "strict", "partial", "required", "describe"}
    | {"refine", "superRefine", "transform", "nonempty", "min", "trim", "toLowerCase", "brand", "strip", "passthrough"}
)
_CLOSED = frozenset({"enum", "nativeEnum", "literal", "uuid", "cuid", "cuid2", "ulid", "nanoid", "datetime", "date"})


class Length(StrEnum):
    """What is known of a length."""

    BOUNDED = "bounded"
    """It is cut, chunked, checked or written out."""
    OPEN = "open"
    """It is that of what a caller, a request or a query gives, and nothing bounds it."""
    UNKNOWN = "unknown"


class Lengths:
    """Follows lists and texts in the files of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._definitions = project.tracer.definitions
        self._callers = Callers(project.ev, project.modules, project.tracer.surroundings, project.visits)
        self._active: set[tuple[int, Steps]] = set()

    def of(self, node: ir.Expression, path: str, steps: Steps = ()) -> Length:
        """The length of an expression's value, or of the part of it that steps lead to."""
        key = (id(node), steps)
        if key in self._active or len(self._active) > MAX_DEPTH:
            return Length.UNKNOWN
        self._active.add(key)
        try:
            return self._of(node, path, steps)
        finally:
            self._active.remove(key)

    def _of(self, node: ir.Expression, path: str, steps: Steps) -> Length:
        match node:
            case ir.Name(name=name):
                return Length.BOUNDED if is_chunk(name) else self._name(node, path, steps)
            case ir.Member(object=inner, name=name):
                return self.of(inner, path, (f".{name}", *steps))
            case ir.Await(value=value) | ir.Cast(value=value) | ir.Spread(value=value) | ir.Assign(value=value):
                return self.of(value, path, steps)
            case ir.Binary(operator="??" | "||", left=left):
                return self.of(left, path, steps)
            case ir.Binary(operator="+", left=left, right=right):
                return _together(self.of(part, path) for part in (left, right))
            case ir.Conditional(then=then, otherwise=otherwise):
                return _together(self.of(part, path, steps) for part in (then, otherwise))
            case ir.Array(items=items) if not steps:
                return _together(self.of(item, path) for item in items if isinstance(item, ir.Spread))
            case ir.Template(parts=parts) if not steps:
                return _together(self.of(part, path) for part in parts if not isinstance(part, str))
            case ir.New(callee=ir.Name(name="Set"), args=(first, *_)):
                return self.of(first, path, steps)
            case ir.Call():
                return self._call(node, path, steps)
            case ir.Literal() | ir.Array() | ir.Undefined():
                return Length.BOUNDED
            case _:
                return Length.UNKNOWN

    # --- calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: ir.Call, path: str, steps: Steps) -> Length:
        callee = node.callee
        name = callee.name if isinstance(callee, (ir.Name, ir.Member)) else ""
        if is_chunk(name) or (name in _CUT and len(node.args) > (name == "slice")):
            return Length.BOUNDED
        if not isinstance(callee, ir.Member):
            if name in REQUEST_READERS:
                return Length.OPEN
            return self.of(node.args[0], path, steps) if name in ("String", "unique") and node.args else Length.UNKNOWN
        if isinstance(callee.object, ir.Name) and callee.object.name == "Array" and name == "from" and node.args:
            return self.of(node.args[0], path, steps)
        if name in PARSERS:
            return self._by_schema(callee.object, path, without_carrier(steps))
        if name == "valid" and node.args and isinstance(node.args[0], ir.Literal):
            schema = self._project.tracer.validators.of_request(str(node.args[0].value), path, node.start)
            return self._by_schema(schema, path, steps) if schema is not None else Length.UNKNOWN
        if name in _READERS and _is_request(callee.object):
            return Length.OPEN
        if (name in _SAME or name in _SAME_TEXT) and not steps:
            return self.of(callee.object, path)
        return self._queried(node, path) if not steps else Length.UNKNOWN

    def _queried(self, node: ir.Call, path: str) -> Length:
        """The length of what a query gives: with a limit it is bounded, by whatever number."""
        scope = self._project.tracer.scope_at(node, path)
        value = self._project.ev.evaluate(node, scope) if scope is not None else None
        chains = [each for each in alternatives(value) if isinstance(each, ChainValue)] if value is not None else []
        if not chains:
            return Length.UNKNOWN
        chain = chains[0]
        if chain.root.kind not in ("select", "selectDistinct", "findMany"):
            return Length.UNKNOWN
        config = chain.root.site.argument(0)
        limited = any(step.name in ("limit", "get") for step in chain.steps)
        if isinstance(config, ObjectValue) and chain.root.kind == "findMany":
            limited = limited or "limit" in config.entries
        wheres = [step.site.argument(0) for step in chain.steps if step.name == "where"]
        return Length.BOUNDED if limited or any(map(self._is_of_one, wheres)) else Length.OPEN

    def _is_of_one(self, condition: object) -> bool:
        """Whether a condition asks for the one row that has a key."""
        if not isinstance(condition, SqlValue) or not condition.parts:
            return False
        if condition.operator == "and":
            return any(map(self._is_of_one, condition.parts))
        column = condition.parts[0]
        if condition.operator != "eq" or not isinstance(column, ColumnRef):
            return False
        builder = column.table.builder(column.key, self._project.ev)
        return builder is not None and (builder.primary_key or builder.unique)

    # --- names -------------------------------------------------------------------------------------------------------

    def _name(self, node: ir.Name, path: str, steps: Steps) -> Length:
        definition = self._definitions.of(node.name, path, node.start)
        if definition is None:
            return Length.UNKNOWN
        inner = (*definition.steps, *steps)
        if not steps and self._is_compared(node.name, definition):
            return Length.BOUNDED
        match definition.node:
            case ir.Declare(value=value) if value is not None:
                if isinstance(value, ir.Array) and not value.items and not inner:
                    return self._filled(definition)
                return self.of(value, definition.path, inner)
            case ir.Function() if definition.parameter is not None:
                return self._parameter(definition, definition.node, inner)
            case ir.Import():
                declared = self._definitions.imported(definition.node, path)
                value = declared.node.value if declared is not None and isinstance(declared.node, ir.Declare) else None
                return self.of(value, declared.path, steps) if declared and value is not None else Length.UNKNOWN
            case _:
                return Length.UNKNOWN

    def _filled(self, definition: Definition) -> Length:
        """The length of a list that begins empty: what is pushed in a loop over another list is as long as that."""
        found = []
        for change, _ in self._definitions.changes(definition):
            if isinstance(change, ir.Assign):
                return Length.UNKNOWN  # it may be emptied on the way, as chunks are
            if not isinstance(change.callee, ir.Member) or change.callee.name != "push":
                continue
            chain = self._project.tracer.surroundings.of(definition.path, change.start)
            loops = [around.node for around in chain if isinstance(around.node, ir.Loop)]
            iterable = loops[-1].iterable if loops else None
            found.append(self.of(iterable, definition.path) if iterable is not None else Length.UNKNOWN)
        return _together(found) if found else Length.UNKNOWN

    def _parameter(self, definition: Definition, function: ir.Function, steps: Steps) -> Length:
        """The length of what is handed to a function: that of what its callers hand over; without any, it is open."""
        uses = self._callers.of(function, definition.path)
        if uses.passed:
            return self._of_callback(function, definition, steps)
        index = next(i for i, each in enumerate(function.params) if each is definition.parameter)
        given = [
            self.of(call.node.args[index], call.path, steps)
            for call in uses.calls
            if index < len(call.node.args) and not any(isinstance(arg, ir.Spread) for arg in call.node.args)
        ]
        if given:
            return _together(given)
        is_known = uses.is_exported and not uses.may_be_called and not self._is_named_elsewhere(uses.name, definition)
        return Length.OPEN if is_known and self._is_list_or_text(definition, steps) else Length.UNKNOWN

    def _is_named_elsewhere(self, name: str, definition: Definition) -> bool:
        """Whether another file names a function: a call of it that is not found may hand over a short list."""
        paths = self._project.modules.containing(name.encode()) if name else ()
        return any(path != definition.path for path in paths)

    def _of_callback(self, function: ir.Function, definition: Definition, steps: Steps) -> Length:
        """What a framework hands to a function: the schema in the chain before it says how long it can be."""
        chain = self._project.tracer.surroundings.of(definition.path, function.start)
        holder = next(
            (a.node for a in reversed(chain) if isinstance(a.node, ir.Call) and function in a.node.args), None
        )
        found = self._project.tracer.validators.of_callback(holder, steps) if isinstance(holder, ir.Call) else None
        return self._by_schema(found[0], definition.path, found[1]) if found is not None else Length.UNKNOWN

    def _is_list_or_text(self, definition: Definition, steps: Steps) -> bool:
        """Whether a parameter, or the part of it that steps lead to, is declared as a list or as text."""
        declared = definition.parameter.type if definition.parameter is not None else None
        if steps and isinstance(declared, ir.TypeObject):
            declared = next((type_ for name, type_ in declared.members if (f".{name}",) == steps), None)
        elif steps:
            return False
        text = self._project.modules.text(definition.path)
        return declared is not None and (
            is_list_type(text, declared) or text[declared.start : declared.end] == b"string"
        )

    def _is_compared(self, name: str, definition: Definition) -> bool:
        """Whether the code compares the length of a list with a number: `if (ids.length > 100) throw …`."""
        for node in self._project.tracer.nodes_in(_function_of(definition), definition.path):
            if isinstance(node, ir.Binary) and node.operator in ("<", ">", "<=", ">="):
                sides = (node.left, node.right)
                if any(is_length_of(side, name) for side in sides) and not any(map(_is_small, sides)):
                    return True
        return False

    # --- schemas -----------------------------------------------------------------------------------------------------

    def _by_schema(self, node: ir.Expression, path: str, steps: Steps, depth: int = 0) -> Length:
        """What a schema of zod lets through: `z.array(…).max(50)` bounds a list, `z.string().max(40)` a text."""
        call = schema_call(self._definitions, node, path, steps, depth)
        if call is None:
            return Length.UNKNOWN
        name, inner, args, path, steps, depth = call
        if name in ("max", "length") and not steps:
            return Length.BOUNDED
        if name in _CLOSED:
            return Length.BOUNDED
        if name in ("object", "strictObject", "looseObject", "extend") and args:
            found = self._by_schema(args[0], path, steps, depth + 1)
            return (
                found if found != Length.UNKNOWN or name != "extend" else self._by_schema(inner, path, steps, depth + 1)
            )
        if name in ("array", "string", "email", "url") and not steps:
            return Length.OPEN
        return self._by_schema(inner, path, steps, depth + 1) if name in _WRAPPERS else Length.UNKNOWN


def _together(found: Iterable[Length]) -> Length:
    """Of parts: open if one is, bounded if all are."""
    lengths = set(found)
    if Length.OPEN in lengths:
        return Length.OPEN
    return Length.UNKNOWN if Length.UNKNOWN in lengths else Length.BOUNDED


def is_chunk(name: str) -> bool:
    """Whether a name says that it is a part of a list."""
    return any(word in name.lower() for word in _CHUNKS)


def is_list_type(text: bytes, declared: ir.Type) -> bool:
    """Whether a type of a file with that text is one of lists."""
    written = text[declared.start : declared.end].rstrip()
    return written.endswith(b"[]") or written.startswith((b"Array<", b"ReadonlyArray<", b"Set<", b"ReadonlySet<"))


def _is_request(node: ir.Expression) -> bool:
    """Whether an expression is a request by its name: `c.req`, `request`."""
    return isinstance(node, (ir.Name, ir.Member)) and node.name in ("req", "request")


def _function_of(definition: Definition) -> ir.Node | None:
    return definition.node if isinstance(definition.node, ir.Function) else definition.scope.function


def is_length_of(node: ir.Node, name: str) -> bool:
    """Whether an expression is the length, or the size, of what a name stands for."""
    return (
        isinstance(node, ir.Member)
        and node.name in ("length", "size")
        and isinstance(node.object, ir.Name)
        and node.object.name == name
    )


def _is_small(node: ir.Expression) -> bool:
    """Whether it is 0 or 1: then it is asked whether there is anything at all."""
    return isinstance(node, ir.Literal) and node.value in (0, 1)
