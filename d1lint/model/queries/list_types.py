"""What a declared type says of the length of a list: `T[]`, `[T, ...T[]]`, `T[][]`."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from d1lint.facts import ir
from d1lint.model.scope import Scope
from d1lint.model.taint.definitions import Definition, Steps

MAX_DEPTH = 8
"""How many named types may lead to each other."""
_LISTS = frozenset({"Array", "ReadonlyArray", "Set", "ReadonlySet"})
_TRANSPARENT = frozenset({"Readonly", "Required", "NonNullable", "Awaited", "Promise"})
_NOTHING = frozenset({"null", "undefined"})
_TUPLE = re.compile(r"^(?:readonly\s+)?\[\s*[^\s.\]]")
_FEW = re.compile(r"^(?:readonly\s+)?\[(?!.*\.\.\.).*\]$", re.DOTALL)


class ListType(StrEnum):
    """The kinds of types that lists have."""

    ANY_LENGTH = "any length"
    LISTS = "lists"
    """A list of lists, of any length."""
    FILLED = "filled"
    """It has a first element: `[T, ...T[]]`."""
    FEW = "few"
    """A tuple: its length is written out."""


def list_type(
    node: ir.Type | None, scope: Scope, text: Callable[[str], bytes], steps: Steps = (), depth: int = 0
) -> ListType | None:
    """What a type says of the part of its values that steps lead to; None for what is no list, or is not known.

    `text` gives a file's content.
    """
    if depth > MAX_DEPTH or (not isinstance(node, (ir.TypeUnion, ir.TypeObject, ir.TypeName)) and steps):
        return None
    match node:
        case ir.TypeObject(members=members):
            inner = next((type_ for name, type_ in members if steps and steps[0] == f".{name}"), None)
            return list_type(inner, scope, text, steps[1:], depth + 1)
        case ir.TypeUnion(members=members):
            told = [each for each in members if not isinstance(each, ir.TypeName) or each.name not in _NOTHING]
            found = {list_type(each, scope, text, steps, depth + 1) for each in told}
            if node.operator == "&":
                found.discard(None)
            return found.pop() if len(found) == 1 else None
        case ir.TypeName(name=name, args=(element,)) if name in _LISTS and not steps:
            is_list = list_type(element, scope, text, (), depth + 1) is not None
            return ListType.LISTS if is_list else ListType.ANY_LENGTH
        case ir.TypeName(name=name, args=(inner,)) if name in _TRANSPARENT:
            return list_type(inner, scope, text, steps, depth + 1)
        case ir.TypeName(name=name):
            declared = scope.find_type(name)
            return list_type(declared[0], declared[1], text, steps, depth + 1) if declared is not None else None
        case ir.TypeOpaque(start=start, end=end):
            return _written(text(scope.module)[start:end].decode("utf-8", "replace").strip())
        case _:
            return None


def _written(text: str) -> ListType | None:
    if text.endswith("][]"):
        return ListType.LISTS if text.endswith("[][]") else ListType.ANY_LENGTH
    if text.endswith("[]"):
        return ListType.ANY_LENGTH
    if _FEW.match(text):
        return ListType.FEW if _TUPLE.match(text) else None
    return ListType.FILLED if _TUPLE.match(text) else None


def declared_list_type(
    definition: Definition, text: Callable[[str], bytes], steps: Steps | None = None
) -> ListType | None:
    """What the annotation of a variable or a parameter says; `steps` are those of the definition, if not given."""
    node = definition.node
    holder = node if isinstance(node, ir.Declare) else definition.parameter
    if holder is None:
        return None
    return list_type(holder.type, definition.scope, text, definition.steps if steps is None else steps)
