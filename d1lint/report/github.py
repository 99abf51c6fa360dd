"""GitHub's workflow commands: each finding an annotation at its line in the pull request, and the summary line.

GitHub shows some ten of them for each level and step; the job summary (`markdown`) and SARIF have all.
"""

from __future__ import annotations

from d1lint.finding import Finding, Level
from d1lint.report.message import explained
from d1lint.report.place import first_line, path, region
from d1lint.report.summary import SEPARATOR, summary
from d1lint.report.terminal import one_line
from d1lint.result import Result

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(result: Result) -> str:
    """One command a finding and a crash, then the summary, which the log of the job shows."""
    lines = [_finding(result, finding) for finding in result.findings]
    for crash in result.crashes:
        place = {"file": path(result, crash.file)} if crash.file else {}
        title = f"d1lint failed ({crash.rule})" if crash.rule else "d1lint failed"
        lines.append(_command("error", {"title": title, **place}, crash.error))
    lines.append(one_line(SEPARATOR.join(summary(result))))
    return "\n".join(lines) + "\n"


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
