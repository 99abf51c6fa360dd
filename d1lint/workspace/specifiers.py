"""The text of module specifiers: patterns with a star, names of packages."""

from __future__ import annotations


def match_star(pattern: str, text: str) -> str | None:
    """What the `*` of a pattern stands for in a text: "" where it has no star and is the text; None without a match."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if pattern == text else None
    if len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after):
        return text[len(before) : len(text) - len(after)]
    return None


def split_package(specifier: str) -> tuple[str, str]:
    """A package's name and the path in it: `@acme/db/schema` is `@acme/db` and `schema`."""
    parts = specifier.split("/")
    size = 2 if specifier.startswith("@") else 1
    return "/".join(parts[:size]), "/".join(parts[size:])
