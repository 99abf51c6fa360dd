"""The baseline: known findings stay silent, whatever moves; new ones are reported; what is gone is told, and pruned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pages import write_files
from repository import add_crashing_rule

from d1lint.baseline import Baseline, BaselineError
from d1lint.cli import main
from d1lint.finding import Finding, Span

FILE = ".d1lint-baseline.json"
HEAD = 'import { index, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
USERS = 'export const users = sqliteTable("users", { id: integer().primaryKey() });\n'


def child(name: str) -> str:
    """A table with a foreign key that has neither an index nor a relation: two findings."""
    return (
        f'export const {name} = sqliteTable("{name}", {{ id: integer().primaryKey(), '
        "user: integer().references(() => users.id) });\n"
    )


def indexed(name: str) -> str:
    """The same table, with the index: one finding."""
    return child(name).replace(" });\n", f' }}, (t) => [index("i_{name}").on(t.user)]);\n')


def schema(*tables: str) -> str:
    return HEAD + USERS + "".join(tables)


def write(folder: Path, text: str, file: str = "src/schema.ts") -> None:
    write_files(folder, {file: text, "wrangler.toml": '[[d1_databases]]\nbinding = "DB"\n', "package.json": PACKAGE})


PACKAGE = '{ "name": "app", "dependencies": { "drizzle-orm": "^0.45.2" } }\n'


def d1lint(*arguments: str | Path, code: int = 0) -> Result:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    return done


def report(folder: Path, *arguments: str, code: int = 0) -> tuple[list[tuple[str, str]], int, int]:
    """The rule and the symbol of each finding, how many the baseline knows, and how many are gone."""
    text = d1lint("check", folder, "--format", "json", *arguments, code=code).stdout
    found = json.loads(text)
    summary = found["summary"]
    return [(f["rule"], f["symbol"]) for f in found["findings"]], summary["baselined"], summary["stale"]


def test_two_hundred_findings_go_green_and_a_new_one_red(tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(100)]
    write(tmp_path, schema(*map(child, names)))
    assert len(report(tmp_path, "--fail-on", "warning", code=1)[0]) == 200
    assert "200 known findings" in d1lint("baseline", tmp_path).output
    assert report(tmp_path, "--fail-on", "note") == ([], 200, 0)

    write(tmp_path, schema(*map(child, names), indexed("fresh")))
    assert report(tmp_path, "--fail-on", "note", code=1) == ([("missing-relation", "fresh.user")], 200, 0)


def test_the_file_reads_well_and_is_the_same_each_time(tmp_path: Path) -> None:
    write(tmp_path, schema(child("b"), child("a")))
    d1lint("baseline", tmp_path)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    document = json.loads(text)
    assert [(e["rule"], e["symbol"], e["file"], e["count"]) for e in document["findings"]] == [
        ("missing-relation", "a.user", "src/schema.ts", 1),
        ("missing-relation", "b.user", "src/schema.ts", 1),
        ("unindexed-foreign-key", "a.user", "src/schema.ts", 1),
        ("unindexed-foreign-key", "b.user", "src/schema.ts", 1),
    ]
    assert len(text.splitlines()) == 4 + 5
    d1lint("baseline", tmp_path)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == text


def test_moved_lines_and_renamed_files_stay_known(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a"), child("b")))
    d1lint("baseline", tmp_path)
    write(tmp_path, schema("\n\n// moved\n", child("b"), child("a")))
    assert report(tmp_path) == ([], 4, 0)
    (tmp_path / "src/schema.ts").unlink()
    write(tmp_path, schema(child("b"), child("a")), "src/db/räume und mehr.ts")
    assert report(tmp_path) == ([], 4, 0)


def test_what_is_gone_is_told_pruned_and_can_not_come_back(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a"), child("b")))
    d1lint("baseline", tmp_path)
    write(tmp_path, schema(indexed("a"), child("b")))
    assert report(tmp_path) == ([], 3, 1)
    assert "warning: 1 finding of the baseline is gone" in " ".join(d1lint("check", tmp_path).output.split())
    # A stale entry is a warning.
    report(tmp_path, "--fail-on", "warning", code=1)

    assert "3 known findings, 1 finding removed" in d1lint("baseline", tmp_path, "--prune").output
    assert report(tmp_path, "--fail-on", "warning") == ([], 3, 0)
    write(tmp_path, schema(child("a"), child("b")))
    assert report(tmp_path, code=1) == ([("unindexed-foreign-key", "a.user")], 3, 0)


def test_pruning_adds_nothing(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a")))
    d1lint("baseline", tmp_path)
    before = (tmp_path / FILE).read_bytes()
    write(tmp_path, schema(child("a"), child("b")))
    assert "2 known findings, 0 findings removed" in d1lint("baseline", tmp_path, "--prune").output
    assert (tmp_path / FILE).read_bytes() == before


def test_everything_may_be_gone(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a")))
    d1lint("baseline", tmp_path)
    write(tmp_path, "export const nothing = 1;\n")
    assert report(tmp_path) == ([], 0, 2)
    d1lint("baseline", tmp_path, "--prune")
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8")) == {"version": 1, "findings": []}
    assert report(tmp_path) == ([], 0, 0)


def test_one_more_with_a_known_symbol_is_new_and_it_is_the_one_elsewhere(tmp_path: Path) -> None:
    """Two handlers of one name in two files: the second one is the new one, though it comes first."""
    sql = 'export async function GET(env: { DB: D1Database }) { return env.DB.prepare("SELECT 1").all(); }\n'
    write(tmp_path, sql, "src/z.ts")
    d1lint("baseline", tmp_path)
    write(tmp_path, sql, "src/a.ts")
    text = d1lint("check", tmp_path, "--format", "concise", code=1).output
    assert "src/a.ts:1" in text and "src/z.ts" not in text


def test_several_with_one_symbol_are_counted(tmp_path: Path) -> None:
    statement = '  await env.DB.prepare("SELECT %s").all();\n'
    head = "export async function GET(env: { DB: D1Database }) {\n"
    write(tmp_path, f"{head}{statement}{statement}{statement}}}\n")
    d1lint("baseline", tmp_path)
    assert '"count": 3' in (tmp_path / FILE).read_text(encoding="utf-8")
    assert report(tmp_path) == ([], 3, 0)
    write(tmp_path, f"{head}{statement}}}\n")
    assert report(tmp_path) == ([], 1, 2)
    write(tmp_path, f"{head}{statement * 5}}}\n")
    assert report(tmp_path, code=1) == ([("unjustified-native-sql", "GET")] * 2, 3, 0)


def test_the_configuration_or_the_command_line_names_another_file(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a")))
    (tmp_path / "lint").mkdir()
    other = tmp_path / "lint/known findings.json"
    assert "--baseline" in d1lint("baseline", tmp_path, "--file", other).output
    report(tmp_path, code=1)
    assert report(tmp_path, "--baseline", str(other)) == ([], 2, 0)

    (tmp_path / "d1lint.toml").write_text('baseline = "lint/known findings.json"\n')
    assert report(tmp_path) == ([], 2, 0)
    assert len(report(tmp_path, "--no-baseline", code=1)[0]) == 2
    other.unlink()
    assert "--baseline" not in d1lint("baseline", tmp_path / "src").output
    assert other.exists() and not (tmp_path / FILE).exists()


def test_a_baseline_counts_for_what_is_asked_of_single_files_too(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a")))
    write(tmp_path, schema(child("b")).replace("users", "people"), "src/more.ts")
    (tmp_path / "d1lint.toml").touch()
    d1lint("baseline", tmp_path)
    write(tmp_path, schema(child("a"), child("c")))
    assert report(tmp_path / "src/more.ts") == ([], 4, 0)
    assert len(report(tmp_path / "src/schema.ts", code=1)[0]) == 2


def test_sarif_tells_the_counts(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a"), child("b")))
    d1lint("baseline", tmp_path)
    write(tmp_path, schema(indexed("a"), child("b"), child("c")))
    [run] = json.loads(d1lint("check", tmp_path, "--format", "sarif", code=1).stdout)["runs"]
    assert run["properties"] == {"suppressed": 0, "baselined": 3, "stale": 1, "older": 0}
    assert len(run["results"]) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1: this baseline is not valid JSON"),
        (b'{\n<<<<<<< HEAD\n"version": 1}', "2: this baseline is not valid JSON"),
        (b"[]", "is not a baseline: Expected `object`"),
        (b"\xff", "no JSON document in UTF-8"),
        (b"[" * 100_000, "no JSON document in UTF-8"),
        (b'{"version": 2, "findings": []}', "of version 2; this d1lint reads version 1"),
        (b'{"findings": []}', "missing required field `version`"),
        (b'{"version": 1, "findings": [{"rule": "a"}]}', "missing required field"),
        (
            b'{"version": 1, "findings": [{"rule": "a", "symbol": "b", "file": "c", "count": 0, "fingerprint": ""}]}',
            "a count of at least 1",
        ),
        (
            b'{"version": 1, "findings": [{"rule": "a", "symbol": "b", "file": "c", "count": 1, "fingerprint": "0"}]}',
            "the fingerprint of entry 1, a of b, is not that of its rule and symbol",
        ),
    ],
)
def test_a_file_that_is_no_baseline_is_one_clear_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    write(tmp_path, schema(child("a")))
    (tmp_path / FILE).write_bytes(content)
    done = d1lint("check", tmp_path, code=2)
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1
    assert said in done.stderr and FILE in done.stderr
    d1lint("baseline", tmp_path, "--prune", code=2)
    # Written anew, it is one.
    d1lint("baseline", tmp_path)
    d1lint("check", tmp_path)


def test_a_baseline_that_is_named_and_not_there_fails(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a")))
    (tmp_path / "d1lint.toml").write_text('baseline = "known.json"\n')
    assert "`d1lint baseline` writes one" in d1lint("check", tmp_path, code=2).stderr
    assert "can not be read" in d1lint("check", tmp_path, "--baseline", tmp_path, code=2).stderr
    assert "can not be written" in d1lint("baseline", tmp_path, "--file", tmp_path / "a/b.json", code=2).stderr


def test_a_count_that_no_repository_has_takes_no_time(tmp_path: Path) -> None:
    write(tmp_path, schema(child("a")))
    d1lint("baseline", tmp_path)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(text.replace('"count": 1', '"count": 1000000000000'), encoding="utf-8")
    assert report(tmp_path) == ([], 2, 2 * 10**12 - 2)


def test_a_crash_says_nothing_about_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, schema(child("posts"), child("b")))
    d1lint("baseline", tmp_path)
    before = (tmp_path / FILE).read_bytes()
    write(tmp_path, schema(child("posts")))
    (tmp_path / "d1lint.toml").write_text(f'[rules]\n{add_crashing_rule(monkeypatch)} = "error"\n')
    summary = json.loads(d1lint("check", tmp_path, "--format", "json", code=2).stdout)["summary"]
    assert (summary["baselined"], summary["stale"]) == (2, 0)
    for arguments in ([], ["--prune"]):
        assert "no baseline is written" in d1lint("baseline", tmp_path, *arguments, code=2).stderr
    assert (tmp_path / FILE).read_bytes() == before


def test_any_symbol_and_any_file_name_survives(tmp_path: Path) -> None:
    odd = '\x1b\u2028"\\ 検 \ud800'
    found = [Finding(Span(odd, 0, 1), odd, "", "", "", rule="a"), Finding(Span("é", 0, 1), "検", "", "", "", rule="a")]
    path = tmp_path / "known.json"
    path.write_text(Baseline.of(found).text(), encoding="utf-8", newline="\n")
    assert Baseline.read(path).part(found).new == []
    assert "検" in path.read_text(encoding="utf-8")


def test_a_missing_baseline_is_named(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="there is no baseline"):
        Baseline.read(tmp_path / "gone")
