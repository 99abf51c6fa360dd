"""The report for GitLab's Code Quality: a list of issues, in GitLab's subset of the Code Climate format."""

from __future__ import annotations

import json
from typing import Any

from d1lint.finding import Crash, Finding, Level
from d1lint.report.message import storable
from d1lint.report.place import first_line, path, region
from d1lint.result import Result

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}


def render(result: Result) -> str:
    """The issues as one JSON list, in ASCII; a crash is an issue, too, so that it is not taken for a clean run."""
    issues = [_issue(result, finding) for finding in result.findings]
    issues += [_crash(result, number, crash) for number, crash in enumerate(result.crashes)]
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


def _crash(result: Result, number: int, crash: Crash) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": crash.rule or "d1lint",
        "description": storable(f"d1lint failed here: {crash.error}"),
        "categories": ["Bug Risk"],
        "severity": "blocker",
        "fingerprint": storable(path(result, f"crash {number} {crash.rule}")),
        "location": {"path": _file(result, crash), "lines": {"begin": 1}},
    }


def _file(result: Result, crash: Crash) -> str:
    """The file of a crash; the project's folder where it has none."""
    return storable(path(result, crash.file)).rstrip("/") or "."
