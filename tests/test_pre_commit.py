"""The hooks as the real pre-commit runs them, in a repository that has its own commits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_repository import BREACHES, REPOSITORY, SCHEMA, UNINDEXED, Repository, copy_of_this_repository


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all processes of this run of the tests."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def hooks(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository as others use it: its files as they are now, committed. Made once, for all processes."""
    own = Repository(tmp_path_factory.mktemp("hooks"))
    copy_of_this_repository(own.root)
    own.git("init", "--quiet")
    own.git("add", "--all")
    own.git("commit", "--quiet", "--message", "All of it")
    try:
        own.root.rename(shared / "hooks")
    except OSError:
        assert (shared / "hooks").is_dir()
    return shared / "hooks"


@pytest.fixture
def repository(shared: Path, tmp_path: Path) -> Repository:
    """The sample, committed; with one cache of pre-commit, so that its environments are made once."""
    made = Repository(tmp_path / "shop", PRE_COMMIT_HOME=str(shared / "pre-commit"))
    made.root.mkdir()
    made.git("init", "--quiet")
    made.commit(REPOSITORY)
    return made


@pytest.fixture(params=["d1lint"])
def guarded(repository: Repository, hooks: Path, request: pytest.FixtureRequest) -> Repository:
    """The sample with one of the hooks before each commit; `d1lint` where a test asks for no other."""
    rev = Repository(hooks).git("rev-parse", "HEAD").strip()
    config = f"repos:\n  - repo: {hooks}\n    rev: {rev}\n    hooks:\n      - id: {request.param}\n"
    repository.commit({".pre-commit-config.yaml": config})
    repository.pre_commit("install", "--install-hooks")
    return repository


def test_try_repo_passes_a_clean_repository_and_refuses_a_breach(repository: Repository, hooks: Path) -> None:
    """All hooks at once, as someone does who has a look at them."""
    repository.commit(dict([BREACHES["unjustified-native-sql"]]))
    report = repository.pre_commit("try-repo", str(hooks), "--files", "src/db/schema.ts", code=1)
    verdicts = [line.rpartition(".")[2] for line in report.splitlines() if line.startswith("d1lint") and "..." in line]
    assert verdicts == ["Passed", "Failed", "Passed"]
    assert report.count("error[unjustified-native-sql]") == 1


def test_a_clean_commit_passes(guarded: Repository) -> None:
    report = guarded.commit({"src/db/schema.ts": f"// reviewed\n{SCHEMA}"})
    assert "Passed" in report


def test_a_commit_without_a_file_of_ours_is_not_linted(guarded: Repository) -> None:
    assert "Skipped" in guarded.commit({"README.md": "hello\n"})


@pytest.mark.parametrize("rule", BREACHES)
def test_a_breach_is_refused(rule: str, guarded: Repository) -> None:
    file, content = BREACHES[rule]
    report = guarded.commit({file: content}, code=1)
    assert f"error[{rule}]" in report and f"--> {file}:" in report
    guarded.git("commit", "--no-verify", "--message", "All the same")


def test_what_was_wrong_before_and_elsewhere_is_left_alone(guarded: Repository) -> None:
    file, content = BREACHES["unjustified-native-sql"]
    guarded.write({file: content})
    guarded.git("add", file)
    guarded.git("commit", "--no-verify", "--message", "Too late")
    assert "Passed" in guarded.commit({"src/db/schema.ts": f"// reviewed\n{SCHEMA}"})


def test_a_change_that_breaks_a_table_elsewhere_is_refused(guarded: Repository) -> None:
    bare = 'export const nothing = "moved";\n'
    report = guarded.commit({"src/db/relations.ts": bare}, code=1)
    assert "error[missing-relation]" in report and "--> src/db/schema.ts:" in report


def test_a_deleted_file_breaks_a_table_too(guarded: Repository) -> None:
    guarded.git("rm", "--quiet", "src/db/relations.ts")
    report = guarded.commit(
        {"src/db/index.ts": REPOSITORY["src/db/index.ts"].replace('"./relations"', '"./tags"')}, code=1
    )
    assert "error[missing-relation]" in report and "--> src/db/schema.ts:" in report


@pytest.mark.parametrize("guarded", ["d1lint-all"], indirect=True)
def test_a_commit_that_only_deletes_is_seen_by_the_hook_for_all(guarded: Repository) -> None:
    guarded.git("rm", "--quiet", "src/db/relations.ts")
    assert "error[missing-relation]" in guarded.git("commit", "--message", "Delete", code=1)


def test_a_deleted_file_that_nothing_needs_is_no_breach(guarded: Repository) -> None:
    guarded.commit({"src/unused.ts": "export {};\n"})
    guarded.git("rm", "--quiet", "src/unused.ts")
    guarded.commit({"src/db/schema.ts": f"// reviewed\n{SCHEMA}"})


def test_what_is_not_staged_does_not_count(guarded: Repository) -> None:
    guarded.write({"src/db/schema.ts": f"// reviewed\n{SCHEMA}"})
    guarded.git("add", "src/db/schema.ts")
    guarded.write({"src/db/schema.ts": UNINDEXED})
    assert "Passed" in guarded.git("commit", "--message", "The good part")
    assert (guarded.root / "src/db/schema.ts").read_text(encoding="utf-8") == UNINDEXED


def test_what_is_staged_counts_even_if_it_is_repaired_on_the_disk(guarded: Repository) -> None:
    guarded.write({"src/db/schema.ts": UNINDEXED})
    guarded.git("add", "src/db/schema.ts")
    guarded.write({"src/db/schema.ts": SCHEMA})
    assert "error[unindexed-foreign-key]" in guarded.git("commit", "--message", "The bad part", code=1)


def test_a_push_is_judged_by_all_that_it_brings(guarded: Repository, tmp_path: Path) -> None:
    """Its commits were made already, so that what they caused elsewhere shows only against what is there."""
    guarded.git("init", "--quiet", "--bare", str(tmp_path / "origin"))
    guarded.git("remote", "add", "origin", str(tmp_path / "origin"))
    guarded.git("push", "--quiet", "origin", "HEAD:main")
    guarded.pre_commit("install", "--hook-type", "pre-push")
    guarded.write({"src/db/relations.ts": 'export const nothing = "moved";\n'})
    guarded.git("commit", "--no-verify", "--all", "--message", "Break a table elsewhere")
    report = guarded.git("push", "origin", "HEAD:main", code=1)
    assert "error[missing-relation]" in report and "--> src/db/schema.ts:" in report
    guarded.git("revert", "--no-edit", "HEAD")
    guarded.commit({"src/db/schema.ts": f"// reviewed\n{SCHEMA}"})
    assert "Passed" in guarded.git("push", "origin", "HEAD:main")


def test_more_files_than_one_command_line_holds(guarded: Repository) -> None:
    """They come in several runs, each of which knows the whole project."""
    deep = "src/" + "/".join(["a-folder-with-a-rather-long-name" * 6] * 4)
    guarded.write({f"{deep}/{number:04}.ts": "export {};\n" for number in range(300)})
    guarded.git("add", "--all")
    assert "Passed" in guarded.git("commit", "--message", "Many")
    guarded.git("rm", "-r", "--quiet", "--cached", "src")
    guarded.write({"src/db/schema.ts": UNINDEXED})
    guarded.git("add", "--all")
    guarded.git("commit", "--no-verify", "--quiet", "--message", "All of it, and a breach")
    report = guarded.pre_commit("run", "d1lint", "--all-files", code=1)
    assert "error[unindexed-foreign-key]" in report and report.count("files, 3 tables") > 1


def test_an_excluded_file_is_not_linted_though_it_is_passed(guarded: Repository) -> None:
    file, content = BREACHES["unjustified-native-sql"]
    assert "Passed" in guarded.commit({"d1lint.toml": f'exclude = ["{file}"]\n', file: content})


@pytest.mark.parametrize("guarded", ["d1lint-fix"], indirect=True)
def test_the_fixing_hook_repairs_and_refuses_once(guarded: Repository) -> None:
    report = guarded.commit({"src/db/schema.ts": UNINDEXED}, code=1)
    assert "files were modified by this hook" in report
    repaired = (guarded.root / "src/db/schema.ts").read_text(encoding="utf-8")
    assert 'index("posts_author_idx").on(t.author)' in repaired
    guarded.git("add", "src/db/schema.ts")
    guarded.git("commit", "--message", "Repaired", code=None)
    assert "src/db/schema.ts" not in guarded.git("status", "--short")
