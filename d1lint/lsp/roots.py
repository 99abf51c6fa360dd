"""Which project a file belongs to, among the folders that are open in the editor."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from d1lint.workspace.root import CONFIG_NAME, find_root, has_config


class Roots:
    """The folders that are open, and the projects in them.

    The project of a folder is the one that `d1lint check` finds there, and configurations below its own are nested
    ones. Where it has none of its own, the outermost folder with one on the way to a file is a project for itself.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self.folders: list[Path] = list(folders)
        self._known: dict[Path, Path] = {}

    def add(self, folder: Path) -> None:
        """A folder is opened."""
        if folder not in self.folders:
            self.folders.append(folder)
        self.refresh()

    def remove(self, folder: Path) -> None:
        """A folder is closed."""
        self.folders = [known for known in self.folders if known != folder]
        self.refresh()

    def refresh(self) -> None:
        """Look anew: configurations have come or gone."""
        self._known.clear()

    def root_of(self, path: Path) -> Path:
        """The root of the project that a file belongs to."""
        folder = path.parent
        if folder not in self._known:
            self._known[folder] = self._find(folder)
        return self._known[folder]

    def folder_around(self, path: Path) -> Path | None:
        """The innermost open folder that a file is in."""
        around = [folder for folder in self.folders if path.is_relative_to(folder)]
        return max(around, key=lambda folder: len(folder.parts), default=None)

    def _find(self, directory: Path) -> Path:
        folder = self.folder_around(directory)
        if folder is None:
            return find_root(directory)
        root = find_root(folder)
        if has_config(root):
            return root
        below = [parent for parent in (directory, *directory.parents) if parent.is_relative_to(folder)]
        configured = [parent for parent in below if (parent / CONFIG_NAME).is_file()]
        return configured[-1] if configured else root
