"""The report for readers of JUnit's XML, such as Jenkins: each finding a failed test, each silent rule a passed one."""

from __future__ import annotations

import re
from xml.etree import ElementTree as XML

from d1lint.finding import Crash, Finding
from d1lint.report.message import explained
from d1lint.report.place import path
from d1lint.result import Result

# XML 1.0 has no way to write these.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result) -> str:
    """One suite in one XML document, in ASCII."""
    silent = sorted({enabled.rule.name for enabled in result.enabled} - set(result.by_rule))
    cases = [*(_finding(result, finding) for finding in result.findings), *(_crash(result, c) for c in result.crashes)]
    cases += [_element("testcase", classname=f"d1lint.{rule}", name=rule, time="0") for rule in silent]
    figures = {
        "tests": str(len(cases)),
        "failures": str(len(result.findings)),
        "errors": str(len(result.crashes)),
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
    name = crash.rule or "d1lint"
    case = _element("testcase", classname=f"d1lint.{name}", name=f"{name} ({path(result, crash.file)})", time="0")
    case.append(_element("error", message=crash.error, type="crash"))
    return case


def _element(tag: str, **attributes: str) -> XML.Element:
    return XML.Element(tag, {name: _text(value) for name, value in attributes.items()})


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
