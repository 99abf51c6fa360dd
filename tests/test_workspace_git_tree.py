"""A tree made of git's objects lists and reads what a tree on the disk does, where the disk is as committed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_changed import commit, git
from test_workspace_tree import MemoryTree, write

from d1lint.workspace.git import GitError, Repository
from d1lint.workspace.git_tree import GitTree
from d1lint.workspace.tree import DiskTree

FILES = {
    "package.json": "{}",
    "src/a.ts": "a",
    "src/räume und ✓.ts": "r",
    'src/q"uote\t.ts': "q",
    "src/style.css": "s",
    "src/build/a.ts": "not output",
    "build/a.ts": "output",
    "web/package.json": "{}",
    "web/dist/a.ts": "output",
    "web/src/a.ts": "w",
    "node_modules/x/index.ts": "x",
    "src/.next/a.ts": "x",
    ".gitignore": "*.gen.ts\n/web/secret/\n!keep.gen.ts\nlogs\n",
    "src/a.gen.ts": "ignored",
    "src/keep.gen.ts": "kept",
    "web/secret/a.ts": "ignored",
    "web/src/secret/a.ts": "kept",
    "web/.gitignore": "!a.gen.ts\nlocal.ts\n/src/anchored/\n",
    "web/src/anchored/a.ts": "ignored",
    "web/src/src/anchored/a.ts": "kept",
    "web/src/a.gen.ts": "kept",
    "web/src/local.ts": "ignored",
    "web/src/own.ts": "left out by the repository itself",
    "web/logs/a.ts": "ignored",
    "legacy/a.ts": "excluded",
    "web/legacy/a.ts": "excluded",
    "lib/target.ts": "t",
}
LINKS = {
    "src/link.ts": "../lib/target.ts",
    "src/broken.ts": "../lib/none.ts",
    "src/out.ts": "../../out.ts",
    "src/absolute.ts": "/etc/hostname",
    "src/circle.ts": "circle.ts",
    "src/style.ts": "style.css",
    "linked": "lib",
    "src/through.ts": "../linked/target.ts",
    "web/src/up.ts": "../../lib/target.ts",
}
ASKED = (
    *FILES,
    *LINKS,
    "linked/target.ts",
    "linked/none.ts",
    "src",
    "",
    "src/../src/a.ts",
    "../out.ts",
    "none.ts",
    "node_modules/x/none.ts",
)


@pytest.fixture(autouse=True)
def _only_this_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example.com")


@pytest.fixture(params=["sha1", "sha256"])
def repo(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / "repo"
    write(folder, FILES)
    (tmp_path / "out.ts").write_text("outside")
    for path, target in LINKS.items():
        (folder / path).symlink_to(target)
    git(folder, "init", "--quiet", "--object-format", request.param)
    git(folder, "add", "--all", "--force")
    commit(folder)
    (folder / ".git/info/exclude").write_text("own.ts\n")
    return folder


def answer(tree: GitTree | DiskTree, path: str) -> tuple[bool, bytes | str]:
    try:
        return tree.exists(path), tree.read(path)
    except OSError as error:
        return tree.exists(path), type(error).__name__


@pytest.mark.parametrize("prefix", ["", "web/", "web/src/"])
@pytest.mark.parametrize(
    ("exclude", "explicit"), [((), ()), (("legacy/", "!src/"), ()), (("*.ts",), ("src/a.ts", "src/none.ts"))]
)
@pytest.mark.parametrize("beside", ["nothing", "the disk"])
def test_it_is_as_on_the_disk(
    repo: Path, prefix: str, exclude: tuple[str, ...], explicit: tuple[str, ...], beside: str
) -> None:
    repository = Repository(repo)
    disk = DiskTree(repo / prefix, exclude, explicit)
    other = disk if beside == "the disk" else MemoryTree({})
    for entries in (repository.tree("HEAD"), repository.index()):
        tree = GitTree(repo, prefix, entries, repository.objects(), other, exclude, explicit)
        assert tree.paths() == disk.paths()
        assert len(tree.paths()) > 0 or exclude
        if beside == "the disk":
            assert {path: answer(tree, path) for path in ASKED} == {path: answer(disk, path) for path in ASKED}
        else:
            assert {path: tree.read(path) for path in tree.paths()} == {path: disk.read(path) for path in disk.paths()}


def test_what_is_beside_it_counts_only_where_git_keeps_nothing(repo: Path) -> None:
    repository = Repository(repo)
    beside = MemoryTree({"src/a.ts": "changed", "src/new.ts": "new", "node_modules/y/index.js": "y", "new.css": "c"})
    tree = GitTree(repo, "", repository.tree("HEAD"), repository.objects(), beside)
    assert tree.read("src/a.ts") == b"a"
    assert not tree.exists("src/new.ts") and "src/new.ts" not in tree.paths()
    assert tree.read("node_modules/y/index.js") == b"y"
    with pytest.raises(FileNotFoundError):
        tree.read("src/new.ts")


def test_the_same_content_is_taken_from_beside(repo: Path) -> None:
    repository = Repository(repo)
    beside = MemoryTree({"src/a.ts": "a"})
    tree = GitTree(repo, "", repository.tree("HEAD"), repository.objects(), beside)
    assert tree.read("src/a.ts") is beside.read("src/a.ts")


def test_an_object_that_is_missing_is_an_error_and_the_next_is_read(repo: Path) -> None:
    objects = Repository(repo).objects()
    with pytest.raises(FileNotFoundError):
        objects.read("1" * 40)
    [entry] = [entry for path, entry in Repository(repo).index().items() if path == "lib/target.ts"]
    assert objects.read(entry.id) == b"t"


def test_two_processes_do_not_read_each_others_answers(repo: Path) -> None:
    objects = Repository(repo).objects()
    wanted = {entry.id: FILES[path].encode() for path, entry in Repository(repo).index().items() if path in FILES}

    def reads() -> bool:
        return all(objects.read(blob) == data for _ in range(20) for blob, data in wanted.items())

    assert reads()
    child = os.fork()
    if child == 0:
        os._exit(0 if reads() else 1)
    assert reads()
    assert os.waitpid(child, 0)[1] == 0


def test_what_git_can_not_answer(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        Repository(tmp_path).tree("HEAD")
