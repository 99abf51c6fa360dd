"""sql-injection: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass

from d1lint.finding import Confidence, Finding, Label
from d1lint.model.project import Project
from d1lint.model.raw_sql.sql_text import Interpolated, SqlText
from d1lint.model.taint.sources import Kind, Source
from d1lint.rule import finding, rule


@dataclass(frozen=True, slots=True)
class Options:
    """`numbers`: report values that only their type makes numbers; `schema_names`: names that `sqlite_master` lists."""

    numbers: bool = False
    schema_names: bool = False


_WHAT = {
    Kind.REQUEST: "request data",
    Kind.QUERY: "what a query has read",
    Kind.PARAMETER: "a parameter of `{owner}`, which is exported and which nothing here calls",
    Kind.NUMBER: "a number by its type alone",
    Kind.SCHEMA: "names that the database lists",
}
_CONFIDENCE = {Kind.REQUEST: Confidence.HIGH, Kind.QUERY: Confidence.MEDIUM, Kind.PARAMETER: Confidence.MEDIUM}


@rule(on=SqlText, level="error", clauses=["REC-6", "DS-22", "DL-6"], since="0.1", options=Options, security=8.8)
def sql_injection(text: SqlText, project: Project, options: Options) -> Iterator[Finding]:
    """A value from outside that becomes a part of the text of a statement."""
    found = [(value, source) for value in text.interpolated for source in _reported(value, options)]
    if not found:
        return
    value, source = found[0]
    others = len({other.span for other, _ in found}) - 1
    yield finding(
        at=text.span,
        symbol=text.symbol,
        what=f"`{text.call}(…)` gets SQL {_origin(value, source)}{_and_more(others)}.",
        why=(
            "D1 runs it as SQL, not as a value: who sends it can read and change other rows, and what stands behind a "
            "`;` runs as a statement of its own."
        ),
        instead=text.remedy(value),
        related=[Label(place.span, "this comes from outside") for place in dict.fromkeys(place for _, place in found)],
        confidence=_CONFIDENCE.get(source.kind, Confidence.LOW),
    )


def _reported(value: Interpolated, options: Options) -> list[Source]:
    """The sources of a value that count, the surest first."""
    kinds = [Kind.REQUEST, Kind.QUERY]
    if not value.is_passed_on:
        kinds.append(Kind.PARAMETER)  # a function that only passes statements on is what it is
    kinds += [Kind.NUMBER] * options.numbers + [Kind.SCHEMA] * options.schema_names
    return sorted((s for s in value.sources if s.kind in kinds), key=lambda s: (kinds.index(s.kind), s.span))


def _origin(value: Interpolated, source: Source) -> str:
    what = _WHAT[source.kind].format(owner=source.owner)
    if value.is_all:
        holds = "" if value.text == source.text else f" `{value.text}`, into which goes"
        return f"from{holds} `{source.text}`: {what}"
    if value.text == source.text:
        return f"with `{value.text}` in it: {what}"
    return f"with `{value.text}` in it, which comes from `{source.text}`: {what}"


def _and_more(count: int) -> str:
    return f" (and {count} more such value{'s' if count > 1 else ''})" if count else ""
