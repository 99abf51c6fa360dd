"""The report for GitLab's Code Quality: a list of issues, in GitLab's subset of the Code Climate format."""

from __future__ import annotations

import json
from typing import Any

from d1lint.finding import Finding, Level
from d1lint.report.message import storable
from d1lint.report.place import file_or_folder, first_line, path, region
from d1lint.report.summary import stale
from d1lint.result import Result

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}


def render(result: Result) -> str:
    """The issues as one JSON list, in ASCII.

    What went wrong is among them, so that it is not taken for a clean run, and so is a stale baseline.
    """
    issues = [_issue(result, finding) for finding in result.findings]
    for number, crash in enumerate(result.crashes):
        what = f"d1lint failed here: {crash.error}"
        issues.append(_other(result, f"crash {number}", crash.rule, crash.file, 1, "blocker", what))
    for number, problem in enumerate(result.problems):
        what = f"d1lint could not run: {problem.message}"
        issues.append(_other(result, f"problem {number}", "", problem.path, problem.line or 1, "blocker", what))
    if gone := stale(result):
        issues.append(_other(result, "stale", "baseline", result.baseline, 1, "minor", gone))
    return json.dumps(issues, indent=2) + "\n"


def _issue(result: Result, finding: Finding) -> dict[str, Any]:
    source = result.source(finding.span.file)
    at = region(source, first_line(source, finding.span))
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": storable(finding.what),
        "content": {"body": storable("\n\n".join(part for part in (finding.why, finding.instead) if part))},
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[finding.level or Level.WARNING],
        # GitLab hides all but one of equal fingerprints, also across the projects of a monorepo.
        "fingerprint": storable(path(result, finding.fingerprint)),
        "location": {
            "path": storable(path(result, finding.span.file)),
            "lines": {"begin": at.line, "end": at.end_line},
        },
    }


def _other(result: Result, key: str, rule: str, file: str, line: int, severity: str, what: str) -> dict[str, Any]:
    """An issue that is no finding."""
    return {
        "type": "issue",
        "check_name": rule or "d1lint",
        "description": storable(what),
        "categories": ["Bug Risk"],
        "severity": severity,
        "fingerprint": storable(path(result, f"{key} {rule}")),
        "location": {"path": storable(file_or_folder(result, file)), "lines": {"begin": line}},
    }
