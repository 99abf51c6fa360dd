"""The report as GitHub's job summary and merge request notes show it: the verdict, and tables by rule and by place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from d1lint.finding import Finding, Level
from d1lint.report.links import rule_pages
from d1lint.report.place import path
from d1lint.report.summary import SEPARATOR, count, summary
from d1lint.report.terminal import one_line
from d1lint.result import Result
from d1lint.workspace.problem import Problem

MAX_ROWS = 50
"""How many findings are listed: a summary has room for a megabyte, and readers for less."""
MAX_FILES = 3


def render(result: Result) -> str:
    """The verdict, a row for each rule that found something, a row for each finding, and the crashes.

    Where d1lint could not run, the reasons.
    """
    if result.problems:
        return "\n".join(["### d1lint could not run", "", *(_problem(result, each) for each in result.problems)]) + "\n"
    verdict, *figures = summary(result)
    lines = [f"### d1lint: {_text(verdict)}", "", _text(SEPARATOR.join(figures))]
    if result.findings:
        lines += ["", *_rules(result), "", *_findings(result)]
    if result.crashes:
        lines += ["", "| d1lint failed on | in | error |", "|---|---|---|"]
        lines += [_row(_code(path(result, c.file)), _code(c.rule), _text(c.error)) for c in result.crashes]
    return "\n".join(lines) + "\n"


def _problem(result: Result, problem: Problem) -> str:
    line = f":{problem.line}" if problem.line else ""
    place = f"{_code(path(result, problem.path) + line)}: " if problem.path else ""
    return f"- {place}{_text(problem.message)}"


def _rules(result: Result) -> Iterator[str]:
    pages = rule_pages(result.enabled)
    yield "| rule | findings | in |"
    yield "|---|---:|---|"
    for rule, number in sorted(result.by_rule.items(), key=lambda item: (-item[1], item[0])):
        files = Counter(path(result, finding.span.file) for finding in result.findings if finding.rule == rule)
        top = [f"{_code(file)} ({times})" for file, times in files.most_common(MAX_FILES)]
        if len(files) > MAX_FILES:
            top.append(f"{count(len(files) - MAX_FILES, 'more file')}")
        name = _code(rule)
        yield _row(f"[{name}]({pages[rule]})" if rule in pages else name, f"{number:,}", ", ".join(top))


def _findings(result: Result) -> Iterator[str]:
    """The gravest first, as many as MAX_ROWS."""
    ordered = sorted(result.findings, key=lambda finding: -(finding.level or Level.WARNING).weight)
    yield "| level | place | what |"
    yield "|---|---|---|"
    for finding in ordered[:MAX_ROWS]:
        yield _row(str(finding.level), _place(result, finding), _text(finding.what))
    if len(ordered) > MAX_ROWS:
        yield ""
        yield f"{count(len(ordered) - MAX_ROWS, 'more finding')}."


def _place(result: Result, finding: Finding) -> str:
    line = result.source(finding.span.file).line_number(finding.span.start)
    return _code(f"{path(result, finding.span.file)}:{line}")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """The text as code. A pipe ends a cell even there, unless it is escaped."""
    shown = one_line(text).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else ""


def _text(text: str) -> str:
    """The text with nothing in it that is Markdown or HTML but the code between backticks."""
    parts = re.split(r"(`[^`]+`)", one_line(text))
    return "".join(_code(part[1:-1]) if at % 2 else _escaped(part) for at, part in enumerate(parts))


def _escaped(text: str) -> str:
    # A mention or a reference is no character's own meaning: an empty comment parts it from its name.
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", text)
    return re.sub(r"@(?=\w)", "@<!-- -->", escaped)
