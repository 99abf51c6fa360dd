from dataclasses import replace

from report_samples import finding, result, shop, span, undone

from d1lint.finding import Crash, Fix
from d1lint.report.agent import render


def test_a_line_has_all_that_it_takes() -> None:
    lines = render(shop(prefix="apps/shop/")).splitlines()
    assert len(lines) == 5 and lines[-1].startswith("1 error, 2 warnings, 1 note")
    assert lines[0] == (
        "apps/shop/src/db/schema.ts:9:45: error unindexed-sample: posts.author_id has no index that leads with it. "
        "Why: Every time a user is deleted or changes its id, D1 reads the whole of posts to find its rows, and bills "
        "each row read; joins from users to posts do the same. "
        "Instead: Add an index to posts: (t) => [ index('posts_author_id_idx').on(t.authorId), ]"
    )
    assert " Why: " not in lines[3]


def test_a_fix_is_named_by_what_applies_it() -> None:
    files: dict[str, str | bytes] = {"a.ts": "bad()\n"}
    at = span(files, "a.ts", "bad")

    def line(is_safe: bool) -> str:
        fix = Fix("Repair it", (), is_safe=is_safe)
        return render(result(files, replace(finding(at, what="Bad."), make_fix=lambda: fix))).splitlines()[0]

    assert line(True) == "a.ts:1:1: error unindexed-sample: Bad. Fix: `d1lint check --fix`."
    assert line(False).endswith("Fix: `d1lint check --unsafe-fixes`.")


def test_what_went_wrong_is_told_as_in_the_concise_report() -> None:
    run = result({}, crashes=(Crash("src/a.ts", "unindexed-sample", "KeyError:\n 'author'"),))
    assert render(run).splitlines()[0] == "src/a.ts: crash unindexed-sample: KeyError: 'author'"
    assert render(undone()).splitlines()[-1] == "d1lint could not run"
