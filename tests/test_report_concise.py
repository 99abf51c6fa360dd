from dataclasses import replace

from report_samples import FIGURES, finding, result, shop, span, undone

from d1lint.finding import Crash
from d1lint.report.concise import render


def test_one_line_each_and_the_summary() -> None:
    crash = Crash("src/db/users.ts", "unindexed-sample", "KeyError:\n  'author'")
    assert render(shop(prefix="apps/shop/", crashes=(crash,), suppressed=2)).splitlines() == [
        "apps/shop/src/db/schema.ts:9:45: error unindexed-sample: posts.author_id has no index that leads with it.",
        "apps/shop/src/db/schema.ts:10:36: note unindexed-sample: posts.editor_id refers to users.id by a column that"
        " nothing in this repository reads.",
        "apps/shop/src/routes/search.ts:2:95: warning injected-sample: search() puts `wanted` into a statement.",
        "apps/shop/src/routes/search.ts:6:3: warning injected-sample: audit() puts `table` into a statement.",
        "apps/shop/src/db/users.ts: crash unindexed-sample: KeyError: 'author'",
        "1 error, 2 warnings, 1 note, 1 crash · 2 injected-sample, 2 unindexed-sample"
        " · 41 files, 12 tables, 9 foreign keys · 0.21 s · 2 suppressed",
    ]


def test_nothing_found_and_no_d1() -> None:
    assert render(result({})) == "No findings · 41 files, 12 tables, 9 foreign keys · 0.21 s\n"
    assert render(result({}, figures=replace(FIGURES, files=1, has_d1=False))) == (
        "No Drizzle on Cloudflare D1 here: 1 file read, nothing to lint · 0.21 s\n"
    )


def test_why_the_job_could_not_be_done() -> None:
    assert render(undone("apps/shop/")).splitlines() == [
        'apps/shop/d1lint.toml:3: failed: rules.a,b: found "eror", expected 100% of "error".',
        "failed: /policies/house.toml: found bytes that are not UTF-8, expected a UTF-8 file.",
        "d1lint could not run",
    ]


def test_a_finding_stays_on_one_line() -> None:
    files: dict[str, str | bytes] = {"a\n.ts": "bad()\n"}
    report = render(result(files, finding(span(files, "a\n.ts", "bad"), what="one\ntwo\u2028three\x1b[0m")))
    assert report.splitlines()[0] == "a␊.ts:1:1: error unindexed-sample: one two three␛[0m"
