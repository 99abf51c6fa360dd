"""like-pattern-limit: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.queries.limits import MAX_PATTERN, is_first_with, long_patterns
from d1lint.model.queries.open_ends import open_patterns
from d1lint.model.queries.query import Query
from d1lint.rule import finding, rule

_WHY = (
    f"D1 takes {MAX_PATTERN}, `%` included, and answers with `LIKE or GLOB pattern too complex` once there is a row to "
    "compare: an empty table does not show it."
)
_INSTEAD = "Look for the text itself, which may have any length:\nsql`instr(lower(${…}), lower(${text})) > 0`"


@dataclass(frozen=True, slots=True)
class Options:
    """`unbounded`: the level for patterns that a text of any length is put into."""

    unbounded: Literal["off", "warning", "error"] = "off"


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1", options=Options)
def like_pattern_limit(query: Query, project: Project, options: Options) -> Iterator[Finding]:
    """A pattern of LIKE that is longer than D1 takes."""
    for found in long_patterns(query, project):
        if not is_first_with(found.span, query, project):
            continue
        what = f"This pattern has at least {found.size} bytes."
        yield finding(at=found.span, symbol=query.symbol, what=what, why=_WHY, instead=_INSTEAD)
    for each in open_patterns(query, project) if options.unbounded != "off" else ():
        yield finding(
            at=each.span,
            symbol=query.symbol,
            what=f"{each.written} is a pattern here, and nothing bounds its length.",
            why=_WHY,
            instead=f"Cut what is looked for: `text.slice(0, 40)`. {_INSTEAD}",
            level=options.unbounded,
        )
