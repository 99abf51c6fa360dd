"""Byte offsets as the editor counts: lines from 0, and columns in the units that client and server agreed on."""

from __future__ import annotations

from lsprotocol import types

from d1lint.source import Source, utf16_length

_BOM = b"\xef\xbb\xbf"


class Positions:
    """Converts both ways. `encoding` is "utf-8", "utf-16" or "utf-32"."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding

    def position(self, source: Source, offset: int) -> types.Position:
        """The position of a byte offset."""
        line = source.line_number(offset)
        before = source.data[self._line_start(source, line) : offset]
        return types.Position(line - 1, self._units(before))

    def range(self, source: Source, start: int, end: int) -> types.Range:
        """The range from one byte offset to another."""
        return types.Range(self.position(source, start), self.position(source, end))

    def offset(self, source: Source, position: types.Position) -> int:
        """The byte offset of a position; behind the end of a line or of the file it is that end."""
        line = position.line + 1
        if line > source.line_count:
            return len(source.data)
        start = self._line_start(source, line)
        text = source.data[start : source.line_start(line) + len(source.line_bytes(line))]
        return start + self._bytes(text, max(0, position.character))

    def _line_start(self, source: Source, line: int) -> int:
        """Where a line begins for an editor, which hides a byte-order mark."""
        start = source.line_start(line)
        return start + len(_BOM) if line == 1 and source.data.startswith(_BOM) else start

    def _units(self, data: bytes) -> int:
        if self._encoding == "utf-8" or data.isascii():
            return len(data)
        text = data.decode("utf-8", "replace")
        return len(text) if self._encoding == "utf-32" else utf16_length(text)

    def _bytes(self, line: bytes, units: int) -> int:
        """How many bytes of a line so many units take; a unit inside a character counts for its beginning."""
        if line.isascii():
            return min(units, len(line))
        if self._encoding == "utf-8":
            return len(line[:units].decode("utf-8", "ignore").encode())
        text = line.decode("utf-8", "replace")
        if self._encoding == "utf-32":
            return len(text[:units].encode())
        return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore").encode())
