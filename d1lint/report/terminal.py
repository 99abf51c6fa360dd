"""Text on a terminal: what may be printed, how many columns it takes, where it wraps."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, east_asian_width

TAB = 4
REPLACEMENT = "\ufffd"
ELLIPSIS = "…"

# Joiners, variation selectors and skin tones change the width of their neighbours, and each terminal has its
# own view of by how much. Without them every terminal agrees, and carets stay under their code.
_UNSTEADY = frozenset("\u200d\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_NON_JOINER = "\u200c"
# Runs of what needs no thought, and everything else one by one.
_PIECES = re.compile(r"[ -~]+|[^ -~]")
_PLAIN = re.compile(r"[ -~]+")
_CODE_OR_WORD = re.compile(r"[^\s`]*(?:`[^`\n]*`[^\s`]*)+|\S+")


def visible(text: str) -> str:
    """The text as it can be shown: tabs to the next multiple of four columns, no control character left.

    Control characters become their pictures (␛ for escape), those that turn the direction of writing and those
    that no encoding can hold become U+FFFD.
    """
    shown: list[str] = []
    column = 0
    for piece in _PIECES.findall(text):
        if piece == "\t":
            shown.append(" " * (TAB - column % TAB))
        else:
            shown.append(piece if len(piece) > 1 else _shown(piece))
        column += width(shown[-1])
    return "".join(shown)


def one_line(text: str) -> str:
    """The text as it can be shown, with each run of white space made one space."""
    return visible(" ".join(text.split()))


@lru_cache(maxsize=1024)
def _shown(char: str) -> str:
    if char in _UNSTEADY:
        return ""
    if char.isprintable() or char == _NON_JOINER:
        return char
    if char < " ":
        return chr(0x2400 + ord(char))
    if char == "\x7f":
        return "\u2421"
    return char if category(char) in ("Zs", "Co") else REPLACEMENT


def width(text: str) -> int:
    """How many columns a visible text takes."""
    odd = _PLAIN.sub("", text)
    return len(text) - len(odd) + sum(map(char_width, odd))


@lru_cache(maxsize=1024)
def char_width(char: str) -> int:
    """How many columns a visible character takes: 0 for what joins the one before it, 2 for a wide one, else 1."""
    if category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def between(text: str, start: int, end: int) -> str:
    """The columns `start` to `end` of a visible text; a wide character that is cut in two becomes a space."""
    kept: list[str] = []
    column = 0
    for piece in _PIECES.findall(text):
        size = width(piece)
        if piece.isascii():
            kept.append(piece[max(start - column, 0) : max(end - column, 0)])
        elif column >= start and column + size <= end and (size or column > start):
            kept.append(piece)
        elif column < end and column + size > start:
            kept.append(" ")
        column += size
    return "".join(kept)


def wrap(text: str, columns: int) -> list[str]:
    """The words of a visible text in lines of at most `columns`, except where one word is longer.

    Code between backticks stays on one line where it fits in one.
    """
    lines: list[str] = []
    room = 0
    for word in _words(text, columns):
        size = width(word)
        if lines and size < room:
            lines[-1] += " " + word
            room -= size + 1
        else:
            lines.append(word)
            room = columns - size
    return lines


def _words(text: str, columns: int) -> list[str]:
    words: list[str] = []
    for word in _CODE_OR_WORD.findall(text):
        words += [word] if width(word) <= columns else word.split()
    return words
