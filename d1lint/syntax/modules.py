"""Imports, exports and namespaces, from their nodes to the intermediate representation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import structs
from tree_sitter import Node

from d1lint.facts import ir
from d1lint.syntax.nodes import children_of, has_keyword
from d1lint.syntax.patterns import pattern_names

if TYPE_CHECKING:
    from d1lint.syntax.lower import Lowering

_EXPORT_TYPES = re.compile(rb"export\s+type\s*\*")


class Modules:
    """Lowers what crosses the border of a module or namespace."""

    def __init__(self, house: Lowering) -> None:
        self._house = house
        self._script = house.script

    def import_(self, node: Node) -> Iterable[ir.Statement]:
        """Notes what an `import` imports."""
        source = node.child_by_field_name("source")
        clause = next((c for c in node.named_children if c.type in ("import_clause", "import_require_clause")), None)
        start, end = node.start_byte, node.end_byte
        if clause is not None and clause.type == "import_require_clause":
            source = clause.child_by_field_name("source")
        if source is None:
            return ()
        specifier = self._script.string(source)
        type_only = has_keyword(node, "type")
        if clause is None:
            self._house.imports.append(ir.Import("", specifier, "", type_only, start, end))
            return ()
        for child in clause.named_children:
            if child.type == "identifier":
                imported = "default" if clause.type == "import_clause" else "*"
                self._house.imports.append(
                    ir.Import(self._script.text(child), specifier, imported, type_only, start, end)
                )
            elif child.type == "namespace_import":
                local = self._script.text(children_of(child)[0])
                self._house.imports.append(ir.Import(local, specifier, "*", type_only, start, end))
            elif child.type == "named_imports":
                for item in children_of(child):
                    if item.type != "import_specifier":
                        continue
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if name is None:
                        continue
                    imported = self._script.name_or_string(name)
                    local = self._script.text(alias) if alias is not None else imported
                    only = type_only or has_keyword(item, "type")
                    self._house.imports.append(ir.Import(local, specifier, imported, only, start, end))
        return ()

    def export(self, node: Node) -> Iterable[ir.Statement]:
        """Notes what an `export` exports; what it declares stays a statement."""
        start, end = node.start_byte, node.end_byte
        source = node.child_by_field_name("source")
        specifier = self._script.string(source) if source is not None else None
        # The grammar is not shown the `type` of `export type *`.
        type_only = has_keyword(node, "type") or _EXPORT_TYPES.match(self._script.source, start) is not None
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        is_default = has_keyword(node, "default")
        if declaration is not None:
            statements = [_moved(s, start) for s in self._house.statements.lower(declaration)]
            for declared in _declared_names(statements):
                exported = "default" if is_default else declared
                self._house.exports.append(ir.Export(exported, declared, None, type_only, start, end))
            return statements
        if value is not None or (is_default and specifier is None):
            target = value if value is not None else children_of(node)[0]
            return self._export_value(self._house.expressions.lower(target), node)
        if has_keyword(node, "=") and children_of(node):
            return self._export_value(self._house.expressions.lower(children_of(node)[0]), node)
        for child in node.named_children:
            if child.type == "export_clause":
                for item in children_of(child):
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if name is None:
                        continue
                    local = self._script.name_or_string(name)
                    exported = self._script.name_or_string(alias) if alias is not None else local
                    only = type_only or has_keyword(item, "type")
                    self._house.exports.append(ir.Export(exported, local, specifier, only, start, end))
            elif child.type == "namespace_export":
                exported = self._script.name_or_string(children_of(child)[0])
                self._house.exports.append(ir.Export(exported, "*", specifier, type_only, start, end))
        if specifier is not None and has_keyword(node, "*"):
            self._house.exports.append(ir.Export("*", "*", specifier, type_only, start, end))
        return ()

    def _export_value(self, value: ir.Expression, node: Node) -> Iterable[ir.Statement]:
        start, end = node.start_byte, node.end_byte
        self._house.exports.append(ir.Export("default", ir.DEFAULT, None, False, start, end))
        return [ir.Declare("const", ir.Name(ir.DEFAULT, start, start), None, value, start, end)]

    def namespace(self, node: Node) -> Iterable[ir.Statement]:
        """A namespace, with what it exports."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return []
        outside = self._house.exports
        self._house.exports = []  # what a namespace exports is not the module's
        statements = self._house.statements.block(body)
        exports, self._house.exports = tuple(self._house.exports), outside
        # `namespace A.B {}` is a namespace in a namespace.
        *around, inner = self._script.text(name).split(".")
        found = ir.DeclareNamespace(inner, statements, exports, node.start_byte, node.end_byte)
        for outer in reversed(around):
            export = ir.Export(found.name, found.name, None, False, node.start_byte, node.end_byte)
            found = ir.DeclareNamespace(outer, (found,), (export,), node.start_byte, node.end_byte)
        return [found]


def _moved(statement: ir.Statement, start: int) -> ir.Statement:
    """The statement, beginning where its `export` begins."""
    return structs.replace(statement, start=start)


def _declared_names(statements: Iterable[ir.Statement]) -> Iterable[str]:
    for statement in statements:
        match statement:
            case ir.Declare(pattern=pattern):
                yield from pattern_names(pattern)
            case ir.DeclareFunction(function=function):
                yield function.name
            case ir.DeclareClass(cls=cls):
                yield cls.name
            case ir.DeclareType(name=name) | ir.DeclareEnum(name=name) | ir.DeclareNamespace(name=name):
                yield name
            case _:
                pass
