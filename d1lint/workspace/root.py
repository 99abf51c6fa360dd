"""Where a project begins, and where its git repository does."""

from __future__ import annotations

import os
from pathlib import Path

CONFIG_NAME = "d1lint.toml"
PACKAGE_KEY = "d1lint"


def find_root(path: Path) -> Path:
    """The project root for a path on the command line, absolute and without symbolic links.

    The nearest folder at or above it with a `d1lint.toml`, or with a `d1lint` key in its package.json; else
    the git top level; else the path itself, or the folder of a file.
    """
    start = _folder(path)
    for folder in (start, *start.parents):
        if has_config(folder):
            return folder
    return git_top_level(start) or start


def has_config(folder: Path) -> bool:
    """Whether a folder holds a configuration: a `d1lint.toml`, or a package.json with a `d1lint` key."""
    return (folder / CONFIG_NAME).is_file() or _has_package_key(folder / "package.json")


def git_top_level(path: Path) -> Path | None:
    """The nearest folder at or above a path that holds a `.git` folder or file; None outside git."""
    start = _folder(path)
    for folder in (start, *start.parents):
        if os.path.lexists(folder / ".git"):
            return folder
    return None


def _folder(path: Path) -> Path:
    absolute = path.resolve()
    return absolute.parent if absolute.is_file() else absolute


def _has_package_key(manifest: Path) -> bool:
    try:
        data = manifest.read_bytes()
    except OSError:
        return False
    if PACKAGE_KEY.encode() not in data:
        return False
    from d1lint.workspace.jsonc import parse_jsonc

    try:
        document = parse_jsonc(data)
    except ValueError:
        return False
    return isinstance(document, dict) and PACKAGE_KEY in document
