"""Where a finding is, as the reports say it: path in the repository, lines, UTF-16 columns."""

from __future__ import annotations

from typing import NamedTuple

from d1lint.finding import Span
from d1lint.result import Result
from d1lint.source import Source


class Region(NamedTuple):
    """1-based lines and UTF-16 columns; `end_column` is one past the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


def path(result: Result, file: str) -> str:
    """A file's path relative to the git top level."""
    return result.prefix + file


def file_or_folder(result: Result, file: str) -> str:
    """Likewise; the project's folder where something is about no file ("")."""
    return path(result, file).rstrip("/") or "."


def region(source: Source, span: Span) -> Region:
    """The lines and columns of a span."""
    return Region(*source.position(span.start), *source.position(span.end))


def first_line(source: Source, span: Span) -> Span:
    """The part of a span that lies on its first line, without the line ending."""
    line = source.line_number(span.start)
    line_end = source.line_start(line) + len(source.line_bytes(line))
    return Span(span.file, span.start, max(span.start, min(span.end, line_end)))
