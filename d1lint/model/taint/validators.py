"""What a schema of zod says of the values that it lets through: `z.enum([...])`, `z.object({ sort: z.string() })`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.taint.definitions import ELEMENT, KEYS, Definitions, Steps
from d1lint.model.taint.surroundings import Surroundings
from d1lint.model.taint.types import Says

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

MAX_DEPTH = 12
"""How many schemas may be built from each other."""

_CLOSED = frozenset({"enum", "nativeEnum", "literal", "boolean", "null", "undefined", "stringbool"})
_NUMBERS = frozenset({"number", "int", "bigint", "int32", "uint32", "float32", "float64"})
_FORMATS = frozenset(
    {"regex", "uuid", "cuid", "cuid2", "ulid", "nanoid", "datetime", "date", "time", "ip", "jwt", "guid"}
)
_OBJECTS = frozenset({"object", "strictObject", "looseObject"})
_SAME = frozenset(
    {"optional", "nullable", "nullish", "default", "catch", "prefault", "readonly", "strict", "partial", "required"}
    | {"min", "max", "length", "trim", "toLowerCase", "toUpperCase", "nonempty", "describe", "meta", "brand", "strip"}
)
_CARRIERS = frozenset({"input", "validator", "inputValidator", "inputSchema", "schema"})
"""Methods of a chain that are given the schema of what the function at its end is called with."""


class Validators:
    """Reads schemas."""

    def __init__(self, ev: Evaluator, surroundings: Surroundings, definitions: Definitions) -> None:
        self._ev = ev
        self._surroundings = surroundings
        self._definitions = definitions

    def says(self, node: ir.Expression, path: str, steps: Steps, depth: int = 0) -> Says | None:
        """What a schema says of the part of its values that steps lead to; None if it is not known."""
        if depth > MAX_DEPTH:
            return None
        match node:
            case ir.Name(name=name):
                found = self._value_of(name, path, node.start)
                return self.says(found[0], found[1], steps, depth + 1) if found is not None else None
            case ir.Object(entries=entries):
                return self._object(entries, path, steps, depth)
            case ir.Call(callee=ir.Member(object=inner, name=name), args=args):
                return self._method(name, inner, args, path, steps, depth)
            case _:
                return None

    def _method(
        self, name: str, inner: ir.Expression, args: tuple[ir.Expression, ...], path: str, steps: Steps, depth: int
    ) -> Says | None:
        if name in _CLOSED:
            return Says.CLOSED if not steps else None
        if name in _NUMBERS:
            return Says.NUMBER if not steps else None
        if name == "string" and not steps:
            return Says.TEXT
        if name in _FORMATS or name in ("transform", "refine", "superRefine", "pipe"):
            return None
        if name in _OBJECTS and args:
            return self.says(args[0], path, steps, depth + 1)
        if name == "array" and args:
            is_item = bool(steps) and (steps[0] == ELEMENT or steps[0][1:].isdigit())
            return self.says(args[0], path, steps[1:], depth + 1) if is_item else None
        if name == "record" and args:
            if steps and steps[0] == KEYS:
                return self.says(args[0], path, (), depth + 1) if len(args) > 1 else Says.TEXT
            return self.says(args[-1], path, steps[1:], depth + 1) if steps else None
        if name in ("union", "discriminatedUnion", "or") and args:
            return self._union(name, inner, args, path, steps, depth)
        if name == "extend" and args:
            return self.says(args[0], path, steps, depth + 1) or self.says(inner, path, steps, depth + 1)
        if name in _SAME:
            return self.says(inner, path, steps, depth + 1)
        return None

    def _union(
        self, name: str, inner: ir.Expression, args: tuple[ir.Expression, ...], path: str, steps: Steps, depth: int
    ) -> Says | None:
        listed = args[-1]
        members = listed.items if isinstance(listed, ir.Array) else (inner, listed) if name == "or" else ()
        found = {self.says(member, path, steps, depth + 1) for member in members}
        return found.pop() if len(found) == 1 else None

    def _object(self, entries: tuple[ir.Property | ir.Spread, ...], path: str, steps: Steps, depth: int) -> Says | None:
        if steps and steps[0] == KEYS:
            return Says.CLOSED
        for entry in entries:
            if isinstance(entry, ir.Property) and steps and f".{entry.key}" == steps[0]:
                return self.says(entry.value, path, steps[1:], depth + 1)
        return None

    def _value_of(self, name: str, path: str, position: int) -> tuple[ir.Expression, str] | None:
        """The expression that a name is declared with, also in another module."""
        definition = self._definitions.of(name, path, position)
        for _ in range(MAX_DEPTH):
            node = definition.node if definition is not None else None
            if isinstance(node, ir.Declare) and definition is not None and not definition.steps:
                return (node.value, definition.path) if node.value is not None else None
            if not isinstance(node, ir.Import) or definition is None:
                return None
            definition = self._definitions.imported(node, definition.path)
        return None

    # --- for whom a schema checks ------------------------------------------------------------------------------------

    def of_request(self, part: str, path: str, position: int) -> ir.Expression | None:
        """The schema of `c.req.valid(part)`: that of the validator that stands before the handler."""
        chain = self._surroundings.of(path, position)
        for index, around in enumerate(chain):
            holder = chain[index - 1].node if index else None
            if not isinstance(around.node, ir.Function) or not isinstance(holder, ir.Call):
                continue
            for arg in holder.args:
                match arg:
                    case ir.Call(args=(ir.Literal(value=checked), schema, *_)) if checked == part:
                        return schema
                    case _:
                        pass
        return None

    def of_callback(self, call: ir.Call | ir.New, steps: Steps) -> tuple[ir.Expression, Steps] | None:
        """The schema for what a framework hands to a function, and the steps in it.

        `procedure.input(schema).query(({ input }) => …)`, or a tool that is given an object of schemas.
        """
        if steps and steps[0] in (".input", ".data", ".parsedInput"):
            inner = call.callee
            while isinstance(inner, ir.Member) and isinstance(inner.object, ir.Call):
                chained = inner.object
                if isinstance(chained.callee, ir.Member) and chained.callee.name in _CARRIERS and chained.args:
                    return chained.args[0], steps[1:]
                inner = chained.callee
        for arg in call.args:
            if isinstance(arg, ir.Object) and steps:
                fields = [e for e in arg.entries if isinstance(e, ir.Property) and f".{e.key}" == steps[0]]
                if fields and isinstance(fields[0].value, ir.Call):
                    return arg, steps
        return None
