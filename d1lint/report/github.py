"""GitHub's workflow commands: each finding an annotation at its line in the pull request, and the summary line.

GitHub shows some ten of them for each level and step; the job summary (`markdown`) and SARIF have all.
"""

from __future__ import annotations

from d1lint.finding import Finding, Level
from d1lint.report.message import explained
from d1lint.report.place import first_line, path, region
from d1lint.report.summary import SEPARATOR, stale, summary
from d1lint.report.terminal import one_line
from d1lint.result import Result
from d1lint.workspace.problem import Problem

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(result: Result) -> str:
    """One command for each finding and whatever else is wrong, then the summary, which the log of the job shows."""
    lines = [_finding(result, finding) for finding in result.findings]
    for crash in result.crashes:
        place = {"file": path(result, crash.file)} if crash.file else {}
        title = f"d1lint failed ({crash.rule})" if crash.rule else "d1lint failed"
        lines.append(_command("error", {"title": title, **place}, crash.error))
    lines += [_problem(result, problem) for problem in result.problems]
    if gone := stale(result):
        place = {"file": path(result, result.baseline)} if result.baseline else {}
        lines.append(_command("warning", {"title": "d1lint baseline", **place}, gone))
    lines.append(one_line(SEPARATOR.join(summary(result))))
    return "\n".join(lines) + "\n"


def _problem(result: Result, problem: Problem) -> str:
    properties = {"title": "d1lint could not run"}
    if problem.path:
        properties["file"] = path(result, problem.path)
        properties["line"] = str(problem.line or 1)
    return _command("error", properties, problem.message)


def _finding(result: Result, finding: Finding) -> str:
    source = result.source(finding.span.file)
    at = region(source, first_line(source, finding.span))  # columns count only in a region of one line
    properties = {
        "title": finding.rule,
        "file": path(result, finding.span.file),
        "line": str(at.line),
        "endLine": str(at.end_line),
        "col": str(at.column),
        "endColumn": str(at.end_column),
    }
    return _command(_COMMANDS[finding.level or Level.WARNING], properties, explained(finding))


def _command(name: str, properties: dict[str, str], message: str) -> str:
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    """What the runner reads back as the text; the percent sign first, as it begins the others."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
