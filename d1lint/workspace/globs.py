"""Globs over folders, as `workspaces` has them: `*` is one folder, `**` any number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from d1lint.workspace.paths import join


def matches_folder(directory: str, globs: Iterable[str]) -> bool:
    """Whether a folder is one of those that the globs name; later ones that begin with "!" take away again."""
    matched = False
    for glob in globs:
        negated = glob.startswith("!")
        pattern = join("", glob.lstrip("!"))
        if pattern is not None and _match(directory.split("/") if directory else [], _segments(pattern)):
            matched = not negated
    return matched


def _segments(pattern: str) -> list[str]:
    return pattern.split("/") if pattern else []


def _match(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    # `reached` holds how many parts the pattern so far can have used: its size, and so the time, is bounded.
    reached = {0}
    for segment in pattern:
        if segment == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], segment)}
    return len(parts) in reached
