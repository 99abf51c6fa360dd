"""The files of a commit or of the index, as a tree: the working tree is not touched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from d1lint.workspace.discovery import Scope, is_left_out
from d1lint.workspace.git import LINK, SUBMODULE, Entries, Entry, Objects
from d1lint.workspace.ignore import IgnoreRules, git_exclude_file, ignore_rules, read_ignore_file
from d1lint.workspace.kinds import kind_of
from d1lint.workspace.paths import folder_of, join, name_of, upwards
from d1lint.workspace.problem import Problem
from d1lint.workspace.tree import Tree

_MOST_LINKS = 40


class GitTree:
    """The files below a folder of a repository, as some of git's entries have them, listed as DiskTree lists them.

    `beside` is the tree of the same folder in another state, or on the disk. What has the same content there is taken
    from there; so are the files that git does not keep, because they are ignored or a submodule's: those of
    `node_modules` may tell what a tsconfig or an import means.
    """

    def __init__(
        self,
        top: Path,
        prefix: str,
        entries: Entries,
        objects: Objects,
        beside: Tree,
        exclude: Sequence[str] = (),
        explicit: Sequence[str] = (),
    ) -> None:
        """From all entries of the repository; `prefix` leads from its top level to the folder: "" or "apps/web/"."""
        self._top = top
        self._prefix = prefix
        self._all = entries
        self._objects = objects
        self._beside = beside
        self._excluded = IgnoreRules(exclude)
        self._explicit = explicit
        self._entries = {path[len(prefix) :]: entry for path, entry in entries.items() if path.startswith(prefix)}
        self._links = _of_mode(self._entries, LINK)
        self._submodules = _of_mode(self._entries, SUBMODULE)
        self._scopes: dict[str, tuple[Scope, ...] | None] = {}
        self._listed: list[str] | None = None

    def paths(self) -> list[str]:
        """See Tree."""
        if self._listed is None:
            found = {path for path, entry in self._entries.items() if self._is_listed(path, entry)}
            found.update(path for path in self._explicit if kind_of(name_of(path)) is not None and self.exists(path))
            if self._submodules:
                found.update(path for path in self._beside.paths() if self._is_in_submodule(path))
            self._listed = sorted(found)
        return list(self._listed)

    def read(self, path: str) -> bytes:
        """See Tree."""
        real = self._real(path)
        entry = self._entries.get(real) if real is not None else None
        if entry is not None and entry.mode != SUBMODULE:
            return self._content(real or path, entry.id)
        if self._is_not_kept(path):
            return self._beside.read(path)
        raise FileNotFoundError(2, "No such file", path)

    def exists(self, path: str) -> bool:
        """See Tree."""
        real = self._real(path)
        entry = self._entries.get(real) if real is not None else None
        if entry is not None and entry.mode != SUBMODULE:
            return True
        return self._is_not_kept(path) and self._beside.exists(path)

    def problems(self) -> Sequence[Problem]:
        """See Tree."""
        return ()

    def _content(self, path: str, blob: str) -> bytes:
        try:
            data = self._beside.read(path)
        except OSError:
            return self._objects.read(blob)
        return data if _id(data, len(blob)) == blob else self._objects.read(blob)

    def _is_listed(self, path: str, entry: Entry) -> bool:
        if entry.mode == SUBMODULE or kind_of(name_of(path)) is None or self._is_left_out(path):
            return False
        return entry.mode != LINK or self.exists(path)

    def _is_not_kept(self, path: str) -> bool:
        """Whether git does not keep a path, so that its absence says nothing."""
        if not path or join("", path) != path:
            return False
        return self._is_in_submodule(path) or self._is_left_out(path)

    def _is_in_submodule(self, path: str) -> bool:
        return bool(self._submodules) and any(folder in self._submodules for folder in upwards(folder_of(path)))

    def _is_left_out(self, path: str) -> bool:
        """Whether the walk would pass over a file."""
        folder = folder_of(path)
        scopes = self._scopes_in(folder)
        return scopes is None or is_left_out(
            path, name_of(path), False, self._is_at_package(folder), scopes, self._excluded
        )

    def _scopes_in(self, folder: str) -> tuple[Scope, ...] | None:
        """The ignore rules that hold in a folder, the nearest first; None where the walk would pass over it."""
        if folder not in self._scopes:
            self._scopes[folder] = self._find_scopes(folder)
        return self._scopes[folder]

    def _find_scopes(self, folder: str) -> tuple[Scope, ...] | None:
        own = self._rules(f"{self._prefix}{folder}/.gitignore" if folder else f"{self._prefix}.gitignore")
        if not folder:
            scopes = [Scope(own, 0, "")] if own else []
            return (*scopes, *self._scopes_above())
        parent = folder_of(folder)
        outer = self._scopes_in(parent)
        if outer is None or is_left_out(
            folder, name_of(folder), True, self._is_at_package(parent), outer, self._excluded
        ):
            return None
        return (Scope(own, len(folder) + 1, ""), *outer) if own else outer

    def _scopes_above(self) -> list[Scope]:
        """The rules of the folders above, and those that the repository keeps to itself."""
        scopes = []
        above = self._prefix.rstrip("/")
        while above:
            parent = folder_of(above)
            if rules := self._rules(f"{parent}/.gitignore" if parent else ".gitignore"):
                scopes.append(Scope(rules, 0, self._prefix[len(parent) + 1 if parent else 0 :]))
            above = parent
        if rules := read_ignore_file(git_exclude_file(self._top)):
            scopes.append(Scope(rules, 0, self._prefix))
        return scopes

    def _rules(self, path: str) -> IgnoreRules | None:
        """The rules of an ignore file, by its path relative to the top level."""
        entry = self._all.get(path)
        return ignore_rules(self._objects.read(entry.id)) if entry is not None else None

    def _is_at_package(self, folder: str) -> bool:
        return not folder or f"{folder}/package.json" in self._entries

    def _real(self, path: str) -> str | None:
        """The path without symbolic links; None where they lead out of the folder, or in circles."""
        for _ in range(_MOST_LINKS if self._links else 0):
            link = next((part for part in upwards(path) if part in self._links), None)
            if link is None:
                return path
            target = os.fsdecode(self._objects.read(self._links[link].id))
            leads_to = None if target.startswith("/") else join(folder_of(link), target)
            if leads_to is None:
                return None
            path = join(leads_to, path[len(link) :]) or ""
        return None if self._links else path


def _of_mode(entries: Mapping[str, Entry], mode: str) -> dict[str, Entry]:
    return {path: entry for path, entry in entries.items() if entry.mode == mode}


def _id(data: bytes, digits: int) -> str:
    """The name that git gives a blob, in a repository whose names have so many digits."""
    algorithm = hashlib.sha1 if digits == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
