"""From a file's bytes to its `Module`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

from d1lint.facts import ir
from d1lint.syntax.bounded import TooMuchWorkError, deadline, parse_bounded
from d1lint.syntax.gaps import filled, troubles, without_types_of_templates
from d1lint.syntax.lower import Lowering

MAX_BYTES = 4 * 1024 * 1024
"""Larger files are generated; they are not parsed."""

MAX_FILLED = 4
"""How often a file is parsed again with the gaps of the grammar filled; what is read then can show further ones."""

_MARKERS = (b"@native-sql", b"d1lint-ignore")


def parse_module(path: str, data: bytes) -> ir.Module:
    """Parse and lower one script. What does not parse is left out and named in `problems`."""
    if len(data) > MAX_BYTES:
        problem = ir.SyntaxProblem(f"the file is larger than {MAX_BYTES // 1024**2} MB and was not read", 0, 0)
        return ir.Module(path, (), (), (), (), (problem,))
    try:
        tree = tree_of(path, readable(data))
    except TooMuchWorkError:
        return unread(path)
    lowering = Lowering(data)  # what is hidden is as long as what stands there
    return module_of(path, tree.root_node, data, lowering, lowering.program(tree.root_node))


def problems_in(path: str, data: bytes) -> tuple[ir.SyntaxProblem, ...]:
    """The problems of the module that a script is: by its tree, at a fourth of what lowering it costs."""
    if len(data) > MAX_BYTES:
        return parse_module(path, data).problems
    try:
        root = tree_of(path, readable(data)).root_node
    except TooMuchWorkError:
        return unread(path).problems
    return tuple(_problems(root, data)) if root.has_error else ()


def tree_of(path: str, source: bytes) -> Tree:
    """The tree of a script that is readable. Raises TooMuchWorkError."""
    until = deadline()
    tree = parse_bounded(parser_for(path), source, until=until)
    return filled_tree(path, source, tree, until) if tree.root_node.has_error else tree


def filled_tree(path: str, source: bytes, tree: Tree, until: float | None = None) -> Tree:
    """The tree of a source for which the grammar gives one with errors, once the grammar's own gaps are filled.

    The given tree is the answer if that comes to nothing better.
    """
    until = deadline() if until is None else until
    for _ in range(MAX_FILLED):
        shown = filled(source, tree.root_node, _with_jsx(path))
        if shown == source:
            break
        try:
            again = parse_bounded(parser_for(path), shown, until=until)
        except TooMuchWorkError:
            break
        if _badness(again) > _badness(tree):
            break
        source, tree = shown, again
        if not tree.root_node.has_error:
            break
    return tree


def _badness(tree: Tree) -> int:
    return sum(1 + node.end_byte - node.start_byte for node, *_ in troubles(tree.root_node))


def unread(path: str) -> ir.Module:
    """The module of a script that is too much for the parser."""
    problem = ir.SyntaxProblem("it is so entangled that reading it was given up", 0, 0)
    return ir.Module(path, (), (), (), (), (problem,))


def module_of(path: str, root: Node, source: bytes, lowering: Lowering, body: tuple[ir.Statement, ...]) -> ir.Module:
    """The module that was lowered to `body` from the tree of `source`."""
    return ir.Module(
        path=path,
        body=body,
        imports=tuple(lowering.imports),
        exports=tuple(lowering.exports),
        comments=tuple(_comments(root, source)),
        problems=tuple(_problems(root, source)) if root.has_error else (),
        changes=tuple(lowering.changes),
    )


def readable(data: bytes) -> bytes:
    """The content as the grammars can read it, with every byte where it was."""
    return without_types_of_templates(data.replace(b"\0", b" "))


def parser_for(path: str) -> Parser:
    """The parser for a script of this name."""
    return _parser(_with_jsx(path))


def _with_jsx(path: str) -> bool:
    # Plain JavaScript may hold JSX, and has no `<T>value` casts: the TSX grammar reads it.
    return path.endswith(("x", ".js", ".mjs", ".cjs"))


@cache
def _parser(with_jsx: bool) -> Parser:
    language = tree_sitter_typescript.language_tsx() if with_jsx else tree_sitter_typescript.language_typescript()
    return Parser(Language(language))


def _comments(root: Node, source: bytes) -> Iterator[ir.Comment]:
    """The comments that hold a marker of the product, in their order."""
    offsets = sorted(at for marker in _MARKERS for at in _offsets(marker, source))
    pending = [(root, 0, len(offsets))] if offsets else []
    while pending:
        node, first, end = pending.pop()
        if node.type == "comment":
            text = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
            yield ir.Comment(text, node.start_byte, node.end_byte)
            continue
        inside = []
        for child in node.children:
            first = bisect_left(offsets, child.start_byte, first, end)
            if first == end:
                break
            behind = bisect_left(offsets, child.end_byte, first, end)
            if first < behind:
                inside.append((child, first, behind))
            first = behind
        pending.extend(reversed(inside))


def _offsets(text: bytes, source: bytes) -> Iterator[int]:
    at = source.find(text)
    while at != -1:
        yield at
        at = source.find(text, at + 1)


def _problems(root: Node, source: bytes) -> list[ir.SyntaxProblem]:
    """The outermost places that do not parse, the first ten."""
    problems: list[ir.SyntaxProblem] = []
    pending = [root]
    while pending and len(problems) < 10:
        node = pending.pop()
        if node.is_missing:
            problems.append(ir.SyntaxProblem(f"`{node.type}` is missing", node.start_byte, node.end_byte))
        elif node.is_error:
            text = source[node.start_byte : node.end_byte].decode("utf-8", "replace").split("\n", 1)[0].strip()
            shown = text if len(text) <= 40 else text[:39] + "…"
            problems.append(ir.SyntaxProblem(f"`{shown}` was not expected", node.start_byte, node.end_byte))
        elif node.has_error:
            pending.extend(reversed(node.children))
    return problems
