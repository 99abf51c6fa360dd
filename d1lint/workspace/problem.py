"""A file of the project that could not be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` is relative to the project root, `line` 1-based where it is known; `message` is one sentence."""

    path: str
    line: int | None
    message: str
