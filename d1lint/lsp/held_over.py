"""Findings that hold until they are told anew: those that take a look at all the code, while somebody types."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace

from d1lint.engine import LeftOut
from d1lint.finding import Finding, Label, Span
from d1lint.lsp.last_good import Shift, shift_between
from d1lint.source import Source


class HeldOver:
    """The findings of the latest complete result, with the texts that they were found in."""

    def __init__(self, findings: Iterable[Finding] = (), source: Callable[[str], Source] | None = None) -> None:
        self._by_file: dict[str, list[Finding]] = {}
        for finding in findings:
            self._by_file.setdefault(finding.span.file, []).append(finding)
        self._texts = {file: source(file).data for file in self._by_file} if source is not None else {}

    def of(self, left_out: LeftOut, files: Container[str], source: Callable[[str], Source]) -> Iterator[Finding]:
        """Those in some files that a later result has left out, where they are now; none whose place was edited.

        What is held over has no fix.
        """
        for file, findings in self._by_file.items():
            if file not in files:
                continue
            shift = shift_between(self._texts[file], source(file))
            for finding in findings:
                if shift.keeps(finding.span.start, finding.span.end):
                    moved = _moved(finding, shift)
                    is_unjudged = any(_overlap(moved.span, span) for span in left_out.suppressions)
                    if finding.rule in left_out.rules or (finding.rule in left_out.judges and is_unjudged):
                        yield moved


def _moved(finding: Finding, shift: Shift) -> Finding:
    def move(span: Span) -> Span:
        return Span(span.file, shift.offset(span.start), shift.offset(span.end))

    file = finding.span.file
    related = (
        Label(move(label.span), label.message) if label.span.file == file else label for label in finding.related
    )
    return replace(finding, span=move(finding.span), related=tuple(related), make_fix=None)


def _overlap(a: Span, b: Span) -> bool:
    return a.file == b.file and a.start < b.end and b.start < a.end
