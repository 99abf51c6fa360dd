"""Patterns of declarations and parameters, from their nodes to the intermediate representation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tree_sitter import Node

from d1lint.facts import ir
from d1lint.syntax.nodes import MAX_DEPTH, children_of

if TYPE_CHECKING:
    from d1lint.syntax.lower import Lowering


class Patterns:
    """Lowers patterns."""

    def __init__(self, house: Lowering) -> None:
        self._house = house
        self._script = house.script

    def lower(self, node: Node) -> ir.Pattern:
        """The pattern of a node."""
        if self._house.depth > MAX_DEPTH:
            return ir.Name("", node.start_byte, node.end_byte)
        self._house.depth += 1
        try:
            return self._any_pattern(node)
        finally:
            self._house.depth -= 1

    def _any_pattern(self, node: Node) -> ir.Pattern:
        kind = node.type
        if kind == "object_pattern":
            entries: list[ir.PatternEntry] = []
            rest: str | None = None
            for child in children_of(node):
                if child.type == "rest_pattern":
                    rest = self._script.identifier(children_of(child)[0])
                elif child.type == "pair_pattern":
                    key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                    if key is not None and value is not None:
                        target, default = self._target(value)
                        entries.append(ir.PatternEntry(self._house.expressions.key(key), target, default))
                else:
                    target, default = self._target(child)
                    if isinstance(target, ir.Name):
                        entries.append(ir.PatternEntry(target.name, target, default))
            return ir.ObjectPattern(tuple(entries), rest, node.start_byte, node.end_byte)
        if kind == "array_pattern":
            return self._array_pattern(node)
        return ir.Name(self._script.identifier(node), node.start_byte, node.end_byte)

    def _array_pattern(self, node: Node) -> ir.Pattern:
        items: list[ir.PatternEntry | None] = []
        others: ir.Pattern | None = None
        is_hole = True
        for child in node.children[1:-1]:
            if child.type == ",":
                if is_hole:
                    items.append(None)
                is_hole = True
            elif child.is_named and child.type != "comment":
                is_hole = False
                if child.type == "rest_pattern":
                    others = self.lower(children_of(child)[0])
                else:
                    items.append(ir.PatternEntry(str(len(items)), *self._target(child)))
        return ir.ArrayPattern(tuple(items), others, node.start_byte, node.end_byte)

    def _target(self, node: Node) -> tuple[ir.Pattern, ir.Expression | None]:
        if node.type in ("assignment_pattern", "object_assignment_pattern"):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None:
                return self.lower(left), self._house.expressions.lower(right) if right is not None else None
        return self.lower(node), None


def pattern_names(pattern: ir.Pattern) -> Iterable[str]:
    """The names that a pattern binds."""
    match pattern:
        case ir.Name(name=name):
            yield name
        case ir.ObjectPattern(entries=entries, rest=rest):
            for entry in entries:
                yield from pattern_names(entry.target)
            if rest:
                yield rest
        case ir.ArrayPattern(items=items, rest=others):
            for item in items:
                if item is not None:
                    yield from pattern_names(item.target)
            if others is not None:
                yield from pattern_names(others)
