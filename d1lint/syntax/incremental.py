"""A script that is parsed again and again while it is edited: what stands before an edit is kept."""

from __future__ import annotations

from typing import NamedTuple

from tree_sitter import Node, Tree

from d1lint.facts import ir
from d1lint.source import unchanged
from d1lint.syntax.lower import Lowering
from d1lint.syntax.parse import MAX_BYTES, module_of, parse_module, parser_for, readable


class _Lowered(NamedTuple):
    """A node at the top level, and what it was lowered to."""

    start: int
    end: int
    body: tuple[ir.Statement, ...]
    imports: tuple[ir.Import, ...]
    exports: tuple[ir.Export, ...]
    changes: tuple[ir.Change, ...]


class EditedScript:
    """Parses the successive contents of one script. The result is always that of `parse_module`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._source = b""
        self._tree: Tree | None = None
        self._lowered: list[_Lowered] = []

    def parse(self, data: bytes) -> ir.Module:
        """The facts of the content as it is now."""
        if len(data) > MAX_BYTES:
            return parse_module(self._path, data)
        source = readable(data)
        tree, kept = self._parsed(source)
        self._source, self._tree = source, tree
        lowered = [piece for piece in self._lowered if piece.end < kept]
        done = lowered[-1].end if lowered else -1
        lowering = Lowering(data)
        lowered += [self._lower(lowering, node) for node in tree.root_node.named_children if node.start_byte >= done]
        self._lowered = lowered
        lowering.imports = [item for piece in lowered for item in piece.imports]
        lowering.exports = [item for piece in lowered for item in piece.exports]
        lowering.changes = [item for piece in lowered for item in piece.changes]
        body = tuple(statement for piece in lowered for statement in piece.body)
        return module_of(self._path, tree.root_node, source, lowering, body)

    def _parsed(self, source: bytes) -> tuple[Tree, int]:
        """The tree, and how many bytes at the beginning are sure to be what they were, in text and in structure."""
        parser = parser_for(self._path)
        old = self._tree
        if old is None:
            return parser.parse(source), 0
        before, after = unchanged(self._source, source)
        old_end, new_end = len(self._source) - after, len(source) - after
        old.edit(
            start_byte=before,
            old_end_byte=old_end,
            new_end_byte=new_end,
            start_point=_point(self._source, before),
            old_end_point=_point(self._source, old_end),
            new_end_point=_point(source, new_end),
        )
        tree = parser.parse(source, old)
        if tree.root_node.has_error or old.root_node.has_error:
            # How an error is recovered from depends on what was there before: only a fresh parse is the same each time.
            return parser.parse(source), 0
        ranges = (changed.start_byte for changed in old.changed_ranges(tree))
        return tree, min([before, *ranges])

    @staticmethod
    def _lower(lowering: Lowering, node: Node) -> _Lowered:
        counts = len(lowering.imports), len(lowering.exports), len(lowering.changes)
        body = tuple(lowering.outermost(node))
        imports, exports, changes = lowering.imports, lowering.exports, lowering.changes
        parts = tuple(imports[counts[0] :]), tuple(exports[counts[1] :]), tuple(changes[counts[2] :])
        return _Lowered(node.start_byte, node.end_byte, body, *parts)


def _point(source: bytes, offset: int) -> tuple[int, int]:
    """Row and column, in bytes."""
    return source.count(b"\n", 0, offset), offset - source.rfind(b"\n", 0, offset) - 1
