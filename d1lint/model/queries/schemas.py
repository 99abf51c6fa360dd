"""The schemas of zod that lists and texts have passed: what both how long and how empty they may be is read from."""

from __future__ import annotations

from typing import NamedTuple

from d1lint.facts import ir
from d1lint.model.taint.definitions import Definitions, Steps

MAX_DEPTH = 12
"""How many expressions may lead to each other."""
PARSERS = frozenset({"parse", "safeParse", "parseAsync", "safeParseAsync"})
"""Methods of a schema that give what they have checked."""
_CARRIED = frozenset({".data", ".value", ".output"})
"""What parsers put their result into."""


class SchemaCall(NamedTuple):
    """The method that was called last to make a schema: `z.array(…).max(50)` is `max` of `inner`.

    `steps` lead from there to the part of the value that is asked for; `depth` is how many expressions led there.
    """

    name: str
    inner: ir.Expression
    args: tuple[ir.Expression, ...]
    path: str
    steps: Steps
    depth: int


def without_carrier(steps: Steps) -> Steps:
    """The steps into what a parser has checked, from those into what the parser gives."""
    return steps[1:] if steps[:1] and steps[0] in _CARRIED else steps


def schema_call(
    definitions: Definitions, node: ir.Expression, path: str, steps: Steps, depth: int
) -> SchemaCall | None:
    """The last method of a schema: its names are followed, and its objects entered by the steps; None for no call."""
    if depth > MAX_DEPTH:
        return None
    match node:
        case ir.Name(name=name):
            definition = definitions.of(name, path, node.start)
            if definition is not None and isinstance(definition.node, ir.Import):
                definition = definitions.imported(definition.node, path)
            declared = definition.node if definition is not None else None
            if not isinstance(declared, ir.Declare) or declared.value is None or definition is None:
                return None
            return schema_call(definitions, declared.value, definition.path, steps, depth + 1)
        case ir.Object(entries=entries):
            for entry in entries:
                if isinstance(entry, ir.Property) and steps and f".{entry.key}" == steps[0]:
                    return schema_call(definitions, entry.value, path, steps[1:], depth + 1)
            return None
        case ir.Call(callee=ir.Member(object=inner, name=name), args=args):
            return SchemaCall(name, inner, args, path, steps, depth)
        case _:
            return None
