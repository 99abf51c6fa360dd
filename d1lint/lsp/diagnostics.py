"""Findings as the editor's diagnostics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

from lsprotocol import types

from d1lint.config import ConfigError
from d1lint.finding import Finding, Level, Span
from d1lint.lsp.positions import Positions
from d1lint.lsp.session import Session
from d1lint.model.project import UnparsedFile
from d1lint.report.links import rule_page
from d1lint.report.message import explained
from d1lint.result import Result
from d1lint.source import Source

SOURCE = "d1lint"
_SEVERITIES = {
    Level.ERROR: types.DiagnosticSeverity.Error,
    Level.WARNING: types.DiagnosticSeverity.Warning,
    Level.NOTE: types.DiagnosticSeverity.Information,
}


@dataclass(frozen=True, slots=True)
class FileReport:
    """The diagnostics of one file, with the findings that they are of. `id` is the same for the same diagnostics."""

    diagnostics: tuple[types.Diagnostic, ...]
    findings: tuple[Finding, ...]
    id: str


NOTHING = FileReport((), (), "empty")


class Writer:
    """Writes the findings of one session as diagnostics.

    `uri_of` gives the address of a file below the root; `related` says whether the client shows related places.
    """

    def __init__(self, session: Session, positions: Positions, uri_of: Callable[[str], str], related: bool) -> None:
        self._session = session
        self._positions = positions
        self._uri_of = uri_of
        self._related = related

    def reports(self, result: Result) -> dict[str, FileReport]:
        """The report of each file that has a finding."""
        by_file: dict[str, list[Finding]] = {}
        for finding in result.findings:
            by_file.setdefault(finding.span.file, []).append(finding)
        return {file: self._report(findings, result) for file, findings in by_file.items()}

    def of_configuration(self, trouble: Exception) -> dict[str, FileReport]:
        """The reports of configuration files that can not be used."""
        if not isinstance(trouble, ConfigError):
            return {}
        found: dict[str, list[types.Diagnostic]] = {}
        for problem in trouble.problems:
            line = max(0, (problem.line or 1) - 1)
            at = types.Range(types.Position(line, 0), types.Position(line + 1, 0))
            text = str(problem).partition(": ")[2]
            diagnostic = types.Diagnostic(at, text, types.DiagnosticSeverity.Error, "configuration", source=SOURCE)
            found.setdefault(problem.file, []).append(diagnostic)
        return {file: FileReport(tuple(d), (), _identity(d)) for file, d in found.items()}

    def range(self, span: Span, source: Callable[[str], Source], unparsed: bool = False) -> types.Range:
        """The range of a span in the text as it is now; `unparsed` for the places that do not parse."""
        shift = self._session.shift(span.file)
        if shift is None:
            return self._positions.range(source(span.file), span.start, span.end)
        start, end = (span.start, span.end) if unparsed else (shift.offset(span.start), shift.offset(span.end))
        return self._positions.range(shift.now, start, max(start, end))

    def _report(self, findings: list[Finding], result: Result) -> FileReport:
        diagnostics = tuple(self._diagnostic(finding, result.source) for finding in findings)
        return FileReport(diagnostics, tuple(findings), _identity(diagnostics))

    def _diagnostic(self, finding: Finding, source: Callable[[str], Source]) -> types.Diagnostic:
        rule = self._session.registry.get(finding.rule)
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(self._uri_of(label.span.file), self.range(label.span, source)), label.message
            )
            for label in (finding.related if self._related else ())
        ]
        page = rule_page(rule)
        return types.Diagnostic(
            range=self.range(finding.span, source, unparsed=rule.on is UnparsedFile),
            message=explained(finding),
            severity=_SEVERITIES[finding.level or rule.level],
            code=finding.rule,
            code_description=types.CodeDescription(page) if page else None,
            source=SOURCE,
            # By its name: what such a rule finds can be taken away.
            tags=[types.DiagnosticTag.Unnecessary] if finding.rule.startswith("unused-") else None,
            related_information=related or None,
            data={"fingerprint": finding.fingerprint},
        )


def _identity(diagnostics: tuple[types.Diagnostic, ...] | list[types.Diagnostic]) -> str:
    shown = [(d.range, d.message, d.severity, d.code, d.related_information) for d in diagnostics]
    return sha1(repr(shown).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def relative(path: Path, root: Path) -> str | None:
    """A file's path below a root, with forward slashes; None for one outside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None
