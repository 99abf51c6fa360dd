"""A tree with unsaved texts over the files of another: an editor's buffers, or what comes through standard input."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from d1lint.workspace.kinds import kind_of
from d1lint.workspace.paths import name_of
from d1lint.workspace.problem import Problem
from d1lint.workspace.tree import Tree


class BaseTree(Tree, Protocol):
    """A tree that can tell of a file that does not exist yet whether it would be listed."""

    def would_list(self, path: str) -> bool:
        """Whether the ignore rules leave a path where there is no file so far."""


class OverlayTree:
    """The files of a tree, with `texts` (by path) in the place of their contents. New files are among them.

    `explicit` names new files that are listed whatever the ignore rules say. An unsaved text does not bring back a
    file that exists and is ignored or excluded.
    """

    def __init__(self, tree: BaseTree, texts: Mapping[str, bytes], explicit: Collection[str] = ()) -> None:
        self._tree = tree
        self._texts = texts
        self._explicit = explicit

    def paths(self) -> list[str]:
        """See Tree."""
        listed = self._tree.paths()
        known = set(listed)
        new = [path for path in self._texts if path not in known and self._is_new(path)]
        return sorted([*listed, *new]) if new else listed

    def read(self, path: str) -> bytes:
        """See Tree."""
        text = self._texts.get(path)
        return text if text is not None else self._tree.read(path)

    def exists(self, path: str) -> bool:
        """See Tree."""
        return path in self._texts or self._tree.exists(path)

    def problems(self) -> Sequence[Problem]:
        """See Tree."""
        return self._tree.problems()

    def _is_new(self, path: str) -> bool:
        if kind_of(name_of(path)) is None or self._tree.exists(path):
            return False
        return path in self._explicit or self._tree.would_list(path)
