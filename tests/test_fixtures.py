"""The repositories in fixtures/, linted, beside the reports that are expected of them.

`UPDATE=1 python -m pytest tests/test_fixtures.py` writes the reports anew, and the README's part of them: read the
difference before it is committed.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from d1lint.cli import main
from d1lint.engine import check
from d1lint.report import render
from d1lint.result import Result

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
EXPECTED = FIXTURES / "expected"
README = ROOT / "README.md"
IN_README = ("error[unindexed-foreign-key]", "error[global-client]")
FILES = {"text": ".txt", "json": ".json"}
EXIT_CODES = {"clean": 0, "drizzle-v1": 1, "no-d1": 0, "shop": 1, "two-databases": 1}

each = pytest.mark.parametrize("name", EXIT_CODES)


@cache
def lint(name: str) -> Result:
    """The result as a clone has it, wherever this runs, in no time."""
    result = check([FIXTURES / name])
    return replace(result, prefix=f"fixtures/{name}/", summary=replace(result.summary, seconds=0.0))


@each
@pytest.mark.parametrize("form", FILES)
def test_the_report_is_the_expected_one(name: str, form: str) -> None:
    report = render(form, lint(name), colour=False, width=80)
    path = EXPECTED / f"{name}{FILES[form]}"
    if os.environ.get("UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(report, encoding="utf-8")
    assert report == path.read_text(encoding="utf-8")


def test_every_fixture_is_linted_and_every_expected_report_is_compared() -> None:
    assert sorted(path.parent.name for path in FIXTURES.glob("*/d1lint.toml")) == sorted(EXIT_CODES)
    expected = {f"{name}{suffix}" for name in EXIT_CODES for suffix in FILES.values()}
    assert {path.name for path in EXPECTED.iterdir()} == expected


@each
def test_the_exit_code_tells_whether_there_are_errors(name: str) -> None:
    assert CliRunner().invoke(main, ["check", str(FIXTURES / name)]).exit_code == EXIT_CODES[name]


def test_the_shop_breaches_each_of_the_five_rules_and_those_of_the_justification() -> None:
    found = json.loads(render("json", lint("shop")))["summary"]
    assert set(found["byRule"]) == {
        "empty-justification",
        "foreign-dialect",
        "global-client",
        "missing-relation",
        "unindexed-foreign-key",
        "unjustified-native-sql",
        "unused-justification",
    }
    assert found["suppressed"] == 1


def test_only_what_is_d1s_has_findings() -> None:
    files = {finding.span.file for finding in lint("two-databases").findings}
    assert files == {"packages/db/src/schema.ts", "apps/api/src/index.ts"}


def test_the_readme_shows_a_real_report() -> None:
    blocks = (EXPECTED / "shop.txt").read_text(encoding="utf-8").strip("\n").split("\n\n")
    shown = [block for block in blocks if block.startswith(IN_README)]
    real = "\n\n".join([*shown, blocks[-1]])
    readme = README.read_text(encoding="utf-8")
    before, sample, after = re.split(r"(?<=```text\n)(.+?)(?=\n```\n)", readme, maxsplit=1, flags=re.DOTALL)
    seconds = re.search(r"\d+\.\d\d s", sample)
    assert seconds is not None
    real = real.replace("0.00 s", seconds[0])
    if os.environ.get("UPDATE"):
        README.write_text(before + real + after, encoding="utf-8")
    assert README.read_text(encoding="utf-8") == before + real + after
