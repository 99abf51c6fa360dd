"""What the editor offers to do about a finding: its fix, a suppression with a reason, a justification of raw SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from d1lint.finding import Edit, Finding, Span
from d1lint.fix import by_file, choose
from d1lint.model.project import Project
from d1lint.model.raw_sql.native_sql import RawStatement
from d1lint.registry import Registry
from d1lint.source import Source

NATIVE_SQL = "// @native-sql: "


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `finding` is what it is about, None for all of them; `is_preferred` marks the one that repairs.

    `asks` is what a person has to write at the end of the first edit's line, "" where there is nothing. Until it is
    written, d1lint reports that it is missing.
    """

    title: str
    edits: tuple[Edit, ...]
    finding: Finding | None
    is_preferred: bool = False
    asks: str = ""


def actions_for(finding: Finding, project: Project, registry: Registry) -> Iterator[Action]:
    """What can be done about a finding, the best first."""
    fix = finding.fix
    if fix is not None:
        yield Action(fix.title, fix.edits, finding, is_preferred=fix.is_safe)
    source = project.source(finding.span.file)
    if registry.get(finding.rule).on is RawStatement:
        start = _statement_start(finding.span, project)
        if start is not None:
            comment = _line_above(source, start, NATIVE_SQL)
            yield Action("Justify this raw SQL with a comment", (comment,), finding, asks="why")
    if finding.span.file.endswith(".sql"):
        opening = "--"
    elif _takes_comments(finding.span.file):
        opening = "//"
    else:
        return
    above = _line_above(source, finding.span.start, f"{opening} d1lint-ignore {finding.rule} -- ")
    yield Action(f"Ignore {finding.rule} here, with a reason", (above,), finding, asks="reason")


def fix_all(findings: Iterable[Finding]) -> Action | None:
    """All safe fixes that can be applied together; None where there is none."""
    edits = [edit for group in by_file(choose(findings)).values() for edit in group]
    return Action("Fix all that d1lint can fix safely", tuple(edits), None) if edits else None


def _takes_comments(path: str) -> bool:
    return not path.endswith((".json", ".jsonc", ".toml"))


def _statement_start(span: Span, project: Project) -> int | None:
    """Where the statement begins that a raw statement's span is in: its comment is looked for above that."""
    around = [
        visit.place
        for visit in project.visits(span.file)
        if visit.node.start <= span.start < visit.node.end and visit.place.start <= span.start
    ]
    return max((place.start for place in around), default=None)


def _line_above(source: Source, offset: int, text: str) -> Edit:
    """A line with a text above that of an offset, as far to the right."""
    line = source.line_number(offset)
    start = source.line_start(line)
    content = source.line_bytes(line)
    indent = content[: len(content) - len(content.lstrip())].decode("utf-8", "replace").removeprefix("\ufeff")
    ending = "\r\n" if b"\r\n" in source.data[:4096] else "\n"
    if line == 1 and source.data.startswith(b"\xef\xbb\xbf"):
        start += 3
    return Edit(Span(source.path, start, start), f"{indent}{text}{ending}")
