"""Which names a piece of the IR has in it."""

from __future__ import annotations

from collections.abc import Iterator

from d1lint.facts import ir


def nodes_in(node: object) -> Iterator[ir.Node]:
    """A node and all nodes inside it."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending += current
        elif isinstance(current, ir.Node):
            yield current
            pending += [getattr(current, field) for field in current.__struct_fields__]


def occurrences(node: ir.Node, name: str) -> int:
    """How often a name occurs as an identifier, where it is declared included."""
    return sum(isinstance(each, ir.Name) and each.name == name for each in nodes_in(node))
