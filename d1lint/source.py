"""The text of a file, and the one place where byte offsets become lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Position(NamedTuple):
    """1-based line, and 1-based column in UTF-16 code units (what SARIF and editors count)."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """One file's content. `path` is relative to the project root, with forward slashes."""

    path: str
    data: bytes

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        find = self.data.find
        at = find(b"\n")
        while at != -1:
            starts.append(at + 1)
            at = find(b"\n", at + 1)
        return starts

    def line_number(self, offset: int) -> int:
        """The 1-based line of a byte offset."""
        return bisect_right(self._line_starts, offset)

    @property
    def line_count(self) -> int:
        """How many lines the file has; an empty file has one."""
        return len(self._line_starts)

    def line_start(self, line: int) -> int:
        """The byte offset at which a 1-based line begins."""
        return self._line_starts[line - 1]

    def line_bytes(self, line: int) -> bytes:
        """The bytes of a 1-based line, without its line ending."""
        start = self._line_starts[line - 1]
        end = self._line_starts[line] if line < len(self._line_starts) else len(self.data)
        return self.data[start:end].rstrip(b"\r\n")

    def line_text(self, line: int) -> str:
        """The text of a 1-based line; bytes that are not UTF-8 become U+FFFD, a byte-order mark is dropped."""
        return self.line_bytes(line).decode("utf-8", "replace").removeprefix("\ufeff")

    def position(self, offset: int) -> Position:
        """Line and UTF-16 column of a byte offset."""
        line = self.line_number(offset)
        before = self.data[self._line_starts[line - 1] : offset].decode("utf-8", "replace")
        if line == 1:
            before = before.removeprefix("\ufeff")
        return Position(line, utf16_length(before) + 1)


def unchanged(then: bytes, now: bytes) -> tuple[int, int]:
    """How many bytes two texts have in common at their beginning, and how many at their end besides."""
    before = _common(then, now)
    longest = min(len(then), len(now)) - before
    after = _common(then[len(then) - longest :][::-1], now[len(now) - longest :][::-1])
    return before, after


def _common(a: bytes, b: bytes) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
