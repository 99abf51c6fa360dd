"""One line a finding with all that it takes to repair it, as coding agents read it, and the summary line."""

from __future__ import annotations

from d1lint.finding import Finding
from d1lint.report.concise import others
from d1lint.report.place import path
from d1lint.report.summary import SEPARATOR, summary
from d1lint.report.terminal import one_line, visible
from d1lint.result import Result


def render(result: Result) -> str:
    """`file:line:column: level rule: what Why: … Instead: … Fix: …` for each finding, then as in `concise`."""
    lines = [_finding(result, finding) for finding in result.findings]
    return "\n".join([*lines, *others(result), SEPARATOR.join(summary(result))]) + "\n"


def _finding(result: Result, finding: Finding) -> str:
    line, column = result.source(finding.span.file).position(finding.span.start)
    parts = [
        f"{visible(path(result, finding.span.file))}:{line}:{column}: {finding.level} {finding.rule}:",
        one_line(finding.what),
    ]
    if finding.why:
        parts.append(f"Why: {one_line(finding.why)}")
    if finding.instead:
        parts.append(f"Instead: {one_line(finding.instead)}")
    fix = finding.fix
    if fix is not None:
        option = "--fix" if fix.is_safe else "--unsafe-fixes"
        parts.append(f"Fix: `d1lint check {option}`.")
    return " ".join(parts)
