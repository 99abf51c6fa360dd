"""parameter-count: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.raw_sql.sql_text import Bound, SqlText
from d1lint.rule import finding, rule


@rule(on=SqlText, level="error", clauses=["REC-6"], since="0.1")
def parameter_count(text: SqlText, project: Project) -> Iterator[Finding]:
    """A statement whose parameters are not as many as the values that are bound to it."""
    counts = text.counts
    if counts and all(any(count for count in each[:-1]) for each in counts):
        yield finding(
            at=text.span,
            symbol=text.symbol,
            what=f"`{text.call}(…)` gets several statements, and one before the last has parameters.",
            why="It throws: of several statements in one text, D1 binds values to the last one only.",
            instead="Prepare each statement by itself, and send them as a batch:\nawait env.DB.batch([first, second]);",
        )
        return
    for bound in text.bound:
        if counts and bound.count is not None and all(each[-1] != bound.count for each in counts):
            yield _mismatch(text, bound, counts[0][-1])


def _mismatch(text: SqlText, bound: Bound, wanted: int) -> Finding:
    given = f"`bind` gives it {_number(bound.count)}" if bound.span.end else "nothing binds any value to it"
    return finding(
        at=text.span,
        symbol=text.symbol,
        what=f"This statement takes {_number(wanted)}, and {given}.",
        why="It throws `Wrong number of parameter bindings for SQL query`, whatever the values are.",
        instead=f"Give `.bind(…)` {_number(wanted)}, in the order of the placeholders."
        if wanted
        else "Take the values out of `.bind(…)`, or put a `?` for each into the statement.",
        related=[Label(bound.span, "the values are bound here")] if bound.span.end else [],
    )


def _number(count: int | None) -> str:
    return "no values" if not count else "one value" if count == 1 else f"{count} values"
