import pytest
from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite
from report_samples import finding, result, shop, span, undone

from d1lint.finding import Crash
from d1lint.report.junit import render
from d1lint.result import Result

CRASH = Crash("src/db/users.ts", "unindexed-sample", "KeyError: 'author'")


def suite(run: Result) -> TestSuite:
    report = JUnitXml.fromstring(render(run).encode())
    [only] = list(report)
    assert isinstance(only, TestSuite)
    counts = only.tests, only.failures, only.errors
    only.update_statistics()  # junitparser's own count
    assert counts == (only.tests, only.failures, only.errors) == (report.tests, report.failures, report.errors)
    return only


def cases(run: Result) -> list[TestCase]:
    return list(suite(run))


def test_a_rule_without_findings_is_a_passed_test() -> None:
    assert [(case.classname, case.name, case.is_passed) for case in cases(result({}))] == [
        ("d1lint.injected-sample", "injected-sample", True),
        ("d1lint.unindexed-sample", "unindexed-sample", True),
    ]


def test_a_finding_is_a_failed_test() -> None:
    found = cases(shop(prefix="apps/shop/"))
    assert len(found) == 4 and all(isinstance(case.result[0], Failure) for case in found)
    case = found[2]
    assert case.classname == "d1lint.injected-sample"
    assert case.name == "search (apps/shop/src/routes/search.ts:2:95)"
    assert case.result[0].type == "warning"
    assert case.result[0].message == "search() puts `wanted` into a statement."
    assert case.result[0].text == (
        "search() puts `wanted` into a statement.\nWhoever sends the request chooses what the statement does.\n"
        "Bind it: `env.DB.prepare('SELECT * FROM posts WHERE title = ?').bind(wanted)`."
    )


def test_a_crash_is_an_error() -> None:
    case, *others = cases(result({}, prefix="web/", crashes=(CRASH,)))
    assert isinstance(case.result[0], Error) and case.result[0].message == "KeyError: 'author'"
    assert case.name == "unindexed-sample (web/src/db/users.ts)"
    assert [other.name for other in others] == ["injected-sample", "unindexed-sample"]


def test_why_the_job_could_not_be_done_is_an_error() -> None:
    first, second = cases(undone("apps/shop/"))
    assert first.name == "d1lint (apps/shop/d1lint.toml:3)" and second.name == "d1lint (could not run)"
    assert all(isinstance(case.result[0], Error) for case in (first, second))
    assert second.result[0].message.startswith("/policies/house.toml: ")


def test_a_stale_baseline_is_a_failed_test() -> None:
    [case] = [case for case in cases(result({}, stale=1)) if not case.is_passed]
    assert (case.classname, case.name) == ("d1lint.baseline", "baseline (.d1lint-baseline.json)")
    assert isinstance(case.result[0], Failure) and case.result[0].type == "warning"


def test_the_time_is_that_of_the_run() -> None:
    [only] = list(JUnitXml.fromstring(render(shop()).encode()))
    assert only.time == pytest.approx(0.215)


def test_any_text_survives_or_is_replaced() -> None:
    odd = "\x00\x1b]\u2028<&\"'\uffff検\udcff ]]>"
    files: dict[str, str | bytes] = {odd: "bad()\n"}
    [case, _] = cases(result(files, finding(span(files, odd, "bad"), what=odd, why="a\nb")))
    assert case.result[0].message == "\ufffd\ufffd]\u2028<&\"'\ufffd検\ufffd ]]>"
    assert case.result[0].text.endswith("]]>\na\nb")
