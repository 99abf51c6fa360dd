"""The report for programs, in the shape of findings.schema.json."""

from __future__ import annotations

import json
from typing import Any

from d1lint.finding import Finding, Fix, Level, Span
from d1lint.report.place import path, region
from d1lint.result import Result

VERSION = 1
"""Raised when a field is removed or changes its meaning, not when one is added."""


def render(result: Result) -> str:
    """The report as one JSON document, in ASCII."""
    report = {
        "version": VERSION,
        "findings": [_finding(result, finding) for finding in result.findings],
        "summary": _summary(result),
    }
    return json.dumps(report, indent=2) + "\n"


def _finding(result: Result, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level,
        "confidence": finding.confidence,
        **_place(result, finding.span),
        "symbol": finding.symbol,
        "what": finding.what,
        "why": finding.why,
        "instead": finding.instead,
        "related": [{**_place(result, label.span), "message": label.message} for label in finding.related],
        "clauses": list(finding.clauses),
        "fingerprint": finding.fingerprint,
        "fix": _fix(result, fix) if (fix := finding.fix) is not None else None,
    }


def _fix(result: Result, fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "safe": fix.is_safe,
        "edits": [{**_place(result, edit.span), "text": edit.text} for edit in fix.edits],
    }


def _place(result: Result, span: Span) -> dict[str, Any]:
    at = region(result.source(span.file), span)
    return {
        "file": path(result, span.file),
        "line": at.line,
        "column": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    }


def _summary(result: Result) -> dict[str, Any]:
    figures = result.summary
    levels = {level: sum(finding.level is level for finding in result.findings) for level in Level}
    return {
        "errors": levels[Level.ERROR],
        "warnings": levels[Level.WARNING],
        "notes": levels[Level.NOTE],
        "suppressed": result.suppressed,
        "fixed": result.fixed,
        "baselined": len(result.baselined),
        "stale": result.stale,
        "older": result.older,
        "byRule": dict(sorted(result.by_rule.items())),
        "files": figures.files,
        "tables": figures.tables,
        "foreignKeys": figures.foreign_keys,
        "partialTables": figures.partial_tables,
        "hasD1": figures.has_d1,
        "seconds": round(figures.seconds, 3),
        "crashes": [
            {"file": path(result, crash.file), "rule": crash.rule, "error": crash.error} for crash in result.crashes
        ],
        "problems": [
            {
                "file": path(result, problem.path) if problem.path else None,
                "line": problem.line,
                "message": problem.message,
            }
            for problem in result.problems
        ],
    }
