"""Suppressions: `// d1lint-ignore rule-a, rule-b -- reason` and `// d1lint-ignore-file rule -- reason`.

They are read from comments and applied to findings after the rules ran, so that unused ones show.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from d1lint.facts.ir import Comment
from d1lint.finding import Edit, Finding, Fix, Span
from d1lint.model.edits.comments import without_comment
from d1lint.registry import Registry
from d1lint.source import Source

MARKER = b"d1lint-ignore"
"""A file without these bytes has no suppression."""

_OPENING = re.compile(r"(?://+|/\*+|--+)[\s*]*")
_DIRECTIVE = re.compile(r"d1lint-ignore(-file)?(?![\w-]):?(.*)", re.DOTALL)
_REASON = re.compile(r"(?:^|\s)--\s*")
_CONTINUATION = re.compile(r"\s*\n[\s*]*")
_BOM = b"\xef\xbb\xbf"
_WORDS = re.compile(rb"d1lint-ignore(?:-file)?:?|,|\*/|(?:(?!\*/)[^\s,])+|\Z")

# What stands between a comment and the code below it. Possessive, so that it takes one pass however much there is.
_BLOCK = rb"/\*(?:[^*]|\*(?!/))*+\*/"
_JSX_END = re.compile(rb"\s*+\}")
_TRIVIA = re.compile(rb"(?:\s|//[^\n]*+|" + _BLOCK + rb"|\{\s*+" + _BLOCK + rb"\s*+\})*+")
_SQL_TRIVIA = re.compile(rb"(?:\s|--[^\n]*+|" + _BLOCK + rb")*+")


class Misnomer(NamedTuple):
    """A name that no rule has, and the rule that is named most like it."""

    name: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment that silences rules. `names` is empty where it names none, `reason` where it gives none.

    It silences what is found from `line`, its own, to `target_line`: the same one behind code, else the next that is
    neither blank nor comment, so that comments in between can be findings, too. Lines are 1-based. `comment` is all of
    the comment, `span` what of it is on its first line.

    `unused_names` silenced nothing and `unknown_names` are no rules; both are empty until `judged`.
    """

    span: Span
    names: tuple[str, ...] = field(hash=False)  # they may be thousands; the place tells one from the other
    reason: str = field(hash=False)
    whole_file: bool
    line: int
    target_line: int
    comment: Span
    unused_names: tuple[str, ...] = ()
    unknown_names: tuple[Misnomer, ...] = ()

    def covers(self, line: int) -> bool:
        """Whether a finding whose primary location is on this line is silenced."""
        return self.whole_file or self.line <= line <= self.target_line


class Applied(NamedTuple):
    """The findings that remain, those that do not, and which name of which suppression silenced something."""

    kept: list[Finding]
    silenced: list[Finding]
    used: frozenset[tuple[Suppression, str]]


def suppressions(comments: Iterable[Comment], source: Source) -> tuple[Suppression, ...]:
    """The suppressions among the comments of one file: TypeScript's `//` and `/* */`, SQL's `--`."""
    code = _CodeBelow(source)
    parsed = (_suppression(comment, source, code) for comment in comments)
    return tuple(suppression for suppression in parsed if suppression is not None)


def apply(
    findings: Iterable[Finding], by_file: Mapping[str, Sequence[Suppression]], source: Callable[[str], Source]
) -> Applied:
    """Part the findings by the suppressions of the files that they are in. Only the primary location counts."""
    meant: defaultdict[tuple[str, str], list[Suppression]] = defaultdict(list)
    for file, written in by_file.items():
        for suppression in written:
            for name in suppression.names:
                meant[file, name].append(suppression)
    covers = {key: _Cover(group) for key, group in meant.items()}
    kept: list[Finding] = []
    silenced: list[Finding] = []
    found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for finding in findings:
        key = finding.span.file, finding.rule
        line = source(finding.span.file).line_number(finding.span.start) if key in covers else 0
        if key in covers and covers[key].holds(line):
            found[key].add(line)
            silenced.append(finding)
        else:
            kept.append(finding)
    used = ((s, key[1]) for key, lines in found.items() for s in covers[key].used(sorted(lines)))
    return Applied(kept, silenced, frozenset(used))


class _Cover:
    """The lines that suppressions of one rule in one file cover, whatever their number."""

    def __init__(self, group: list[Suppression]) -> None:
        self._group = group
        self._whole_file = any(suppression.whole_file for suppression in group)
        by_line = sorted((suppression.line, suppression.target_line) for suppression in group)
        self._starts = [start for start, _ in by_line]
        # How far down those reach that begin at or above each start.
        self._reach = list(accumulate((end for _, end in by_line), max))

    def holds(self, line: int) -> bool:
        """Whether one of them covers a line."""
        above = bisect_right(self._starts, line)
        return self._whole_file or (above > 0 and self._reach[above - 1] >= line)

    def used(self, lines: Sequence[int]) -> Iterator[Suppression]:
        """Those that cover one of the lines at least, which are sorted."""
        for suppression in self._group:
            first = bisect_left(lines, suppression.line)
            if suppression.whole_file or (first < len(lines) and lines[first] <= suppression.target_line):
                yield suppression


def judged(
    suppression: Suppression,
    used: frozenset[tuple[Suppression, str]],
    registry: Registry,
    ran: Callable[[str, str], bool],
) -> Suppression:
    """The suppression with its unused and unknown names.

    `ran` tells whether a rule (its name) was on for a file before suppressions were judged: one that is off, or
    planned, or that judges suppressions itself, had no chance to be silenced, so its name is not called unused.
    """
    unknown = tuple(Misnomer(n, registry.nearest(n)) for n in suppression.names if not registry.knows(n))
    unused = tuple(
        name
        for name in suppression.names
        if registry.knows(name) and (suppression, name) not in used and ran(name, suppression.span.file)
    )
    return replace(suppression, unused_names=unused, unknown_names=unknown)


class Removal:
    """Takes unused names out of a suppression: the whole comment, where none of its names is used."""

    def __init__(self, suppression: Suppression, source: Source) -> None:
        self._suppression = suppression
        self._source = source

    def fix(self, name: str) -> Fix | None:
        """The fix that removes one of the unused names; None where the comment can not be edited."""
        # Both lists hold a name once, and what is unused is written.
        if len(self._suppression.names) == len(self._suppression.unused_names):
            edit = self._without_comment
        else:
            edit = self._without(name)
        return Fix(f"Remove the suppression of {name}", (edit,), is_safe=True) if edit is not None else None

    @cached_property
    def _without_comment(self) -> Edit | None:
        return without_comment(self._source, self._suppression.comment)

    def _without(self, name: str) -> Edit | None:
        """The removal of a name from the list, with the comma before it, or behind it where it is the first."""
        words, places = self._words
        at = places.get(name.encode("utf-8", "surrogateescape"))
        if at is None:
            return None
        start, end = words[at].span()
        if self._suppression.names[0] == name:
            if words[at + 1].group() != b",":
                return None
            end = words[at + 2].start()
        else:
            if words[at - 1].group() != b",":
                return None
            start = words[at - 2].end()
        return Edit(Span(self._source.path, start, end), "")

    @cached_property
    def _words(self) -> tuple[list[re.Match[bytes]], dict[bytes, int]]:
        """The words and commas of the comment, the marker first, and the first place of each word among them."""
        comment, data = self._suppression.comment, self._source.data
        words = list(_WORDS.finditer(data, data.index(MARKER, comment.start), comment.end))
        return words, {word.group(): at for at, word in reversed(list(enumerate(words)))}


def _suppression(comment: Comment, source: Source, code: _CodeBelow) -> Suppression | None:
    opening = _OPENING.match(comment.text)
    directive = _DIRECTIVE.match(comment.text, opening.end() if opening else 0)
    if directive is None:
        return None
    said = _CONTINUATION.sub(" ", directive[2].removesuffix("*/")).strip()
    names, _, reason = _REASON.sub("\0", said, count=1).partition("\0")
    line = source.line_number(comment.start)
    whole_file = directive[1] is not None
    return Suppression(
        # A finding about it is on one line, however long the reason.
        span=Span(source.path, comment.start, min(comment.end, source.line_start(line) + len(source.line_bytes(line)))),
        # The first word of each: without `--`, what follows is a reason that is not marked as one.
        names=tuple(dict.fromkeys(part.split()[0] for part in names.split(",") if part.strip())),
        reason=reason.strip(),
        whole_file=whole_file,
        line=line,
        target_line=line if whole_file else _target_line(comment, line, source, code),
        comment=Span(source.path, comment.start, comment.end),
    )


def _target_line(comment: Comment, line: int, source: Source, code: _CodeBelow) -> int:
    data, end = source.data, comment.end
    before = data[source.line_start(line) : comment.start].removeprefix(_BOM).strip()
    if before == b"{" and comment.text.startswith("/*"):  # JSX: {/* … */}
        closing = _JSX_END.match(data, end)
        if closing is None:
            return line
        end = closing.end()
    elif before:
        return line
    return source.line_number(code.after(end))


class _CodeBelow:
    """Where the code below a comment begins. The comments of one file ask in their order, so each is read once."""

    def __init__(self, source: Source) -> None:
        self._data = source.data
        self._trivia = _SQL_TRIVIA if source.path.endswith(".sql") else _TRIVIA
        self._from = self._to = -1

    def after(self, end: int) -> int:
        """The offset of the code behind the end of a comment."""
        if not self._from <= end <= self._to:
            found = self._trivia.match(self._data, end)
            self._from, self._to = end, found.end() if found else end
        return self._to
