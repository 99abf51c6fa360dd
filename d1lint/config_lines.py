"""The lines on which a configuration's keys stand. The parsers do not tell them, so the text is searched."""

from __future__ import annotations

import re

Key = tuple[str | int, ...]
"""The way to a value: table names, list indexes (0-based), the key itself."""

_NAME = r"(?:[\w-]+|\"[^\"]*\"|'[^']*')"
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})\s*=")


class TomlLines:
    """The lines of a TOML document: headers and assignments are read line by line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: list[tuple[Key, int]] | None = None

    def find(self, key: Key) -> int | None:
        """The line of a key, or of the nearest table or list around it that has one."""
        if self._places is None:
            self._places = list(self._scan())
        best, line = 0, None
        for path, number in self._places:
            if best < len(path) <= len(key) and key[: len(path)] == path:
                best, line = len(path), number
        return line

    def _scan(self) -> list[tuple[Key, int]]:
        places: list[tuple[Key, int]] = []
        table: Key = ()
        lengths: dict[Key, int] = {}
        for number, line in enumerate(self._text.splitlines(), 1):
            if header := _HEADER.match(line):
                table = ()
                parts = _parts(header[2])
                for index, part in enumerate(parts):
                    table += (part,)
                    if header[1] == "[[" and index == len(parts) - 1:
                        lengths[table] = lengths.get(table, 0) + 1
                    if table in lengths:
                        table += (lengths[table] - 1,)
                places.append((table, number))
            elif assignment := _ASSIGNMENT.match(line):
                places.append(((*table, *_parts(assignment[1])), number))
        return places


def _parts(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in re.findall(_NAME, dotted)]


class JsonLines:
    """The lines of the `d1lint` section of a package.json: the texts of the keys are followed downwards."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, key: Key) -> int | None:
        """The line of a key, or of the nearest key around it that is found."""
        section = re.search(r'"d1lint"\s*:\s*\{', self._text)
        at = section.start() if section else self._text.find('"d1lint"')
        for part in key:
            found = self._text.find(f'"{part}"', at) if isinstance(part, str) else at
            at = found if found >= 0 else at
        return self._text.count("\n", 0, at) + 1 if at >= 0 else None
