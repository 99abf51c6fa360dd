"""The report for readers of JUnit's XML, such as Jenkins: each finding a failed test, each silent rule a passed one."""

from __future__ import annotations

import re
from xml.etree import ElementTree as XML

from d1lint.finding import Crash, Finding
from d1lint.report.message import explained
from d1lint.report.place import file_or_folder, path
from d1lint.report.summary import stale
from d1lint.result import Result
from d1lint.workspace.problem import Problem

# XML 1.0 has no way to write these.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result) -> str:
    """One suite in one XML document, in ASCII."""
    silent = sorted({enabled.rule.name for enabled in result.enabled} - set(result.by_rule))
    failures = [_finding(result, finding) for finding in result.findings]
    if gone := stale(result):
        place = file_or_folder(result, result.baseline)
        failures.append(_case("baseline", place, _element("failure", message=gone, type="warning")))
    errors = [_crash(result, crash) for crash in result.crashes]
    errors += [_problem(result, problem) for problem in result.problems]
    passed = [_element("testcase", classname=f"d1lint.{rule}", name=rule, time="0") for rule in silent]
    cases = [*failures, *errors, *passed]
    figures = {
        "tests": str(len(cases)),
        "failures": str(len(failures)),
        "errors": str(len(errors)),
        "time": f"{result.summary.seconds:.3f}",
    }
    suites = _element("testsuites", name="d1lint", **figures)
    suite = _element("testsuite", name="d1lint", skipped="0", **figures)
    suite.extend(cases)
    suites.append(suite)
    XML.indent(suites)
    report: bytes = XML.tostring(suites, encoding="us-ascii", xml_declaration=True)
    return f"{report.decode()}\n"


def _finding(result: Result, finding: Finding) -> XML.Element:
    line, column = result.source(finding.span.file).position(finding.span.start)
    file = path(result, finding.span.file)
    case = _element(
        "testcase",
        classname=f"d1lint.{finding.rule}",
        name=f"{finding.symbol} ({file}:{line}:{column})",
        file=file,
        line=str(line),
        time="0",
    )
    failure = _element("failure", message=finding.what, type=str(finding.level))
    failure.text = _text(explained(finding))
    case.append(failure)
    return case


def _crash(result: Result, crash: Crash) -> XML.Element:
    error = _element("error", message=crash.error, type="crash")
    return _case(crash.rule or "d1lint", path(result, crash.file), error)


def _problem(result: Result, problem: Problem) -> XML.Element:
    line = f":{problem.line}" if problem.line else ""
    place = f"{path(result, problem.path)}{line}" if problem.path else "could not run"
    return _case("d1lint", place, _element("error", message=problem.message, type="failed"))


def _case(name: str, place: str, outcome: XML.Element) -> XML.Element:
    case = _element("testcase", classname=f"d1lint.{name}", name=f"{name} ({place})", time="0")
    case.append(outcome)
    return case


def _element(tag: str, **attributes: str) -> XML.Element:
    return XML.Element(tag, {name: _text(value) for name, value in attributes.items()})


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
