"""Fixes, applied: round by round in memory until nothing more applies; then each file is written, whole or not."""

from __future__ import annotations

import difflib
import os
import stat
import tempfile
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from d1lint.finding import Edit, Finding, Fix, Span
from d1lint.result import Result

MAX_ROUNDS = 10
"""How often what remains is linted and repaired again; a fix that brings up another finding could go on for ever."""

Lint = Callable[[Mapping[str, bytes]], Result]
"""Lints the project with some files replaced: from the path, relative to the root, to the content."""


class ChangedMeanwhile(Exception):
    """A file is not what it was when it was linted; the message is one sentence."""


@dataclass(slots=True)
class Repair:
    """What the fixes come to. `before` and `after` hold the content of each file that they change."""

    first: Result
    """Before the first fix."""
    last: Result
    """What remains; `fixed` counts what does not."""
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)


def repair(lint: Lint, *, unsafe: bool = False) -> Repair:
    """Lint, and apply the fixes of the findings in memory, until none applies; `unsafe` also takes those not safe."""
    first = result = lint({})
    done = Repair(first, first)
    fixed = 0
    for _ in range(MAX_ROUNDS):
        chosen = choose(result.findings, unsafe=unsafe)
        if not chosen:
            break
        for file, edits in by_file(chosen).items():
            data = result.source(file).data
            done.before.setdefault(file, data)
            done.after[file] = apply_edits(data, edits)
        fixed += len(chosen)
        result = lint(done.after)
        if len(result.crashes) > len(first.crashes):
            return Repair(first, result)  # what made d1lint itself fail is not written
    done.last = replace(result, fixed=fixed)
    return done


def choose(findings: Iterable[Finding], *, unsafe: bool = False) -> list[Fix]:
    """The fixes that can be applied together, in the order of their findings. The others wait for the next round."""
    chosen = _Chosen()
    for finding in findings:
        fix = finding.fix
        if fix is not None and (fix.is_safe or unsafe):
            chosen.take(fix)
    return chosen.fixes


def by_file(fixes: Iterable[Fix]) -> dict[str, list[Edit]]:
    """The edits of some fixes that can be applied together, those that they share once."""
    edits: dict[str, dict[Edit, None]] = {}
    for fix in fixes:
        for edit in fix.edits:
            edits.setdefault(edit.span.file, {})[edit] = None
    return {file: list(found) for file, found in edits.items()}


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """A file's content after edits that do not overlap; what is inserted at one place stays in its order."""
    pieces = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        pieces += [data[at : edit.span.start], edit.text.encode("utf-8", "surrogateescape")]
        at = edit.span.end
    return b"".join([*pieces, data[at:]])


def write(done: Repair, root: Path) -> None:
    """Write what changed. Raises ChangedMeanwhile before the first file is written, OSError."""
    paths = {file: Path(os.path.realpath(root / file)) for file in done.after}
    for file, path in paths.items():
        if path.read_bytes() != done.before[file]:
            raise ChangedMeanwhile(f"{file} was changed while it was linted; nothing was written")
    for file, path in paths.items():
        if done.after[file] != done.before[file]:
            _replace(path, done.after[file])


def diff(done: Repair) -> bytes:
    """What would change, as `git diff` and `patch -p1` have it; paths as in the report."""
    return b"".join(_diff(done.first.prefix + file, done.before[file], done.after[file]) for file in sorted(done.after))


class _Chosen:
    """The fixes that are applied together."""

    def __init__(self) -> None:
        self.fixes: list[Fix] = []
        self._made: set[str] = set()
        self._edits: set[Edit] = set()
        # By file: the ranges that are replaced, none of which overlap, and the places where something is inserted.
        self._ranges: defaultdict[str, list[Span]] = defaultdict(list)
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._shut: set[Span] = set()
        """The places where nothing else can be inserted: what is there does not say what it makes."""

    def take(self, fix: Fix) -> None:
        """Take a fix, unless it makes what another one does, or they touch each other."""
        if not self._made.isdisjoint(fix.makes) or any(self._is_touched(edit, bool(fix.makes)) for edit in fix.edits):
            return
        self.fixes.append(fix)
        self._made.update(fix.makes)
        for edit in fix.edits:
            span = edit.span
            if edit in self._edits:
                continue
            self._edits.add(edit)
            if span.start < span.end:
                insort(self._ranges[span.file], span)
            else:
                insort(self._places[span.file], span.start)
        if not fix.makes:
            self._shut.update(edit.span for edit in fix.edits)

    def _is_touched(self, edit: Edit, says_what_it_makes: bool) -> bool:
        span, is_known = edit.span, edit in self._edits
        places, ranges = self._places[span.file], self._ranges[span.file]
        if span.start == span.end:
            others = bisect_right(places, span.start) - bisect_left(places, span.start) - is_known
            if others and (not says_what_it_makes or span in self._shut):
                return True
        if is_known:
            return False  # nothing that was taken touches it
        # Of ranges that do not overlap, only the last that begins before an end can reach back over a start.
        before = bisect_left(ranges, Span(span.file, span.end, span.end)) - 1
        if before >= 0 and ranges[before].end > span.start:
            return True
        return bisect_right(places, span.start) < bisect_left(places, span.end)


def _replace(path: Path, data: bytes) -> None:
    """Write a file by way of a new one beside it, with the same permissions."""
    mode = stat.S_IMODE(path.stat().st_mode)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _diff(path: str, before: bytes, after: bytes) -> bytes:
    name = f"/{path}".encode("utf-8", "surrogateescape")
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), b"a" + name, b"b" + name)
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
