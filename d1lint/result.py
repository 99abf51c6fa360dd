"""What one run of the engine hands to the reporters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from d1lint.finding import Crash, Finding, Level
from d1lint.policy import Policy
from d1lint.rule import Rule
from d1lint.source import Source
from d1lint.workspace.problem import Problem


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
class Statistics:
    """What a run has not reported and why, and where its time went.

    `suppressed` counts findings by rule; `unknown` counts, by reason, the tables of which something is not known, where
    rules about absences are silent. `phases` are seconds by phase, in the order in which they ran.
    """

    suppressed: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    phases: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that a comment silenced, with the reason that it gives: empty where it gives none."""

    finding: Finding
    reason: str


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
    silenced: Callable[[], tuple[Silenced, ...]] = tuple
    """The findings that are suppressed, sorted by place; put together only when a report asks."""
    baseline: str = ""
    """The file of the baseline, relative to the project root; empty where there is none, or where it is elsewhere."""
    baselined: tuple[Finding, ...] = ()
    """The findings that the baseline knows; they are not among the findings."""
    stale: int = 0
    """How many findings the baseline knows that are gone."""
    older: int = 0
    """How many findings were not caused by the change that alone is looked at; they are not among the findings."""
    statistics: Statistics = field(default_factory=Statistics)
    policies: Callable[[], tuple[Policy, ...]] = tuple
    """Every policy that there is; read from their files only when a report asks."""
    fixed: int = 0
    """How many findings `--fix` has repaired; they are not among the findings."""
    problems: tuple[Problem, ...] = ()
    """Why the job could not be done; there is nothing else in such a result. A problem may be about no file ("")."""

    @property
    def by_rule(self) -> Counter[str]:
        """How many findings each rule has."""
        return Counter(finding.rule for finding in self.findings)

    def has_at_least(self, level: Level) -> bool:
        """Whether a finding is at or above a level; what is stale in the baseline is a warning."""
        if self.stale and level.weight <= Level.WARNING.weight:
            return True
        return any(f.level is not None and f.level.weight >= level.weight for f in self.findings)
