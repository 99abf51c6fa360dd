import json
import posixpath
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from report_samples import finding, result, shop, span, undone

from d1lint.finding import Crash, Level
from d1lint.report.gitlab import render
from d1lint.result import Result

CRASH = Crash("src/db/users.ts", "unindexed-sample", "KeyError: 'author'")

# What GitLab documents for a Code Quality report: it drops the rest of a report at the first issue that lacks one.
DOCUMENTED = {
    "type": "array",
    "items": {
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/)"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def issues(run: Result) -> list[Any]:
    report: list[Any] = json.loads(render(run))
    Draft202012Validator(DOCUMENTED).validate(report)
    paths = [issue["location"]["path"] for issue in report]
    assert paths == [posixpath.normpath(path) for path in paths]
    return report


@pytest.mark.parametrize(
    "run",
    [
        result({}),
        shop(),
        shop(prefix="apps/web/", crashes=(CRASH, Crash("", "", "x")), stale=2),
        undone(),
        undone("apps/web/"),
    ],
)
def test_gitlab_takes_it(run: Result) -> None:
    report = issues(run)
    assert len(report) == len(run.findings) + len(run.crashes) + len(run.problems) + (run.stale > 0)
    assert len({issue["fingerprint"] for issue in report}) == len(report)


def test_an_issue_in_full() -> None:
    run = shop(prefix="apps/shop/")
    assert issues(run)[2] == {
        "type": "issue",
        "check_name": "injected-sample",
        "description": "search() puts `wanted` into a statement.",
        "content": {
            "body": "Whoever sends the request chooses what the statement does.\n\n"
            "Bind it: `env.DB.prepare('SELECT * FROM posts WHERE title = ?').bind(wanted)`."
        },
        "categories": ["Bug Risk"],
        "severity": "minor",
        "fingerprint": f"apps/shop/{run.findings[2].fingerprint}",
        "location": {"path": "apps/shop/src/routes/search.ts", "lines": {"begin": 2, "end": 2}},
    }


def test_levels_and_crashes_are_severities() -> None:
    assert [issue["severity"] for issue in issues(shop(crashes=(CRASH,)))] == [
        "major",
        "info",
        "minor",
        "minor",
        "blocker",
    ]


def test_what_is_no_finding_is_told_where_it_is() -> None:
    places = [(issue["severity"], issue["location"]["path"], issue["location"]["lines"]) for issue in issues(undone())]
    assert places == [("blocker", "d1lint.toml", {"begin": 3}), ("blocker", ".", {"begin": 1})]
    [stale] = issues(result({}, prefix="apps/web/", stale=2))
    assert (stale["severity"], stale["location"]["path"]) == ("minor", "apps/web/.d1lint-baseline.json")
    assert stale["description"].startswith("2 findings of the baseline are gone.")


def test_two_projects_of_a_repository_share_no_fingerprint() -> None:
    web, api = issues(shop(prefix="apps/web/")), issues(shop(prefix="apps/api/"))
    assert not {issue["fingerprint"] for issue in web} & {issue["fingerprint"] for issue in api}


def test_any_text_can_be_stored() -> None:
    odd = "\x1b\u2028検 \udcff"
    files: dict[str, str | bytes] = {odd: "bad()\n"}
    run = result(files, finding(span(files, odd, "bad"), level=Level.NOTE, what=odd, instead=odd))
    assert issues(run)[0]["location"]["path"] == "\x1b\u2028検 ?"
    assert render(run).isascii()
