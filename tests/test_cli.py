"""The command line: exit codes, what is written where, and one sentence for each thing that is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import d1lint_rules
import pytest
from click.testing import CliRunner, Result
from pages import write_files
from repository import add_crashing_rule, package, wrangler
from test_registry import MODULE, install

from d1lint import __version__
from d1lint.cli import FORMATS, main

APP = {"package.json": package("app", "drizzle-orm@0.45.2"), "wrangler.jsonc": wrangler("DB")}
USERS = """
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer().primaryKey() });
"""
POSTS = """
import { index, integer, sqliteTable } from "drizzle-orm/sqlite-core";
import { users } from "./users";
export const posts = sqliteTable("posts", {
    id: integer().primaryKey(),
    authorId: integer("author_id").references(() => users.id, { onDelete: "cascade" }),
}, (t) => [index("posts_author_idx").on(t.authorId)]);
"""
CLEAN = {**APP, "src/users.ts": USERS}
WITH_WARNING = {**CLEAN, "src/posts.ts": POSTS}
WITH_ERROR = {**CLEAN, "src/posts.ts": POSTS.replace(', (t) => [index("posts_author_idx").on(t.authorId)]', "")}
NO_D1 = {"package.json": package("app", "hono@4.0.0"), "src/index.ts": "export default {};"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def failed(result: Result) -> list[str]:
    """The sentences that a run which could not be done says."""
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.splitlines()


# --- exit codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "arguments", "code"),
    [
        (CLEAN, (), 0),
        (NO_D1, (), 0),
        (WITH_WARNING, (), 0),
        (WITH_WARNING, ("--fail-on", "warning"), 1),
        (WITH_WARNING, ("--fail-on", "note"), 1),
        (WITH_WARNING, ("--fail-on", "never"), 0),
        (WITH_ERROR, (), 1),
        (WITH_ERROR, ("--fail-on", "error"), 1),
        (WITH_ERROR, ("--fail-on", "never"), 0),
    ],
)
def test_the_exit_code_tells_whether_something_was_found(
    files: dict[str, str], arguments: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    write_files(tmp_path, files)
    assert run("check", tmp_path, *arguments).exit_code == code


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("files", "code"), [(CLEAN, 0), (NO_D1, 0), (WITH_ERROR, 1)], ids=["clean", "no D1", "errors"])
def test_every_format_has_the_same_exit_code(form: str, files: dict[str, str], code: int, tmp_path: Path) -> None:
    write_files(tmp_path, files)
    result = run("check", tmp_path, "--format", form)
    assert result.exit_code == code
    assert result.stdout.endswith("\n") or not result.stdout


def test_a_repository_without_d1_is_told_so_in_one_clear_word(tmp_path: Path) -> None:
    write_files(tmp_path, NO_D1)
    result = run("check", tmp_path)
    assert result.exit_code == 0
    assert result.stdout.startswith("No Drizzle on Cloudflare D1 here: 1 file read, nothing to lint")


def test_a_clean_repository_is_told_so(tmp_path: Path) -> None:
    write_files(tmp_path, CLEAN)
    assert run("check", tmp_path).stdout.startswith("No findings · 1 file, 1 table, 0 foreign keys")


# --- formats -------------------------------------------------------------------------------------------------------


def test_json_has_the_findings_and_the_summary(tmp_path: Path) -> None:
    write_files(tmp_path, WITH_ERROR)
    report = json.loads(run("check", tmp_path, "--format", "json").stdout)
    assert report["version"] == 1
    assert {f["rule"] for f in report["findings"]} == {"missing-relation", "unindexed-foreign-key"}
    assert {f["file"] for f in report["findings"]} == {"src/posts.ts"}
    assert (report["summary"]["errors"], report["summary"]["warnings"]) == (1, 1)


@pytest.mark.parametrize(
    ("files", "results"), [(CLEAN, 0), (NO_D1, 0), (WITH_ERROR, 2)], ids=["clean", "no D1", "errors"]
)
def test_sarif_is_whole_whatever_was_found(files: dict[str, str], results: int, tmp_path: Path) -> None:
    write_files(tmp_path, files)
    (sarif,) = json.loads(run("check", tmp_path, "--format", "sarif").stdout)["runs"]
    assert len(sarif["results"]) == results
    assert len(sarif["tool"]["driver"]["rules"]) >= 5
    assert sarif["invocations"][0]["executionSuccessful"] is True


def test_paths_lead_from_the_top_of_the_git_repository(tmp_path: Path) -> None:
    write_files(tmp_path, {f"apps/web/{path}": content for path, content in WITH_ERROR.items()})
    (tmp_path / ".git").mkdir()
    (tmp_path / "apps/web/d1lint.toml").touch()
    project = tmp_path / "apps/web"
    assert run("check", project, "--format", "concise").stdout.startswith("apps/web/src/posts.ts:6:36: ")
    report = json.loads(run("check", project, "--format", "json").stdout)
    assert {f["file"] for f in report["findings"]} == {"apps/web/src/posts.ts"}
    (sarif,) = json.loads(run("check", project, "--format", "sarif").stdout)["runs"]
    locations = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in sarif["results"]]
    assert set(locations) == {"apps/web/src/posts.ts"}


@pytest.mark.parametrize(
    ("arguments", "environment", "colour"),
    [
        ((), {}, False),
        (("--color",), {}, True),
        (("--color",), {"NO_COLOR": "1"}, True),
        (("--no-color",), {"FORCE_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_asked_for(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    colour: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    write_files(tmp_path, WITH_ERROR)
    assert ("\x1b[" in run("check", tmp_path, *arguments).stdout) is colour


# --- what can not be done ------------------------------------------------------------------------------------------


def test_missing_paths_are_named_in_one_sentence(tmp_path: Path) -> None:
    assert failed(run("check", tmp_path / "a.ts")) == [f"d1lint: {tmp_path / 'a.ts'} does not exist"]
    both = f"{tmp_path / 'a.ts'}, {tmp_path / 'b.ts'}"
    assert failed(run("check", tmp_path / "a.ts", tmp_path / "b.ts")) == [f"d1lint: {both} do not exist"]
    for command in ("schema", "config"):
        assert failed(run(command, tmp_path / "a.ts")) == [f"d1lint: {tmp_path / 'a.ts'} does not exist"]


@pytest.mark.parametrize("command", ["check", "schema", "config"])
def test_all_that_is_wrong_in_the_configuration_is_said_at_once(command: str, tmp_path: Path) -> None:
    settings = """
extends = ["recomended"]
exclud = ["dist"]

[rules]
unindexed-foreign-keys = "error"
missing-relation = { without-relation = "off" }
global-client = { importable-env = 3 }
foreign-dialect = "fatal"

[[overrides]]
paths = "src"
"""
    write_files(tmp_path, {**CLEAN, "d1lint.toml": settings, "packages/a/d1lint.toml": "rules = []"})
    sentences = failed(run(command, tmp_path))
    assert all(sentence.startswith("d1lint: ") for sentence in sentences)
    said = "\n".join(sentences)
    for expected in (
        "d1lint.toml:2: extends",
        "did you mean recommended?",
        "d1lint.toml:3: exclud",
        "did you mean exclude?",
        "d1lint.toml:6: rules.unindexed-foreign-keys",
        "did you mean unindexed-foreign-key?",
        'found "fatal"',
        "d1lint.toml:7: rules.missing-relation.without-relation",
        "did you mean without-relations?",
        "d1lint.toml:8: rules.global-client.importable-env",
        "d1lint.toml:9: rules.foreign-dialect",
        "d1lint.toml:12: overrides[0].paths",
        "packages/a/d1lint.toml:1: rules",
    ):
        assert expected in said


def test_invalid_toml_is_one_sentence(tmp_path: Path) -> None:
    write_files(tmp_path, {**CLEAN, "d1lint.toml": 'extends = ["recommended"\n\n[rules\n'})
    (sentence,) = failed(run("check", tmp_path))
    assert sentence.startswith("d1lint: d1lint.toml:3: found invalid TOML (")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("rule", "unindexed-foreign"), "There is no rule unindexed-foreign; did you mean unindexed-foreign-key?"),
        (("rule", "zzz"), "There is no rule zzz; nothing is named like it."),
        (("policy", "hono"), "There is no policy hono; did you mean hono-d1?"),
        (("policy", "zzz"), "There is no policy zzz; nothing is named like it."),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(arguments: tuple[str, ...], sentence: str) -> None:
    assert failed(run(*arguments)) == [f"d1lint: {sentence}"]


def test_a_rule_that_is_not_built_yet_is_said_to_be() -> None:
    assert failed(run("rule", "other-orm")) == ["d1lint: The rule other-orm is planned and not built yet."]


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A repository with a rule that crashes."""
    name = add_crashing_rule(monkeypatch)
    write_files(tmp_path, {**WITH_WARNING, "d1lint.toml": f'[rules]\n{name} = "note"\n'})
    return tmp_path


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("fail_on", ["error", "never"])
def test_a_crash_is_reported_in_every_format_and_fails_whatever_is_asked(
    form: str, fail_on: str, crashing: Path
) -> None:
    result = run("check", crashing, "--format", form, "--fail-on", fail_on)
    assert result.exit_code == 2
    assert "crashing-rule" in result.stdout
    assert "src/posts.ts" in result.stdout
    assert "Traceback" not in result.output


def test_a_crash_makes_the_sarif_an_unsuccessful_one(crashing: Path) -> None:
    (sarif,) = json.loads(run("check", crashing, "--format", "sarif").stdout)["runs"]
    invocation = sarif["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == 1
    assert [each["ruleId"] for each in sarif["results"]] == ["missing-relation", "crashing-rule"]


# --- what could not be done ----------------------------------------------------------------------------------------


def reports(folder: Path, *arguments: str | Path) -> tuple[Result, dict[str, str]]:
    """A run that writes a report of every format, and what it wrote."""
    done = run("check", *arguments, *(f"--output={form}={folder / form}" for form in FORMATS))
    return done, {form: (folder / form).read_text(encoding="utf-8") for form in FORMATS}


def test_a_wrong_configuration_is_in_every_report_that_was_asked_for(tmp_path: Path) -> None:
    write_files(tmp_path / "apps/web", {**CLEAN, "d1lint.toml": '\nextends = ["recomended"]\n'})
    (tmp_path / ".git").mkdir()
    done, written = reports(tmp_path, tmp_path / "apps/web")
    said = 'extends[0]: found "recomended"'
    assert done.exit_code == 2 and done.stdout == "" and said in done.stderr
    assert all(
        said in text.replace('\\"', '"').replace("&quot;", '"').replace("\\[", "[").replace("\\]", "]")
        for text in written.values()
    )
    assert all("apps/web/d1lint.toml" in text for text in written.values())
    [sarif] = json.loads(written["sarif"])["runs"]
    assert sarif["results"] == [] and sarif["invocations"][0]["executionSuccessful"] is False
    assert json.loads(written["json"])["summary"]["problems"][0]["line"] == 2


@pytest.mark.parametrize("form", FORMATS)
def test_standard_output_has_the_report_that_programs_read(form: str, tmp_path: Path) -> None:
    done = run("check", tmp_path / "gone.ts", "--format", form)
    assert done.exit_code == 2 and "gone.ts does not exist" in done.stderr
    assert ("gone.ts does not exist" in done.stdout) is (form not in ("text", "concise", "agent"))


def test_a_report_that_can_not_be_written_is_told_beside_the_reason(tmp_path: Path) -> None:
    done = run("check", tmp_path / "gone.ts", "--output", f"sarif={tmp_path / 'no' / 'where.sarif'}")
    assert done.exit_code == 2 and "where.sarif can not be written" in done.stderr and "gone.ts" in done.stderr


def test_a_defect_of_d1lints_is_never_taken_for_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python ends with 1 where an exception is not caught, and 1 is for findings."""
    site = tmp_path / "site"
    site.mkdir()
    torn = MODULE.replace("    most: int = 3", "    most: int = 3\n    def __post_init__(self): raise OSError('torn')")
    install(site, "torn_options", "lonely-table = torn_options:lonely_table", torn)
    monkeypatch.syspath_prepend(site)
    write_files(tmp_path / "app", {**WITH_ERROR, "d1lint.toml": '[rules]\nlonely-table = "error"\n'})
    done, written = reports(tmp_path, tmp_path / "app", "--fail-on", "never")
    assert done.exit_code == 2 and "OSError: torn" in done.stderr and "please report it" in done.stderr
    assert all("OSError: torn" in text for text in written.values())
    assert json.loads(written["sarif"])["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_a_rule_of_a_third_party_needs_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = MODULE.replace("on=str", "on=ForeignKey").replace("(table, project)", "(key, project, options)")
    install(
        tmp_path,
        "pageless",
        "lonely-table = pageless:lonely_table",
        f"from d1lint.model.schema import ForeignKey\n{check}",
    )
    monkeypatch.syspath_prepend(tmp_path)
    page = run("rule", "lonely-table")
    assert (page.exit_code, page.stdout) == (0, "# lonely-table\n\nA table that nothing refers to.\n")
    write_files(tmp_path / "app", {**WITH_ERROR, "d1lint.toml": '[rules]\nlonely-table = "error"\n'})
    done, written = reports(tmp_path, tmp_path / "app")
    assert done.exit_code == 1
    [sarif] = json.loads(written["sarif"])["runs"]
    assert [r for r in sarif["tool"]["driver"]["rules"] if r["id"] == "lonely-table" and "helpUri" not in r]


# --- the configuration ---------------------------------------------------------------------------------------------


def test_another_configuration_can_be_chosen(tmp_path: Path) -> None:
    app, chosen = tmp_path / "app", tmp_path / "policy.toml"
    write_files(app, {**WITH_ERROR, "d1lint.toml": 'exclude = ["src"]\n'})
    chosen.write_text('[rules]\nmissing-relation = "off"\n', encoding="utf-8")
    assert run("check", app).exit_code == 0
    rules = {
        f["rule"] for f in json.loads(run("check", app, "--config", chosen, "--format", "json").stdout)["findings"]
    }
    assert rules == {"unindexed-foreign-key"}
    assert f"{chosen.as_posix()}:2" in run("config", app, "--config", chosen).stdout
    written = run("baseline", app, "--config", chosen)
    assert written.exit_code == 0 and ": 1 known finding\n" in written.stdout
    assert run("check", app, "--config", chosen).exit_code == 0
    chosen.write_text("[rule]\n", encoding="utf-8")
    assert failed(run("check", app, "--config", chosen))[0].startswith(f"d1lint: {chosen.as_posix()}:1: rule: found")


def test_suppressed_findings_are_in_sarif_only_if_asked_for(tmp_path: Path) -> None:
    silenced = WITH_ERROR["src/posts.ts"].replace(
        "    authorId", "    // d1lint-ignore unindexed-foreign-key -- three rows\n    authorId"
    )
    write_files(tmp_path, {**WITH_ERROR, "src/posts.ts": silenced})
    assert run("baseline", tmp_path).exit_code == 0
    plain = json.loads(run("check", tmp_path, "--format", "sarif").stdout)["runs"][0]
    assert plain["results"] == []
    asked = run("check", tmp_path, "--format", "sarif", "--sarif-include-suppressed")
    assert asked.exit_code == 0
    found = [(each["ruleId"], each["suppressions"][0]) for each in json.loads(asked.stdout)["runs"][0]["results"]]
    assert found == [
        ("unindexed-foreign-key", {"kind": "inSource", "justification": "three rows"}),
        ("missing-relation", {"kind": "external", "justification": "It is in the baseline."}),
    ]


# --- the other commands --------------------------------------------------------------------------------------------


def test_schema_prints_every_table_in_the_agreed_shape(tmp_path: Path) -> None:
    posts = """
        import { sql } from "drizzle-orm";
        import { check, index, integer, primaryKey, sqliteTable, text, unique } from "drizzle-orm/sqlite-core";
        import { extra } from "elsewhere";
        import { users } from "./users";
        export const posts = sqliteTable("posts", {
            authorId: integer("author_id").notNull().references(() => users.id, { onDelete: "cascade" }),
            slug: text().unique().default("x"),
        }, (t) => [
            primaryKey({ columns: [t.authorId, t.slug] }),
            unique().on(t.slug, t.authorId),
            index("posts_slug_idx").on(t.slug).where(sql`slug <> ''`),
            check("posts_slug", sql`slug <> ''`),
        ]);
        export const partly = sqliteTable("partly", { ...extra });
    """
    write_files(tmp_path, {**CLEAN, "src/posts.ts": posts})
    result = run("schema", tmp_path)
    assert result.exit_code == 0
    model = json.loads(result.stdout)
    assert model["version"] == 1 and model["relations"] == []
    tables = {table["name"]: table for table in model["tables"]}
    assert {key: tables["posts"][key] for key in tables["posts"] if key not in ("columns", "database", "reasons")} == {
        "name": "posts",
        "export": "posts",
        "file": "src/posts.ts",
        "line": 6,
        "complete": True,
        "foreignKeys": [
            {
                "columns": ["author_id"],
                "foreignTable": "users",
                "foreignColumns": ["id"],
                "onDelete": "cascade",
                "onUpdate": None,
                "line": 7,
            }
        ],
        "indexes": [{"name": "posts_slug_idx", "columns": ["slug"], "unique": False, "partial": True}],
        "primaryKeys": [["author_id", "slug"]],
        "uniques": [["slug", "author_id"]],
        "checks": 1,
    }
    assert tables["posts"]["columns"][0] == {
        "key": "authorId",
        "name": "author_id",
        "type": "integer",
        "notNull": True,
        "primaryKey": False,
        "unique": False,
        "hasDefault": False,
        "line": 7,
    }
    assert tables["partly"]["complete"] is False and tables["partly"]["reasons"]


def test_schema_draws_a_diagram(tmp_path: Path) -> None:
    write_files(tmp_path, WITH_ERROR)
    diagram = run("schema", tmp_path, "--format", "mermaid")
    assert diagram.exit_code == 0
    assert diagram.stdout.startswith("erDiagram\n")


def test_config_says_what_holds_and_where_it_comes_from(tmp_path: Path) -> None:
    write_files(tmp_path, {**CLEAN, "d1lint.toml": '[rules]\nmissing-relation = "off"\n'})
    result = run("config", tmp_path)
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["missing-relation", "off", "d1lint.toml:2"] in [line[:3] for line in lines]
    assert ["unindexed-foreign-key", "error", "recommended"] in [line[:3] for line in lines]


def test_rules_lists_each_rule_and_rule_prints_its_page() -> None:
    listed = run("rules").stdout.splitlines()
    assert [line.split()[0] for line in listed] == sorted(d1lint_rules.BUILT_IN)
    for name in d1lint_rules.BUILT_IN:
        page = run("rule", name)
        assert page.exit_code == 0 and page.stdout.startswith(f"# {name}\n")


def test_policy_lists_the_policies_and_prints_one() -> None:
    overview = run("policy")
    assert overview.exit_code == 0 and "recommended" in overview.stdout
    clauses = run("policy", "hono-d1")
    assert clauses.exit_code == 0 and "HD-16" in clauses.stdout and "unindexed-foreign-key" in clauses.stdout


# --- as a program --------------------------------------------------------------------------------------------------


PROGRAM = (sys.executable, "-c", "from d1lint.cli import main; main()")


def program(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)


def test_the_current_folder_is_the_default(tmp_path: Path) -> None:
    write_files(tmp_path, WITH_ERROR)
    done = program("check", "--format", "concise", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("src/posts.ts:6:36: ")
    assert done.stderr == ""


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    declared = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert declared["project"]["scripts"]["d1lint"] == "d1lint.cli:main"
    assert program("--version").stdout == f"d1lint {__version__}\n"


def test_a_terminal_that_knows_no_such_character_gets_another(tmp_path: Path) -> None:
    write_files(tmp_path, {**CLEAN, "src/posts.ts": WITH_ERROR["src/posts.ts"].replace("posts", "文章")})
    done = program("check", tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_is_no_trouble(tmp_path: Path) -> None:
    write_files(tmp_path, WITH_ERROR)
    command = [*PROGRAM, "check", str(tmp_path), "--format", "sarif"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert b"Traceback" not in said
