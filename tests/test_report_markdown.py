import re
from dataclasses import replace

from markdown_it import MarkdownIt
from report_samples import FIGURES, finding, result, shop, span, undone

from d1lint.finding import Crash, Level
from d1lint.registry import Registry
from d1lint.report.markdown import MAX_ROWS, render
from d1lint.result import EnabledRule, Result

GITHUB = MarkdownIt("gfm-like", {"linkify": False})


def tables(run: Result) -> list[list[list[str]]]:
    """The cells' HTML by table and row, as a reader of GitHub's Markdown has them."""
    html = GITHUB.render(render(run))
    return [
        [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in table.split("<tr>")[2:]]
        for table in html.split("<table>")[1:]
    ]


def test_why_the_job_could_not_be_done() -> None:
    html = GITHUB.render(render(undone("apps/shop/")))
    assert "<h3>d1lint could not run</h3>" in html and html.count("<li>") == 2
    assert "<li><code>apps/shop/d1lint.toml:3</code>: rules.a,b: found" in html


def test_a_rule_leads_to_its_page() -> None:
    page = "https://github.com/d1lint/d1lint/blob/main/rules/indexes/unindexed_foreign_key.md"
    real = Registry.load().get("unindexed-foreign-key")
    run = shop()
    ours = replace(run, findings=tuple(replace(each, rule=real.name) for each in run.findings))
    [row], _ = tables(replace(ours, enabled=(EnabledRule(real, Level.ERROR),)))
    assert row[0] == f'<a href="{page}"><code>unindexed-foreign-key</code></a>'


def test_the_verdict_the_rules_and_the_findings() -> None:
    by_rule, findings = tables(shop(prefix="apps/shop/"))
    assert by_rule[0] == [
        "<code>injected-sample</code>",
        "2",
        "<code>apps/shop/src/routes/search.ts</code> (2)",
    ]
    assert [row[0] for row in findings] == ["error", "warning", "warning", "note"]
    assert findings[1][1:] == [
        "<code>apps/shop/src/routes/search.ts:2</code>",
        "search() puts <code>wanted</code> into a statement.",
    ]
    assert render(shop()).startswith(
        "### d1lint: 1 error, 2 warnings, 1 note\n\n2 injected-sample, 2 unindexed-sample · 41 files,"
    )


def test_nothing_found() -> None:
    assert render(result({})) == "### d1lint: No findings\n\n41 files, 12 tables, 9 foreign keys · 0.21 s\n"
    nothing = render(result({}, figures=replace(FIGURES, has_d1=False)))
    assert nothing.startswith("### d1lint: No Drizzle on Cloudflare D1 here: 41 files read, nothing to lint\n")


def test_crashes_have_a_table() -> None:
    [crashes] = tables(result({}, crashes=(Crash("a.ts", "global-client", "KeyError: '<x>'"), Crash("", "", "x"))))
    assert crashes == [["<code>a.ts</code>", "<code>global-client</code>", "KeyError: '&lt;x&gt;'"], ["", "", "x"]]


def test_names_are_no_markup() -> None:
    odd = "a|b`c @team <img src=x> [x](y) #1 *b*"
    files: dict[str, str | bytes] = {f"{odd}.ts": "bad()\n"}
    _, [[_, place, what]] = tables(result(files, finding(span(files, f"{odd}.ts", "bad"), what=odd)))
    assert place == "<code>a|b`c @team &lt;img src=x&gt; [x](y) #1 *b*.ts:1</code>"
    assert what.replace("<!-- -->", "") == "a|b`c @team &lt;img src=x&gt; [x](y) #1 *b*"
    assert "@team" not in what


def test_a_long_list_is_cut_and_says_so() -> None:
    files: dict[str, str | bytes] = {f"{number}.ts": "bad()\n" for number in range(MAX_ROWS + 2)}
    many = [finding(span(files, file, "bad"), level=Level.NOTE) for file in files]
    grave = finding(span(files, "7.ts", "bad"), level=Level.ERROR, symbol="grave")
    by_rule, findings = tables(result(files, *many, grave))
    assert by_rule[0][2].endswith(f", {MAX_ROWS - 1} more files")
    assert len(findings) == MAX_ROWS and findings[0][0] == "error"
    assert render(result(files, *many, grave)).endswith("\n3 more findings.\n")
