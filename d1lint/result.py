"""What one run of the engine hands to the reporters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from d1lint.finding import Crash, Finding, Level
from d1lint.rule import Rule
from d1lint.source import Source


@dataclass(frozen=True, slots=True)
class EnabledRule:
    """A rule that ran, at the level that is configured for it at the root."""

    rule: Rule
    level: Level


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one run. `seconds` is wall time; `has_d1` is False where no Drizzle on D1 was found."""

    files: int
    tables: int
    foreign_keys: int
    partial_tables: int
    seconds: float
    has_d1: bool


@dataclass(frozen=True, slots=True)
class Result:
    """The findings that count, sorted by place, and all that is needed to print them.

    `prefix` leads from the git top level to the project root ("" or "apps/web/"); reporters put it before
    `span.file`. `source` gives a file's text by its path relative to the project root.
    """

    findings: tuple[Finding, ...]
    enabled: tuple[EnabledRule, ...]
    summary: Summary
    source: Callable[[str], Source]
    prefix: str = ""
    crashes: tuple[Crash, ...] = ()
    suppressed: int = 0

    @property
    def by_rule(self) -> Counter[str]:
        """How many findings each rule has."""
        return Counter(finding.rule for finding in self.findings)

    def has_at_least(self, level: Level) -> bool:
        """Whether a finding is at or above a level."""
        return any(f.level is not None and f.level.weight >= level.weight for f in self.findings)
