"""A piece of code as the text report draws it: line numbers, the lines, marks and messages under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from d1lint.finding import Span
from d1lint.report.place import first_line
from d1lint.report.terminal import ELLIPSIS, between, visible, width, wrap
from d1lint.source import Source

Segment = tuple[str, str]
"""A text and the name of its style: "" (plain), "gutter", "primary" or "secondary"."""
Row = list[Segment]

# Of a longer line (minified, generated) only this much around its main mark is looked at, in bytes.
_LONG_LINE = 8_000
_LEAST_MESSAGE_WIDTH = 30


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of one line that is to be marked; `start` and `end` are byte offsets into the line."""

    line: int
    start: int
    end: int
    message: str
    primary: bool


@dataclass(frozen=True, slots=True)
class _Underline:
    """A mark as it is drawn: `start` and `end` are 0-based columns, end exclusive."""

    start: int
    end: int
    message: str
    primary: bool

    @property
    def style(self) -> str:
        return "primary" if self.primary else "secondary"


def mark(source: Source, span: Span, message: str = "", *, primary: bool = False) -> Mark:
    """Mark the first line of a span."""
    span = first_line(source, span)
    line = source.line_number(span.start)
    start = source.line_start(line)
    return Mark(line, span.start - start, span.end - start, message, primary)


def draw(source: Source, marks: Iterable[Mark], gutter: int, columns: int) -> Iterator[Row]:
    """The marked lines in order, each with its marks; what lies between two of them is left out.

    `gutter` is the width of the line numbers, `columns` that of the whole drawing.
    """
    yield blank(gutter)
    before = 0
    for line, group in groupby(sorted(marks, key=lambda m: m.line), key=lambda m: m.line):
        if before and line == before + 2:
            yield from _code(source, before + 1, [], gutter, columns)
        elif before and line > before + 1:
            yield [("...", "gutter")]
        yield from _code(source, line, list(group), gutter, columns)
        before = line


def blank(gutter: int) -> Row:
    """A row without a line number."""
    return [(f"{'':{gutter}} |", "gutter")]


def _code(source: Source, line: int, marks: list[Mark], gutter: int, columns: int) -> Iterator[Row]:
    room = max(columns - gutter - 3, 20)
    shown, underlines = _fit(*_laid_out(source.line_bytes(line), marks), room)
    yield [(f"{line:>{gutter}} |", "gutter"), (f" {shown}" if shown else "", "")]
    for row in _underlined(underlines, room):
        yield [*blank(gutter), (" ", ""), *row]


def _laid_out(code: bytes, marks: list[Mark]) -> tuple[str, list[_Underline]]:
    """A line as it can be shown, and its marks in columns."""
    begin, end = 0, len(code)
    if len(code) > _LONG_LINE:
        main = next((m for m in marks if m.primary), marks[0] if marks else None)
        begin = max(0, main.start - _LONG_LINE // 2) if main else 0
        end = begin + _LONG_LINE

    def text(stop: int) -> str:
        return visible(code[begin : min(stop, end)].decode("utf-8", "replace").removeprefix("\ufeff"))

    underlines = []
    for m in marks:
        start = width(text(m.start))
        underlines.append(_Underline(start, max(start + 1, width(text(m.end))), visible(m.message), m.primary))
    return text(end).rstrip(), underlines


def _fit(text: str, marks: list[_Underline], room: int) -> tuple[str, list[_Underline]]:
    """Cut a line that is too long for `room` columns around its marks, and move the marks with it."""
    total = max([width(text), *(m.end for m in marks)])
    if total <= room:
        return text, marks
    start, end = _focus(marks, room)
    if end < room:
        left, right = 0, room - 1
    else:
        span = min(end - start, room - 2)
        left = min(start - (room - 2 - span) // 2, total - (room - 1))
        right = left + room - 2
        if right == total - 1:
            right = total
    shown = (ELLIPSIS if left else "") + between(text, left, right) + (ELLIPSIS if right < total else "")
    shift = left - 1 if left else 0
    moved = []
    for m in marks:
        first = min(max(m.start - shift, 0), room - 1)
        moved.append(replace(m, start=first, end=max(first + 1, min(m.end - shift, room))))
    return shown, moved


def _focus(marks: list[_Underline], room: int) -> tuple[int, int]:
    """The columns that a cut line must show: all its marks if they fit, else the primary or first one."""
    if not marks:
        return 0, 0
    start, end = min(m.start for m in marks), max(m.end for m in marks)
    if end - start <= room - 2:
        return start, end
    main = next((m for m in marks if m.primary), marks[0])
    return main.start, main.end


def _underlined(marks: list[_Underline], room: int) -> Iterator[Row]:
    """Carets and dashes; the last message beside them, the others hang below, from right to left."""
    if not marks:
        return
    end = max(m.end for m in marks)
    cells: list[Segment] = [(" ", "")] * end
    for m in sorted(marks, key=lambda m: m.primary):
        cells[m.start : m.end] = [("^" if m.primary else "-", m.style)] * (m.end - m.start)
    row = _joined(cells)
    hanging = sorted((m for m in marks if m.message), key=lambda m: (m.start, m.end))
    last = hanging[-1] if hanging else None
    if last and last.end == end and end + 1 + width(last.message) <= room:
        row.append((f" {last.message}", last.style))
        hanging.pop()
    yield row
    if hanging:
        yield _bars(hanging, hanging[-1].start + 1)
    while hanging:
        m = hanging.pop()
        lines = wrap(m.message, max(room - m.start, min(room, _LEAST_MESSAGE_WIDTH)))
        indent = max(0, min(m.start, room - max(map(width, lines))))
        for text in lines:
            yield [*_bars(hanging, indent), (text, m.style)]


def _bars(marks: list[_Underline], columns: int) -> Row:
    """A bar below the start of each mark, in a row of `columns`."""
    cells: list[Segment] = [(" ", "")] * columns
    for m in marks:
        if m.start < columns:
            cells[m.start] = ("|", m.style)
    return _joined(cells)


def _joined(cells: Iterable[Segment]) -> Row:
    return [("".join(text for text, _ in run), style) for style, run in groupby(cells, key=lambda cell: cell[1])]
