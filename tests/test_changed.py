"""What a change has caused, in real git repositories: since a revision, in the index, or beside given files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import write_files

from d1lint.cli import main

HEAD = 'import { index, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
USERS = HEAD + 'export const users = sqliteTable("users", { id: integer().primaryKey() });\n'
POSTS = (
    HEAD
    + 'import { users } from "./users";\n'
    + 'export const posts = sqliteTable("posts", { id: integer().primaryKey(),\n'
    + "  user: integer().references(() => users.id),\n"
    + '}, (t) => [index("posts_user_idx").on(t.user)]);\n'
)
RELATIONS = (
    'import { relations } from "drizzle-orm";\nimport { posts } from "./posts";\nimport { users } from "./users";\n'
    "export const postsRelations = relations(posts, ({ one }) => ({\n"
    "  user: one(users, { fields: [posts.user], references: [users.id] }),\n}));\n"
)
OLD = HEAD + (
    'import { users } from "./users";\n'
    'export const old = sqliteTable("old", { id: integer().primaryKey(),\n'
    "  user: integer().references(() => users.id),\n});\n"
)
FILES = {
    "src/users.ts": USERS,
    "src/posts.ts": POSTS,
    "src/relations.ts": RELATIONS,
    "src/old.ts": OLD,
    "wrangler.toml": '[[d1_databases]]\nbinding = "DB"\n',
    "package.json": '{ "name": "app", "dependencies": { "drizzle-orm": "^0.45.2" } }\n',
}
"""A repository with two findings, both about the table `old`."""

UNINDEXED = ("unindexed-foreign-key", "posts.user")
UNRELATED = ("missing-relation", "posts.user")
OF_OLD = [("missing-relation", "old.user"), ("unindexed-foreign-key", "old.user")]


@pytest.fixture(autouse=True)
def _only_this_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No configuration but the repository's own, and nothing that a hook around the tests may say."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example.com")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, encoding="utf-8")
    return done.stdout.strip()


def commit(folder: Path, message: str = "a change") -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """FILES, committed on main."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    write_files(folder, FILES)
    commit(folder)
    return folder


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def unindex(folder: Path) -> None:
    edit(folder, "src/posts.ts", ', (t) => [index("posts_user_idx").on(t.user)]', "")


def found(*arguments: str | Path) -> list[tuple[str, str]]:
    """The rule and the symbol of each finding that is reported."""
    return [(finding["rule"], finding["symbol"]) for finding in report(*arguments)["findings"]]


def report(*arguments: str | Path) -> dict[str, list[dict[str, str]]]:
    done = CliRunner().invoke(main, ["check", "--format", "json", *map(str, arguments)])
    assert done.exit_code in (0, 1), done.output
    loaded: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    assert done.exit_code == any(finding["level"] == "error" for finding in loaded["findings"])
    return loaded


def refused(*arguments: str | Path) -> str:
    """The one sentence that it says, with exit code 2."""
    done = CliRunner().invoke(main, ["check", *map(str, arguments)])
    assert done.exit_code == 2 and done.stdout == "", done.output
    [sentence] = done.stderr.splitlines()
    return sentence


def state(folder: Path) -> tuple[str, str, str]:
    """All that a linter must leave alone."""
    return git(folder, "status", "--porcelain"), git(folder, "rev-parse", "HEAD"), git(folder, "ls-files", "--stage")


# Since a revision


def test_nothing_is_caused_without_a_change(repo: Path) -> None:
    assert found(repo) == OF_OLD
    assert found(repo, "--changed-since", "HEAD") == []
    text = CliRunner().invoke(main, ["check", str(repo), "--changed-since", "HEAD"]).stdout
    assert "No findings" in text and "2 older" in text


def test_a_finding_in_the_working_tree_and_one_that_is_committed_since(repo: Path) -> None:
    start = git(repo, "rev-parse", "HEAD")
    unindex(repo)
    before = state(repo)
    assert found(repo, "--changed-since", "HEAD") == [UNINDEXED]
    assert state(repo) == before
    commit(repo)
    assert found(repo, "--changed-since", "HEAD") == []
    assert found(repo, "--changed-since", start) == found(repo, "--changed-since", "HEAD~1") == [UNINDEXED]


def test_a_relation_that_is_deleted_elsewhere_breaks_its_table(repo: Path) -> None:
    edit(repo, "src/relations.ts", "  user: one(users, { fields: [posts.user], references: [users.id] }),\n", "")
    [finding] = report(repo, "--changed-since", "main")["findings"]
    assert (finding["rule"], finding["file"]) == ("missing-relation", "src/posts.ts")


def test_a_deleted_file(repo: Path) -> None:
    (repo / "src/relations.ts").unlink()
    assert found(repo, "--changed-since", "HEAD") == [UNRELATED]
    (repo / "src/old.ts").unlink()
    (repo / "src/posts.ts").unlink()
    assert found(repo, "--changed-since", "HEAD") == []


def test_moved_lines_and_renamed_files_cause_nothing(repo: Path) -> None:
    edit(repo, "src/old.ts", HEAD, f"// moved\n\n{HEAD}")
    (repo / "src/old.ts").rename(repo / "src/älter und alt.ts")
    assert found(repo, "--changed-since", "HEAD") == []
    commit(repo)
    unindex(repo)
    assert found(repo, "--changed-since", "HEAD~1") == [UNINDEXED]


def test_a_file_that_git_does_not_know_yet_counts(repo: Path) -> None:
    write_files(repo, {**FILES, "src/new.ts": OLD.replace("old", "fresh")})
    assert found(repo, "--changed-since", "HEAD") == [(rule, "fresh.user") for rule, _ in OF_OLD]


def test_of_two_with_one_symbol_the_new_one_is_reported(repo: Path) -> None:
    """Handlers of one name: the new one comes first in the file, and in another file before it."""
    sql = 'export async function GET(env: { DB: D1Database }) {\n  return env.DB.prepare("SELECT %s").all();\n}\n'
    write_files(repo, {**FILES, "src/m.ts": sql % "1"})
    commit(repo)
    edit(repo, "src/m.ts", "  return", '  await env.DB.prepare("SELECT 2").all();\n  return')
    write_files(repo, {**FILES, "src/a.ts": sql % "3"})
    findings = report(repo, "--changed-since", "HEAD")["findings"]
    assert [(finding["file"], finding["line"]) for finding in findings] == [("src/a.ts", 2), ("src/m.ts", 2)]


def test_the_base_is_where_the_branch_began(repo: Path) -> None:
    git(repo, "checkout", "--quiet", "-b", "work")
    unindex(repo)
    commit(repo)
    git(repo, "checkout", "--quiet", "main")
    # What main repairs meanwhile is not the branch's doing.
    edit(
        repo,
        "src/old.ts",
        "  user:",
        "  // d1lint-ignore unindexed-foreign-key, missing-relation -- gone soon\n  user:",
    )
    commit(repo)
    git(repo, "checkout", "--quiet", "work")
    assert found(repo, "--changed-since", "main") == [UNINDEXED]


def test_a_suppression_that_is_taken_away_causes_its_finding(repo: Path) -> None:
    comment = "  // d1lint-ignore unindexed-foreign-key -- three rows\n"
    edit(repo, "src/old.ts", "  user:", f"{comment}  user:")
    commit(repo)
    edit(repo, "src/old.ts", comment, "")
    assert found(repo, "--changed-since", "HEAD") == [("unindexed-foreign-key", "old.user")]


def test_a_baseline_and_a_change(repo: Path) -> None:
    unindex(repo)
    assert CliRunner().invoke(main, ["baseline", str(repo)]).exit_code == 0
    assert found(repo, "--changed-since", "HEAD") == []
    (repo / "src/relations.ts").unlink()
    assert found(repo, "--changed-since", "HEAD") == [UNRELATED]


def test_folders_narrow_the_report(repo: Path) -> None:
    unindex(repo)
    (repo / "docs").mkdir()
    assert found(repo / "docs", "--changed-since", "HEAD") == []
    assert found(repo / "src", "--changed-since", "HEAD") == [UNINDEXED]


def test_what_is_ignored_or_excluded_is_so_in_the_base(repo: Path) -> None:
    other = OLD.replace("./users", "../src/users").replace("old", "other")
    write_files(repo, {**FILES, "gen/.gitignore": "*.ts\n", "gen/a.ts": other, "out/a.ts": other, "x/a.ts": other})
    (repo / "d1lint.toml").write_text('exclude = ["x/"]\n')
    git(repo, "add", "--force", ".")
    commit(repo)
    unindex(repo)
    (repo / "gen/.gitignore").unlink()
    # The ignore file is gone, so what it hid is new here.
    assert found(repo, "--changed-since", "HEAD") == [(rule, "other.user") for rule, _ in OF_OLD] + [UNINDEXED]
    git(repo, "checkout", "--quiet", "gen/.gitignore")
    assert found(repo, "--changed-since", "HEAD") == [UNINDEXED]


def test_files_that_git_does_not_keep_mean_the_same_in_the_base(repo: Path) -> None:
    """An alias that a configuration in node_modules defines leads to the relations."""
    tsconfig = '{ "compilerOptions": { "paths": { "~/*": ["${configDir}/src/*"] } } }'
    write_files(
        repo,
        {
            **FILES,
            ".gitignore": "node_modules/\n",
            "node_modules/base/package.json": '{ "name": "base" }',
            "node_modules/base/tsconfig.json": tsconfig,
            "tsconfig.json": '{ "extends": "base/tsconfig.json" }',
            "src/old.ts": OLD.replace("./users", "~/users"),
        },
    )
    commit(repo)
    assert found(repo) == OF_OLD
    unindex(repo)
    assert found(repo, "--changed-since", "HEAD") == [UNINDEXED]


def test_symbolic_links_lead_where_they_lead_on_the_disk(repo: Path) -> None:
    (repo / "shared").symlink_to("src")
    (repo / "src/linked.ts").symlink_to("../shared/old.ts")
    (repo / "src/nowhere.ts").symlink_to("../../elsewhere.ts")
    (repo / "src/circle.ts").symlink_to("circle.ts")
    commit(repo)
    unindex(repo)
    assert found(repo, "--changed-since", "HEAD") == [UNINDEXED]


def test_a_submodule_counts_as_unchanged(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    write_files(
        other, {"old.ts": OLD.replace("./users", "../src/users").replace("old", "theirs"), "package.json": "{}"}
    )
    commit(other)
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "theirs")
    commit(repo)
    assert ("unindexed-foreign-key", "theirs.user") in found(repo)
    unindex(repo)
    assert found(repo, "--changed-since", "HEAD") == [UNINDEXED]
    git(repo, "add", "--all")
    assert found(repo, "--staged") == [UNINDEXED]


def test_line_endings_that_git_converts(repo: Path) -> None:
    git(repo, "config", "core.autocrlf", "true")
    for path in (repo / "src").iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    git(repo, "add", "--all")
    assert found(repo, "--changed-since", "HEAD") == found(repo, "--staged") == []
    unindex(repo)
    assert found(repo, "--changed-since", "HEAD") == [UNINDEXED]


def test_a_repository_with_longer_names(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format", "sha256")
    write_files(tmp_path, FILES)
    commit(tmp_path)
    unindex(tmp_path)
    assert found(tmp_path, "--changed-since", "HEAD") == [UNINDEXED]


def test_a_base_that_is_large_and_wholly_other_is_read_by_two_processes(repo: Path) -> None:
    filler = "".join(f"// {number} {'x' * 100}\n" for number in range(200))
    for number in range(40):
        table = f"t{number}"
        (repo / f"src/{table}.ts").write_text(POSTS.replace("posts", table) + filler, encoding="utf-8")
    commit(repo)
    for number in range(40):
        edit(repo, f"src/t{number}.ts", "// 1 ", "// one ")
    edit(repo, "src/t7.ts", ', (t) => [index("t7_user_idx").on(t.user)]', "")
    assert found(repo, "--changed-since", "HEAD") == [("unindexed-foreign-key", "t7.user")]


# What is staged


def test_only_what_is_staged_counts(repo: Path) -> None:
    unindex(repo)
    assert found(repo, "--staged") == []
    git(repo, "add", "src/posts.ts")
    (repo / "src/relations.ts").unlink()
    before = state(repo)
    [finding] = report(repo, "--staged")["findings"]
    assert (finding["rule"], finding["symbol"]) == UNINDEXED
    # The disk is as it was before: what is read is the index.
    git(repo, "show", "HEAD:src/posts.ts")
    (repo / "src/posts.ts").write_text("nothing\n" * 100)
    [same] = report(repo, "--staged")["findings"]
    assert same == finding
    git(repo, "checkout", "--quiet", "src/posts.ts")
    assert state(repo) == before
    git(repo, "add", "--all")
    assert found(repo, "--staged") == [UNRELATED, UNINDEXED]


def test_the_configuration_is_the_staged_one(repo: Path) -> None:
    unindex(repo)
    git(repo, "add", "--all")
    (repo / "d1lint.toml").write_text('[rules]\nunindexed-foreign-key = "off"\n')
    assert found(repo, "--staged") == [UNINDEXED]
    git(repo, "add", "d1lint.toml")
    (repo / "d1lint.toml").write_text("not = a configuration\n")
    assert found(repo, "--staged") == []


def test_given_files_and_what_is_staged(repo: Path) -> None:
    unindex(repo)
    git(repo, "add", "--all")
    assert found(repo / "src/old.ts", "--staged") == [*OF_OLD, UNINDEXED]


def test_a_conflict_shows_our_side(repo: Path) -> None:
    git(repo, "checkout", "--quiet", "-b", "work")
    unindex(repo)
    commit(repo)
    git(repo, "checkout", "--quiet", "main")
    edit(repo, "src/posts.ts", "posts_user_idx", "posts_by_user")
    commit(repo)
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "--quiet", "work")
    assert found(repo, "--staged") == []


def test_staged_without_a_commit_is_all_that_is_staged(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write_files(tmp_path, FILES)
    assert found(tmp_path, "--staged") == []
    git(tmp_path, "add", "src/users.ts", "src/old.ts", "package.json", "wrangler.toml")
    assert found(tmp_path, "--staged") == OF_OLD


def test_a_hook_of_this_repository_names_its_index(repo: Path) -> None:
    """`git commit --only` and `--all` give the hook an index of their own."""
    hook = repo / ".git/hooks/pre-commit"
    executable = shutil.which("d1lint") or str(Path(sys.executable).parent / "d1lint")
    hook.write_text(f'#!/bin/sh\nexec "{executable}" check --staged --format concise\n')
    hook.chmod(0o755)
    unindex(repo)
    done = subprocess.run(["git", "commit", "-qam", "x"], cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "unindexed-foreign-key" in done.stdout + done.stderr
    write_files(repo, {**FILES, "src/posts.ts": (repo / "src/posts.ts").read_text(), "README.md": "x"})
    git(repo, "add", "README.md")
    git(repo, "commit", "-qm", "x", "--only", "README.md")


def test_the_variables_of_another_repository_do_not_count(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    unindex(repo)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert found(repo, "--changed-since", "HEAD") == [UNINDEXED]
    assert found(repo, "--staged") == []


# Files


def test_given_files_report_what_is_in_them_and_what_the_change_causes(repo: Path) -> None:
    assert found(repo / "src/posts.ts") == []
    assert found(repo / "src/old.ts") == OF_OLD
    edit(repo, "src/relations.ts", "  user: one(users, { fields: [posts.user], references: [users.id] }),\n", "")
    # A table breaks that is in another file.
    assert found(repo / "src/relations.ts") == [UNRELATED]
    assert found(repo / "src/old.ts", repo / "src/relations.ts") == [*OF_OLD, UNRELATED]
    # What is committed is not caused any more.
    commit(repo)
    assert found(repo / "src/posts.ts") == [UNRELATED]
    assert found(repo / "src/relations.ts") == []


def test_given_files_since_a_revision(repo: Path) -> None:
    unindex(repo)
    commit(repo)
    assert found(repo / "src/old.ts") == OF_OLD
    assert found(repo / "src/old.ts", "--changed-since", "HEAD~1") == [*OF_OLD, UNINDEXED]


def test_given_files_since_what_pre_commit_names(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a push, and with `--from-ref`, it says where what it passes begins."""
    unindex(repo)
    commit(repo)
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
    assert found(repo / "src/old.ts", "--force-exclude") == [*OF_OLD, UNINDEXED]
    assert found(repo / "src/old.ts") == found(repo / "src/old.ts", "--force-exclude", "--changed-since", "HEAD")
    assert found(repo / "src/old.ts") == OF_OLD


def test_a_file_that_was_deleted_is_only_warned_of(repo: Path) -> None:
    (repo / "src/relations.ts").unlink()
    assert found(repo / "src/relations.ts", "--force-exclude") == [UNRELATED]


def test_given_files_without_a_base_to_compare_with(tmp_path: Path) -> None:
    write_files(tmp_path, {**FILES, "d1lint.toml": ""})
    assert found(tmp_path / "src/old.ts") == OF_OLD
    (tmp_path / "src/relations.ts").unlink()
    # Any of its locations: the relations that are missing would lead here.
    assert found(tmp_path / "src/users.ts") == [OF_OLD[0], UNRELATED]
    git(tmp_path, "init", "--quiet")
    assert found(tmp_path / "src/old.ts") == OF_OLD


def test_given_files_where_git_is_not_installed(repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unindex(repo)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert found(repo / "src/old.ts") == OF_OLD
    assert "git can not be run" in refused(repo, "--staged")


# Where the project lies


def test_a_project_below_the_top_level_with_spaces_and_other_letters(repo: Path) -> None:
    """Ignore files above it count, files beside it do not."""
    app = "apps/die App ✓"
    moved = {f"{app}/{path}": text for path, text in FILES.items()}
    write_files(repo, {**moved, f"{app}/d1lint.toml": "", f"{app}/gen/old.ts": OLD, ".gitignore": "gen/\n"})
    git(repo, "add", "--all", "--force")
    commit(repo)
    (repo / "src/posts.ts").unlink()
    unindex(repo / app)
    [finding] = report(repo / app, "--changed-since", "HEAD")["findings"]
    assert (finding["rule"], finding["file"]) == ("unindexed-foreign-key", f"{app}/src/posts.ts")
    git(repo, "add", "--all")
    assert found(repo / app, "--staged") == found(repo / app / "src/posts.ts") == [UNINDEXED]


def test_a_project_that_is_new_in_its_repository(repo: Path) -> None:
    write_files(repo, {**{f"new/{path}": text for path, text in FILES.items()}, "new/d1lint.toml": ""})
    assert found(repo / "new", "--changed-since", "HEAD") == OF_OLD


def test_a_worktree_has_its_own_head_and_index(repo: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    git(repo, "worktree", "add", "--quiet", "-b", "work", str(tree))
    unindex(tree)
    git(tree, "add", "--all")
    assert found(tree, "--staged") == found(tree, "--changed-since", "main") == [UNINDEXED]
    assert found(repo, "--staged") == []
    commit(tree)
    assert found(tree, "--staged") == []
    assert found(tree, "--changed-since", "main") == [UNINDEXED]


# What can not be done


def test_outside_git(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    for asked in (["--changed-since", "main"], ["--staged"]):
        assert "is in no git repository" in refused(tmp_path, *asked)


def test_a_git_folder_that_is_none(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    (tmp_path / ".git").mkdir()
    assert "not a git repository" in refused(tmp_path, "--staged")
    assert found(tmp_path / "src/old.ts") == OF_OLD


@pytest.mark.parametrize("revision", ["nowhere", "", "-h", "--all", "main..main", "HEAD^{tree}", "HEAD:src", "HEAD~9"])
def test_a_revision_that_is_no_commit(repo: Path, revision: str) -> None:
    assert f'"{revision}" is no commit of the git repository at {repo}' in refused(repo, f"--changed-since={revision}")


def test_a_repository_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write_files(tmp_path, FILES)
    assert '"HEAD" is no commit' in refused(tmp_path, "--changed-since", "HEAD")


def test_histories_without_a_common_commit(repo: Path) -> None:
    git(repo, "checkout", "--quiet", "--orphan", "other")
    commit(repo, "another beginning")
    assert '"main" and HEAD have no commit in common' in refused(repo, "--changed-since", "main")


def test_a_shallow_clone_without_the_base(repo: Path, tmp_path: Path) -> None:
    start = git(repo, "rev-parse", "HEAD")
    unindex(repo)
    commit(repo)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repo}", str(clone))
    assert found(clone, "--changed-since", "origin/main") == []
    said = refused(clone, "--changed-since", start)
    assert "the clone is shallow" in said and "fetch-depth: 0" in said
    git(clone, "fetch", "--quiet", "--unshallow")
    assert found(clone, "--changed-since", start) == [UNINDEXED]


def test_fixes_and_the_index_do_not_go_together(repo: Path) -> None:
    assert "--staged" in refused(repo, "--staged", "--fix")
