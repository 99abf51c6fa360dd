"""How a file is written: its line endings, indentation, quotes and commas, which what is added to it follows."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, cached_property
from typing import TYPE_CHECKING

from d1lint.finding import Edit, Span
from d1lint.source import Source

if TYPE_CHECKING:
    from d1lint.model.project import Project

_TRIVIA = re.compile(rb"(?:\s|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+")
_TRIVIA_IN_LINE = re.compile(rb"(?:[^\S\n]|/\*(?:[^*\n]|\*(?!/))*+\*/|//[^\n]*+)*+")
_BLANKS = re.compile(rb"[ \t]*")
_INDENT = re.compile(rb"^(\t+|[ ]+)(?=[^\s*])", re.MULTILINE)
_TRAILING_COMMA = re.compile(rb",\s*\n\s*[\]}]")
_NO_TRAILING_COMMA = re.compile(rb"[^,\s;{\[(]\s*\n\s*[\]}]")
_MODULE = re.compile(rb"""\bfrom\s*(["'])[^"'\n]+\1[^\S\n]*(;?)""")


def layout_of(project: Project, path: str) -> Layout:
    """How a file of a project is written; it is looked at once, however many fixes change it."""
    return project.once(_layout, path)


def _layout(project: Project, path: str) -> Layout:
    return Layout(project.source(path))


class Layout:
    """One file's text. Offsets are bytes."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data = source.data
        self._line_length = cache(lambda line: len(source.line_text(line)))

    def insert(self, at: int, text: str) -> Edit:
        """An edit that inserts a text, whose lines end with `\\n`, at an offset."""
        return self.replace(at, at, text)

    def replace(self, start: int, end: int, text: str) -> Edit:
        """An edit that puts a text in the place of a range, likewise."""
        return Edit(Span(self.source.path, start, end), text.replace("\n", self.newline))

    def text(self, start: int, end: int) -> str:
        """The text of a range."""
        return self.data[start:end].decode("utf-8", "surrogateescape")

    def follows(self, at: int, text: bytes) -> bool:
        """Whether a text stands at an offset."""
        return self.data.startswith(text, at)

    def skip(self, at: int) -> int:
        """The offset of what follows, blanks and comments left out."""
        found = _TRIVIA.match(self.data, at)
        return found.end() if found else at

    def skip_in_line(self, at: int) -> int:
        """The offset behind what stands on the same line: its comments, or `at` where more than comments follow."""
        found = _TRIVIA_IN_LINE.match(self.data, at)
        end = found.end() if found else at
        if self.data[end : end + 1] not in (b"\n", b""):
            return at
        return at + len(self.data[at:end].rstrip())

    def has_line_break(self, start: int, end: int) -> bool:
        """Whether a range is over several lines."""
        return self.data.find(b"\n", start, end) != -1

    def indent(self, at: int) -> str:
        """What the line of an offset begins with."""
        start = self.source.line_start(self.source.line_number(at))
        found = _BLANKS.match(self.data, start)
        return self.text(start, found.end() if found else start)

    def column(self, at: int) -> int:
        """How many characters stand before an offset in its line."""
        return len(self.text(self.source.line_start(self.source.line_number(at)), at))

    def line_length(self, at: int) -> int:
        """How many characters the line of an offset has."""
        return self._line_length(self.source.line_number(at))

    @cached_property
    def newline(self) -> str:
        """`\\n`, or `\\r\\n` where that is what most lines end with."""
        return "\r\n" if self.data.count(b"\r\n") * 2 > self.data.count(b"\n") else "\n"

    @cached_property
    def unit(self) -> str:
        """One step of indentation."""
        found = Counter(match[1] for match in _INDENT.finditer(self.data))
        if sum(count for indent, count in found.items() if indent.startswith(b"\t")) * 2 > sum(found.values()):
            return "\t"
        return " " * min((len(indent) for indent, count in found.items() if len(indent) in (2, 3, 4, 8)), default=2)

    @cached_property
    def quote(self) -> str:
        """The quotation mark of its imports, else the more frequent one."""
        found = _MODULE.search(self.data)
        if found:
            return found[1].decode()
        return "'" if self.data.count(b"'") > self.data.count(b'"') else '"'

    @cached_property
    def semicolon(self) -> str:
        """What its statements end with: `;` or nothing."""
        found = _MODULE.search(self.data)
        return found[2].decode() if found else ";"

    @cached_property
    def trailing_comma(self) -> str:
        """What the last item of an array or object over several lines ends with."""
        with_comma = sum(1 for _ in _TRAILING_COMMA.finditer(self.data))
        without = sum(1 for _ in _NO_TRAILING_COMMA.finditer(self.data))
        return "," if with_comma >= without else ""

    @cached_property
    def width(self) -> int:
        """How long lines may become: 80 characters, or up to 120 where the file has such."""
        longest = max((len(line) for line in self.data.split(b"\n") if b"import" not in line), default=0)
        return max(80, min(longest, 120))

    def quoted(self, text: str) -> str:
        """A text as a string literal."""
        escaped = text.replace("\\", "\\\\").replace(self.quote, f"\\{self.quote}")
        return f"{self.quote}{escaped}{self.quote}"


def member(owner: str, key: str) -> str:
    """`owner.key`, or `owner["key"]` where the key is no identifier."""
    return f"{owner}.{key}" if is_identifier(key) else f"{owner}[{_quoted(key)}]"


def property_key(key: str) -> str:
    """A key as it is written in an object literal."""
    return key if is_identifier(key) else _quoted(key)


def is_identifier(text: str) -> bool:
    """Whether a text can be a name in TypeScript, as far as ASCII goes."""
    return re.fullmatch(r"[A-Za-z_$][\w$]*", text) is not None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
