import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import FIGURES, finding, result, shop, span, undone

from d1lint.finding import Crash, Label, Level
from d1lint.report.terminal import between, visible, width
from d1lint.report.text import render
from d1lint.result import Result

GOLDEN = Path(__file__).parent / "golden"
CRASH = Crash("src/db/users.ts", "unindexed-sample", "KeyError: 'author'\n  in project.tables")


def drawn(code: str | bytes, target: str, *labels: tuple[str, str], columns: int = 80) -> str:
    """The drawing of a finding at `target` in a file of some code, without the title and what follows it."""
    files: dict[str, str | bytes] = {"a.ts": code}
    related = (Label(span(files, "a.ts", text), message) for text, message in labels)
    breach = finding(span(files, "a.ts", target), *related, what="")
    report = render(result(files, breach), colour=False, width=columns)
    return report.split("\n\n")[0].split("\n", 2)[2].rstrip()


def picture(text: str) -> str:
    return dedent(text).strip("\n")


@pytest.mark.parametrize(("name", "colour"), [("report.txt", False), ("report.ansi", True)])
def test_the_whole_report(name: str, colour: bool) -> None:
    """To accept a new look, run it with UPDATE_GOLDEN=1 and read what has changed."""
    partial = replace(FIGURES, partial_tables=1)
    report = render(shop(figures=partial, suppressed=2, prefix="apps/shop/", crashes=(CRASH,)), colour=colour)
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(report, encoding="utf-8")
    assert report == (GOLDEN / name).read_text(encoding="utf-8")


def test_colour_changes_no_letter() -> None:
    coloured = render(shop(crashes=(CRASH,)), colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(shop(crashes=(CRASH,)), colour=False)


@pytest.mark.parametrize("columns", [52, 60, 80, 200])
def test_no_line_is_wider_than_asked(columns: int) -> None:
    for line in render(shop(crashes=(CRASH,), suppressed=3), colour=False, width=columns).splitlines():
        assert width(line) <= columns or "://" in line, line


def test_no_line_ends_in_blanks() -> None:
    assert not re.search(r" $", render(shop(crashes=(CRASH,)), colour=False), re.MULTILINE)


@pytest.mark.parametrize(
    ("code", "drawing"),
    [
        ("\tbad()\n", "1 |     bad()\n  |     ^^^"),
        ("a\tbad()\n", "1 | a   bad()\n  |     ^^^"),
        ("'検索', bad()\n", "1 | '検索', bad()\n  |         ^^^"),
        ("'👍', bad()\n", "1 | '👍', bad()\n  |       ^^^"),
        ("'cafe\u0301', bad()\n", "1 | 'cafe\u0301', bad()\n  |         ^^^"),
        # Joined emoji and skin tones are as wide as each terminal likes: they are drawn one by one, in yellow.
        ("'👩\u200d👧', bad()\n", "1 | '👩👧', bad()\n  |         ^^^"),
        ("'👍🏽❤\ufe0f', bad()\n", "1 | '👍❤', bad()\n  |        ^^^"),
        # A carriage return, a byte-order mark, bytes that are not UTF-8, a control character.
        ("bad()\r\nnext()\r\n", "1 | bad()\n  | ^^^"),
        (b"\xef\xbb\xbfbad()\n", "1 | bad()\n  | ^^^"),
        (b"'\xff\xfe', bad()\n", "1 | '\ufffd\ufffd', bad()\n  |       ^^^"),
        ("'\x1b[2J\x00', bad()\n", "1 | '␛[2J␀', bad()\n  |          ^^^"),
        ("'\u202ea', bad()\n", "1 | '\ufffda', bad()\n  |       ^^^"),
    ],
)
def test_carets_stand_under_their_code(code: str | bytes, drawing: str) -> None:
    assert drawn(code, "bad") == f"  |\n{drawing}\n  |"


def test_wide_code_has_wide_carets() -> None:
    assert drawn("x = '検索'\n", "'検索'") == "  |\n1 | x = '検索'\n  |     ^^^^^^\n  |"


def test_a_span_over_several_lines_is_its_first_line() -> None:
    assert drawn("db.batch([\r\n  one,\r\n])\r\n", "db.batch([\r\n  one,\r\n])") == picture(
        """
          |
        1 | db.batch([
          | ^^^^^^^^^^
          |
        """
    )


def test_an_empty_span_has_one_caret() -> None:
    assert drawn("first\n", "") == "  |\n1 | first\n  | ^\n  |"
    assert drawn("", "") == "  |\n1 |\n  | ^\n  |"


def test_related_places_stand_in_the_order_of_lines() -> None:
    code = "const a = 1;\nconst b = 2;\nconst c = 3;\nconst d = 4;\nconst e = 5;\nconst f = 6;\nconst g = 7;\n"
    assert drawn(code, "c = 3", ("g = 7", "the seventh"), ("a = 1", "the first")) == picture(
        """
          |
        1 | const a = 1;
          |       ----- the first
        2 | const b = 2;
        3 | const c = 3;
          |       ^^^^^
        ...
        7 | const g = 7;
          |       ----- the seventh
          |
        """
    )


def test_related_places_on_one_line() -> None:
    code = "export const posts = sqliteTable('posts', columns);\n"
    labels = [("posts", "the table"), ("columns", "its columns"), ("export", "")]
    assert drawn(code, "sqliteTable", *labels) == picture(
        """
          |
        1 | export const posts = sqliteTable('posts', columns);
          | ------       -----   ^^^^^^^^^^^          ------- its columns
          |              |
          |              the table
          |
        """
    )


def test_related_places_inside_one_another() -> None:
    assert drawn("one(two(three))\n", "two", ("one(two(three))", "the outer"), ("three", "the inner")) == picture(
        """
          |
        1 | one(two(three))
          | ----^^^--------
          | |       |
          | |       the inner
          | the outer
          |
        """
    )


def test_a_message_without_room_beside_its_dashes_hangs_below_them() -> None:
    message = "a message which has no room to the right of the place"
    assert drawn("bad();\nconst somewhere = here();\n", "bad", ("here()", message), columns=54) == picture(
        """
          |
        1 | bad();
          | ^^^
        2 | const somewhere = here();
          |                   ------
          |                   |
          |                   a message which has no room to
          |                   the right of the place
          |
        """
    )


def test_a_long_line_is_cut_around_its_carets() -> None:
    begin, middle = drawn(f"bad({'x' * 200})\n", "bad", columns=34), f"{'x' * 100}bad{'y' * 100}\n"
    assert begin == f"  |\n1 | bad({'x' * 25}…\n  | ^^^\n  |"
    assert drawn(middle, "bad", columns=34) == (f"  |\n1 | …{'x' * 12}bad{'y' * 13}…\n  | {' ' * 13}^^^\n  |")
    assert drawn(f"{'x' * 200}bad\n", "bad", columns=34) == f"  |\n1 | …{'x' * 26}bad\n  | {' ' * 27}^^^\n  |"


def test_a_long_span_is_cut_at_the_width() -> None:
    assert drawn(f"x{'y' * 200};\n", "y" * 200, columns=34) == f"  |\n1 | …{'y' * 28}…\n  |  {'^' * 29}\n  |"


@pytest.mark.parametrize("odd", ["検".encode(), b"\x80"])
def test_a_line_of_a_megabyte_is_cut_too(odd: bytes) -> None:
    code = odd * 300_000 + b"<bad>" + odd * 9_000 + b"last\n"
    _, line, carets, *others = drawn(code, "bad", ("last", "the last"), columns=50).splitlines()
    assert between(line, carets.index("^"), carets.rindex("^") + 1) == "bad"
    assert width(line) <= 50 and line[4] == line[-1] == "…"
    assert others[1].strip(" |") == "the last"


def test_places_that_a_cut_line_does_not_show_keep_their_messages() -> None:
    code = f"first({'x' * 100}bad{'y' * 100}last)\n"
    assert drawn(code, "bad", ("first", "the first"), ("last", "the last"), columns=34) == picture(
        f"""
          |
        1 | …{"x" * 12}bad{"y" * 13}…
          | -            ^^^             -
          | |                            |
          | |                     the last
          | the first
          |
        """
    )


@pytest.mark.parametrize(("long", "indent"), [("short", 13), ("wide" * 17, 9), ("wide" * 30, 4)])
def test_instead_keeps_the_lines_of_its_code(long: str, indent: int) -> None:
    """They stand below the prose, or as far to the left as the longest of them needs."""
    files: dict[str, str | bytes] = {"a.ts": "bad()\n"}
    prose = "Add this index, which leads with the column that the foreign key has, behind its columns:"
    breach = finding(span(files, "a.ts", "bad"), instead=f"{prose}\n(t) => [\n\tindex('a'),\n\n  {long},\n]")
    margin = " " * indent
    assert render(result(files, breach), colour=False).split("  |\n")[-1].split("\n\n1 error")[0] == (
        "  = instead: Add this index, which leads with the column that the foreign key\n"
        "             has, behind its columns:\n"
        f"{margin}(t) => [\n{margin}    index('a'),\n\n{margin}  {long},\n{margin}]"
    )


def test_code_between_backticks_is_not_broken() -> None:
    files: dict[str, str | bytes] = {"a.ts": "bad()\n"}
    why = "This is a sentence that is just as long as a line, then `db.delete(posts).where(x)`."
    report = render(result(files, finding(span(files, "a.ts", "bad"), why=why)), colour=False)
    assert "just as long as a line, then\n         `db.delete(posts).where(x)`.\n" in report


def test_nothing_raw_reaches_the_terminal() -> None:
    evil = "\x1b]0;x\x07\u202e\x9b31m\x7f\ud800"
    files: dict[str, str | bytes] = {"\x1b[31m.ts": "\x1b[31mbad()\n", "b\n.ts": "\x9b"}
    breach = finding(
        span(files, "\x1b[31m.ts", "bad"),
        Label(span(files, "b\n.ts", "\x9b"), evil),
        what=evil,
        why=evil,
        instead=f"{evil}\n\t{evil}",
        clauses=(evil,),
    )
    report = render(result(files, breach, crashes=(Crash("\x07.ts", evil, evil),)), colour=False)
    kinds = {unicodedata.category(char) for char in report.replace("\n", "")}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    report.encode()


CODE = st.text(st.sampled_from("ab ()\t検👍é\u0301\u200d\ufe0f\u200c\x00\x1b\u3000\uff21"), max_size=60)


@given(before=CODE, inside=CODE, after=CODE, columns=st.integers(30, 100))
def test_what_stands_above_the_carets(before: str, inside: str, after: str, columns: int) -> None:
    target = f"<{inside}>"
    lines = drawn(f"{before}{target};{after}\n", target, columns=columns).splitlines()
    code, carets = lines[1], lines[2]
    assert width(code) <= columns and width(carets) <= columns
    above = between(code, carets.index("^"), carets.rindex("^") + 1)
    # A tab in the target is as wide as its column makes it.
    shown = visible(before + target).removeprefix(visible(before))
    assert above == shown or (above.rstrip("…").strip() in shown and ("…" in code))


def last_lines(run: Result, columns: int = 80) -> str:
    return render(run, colour=False, width=columns).split("\n\n")[-1]


def test_the_summary_breaks_at_the_width() -> None:
    assert last_lines(shop(), 200) == (
        "1 error, 2 warnings, 1 note · 2 injected-sample, 2 unindexed-sample"
        " · 41 files, 12 tables, 9 foreign keys · 0.21 s\n"
    )
    assert (
        last_lines(shop(), 40)
        == picture(
            """
        1 error, 2 warnings, 1 note
        2 injected-sample, 2 unindexed-sample
        41 files, 12 tables, 9 foreign keys
        0.21 s
        """
        )
        + "\n"
    )
    assert "2 injected-sample,\n2 unindexed-sample\n41 files" in last_lines(shop(), 36)


def test_nothing_found() -> None:
    assert render(result({}), colour=False) == "No findings · 41 files, 12 tables, 9 foreign keys · 0.21 s\n"


def test_nothing_found_is_green_and_a_finding_is_not() -> None:
    assert render(result({}), colour=True).startswith("\x1b[32m\x1b[1mNo findings\x1b[0m")
    files: dict[str, str | bytes] = {"a.ts": "bad()\n"}
    warned = render(result(files, finding(span(files, "a.ts", "bad"), level=Level.WARNING)), colour=True)
    assert "\x1b[33m\x1b[1m1 warning\x1b[0m" in warned and "\x1b[33m\x1b[1m^^^\x1b[0m" in warned


def test_no_d1_here() -> None:
    elsewhere = replace(FIGURES, has_d1=False, tables=0, foreign_keys=0)
    assert render(result({}, figures=elsewhere), colour=False) == (
        "No Drizzle on Cloudflare D1 here: 41 files read, nothing to lint · 0.21 s\n"
    )
    assert "1 note · no Drizzle on Cloudflare D1 here\n" in last_lines(shop(figures=elsewhere), 70)


def test_why_the_job_could_not_be_done() -> None:
    assert render(undone("apps/shop/"), colour=False) == (
        'failed: rules.a,b: found "eror", expected 100% of "error".\n'
        " --> apps/shop/d1lint.toml:3\n"
        "\n"
        "failed: /policies/house.toml: found bytes that are not UTF-8, expected a UTF-8\n"
        "        file.\n"
        "\n"
        "d1lint could not run\n"
    )


def test_a_crash_is_not_a_clean_run() -> None:
    report = render(result({}, crashes=(CRASH,)), colour=False)
    assert (
        report
        == picture(
            """
        crash[unindexed-sample]: d1lint failed here; everything else was linted
         --> src/db/users.ts
          |
          = error: KeyError: 'author'
                     in project.tables
          = note: this is a defect of d1lint's, please report it:
                  https://github.com/d1lint/d1lint/issues

        No findings, 1 crash · 41 files, 12 tables, 9 foreign keys · 0.21 s
        """
        )
        + "\n"
    )


def test_what_was_not_judged_is_said() -> None:
    figures = replace(FIGURES, tables=1234, partial_tables=3)
    assert last_lines(result({}, figures=figures, suppressed=2)) == (
        "No findings · 41 files, 1,234 tables (3 partly known), 9 foreign keys · 0.21 s\n2 suppressed\n"
    )
