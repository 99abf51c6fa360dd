"""A read-only file tree: the one way in which the workspace sees files."""

# Every file is read here, and strings are opened faster than Path objects.
# ruff: noqa: PTH113, PTH118, PTH123

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from d1lint.workspace.discovery import discover, would_find
from d1lint.workspace.paths import join
from d1lint.workspace.problem import Problem
from d1lint.workspace.root import git_top_level


class Tree(Protocol):
    """Files by their POSIX paths relative to the tree's root."""

    def paths(self) -> list[str]:
        """Every file that the ignore rules leave, of the kinds that the product reads; sorted."""

    def read(self, path: str) -> bytes:
        """The content of a file, listed or not. Raises OSError."""

    def exists(self, path: str) -> bool:
        """Whether there is a file (not a folder) at a path, listed or not."""

    def problems(self) -> Sequence[Problem]:
        """What could not be listed."""


class DiskTree:
    """The files below a folder.

    `exclude` are patterns as in a .gitignore at the root; `explicit` are files and folders, relative to the
    root, that are listed even where they are ignored or excluded. The folder is walked once, at the first question.
    """

    def __init__(self, root: Path, exclude: Sequence[str] = (), explicit: Sequence[str] = ()) -> None:
        self.root = root.resolve()
        self._base = str(self.root)
        self._exclude = tuple(exclude)
        self._explicit = tuple(explicit)
        self._files: list[str] | None = None
        self._listed: frozenset[str] = frozenset()
        self._problems: list[Problem] = []

    def paths(self) -> list[str]:
        """See Tree."""
        if self._files is None:
            top = git_top_level(self.root)
            found = discover(self._base, self._exclude, self._explicit, str(top) if top else None)
            self._files, self._problems = found.files, found.problems
            self._listed = frozenset(found.files)
        return list(self._files)

    def read(self, path: str) -> bytes:
        """See Tree. A path that leads out of the root is not found."""
        full = self._locate(path)
        if full is None:
            raise FileNotFoundError(2, "No such file", path)
        with open(full, "rb") as file:
            return file.read()

    def exists(self, path: str) -> bool:
        """See Tree."""
        return path in self._listed or self._locate(path) is not None

    def problems(self) -> Sequence[Problem]:
        """See Tree."""
        self.paths()
        return tuple(self._problems)

    def would_list(self, path: str) -> bool:
        """Whether the ignore rules leave a path where there is no file so far."""
        top = git_top_level(self.root)
        return would_find(self._base, path, self._exclude, str(top) if top else None)

    def _locate(self, path: str) -> str | None:
        """The absolute path of a file below the root. The walk has judged those that it listed."""
        full = f"{self._base}/{path}"
        if path in self._listed:
            return full
        if not path or "\0" in path or join("", path) != path or not os.path.isfile(full):
            return None
        inside = os.path.join(self._base, "")
        return full if os.path.realpath(full).startswith(inside) else None


class CachedTree:
    """A tree that is asked once for each thing. `files` are its listed paths."""

    _BYTES_KEPT = 32 << 20

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._contents: dict[str, bytes] = {}
        self._room = self._BYTES_KEPT
        self._exists: dict[str, bool] = {}
        self._paths = tree.paths()
        self.files = frozenset(self._paths)

    def paths(self) -> list[str]:
        """See Tree."""
        return list(self._paths)

    def read(self, path: str) -> bytes:
        """See Tree. What is read beyond some 32 MB is not kept."""
        data = self._contents.get(path)
        if data is None:
            data = self._tree.read(path)
            if len(data) <= self._room:
                self._room -= len(data)
                self._contents[path] = data
        return data

    def exists(self, path: str) -> bool:
        """See Tree."""
        if path in self.files:
            return True
        known = self._exists.get(path)
        if known is None:
            known = self._exists[path] = self._tree.exists(path)
        return known

    def problems(self) -> Sequence[Problem]:
        """See Tree."""
        return self._tree.problems()

    def forget(self, path: str) -> None:
        """Read a file anew when it is asked for again: its content is another now."""
        data = self._contents.pop(path, None)
        if data is not None:
            self._room += len(data)
