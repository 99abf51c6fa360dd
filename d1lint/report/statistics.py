"""What `--statistics` adds to a report: findings by rule and level, what was not reported and why, and the time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from d1lint.finding import Level
from d1lint.report.summary import count
from d1lint.report.terminal import one_line
from d1lint.result import Result

_NAMED = re.compile(r"\bthe column .+?(?= (?:is|has) )")


def render(result: Result) -> str:
    """A table of the rules, the partly known tables by reason, and the time by phase."""
    return "\n".join([*_rules(result), *_unknown(result), *_phases(result)]) + "\n"


def _rules(result: Result) -> Iterator[str]:
    columns = {level.value: Counter(f.rule for f in result.findings if f.level is level) for level in Level}
    columns["suppressed"] = result.statistics.suppressed
    columns["baselined"] = Counter(finding.rule for finding in result.baselined)
    rules = sorted({rule for counts in columns.values() for rule in counts} | {e.rule.name for e in result.enabled})
    width = max(map(len, [*rules, "rule"]))
    yield "  ".join([f"{'rule':{width}}", *columns])
    for rule in rules:
        yield "  ".join(
            [f"{one_line(rule):{width}}", *(f"{counts[rule] or '-':>{len(name)}}" for name, counts in columns.items())]
        )
    yield "  ".join(
        [f"{'all':{width}}", *(f"{counts.total():>{len(name)}}" for name, counts in columns.items())],
    )


def _unknown(result: Result) -> Iterator[str]:
    partial = result.summary.partial_tables
    yield ""
    yield f"{partial:,} of {count(result.summary.tables, 'table')} partly known" + (
        "; rules about absences are silent there:" if partial else ""
    )
    # Reasons name their columns; what they have in common is what counts here.
    reasons: Counter[str] = Counter()
    for reason, number in result.statistics.unknown.items():
        reasons[_NAMED.sub("a column", reason)] += number
    for reason, number in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"{number:>6,}  {one_line(reason)}"


def _phases(result: Result) -> Iterator[str]:
    phases = [f"{name} {seconds:.3f} s" for name, seconds in result.statistics.phases.items()]
    yield ""
    yield f"time: {', '.join([*phases, f'all {result.summary.seconds:.3f} s'])}"
