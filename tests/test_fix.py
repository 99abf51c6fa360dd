"""What applies fixes, and the fixes of the comments."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from pages import write_files

from d1lint.cli import main
from d1lint.engine import check
from d1lint.finding import Edit, Finding, Fix, Span
from d1lint.fix import ChangedMeanwhile, apply_edits, choose, repair, write
from d1lint.rule import finding as rule_finding

USERS = """import { index, integer, sqliteTable } from "drizzle-orm/sqlite-core";

export const users = sqliteTable("users", { id: integer().primaryKey() });
"""
CONFIG = """extends = []

[rules]
missing-relation = { level = "error", without-relations = "error" }
unindexed-foreign-key = "error"
unjustified-native-sql = "error"
unused-justification = "warning"
unused-suppression = "warning"
"""


def finding(
    *edits: tuple[int, int, str], makes: tuple[str, ...] = (), safe: bool = True, file: str = "a.ts"
) -> Finding:
    fix = Fix("Mend it", tuple(Edit(Span(file, start, end), text) for start, end, text in edits), safe, makes)
    return rule_finding(**{**NOTHING, "at": Span(file, 0, 0)}, fix=fix)


NOTHING: dict[str, Any] = {"at": Span("a.ts", 0, 0), "symbol": "a", "what": "", "why": "", "instead": ""}


def fixed(folder: Path, files: dict[str, str | bytes], *options: str) -> dict[str, bytes]:
    """The files after `check --fix`; a second run changes nothing and repairs nothing."""
    write_files(folder, {"d1lint.toml": CONFIG, **files})
    output = run(folder, "--fix", *options)
    once = {path: (folder / path).read_bytes() for path in files}
    again = run(folder, "--fix", *options)
    assert " fixed" not in again and " fixable" not in again
    assert {path: (folder / path).read_bytes() for path in files} == once, output
    return once


def run(folder: Path, *options: str, code: int | None = None) -> str:
    result = CliRunner().invoke(main, ["check", str(folder), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert result.exit_code == code if code is not None else result.exit_code in (0, 1)
    return result.output


# --- choosing and applying -------------------------------------------------------------------------------------------


def test_edits_are_applied_from_the_first_to_the_last_and_stay_in_order_at_one_place() -> None:
    edits = [
        Edit(Span("a", 6, 9), "C"),
        Edit(Span("a", 2, 2), "x"),
        Edit(Span("a", 2, 4), "é"),
        Edit(Span("a", 2, 2), "y"),
    ]
    assert apply_edits(b"0123456789", edits) == "01xyé45C9".encode()


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (finding((0, 3, "")), finding((3, 5, "")), True),
        (finding((0, 4, "")), finding((3, 5, "")), False),
        (finding((0, 4, "")), finding((0, 4, "")), True),
        (finding((0, 4, "a")), finding((0, 4, "b")), False),
        (finding((2, 2, "a")), finding((0, 4, "")), False),
        (finding((4, 4, "a")), finding((0, 4, "")), True),
        (finding((2, 2, "a")), finding((2, 2, "b")), False),
        (finding((2, 2, "a"), makes=("a",)), finding((2, 2, "b")), False),
        (finding((2, 2, "a"), makes=("a",)), finding((2, 2, "b"), makes=("b",)), True),
        (finding((2, 2, "a"), makes=("a",)), finding((7, 7, "b"), makes=("b", "a")), False),
        (finding((2, 2, "a")), finding((2, 2, "b"), file="b.ts"), True),
    ],
)
def test_fixes_that_meet_wait_for_the_next_round(one: Finding, other: Finding, together: bool) -> None:
    assert choose([one, other]) == [one.fix, *([other.fix] if together else [])]


def test_only_safe_fixes_unless_all_are_wanted() -> None:
    unsafe = finding((0, 1, ""), safe=False)
    assert choose([unsafe]) == []
    assert choose([unsafe], unsafe=True) == [unsafe.fix]


def test_what_is_chosen_is_what_pairs_allow() -> None:
    random = Random(3)
    for _ in range(300):
        found = [random_fix(random) for _ in range(12)]
        expected: list[Fix] = []
        for fix in found:
            if not any(clash(fix, other) for other in expected):
                expected.append(fix)
        assert choose(rule_finding(**NOTHING, fix=fix) for fix in found) == expected


def random_fix(random: Random) -> Fix:
    starts = sorted(random.sample(range(0, 60, 3), random.randint(1, 2)))
    edits = (Edit(Span("a.ts", at, at + random.choice([0, 0, 1, 3])), random.choice("xy")) for at in starts)
    return Fix("Mend it", tuple(edits), True, tuple(random.sample("abcdefghijklmn", random.randint(0, 1))))


def clash(fix: Fix, other: Fix) -> bool:
    """Whether two fixes can not be applied together, as `Fix` says it."""
    pairs = [(a.span, b.span) for a in fix.edits for b in other.edits if a != b]
    is_shared = any(a.start == a.end == b.start == b.end for a, b in pairs) and not (fix.makes and other.makes)
    return (
        bool(set(fix.makes) & set(other.makes))
        or is_shared
        or any(a.start < b.end and b.start < a.end for a, b in pairs)
    )


def test_a_fix_is_computed_once_and_only_when_somebody_asks() -> None:
    calls = []
    found = rule_finding(**NOTHING, fix=lambda: calls.append(1))  # type: ignore[func-returns-value]
    copied = replace(found, rule="a")
    assert found == rule_finding(**NOTHING) and hash(found) == hash(rule_finding(**NOTHING)) and not calls
    assert copied.fix is None and found.fix is None and calls == [1]


def test_where_a_fix_fails_the_finding_stands_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> Fix:
        raise LookupError("no such table")

    found = replace(rule_finding(**NOTHING, fix=fail), rule="missing-relation")
    assert found.fix is None and choose([found]) == []
    assert "the fix of missing-relation for a failed" in caplog.text and "no such table" in caplog.text


# --- comments --------------------------------------------------------------------------------------------------------

POSTS = """
export const posts = sqliteTable("posts", {
  id: integer().primaryKey(),%s
  authorId: integer("author_id").notNull().references(() => users.id),%s
}, (t) => [index("i").on(t.authorId)]);
"""


def mended(folder: Path, text: str, **files: str) -> str:
    return fixed(folder, {"src/db/schema.ts": text})["src/db/schema.ts"].decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n  // d1lint-ignore unindexed-foreign-key -- three rows", ""),
        ("\n  /* d1lint-ignore unindexed-foreign-key\n   * -- three rows */", ""),
        (
            "\n  // d1lint-ignore missing-relation, unindexed-foreign-key -- x",
            "\n  // d1lint-ignore missing-relation -- x",
        ),
        (
            "\n  // d1lint-ignore unindexed-foreign-key , missing-relation -- unindexed-foreign-key",
            "\n  // d1lint-ignore missing-relation -- unindexed-foreign-key",
        ),
        (
            "\n  // d1lint-ignore unindexed-foreign-key, missing-relation, unjustified-native-sql",
            "\n  // d1lint-ignore missing-relation",
        ),
    ],
)
def test_unused_names_go_and_with_the_last_of_them_the_comment(before: str, after: str, tmp_path: Path) -> None:
    above = "\n  // d1lint-ignore missing-relation -- never read together" if not after else ""
    assert mended(tmp_path, USERS + POSTS % (above + before, "")) == USERS + POSTS % (above + after, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (" // d1lint-ignore unjustified-native-sql -- no", ""),
        (" /* d1lint-ignore unjustified-native-sql */", ""),
        (
            " // d1lint-ignore unjustified-native-sql, missing-relation -- no",
            " // d1lint-ignore missing-relation -- no",
        ),
    ],
)
def test_a_comment_behind_code_leaves_the_code(before: str, after: str, tmp_path: Path) -> None:
    above = "" if "missing" in after else "\n  // d1lint-ignore missing-relation -- never read together"
    assert mended(tmp_path, USERS + POSTS % (above, before)) == USERS + POSTS % (above, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("const a = 1;/* d1lint-ignore missing-relation */\n", "const a = 1;\n"),
        ("const/* d1lint-ignore missing-relation */a = 1;\n", "const a = 1;\n"),
        ("/* d1lint-ignore missing-relation */ const a = 1;\n", "const a = 1;\n"),
        ("\ufeff// d1lint-ignore-file missing-relation\nconst a = 1;\n", "\ufeffconst a = 1;\n"),
        ("const a = 1;\n// d1lint-ignore missing-relation", "const a = 1;\n"),
    ],
)
def test_wherever_a_comment_stands(before: str, after: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"src/db/schema.ts": USERS, "src/a.ts": before}
    assert fixed(tmp_path, files)["src/a.ts"] == after.encode()


@pytest.mark.parametrize(
    "comment",
    [
        "// d1lint-ignore missing-relations -- a name that no rule has",
        "// d1lint-ignore -- no name",
        "// d1lint-ignore missing-relation -- eslint-disable-line",
        "// d1lint-ignore global-client -- a rule that is off",
    ],
)
def test_other_comments_stay(comment: str, tmp_path: Path) -> None:
    text = f"{comment}\n{USERS}"
    assert mended(tmp_path, text) == text


WORKER = """import { drizzle } from "drizzle-orm/d1";

export default {
  async fetch(request: Request, env: { DB: D1Database }) {
    const db = drizzle(env.DB);
%s
    return new Response();
  },
};
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    // @native-sql: it was raw once\n    const a = 1;", "    const a = 1;"),
        ("    /** @native-sql it was raw once\n     * and that\n     */\n    const a = 1;", "    const a = 1;"),
        ("    const a = 1; // @native-sql: it was raw once", "    const a = 1;"),
    ],
)
def test_an_unused_justification_goes(before: str, after: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"src/index.ts": WORKER % before, "src/db/schema.ts": USERS}
    assert fixed(tmp_path, files)["src/index.ts"].decode() == WORKER % after


@pytest.mark.parametrize(
    "body",
    [
        # It was meant for the statement inside.
        "    // @native-sql: the builder can not say this\n    for (const a of [1]) {\n\n"
        '      await env.DB.prepare("x").run();\n    }',
        # It says other things, too.
        "    /* The sum of all.\n     * @native-sql: it was raw once */\n    const a = 1;",
        # Its reason is on the next line.
        "    // @native-sql:\n    // it was raw once\n    const a = 1;",
    ],
)
def test_a_justification_that_may_be_wanted_stays(body: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"src/index.ts": WORKER % body, "src/db/schema.ts": USERS}
    assert fixed(tmp_path, files)["src/index.ts"].decode() == WORKER % body


# --- files and the command line --------------------------------------------------------------------------------------

UNUSED = "  // d1lint-ignore unjustified-native-sql -- no\n"
ODD = "\ufeff" + USERS.replace("id: integer()", "\n\tid: integer() /* 👩\u200d👧 検 */").replace("\n", "\r\n").rstrip()


def test_line_endings_a_mark_emoji_and_the_missing_last_line_break_are_kept(tmp_path: Path) -> None:
    before = ODD.replace("\r\n\r\n", f"\r\n{UNUSED.strip()}\r\n\r\n", 1)
    assert mended(tmp_path, before) == ODD


def test_bytes_that_are_not_utf8_are_kept(tmp_path: Path) -> None:
    text = USERS.encode() + b"// \xe9t\xe9\n"
    assert fixed(tmp_path, {"src/db/schema.ts": text + UNUSED.encode()})["src/db/schema.ts"] == text


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    write_files(tmp_path, {"d1lint.toml": CONFIG, "src/db/schema.ts": USERS + UNUSED, "src/real.ts": UNUSED})
    schema, link = tmp_path / "src/db/schema.ts", tmp_path / "src/link.ts"
    schema.chmod(0o640)
    link.symlink_to("real.ts")
    run(tmp_path, "--fix")
    assert (schema.read_text(), schema.stat().st_mode & 0o777) == (USERS, 0o640)
    assert link.is_symlink() and link.read_text() == ""
    assert {path.name for path in schema.parent.iterdir()} == {"schema.ts"}


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    write_files(tmp_path, {"d1lint.toml": CONFIG, "src/a.ts": UNUSED, "src/db/schema.ts": USERS + UNUSED})
    done = repair(lambda contents: check([tmp_path], contents=contents))
    (tmp_path / "src/db/schema.ts").write_text("other")
    with pytest.raises(ChangedMeanwhile, match=r"src/db/schema\.ts was changed"):
        write(done, tmp_path)
    assert (tmp_path / "src/a.ts").read_text() == UNUSED


def test_what_remains_is_reported_with_how_many_were_fixed(tmp_path: Path) -> None:
    write_files(tmp_path, {"d1lint.toml": CONFIG, "src/db/schema.ts": USERS + "// d1lint-ignore nothing\n" + UNUSED})
    assert "1 fixable with --fix" in run(tmp_path)
    output = run(tmp_path, "--fix")
    assert "No rule is called `nothing`" in output and "1 fixed" in output and "fixable" not in output


def test_the_diff_applies_and_nothing_is_written(tmp_path: Path) -> None:
    git(tmp_path, "init")
    app = tmp_path / "apps/höhe"
    files = {
        "d1lint.toml": CONFIG,
        "src/db/schema.ts": ODD.replace("\r\n\r\n", f"\r\n{UNUSED}\r\n", 1),
        "src/a.ts": UNUSED,
    }
    write_files(app, files)
    result = CliRunner().invoke(main, ["check", str(app), "--diff", "--fail-on", "warning"])
    assert result.exit_code == 1
    assert {path: (app / path).read_bytes().decode() for path in files} == files
    (tmp_path / "fixes.patch").write_bytes(result.stdout_bytes)
    git(tmp_path, "apply", "--unidiff-zero", "fixes.patch")
    patched = {path: (app / path).read_bytes() for path in files}
    for path, content in files.items():
        (app / path).write_bytes(content.encode())
    run(app, "--fix")
    assert {path: (app / path).read_bytes() for path in files} == patched
    assert run(app, "--diff", code=0) == ""


def git(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *arguments], cwd=folder, check=True, env=environment, capture_output=True)


def test_the_list_of_rules_shows_which_have_a_fix() -> None:
    output = CliRunner().invoke(main, ["rules"]).output
    fixable = set(re.findall(r"^(\S+)\s+\S+\s+fix  ", output, re.MULTILINE))
    assert {"unused-justification", "unused-suppression"} <= fixable and "global-client" not in fixable


# --- thousands -------------------------------------------------------------------------------------------------------


def keys_of_one_table(number: int) -> str:
    columns = "".join(f'  c{n}Id: integer("c{n}_id").references(() => users.id),\n' for n in range(number))
    return USERS + f'export const posts = sqliteTable("posts", {{\n{columns}}});\n'


def tables_of_one_key(number: int) -> str:
    column = 'userId: integer("user_id").references(() => users.id)'
    return USERS + "".join(f'export const t{n} = sqliteTable("t{n}", {{ {column} }});\n' for n in range(number))


@pytest.mark.parametrize(
    "schema",
    [
        keys_of_one_table,
        tables_of_one_key,
        lambda number: "// d1lint-ignore missing-relation -- x\n" * number + USERS,
        lambda number: "// d1lint-ignore unused-suppression\n" * number + "// d1lint-ignore missing-relation\n" + USERS,
        lambda number: f"// d1lint-ignore {', '.join(f'missing-relation{n}' for n in range(number))} -- x\n{USERS}",
        lambda number: "".join(f"// d1lint-ignore missing-{n} -- x\n" for n in range(number)) + USERS,
    ],
)
def test_the_work_grows_as_what_there_is_to_do(schema: Callable[[int], str], tmp_path: Path) -> None:
    work = []
    for number in (60, 240, 480):
        write_files(tmp_path, {"d1lint.toml": CONFIG, "src/db/schema.ts": schema(number)})
        work.append(calls(lambda: choose(check([tmp_path]).findings)))
    first, second = work[1] - work[0], work[2] - work[1]
    assert second < first / 180 * 240 * 1.5, work


def calls(run: Callable[[], object]) -> int:
    """How many functions are called, those of C and what generators give among them."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count
