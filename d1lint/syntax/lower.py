"""From a tree-sitter tree to the intermediate representation of `d1lint.facts.ir`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from msgspec import structs
from tree_sitter import Node

from d1lint.facts import ir
from d1lint.facts.literals import literal_text

MAX_DEPTH = 400
"""Deeper expressions become `Opaque`, and deeper statements are left out: no input may exhaust the stack."""

_MAX_INTEGER = 2**63 - 1
"""What the facts can be written with."""

_EXPORT_TYPES = re.compile(rb"export\s+type\s*\*")
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|[\s\S])")
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_SILENT_TYPES = frozenset({"any", "unknown", "never", "const", "object"})
_TRANSPARENT = frozenset({"non_null_expression", "satisfies_expression", "instantiation_expression"})
_OBJECT_CHANGERS = frozenset(
    {"assign", "defineProperty", "defineProperties", "setPrototypeOf", "set", "deleteProperty"}
)
_BUILDER_CHANGERS = frozenset(
    {"notNull", "primaryKey", "unique", "references", "default", "where", "onDelete", "onUpdate", "generatedAlwaysAs"}
    | {"$default", "$defaultFn", "$onUpdate", "$onUpdateFn", "$type", "defaultNow"}
)
_ARRAY_CHANGERS = frozenset({"push", "unshift", "pop", "shift", "splice", "sort", "reverse", "fill", "copyWithin"})


class Lowering:
    """Lowers one module. `imports`, `exports` and `changes` fill while `program` runs."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.imports: list[ir.Import] = []
        self.exports: list[ir.Export] = []
        self.changes: list[ir.Change] = []
        self._depth = 0
        self._blocks = 0
        self._hoisted: list[ir.Statement] = []
        self._expressions: dict[str, Callable[[Node], ir.Expression]] = {
            "identifier": self._name,
            "this": self._name,
            "super": self._name,
            "import": self._name,
            "undefined": lambda n: ir.Undefined(n.start_byte, n.end_byte),
            "string": lambda n: ir.Literal(self._string(n), n.start_byte, n.end_byte),
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
            "spread_element": lambda n: ir.Spread(self._first(n), n.start_byte, n.end_byte),
            "arrow_function": self._function,
            "function_expression": self._function,
            "generator_function": self._function,
            "class": self._class,
            "ternary_expression": self._conditional,
            "binary_expression": self._binary,
            "unary_expression": self._unary,
            "update_expression": self._update,
            "sequence_expression": self._sequence,
            "await_expression": lambda n: ir.Await(self._first(n), n.start_byte, n.end_byte),
            "yield_expression": lambda n: ir.Await(self._first(n), n.start_byte, n.end_byte),
            "assignment_expression": self._assign,
            "augmented_assignment_expression": self._assign,
            "as_expression": self._cast,
            "type_assertion": self._cast,
        }
        self._statements: dict[str, Callable[[Node], Iterable[ir.Statement]]] = {
            "import_statement": self._import,
            "export_statement": self._export,
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
            "throw_statement": lambda n: [ir.Throw(self._first(n), n.start_byte, n.end_byte)],
            "break_statement": self._jump,
            "continue_statement": self._jump,
            "if_statement": self._if,
            "for_in_statement": self._for_in,
            "for_statement": self._for,
            "while_statement": self._while,
            "do_statement": self._while,
            "try_statement": self._try,
            "switch_statement": self._switch,
            "statement_block": lambda n: [ir.Block(self._block(n), n.start_byte, n.end_byte)],
            "labeled_statement": lambda n: self._body(n.child_by_field_name("body")),
            "ambient_declaration": self._ambient,
            "module": self._namespace,
            "internal_module": self._namespace,
            "ERROR": self._error,
        }
        self._types: dict[str, Callable[[Node], ir.Type]] = {
            "type_identifier": self._type_name,
            "predefined_type": self._type_name,
            "nested_type_identifier": self._type_name,
            "generic_type": self._generic_type,
            "object_type": self._object_type,
            "interface_body": self._object_type,
            "union_type": lambda n: self._type_union(n, "|"),
            "intersection_type": lambda n: self._type_union(n, "&"),
            "type_query": lambda n: ir.TypeQuery(self._first(n), n.start_byte, n.end_byte),
            "function_type": self._function_type,
            "lookup_type": self._lookup_type,
            "parenthesized_type": lambda n: self._type(n.named_children[0]),
            "readonly_type": lambda n: self._type(n.named_children[0]),
        }

    # --- helpers ---------------------------------------------------------------------------------------------

    def _text(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _named(self, node: Node) -> list[Node]:
        return [child for child in node.named_children if child.type != "comment"]

    def _first(self, node: Node) -> ir.Expression:
        for child in node.named_children:
            if child.type != "comment":
                return self._expr(child)
        return ir.Undefined(node.start_byte, node.end_byte)

    def _field(self, node: Node, name: str) -> ir.Expression:
        child = node.child_by_field_name(name)
        return self._expr(child) if child is not None else ir.Opaque(f"no {name}", (), node.start_byte, node.end_byte)

    def _has_keyword(self, node: Node, keyword: str) -> bool:
        return any(not child.is_named and child.type == keyword for child in node.children)

    # --- statements ------------------------------------------------------------------------------------------

    def program(self, root: Node) -> tuple[ir.Statement, ...]:
        """The statements of a module. A tree that is one big error gives what can be read of it."""
        return self._function_body(root)

    def _function_body(self, node: Node) -> tuple[ir.Statement, ...]:
        return tuple([statement for child in node.named_children for statement in self.outermost(child)])

    def outermost(self, node: Node) -> list[ir.Statement]:
        """The statements that a node at the top of a module or function stands for.

        Before them comes what a `var` in a block inside the node declares for the whole module or function.
        """
        outside = self._blocks, self._hoisted
        self._blocks, self._hoisted = 0, []
        statements = list(self._statement(node))
        hoisted = self._hoisted
        self._blocks, self._hoisted = outside
        return [*hoisted, *statements]

    def _block(self, node: Node) -> tuple[ir.Statement, ...]:
        statements: list[ir.Statement] = []
        self._blocks += 1
        for child in node.named_children:
            statements.extend(self._statement(child))
        self._blocks -= 1
        return tuple(statements)

    def _statement(self, node: Node) -> Iterable[ir.Statement]:
        lower = self._statements.get(node.type)
        if lower is None or self._depth > MAX_DEPTH:
            return ()
        self._depth += 1
        try:
            return list(lower(node))
        finally:
            self._depth -= 1

    def _body(self, node: Node | None) -> tuple[ir.Statement, ...]:
        """The statements of a block, or of the single statement that stands for one."""
        if node is None:
            return ()
        return self._block(node) if node.type == "statement_block" else tuple(self._statement(node))

    def _error(self, node: Node) -> Iterable[ir.Statement]:
        """What can be read of a place that does not parse: its statements, and its expressions as statements."""
        for child in node.named_children:
            if child.type in self._statements:
                yield from self._statement(child)
            elif child.type in ("call_expression", "new_expression", "member_expression"):
                yield ir.Evaluate(self._expr(child), child.start_byte, child.end_byte)

    def _ambient(self, node: Node) -> Iterable[ir.Statement]:
        for child in node.named_children:
            if child.type == "statement_block":
                yield from self._block(child)
                continue
            for statement in self._statement(child):
                if isinstance(statement, ir.DeclareNamespace):
                    yield from statement.body  # it holds types only, and they are looked for by their own names
                else:
                    is_variable = isinstance(statement, ir.Declare)
                    yield structs.replace(statement, kind="declare") if is_variable else statement

    def _namespace(self, node: Node) -> Iterable[ir.Statement]:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return []
        outside = self.exports
        self.exports = []  # what a namespace exports is not the module's
        statements = self._block(body)
        exports, self.exports = tuple(self.exports), outside
        # `namespace A.B {}` is a namespace in a namespace.
        *around, inner = self._text(name).split(".")
        found = ir.DeclareNamespace(inner, statements, exports, node.start_byte, node.end_byte)
        for outer in reversed(around):
            export = ir.Export(found.name, found.name, None, False, node.start_byte, node.end_byte)
            found = ir.DeclareNamespace(outer, (found,), (export,), node.start_byte, node.end_byte)
        return [found]

    def _import(self, node: Node) -> Iterable[ir.Statement]:
        source = node.child_by_field_name("source")
        clause = next((c for c in node.named_children if c.type in ("import_clause", "import_require_clause")), None)
        start, end = node.start_byte, node.end_byte
        if clause is not None and clause.type == "import_require_clause":
            source = clause.child_by_field_name("source")
        if source is None:
            return ()
        specifier = self._string(source)
        type_only = self._has_keyword(node, "type")
        if clause is None:
            self.imports.append(ir.Import("", specifier, "", type_only, start, end))
            return ()
        for child in clause.named_children:
            if child.type == "identifier":
                imported = "default" if clause.type == "import_clause" else "*"
                self.imports.append(ir.Import(self._text(child), specifier, imported, type_only, start, end))
            elif child.type == "namespace_import":
                local = self._text(self._named(child)[0])
                self.imports.append(ir.Import(local, specifier, "*", type_only, start, end))
            elif child.type == "named_imports":
                for item in self._named(child):
                    if item.type != "import_specifier":
                        continue
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if name is None:
                        continue
                    imported = self._module_name(name)
                    local = self._text(alias) if alias is not None else imported
                    only = type_only or self._has_keyword(item, "type")
                    self.imports.append(ir.Import(local, specifier, imported, only, start, end))
        return ()

    def _module_name(self, node: Node) -> str:
        return self._string(node) if node.type == "string" else self._text(node)

    def _export(self, node: Node) -> Iterable[ir.Statement]:
        start, end = node.start_byte, node.end_byte
        source = node.child_by_field_name("source")
        specifier = self._string(source) if source is not None else None
        # The grammar is not shown the `type` of `export type *`.
        type_only = self._has_keyword(node, "type") or _EXPORT_TYPES.match(self.source, start) is not None
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        is_default = self._has_keyword(node, "default")
        if declaration is not None:
            statements = [_moved(s, start) for s in self._statement(declaration)]
            for declared in _declared_names(statements):
                exported = "default" if is_default else declared
                self.exports.append(ir.Export(exported, declared, None, type_only, start, end))
            return statements
        if value is not None or (is_default and specifier is None):
            target = value if value is not None else self._named(node)[0]
            return self._export_value(self._expr(target), node)
        if self._has_keyword(node, "=") and self._named(node):
            return self._export_value(self._expr(self._named(node)[0]), node)
        for child in node.named_children:
            if child.type == "export_clause":
                for item in self._named(child):
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    if name is None:
                        continue
                    local = self._module_name(name)
                    exported = self._module_name(alias) if alias is not None else local
                    only = type_only or self._has_keyword(item, "type")
                    self.exports.append(ir.Export(exported, local, specifier, only, start, end))
            elif child.type == "namespace_export":
                exported = self._module_name(self._named(child)[0])
                self.exports.append(ir.Export(exported, "*", specifier, type_only, start, end))
        if specifier is not None and self._has_keyword(node, "*"):
            self.exports.append(ir.Export("*", "*", specifier, type_only, start, end))
        return ()

    def _export_value(self, value: ir.Expression, node: Node) -> Iterable[ir.Statement]:
        start, end = node.start_byte, node.end_byte
        self.exports.append(ir.Export("default", ir.DEFAULT, None, False, start, end))
        return [ir.Declare("const", ir.Name(ir.DEFAULT, start, start), None, value, start, end)]

    def _declare(self, node: Node) -> Iterable[ir.Statement]:
        kind_node = node.child_by_field_name("kind")
        kind = kind_node.type if kind_node is not None else "var"
        for child in node.named_children:
            if child.type != "variable_declarator":
                continue
            target, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if target is None:
                continue
            pattern = self._pattern(target)
            if kind == "var" and self._blocks:
                at = node.start_byte
                unknown = ir.Opaque("a var in a block", (), at, at)
                self._hoisted += [
                    ir.Declare(kind, ir.Name(name, at, at), None, unknown, at, at) for name in pattern_names(pattern)
                ]
            yield ir.Declare(
                kind,
                pattern,
                self._annotation(child.child_by_field_name("type")),
                self._expr(value) if value is not None else None,
                node.start_byte,
                node.end_byte,
            )

    def _declare_function(self, node: Node) -> Iterable[ir.Statement]:
        return [ir.DeclareFunction(self._function(node), node.start_byte, node.end_byte)]

    def _declare_class(self, node: Node) -> Iterable[ir.Statement]:
        return [ir.DeclareClass(self._class(node), node.start_byte, node.end_byte)]

    def _declare_type(self, node: Node) -> Iterable[ir.Statement]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return []
        return [ir.DeclareType(self._text(name), self._type(value), node.start_byte, node.end_byte)]

    def _declare_interface(self, node: Node) -> Iterable[ir.Statement]:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return []
        bases = [
            self._type(base)
            for clause in node.named_children
            if clause.type == "extends_type_clause"
            for base in self._named(clause)
        ]
        own = self._object_type(body)
        declared: ir.Type = ir.TypeUnion("&", (*bases, own), own.start, own.end) if bases else own
        return [ir.DeclareType(self._text(name), declared, node.start_byte, node.end_byte)]

    def _declare_enum(self, node: Node) -> Iterable[ir.Statement]:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return []
        members: list[tuple[str, str | int | float | None]] = []
        following: int | None = 0
        for child in self._named(body):
            value: str | int | float | None = following
            key = child
            if child.type == "enum_assignment":
                value = _enum_value(self._field(child, "value"))
                key = child.child_by_field_name("name") or child
            members.append((self._key_text(key), value))
            following = value + 1 if isinstance(value, int) else None
        return [ir.DeclareEnum(self._text(name), tuple(members), node.start_byte, node.end_byte)]

    def _expression_statement(self, node: Node) -> Iterable[ir.Statement]:
        if node.named_child_count == 1 and node.named_children[0].type == "internal_module":
            return self._namespace(node.named_children[0])
        value = self._first(node)
        self._note_discarded(value)
        return [ir.Evaluate(value, node.start_byte, node.end_byte)]

    def _note_discarded(self, value: ir.Expression) -> None:
        """A call whose result nobody uses can be there to change what it is given."""
        match value:
            case ir.Call(args=args, start=start):
                for arg in args:
                    if isinstance(arg, ir.Name):
                        self.changes.append(ir.Change(arg.name, 1, start))
                self._note_chain(value)
            case ir.Await(value=inner) | ir.Unary(value=inner) | ir.Cast(value=inner):
                self._note_discarded(inner)
            case ir.Binary(right=inner):
                self._note_discarded(inner)
            case ir.Conditional(then=then, otherwise=otherwise):
                self._note_discarded(then)
                self._note_discarded(otherwise)
            case ir.Opaque(parts=parts):
                for part in parts:
                    self._note_discarded(part)
            case _:
                pass

    def _note_chain(self, call: ir.Call) -> None:
        """Note that a builder changes: `column.notNull().unique();`."""
        holder: ir.Expression = call
        while isinstance(holder, ir.Call) and isinstance(holder.callee, ir.Member):
            if holder.callee.name not in _BUILDER_CHANGERS:
                return
            holder = holder.callee.object
        if isinstance(holder, (ir.Name, ir.Member, ir.Index)):
            self._note_inside(holder, call.start)

    def _return(self, node: Node) -> Iterable[ir.Statement]:
        value = self._first(node) if self._named(node) else None
        return [ir.Return(value, node.start_byte, node.end_byte)]

    def _jump(self, node: Node) -> Iterable[ir.Statement]:
        label = node.child_by_field_name("label")
        kind = node.type.removesuffix("_statement")
        return [ir.Jump(kind, self._text(label) if label is not None else "", node.start_byte, node.end_byte)]

    def _if(self, node: Node) -> Iterable[ir.Statement]:
        alternative = node.child_by_field_name("alternative")
        otherwise: tuple[ir.Statement, ...] = ()
        if alternative is not None:
            named = self._named(alternative)
            otherwise = self._body(named[0]) if named else ()
        test = self._field(node, "condition")
        then = self._body(node.child_by_field_name("consequence"))
        return [ir.If(test, then, otherwise, node.start_byte, node.end_byte)]

    def _for_in(self, node: Node) -> Iterable[ir.Statement]:
        left, operator = node.child_by_field_name("left"), node.child_by_field_name("operator")
        if node.child_by_field_name("kind") is None:
            self._note_assigned(left, node.start_byte)  # `for (known of …)`
        return [
            ir.Loop(
                operator.type if operator is not None else "of",
                self._pattern(left) if left is not None else None,
                self._field(node, "right"),
                (),
                (),
                self._body(node.child_by_field_name("body")),
                node.start_byte,
                node.end_byte,
            )
        ]

    def _for(self, node: Node) -> Iterable[ir.Statement]:
        parts = [node.child_by_field_name("condition"), node.child_by_field_name("increment")]
        head = tuple(self._expr(p) for p in parts if p is not None and p.is_named and p.type != "empty_statement")
        self._blocks += 1
        init = self._body(node.child_by_field_name("initializer"))
        self._blocks -= 1
        body = self._body(node.child_by_field_name("body"))
        return [ir.Loop("for", None, None, init, head, body, node.start_byte, node.end_byte)]

    def _while(self, node: Node) -> Iterable[ir.Statement]:
        kind = "do" if node.type == "do_statement" else "while"
        body = self._body(node.child_by_field_name("body"))
        head = (self._field(node, "condition"),)
        return [ir.Loop(kind, None, None, (), head, body, node.start_byte, node.end_byte)]

    def _try(self, node: Node) -> Iterable[ir.Statement]:
        handler, finalizer = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
        parameter = handler.child_by_field_name("parameter") if handler is not None else None
        return [
            ir.Try(
                self._body(node.child_by_field_name("body")),
                self._pattern(parameter) if parameter is not None else None,
                self._body(handler.child_by_field_name("body")) if handler is not None else None,
                self._body(finalizer.child_by_field_name("body")) if finalizer is not None else (),
                node.start_byte,
                node.end_byte,
            )
        ]

    def _switch(self, node: Node) -> Iterable[ir.Statement]:
        body = node.child_by_field_name("body")
        cases = []
        for child in self._named(body) if body is not None else ():
            test = child.child_by_field_name("value")
            statements = [s for part in child.children_by_field_name("body") for s in self._statement(part)]
            cases.append(ir.Case(self._expr(test) if test is not None else None, tuple(statements)))
        return [ir.Switch(self._field(node, "value"), tuple(cases), node.start_byte, node.end_byte)]

    # --- expressions -----------------------------------------------------------------------------------------

    def _expr(self, node: Node) -> ir.Expression:
        kind = node.type
        while kind == "parenthesized_expression" or kind in _TRANSPARENT:
            inner = next((child for child in node.named_children if child.type != "comment"), None)
            if inner is None:
                break
            node, kind = inner, inner.type
        lower = self._expressions.get(kind)
        if self._depth > MAX_DEPTH:
            return ir.Opaque("too deep", (), node.start_byte, node.end_byte)
        self._depth += 1
        try:
            return lower(node) if lower is not None else self._opaque(node)
        finally:
            self._depth -= 1

    def _opaque(self, node: Node) -> ir.Opaque:
        parts: list[ir.Expression] = []
        pending = list(reversed(node.named_children))
        while pending:
            child = pending.pop()
            if child.type in self._expressions and child.type not in ("identifier", "string", "number"):
                parts.append(self._expr(child))
            else:
                pending.extend(reversed(child.named_children))
        return ir.Opaque(node.type, tuple(parts), node.start_byte, node.end_byte)

    def _identifier(self, node: Node) -> str:
        text = self._text(node)
        return _unescape(text) if "\\" in text else text

    def _name(self, node: Node) -> ir.Expression:
        name, start, end = self._identifier(node), node.start_byte, node.end_byte
        if name.endswith(")"):  # the `import("x")` of a type, which the grammar is shown as a name
            specifier = ir.Literal(re.split("[\"'`]", name)[1], start, end)
            return ir.Call(ir.Name("import", start, start), (specifier,), (), start, end)
        return ir.Name(name, start, end)

    def _sequence(self, node: Node) -> ir.Expression:
        parts = tuple([self._expr(child) for child in self._named(node)])
        return ir.Opaque(node.type, parts, node.start_byte, node.end_byte)

    def _string(self, node: Node) -> str:
        text = self._text(node)[1:-1]
        return _unescape(text) if "\\" in text else text

    def _number(self, node: Node) -> ir.Expression:
        text = self._text(node).replace("_", "").rstrip("n").lower()
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
            return self._opaque(node)
        obj = self._field(node, "object")
        return ir.Member(obj, self._identifier(prop), prop.start_byte, node.start_byte, node.end_byte)

    def _index(self, node: Node) -> ir.Expression:
        index = self._field(node, "index")
        obj = self._field(node, "object")
        if isinstance(index, ir.Literal) and isinstance(index.value, str):
            return ir.Member(obj, index.value, index.start, node.start_byte, node.end_byte)
        return ir.Index(obj, index, node.start_byte, node.end_byte)

    def _call(self, node: Node) -> ir.Expression:
        arguments = node.child_by_field_name("arguments")
        callee = self._field(node, "function")
        types = self._type_args(node)
        if arguments is not None and arguments.type == "template_string":
            template = self._template(arguments)
            return ir.Tagged(callee, template, types, node.start_byte, node.end_byte)
        args = self._args(arguments)
        if isinstance(callee, ir.Await) and types:
            # The grammar reads `await f<T>(x)` as `(await f)<T>(x)`.
            call = ir.Call(callee.value, args, types, callee.value.start, node.end_byte)
            return ir.Await(call, node.start_byte, node.end_byte)
        if isinstance(callee, ir.Member):
            self._note_method(callee, args, node.start_byte)
        return ir.Call(callee, args, types, node.start_byte, node.end_byte)

    def _note_method(self, callee: ir.Member, args: tuple[ir.Expression, ...], start: int) -> None:
        """Note what a method changes: `list.push(…)`, `column.notNull()`, `Object.assign(target, …)`, and callbacks."""
        if callee.name in _ARRAY_CHANGERS:
            self._note_inside(callee.object, start)
        elif callee.name in _BUILDER_CHANGERS and callee.name != "where":
            holder = callee.object
            while isinstance(holder, ir.Call) and isinstance(holder.callee, ir.Member):
                holder = holder.callee.object
            if isinstance(holder, ir.Name):
                self.changes.append(ir.Change(holder.name, 1, start))
        elif callee.name in _OBJECT_CHANGERS and isinstance(callee.object, ir.Name) and args:
            if callee.object.name in ("Object", "Reflect"):
                self._note_inside(args[0], start)
        elif callee.name == "forEach" and args and isinstance(args[0], ir.Function) and args[0].result is not None:
            self._note_discarded(args[0].result)

    def _note_inside(self, holder: ir.Expression, start: int) -> None:
        """Note that the object changes which a variable holds: `holder` is the variable, or something below it."""
        depth = 1
        while isinstance(holder, (ir.Member, ir.Index, ir.Cast)):
            depth = depth if isinstance(holder, ir.Cast) else 2
            holder = holder.value if isinstance(holder, ir.Cast) else holder.object
        if isinstance(holder, ir.Name):
            self.changes.append(ir.Change(holder.name, depth, start))

    def _new(self, node: Node) -> ir.Expression:
        args = self._args(node.child_by_field_name("arguments"))
        callee = self._field(node, "constructor")
        return ir.New(callee, args, self._type_args(node), node.start_byte, node.end_byte)

    def _args(self, node: Node | None) -> tuple[ir.Expression, ...]:
        if node is None:
            return ()
        return tuple([self._expr(child) for child in node.named_children if child.type != "comment"])

    def _type_args(self, node: Node) -> tuple[ir.Type, ...]:
        types = node.child_by_field_name("type_arguments")
        return tuple(self._type(child) for child in self._named(types)) if types is not None else ()

    def _template(self, node: Node) -> ir.Template:
        parts: list[str | ir.Expression] = []
        text = ""
        for child in node.named_children:
            kind = child.type
            if kind == "template_substitution":
                if text:
                    parts.append(text)
                    text = ""
                parts.append(self._first(child))
            elif kind == "escape_sequence":
                text += _unescape(self._text(child))
            elif kind != "comment":
                text += self._text(child).replace("\r\n", "\n").replace("\r", "\n")
        if text:
            parts.append(text)
        return ir.Template(tuple(parts), node.start_byte, node.end_byte)

    def _key_text(self, node: Node) -> str:
        key = self._key(node)
        return key if isinstance(key, str) else ""

    def _key(self, node: Node) -> str | ir.Expression:
        if node.type == "string":
            return self._string(node)
        if node.type in ("computed_property_name", "number"):
            inner = self._number(node) if node.type == "number" else self._first(node)
            return literal_text(inner.value) if isinstance(inner, ir.Literal) else inner
        return self._identifier(node)

    def _object(self, node: Node) -> ir.Expression:
        entries: list[ir.Property | ir.Spread] = []
        for child in node.named_children:
            kind = child.type
            start, end = child.start_byte, child.end_byte
            if kind == "pair":
                key = child.child_by_field_name("key")
                if key is not None and key.type != "computed_property_name" and self._key_text(key) == "__proto__":
                    # It sets the prototype, and is no property.
                    entries.append(ir.Spread(self._opaque(child), start, end))
                elif key is not None:
                    entries.append(ir.Property(self._key(key), self._field(child, "value"), start, end))
            elif kind == "shorthand_property_identifier":
                name = self._text(child)
                value: ir.Expression = ir.Undefined(start, end) if name == "undefined" else ir.Name(name, start, end)
                entries.append(ir.Property(name, value, start, end))
            elif kind == "spread_element":
                entries.append(ir.Spread(self._first(child), start, end))
            elif kind == "method_definition":
                key = child.child_by_field_name("name")
                if key is not None and not self._has_keyword(child, "set"):
                    entries.append(ir.Property(self._key(key), self._property_method(child), start, end))
            elif kind == "ERROR":
                entries.append(ir.Spread(self._opaque(child), start, end))
        return ir.Object(tuple(entries), node.start_byte, node.end_byte)

    def _property_method(self, node: Node) -> ir.Expression:
        function = self._function(node)
        if self._has_keyword(node, "get"):
            # Reading the property calls the getter.
            return ir.Call(function, (), (), node.start_byte, node.end_byte)
        return function

    def _array(self, node: Node) -> ir.Expression:
        items: list[ir.Expression] = []
        is_hole = True
        for child in node.children[1:-1]:
            if child.is_named and child.type != "comment":
                items.append(self._expr(child))
                is_hole = False
            elif child.type == ",":
                if is_hole:
                    items.append(ir.Undefined(child.start_byte, child.start_byte))
                is_hole = True
        return ir.Array(tuple(items), node.start_byte, node.end_byte)

    def _function(self, node: Node) -> ir.Function:
        name = node.child_by_field_name("name")
        single, params = node.child_by_field_name("parameter"), node.child_by_field_name("parameters")
        lowered: list[ir.Parameter] = []
        if single is not None:
            pattern = self._pattern(single)
            lowered.append(ir.Parameter(pattern, None, None, False, False, single.start_byte, single.end_byte))
        elif params is not None:
            lowered = [p for child in self._named(params) if (p := self._parameter(child)) is not None]
        body_node = node.child_by_field_name("body")
        body: tuple[ir.Statement, ...] = ()
        result: ir.Expression | None = None
        if body_node is not None and body_node.type == "statement_block":
            body = self._function_body(body_node)
        elif body_node is not None:
            result = self._expr(body_node)
        return ir.Function(
            self._key_text(name) if name is not None else "",
            tuple(lowered),
            body,
            result,
            self._annotation(node.child_by_field_name("return_type")),
            self._has_keyword(node, "async"),
            node.start_byte,
            node.end_byte,
            "arrow" if node.type == "arrow_function" else "generator" if self._has_keyword(node, "*") else "",
        )

    def _parameter(self, node: Node) -> ir.Parameter | None:
        pattern = node.child_by_field_name("pattern")
        if pattern is None or pattern.type == "this":
            return None
        is_rest = pattern.type == "rest_pattern"
        if is_rest:
            pattern = self._named(pattern)[0]
        default = node.child_by_field_name("value")
        is_property = any(c.type in ("accessibility_modifier", "readonly") for c in node.children)
        return ir.Parameter(
            self._pattern(pattern),
            self._annotation(node.child_by_field_name("type")),
            self._expr(default) if default is not None else None,
            is_rest,
            is_property,
            node.start_byte,
            node.end_byte,
        )

    def _class(self, node: Node) -> ir.Class:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        heritage = next((c for c in node.named_children if c.type == "class_heritage"), None)
        base: ir.Expression | None = None
        if heritage is not None:
            clause = next((c for c in heritage.named_children if c.type == "extends_clause"), heritage)
            value = clause.child_by_field_name("value") or next(iter(self._named(clause)), None)
            if value is not None and value.type != "implements_clause":
                base = self._expr(value)
        members = [m for child in self._named(body) if (m := self._class_member(child))] if body is not None else []
        text = self._text(name) if name is not None else ""
        return ir.Class(text, base, tuple(members), node.start_byte, node.end_byte)

    def _class_member(self, node: Node) -> ir.ClassMember | None:
        start, end = node.start_byte, node.end_byte
        if node.type == "class_static_block":
            body = node.child_by_field_name("body")
            block = self._block(body) if body is not None else ()
            function = ir.Function("", (), block, None, None, False, start, end)
            return ir.ClassMember("block", "", function, None, True, start, end)
        name = node.child_by_field_name("name")
        if name is None:
            return None
        is_static = self._has_keyword(node, "static")
        key = self._key_text(name)
        if node.type == "public_field_definition":
            value = node.child_by_field_name("value")
            annotation = self._annotation(node.child_by_field_name("type"))
            lowered = self._expr(value) if value is not None else None
            return ir.ClassMember("field", key, lowered, annotation, is_static, start, end)
        if node.type == "method_definition":
            kind = "get" if self._has_keyword(node, "get") else "set" if self._has_keyword(node, "set") else "method"
            return ir.ClassMember(kind, key, self._function(node), None, is_static, start, end)
        return None

    def _conditional(self, node: Node) -> ir.Expression:
        return ir.Conditional(
            self._field(node, "condition"),
            self._field(node, "consequence"),
            self._field(node, "alternative"),
            node.start_byte,
            node.end_byte,
        )

    def _binary(self, node: Node) -> ir.Expression:
        operator = node.child_by_field_name("operator")
        return ir.Binary(
            self._text(operator) if operator is not None else "",
            self._field(node, "left"),
            self._field(node, "right"),
            node.start_byte,
            node.end_byte,
        )

    def _unary(self, node: Node) -> ir.Expression:
        operator = node.child_by_field_name("operator")
        value = self._field(node, "argument")
        start, end = node.start_byte, node.end_byte
        if operator is not None and operator.type == "delete":
            self._note_assigned(node.child_by_field_name("argument"), start)
            return ir.Assign("delete", value, ir.Undefined(end, end), start, end)
        return ir.Unary(operator.type if operator is not None else "", value, start, end)

    def _update(self, node: Node) -> ir.Expression:
        operator, target = node.child_by_field_name("operator"), self._field(node, "argument")
        start, end = node.start_byte, node.end_byte
        self._note_assigned(node.child_by_field_name("argument"), start)
        return ir.Assign(operator.type if operator is not None else "++", target, ir.Literal(1, end, end), start, end)

    def _assign(self, node: Node) -> ir.Expression:
        operator = node.child_by_field_name("operator")
        self._note_assigned(node.child_by_field_name("left"), node.start_byte)
        return ir.Assign(
            operator.type if operator is not None else "=",
            self._field(node, "left"),
            self._field(node, "right"),
            node.start_byte,
            node.end_byte,
        )

    def _note_assigned(self, target: Node | None, start: int) -> None:
        """Note the variables that an assignment to a target changes."""
        pending = [target] if target is not None else []
        while pending:
            node = pending.pop()
            if node.type in ("identifier", "shorthand_property_identifier_pattern", "shorthand_property_identifier"):
                self.changes.append(ir.Change(self._identifier(node), 0, start))
            elif node.type in ("member_expression", "subscript_expression"):
                self._note_inside(self._field(node, "object"), start)
            else:
                pending.extend(node.named_children)

    def _cast(self, node: Node) -> ir.Expression:
        named = self._named(node)
        if node.type == "type_assertion":
            named = [named[-1], *self._named(named[0])]
        value = self._expr(named[0])
        if len(named) < 2:
            return value  # `as const`
        cast = self._type(named[1])
        if isinstance(cast, ir.TypeOpaque) or (isinstance(cast, ir.TypeName) and cast.name in _SILENT_TYPES):
            return value
        return ir.Cast(value, cast, node.start_byte, node.end_byte)

    # --- patterns --------------------------------------------------------------------------------------------

    def _pattern(self, node: Node) -> ir.Pattern:
        if self._depth > MAX_DEPTH:
            return ir.Name("", node.start_byte, node.end_byte)
        self._depth += 1
        try:
            return self._any_pattern(node)
        finally:
            self._depth -= 1

    def _any_pattern(self, node: Node) -> ir.Pattern:
        kind = node.type
        if kind == "object_pattern":
            entries: list[ir.PatternEntry] = []
            rest: str | None = None
            for child in self._named(node):
                if child.type == "rest_pattern":
                    rest = self._identifier(self._named(child)[0])
                elif child.type == "pair_pattern":
                    key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                    if key is not None and value is not None:
                        target, default = self._target(value)
                        entries.append(ir.PatternEntry(self._key(key), target, default))
                else:
                    target, default = self._target(child)
                    if isinstance(target, ir.Name):
                        entries.append(ir.PatternEntry(target.name, target, default))
            return ir.ObjectPattern(tuple(entries), rest, node.start_byte, node.end_byte)
        if kind == "array_pattern":
            return self._array_pattern(node)
        return ir.Name(self._identifier(node), node.start_byte, node.end_byte)

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
                    others = self._pattern(self._named(child)[0])
                else:
                    items.append(ir.PatternEntry(str(len(items)), *self._target(child)))
        return ir.ArrayPattern(tuple(items), others, node.start_byte, node.end_byte)

    def _target(self, node: Node) -> tuple[ir.Pattern, ir.Expression | None]:
        if node.type in ("assignment_pattern", "object_assignment_pattern"):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None:
                return self._pattern(left), self._expr(right) if right is not None else None
        return self._pattern(node), None

    # --- types -----------------------------------------------------------------------------------------------

    def _annotation(self, node: Node | None) -> ir.Type | None:
        if node is None:
            return None
        named = self._named(node)
        return self._type(named[0]) if named else None

    def _type(self, node: Node) -> ir.Type:
        lower = self._types.get(node.type)
        if lower is None or self._depth > MAX_DEPTH:
            return ir.TypeOpaque(node.start_byte, node.end_byte)
        self._depth += 1
        try:
            return lower(node)
        finally:
            self._depth -= 1

    def _type_name(self, node: Node) -> ir.Type:
        return ir.TypeName(self._text(node), (), node.start_byte, node.end_byte)

    def _generic_type(self, node: Node) -> ir.Type:
        name = node.child_by_field_name("name")
        args = self._type_args(node)
        return ir.TypeName(self._text(name) if name is not None else "", args, node.start_byte, node.end_byte)

    def _object_type(self, node: Node) -> ir.TypeObject:
        members: list[tuple[str, ir.Type]] = []
        for child in node.named_children:
            name = child.child_by_field_name("name")
            if name is None:
                continue
            if child.type == "property_signature":
                annotation = self._annotation(child.child_by_field_name("type"))
                if annotation is not None:
                    members.append((self._key_text(name), annotation))
            elif child.type == "method_signature":
                returns = self._annotation(child.child_by_field_name("return_type"))
                if returns is not None:
                    function = ir.TypeFunction(returns, child.start_byte, child.end_byte)
                    members.append((self._key_text(name), function))
        return ir.TypeObject(tuple(members), node.start_byte, node.end_byte)

    def _type_union(self, node: Node, operator: str) -> ir.Type:
        members = tuple(self._type(child) for child in self._named(node))
        return ir.TypeUnion(operator, members, node.start_byte, node.end_byte)

    def _function_type(self, node: Node) -> ir.Type:
        returns = node.child_by_field_name("return_type")
        lowered = self._type(returns) if returns is not None else ir.TypeOpaque(node.start_byte, node.end_byte)
        return ir.TypeFunction(lowered, node.start_byte, node.end_byte)

    def _lookup_type(self, node: Node) -> ir.Type:
        named = self._named(node)
        key = self._text(named[1]).strip("'\"") if len(named) > 1 else ""
        return ir.TypeIndexed(self._type(named[0]), key, node.start_byte, node.end_byte)


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


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        escape = match[1]
        if escape in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[escape]
        if escape[0] in "ux" and len(escape) > 1:
            code = int(escape.strip("ux{}"), 16)
            return chr(code) if code <= 0x10FFFF else "\ufffd"
        return escape

    return _ESCAPE.sub(replace, text)
