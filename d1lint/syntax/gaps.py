"""What TypeScript reads and the grammars do not: such text is hidden from them, byte for byte, and parsed again.

The grammars see fillers, and every byte stays where it was; names and texts are always taken from the file itself. What
looks like a gap is filled in a text or a comment, too, which changes nothing there. In code it must be valid TypeScript
wherever the pattern finds it, or a file that is broken would pass for one that is not.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tree_sitter import Node


class Gap(NamedTuple):
    """Text that a grammar can not read: the first group of the pattern."""

    name: str
    pattern: re.Pattern[bytes]
    filler: Callable[[bytes], bytes]
    """What the grammar sees instead; as long as the text it is given."""


class Fill(NamedTuple):
    """What the grammar sees from a byte offset on."""

    start: int
    text: bytes


def _blanks(text: bytes) -> bytes:
    return _NO_LINE_END.sub(b" ", text)  # a comment that it may stand in must not go on


def _name(text: bytes) -> bytes:
    (first, *_) = text.splitlines()
    return b"_" * len(first) + _blanks(text[len(first) :])


def _without_ampersands(text: bytes) -> bytes:
    return text.replace(b"&", b"_")


def _without_variance(text: bytes) -> bytes:
    return _VARIANCE.sub(lambda match: match[1] + _blanks(match[2]), text)


_NAMES = rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*"
_TEXT = rb"(?:\"[^\"\s]+\"|'[^'\s]+'|`[^`\s$]+`)"
_IMPORT = rb"import\s*\(\s*" + _TEXT + rb"\s*(?:,\s*\{[^{}()]*(?:\{[^{}()]*\}[^{}()]*)?\}\s*)?,?\s*\)(?![\w$])"

_NO_LINE_END = re.compile(rb"[^\r\n]")
_VARIANCE = re.compile(rb"([<,]\s*)(in\s+out|in|out)(?=\s+(?!extends\b)" + _NAMES + rb")")


def _arguments(depth: int) -> bytes:
    """The pattern of type arguments inside each other, `<…>`."""
    inner = rb"|" + _arguments(depth - 1) if depth else b""
    return rb"<(?:=>|[^<>=`]" + inner + rb"){1,2000}+>"


def _gap(name: str, pattern: bytes, filler: Callable[[bytes], bytes]) -> Gap:
    return Gap(name, re.compile(pattern, re.MULTILINE), filler)


# It begins with plain letters, which `re` finds many times faster than a word boundary.
TYPED_SQL = _gap("the type of sql<T>`…`", rb"ql(?<=\b[sS]ql)\s*(" + _arguments(4) + rb")(?=\s*`)", _blanks)
"""It is hidden from the start: the grammar takes it for two comparisons."""

GAPS = (
    _gap("typeof import('x')", rb"\btypeof\s+(" + _IMPORT + rb")", _name),
    _gap(
        "import('x').T",
        rb"\b(" + _IMPORT + rb")(?=\s*\.\s*(?!(?:then|catch|finally)\b)" + _NAMES + rb"|\[)",
        _name,
    ),
    _gap("export type * from 'x'", rb"\bexport\s+(type)(?=\s*\*)", _blanks),
    _gap("export … from 'x' with {…}", rb"\bfrom\s*" + _TEXT + rb"\s*((?:with|assert)\s*\{[^{}]*\})", _blanks),
    _gap("import defer * as a", rb"\bimport\s+(defer)(?=\s+\*)", _blanks),
    _gap("import.defer(…)", rb"\bimport\s*(\.\s*defer)(?=\s*\()", _blanks),
    _gap("a specifier of the name type", rb"[{,]\s*(type)(?=\s*(?:[,}]|as\b))", _name),
    _gap(
        "a modifier's name as a name",
        rb"(?<![\w$#])(abstract|accessor|using)(?=\s*[.,:;=)\]}?!<>|&+*/%(-])",
        _name,
    ),
    _gap(
        "a comparison with a name of types",
        rb"<\s*(infer|keyof|never|readonly|unique|unknown)(?=\s*(?:[.;)\]}?!<|&+*/%-]|==))",
        _name,
    ),
    _gap(
        "a keyword as a label",
        rb"[\[,(]\s*(?:\.\.\.)?(any|async|boolean|declare|false|import|infer|keyof|let|module|namespace|never|new"
        rb"|null|number|object|readonly|static|string|symbol|true|type|typeof|undefined|unique|unknown|void)(?=\s*\??\s*:)",
        _name,
    ),
    _gap(
        "a member of the name in, behind a line without a semicolon",
        rb"(?:^|[;{,])[ \t]*(in|instanceof)"
        rb"(?=\s*\??\s*:|\??<|\s*\??\(\s*(?:\)\s*:|(?:\.\.\.)?" + _NAMES + rb"\s*\??\s*:))",
        _name,
    ),
    _gap(
        "a generic call signature behind a line without a semicolon",
        rb"[^\s(,;=?:&|{\[<]\s*\n[ \t]*([ \t])(?=<" + _NAMES + rb"[^\n]*>\s*\()",
        lambda text: b";",
    ),
    _gap("variance", rb"\b(?:class|interface|type)\s+" + _NAMES + rb"\s*(<[^=(){};]{1,500})", _without_variance),
    _gap("a pattern that is optional", rb"[}\]](\?)(?=\s*:)", _blanks),
    _gap(
        "using in a loop",
        rb"\bfor\s*(?:await\s*)?\(\s*((?:await\s+)?using)(?=\s+" + _NAMES + rb"\s+of\b)",
        lambda text: b"const".rjust(len(text)),
    ),
    _gap(
        "accessor behind a modifier",
        rb"\b(?:abstract|declare|override|private|protected|public|readonly|static)\s+(accessor)(?=\s+[\w$#\"'\[])",
        _blanks,
    ),
    _gap("a static index signature", rb"\b(static)(?=\s*\[\s*" + _NAMES + rb"\s*:)", _blanks),
    _gap("type arguments before ?.( and templates", rb"[\w$](" + _arguments(4) + rb")(?=\s*(?:`|\?\.\())", _blanks),
    # Its twin is never taken for the beginning of type arguments.
    _gap("a comparison with a signed number", rb"[\w$)\]]\s*(<)(?=\s*[-+]\s*\.?\d)", lambda text: b">"),
    _gap("a fraction behind ?", rb"\?(\.)(?=\d)", lambda text: b"0"),
    _gap("& in an attribute", rb"=\s*(\"[^\"\n]*&[^\"\n]*\"|'[^'\n]*&[^'\n]*')(?=[\s/>])", _without_ampersands),
)


def filled(source: bytes, root: Node, with_jsx: bool) -> bytes:
    """What the grammar should see of a source that it could not read, of which the tree is given.

    Where there is no more to fill that the text tells, it is what the tree tells.
    """
    found = (Fill(match.start(1), gap.filler(match[1])) for gap in GAPS for match in gap.pattern.finditer(source))
    shown = _with(source, found)
    return shown if shown != source else _with(source, _by_place(source, root, with_jsx))


def without_types_of_templates(data: bytes) -> bytes:
    """The content without the type arguments of sql<T>`…`."""
    return _with(data, (Fill(match.start(1), _blanks(match[1])) for match in TYPED_SQL.pattern.finditer(data)))


def _with(source: bytes, fills: Iterable[Fill]) -> bytes:
    pieces = []
    done = 0
    for start, text in sorted(fills):
        if start >= done:
            pieces += [source[done:start], text]
            done = start + len(text)
    return b"".join([*pieces, source[done:]]) if pieces else source


_JSX_TEXT = re.compile(rb"(?:(?<!=)>|\})([^<>{}]*&[^<>{}]*)(?=[<{])")
_ENTITY = re.compile(rb"&#?\w+;")


def _by_place(source: bytes, root: Node, with_jsx: bool) -> Iterator[Fill]:
    """What only the place tells where the grammar failed."""
    texts = deque(match for match in _JSX_TEXT.finditer(source) if with_jsx and _is_prose(match[1]))
    first = True
    for node, around, beyond in troubles(root):
        if node.is_error and (around.type, beyond.type) == ("template_string", "call_expression"):
            # A tag may be given escapes that are none.
            yield Fill(node.start_byte, source[node.start_byte : node.start_byte + 1].replace(b"\\", b"_"))
        # The & in the text of a component. Behind the first that is not known all the others can look like anything.
        while texts and texts[0].end(1) < node.start_byte:
            texts.popleft()
        while texts and (first or texts[0].start(1) <= node.end_byte):
            match = texts.popleft()
            yield Fill(match.start(1), _without_ampersands(match[1]))
            first = False


def troubles(root: Node) -> Iterator[tuple[Node, Node, Node]]:
    """The nodes of what was not expected and of what is missing, in their order, each with the two around it."""
    pending = [(root, root, root)] if root.has_error else []
    while pending:
        node, around, beyond = pending.pop()
        if node.is_error or node.is_missing:
            yield node, around, beyond
        if node.has_error:
            pending.extend((child, node, around) for child in reversed(node.children))


def _is_prose(text: bytes) -> bool:
    """Whether what stands between two tags or expressions can be text, and no code."""
    text = _ENTITY.sub(b"", text)
    is_code = b";" in text or b"=" in text or b"()" in text or (b"&&" in text and b"(" in text)
    return not is_code and text.count(b"(") == text.count(b")")
