import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema.validators import validator_for
from node import npm_packages
from report_samples import ENABLED, POLICIES, SHOP, finding, result, shop, span, undone

from d1lint.engine import check
from d1lint.finding import Crash, Finding, Label, Level
from d1lint.report.line_hash import line_hashes
from d1lint.report.sarif import MAX_RELATED, MAX_RESULTS, render
from d1lint.result import Result, Silenced

MULTITOOL = f"@microsoft/sarif-multitool-{sys.platform}"
FIXTURES = Path(__file__).parent.parent / "fixtures"
CRASH = Crash("src/db/users.ts", "unindexed-sample", "KeyError: 'author'")
ODD: dict[str, str | bytes] = {
    "src/app/[id]/(g)/höhe 100%#1?.ts": "\tconst x = '👩\u200d👧 検 é'; bad(x[0](1));\r\nnext();\r\n",
    "c:/a b.ts": b"\xef\xbb\xbfbad()\xff;",
}


def odd() -> Result:
    """Names and messages that could be taken for something else, and columns behind emoji."""
    first, second = ODD
    return result(
        ODD,
        finding(
            span(ODD, first, "bad(x[0](1));\r\nnext()"),
            Label(span(ODD, second, "bad()"), "see [a](b)\\ there"),
            what="`x[0](1)` and {0} and { x } are wrong!",
            instead="Write\n[\n  a\n]",
        ),
        finding(span(ODD, second, "bad()"), rule="injected-sample", level=Level.ERROR, what="bad"),
        prefix="apps/höhe/",
    )


def silent() -> tuple[tuple[Silenced, ...], tuple[Finding, ...]]:
    """What two comments silence, one of them without a reason, and what the baseline knows."""
    at = span(SHOP, "src/db/users.ts", "sqliteTable('users'")
    found = [finding(at, symbol=symbol) for symbol in ("a", "b", "old")]
    return (Silenced(found[0], "three rows"), Silenced(found[1], "")), (found[2],)


RUNS: dict[str, Callable[[], Result]] = {
    "many findings": shop,
    "no finding": lambda: result({}),
    "a crash": lambda: shop(prefix="apps/web/", crashes=(CRASH, Crash("", "", "RecursionError"))),
    "odd names": odd,
    "a stale baseline": lambda: shop(stale=1),
    "a wrong configuration": lambda: undone("apps/web/"),
    "policies": lambda: shop(policies=POLICIES),
    "the real rules and policies": lambda: check([FIXTURES / "shop"]),
}


@pytest.fixture(scope="session")
def multitool() -> Path:
    return npm_packages("sarif", {MULTITOOL: "5.7.0"}) / "node_modules" / MULTITOOL


def verdict(multitool: Path, report: Path) -> list[str]:
    """The errors and warnings that Microsoft's validator has about a report, under GitHub's rules."""
    program = multitool / ("Sarif.Multitool.exe" if sys.platform == "win32" else "Sarif.Multitool")
    program.chmod(0o755)
    answer = report.with_suffix(".answer")
    done = subprocess.run(
        [program, "validate", report, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "-o", answer],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.exists(), done.stdout + done.stderr
    run = json.loads(answer.read_text(encoding="utf-8-sig"))["runs"][0]
    complaints = [f"{each['ruleId']} {each['message']}" for each in run.get("results", [])]
    assert done.returncode == 0 or complaints, done.stdout + done.stderr
    return complaints


@pytest.mark.parametrize("name", RUNS)
def test_github_takes_it(name: str, multitool: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.sarif"
    report.write_text(render(RUNS[name]()), encoding="utf-8")
    assert verdict(multitool, report) == []


def test_the_validator_would_say_so_if_not(multitool: Path, tmp_path: Path) -> None:
    broken = json.loads(render(shop()))
    for rule in broken["runs"][0]["tool"]["driver"]["rules"]:
        del rule["help"]
    report = tmp_path / "report.sarif"
    report.write_text(json.dumps(broken), encoding="utf-8")
    assert any(complaint.startswith("GH") for complaint in verdict(multitool, report))


def test_github_takes_what_is_silenced(multitool: Path, tmp_path: Path) -> None:
    silenced, known = silent()
    report = tmp_path / "report.sarif"
    report.write_text(render(shop(silenced=silenced, baselined=known), suppressed=True), encoding="utf-8")
    assert verdict(multitool, report) == []


@pytest.mark.parametrize("name", RUNS)
def test_it_follows_the_schema(name: str, multitool: Path) -> None:
    schema = json.loads((multitool / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    validator_for(schema)(schema).validate(json.loads(render(RUNS[name]())))


def run_of(report: Result) -> Any:
    return json.loads(render(report))["runs"][0]


def test_a_rule_in_full() -> None:
    driver = run_of(result({}))["tool"]["driver"]
    injected, unindexed = driver["rules"]
    page = ENABLED[0].rule.page()
    assert driver["name"] == "d1lint" and driver["semanticVersion"].count(".") == 2
    assert unindexed == {
        "id": "unindexed-sample",
        "name": "UnindexedSample",
        "shortDescription": {"text": "A foreign key whose columns no index leads with."},
        "fullDescription": {
            "text": "Finds a foreign key (`.references()` or `foreignKey()`) whose columns no index leads with."
        },
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": "error"},
        "relationships": [],
        "properties": {
            "tags": ["drizzle", "cloudflare-d1", "indexes", "HD-16", "DS-9"],
            "precision": "high",
            "problem.severity": "error",
        },
    }
    assert injected["defaultConfiguration"] == {"level": "warning"}
    assert injected["properties"] == {
        "tags": ["security", "drizzle", "cloudflare-d1", "native-sql", "DL-6"],
        "precision": "high",
        "problem.severity": "warning",
        "security-severity": "8.8",
    }


def test_a_rule_has_the_level_that_is_configured_for_it() -> None:
    raised = replace(result({}), enabled=(replace(ENABLED[1], level=Level.NOTE),))
    (rule,) = run_of(raised)["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"] == {"level": "note"}
    assert rule["properties"]["problem.severity"] == "recommendation"


def test_a_result_in_full() -> None:
    report = shop(prefix="apps/shop/")
    search = "src/routes/search.ts"
    content = SHOP[search]
    assert isinstance(content, str)
    assert run_of(report)["results"][2] == {
        "ruleId": "injected-sample",
        "ruleIndex": 0,
        "level": "warning",
        "message": {
            "text": "search() puts `wanted` into a statement. Whoever sends the request chooses what the statement "
            "does. Bind it: `env.DB.prepare('SELECT * FROM posts WHERE title = ?').bind(wanted)`. "
            "See: [comes from the request](1)."
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "apps/shop/src/routes/search.ts"},
                    "region": {"startLine": 2, "startColumn": 95, "endLine": 2, "endColumn": 104},
                }
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {
                    "artifactLocation": {"uri": "apps/shop/src/routes/search.ts"},
                    "region": {"startLine": 1, "startColumn": 48, "endLine": 1, "endColumn": 62},
                },
                "message": {"text": "comes from the request."},
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": line_hashes(content.encode(), 2)[1],
            "d1lintKey/v1": report.findings[2].fingerprint,
        },
        "properties": {"symbol": "search", "confidence": "medium", "clauses": ["DL-6"]},
    }


def test_regions_are_the_first_line_in_utf16_columns() -> None:
    report = odd()
    run = run_of(report)
    assert run["columnKind"] == "utf16CodeUnits"
    texts = {}
    for each in run["results"]:
        place = each["locations"][0]["physicalLocation"]
        path = unquote(place["artifactLocation"]["uri"]).removeprefix(report.prefix)
        region = place["region"]
        assert region["startLine"] == region["endLine"]
        line = report.source(path).line_text(region["startLine"]).encode("utf-16-le")
        texts[path] = line[2 * region["startColumn"] - 2 : 2 * region["endColumn"] - 2].decode("utf-16-le")
    assert texts == dict(zip(ODD, ["bad(x[0](1));", "bad()"], strict=True))


def test_uris_are_percent_encoded_repository_paths() -> None:
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run_of(odd())["results"]}
    assert uris == {
        "apps/h%C3%B6he/src/app/%5Bid%5D/%28g%29/h%C3%B6he%20100%25%231%3F.ts",
        "apps/h%C3%B6he/c%3A/a%20b.ts",
    }


def test_a_name_that_is_not_utf8_keeps_its_bytes() -> None:
    files: dict[str, str | bytes] = {"\udcff.ts": "bad()"}
    (each,) = run_of(result(files, finding(span(files, "\udcff.ts", "bad"))))["results"]
    assert each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%FF.ts"


def test_brackets_of_code_are_no_links() -> None:
    text = run_of(odd())["results"][1]["message"]["text"]
    assert text == ("`x[0\\](1)` and {0} and { x } are wrong! Write\n[\n  a\n]. See: [see \\[a\\](b)\\\\ there](1).")


def test_a_crash_is_a_notification() -> None:
    run = run_of(RUNS["a crash"]())
    assert run["automationDetails"] == {"id": "d1lint/apps/web/"}
    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {
                    "level": "error",
                    "message": {"text": "unindexed-sample failed: KeyError: 'author'."},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": "apps/web/src/db/users.ts"}}},
                    ],
                    "associatedRule": {"id": "unindexed-sample", "index": 1},
                },
                {"level": "error", "message": {"text": "d1lint failed: RecursionError."}},
            ],
        }
    ]
    assert run_of(shop())["invocations"] == [{"executionSuccessful": True}]


def test_the_same_run_gives_the_same_report() -> None:
    report = shop()
    slower = replace(report, summary=replace(report.summary, seconds=9.0), enabled=report.enabled[::-1])
    assert render(report) == render(slower)


def test_no_more_results_than_github_takes() -> None:
    files: dict[str, str | bytes] = {"a.ts": "bad()\n"}
    at = span(files, "a.ts", "bad")
    levels = [Level.NOTE] * 2 + [Level.ERROR] * MAX_RESULTS
    many = [Finding(at, f"{number:05}", "Bad.", "", "", level=level) for number, level in enumerate(levels)]
    run = run_of(result(files, *many))
    symbols = [each["properties"]["symbol"] for each in run["results"]]
    assert symbols == [each.symbol for each in many[2:]]
    (left_out,) = run["invocations"][0]["toolExecutionNotifications"]
    assert left_out == {
        "level": "warning",
        "message": {"text": "2 findings are left out: GitHub takes 25000 a report."},
    }


def test_no_more_related_places_than_github_keeps() -> None:
    files: dict[str, str | bytes] = {"a.ts": "bad()\n"}
    at = span(files, "a.ts", "bad")
    (each,) = run_of(result(files, finding(at, *[Label(at, "here")] * (MAX_RELATED + 1))))["results"]
    assert len(each["relatedLocations"]) == MAX_RELATED
    assert each["message"]["text"].endswith("[here](100).")


def test_each_clause_is_a_taxon_and_each_rule_is_related_to_its_clauses() -> None:
    run = run_of(shop(policies=POLICIES))
    assert [taxonomy["name"] for taxonomy in run["taxonomies"]] == ["house-style", "edge"]
    assert run["taxonomies"][0]["shortDescription"] == {"text": "How this house builds"}
    assert run["taxonomies"][0]["taxa"][1] == {
        "id": "DS-9",
        "name": "house-style/DS-9",
        "shortDescription": {"text": "An index leads with each foreign key."},
    }
    driver = run["tool"]["driver"]
    assert driver["supportedTaxonomies"] == [{"name": "house-style", "index": 0}, {"name": "edge", "index": 1}]
    injected, unindexed = driver["rules"]
    assert injected["relationships"] == []
    assert unindexed["relationships"] == [
        {
            "target": {"id": "DS-9", "index": 1, "toolComponent": {"name": "house-style", "index": 0}},
            "kinds": ["relevant"],
        },
        {"target": {"id": "HD-16", "index": 0, "toolComponent": {"name": "edge", "index": 1}}, "kinds": ["relevant"]},
    ]


def test_the_relationships_of_the_real_rules_lead_to_their_clauses() -> None:
    run = run_of(check([FIXTURES / "shop"]))
    for rule in run["tool"]["driver"]["rules"]:
        targets = [each["target"] for each in rule["relationships"]]
        taxa = [run["taxonomies"][t["toolComponent"]["index"]]["taxa"][t["index"]]["id"] for t in targets]
        assert taxa == [target["id"] for target in targets]
        assert set(taxa) == set(rule["properties"]["tags"]) & {
            taxon["id"] for taxonomy in run["taxonomies"] for taxon in taxonomy["taxa"]
        }
        assert taxa, rule["id"]


def test_the_real_rules_lead_to_their_pages() -> None:
    for rule in run_of(check([FIXTURES / "shop"]))["tool"]["driver"]["rules"]:
        page = rule["helpUri"].removeprefix("https://github.com/d1lint/d1lint/blob/main/")
        assert (FIXTURES.parent / page).read_text(encoding="utf-8") == rule["help"]["markdown"]


def test_a_rule_without_a_page_is_described_by_its_summary() -> None:
    rule = replace(ENABLED[0].rule, page_path=Path("nowhere.md"))
    report = replace(result({}), enabled=(replace(ENABLED[0], rule=rule),))
    [described] = run_of(report)["tool"]["driver"]["rules"]
    assert described["help"]["text"] == f"# unindexed-sample\n\n{rule.summary}\n"
    assert described["fullDescription"]["text"] == rule.summary


def test_why_the_job_could_not_be_done() -> None:
    run = run_of(undone("apps/web/"))
    assert run["results"] == [] and run["automationDetails"] == {"id": "d1lint/apps/web/"}
    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolConfigurationNotifications": [
                {
                    "level": "error",
                    "message": {"text": 'rules.a,b: found "eror", expected 100% of\n"error".'},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "apps/web/d1lint.toml"},
                                "region": {"startLine": 3},
                            }
                        }
                    ],
                },
                {
                    "level": "error",
                    "message": {"text": "/policies/house.toml: found bytes that are not UTF-8, expected a UTF-8 file."},
                },
            ],
        }
    ]


def test_a_stale_baseline_is_a_notification() -> None:
    [invocation] = run_of(result({}, prefix="apps/web/", stale=2))["invocations"]
    assert invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"] == [
        {
            "level": "warning",
            "message": {
                "text": "2 findings of the baseline are gone. `d1lint baseline --prune` removes what is gone from it."
            },
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": "apps/web/.d1lint-baseline.json"}}},
            ],
        }
    ]


def test_what_is_silenced_is_there_only_if_asked_for() -> None:
    silenced, known = silent()
    report = shop(silenced=silenced, baselined=known)
    assert all("suppressions" not in each for each in run_of(report)["results"])
    *new, reasoned, bare, baselined = json.loads(render(report, suppressed=True))["runs"][0]["results"]
    # A run says it of all its results or of none.
    assert [each["suppressions"] for each in new] == [[]] * 4
    assert reasoned["suppressions"] == [{"kind": "inSource", "justification": "three rows"}]
    assert bare["suppressions"] == [{"kind": "inSource"}]
    assert baselined["suppressions"] == [{"kind": "external", "justification": "It is in the baseline."}]
    assert baselined["properties"]["symbol"] == "old"
    users = str(SHOP["src/db/users.ts"])
    assert baselined["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(users.encode(), 3)[2]


def test_what_is_silenced_takes_no_place_from_what_is_not() -> None:
    files: dict[str, str | bytes] = {"a.ts": "bad()\n"}
    at = span(files, "a.ts", "bad")
    many = [Finding(at, f"{number:05}", "Bad.", "", "", level=Level.NOTE) for number in range(MAX_RESULTS - 1)]
    known = (Finding(at, "known", "Bad.", "", ""), Finding(at, "too many", "Bad.", "", ""))
    results = json.loads(render(result(files, *many, baselined=known), suppressed=True))["runs"][0]["results"]
    assert len(results) == MAX_RESULTS and results[-1]["properties"]["symbol"] == "known"
