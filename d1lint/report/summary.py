"""The figures of a run, for the reports that people read."""

from __future__ import annotations

from collections import Counter

from d1lint.finding import Level
from d1lint.result import Result

SEPARATOR = " · "


def summary(result: Result) -> list[str]:
    """The parts of the summary; the first one is the verdict."""
    if result.problems:
        return ["d1lint could not run"]
    figures = result.summary
    files = count(figures.files, "file")
    if not (figures.has_d1 or result.findings or result.crashes):
        parts = [f"No Drizzle on Cloudflare D1 here: {files} read, nothing to lint"]
    else:
        by_rule = sorted(result.by_rule.items(), key=lambda item: (-item[1], item[0]))
        tables = count(figures.tables, "table")
        if figures.partial_tables:
            tables += f" ({figures.partial_tables:,} partly known)"
        parts = [
            _verdict(result),
            "" if figures.has_d1 else "no Drizzle on Cloudflare D1 here",
            ", ".join(f"{number:,} {rule}" for rule, number in by_rule),
            ", ".join([files, tables, count(figures.foreign_keys, "foreign key")]),
        ]
    parts.append(f"{figures.seconds:.2f} s")
    if result.suppressed:
        parts.append(f"{result.suppressed:,} suppressed")
    if result.fixed:
        parts.append(f"{result.fixed:,} fixed")
    if fixable := sum(fix is not None and fix.is_safe for fix in (finding.fix for finding in result.findings)):
        parts.append(f"{fixable:,} fixable with --fix")
    if result.older:
        parts.append(f"{result.older:,} older")
    if result.baselined:
        parts.append(f"{len(result.baselined):,} in the baseline")
    if result.stale:
        parts.append(f"warning: {_gone(result)} (d1lint baseline --prune)")
    return [part for part in parts if part]


def stale(result: Result) -> str:
    """What is wrong with the baseline, in sentences; empty where nothing is."""
    return f"{_gone(result)}. `d1lint baseline --prune` removes what is gone from it." if result.stale else ""


def _gone(result: Result) -> str:
    return f"{count(result.stale, 'finding')} of the baseline {'is' if result.stale == 1 else 'are'} gone"


def lines(parts: list[str], columns: int) -> list[str]:
    """The parts in lines of at most `columns`; a part that is longer than a line is broken behind commas."""
    filled: list[str] = []
    for part in parts:
        if filled and len(filled[-1] + SEPARATOR + part) <= columns:
            filled[-1] += SEPARATOR + part
        else:
            filled += _broken(part, columns)
    return filled


def _broken(part: str, columns: int) -> list[str]:
    first, *phrases = part.split(", ")
    broken = [first]
    for phrase in phrases:
        # One column is kept for the comma that may follow.
        if len(f"{broken[-1]}, {phrase}") < columns:
            broken[-1] += f", {phrase}"
        else:
            broken[-1] += ","
            broken.append(phrase)
    return broken


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 table`, `1,234 tables`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _verdict(result: Result) -> str:
    levels = Counter(finding.level for finding in result.findings)
    counts = [count(levels[level], level.value) for level in Level if levels[level]] or ["No findings"]
    if result.crashes:
        counts.append(count(len(result.crashes), "crash", "crashes"))
    return ", ".join(counts)
