"""From a tree-sitter tree to the intermediate representation of `d1lint.facts.ir`: one room for each kind of node."""

from __future__ import annotations

from tree_sitter import Node

from d1lint.facts import ir
from d1lint.syntax.changes import Changes
from d1lint.syntax.expressions import Expressions
from d1lint.syntax.functions import Functions
from d1lint.syntax.modules import Modules
from d1lint.syntax.nodes import Script
from d1lint.syntax.patterns import Patterns
from d1lint.syntax.statements import Statements
from d1lint.syntax.types import Types


class Lowering:
    """Lowers one module. `imports`, `exports` and `changes` fill while `program` runs."""

    def __init__(self, source: bytes) -> None:
        self.imports: list[ir.Import] = []
        self.exports: list[ir.Export] = []
        self.changes: list[ir.Change] = []
        self.depth = 0
        """How deep the node lies that is being lowered."""
        self.script = Script(source)
        self.notes = Changes(self)
        self.types = Types(self)
        self.patterns = Patterns(self)
        self.functions = Functions(self)
        self.expressions = Expressions(self)
        self.modules = Modules(self)
        self.statements = Statements(self)

    def program(self, root: Node) -> tuple[ir.Statement, ...]:
        """The statements of a module. A tree that is one big error gives what can be read of it."""
        return self.statements.function_body(root)

    def outermost(self, node: Node) -> list[ir.Statement]:
        """The statements that a node at the top of a module stands for."""
        return self.statements.outermost(node)
