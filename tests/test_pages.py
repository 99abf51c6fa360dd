"""The examples on the pages of the rules, linted."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import Case, cases, page_paths

from d1lint.engine import check

CASES = [case for rule, path in page_paths().items() for case in cases(rule, path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.kind}: {case.title}")
def test_the_example_has_the_findings_that_it_shows(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    result = check([tmp_path])
    assert result.crashes == ()
    found = {
        (
            finding.span.file,
            result.source(finding.span.file).line_number(finding.span.start),
            finding.level,
            finding.rule,
        )
        for finding in result.findings
    }
    assert found == case.expected
