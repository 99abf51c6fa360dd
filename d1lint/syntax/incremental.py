"""A script that is parsed again and again while it is edited: what stands before and behind an edit is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node, Tree

from d1lint.facts import ir
from d1lint.facts.shift import moved
from d1lint.source import unchanged
from d1lint.syntax.bounded import TooMuchWorkError, parse_bounded
from d1lint.syntax.lower import Lowering
from d1lint.syntax.parse import MAX_BYTES, filled_tree, module_of, parse_module, parser_for, readable, unread


class _Lowered(NamedTuple):
    """A node at the top level, and what it was lowered to."""

    start: int
    end: int
    body: tuple[ir.Statement, ...]
    imports: tuple[ir.Import, ...]
    exports: tuple[ir.Export, ...]
    changes: tuple[ir.Change, ...]

    def moved(self, by: int) -> _Lowered:
        """The same `by` bytes further on."""
        if not by:
            return self
        facts = moved((self.body, self.imports, self.exports, self.changes), by)
        return _Lowered(self.start + by, self.end + by, *facts)


class _Parsed(NamedTuple):
    """A tree, and what of the text before it is sure to be in it again, in text and in structure.

    That is what lies before the offset `before`, and what lies behind the offset `behind` of the new text; the latter
    lay `by` bytes further to the front. `is_of_source` is false where gaps of the grammar were filled for it.
    """

    tree: Tree
    before: int
    behind: int
    by: int
    is_of_source: bool


class EditedScript:
    """Parses the successive contents of one script. The result is always that of `parse_module`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._data = b""
        self._source = b""
        self._tree: Tree | None = None
        self._lowered: list[_Lowered] = []

    def parse(self, data: bytes) -> ir.Module:
        """The facts of the content as it is now."""
        if len(data) > MAX_BYTES:
            return parse_module(self._path, data)
        source = readable(data)
        try:
            parsed = self._parsed(data, source)
        except TooMuchWorkError:
            self._tree = None
            return unread(self._path)
        lowering = Lowering(data)
        lowered = list(self._lower(parsed, lowering))
        # How an error is recovered from depends on what was there before: only a fresh parse is the same each time.
        self._tree = parsed.tree if parsed.is_of_source and not parsed.tree.root_node.has_error else None
        self._data, self._source, self._lowered = data, source, lowered
        lowering.imports = [item for piece in lowered for item in piece.imports]
        lowering.exports = [item for piece in lowered for item in piece.exports]
        lowering.changes = [item for piece in lowered for item in piece.changes]
        body = tuple(statement for piece in lowered for statement in piece.body)
        return module_of(self._path, parsed.tree.root_node, data, lowering, body)

    def _parsed(self, data: bytes, source: bytes) -> _Parsed:
        if self._tree is not None:
            parsed = self._edited(self._tree, data, source)
            if not parsed.tree.root_node.has_error:
                return parsed
        tree = parse_bounded(parser_for(self._path), source)
        shown = filled_tree(self._path, source, tree) if tree.root_node.has_error else tree
        return _Parsed(shown, 0, len(source), 0, shown is tree)

    def _edited(self, old: Tree, data: bytes, source: bytes) -> _Parsed:
        """The same from the tree of the text before."""
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
        self._tree = None  # it belongs to no text until the parse comes to its end
        tree = parse_bounded(parser_for(self._path), source, old)
        # What the grammar is not shown, such as the type of sql<T>`…`, may have changed as well.
        hidden_before, hidden_after = unchanged(self._data, data)
        ranges = old.changed_ranges(tree)
        return _Parsed(
            tree,
            min([before, hidden_before, *(changed.start_byte for changed in ranges)]),
            max([new_end, len(data) - hidden_after, *(changed.end_byte for changed in ranges)]),
            len(source) - len(self._source),
            True,
        )

    def _lower(self, parsed: _Parsed, lowering: Lowering) -> Iterator[_Lowered]:
        """The pieces of the tree, in their order: those from before the edit, new ones, those from behind it."""
        kept = [piece for piece in self._lowered if piece.end < parsed.before]
        yield from kept
        done = kept[-1].end if kept else -1
        behind = {piece.start + parsed.by: piece for piece in self._lowered if piece.start + parsed.by > parsed.behind}
        for node in parsed.tree.root_node.named_children:
            if node.start_byte < done:
                continue
            known = behind.get(node.start_byte)
            if known is not None and known.end + parsed.by == node.end_byte:
                yield known.moved(parsed.by)
            else:
                yield self._lowered_anew(lowering, node)

    @staticmethod
    def _lowered_anew(lowering: Lowering, node: Node) -> _Lowered:
        counts = len(lowering.imports), len(lowering.exports), len(lowering.changes)
        body = tuple(lowering.outermost(node))
        imports, exports, changes = lowering.imports, lowering.exports, lowering.changes
        parts = tuple(imports[counts[0] :]), tuple(exports[counts[1] :]), tuple(changes[counts[2] :])
        return _Lowered(node.start_byte, node.end_byte, body, *parts)


def _point(source: bytes, offset: int) -> tuple[int, int]:
    """Row and column, in bytes."""
    return source.count(b"\n", 0, offset), offset - source.rfind(b"\n", 0, offset) - 1
