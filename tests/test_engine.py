"""One run: what is asked for, what is reported, and what happens when a part of it fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pages import write_files
from repository import MONOREPO, Files, add_crashing_rule, lines, lint, package, wrangler

from d1lint.engine import UsageError, check
from d1lint.model import kit, project
from d1lint.model.evaluate import Evaluator
from d1lint.model.raw_sql import native_sql
from d1lint.model.tables import databases
from d1lint.model.tables.compile import SchemaCompiler
from d1lint.syntax import parse

APP = {"package.json": package("app", "drizzle-orm@0.45.2"), "wrangler.jsonc": wrangler("DB")}
USERS = """
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer().primaryKey() });
"""
POSTS = """
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
import { users } from "./users";
export const posts = sqliteTable("posts", {
    id: integer().primaryKey(),
    authorId: integer("author_id").references(() => users.id),
});
"""
COMMENTS = POSTS.replace("posts", "comments").replace("author", "writer")
REPOSITORY = {
    **APP,
    "src/users.ts": USERS,
    "src/posts.ts": POSTS,
    "src/sub/comments.ts": COMMENTS.replace("./users", "../users"),
    "src/index.ts": 'import "./posts"; export const run = (env) => env.DB.prepare("SELECT 1").run();',
}


def found(folder: Path, *paths: str) -> set[tuple[str, str]]:
    """The file and symbol of each finding about an index or raw SQL."""
    result = check([folder / path for path in paths] or [folder])
    rules = ("unindexed-foreign-key", "unjustified-native-sql")
    return {(f.span.file, f.symbol) for f in result.findings if f.rule in rules}


INDEX, COMMENT, RAW = (
    ("src/posts.ts", "posts.author_id"),
    ("src/sub/comments.ts", "comments.writer_id"),
    ("src/index.ts", "run"),
)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ((), {INDEX, COMMENT, RAW}),
        (("src/posts.ts",), {INDEX}),
        (("src/index.ts",), {RAW}),
        (("src/sub",), {COMMENT}),
        (("src/sub", "src/index.ts"), {COMMENT, RAW}),
        (("src",), {INDEX, COMMENT, RAW}),
        (("package.json",), set()),
    ],
    ids=["the project", "a file", "another file", "a folder", "several", "a folder of all", "what is not linted"],
)
def test_what_is_located_in_the_paths_is_reported(
    paths: tuple[str, ...], expected: set[tuple[str, str]], tmp_path: Path
) -> None:
    write_files(tmp_path, {**REPOSITORY, "d1lint.toml": ""})
    assert found(tmp_path, *paths) == expected


def test_a_related_place_counts_as_one(tmp_path: Path) -> None:
    write_files(tmp_path, {**REPOSITORY, "d1lint.toml": ""})
    rules = {(f.rule, f.span.file) for f in check([tmp_path / "src/users.ts"]).findings}
    assert rules == {("missing-relation", "src/posts.ts"), ("missing-relation", "src/sub/comments.ts")}


def test_a_folder_is_no_prefix_of_a_name(tmp_path: Path) -> None:
    write_files(tmp_path, {**REPOSITORY, "d1lint.toml": "", "src/sub.ts": COMMENTS.replace("comments", "others")})
    assert found(tmp_path, "src/sub") == {COMMENT}


def test_the_model_comes_from_the_whole_project(tmp_path: Path) -> None:
    relations = """
        import { relations } from "drizzle-orm";
        import { posts } from "./posts";
        import { users } from "./users";
        export const postRelations = relations(posts, ({ one }) => ({
            author: one(users, { fields: [posts.authorId], references: [users.id] }),
        }));
    """
    files = {**APP, "d1lint.toml": "", "src/users.ts": USERS, "src/posts.ts": POSTS}
    write_files(tmp_path, {**files, "src/relations.ts": relations})
    assert {f.rule for f in check([tmp_path / "src/posts.ts"]).findings} == {"unindexed-foreign-key"}


def test_an_ignored_file_is_linted_where_it_is_asked_for(tmp_path: Path) -> None:
    write_files(tmp_path, {**REPOSITORY, "d1lint.toml": 'exclude = ["src/sub"]', ".gitignore": "src/posts.ts\n"})
    assert found(tmp_path) == {RAW}
    assert found(tmp_path, "src/posts.ts") == {INDEX}
    assert found(tmp_path, "src/sub/comments.ts") == {COMMENT}


def test_a_file_alone_is_a_project_of_its_folder(tmp_path: Path) -> None:
    write_files(
        tmp_path, {**APP, "schema.ts": USERS.replace(" });", ", other: integer().references(() => users.id) });")}
    )
    assert {f.rule for f in check([tmp_path / "schema.ts"]).findings} == {"unindexed-foreign-key", "missing-relation"}


def test_paths_are_shown_from_the_top_of_the_repository(tmp_path: Path) -> None:
    write_files(tmp_path, {f"apps/web/{path}": content for path, content in REPOSITORY.items()})
    (tmp_path / ".git").mkdir()
    (tmp_path / "apps/web/d1lint.toml").touch()
    assert check([tmp_path / "apps/web/src"]).prefix == "apps/web/"
    assert check([tmp_path]).prefix == ""


def test_a_repository_is_one_project_unless_a_configuration_says_otherwise(tmp_path: Path) -> None:
    one = {f"apps/one/{path}": content for path, content in REPOSITORY.items()}
    two = {f"apps/two/{path}": content for path, content in REPOSITORY.items()}
    write_files(tmp_path, {"package.json": MONOREPO, **one, **two})
    (tmp_path / ".git").mkdir()
    both = {(f"apps/{name}/{file}", symbol) for name in ("one", "two") for file, symbol in (INDEX, COMMENT, RAW)}
    assert found(tmp_path) == both
    assert found(tmp_path, "apps/one") == {(file, symbol) for file, symbol in both if file.startswith("apps/one")}
    assert found(tmp_path, "apps/one/src/posts.ts", "apps/two/src/posts.ts") == {
        ("apps/one/src/posts.ts", "posts.author_id"),
        ("apps/two/src/posts.ts", "posts.author_id"),
    }


def test_paths_of_two_projects_are_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_files(tmp_path / name, {**REPOSITORY, "d1lint.toml": ""})
    with pytest.raises(UsageError, match=r"two is not in the project at .*one; check one project at a time"):
        check([tmp_path / "one", tmp_path / "two"])


def test_all_missing_paths_are_named(tmp_path: Path) -> None:
    (tmp_path / "dangling.ts").symlink_to("nowhere.ts")
    with pytest.raises(UsageError, match=r"nope\.ts, .*dangling\.ts do not exist"):
        check([tmp_path / "nope.ts", tmp_path / "dangling.ts"])


@contextmanager
def unprivileged() -> Iterator[None]:
    """As somebody whom the modes of files concern."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def public_path(tmp_path: Path) -> Path:
    """A folder that anybody can reach."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    return tmp_path


def test_files_that_can_not_be_read_are_named(public_path: Path) -> None:
    write_files(public_path, REPOSITORY)
    check([public_path])  # what a run needs is imported
    for name in ("src/posts.ts", "src/users.ts"):
        (public_path / name).chmod(0)
    with unprivileged(), pytest.raises(UsageError) as error:
        check([public_path])
    assert str(error.value).splitlines() == [
        "src/posts.ts can not be read: Permission denied",
        "src/users.ts can not be read: Permission denied",
    ]


def test_a_repository_without_d1_has_no_findings(tmp_path: Path) -> None:
    files = {**REPOSITORY, "wrangler.jsonc": wrangler(), "src/broken.ts": "const = drizzle;"}
    result = lint(tmp_path, files)
    assert (result.findings, result.crashes, result.summary.has_d1) == ((), (), False)


def test_findings_are_in_order_and_the_same_each_time(tmp_path: Path) -> None:
    write_files(tmp_path, REPOSITORY)
    runs = [check([tmp_path]).findings for _ in range(2)]
    assert runs[0] == runs[1]
    assert list(runs[0]) == sorted(runs[0], key=lambda f: (f.span, f.rule))


def prints(folder: Path, files: Files) -> dict[tuple[str, str], str]:
    return {(f.rule, f.symbol): f.fingerprint for f in lint(folder, {**APP, **files}).findings}


def test_fingerprints_survive_moved_lines_other_files_and_new_code(tmp_path: Path) -> None:
    before = prints(tmp_path / "before", {"src/users.ts": USERS, "src/posts.ts": POSTS})
    after = prints(
        tmp_path / "after",
        {
            "src/users.ts": "// first\n\n" + USERS,
            "lib/posts.ts": POSTS.replace("./users", "../src/users").replace("id:", "title: integer(),\n    id:"),
            "src/comments.ts": COMMENTS,
        },
    )
    assert before and before.items() <= after.items()
    assert len(set(after.values())) == len(after)


def test_equal_symbols_in_two_databases_have_two_fingerprints(tmp_path: Path) -> None:
    files = {
        "src/users.ts": USERS,
        "src/one.ts": POSTS,
        "src/two.ts": POSTS,
        "src/index.ts": """
            import { drizzle } from "drizzle-orm/d1";
            import * as one from "./one";
            import * as two from "./two";
            export const connect = (env) => [drizzle(env.DB, { schema: one }), drizzle(env.B, { schema: two })];
        """,
    }
    result = lint(tmp_path, {**APP, **files})
    indexes = [f for f in result.findings if f.rule == "unindexed-foreign-key"]
    assert [(f.span.file, f.symbol) for f in indexes] == [("src/one.ts", INDEX[1]), ("src/two.ts", INDEX[1])]
    assert len({f.fingerprint for f in indexes}) == 2


def test_suppressions_end_to_end(tmp_path: Path) -> None:
    files = {
        "src/users.ts": USERS + "// d1lint-ignore missing-relation -- nothing here\n// d1lint-ignore unindexed-key\n",
        "src/posts.ts": "// d1lint-ignore-file missing-relation -- written by hand\n"
        + POSTS.replace("    authorId", "    // d1lint-ignore unindexed-foreign-key\n    authorId"),
    }
    result = lint(tmp_path, {**APP, **files})
    assert result.suppressed == 2
    assert [(f.rule, f.span.file, f.symbol) for f in result.findings] == [
        ("suppression-without-reason", "src/posts.ts", "unindexed-foreign-key"),
        ("unused-suppression", "src/users.ts", "missing-relation"),
        ("suppression-without-reason", "src/users.ts", "unindexed-key"),
        ("unused-suppression", "src/users.ts", "unindexed-key"),
    ]


def test_a_rule_that_is_off_for_a_file_does_not_speak_of_it(tmp_path: Path) -> None:
    settings = '[[overrides]]\npaths = ["src/sub"]\nrules = { unindexed-foreign-key = "off" }\n'
    write_files(tmp_path, {**REPOSITORY, "d1lint.toml": settings})
    assert found(tmp_path) == {INDEX, RAW}


# --- what fails ----------------------------------------------------------------------------------------------------


def test_a_rule_that_crashes_is_named_with_its_file_and_the_rest_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing = add_crashing_rule(monkeypatch)
    result = lint(tmp_path, {**REPOSITORY, "d1lint.toml": f'[rules]\n{crashing} = "error"\n'})
    (crash,) = result.crashes
    assert (crash.file, crash.rule) == ("src/posts.ts", crashing)
    assert crash.error.startswith("KeyError: 'author' (crashing_rule.py:")
    assert {f.symbol for f in result.findings if f.rule == crashing} == {"users", "comments"}
    assert {(f.span.file, f.symbol) for f in result.findings} >= {INDEX, COMMENT, RAW}


def spoil(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, concerns: Callable[..., bool]) -> None:
    """Make a function fail where its arguments concern the broken file."""
    real = getattr(owner, name)

    def spoiled(*args: Any, **kwargs: Any) -> Any:
        if concerns(*args):
            raise RuntimeError("spoiled")
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, spoiled)


BROKEN = "src/broken.ts"
SPOILED: dict[str, tuple[Any, str, Callable[..., bool]]] = {
    "the parser": (parse, "parse_module", lambda path, *rest: path == BROKEN),
    "the walk": (Evaluator, "walk", lambda self, body, scope, *rest: scope.module == BROKEN),
    "the evaluator": (Evaluator, "_call", lambda self, node, scope, *rest: scope.module == BROKEN),
    "the compiler": (SchemaCompiler, "table", lambda self, value, *rest: value.span.file == BROKEN),
    "the clients": (project, "module_clients", lambda visits, *rest: any(v.scope.module == BROKEN for v in visits)),
    "the native SQL": (native_sql.NativeSql, "_statement", lambda self, visit, *rest: visit.scope.module == BROKEN),
}


@pytest.mark.parametrize("spoiled", [pytest.param(case, id=name) for name, case in SPOILED.items()])
def test_what_fails_at_one_file_is_named_with_it_and_the_others_are_reported(
    spoiled: tuple[Any, str, Callable[..., bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = """
        import { drizzle } from "drizzle-orm/d1";
        import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
        export const broken = sqliteTable("broken", { id: integer().primaryKey() });
        export const run = (env) => drizzle(env.DB).$client.prepare("SELECT 1").run();
    """
    files = {**REPOSITORY, BROKEN: broken, "src/index.ts": REPOSITORY["src/index.ts"] + 'import "./broken";'}
    spoil(monkeypatch, *spoiled)
    result = lint(tmp_path, files)
    assert {crash.file for crash in result.crashes} == {BROKEN}
    assert all("spoiled" in crash.error and crash.rule for crash in result.crashes)
    assert {(f.span.file, f.symbol) for f in result.findings} >= {INDEX, COMMENT, RAW}


def test_a_configuration_that_fails_is_named_and_the_rest_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, kit, "_kit_config", lambda *args: True)
    result = lint(tmp_path, {**REPOSITORY, "drizzle.config.ts": "export default {};"})
    assert [crash.file for crash in result.crashes] == ["drizzle.config.ts"]
    assert {(f.span.file, f.symbol) for f in result.findings} >= {INDEX, COMMENT, RAW}


def test_a_model_that_fails_as_a_whole_is_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, databases.Ownership, "databases", lambda *args: True)
    result = lint(tmp_path, REPOSITORY)
    assert result.findings == ()
    assert [(crash.file, crash.rule) for crash in result.crashes] == [("", "the model")]


def test_a_file_that_does_not_parse_is_a_warning_and_what_does_is_linted(tmp_path: Path) -> None:
    result = lint(tmp_path, {**REPOSITORY, "src/posts.ts": POSTS + "\nexport const = ;\n"})
    assert lines(result, "syntax-error") == {("src/posts.ts", "export const = ;")}
    assert INDEX in {(f.span.file, f.symbol) for f in result.findings}
    assert result.crashes == ()
