"""All nodes of a piece of the intermediate representation, and the parts of it that run only under a condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from d1lint.facts import ir

_WORD = re.compile(r"\w+")
_PLAIN = frozenset({"str", "int", "float", "bool", "None"})


def nodes(*roots: ir.Node | tuple[ir.Node, ...] | None) -> Iterator[ir.Node]:
    """The nodes and all that is inside them."""
    pending: list[Any] = list(roots)
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending += current
        elif isinstance(current, ir.Node):
            yield current
            for name in holders(type(current)):
                pending.append(getattr(current, name))


@cache
def holders(kind: type[ir.Node]) -> tuple[str, ...]:
    """The fields of a type of node that can hold other nodes."""
    kinds = {name: set(_WORD.findall(kind.__annotations__.get(name, "Node"))) for name in kind.__struct_fields__}
    return tuple(name for name, held in kinds.items() if not held <= _PLAIN)


def uncast(node: ir.Expression) -> ir.Expression:
    """An expression without the casts around it."""
    while isinstance(node, ir.Cast):
        node = node.value
    return node


def occurrences(node: ir.Node, name: str) -> int:
    """How often a name occurs in a node as an identifier, where it is declared included."""
    return sum(isinstance(each, ir.Name) and each.name == name for each in nodes(node))


def conditional_parts(*roots: ir.Node) -> list[tuple[int, int]]:
    """The byte ranges of what may not run, or may fail without consequence, though the code around it runs."""
    found: list[tuple[int, int]] = []
    for node in nodes(*roots):
        match node:
            case ir.If(then=then, otherwise=otherwise):
                found += _ranges(*then, *otherwise)
            case ir.Conditional(then=first, otherwise=second):
                found += _ranges(first, second)
            case ir.Binary(operator="&&" | "||" | "??", right=right):
                found += _ranges(right)
            case ir.Assign(operator="??=" | "||=" | "&&=", value=value):
                found += _ranges(value)
            case ir.Try(block=block, handler=handler):
                found += _ranges(*(block if handler is not None else ()), *(handler or ()))
            case ir.Switch(cases=cases):
                found += _ranges(*(statement for case in cases for statement in case.body))
            case ir.Loop(body=body):
                found += _ranges(*body)
            case _:
                pass
    return found


def is_within(offset: int, ranges: list[tuple[int, int]]) -> bool:
    """Whether an offset is in one of some ranges."""
    return any(start <= offset < end for start, end in ranges)


def _ranges(*parts: Any) -> list[tuple[int, int]]:
    return [(part.start, part.end) for part in parts]
