"""The rules of `.gitignore` files, each for its own folder and below."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_LITERAL = re.compile(r"(!?)([\w.@+~-]+)(/?)$")
# Patterns become regular expressions, whose time grows with the name's length to the power of the stars in a segment.
_STARS_ALLOWED = 4


class _Rule(NamedTuple):
    """One line. A literal name, or a regular expression over the path relative to the rules' folder."""

    ignores: bool
    name: str | None
    folders_only: bool
    regex: str | None
    inside_only: bool
    """`a/**` says nothing about `a` itself."""


class IgnoreRules:
    """The lines of one ignore file. The last line that matches decides, as git has it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules = [rule for line in lines if (rule := _rule(line)) is not None]
        self._names = frozenset(rule.name for rule in self._rules if rule.name is not None)
        self._any = self._search_for_any()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def ignores(self, path: str, name: str, is_folder: bool) -> bool | None:
        """Whether the rules ignore a path (relative to their folder); None where they say nothing.

        It is asked of every folder on the way down, so it need not look at the folders above `path`.
        """
        marked = path + "/" if is_folder else path
        if name not in self._names and (self._any is None or self._any.search(marked) is None):
            return None
        for rule in reversed(self._rules):
            if rule.regex is None:
                if rule.name == name and (is_folder or not rule.folders_only):
                    return rule.ignores
            elif re.search(rule.regex, path if rule.inside_only else marked):
                return rule.ignores
        return None

    def _search_for_any(self) -> re.Pattern[str] | None:
        """One search that tells of most paths that no pattern concerns them; it alone is compiled at once."""
        patterns = [rule.regex for rule in self._rules if rule.regex is not None]
        try:
            return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None
        except re.error:
            self._rules = [rule for rule in self._rules if rule.regex is None or _compiles(rule.regex)]
            return re.compile("")


def read_ignore_file(path: Path) -> IgnoreRules | None:
    """The rules of a file on disk; None where it cannot be read or has none."""
    try:
        return ignore_rules(path.read_bytes())
    except OSError:
        return None


def ignore_rules(data: bytes) -> IgnoreRules | None:
    """The rules in a file's content; None where it has none."""
    text = data.decode("utf-8-sig", "surrogateescape")
    return IgnoreRules(line.rstrip("\r") for line in text.split("\n")) or None


def git_exclude_file(repository: Path) -> Path:
    """The `info/exclude` of the folder that holds a `.git` folder, or a `.git` file (submodule, worktree)."""
    git = git_folder(repository)
    with contextlib.suppress(OSError, ValueError):
        git /= (git / "commondir").read_text(encoding="utf-8", errors="replace").strip()
    return git / "info" / "exclude"


def git_folder(repository: Path) -> Path:
    """The `.git` folder of a working tree, or the folder that its `.git` file names."""
    git = repository / ".git"
    pointed = read_git_file(git)
    return git if pointed is None else repository / pointed


def read_git_file(git: Path) -> str | None:
    """The folder that a `.git` file names; None where it is not such a file."""
    try:
        with git.open(encoding="utf-8", errors="replace") as file:
            label, _, folder = file.read(4096).partition(":")
    except OSError:
        return None
    return folder.strip().replace("\0", "") if label == "gitdir" else None


def _rule(line: str) -> _Rule | None:
    if literal := _LITERAL.match(line):
        return _Rule(not literal[1], literal[2], bool(literal[3]), None, False)
    if any(part.count("*") > _STARS_ALLOWED for part in line.split("/")):
        return None
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        regex, ignores = GitIgnoreSpecPattern.pattern_to_regex(line)
    except ValueError:
        return None
    if regex is None or ignores is None:
        return None
    return _Rule(ignores, None, False, _at_the_end(regex), line.rstrip().endswith("/**"))


def _at_the_end(pattern: str) -> str:
    """The pattern with the library's mark of a folder only at the end of a path.

    The library's patterns also match what is below a folder, so that `!/src` would take back what another line ignores
    in it. A walk asks for each folder on its own.
    """
    return re.sub(r"\(\?P<\w+>/\)", r"/\\Z", pattern)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
