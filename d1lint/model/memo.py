"""What was made of files' contents, kept for as long as the contents stay the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class ContentMemo:
    """Remembers what functions made of files. A long-lived process hands the same one to each model that it builds."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, str], tuple[bytes, Any]] = {}

    def of(self, make: Callable[[str, bytes], T], path: str, data: bytes, key: object = None) -> T:
        """What `make` makes of a file; it is called where the file's content is another than the last time.

        `key` stands for a function that is not the same object each time.
        """
        known = self._known.get((key or make, path))
        if known is not None and (known[0] is data or known[0] == data):
            made: T = known[1]
            return made
        made = make(path, data)
        self._known[key or make, path] = (data, made)
        return made

    def latest(self, make: Callable[[str, bytes], T], path: str) -> T | None:
        """What `make` made of a file the last time, whatever the file held; None if it was not asked."""
        known = self._known.get((make, path))
        made: T | None = known[1] if known is not None else None
        return made

    def knows(self, make: Callable[[str, bytes], T], path: str, data: bytes) -> bool:
        """Whether `make` was called for a file with this content, the last time."""
        known = self._known.get((make, path))
        return known is not None and (known[0] is data or known[0] == data)

    def put(self, make: Callable[[str, bytes], T], path: str, data: bytes, made: T) -> None:
        """Say beforehand what `make` is to have made of a file with this content."""
        self._known[make, path] = (data, made)
