"""A parse that comes to an end, whatever it is given."""

from __future__ import annotations

from time import thread_time

from tree_sitter import Parser, Tree

SECONDS = 5
"""Of the processor's time."""
STEPS = 5_000
STEPS_PER_BYTE = 2
"""What somebody wrote takes 0.7 steps for a byte, a broken script up to 1.7; minified ones are not parsed at all."""
READS = 500
READS_PER_PIECE = 20
"""Text is read again where a token has no end: up to 60 times in a short file, up to three times in a long one."""

_PIECE = 8192
_STEPS_PER_CALL = 100
"""Fixed by the library: it asks whether to go on once in so many steps."""


class TooMuchWorkError(Exception):
    """A text that takes the parser more than any text that somebody wrote."""


def deadline() -> float:
    """Until when a file may occupy this thread, by its own clock."""
    return thread_time() + SECONDS


def parse_bounded(parser: Parser, source: bytes, old: Tree | None = None, *, until: float | None = None) -> Tree:
    """The tree of a source; `until` is a deadline. Raises TooMuchWorkError where that would take too long.

    Recovering from errors can take time that grows with the square of the length, or faster: a few thousand bytes that
    repeat occupy the parser for minutes. The bounds are of work, so that the outcome is the same on every machine; the
    deadline is for what gets past them.
    """
    steps = (STEPS + STEPS_PER_BYTE * len(source)) // _STEPS_PER_CALL
    reads = READS + READS_PER_PIECE * (len(source) // _PIECE + 1)
    end = deadline() if until is None else until

    def read(offset: int, point: object) -> bytes:
        nonlocal reads
        reads -= 1
        return source[offset : offset + _PIECE] if reads >= 0 else b""

    def is_too_much(offset: int, has_error: bool) -> bool:
        nonlocal steps
        steps -= 1
        return steps < 0 or reads < 0 or thread_time() > end

    try:
        if old is None:
            tree = parser.parse(read, progress_callback=is_too_much)
        else:
            tree = parser.parse(read, old, progress_callback=is_too_much)
    except ValueError:
        parser.reset()  # or it would go on where it stopped
        raise TooMuchWorkError from None
    if reads < 0:  # the end that it found was none
        raise TooMuchWorkError
    return tree
