"""From a file's bytes to its `Module`."""

from __future__ import annotations

import re
from functools import cache

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from d1lint.facts import ir
from d1lint.syntax.lower import Lowering

MAX_BYTES = 4 * 1024 * 1024
"""Larger files are generated; they are not parsed."""

_MARKERS = (b"@native-sql", b"d1lint-ignore")
_TYPED_TEMPLATE = re.compile(rb"\b(?:sql|Sql)\s*<")


def parse_module(path: str, data: bytes) -> ir.Module:
    """Parse and lower one script. What does not parse is left out and named in `problems`."""
    if len(data) > MAX_BYTES:
        problem = ir.SyntaxProblem(f"the file is larger than {MAX_BYTES // 1024**2} MB and was not read", 0, 0)
        return ir.Module(path, (), (), (), (), (problem,))
    source = readable(data)
    root = parser_for(path).parse(source).root_node
    lowering = Lowering(data)  # what is masked is as long as what it masks
    return module_of(path, root, source, lowering, lowering.program(root))


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
    return _without_template_types(data.replace(b"\0", b" "))


def parser_for(path: str) -> Parser:
    """The parser for a script of this name."""
    return _parser(path.endswith(("x", ".js", ".mjs", ".cjs")))


@cache
def _parser(tsx: bool) -> Parser:
    # Plain JavaScript may hold JSX, and has no `<T>value` casts: the TSX grammar reads it.
    language = tree_sitter_typescript.language_tsx() if tsx else tree_sitter_typescript.language_typescript()
    return Parser(Language(language))


def _without_template_types(data: bytes) -> bytes:
    """Blank the type arguments of sql<T>`…`, which the grammar reads as two comparisons or not at all."""
    pieces = []
    done = 0
    for match in _TYPED_TEMPLATE.finditer(data):
        start = match.end() - 1
        end = _closing_angle(data, start)
        if end is not None and start >= done:
            pieces += [data[done:start], re.sub(rb"[^\r\n]", b" ", data[start:end])]
            done = end
    return b"".join([*pieces, data[done:]]) if pieces else data


def _closing_angle(data: bytes, start: int) -> int | None:
    """The offset behind the `>` that closes the `<` at `start`, if a template follows it."""
    depth = 0
    for at in range(start, min(start + 2000, len(data))):
        byte = data[at]
        if byte == 0x3C:
            depth += 1
            if depth > 20:
                return None
        elif byte == 0x3E and data[at - 1] != 0x3D:
            depth -= 1
            if depth == 0:
                return at + 1 if data[at + 1 :].lstrip()[:1] == b"`" else None
        elif byte == 0x60:
            return None
    return None


def _comments(root: Node, source: bytes) -> list[ir.Comment]:
    """The comments that hold a marker of the product, in their order."""
    found: dict[int, ir.Comment] = {}
    for marker in _MARKERS:
        at = source.find(marker)
        while at != -1:
            node = root.descendant_for_byte_range(at, at + 1)
            if node is not None and node.type == "comment":
                text = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
                found[node.start_byte] = ir.Comment(text, node.start_byte, node.end_byte)
            at = source.find(marker, at + 1)
    return [found[start] for start in sorted(found)]


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
