"""Statements, from their nodes to the intermediate representation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from msgspec import structs
from tree_sitter import Node

from d1lint.facts import ir
from d1lint.syntax.nodes import MAX_DEPTH, children_of
from d1lint.syntax.patterns import pattern_names

if TYPE_CHECKING:
    from d1lint.syntax.lower import Lowering


class Statements:
    """Lowers statements, and what stands in their blocks."""

    def __init__(self, house: Lowering) -> None:
        self._house = house
        self._script = house.script
        self._blocks = 0
        self._hoisted: list[ir.Statement] = []
        self._by_kind: dict[str, Callable[[Node], Iterable[ir.Statement]]] = {
            "import_statement": self._house.modules.import_,
            "export_statement": self._house.modules.export,
            "lexical_declaration": self._declare,
            "variable_declaration": self._declare,
            "function_declaration": self._declare_function,
            "generator_function_declaration": self._declare_function,
            "class_declaration": self._declare_class,
            "abstract_class_declaration": self._declare_class,
            "type_alias_declaration": self._declare_type,
            "interface_declaration": self._declare_interface,
            "enum_declaration": self._declare_enum,
            "expression_statement": self._expression_statement,
            "return_statement": self._return,
            "throw_statement": lambda n: [ir.Throw(self._house.expressions.first(n), n.start_byte, n.end_byte)],
            "break_statement": self._jump,
            "continue_statement": self._jump,
            "if_statement": self._if,
            "for_in_statement": self._for_in,
            "for_statement": self._for,
            "while_statement": self._while,
            "do_statement": self._while,
            "try_statement": self._try,
            "switch_statement": self._switch,
            "statement_block": lambda n: [ir.Block(self.block(n), n.start_byte, n.end_byte)],
            "labeled_statement": lambda n: self.body(n.child_by_field_name("body")),
            "ambient_declaration": self._ambient,
            "module": self._house.modules.namespace,
            "internal_module": self._house.modules.namespace,
            "ERROR": self._error,
        }

    def function_body(self, node: Node) -> tuple[ir.Statement, ...]:
        """The statements of a module or function."""
        return tuple([statement for child in node.named_children for statement in self.outermost(child)])

    def outermost(self, node: Node) -> list[ir.Statement]:
        """The statements that a node at the top of a module or function stands for.

        Before them comes what a `var` in a block inside the node declares for the whole module or function.
        """
        outside = self._blocks, self._hoisted
        self._blocks, self._hoisted = 0, []
        statements = list(self.lower(node))
        hoisted = self._hoisted
        self._blocks, self._hoisted = outside
        return [*hoisted, *statements]

    def block(self, node: Node) -> tuple[ir.Statement, ...]:
        """The statements of a block."""
        statements: list[ir.Statement] = []
        self._blocks += 1
        for child in node.named_children:
            statements.extend(self.lower(child))
        self._blocks -= 1
        return tuple(statements)

    def lower(self, node: Node) -> Iterable[ir.Statement]:
        """The statements that a node stands for."""
        lower = self._by_kind.get(node.type)
        if lower is None or self._house.depth > MAX_DEPTH:
            return ()
        self._house.depth += 1
        try:
            return list(lower(node))
        finally:
            self._house.depth -= 1

    def body(self, node: Node | None) -> tuple[ir.Statement, ...]:
        """The statements of a block, or of the single statement that stands for one."""
        if node is None:
            return ()
        return self.block(node) if node.type == "statement_block" else tuple(self.lower(node))

    def _error(self, node: Node) -> Iterable[ir.Statement]:
        """What can be read of a place that does not parse: its statements, and its expressions as statements."""
        for child in node.named_children:
            if child.type in self._by_kind:
                yield from self.lower(child)
            elif child.type in ("call_expression", "new_expression", "member_expression"):
                yield ir.Evaluate(self._house.expressions.lower(child), child.start_byte, child.end_byte)

    def _ambient(self, node: Node) -> Iterable[ir.Statement]:
        for child in node.named_children:
            if child.type == "statement_block":
                yield from self.block(child)
                continue
            for statement in self.lower(child):
                if isinstance(statement, ir.DeclareNamespace):
                    yield from statement.body  # it holds types only, and they are looked for by their own names
                else:
                    is_variable = isinstance(statement, ir.Declare)
                    yield structs.replace(statement, kind="declare") if is_variable else statement

    def _declare(self, node: Node) -> Iterable[ir.Statement]:
        kind_node = node.child_by_field_name("kind")
        kind = kind_node.type if kind_node is not None else "var"
        for child in node.named_children:
            if child.type != "variable_declarator":
                continue
            target, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if target is None:
                continue
            pattern = self._house.patterns.lower(target)
            if kind == "var" and self._blocks:
                at = node.start_byte
                unknown = ir.Opaque("a var in a block", (), at, at)
                self._hoisted += [
                    ir.Declare(kind, ir.Name(name, at, at), None, unknown, at, at) for name in pattern_names(pattern)
                ]
            yield ir.Declare(
                kind,
                pattern,
                self._house.types.annotation(child.child_by_field_name("type")),
                self._house.expressions.lower(value) if value is not None else None,
                node.start_byte,
                node.end_byte,
            )

    def _declare_function(self, node: Node) -> Iterable[ir.Statement]:
        return [ir.DeclareFunction(self._house.functions.function(node), node.start_byte, node.end_byte)]

    def _declare_class(self, node: Node) -> Iterable[ir.Statement]:
        return [ir.DeclareClass(self._house.functions.cls(node), node.start_byte, node.end_byte)]

    def _declare_type(self, node: Node) -> Iterable[ir.Statement]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return []
        return [ir.DeclareType(self._script.text(name), self._house.types.lower(value), node.start_byte, node.end_byte)]

    def _declare_interface(self, node: Node) -> Iterable[ir.Statement]:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return []
        bases = [
            self._house.types.lower(base)
            for clause in node.named_children
            if clause.type == "extends_type_clause"
            for base in children_of(clause)
        ]
        own = self._house.types.object_type(body)
        declared: ir.Type = ir.TypeUnion("&", (*bases, own), own.start, own.end) if bases else own
        return [ir.DeclareType(self._script.text(name), declared, node.start_byte, node.end_byte)]

    def _declare_enum(self, node: Node) -> Iterable[ir.Statement]:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return []
        members: list[tuple[str, str | int | float | None]] = []
        following: int | None = 0
        for child in children_of(body):
            value: str | int | float | None = following
            key = child
            if child.type == "enum_assignment":
                value = _enum_value(self._house.expressions.field(child, "value"))
                key = child.child_by_field_name("name") or child
            members.append((self._house.expressions.key_text(key), value))
            following = value + 1 if isinstance(value, int) else None
        return [ir.DeclareEnum(self._script.text(name), tuple(members), node.start_byte, node.end_byte)]

    def _expression_statement(self, node: Node) -> Iterable[ir.Statement]:
        if node.named_child_count == 1 and node.named_children[0].type == "internal_module":
            return self._house.modules.namespace(node.named_children[0])
        value = self._house.expressions.first(node)
        self._house.notes.discarded(value)
        return [ir.Evaluate(value, node.start_byte, node.end_byte)]

    def _return(self, node: Node) -> Iterable[ir.Statement]:
        value = self._house.expressions.first(node) if children_of(node) else None
        return [ir.Return(value, node.start_byte, node.end_byte)]

    def _jump(self, node: Node) -> Iterable[ir.Statement]:
        label = node.child_by_field_name("label")
        kind = node.type.removesuffix("_statement")
        return [ir.Jump(kind, self._script.text(label) if label is not None else "", node.start_byte, node.end_byte)]

    def _if(self, node: Node) -> Iterable[ir.Statement]:
        alternative = node.child_by_field_name("alternative")
        otherwise: tuple[ir.Statement, ...] = ()
        if alternative is not None:
            named = children_of(alternative)
            otherwise = self.body(named[0]) if named else ()
        test = self._house.expressions.field(node, "condition")
        then = self.body(node.child_by_field_name("consequence"))
        return [ir.If(test, then, otherwise, node.start_byte, node.end_byte)]

    def _for_in(self, node: Node) -> Iterable[ir.Statement]:
        left, operator = node.child_by_field_name("left"), node.child_by_field_name("operator")
        if node.child_by_field_name("kind") is None:
            self._house.notes.assigned(left, node.start_byte)  # `for (known of …)`
        return [
            ir.Loop(
                operator.type if operator is not None else "of",
                self._house.patterns.lower(left) if left is not None else None,
                self._house.expressions.field(node, "right"),
                (),
                (),
                self.body(node.child_by_field_name("body")),
                node.start_byte,
                node.end_byte,
            )
        ]

    def _for(self, node: Node) -> Iterable[ir.Statement]:
        parts = [node.child_by_field_name("condition"), node.child_by_field_name("increment")]
        head = tuple(
            self._house.expressions.lower(p)
            for p in parts
            if p is not None and p.is_named and p.type != "empty_statement"
        )
        self._blocks += 1
        init = self.body(node.child_by_field_name("initializer"))
        self._blocks -= 1
        body = self.body(node.child_by_field_name("body"))
        return [ir.Loop("for", None, None, init, head, body, node.start_byte, node.end_byte)]

    def _while(self, node: Node) -> Iterable[ir.Statement]:
        kind = "do" if node.type == "do_statement" else "while"
        body = self.body(node.child_by_field_name("body"))
        head = (self._house.expressions.field(node, "condition"),)
        return [ir.Loop(kind, None, None, (), head, body, node.start_byte, node.end_byte)]

    def _try(self, node: Node) -> Iterable[ir.Statement]:
        handler, finalizer = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
        parameter = handler.child_by_field_name("parameter") if handler is not None else None
        return [
            ir.Try(
                self.body(node.child_by_field_name("body")),
                self._house.patterns.lower(parameter) if parameter is not None else None,
                self.body(handler.child_by_field_name("body")) if handler is not None else None,
                self.body(finalizer.child_by_field_name("body")) if finalizer is not None else (),
                node.start_byte,
                node.end_byte,
            )
        ]

    def _switch(self, node: Node) -> Iterable[ir.Statement]:
        body = node.child_by_field_name("body")
        cases = []
        for child in children_of(body) if body is not None else ():
            test = child.child_by_field_name("value")
            statements = [s for part in child.children_by_field_name("body") for s in self.lower(part)]
            cases.append(ir.Case(self._house.expressions.lower(test) if test is not None else None, tuple(statements)))
        return [ir.Switch(self._house.expressions.field(node, "value"), tuple(cases), node.start_byte, node.end_byte)]


def _enum_value(value: ir.Expression) -> str | int | float | None:
    """The value of an enum's member, where it is a literal."""
    match value:
        case ir.Literal(value=str() | int() | float() as literal):
            return literal
        case ir.Unary(operator="-", value=ir.Literal(value=int() | float() as number)):
            return -number
        case ir.Template(parts=(str() as text,)):
            return text
        case _:
            return None
