"""Types, from their nodes to the intermediate representation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from d1lint.facts import ir
from d1lint.syntax.nodes import MAX_DEPTH, children_of

if TYPE_CHECKING:
    from d1lint.syntax.lower import Lowering


class Types:
    """Lowers types."""

    def __init__(self, house: Lowering) -> None:
        self._house = house
        self._script = house.script
        self._by_kind: dict[str, Callable[[Node], ir.Type]] = {
            "type_identifier": self._type_name,
            "predefined_type": self._type_name,
            "nested_type_identifier": self._type_name,
            "generic_type": self._generic_type,
            "object_type": self.object_type,
            "interface_body": self.object_type,
            "union_type": lambda n: self._type_union(n, "|"),
            "intersection_type": lambda n: self._type_union(n, "&"),
            "type_query": lambda n: ir.TypeQuery(self._house.expressions.first(n), n.start_byte, n.end_byte),
            "function_type": self._function_type,
            "lookup_type": self._lookup_type,
            "literal_type": self._literal_type,
            "parenthesized_type": lambda n: self.lower(n.named_children[0]),
            "readonly_type": lambda n: self.lower(n.named_children[0]),
        }

    def annotation(self, node: Node | None) -> ir.Type | None:
        """The type of an annotation, if there is one."""
        if node is None:
            return None
        named = children_of(node)
        return self.lower(named[0]) if named else None

    def lower(self, node: Node) -> ir.Type:
        """The type of a node."""
        lower = self._by_kind.get(node.type)
        if lower is None or self._house.depth > MAX_DEPTH:
            return ir.TypeOpaque(node.start_byte, node.end_byte)
        self._house.depth += 1
        try:
            return lower(node)
        finally:
            self._house.depth -= 1

    def _type_name(self, node: Node) -> ir.Type:
        return ir.TypeName(self._script.text(node), (), node.start_byte, node.end_byte)

    def _generic_type(self, node: Node) -> ir.Type:
        name = node.child_by_field_name("name")
        args = self.arguments(node)
        return ir.TypeName(self._script.text(name) if name is not None else "", args, node.start_byte, node.end_byte)

    def object_type(self, node: Node) -> ir.TypeObject:
        """An object type, or the body of an interface."""
        members: list[tuple[str, ir.Type]] = []
        for child in node.named_children:
            name = child.child_by_field_name("name")
            if name is None:
                continue
            if child.type == "property_signature":
                annotation = self.annotation(child.child_by_field_name("type"))
                if annotation is not None:
                    members.append((self._house.expressions.key_text(name), annotation))
            elif child.type == "method_signature":
                returns = self.annotation(child.child_by_field_name("return_type"))
                if returns is not None:
                    function = ir.TypeFunction(returns, child.start_byte, child.end_byte)
                    members.append((self._house.expressions.key_text(name), function))
        return ir.TypeObject(tuple(members), node.start_byte, node.end_byte)

    def _type_union(self, node: Node, operator: str) -> ir.Type:
        members = tuple(self.lower(child) for child in children_of(node))
        return ir.TypeUnion(operator, members, node.start_byte, node.end_byte)

    def _function_type(self, node: Node) -> ir.Type:
        returns = node.child_by_field_name("return_type")
        lowered = self.lower(returns) if returns is not None else ir.TypeOpaque(node.start_byte, node.end_byte)
        return ir.TypeFunction(lowered, node.start_byte, node.end_byte)

    def _lookup_type(self, node: Node) -> ir.Type:
        named = children_of(node)
        key = self._script.text(named[1]).strip("'\"") if len(named) > 1 else ""
        return ir.TypeIndexed(self.lower(named[0]), key, node.start_byte, node.end_byte)

    def _literal_type(self, node: Node) -> ir.Type:
        literal = node.named_children[0] if node.named_children else None
        if literal is None or literal.type != "string":
            return ir.TypeOpaque(node.start_byte, node.end_byte)
        return ir.TypeName(f'"{self._script.string(literal)}"', (), node.start_byte, node.end_byte)

    def arguments(self, node: Node) -> tuple[ir.Type, ...]:
        """The type arguments of a node."""
        types = node.child_by_field_name("type_arguments")
        return tuple(self.lower(child) for child in children_of(types)) if types is not None else ()
