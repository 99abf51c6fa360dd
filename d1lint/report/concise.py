"""One line a finding, as editors and `grep` read it, and the summary line."""

from __future__ import annotations

from d1lint.report.place import path
from d1lint.report.summary import SEPARATOR, summary
from d1lint.report.terminal import one_line, visible
from d1lint.result import Result
from d1lint.workspace.problem import Problem


def render(result: Result) -> str:
    """`file:line:column: level rule: what` for each finding, `file: crash rule: error` for each crash."""
    lines = []
    for finding in result.findings:
        line, column = result.source(finding.span.file).position(finding.span.start)
        place = f"{visible(path(result, finding.span.file))}:{line}:{column}"
        lines.append(f"{place}: {finding.level} {finding.rule}: {one_line(finding.what)}")
    return "\n".join([*lines, *others(result), SEPARATOR.join(summary(result))]) + "\n"


def others(result: Result) -> list[str]:
    """A line for each crash, and for each reason why the job could not be done."""
    crashes = (
        f"{visible(path(result, crash.file))}: crash {crash.rule}: {one_line(crash.error)}" for crash in result.crashes
    )
    return [*crashes, *(_problem(result, problem) for problem in result.problems)]


def _problem(result: Result, problem: Problem) -> str:
    line = f":{problem.line}" if problem.line else ""
    place = f"{visible(path(result, problem.path))}{line}: " if problem.path else ""
    return f"{place}failed: {one_line(problem.message)}"
