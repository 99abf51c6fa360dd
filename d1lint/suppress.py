"""Suppressions: `// d1lint-ignore rule-a, rule-b -- reason` and `// d1lint-ignore-file rule -- reason`.

They are read from comments and applied to findings after the rules ran, so that unused ones show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    names: tuple[str, ...]
    reason: str
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
    parsed = (_suppression(comment, source) for comment in comments)
    return tuple(suppression for suppression in parsed if suppression is not None)


def apply(
    findings: Iterable[Finding], by_file: Mapping[str, Sequence[Suppression]], source: Callable[[str], Source]
) -> Applied:
    """Part the findings by the suppressions of the files that they are in. Only the primary location counts."""
    kept: list[Finding] = []
    silenced: list[Finding] = []
    used: set[tuple[Suppression, str]] = set()
    for finding in findings:
        matching = [s for s in by_file.get(finding.span.file, ()) if finding.rule in s.names]
        if matching:
            line = source(finding.span.file).line_number(finding.span.start)
            matching = [suppression for suppression in matching if suppression.covers(line)]
        used.update((suppression, finding.rule) for suppression in matching)
        (silenced if matching else kept).append(finding)
    return Applied(kept, silenced, frozenset(used))


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


def removal(suppression: Suppression, name: str, source: Source) -> Fix | None:
    """Take an unused name out of a suppression: the whole comment, where none of its names is used."""
    if set(suppression.names) == set(suppression.unused_names):
        edit = without_comment(source, suppression.comment)
    else:
        edit = _without_name(suppression, name, source)
    return Fix(f"Remove the suppression of {name}", (edit,), is_safe=True) if edit is not None else None


def _without_name(suppression: Suppression, name: str, source: Source) -> Edit | None:
    """The removal of a name from the list, with the comma before it, or behind it where it is the first."""
    comment = suppression.comment
    at = source.data.index(MARKER, comment.start) + len(MARKER)
    own = rb"(?<![\w-])" + re.escape(name.encode("utf-8", "surrogateescape")) + rb"(?![\w-])"
    first = suppression.names[0] == name
    found = re.compile(own + rb"\s*,\s*" if first else rb"\s*,\s*" + own).search(source.data, at, comment.end)
    return Edit(Span(source.path, found.start(), found.end()), "") if found else None


def _suppression(comment: Comment, source: Source) -> Suppression | None:
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
        target_line=line if whole_file else _target_line(comment, line, source),
        comment=Span(source.path, comment.start, comment.end),
    )


def _target_line(comment: Comment, line: int, source: Source) -> int:
    data, end = source.data, comment.end
    before = data[source.line_start(line) : comment.start].removeprefix(_BOM).strip()
    if before == b"{" and comment.text.startswith("/*"):  # JSX: {/* … */}
        closing = _JSX_END.match(data, end)
        if closing is None:
            return line
        end = closing.end()
    elif before:
        return line
    trivia = _SQL_TRIVIA if source.path.endswith(".sql") else _TRIVIA
    rest = trivia.match(data, end)
    return source.line_number(rest.end() if rest else end)
