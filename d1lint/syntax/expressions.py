"""Expressions, from their nodes to the intermediate representation."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from d1lint.facts import ir
from d1lint.facts.literals import literal_text
from d1lint.syntax.nodes import MAX_DEPTH, children_of, has_keyword, unescape

if TYPE_CHECKING:
    from d1lint.syntax.lower import Lowering

_MAX_INTEGER = 2**63 - 1
"""What the facts can be written with."""

_SILENT_TYPES = frozenset({"any", "unknown", "never", "const", "object"})
_TRANSPARENT = frozenset({"non_null_expression", "satisfies_expression", "instantiation_expression"})


class Expressions:
    """Lowers expressions."""

    def __init__(self, house: Lowering) -> None:
        self._house = house
        self._script = house.script
        self._by_kind: dict[str, Callable[[Node], ir.Expression]] = {
            "identifier": self._name,
            "this": self._name,
            "super": self._name,
            "import": self._name,
            "undefined": lambda n: ir.Undefined(n.start_byte, n.end_byte),
            "string": lambda n: ir.Literal(self._script.string(n), n.start_byte, n.end_byte),
            "number": self._number,
            "true": lambda n: ir.Literal(True, n.start_byte, n.end_byte),
            "false": lambda n: ir.Literal(False, n.start_byte, n.end_byte),
            "null": lambda n: ir.Literal(None, n.start_byte, n.end_byte),
            "member_expression": self._member,
            "subscript_expression": self._index,
            "call_expression": self._call,
            "new_expression": self._new,
            "template_string": self._template,
            "object": self._object,
            "array": self._array,
            "spread_element": lambda n: ir.Spread(self.first(n), n.start_byte, n.end_byte),
            "arrow_function": self._house.functions.function,
            "function_expression": self._house.functions.function,
            "generator_function": self._house.functions.function,
            "class": self._house.functions.cls,
            "ternary_expression": self._conditional,
            "binary_expression": self._binary,
            "unary_expression": self._unary,
            "update_expression": self._update,
            "sequence_expression": self._sequence,
            "await_expression": lambda n: ir.Await(self.first(n), n.start_byte, n.end_byte),
            "yield_expression": lambda n: ir.Await(self.first(n), n.start_byte, n.end_byte),
            "assignment_expression": self._assign,
            "augmented_assignment_expression": self._assign,
            "as_expression": self._cast,
            "type_assertion": self._cast,
        }

    def lower(self, node: Node) -> ir.Expression:
        """The expression of a node. Parentheses and what only matters to types are gone."""
        kind = node.type
        while kind == "parenthesized_expression" or kind in _TRANSPARENT:
            inner = next((child for child in node.named_children if child.type != "comment"), None)
            if inner is None:
                break
            node, kind = inner, inner.type
        lower = self._by_kind.get(kind)
        if self._house.depth > MAX_DEPTH:
            return ir.Opaque("too deep", (), node.start_byte, node.end_byte)
        self._house.depth += 1
        try:
            return lower(node) if lower is not None else self.opaque(node)
        finally:
            self._house.depth -= 1

    def first(self, node: Node) -> ir.Expression:
        """The expression in a node that holds one; `undefined` where there is none."""
        for child in node.named_children:
            if child.type != "comment":
                return self.lower(child)
        return ir.Undefined(node.start_byte, node.end_byte)

    def field(self, node: Node, name: str) -> ir.Expression:
        """The expression in a field of a node."""
        child = node.child_by_field_name(name)
        return self.lower(child) if child is not None else ir.Opaque(f"no {name}", (), node.start_byte, node.end_byte)

    def opaque(self, node: Node) -> ir.Opaque:
        """A node that is not known, with the expressions inside it."""
        parts: list[ir.Expression] = []
        pending = list(reversed(node.named_children))
        while pending:
            child = pending.pop()
            if child.type in self._by_kind and child.type not in ("identifier", "string", "number"):
                parts.append(self.lower(child))
            else:
                pending.extend(reversed(child.named_children))
        return ir.Opaque(node.type, tuple(parts), node.start_byte, node.end_byte)

    def _name(self, node: Node) -> ir.Expression:
        name, start, end = self._script.identifier(node), node.start_byte, node.end_byte
        if name.endswith(")"):  # the `import("x")` of a type, which the grammar is shown as a name
            specifier = ir.Literal(re.split("[\"'`]", name)[1], start, end)
            return ir.Call(ir.Name("import", start, start), (specifier,), (), start, end)
        return ir.Name(name, start, end)

    def _sequence(self, node: Node) -> ir.Expression:
        parts = tuple([self.lower(child) for child in children_of(node)])
        return ir.Opaque(node.type, parts, node.start_byte, node.end_byte)

    def _number(self, node: Node) -> ir.Expression:
        text = self._script.text(node).replace("_", "").rstrip("n").lower()
        try:
            value: int | float | None = int(text, 0) if not text.startswith("0") or text[1:2] in "xob" else None
        except ValueError:
            value = None
        if value is None:
            try:
                number = float(text)
            except ValueError:
                return ir.Opaque("number", (), node.start_byte, node.end_byte)
            value = int(number) if number.is_integer() else number
        if isinstance(value, int) and value > _MAX_INTEGER:
            return ir.Opaque("number", (), node.start_byte, node.end_byte)
        return ir.Literal(value, node.start_byte, node.end_byte)

    def _member(self, node: Node) -> ir.Expression:
        prop = node.child_by_field_name("property")
        if prop is None:
            return self.opaque(node)
        obj = self.field(node, "object")
        return ir.Member(obj, self._script.identifier(prop), prop.start_byte, node.start_byte, node.end_byte)

    def _index(self, node: Node) -> ir.Expression:
        index = self.field(node, "index")
        obj = self.field(node, "object")
        if isinstance(index, ir.Literal) and isinstance(index.value, str):
            return ir.Member(obj, index.value, index.start, node.start_byte, node.end_byte)
        return ir.Index(obj, index, node.start_byte, node.end_byte)

    def _call(self, node: Node) -> ir.Expression:
        arguments = node.child_by_field_name("arguments")
        callee = self.field(node, "function")
        types = self._house.types.arguments(node)
        if arguments is not None and arguments.type == "template_string":
            template = self._template(arguments)
            return ir.Tagged(callee, template, types, node.start_byte, node.end_byte)
        args = self._args(arguments)
        if isinstance(callee, ir.Await) and types:
            # The grammar reads `await f<T>(x)` as `(await f)<T>(x)`.
            call = ir.Call(callee.value, args, types, callee.value.start, node.end_byte)
            return ir.Await(call, node.start_byte, node.end_byte)
        if isinstance(callee, ir.Member):
            self._house.notes.called(callee, args, node.start_byte)
        return ir.Call(callee, args, types, node.start_byte, node.end_byte)

    def _new(self, node: Node) -> ir.Expression:
        args = self._args(node.child_by_field_name("arguments"))
        callee = self.field(node, "constructor")
        return ir.New(callee, args, self._house.types.arguments(node), node.start_byte, node.end_byte)

    def _args(self, node: Node | None) -> tuple[ir.Expression, ...]:
        if node is None:
            return ()
        return tuple([self.lower(child) for child in node.named_children if child.type != "comment"])

    def _template(self, node: Node) -> ir.Template:
        parts: list[str | ir.Expression] = []
        texts: list[str] = []
        for child in node.named_children:
            kind = child.type
            if kind == "template_substitution":
                if texts:
                    parts.append("".join(texts))
                    texts = []
                parts.append(self.first(child))
            elif kind == "escape_sequence":
                texts.append(unescape(self._script.text(child)))
            elif kind != "comment":
                texts.append(self._script.text(child).replace("\r\n", "\n").replace("\r", "\n"))
        if texts:
            parts.append("".join(texts))
        return ir.Template(tuple(parts), node.start_byte, node.end_byte)

    def key_text(self, node: Node) -> str:
        """The key of a property or member; empty where it is computed."""
        key = self.key(node)
        return key if isinstance(key, str) else ""

    def key(self, node: Node) -> str | ir.Expression:
        """The key of a property or member, or the expression that computes it."""
        if node.type == "string":
            return self._script.string(node)
        if node.type in ("computed_property_name", "number"):
            inner = self._number(node) if node.type == "number" else self.first(node)
            return literal_text(inner.value) if isinstance(inner, ir.Literal) else inner
        return self._script.identifier(node)

    def _object(self, node: Node) -> ir.Expression:
        entries: list[ir.Property | ir.Spread] = []
        for child in node.named_children:
            kind = child.type
            start, end = child.start_byte, child.end_byte
            if kind == "pair":
                key = child.child_by_field_name("key")
                if key is not None and key.type != "computed_property_name" and self.key_text(key) == "__proto__":
                    # It sets the prototype, and is no property.
                    entries.append(ir.Spread(self.opaque(child), start, end))
                elif key is not None:
                    entries.append(ir.Property(self.key(key), self.field(child, "value"), start, end))
            elif kind == "shorthand_property_identifier":
                name = self._script.text(child)
                value: ir.Expression = ir.Undefined(start, end) if name == "undefined" else ir.Name(name, start, end)
                entries.append(ir.Property(name, value, start, end))
            elif kind == "spread_element":
                entries.append(ir.Spread(self.first(child), start, end))
            elif kind == "method_definition":
                key = child.child_by_field_name("name")
                if key is not None and not has_keyword(child, "set"):
                    entries.append(ir.Property(self.key(key), self._house.functions.property_method(child), start, end))
            elif kind == "ERROR":
                entries.append(ir.Spread(self.opaque(child), start, end))
        return ir.Object(tuple(entries), node.start_byte, node.end_byte)

    def _array(self, node: Node) -> ir.Expression:
        items: list[ir.Expression] = []
        is_hole = True
        for child in node.children[1:-1]:
            if child.is_named and child.type != "comment":
                items.append(self.lower(child))
                is_hole = False
            elif child.type == ",":
                if is_hole:
                    items.append(ir.Undefined(child.start_byte, child.start_byte))
                is_hole = True
        return ir.Array(tuple(items), node.start_byte, node.end_byte)

    def _conditional(self, node: Node) -> ir.Expression:
        return ir.Conditional(
            self.field(node, "condition"),
            self.field(node, "consequence"),
            self.field(node, "alternative"),
            node.start_byte,
            node.end_byte,
        )

    def _binary(self, node: Node) -> ir.Expression:
        operator = node.child_by_field_name("operator")
        return ir.Binary(
            self._script.text(operator) if operator is not None else "",
            self.field(node, "left"),
            self.field(node, "right"),
            node.start_byte,
            node.end_byte,
        )

    def _unary(self, node: Node) -> ir.Expression:
        operator = node.child_by_field_name("operator")
        value = self.field(node, "argument")
        start, end = node.start_byte, node.end_byte
        if operator is not None and operator.type == "delete":
            self._house.notes.assigned(node.child_by_field_name("argument"), start)
            return ir.Assign("delete", value, ir.Undefined(end, end), start, end)
        return ir.Unary(operator.type if operator is not None else "", value, start, end)

    def _update(self, node: Node) -> ir.Expression:
        operator, target = node.child_by_field_name("operator"), self.field(node, "argument")
        start, end = node.start_byte, node.end_byte
        self._house.notes.assigned(node.child_by_field_name("argument"), start)
        return ir.Assign(operator.type if operator is not None else "++", target, ir.Literal(1, end, end), start, end)

    def _assign(self, node: Node) -> ir.Expression:
        operator = node.child_by_field_name("operator")
        self._house.notes.assigned(node.child_by_field_name("left"), node.start_byte)
        return ir.Assign(
            operator.type if operator is not None else "=",
            self.field(node, "left"),
            self.field(node, "right"),
            node.start_byte,
            node.end_byte,
        )

    def _cast(self, node: Node) -> ir.Expression:
        named = children_of(node)
        if node.type == "type_assertion":
            named = [named[-1], *children_of(named[0])]
        value = self.lower(named[0])
        if len(named) < 2:
            return value  # `as const`
        cast = self._house.types.lower(named[1])
        if isinstance(cast, ir.TypeOpaque) or (isinstance(cast, ir.TypeName) and cast.name in _SILENT_TYPES):
            return value
        return ir.Cast(value, cast, node.start_byte, node.end_byte)
