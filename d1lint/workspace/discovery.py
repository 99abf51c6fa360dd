"""The walk: every file below a folder that the product reads and the ignore rules leave."""

# Paths are strings in the loop: making Path objects would cost more than the walk itself.
# ruff: noqa: PTH113, PTH118, PTH119, PTH112, PTH208

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from d1lint.workspace.ignore import IgnoreRules, git_exclude_file, read_git_file, read_ignore_file
from d1lint.workspace.kinds import kind_of
from d1lint.workspace.paths import join
from d1lint.workspace.problem import Problem

# fmt: off
_NEVER_WALKED = frozenset((
    "node_modules", "bower_components", "jspm_packages", "__pycache__", ".venv", ".git", ".hg", ".svn", ".jj",
    ".yarn", ".pnpm-store", ".cache", ".parcel-cache", ".next", ".nuxt", ".nitro", ".output", ".svelte-kit",
    ".react-router", ".tanstack", ".vinxi", ".astro", ".angular", ".expo", ".docusaurus", ".wxt", ".wrangler",
    ".turbo", ".nx", ".vite", ".vercel", ".netlify", ".open-next", ".sst", ".alchemy", ".nyc_output",
))
# fmt: on
_NOTHING = IgnoreRules(())
# Also names of folders that hold sources (`src/build`), so only beside a package.json and at the root are they output.
_PACKAGE_OUTPUT = frozenset(("dist", "build", "out", "coverage", "storybook-static"))


class Discovered(NamedTuple):
    """What the walk found: sorted paths relative to its root, and the folders that it could not list."""

    files: list[str]
    problems: list[Problem]


class Scope(NamedTuple):
    """Ignore rules and the length of what is cut from a path to make it relative to their folder.

    For rules from above the root, `above` is what is put before the path instead.
    """

    rules: IgnoreRules
    cut: int
    above: str


def discover(
    root: str, exclude: Sequence[str] = (), explicit: Sequence[str] = (), git_root: str | None = None
) -> Discovered:
    """Walk a folder.

    `exclude` are patterns as in a .gitignore at the root. `explicit` are files and folders (relative to the
    root) that are taken even where they are ignored or excluded. `git_root` is the top level of the repository
    around the root; the ignore files from there down to the root count. Folders are not followed through
    symbolic links, files only to places below the root.
    """
    walk = _Walk(root)
    walk.walk("", _scopes_above(root, git_root), IgnoreRules(exclude))
    for given in explicit:
        walk.take(given)
    return Discovered(sorted(walk.files), sorted(walk.problems, key=lambda problem: problem.path))


def would_find(root: str, path: str, exclude: Sequence[str] = (), git_root: str | None = None) -> bool:
    """Whether `discover` would find a file at a path (relative to the root) where there is none so far."""
    walk = _Walk(root)
    scopes, excluded = _scopes_above(root, git_root), IgnoreRules(exclude)
    folder = ""
    parts = path.split("/")
    for depth, name in enumerate(parts, 1):
        full = os.path.join(root, folder) if folder else root
        names = set(os.listdir(full)) if os.path.isdir(full) else set()
        if ".git" in names and folder and _is_worktree(Path(full, ".git")):
            return False
        scopes = walk.own_scopes(folder, full, names) + scopes
        at_package = not folder or "package.json" in names
        folder = f"{folder}/{name}" if folder else name
        if is_left_out(folder, name, depth < len(parts), at_package, scopes, excluded):
            return False
    return True


class _Walk:
    def __init__(self, root: str) -> None:
        self.root = root
        self.files: set[str] = set()
        self.problems: list[Problem] = []
        self._walked: set[str] = set()
        self._real_root = os.path.join(os.path.realpath(root), "")

    def take(self, given: str) -> None:
        """Add a file, or walk a folder that was left out; what is outside the root is not the tree's."""
        path = join("", given.replace(os.sep, "/"))
        if not path:
            return
        full = os.path.join(self.root, path)
        if os.path.isfile(full):
            if kind_of(os.path.basename(path)) is not None and self._is_below_root(full):
                self.files.add(path)
        elif os.path.isdir(full) and path not in self._walked and self._is_below_root(full):
            self.walk(path, (), _NOTHING)

    def walk(self, start: str, scopes: tuple[Scope, ...], excluded: IgnoreRules) -> None:
        """Walk one folder and all below it. The nearest scope comes first; no scope takes back what is excluded."""
        pending = [(start, scopes)]
        while pending:
            folder, scopes = pending.pop()
            full = os.path.join(self.root, folder) if folder else self.root
            try:
                with os.scandir(full) as listing:
                    entries = list(listing)
            except OSError as error:
                self.problems.append(Problem(folder or ".", None, f"cannot be listed: {error.strerror or error}"))
                continue
            names = {entry.name for entry in entries}
            if ".git" in names and folder and _is_worktree(Path(full, ".git")):
                continue
            self._walked.add(folder)
            scopes = self.own_scopes(folder, full, names) + scopes
            at_package = not folder or "package.json" in names
            prefix = folder + "/" if folder else ""
            for entry in entries:
                name = entry.name
                try:
                    is_folder = entry.is_dir(follow_symlinks=False)
                except OSError:
                    continue
                path = prefix + name
                if is_left_out(path, name, is_folder, at_package, scopes, excluded):
                    continue
                if is_folder:
                    pending.append((path, scopes))
                elif self._is_file(entry):
                    self.files.add(path)

    def own_scopes(self, folder: str, full: str, names: set[str]) -> tuple[Scope, ...]:
        """The rules that a folder itself holds, given the names of what is in it."""
        cut = len(folder) + 1 if folder else 0
        own = []
        if ".gitignore" in names and (rules := read_ignore_file(Path(full, ".gitignore"))):
            own.append(Scope(rules, cut, ""))
        if ".git" in names and (rules := read_ignore_file(git_exclude_file(Path(full)))):
            own.append(Scope(rules, cut, ""))
        return tuple(own)

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_file() and (not entry.is_symlink() or self._is_below_root(entry.path))
        except OSError:
            return False

    def _is_below_root(self, full: str) -> bool:
        return os.path.realpath(full).startswith(self._real_root)


def is_left_out(
    path: str, name: str, is_folder: bool, at_package: bool, scopes: tuple[Scope, ...], excluded: IgnoreRules
) -> bool:
    """Whether the walk passes over a file or folder; `at_package` tells of the folder that it is in."""
    if is_folder:
        if name in _NEVER_WALKED or (at_package and name in _PACKAGE_OUTPUT):
            return True
    elif kind_of(name) is None:
        return True
    if excluded and excluded.ignores(path, name, is_folder):
        return True
    return bool(scopes) and _ignored(scopes, path, name, is_folder)


def _ignored(scopes: tuple[Scope, ...], path: str, name: str, is_folder: bool) -> bool:
    for rules, cut, above in scopes:
        decision = rules.ignores(above + path[cut:], name, is_folder)
        if decision is not None:
            return decision
    return False


def _scopes_above(root: str, git_root: str | None) -> tuple[Scope, ...]:
    """The rules of the repository's folders above the root, the nearest first."""
    if git_root is None:
        return ()
    scopes = []
    folder, below = root, ""
    while folder != git_root:
        parent, name = os.path.split(folder)
        if parent == folder:
            return ()
        folder, below = parent, f"{name}/{below}"
        if rules := read_ignore_file(Path(folder, ".gitignore")):
            scopes.append(Scope(rules, 0, below))
    if below and (rules := read_ignore_file(git_exclude_file(Path(git_root)))):
        scopes.append(Scope(rules, 0, below))
    return tuple(scopes)


def _is_worktree(git: Path) -> bool:
    """Whether a `.git` belongs to a second working tree: the same sources again, which are not to be found twice."""
    pointed = read_git_file(git)
    return pointed is not None and "/worktrees/" in pointed.replace("\\", "/")


_BUNDLED = re.compile(rb"__webpack_require__|^var __(?:create|defProp|getOwnPropNames) = Object\.", re.MULTILINE)
_PRELUDE = 2000
_SMALLEST_JUDGED = 4096
_LONGEST_AVERAGE_LINE = 300
_PUNCTUATION = (b";", b"{", b"}", b"(")
_LEAST_PUNCTUATION = 0.02


def is_generated(data: bytes) -> bool:
    """Whether a script is minified or bundled: lines that no one writes, full of code, or a bundler's prelude.

    A header that says "generated" counts for nothing: schemas are generated once and kept by hand from then on. Nor do
    long lines that hold data, such as a font or the path of an icon.
    """
    if len(data) < _SMALLEST_JUDGED:
        return False
    if len(data) > _LONGEST_AVERAGE_LINE * (data.count(b"\n") + 1):
        return sum(map(data.count, _PUNCTUATION)) > _LEAST_PUNCTUATION * len(data)
    return _BUNDLED.search(data, 0, _PRELUDE) is not None
