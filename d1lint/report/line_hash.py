"""`primaryLocationLineHash`, the fingerprint by which GitHub knows an alert again.

GitHub's own uploader computes it where it is absent, other ways of upload do not; so it is computed here, by the
same recipe. The hash of a line is taken over the hundred UTF-16 code units that begin with it and read on into
the lines that follow. Blanks and tabs are skipped, a line ending of any kind is one line feed, 0xFFFF stands for
the end of the file, and zeros follow it. Equal hashes are numbered in the order of their lines.
"""

from __future__ import annotations

from collections import Counter
from operator import mul
from struct import unpack

_BLOCK = 100
_BITS_64 = (1 << 64) - 1
_POWERS = [pow(37, exponent, 1 << 64) for exponent in reversed(range(_BLOCK))]
_END_OF_FILE = 0xFFFF
_LINE_FEED = 10
_SKIPPED = {ord(" "): None, ord("\t"): None}


def line_hashes(data: bytes, last_line: int) -> list[str]:
    """The fingerprints of the lines of a file's content, from line 1 up to `last_line` (1-based)."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").translate(_SKIPPED)
    encoded = text.encode("utf-16-le")
    units = unpack(f"<{len(encoded) // 2}H", encoded)
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == _LINE_FEED)]
    padded = (*units, _END_OF_FILE, *[0] * _BLOCK)
    seen: Counter[int] = Counter()
    hashes = []
    for start in starts[:last_line]:
        value = sum(map(mul, padded[start : start + _BLOCK], _POWERS)) & _BITS_64
        seen[value] += 1
        hashes.append(f"{value:x}:{seen[value]}")
    return hashes
