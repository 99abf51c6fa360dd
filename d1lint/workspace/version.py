"""Versions of drizzle-orm: which generation of its interface a package is written for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

_VERSION = re.compile(
    r"v?(\d{1,9})(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)
_COMPARATOR = re.compile(r"(<=?|>=?|=|\^|~>?)\s+")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version. `exact` is False where it is only what package.json asks for: its lower bound.

    Versions are ordered as semver has it, a prerelease before its release; `exact` does not count.
    """

    major: int
    minor: int = 0
    patch: int = 0
    prerelease: str = ""
    exact: bool = True

    @property
    def is_v1(self) -> bool:
        """Whether it is 1.0 or later, betas and release candidates of 1.0 included."""
        return self.major >= 1

    def __str__(self) -> str:
        release = f"{self.major}.{self.minor}.{self.patch}"
        return f"{release}-{self.prerelease}" if self.prerelease else release

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    def _key(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        parts = self.prerelease.split(".") if self.prerelease else []
        # Numbers are compared as numbers and come before words.
        identifiers = tuple((not p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts)
        return (self.major, self.minor, self.patch, not self.prerelease, identifiers)


_TAGS = {
    # What npm hands out for `latest`: a 0.x for as long as 1.0 has only prereleases.
    "latest": Version(0, 45, 4, exact=False),
    "beta": Version(1, 0, 0, "beta", exact=False),
    "rc": Version(1, 0, 0, "rc", exact=False),
}
_ANY = frozenset(("", "*", "x", "X"))


def parse_version(text: str) -> Version | None:
    """The version that a text begins with: `0.45.2`, `1.0.0-rc.1(peer@1)`. None where there is none."""
    match = _VERSION.match(text)
    if match is None:
        return None
    major, minor, patch = (int(part) if part and part.isdecimal() else 0 for part in match.group(1, 2, 3))
    return Version(major, minor, patch, match[4] or "")


def requested_version(requested: str) -> Version | None:
    """The lowest version that a range or dist-tag of package.json accepts, for the first alternative of several.

    None for what names no version: a folder, an address, an unknown tag.
    """
    requested = requested.strip().removeprefix("npm:drizzle-orm@")
    if requested in _ANY:
        return _TAGS["latest"]
    if requested in _TAGS:
        return _TAGS[requested]
    first = _COMPARATOR.sub(r"\1", requested.split("||")[0])
    for part in first.split():
        if part.startswith("<"):
            continue
        version = parse_version(part.lstrip("=>^~"))
        if version is None:
            return None
        return Version(version.major, version.minor, version.patch, version.prerelease, exact=False)
    return None
