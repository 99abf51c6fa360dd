"""The report for reviewdog: its Diagnostic Format, as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from d1lint.finding import Finding, Level, Span
from d1lint.report.links import HOME, rule_pages
from d1lint.report.message import explained, storable
from d1lint.report.place import file_or_folder, path
from d1lint.report.summary import stale
from d1lint.result import Result

_SEVERITIES = {Level.ERROR: "ERROR", Level.WARNING: "WARNING", Level.NOTE: "INFO"}

Object = dict[str, Any]


def render(result: Result) -> str:
    """The findings and whatever else is wrong as one JSON document, in ASCII."""
    pages = rule_pages(result.enabled)
    report = {
        "source": {"name": "d1lint", "url": HOME},
        "diagnostics": [
            *(_diagnostic(result, finding, pages) for finding in result.findings),
            *_others(result),
        ],
    }
    return json.dumps(report, indent=2) + "\n"


def _diagnostic(result: Result, finding: Finding, pages: dict[str, str]) -> Object:
    code = {"value": finding.rule}
    if finding.rule in pages:
        code["url"] = pages[finding.rule]
    diagnostic: Object = {
        "message": storable(explained(finding)),
        "location": _location(result, finding.span),
        "severity": _SEVERITIES[finding.level or Level.WARNING],
        "code": code,
    }
    if finding.related:
        diagnostic["related_locations"] = [
            {"message": storable(label.message), "location": _location(result, label.span)} for label in finding.related
        ]
    # A suggestion is accepted by itself, so only a fix that is one edit, and in this file, makes one.
    fix = finding.fix
    if fix is not None and fix.is_safe and len(fix.edits) == 1:
        edit = fix.edits[0]
        if edit.span.file == finding.span.file:
            diagnostic["suggestions"] = [{"range": _range(result, edit.span), "text": storable(edit.text)}]
    return diagnostic


def _others(result: Result) -> Iterator[Object]:
    """What is no finding: crashes, why d1lint could not run, a stale baseline."""
    for crash in result.crashes:
        yield _other(result, crash.file, "ERROR", crash.rule, f"d1lint failed here: {crash.error}")
    for problem in result.problems:
        described = _other(result, problem.path, "ERROR", "", f"d1lint could not run: {problem.message}")
        if problem.line:
            described["location"]["range"] = {"start": {"line": problem.line}}
        yield described
    if gone := stale(result):
        yield _other(result, result.baseline, "WARNING", "baseline", gone)


def _other(result: Result, file: str, severity: str, rule: str, what: str) -> Object:
    return {
        "message": storable(what),
        "location": {"path": storable(file_or_folder(result, file))},
        "severity": severity,
        "code": {"value": rule or "d1lint"},
    }


def _location(result: Result, span: Span) -> Object:
    return {"path": storable(path(result, span.file)), "range": _range(result, span)}


def _range(result: Result, span: Span) -> Object:
    return {"start": _position(result, span, span.start), "end": _position(result, span, span.end)}


def _position(result: Result, span: Span, offset: int) -> dict[str, int]:
    """1-based line, and 1-based column in bytes of UTF-8."""
    source = result.source(span.file)
    line = source.line_number(offset)
    return {"line": line, "column": offset - source.line_start(line) + 1}
