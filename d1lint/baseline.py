"""The baseline: the findings that a repository had when it began to be linted, so that only new ones count.

A JSON file, one line an entry:

    {"rule": "missing-relation", "symbol": "posts.author_id", "file": "src/schema.ts", "count": 1, "fingerprint": "…"}

The fingerprint, made of rule and symbol, is what a finding is known again by; `count` is how many findings have it. So
moved lines and renamed files change nothing. The file only tells which of several findings with one symbol is the new
one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from d1lint.finding import Finding, fingerprint
from d1lint.pairing import Trace, unpaired

DEFAULT_NAME = ".d1lint-baseline.json"
"""The baseline of a project whose configuration names no other, at its root."""
VERSION = 1


class BaselineError(Exception):
    """The file is no baseline; the message is one sentence."""


class Entry(msgspec.Struct, frozen=True, order=True):
    """So many findings of one rule about one symbol in one file, by its path relative to the project root."""

    rule: str
    symbol: str
    file: str
    count: int
    fingerprint: str

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("Expected a count of at least 1")


class Parted(NamedTuple):
    """Findings, parted by a baseline, and how many that it holds are gone."""

    new: list[Finding]
    known: list[Finding]
    stale: int


class Baseline:
    """The findings that are known."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(sorted(entries))

    def __len__(self) -> int:
        return sum(entry.count for entry in self.entries)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Baseline:
        """The baseline that knows all of these findings."""
        counts = Counter((finding.rule, finding.symbol, finding.span.file) for finding in findings)
        return cls(Entry(*key, count, fingerprint(*key[:2])) for key, count in counts.items())

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """The baseline in a file. Raises BaselineError."""
        try:
            document = json.loads(path.read_bytes().decode("utf-8-sig"))
        except FileNotFoundError:
            raise BaselineError(f"there is no baseline {path}; `d1lint baseline` writes one") from None
        except OSError as error:
            raise BaselineError(f"the baseline {path} can not be read: {error.strerror or error}") from error
        except json.JSONDecodeError as error:
            raise BaselineError(f"{path}:{error.lineno}: this baseline is not valid JSON: {error.msg}") from error
        except (UnicodeDecodeError, RecursionError) as error:
            raise BaselineError(f"{path} is not a baseline: it is no JSON document in UTF-8") from error
        version = document.get("version") if isinstance(document, dict) else None
        if isinstance(version, int) and version != VERSION:
            raise BaselineError(f"the baseline {path} is of version {version}; this d1lint reads version {VERSION}")
        try:
            entries = msgspec.convert(document, _Document).findings
        except msgspec.ValidationError as error:
            raise BaselineError(f"{path} is not a baseline: {error}") from error
        for number, entry in enumerate(entries, 1):
            if entry.fingerprint != fingerprint(entry.rule, entry.symbol):
                raise BaselineError(
                    f"{path} is not a baseline: the fingerprint of entry {number}, {entry.rule} of {entry.symbol}, "
                    "is not that of its rule and symbol"
                )
        return cls(entries)

    def text(self) -> str:
        """The file's content: sorted, one line an entry, ended by a line break."""
        lines = ",".join(f"\n    {_line(entry)}" for entry in self.entries)
        end = "\n  " if lines else ""
        return f'{{\n  "version": {VERSION},\n  "findings": [{lines}{end}]\n}}\n'

    def part(self, findings: Sequence[Finding]) -> Parted:
        """Part all findings of a project into new and known ones.

        Where more have one fingerprint than the baseline knows, those in the files that it names are the known ones.
        """
        known = (
            Trace(entry.fingerprint, (entry.file,))
            for entry in self.entries
            for _ in range(min(entry.count, len(findings)))
        )
        found = [Trace(fingerprint(finding.rule, finding.symbol), (finding.span.file,)) for finding in findings]
        new = set(unpaired(found, known))
        return Parted(
            new=[finding for number, finding in enumerate(findings) if number in new],
            known=[finding for number, finding in enumerate(findings) if number not in new],
            stale=len(self) - (len(findings) - len(new)),
        )


class _Document(msgspec.Struct):
    version: int
    findings: list[Entry]


def _line(entry: Entry) -> str:
    fields = msgspec.structs.asdict(entry)
    line = json.dumps(fields, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:  # half a surrogate pair, as only a file's name or a broken text has it
        return json.dumps(fields)
    return line
