"""How drizzle's `casing` names columns: its `toSnakeCase` and `toCamelCase`."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(r"[0-9a-z]+|[A-Z]+(?![a-z])|[A-Z][0-9a-z]+")
_QUOTES = str.maketrans("", "", "'\u2019")


def cased(key: str, casing: str | None, is_unicode: bool = False) -> str:
    """A key as the casing `snake_case` or `camelCase` names its column; as it is under any other.

    Drizzle 0.x sees words of ASCII letters only; `is_unicode` has 1.0's view of them.
    """
    if casing not in ("snake_case", "camelCase"):
        return key
    words = _words(key.translate(_QUOTES), is_unicode)
    if casing == "snake_case":
        return "_".join(word.lower() for word in words)
    return "".join(word.lower() if index == 0 else word[0].upper() + word[1:] for index, word in enumerate(words))


def _words(text: str, is_unicode: bool) -> list[str]:
    if text.isascii() or not is_unicode:
        return _WORDS.findall(text)
    # The pattern speaks of ASCII: match on a copy that has a stand-in for each letter.
    shape = "".join(_stand_in(character) for character in text)
    return [text[match.start() : match.end()] for match in _WORDS.finditer(shape)]


def _stand_in(character: str) -> str:
    if character.isascii():
        return character
    category = unicodedata.category(character)
    return "a" if category in ("Ll", "Lo") else "A" if category == "Lu" else "-"
