"""The report for people: what, where in the code, why and what instead, as compilers draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

from d1lint.finding import Crash, Finding, Level
from d1lint.report.links import ISSUES
from d1lint.report.place import path
from d1lint.report.snippet import Mark, Row, blank, draw, mark
from d1lint.report.summary import lines, summary
from d1lint.report.terminal import one_line, visible, width, wrap
from d1lint.result import Result
from d1lint.source import Position, Source
from d1lint.workspace.problem import Problem

_STYLES: dict[str, dict[str, Any]] = {
    "error": {"fg": "bright_red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "note": {"fg": "cyan", "bold": True},
    "crash": {"fg": "magenta", "bold": True},
    "failed": {"fg": "magenta", "bold": True},
    "clear": {"fg": "green", "bold": True},
    "gutter": {"fg": "bright_blue", "bold": True},
    "secondary": {"fg": "bright_blue", "bold": True},
    "strong": {"bold": True},
    "dim": {"dim": True},
}


def render(result: Result, *, colour: bool, width: int = 80) -> str:
    """The findings, the crashes and the summary, drawn for `width` columns."""
    blocks: Iterable[Iterable[Row]] = chain(
        (_finding(result, finding, width) for finding in result.findings),
        (_crash(result, crash, width) for crash in result.crashes),
        (_problem(result, problem, width) for problem in result.problems),
        [_summary(result, width)],
    )
    paint = _painter(colour)
    return "\n".join("".join(_line(row, paint) for row in block) for block in blocks)


def _painter(colour: bool) -> Callable[[str, str], str]:
    """From a text and the name of its style to the text as it is printed."""
    if not colour:
        return lambda text, _: text
    from click import style

    return lambda text, name: style(text, **_STYLES[name]) if name and text.strip() else text


def _line(row: Row, paint: Callable[[str, str], str]) -> str:
    return "".join(paint(text, name) for text, name in row) + "\n"


def _finding(result: Result, finding: Finding, columns: int) -> Iterator[Row]:
    level = str(finding.level)
    pieces = _pieces(result, finding)
    gutter = len(str(max(mark.line for piece in pieces for mark in piece.marks)))
    yield from _title(level, finding.rule, finding.what, columns)
    for number, piece in enumerate(pieces):
        yield [(f"{'':{gutter}}{':::' if number else '-->'}", "gutter"), (f" {_place(result, piece)}", "")]
        for row in draw(piece.source, piece.marks, gutter, columns):
            yield [(text, level if style == "primary" else style) for text, style in row]
        yield blank(gutter)
    yield from _note(gutter, "why", finding.why, columns)
    yield from _note(gutter, "instead", finding.instead, columns)
    yield from _note(gutter, "policy", ", ".join(finding.clauses), columns, "dim")


@dataclass(frozen=True, slots=True)
class _Piece:
    """The marked lines of one file, and the position that stands above them."""

    source: Source
    at: Position
    marks: list[Mark]


def _pieces(result: Result, finding: Finding) -> list[_Piece]:
    """The finding's own file first, at the finding; then the others by path, each at its first label."""
    here = finding.span.file
    related = sorted(finding.related, key=lambda label: (label.span.file != here, label.span))
    pieces = []
    for file, labels in groupby([None, *related], key=lambda label: label.span.file if label else here):
        source = result.source(file)
        spans = [(label.span, label.message, False) if label else (finding.span, "", True) for label in labels]
        marks = [mark(source, span, message, primary=primary) for span, message, primary in spans]
        pieces.append(_Piece(source, source.position(spans[0][0].start), marks))
    return pieces


def _place(result: Result, piece: _Piece) -> str:
    return f"{visible(path(result, piece.source.path))}:{piece.at.line}:{piece.at.column}"


def _crash(result: Result, crash: Crash, columns: int) -> Iterator[Row]:
    yield from _title("crash", crash.rule, "d1lint failed here; everything else was linted", columns)
    if crash.file:
        yield [(" -->", "gutter"), (f" {visible(path(result, crash.file))}", "")]
        yield blank(1)
    yield from _note(1, "error", crash.error, columns)
    yield from _note(1, "note", f"this is a defect of d1lint's, please report it: {ISSUES}", columns)


def _problem(result: Result, problem: Problem, columns: int) -> Iterator[Row]:
    yield from _title("failed", "", problem.message, columns)
    if problem.path:
        line = f":{problem.line}" if problem.line else ""
        yield [(" -->", "gutter"), (f" {visible(path(result, problem.path))}{line}", "")]


def _summary(result: Result, columns: int) -> Iterator[Row]:
    levels = [level for level in Level if any(finding.level is level for finding in result.findings)]
    style = "crash" if result.crashes or result.problems else str(levels[0]) if levels else "clear"
    parts = summary(result)
    first, *rest = lines(parts, columns)
    verdict = len(parts[0])
    yield [(first[:verdict], style), (first[verdict:], "")]
    for line in rest:
        yield [(line, "")]


def _title(style: str, rule: str, what: str, columns: int) -> Iterator[Row]:
    """`error[rule]: what`, whose later lines begin below its first word, or less deep where room is short."""
    head = f"{style}[{visible(rule)}]" if rule else style
    indent = len(head) + 2 if len(head) + 2 <= columns // 2 else 4
    first, *rest = wrap(one_line(what), columns - len(head) - 2) or [""]
    yield [(head, style), (f": {first}", "strong")]
    for line in wrap(" ".join(rest), columns - indent):
        yield [(" " * indent, ""), (line, "strong")]


def _note(gutter: int, name: str, text: str, columns: int, style: str = "") -> Iterator[Row]:
    """`= name: text`. The first line of the text is prose and wraps; those after it are code and are kept."""
    if not text:
        return
    head = f"{'':{gutter}} = "
    hang = len(head) + len(name) + 2
    prose, *code = text.splitlines()
    first, *rest = wrap(one_line(prose), columns - hang) or [""]
    yield [(head, "gutter"), (f"{name}:", style or "strong"), (f" {first}" if first else "", style)]
    for line in rest:
        yield [(" " * hang, ""), (line, style)]
    shown = [visible(line).rstrip() for line in code]
    # Code that is too wide for its place moves left, at most to the gutter.
    indent = max(gutter + 3, min(hang, columns - max(map(width, shown), default=0)))
    for line in shown:
        yield [(" " * indent if line else "", ""), (line, style)]
