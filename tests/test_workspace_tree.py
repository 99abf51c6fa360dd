"""Trees on disk and in memory; the helpers are for the other tests of the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from d1lint.workspace.kinds import kind_of
from d1lint.workspace.problem import Problem
from d1lint.workspace.tree import CachedTree, DiskTree, Tree
from d1lint.workspace.workspace import Workspace


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, which is returned."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


class MemoryTree:
    """A tree without a disk: what the editor and git will have too. It counts what is asked of it."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {path: c if isinstance(c, bytes) else c.encode() for path, c in files.items()}
        self.reads: list[str] = []

    def paths(self) -> list[str]:
        listed = (path for path in self._files if kind_of(path.rpartition("/")[2]) is not None)
        return sorted(path for path in listed if "node_modules/" not in path)

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        try:
            return self._files[path]
        except KeyError:
            raise FileNotFoundError(2, "No such file", path) from None

    def exists(self, path: str) -> bool:
        return path in self._files

    def problems(self) -> Sequence[Problem]:
        return ()


def workspace(files: Mapping[str, str | bytes]) -> Workspace:
    """A workspace over files in memory."""
    return Workspace(MemoryTree(files))


def test_disk_tree_lists_reads_and_knows_unlisted_files(tmp_path: Path) -> None:
    write(tmp_path, {"src/b.ts": "b", "src/a.ts": "a", "src/style.css": "c", "README.md": "r"})
    tree: Tree = DiskTree(tmp_path)
    assert tree.paths() == ["src/a.ts", "src/b.ts"]
    assert tree.read("src/a.ts") == b"a"
    assert tree.read("src/style.css") == b"c"
    assert tree.exists("README.md")
    assert tree.exists("src/a.ts")
    assert not tree.exists("src")
    assert not tree.exists("src/c.ts")
    assert not tree.exists("")
    assert not tree.exists("src/\0.ts")
    assert tree.problems() == ()


def test_disk_tree_does_not_lead_out_of_its_root(tmp_path: Path) -> None:
    root = write(tmp_path, {"outside.ts": "secret", "in/a.ts": ""}) / "in"
    (root / "link.ts").symlink_to(tmp_path / "outside.ts")
    (root / "up").symlink_to(tmp_path)
    tree = DiskTree(root)
    assert tree.paths() == ["a.ts"]
    for path in ("../outside.ts", "link.ts", "up/outside.ts", "./a.ts", "/etc/hostname"):
        assert not tree.exists(path), path
        with pytest.raises(OSError):
            tree.read(path)


def test_a_file_that_has_gone_raises_os_error(tmp_path: Path) -> None:
    write(tmp_path, {"a.ts": ""})
    tree = DiskTree(tmp_path)
    assert tree.paths() == ["a.ts"]
    (tmp_path / "a.ts").unlink()
    with pytest.raises(OSError):
        tree.read("a.ts")


def test_a_root_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    tree = DiskTree(tmp_path / "nowhere")
    assert tree.paths() == []
    assert [problem.path for problem in tree.problems()] == ["."]


def test_cached_tree_reads_each_file_once() -> None:
    memory = MemoryTree({"a.ts": "a", "b.css": ""})
    tree = CachedTree(memory)
    assert tree.read("a.ts") == tree.read("a.ts") == b"a"
    assert memory.reads == ["a.ts"]
    assert tree.exists("b.css") and not tree.exists("c.css")
    assert tree.files == {"a.ts"}


def test_cached_tree_keeps_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CachedTree, "_BYTES_KEPT", 4)
    memory = MemoryTree({"a.ts": "aaaa", "b.ts": "b"})
    tree = CachedTree(memory)
    for _ in range(2):
        assert tree.read("a.ts") == b"aaaa"
        assert tree.read("b.ts") == b"b"
    assert memory.reads == ["a.ts", "b.ts", "b.ts"]
