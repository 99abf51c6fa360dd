"""POSIX paths relative to the project root: "" is the root itself, and nothing lies outside it."""

from __future__ import annotations

from collections.abc import Iterator


def join(directory: str, relative: str) -> str | None:
    """`relative` seen from `directory`, normalised; None where it leads out of the root.

    A leading slash counts for nothing: "/src" is "src".
    """
    parts = directory.split("/") if directory else []
    for part in relative.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def folder_of(path: str) -> str:
    """The folder that holds a file or folder; that of the root is the root."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]


def upwards(directory: str) -> Iterator[str]:
    """The folder itself, its parent and so on, the root ("") last."""
    while directory:
        yield directory
        directory = folder_of(directory)
    yield ""


def is_within(path: str, directory: str) -> bool:
    """Whether a path is a folder or lies below it."""
    return not directory or path == directory or path.startswith(directory + "/")
