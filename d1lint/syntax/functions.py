"""Functions and classes, from their nodes to the intermediate representation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from d1lint.facts import ir
from d1lint.syntax.nodes import children_of, has_keyword

if TYPE_CHECKING:
    from d1lint.syntax.lower import Lowering


class Functions:
    """Lowers functions, methods and classes."""

    def __init__(self, house: Lowering) -> None:
        self._house = house
        self._script = house.script

    def property_method(self, node: Node) -> ir.Expression:
        """The value of the property that a method of an object makes."""
        function = self.function(node)
        if has_keyword(node, "get"):
            # Reading the property calls the getter.
            return ir.Call(function, (), (), node.start_byte, node.end_byte)
        return function

    def function(self, node: Node) -> ir.Function:
        """A function, arrow or method."""
        name = node.child_by_field_name("name")
        single, params = node.child_by_field_name("parameter"), node.child_by_field_name("parameters")
        lowered: list[ir.Parameter] = []
        if single is not None:
            pattern = self._house.patterns.lower(single)
            lowered.append(ir.Parameter(pattern, None, None, False, False, single.start_byte, single.end_byte))
        elif params is not None:
            lowered = [p for child in children_of(params) if (p := self._parameter(child)) is not None]
        body_node = node.child_by_field_name("body")
        body: tuple[ir.Statement, ...] = ()
        result: ir.Expression | None = None
        if body_node is not None and body_node.type == "statement_block":
            body = self._house.statements.function_body(body_node)
        elif body_node is not None:
            result = self._house.expressions.lower(body_node)
        return ir.Function(
            self._house.expressions.key_text(name) if name is not None else "",
            tuple(lowered),
            body,
            result,
            self._house.types.annotation(node.child_by_field_name("return_type")),
            has_keyword(node, "async"),
            node.start_byte,
            node.end_byte,
            "arrow" if node.type == "arrow_function" else "generator" if has_keyword(node, "*") else "",
        )

    def _parameter(self, node: Node) -> ir.Parameter | None:
        pattern = node.child_by_field_name("pattern")
        if pattern is None or pattern.type == "this":
            return None
        is_rest = pattern.type == "rest_pattern"
        if is_rest:
            pattern = children_of(pattern)[0]
        default = node.child_by_field_name("value")
        is_property = any(c.type in ("accessibility_modifier", "readonly") for c in node.children)
        return ir.Parameter(
            self._house.patterns.lower(pattern),
            self._house.types.annotation(node.child_by_field_name("type")),
            self._house.expressions.lower(default) if default is not None else None,
            is_rest,
            is_property,
            node.start_byte,
            node.end_byte,
        )

    def cls(self, node: Node) -> ir.Class:
        """A class."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        heritage = next((c for c in node.named_children if c.type == "class_heritage"), None)
        base: ir.Expression | None = None
        if heritage is not None:
            clause = next((c for c in heritage.named_children if c.type == "extends_clause"), heritage)
            value = clause.child_by_field_name("value") or next(iter(children_of(clause)), None)
            if value is not None and value.type != "implements_clause":
                base = self._house.expressions.lower(value)
        members = [m for child in children_of(body) if (m := self._class_member(child))] if body is not None else []
        text = self._script.text(name) if name is not None else ""
        return ir.Class(text, base, tuple(members), node.start_byte, node.end_byte)

    def _class_member(self, node: Node) -> ir.ClassMember | None:
        start, end = node.start_byte, node.end_byte
        if node.type == "class_static_block":
            body = node.child_by_field_name("body")
            block = self._house.statements.block(body) if body is not None else ()
            function = ir.Function("", (), block, None, None, False, start, end)
            return ir.ClassMember("block", "", function, None, True, start, end)
        name = node.child_by_field_name("name")
        if name is None:
            return None
        is_static = has_keyword(node, "static")
        key = self._house.expressions.key_text(name)
        if node.type == "public_field_definition":
            value = node.child_by_field_name("value")
            annotation = self._house.types.annotation(node.child_by_field_name("type"))
            lowered = self._house.expressions.lower(value) if value is not None else None
            return ir.ClassMember("field", key, lowered, annotation, is_static, start, end)
        if node.type == "method_definition":
            kind = "get" if has_keyword(node, "get") else "set" if has_keyword(node, "set") else "method"
            return ir.ClassMember(kind, key, self.function(node), None, is_static, start, end)
        return None
