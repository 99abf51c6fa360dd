"""Removing a comment."""

from __future__ import annotations

import re

from d1lint.finding import Edit, Span
from d1lint.source import Source

_OTHER_TOOLS = re.compile(rb"\b(?:eslint|oxlint|biome|prettier|dprint|deno|istanbul|c8|v8|webpack)\b|@ts-|@vite|#__")
_BOM = b"\xef\xbb\xbf"


def without_comment(source: Source, comment: Span) -> Edit | None:
    """The removal of a comment: with its line if it stands alone, else with the blanks before it.

    None where the comment says something to another tool, too.
    """
    data = source.data
    if _OTHER_TOOLS.search(data, comment.start, comment.end):
        return None
    first = source.line_start(source.line_number(comment.start))
    if data.startswith(_BOM, first):
        first += len(_BOM)
    last = data.find(b"\n", comment.end)
    last = len(data) if last == -1 else last + 1
    before, after = data[first : comment.start], data[comment.end : last]
    in_braces = before.strip() == b"{" and after.strip() == b"}"  # JSX
    if in_braces or not (before.strip() or after.strip()):
        return Edit(Span(source.path, first, last), "")
    start = comment.start
    if not after.strip() or after[:1].isspace():
        start = first + len(before.rstrip()) if before.strip() else start
    end = comment.end if before.strip() else comment.end + len(after) - len(after.lstrip())
    # Words on both sides of the comment must not become one.
    return Edit(
        Span(source.path, start, end),
        " " if data[start - 1 : start].isalnum() and data[end : end + 1].isalnum() else "",
    )
