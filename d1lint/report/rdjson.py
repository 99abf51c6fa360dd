"""The report for reviewdog: its Diagnostic Format, as one JSON document."""

from __future__ import annotations

import json
from typing import Any

from d1lint.finding import Crash, Finding, Level, Span
from d1lint.report.links import HOME, rule_page
from d1lint.report.message import explained, storable
from d1lint.report.place import path
from d1lint.result import Result

_SEVERITIES = {Level.ERROR: "ERROR", Level.WARNING: "WARNING", Level.NOTE: "INFO"}

Object = dict[str, Any]


def render(result: Result) -> str:
    """The findings and the crashes as one JSON document, in ASCII."""
    pages = {enabled.rule.name: rule_page(enabled.rule) for enabled in result.enabled}
    report = {
        "source": {"name": "d1lint", "url": HOME},
        "diagnostics": [
            *(_diagnostic(result, finding, pages) for finding in result.findings),
            *(_crash(result, crash) for crash in result.crashes),
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
    if finding.fix is not None and finding.fix.is_safe and len(finding.fix.edits) == 1:
        edit = finding.fix.edits[0]
        if edit.span.file == finding.span.file:
            diagnostic["suggestions"] = [{"range": _range(result, edit.span), "text": storable(edit.text)}]
    return diagnostic


def _crash(result: Result, crash: Crash) -> Object:
    return {
        "message": storable(f"d1lint failed here: {crash.error}"),
        "location": {"path": storable(path(result, crash.file)).rstrip("/") or "."},
        "severity": "ERROR",
        "code": {"value": crash.rule or "d1lint"},
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
