"""The report for GitHub code scanning and other readers of SARIF 2.1.0."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from d1lint import __version__
from d1lint.finding import Crash, Finding, Fix, Label, Level, Span
from d1lint.policy import Policy
from d1lint.report.line_hash import line_hashes
from d1lint.report.links import HOME, rule_page
from d1lint.report.place import first_line, path, region
from d1lint.report.summary import stale
from d1lint.report.taxonomy import references, relationships, taxonomies
from d1lint.result import EnabledRule, Result
from d1lint.workspace.problem import Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

# What GitHub takes; a report with more is refused, or cut by GitHub's own choice.
MAX_RESULTS = 25_000
MAX_RELATED = 100
MAX_DESCRIPTION = 1024
MAX_TAGS = 20

_PROBLEM_SEVERITY = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "recommendation"}

Object = dict[str, Any]


def render(result: Result, *, suppressed: bool = False) -> str:
    """The report as one SARIF document of one run, in ASCII; the same result always gives the same text.

    With `suppressed`, what comments and the baseline silence is in it, too, behind all else and marked as such:
    GitHub does not know the mark and would raise an alert for each.
    """
    enabled = sorted(result.enabled, key=lambda item: item.rule.name)
    index = {item.rule.name: number for number, item in enumerate(enabled)}
    findings = _weightiest(result.findings)
    silenced = _silenced(result) if suppressed else []
    del silenced[MAX_RESULTS - len(findings) :]
    hashes = _hashes(result, [*findings, *(finding for finding, _ in silenced)])
    described = [_result(result, finding, index, hashes) for finding in findings]
    if suppressed:
        # All results of a run say so, or none.
        described = [{**each, "suppressions": []} for each in described]
        described += [{**_result(result, each, index, hashes), "suppressions": [how]} for each, how in silenced]
    policies = result.policies()
    run = {
        "tool": {
            "driver": {
                "name": "d1lint",
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(item, policies) for item in enabled],
                "supportedTaxonomies": references(policies),
            }
        },
        "taxonomies": taxonomies(policies),
        "automationDetails": {"id": f"d1lint/{result.prefix}"},
        "columnKind": "utf16CodeUnits",
        "invocations": [_invocation(result, index, left_out=len(result.findings) - len(findings))],
        "results": described,
        "properties": {
            "suppressed": result.suppressed,
            "baselined": len(result.baselined),
            "stale": result.stale,
            "older": result.older,
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _weightiest(findings: tuple[Finding, ...]) -> list[Finding]:
    """As many findings as GitHub takes, the errors first among those that stay, in their order."""
    if len(findings) <= MAX_RESULTS:
        return list(findings)
    by_weight = sorted(range(len(findings)), key=lambda at: -(findings[at].level or Level.WARNING).weight)
    return [findings[at] for at in sorted(by_weight[:MAX_RESULTS])]


def _silenced(result: Result) -> list[tuple[Finding, Object]]:
    """The findings that are silenced, each with how."""
    found = []
    for silenced in result.silenced():
        how: Object = {"kind": "inSource"}
        if silenced.reason:
            how["justification"] = silenced.reason
        found.append((silenced.finding, how))
    known = {"kind": "external", "justification": "It is in the baseline."}
    return [*found, *((finding, known) for finding in result.baselined)]


def _rule(enabled: EnabledRule, policies: tuple[Policy, ...]) -> Object:
    rule = enabled.rule
    page = rule.page()
    properties: Object = {
        "tags": _tags(enabled),
        "precision": "high",
        "problem.severity": _PROBLEM_SEVERITY[enabled.level],
    }
    if rule.security is not None:
        properties["security-severity"] = f"{rule.security:.1f}"
    described: Object = {
        "id": rule.name,
        "name": rule.name.title().replace("-", ""),
        "shortDescription": {"text": _cut(rule.summary)},
        "fullDescription": {"text": _cut(_first_paragraph(page) or rule.summary)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": enabled.level},
        "relationships": relationships(rule, policies),
        "properties": properties,
    }
    address = rule_page(rule)
    return described if address is None else {**described, "helpUri": address}


def _tags(enabled: EnabledRule) -> list[str]:
    rule = enabled.rule
    security = ["security"] if rule.security is not None else []
    return [*security, "drizzle", "cloudflare-d1", rule.family, *rule.clauses][:MAX_TAGS]


def _first_paragraph(page: str) -> str:
    """The first prose of a page: the lines up to a blank one, headings left out."""
    prose = ""
    for line in page.splitlines():
        if line.strip() and not line.startswith("#"):
            prose += f" {line.strip()}"
        elif prose:
            break
    return prose.strip()


def _cut(text: str) -> str:
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1] + "…"


def _invocation(result: Result, index: dict[str, int], left_out: int) -> Object:
    invocation: Object = {"executionSuccessful": not (result.crashes or result.problems)}
    notifications = [_crash(result, crash, index) for crash in result.crashes]
    if left_out:
        text = f"{left_out} findings are left out: GitHub takes {MAX_RESULTS} a report."
        notifications.append({"level": "warning", "message": {"text": text}})
    if gone := stale(result):
        at = Problem(result.baseline, None, gone)
        notifications.append(_problem(result, at, "warning"))
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    if result.problems:
        invocation["toolConfigurationNotifications"] = [_problem(result, each, "error") for each in result.problems]
    return invocation


def _problem(result: Result, problem: Problem, level: str) -> Object:
    notification: Object = {"level": level, "message": {"text": _sentence(problem.message)}}
    if problem.path:
        place: Object = {"artifactLocation": _artifact(result, problem.path)}
        if problem.line:
            place["region"] = {"startLine": problem.line}
        notification["locations"] = [{"physicalLocation": place}]
    return notification


def _crash(result: Result, crash: Crash, index: dict[str, int]) -> Object:
    notification: Object = {
        "level": "error",
        "message": {"text": _sentence(f"{crash.rule or 'd1lint'} failed: {crash.error}")},
    }
    if crash.file:
        notification["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(result, crash.file)}}]
    if crash.rule in index:
        notification["associatedRule"] = {"id": crash.rule, "index": index[crash.rule]}
    return notification


def _result(result: Result, finding: Finding, index: dict[str, int], hashes: dict[str, list[str]]) -> Object:
    related = finding.related[:MAX_RELATED]
    location = _location(result, finding.span)
    line = location["physicalLocation"]["region"]["startLine"]
    described: Object = {
        "ruleId": finding.rule,
        "level": finding.level,
        "message": {"text": _message(finding, related)},
        "locations": [location],
        "partialFingerprints": {
            "primaryLocationLineHash": hashes[finding.span.file][line - 1],
            "d1lintKey/v1": finding.fingerprint,
        },
        "properties": {
            "symbol": finding.symbol,
            "confidence": finding.confidence,
            "clauses": list(finding.clauses),
        },
    }
    if finding.rule in index:
        described["ruleIndex"] = index[finding.rule]
    fix = finding.fix
    if fix is not None:
        described["fixes"] = [_fix(result, fix)]
    if related:
        described["relatedLocations"] = [
            {"id": number, **_location(result, label.span), "message": {"text": _sentence(label.message)}}
            for number, label in enumerate(related, 1)
        ]
    return described


def _message(finding: Finding, related: tuple[Label, ...]) -> str:
    """What, why, instead, and links to the related places; the first sentence is all that shows in a list."""
    parts = [_plain(_sentence(part)) for part in (finding.what, finding.why, finding.instead) if part]
    if related:
        links = (f"[{_escaped(label.message)}]({number})" for number, label in enumerate(related, 1))
        parts.append(f"See: {', '.join(links)}.")
    return " ".join(parts)


def _sentence(text: str) -> str:
    """The text with a full stop, unless it ends like a sentence."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _plain(text: str) -> str:
    """The text with nothing in it that reads as a link: `list[0](1)` does."""
    return re.sub(r"\](?=\()", r"\\]", text)


def _escaped(text: str) -> str:
    return re.sub(r"[\[\]\\]", r"\\\g<0>", text)


def _location(result: Result, span: Span) -> Object:
    source = result.source(span.file)
    at = region(source, first_line(source, span))
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(result, span.file),
            "region": {
                "startLine": at.line,
                "startColumn": at.column,
                "endLine": at.end_line,
                "endColumn": at.end_column,
            },
        }
    }


def _fix(result: Result, fix: Fix) -> Object:
    files: dict[str, list[Object]] = {}
    for edit in fix.edits:
        at = region(result.source(edit.span.file), edit.span)
        deleted = {
            "startLine": at.line,
            "startColumn": at.column,
            "endLine": at.end_line,
            "endColumn": at.end_column,
        }
        replacement = {"deletedRegion": deleted, "insertedContent": {"text": edit.text}}
        files.setdefault(edit.span.file, []).append(replacement)
    return {
        "description": {"text": _sentence(fix.title)},
        "artifactChanges": [
            {"artifactLocation": _artifact(result, file), "replacements": replacements}
            for file, replacements in files.items()
        ],
    }


def _artifact(result: Result, file: str) -> Object:
    # A name that is not UTF-8 keeps its own bytes.
    return {"uri": quote(path(result, file).encode("utf-8", "surrogateescape"))}


def _hashes(result: Result, findings: list[Finding]) -> dict[str, list[str]]:
    """The line hashes of each file with findings, up to the last line that is needed."""
    last: dict[str, int] = {}
    for finding in findings:
        line = result.source(finding.span.file).line_number(finding.span.start)
        last[finding.span.file] = max(line, last.get(finding.span.file, 0))
    return {file: line_hashes(result.source(file).data, line) for file, line in last.items()}
