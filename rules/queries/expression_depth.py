"""expression-depth: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.queries.depth import MAX_DEPTH
from d1lint.model.queries.limits import deep_conditions, is_first_with
from d1lint.model.queries.open_ends import open_conditions
from d1lint.model.queries.query import Query
from d1lint.rule import finding, rule

_MANY = 50
"""With so many conditions, it is their number that makes an `and` or `or` too deep."""
_WHY = (
    f"SQLite puts each condition into the next, and D1 goes {MAX_DEPTH} deep: it answers with `Expression tree is too "
    "large`."
)
_INSTEAD = "Ask for several values of one column by a list, in chunks of at most 100:\ninArray(…, values)"
_APART = (
    "Send the inner query first, and hand on what it finds; or ask for several values by a list:\ninArray(…, values)"
)


@dataclass(frozen=True, slots=True)
class Options:
    """`unbounded`: the level for lists of conditions of any length."""

    unbounded: Literal["off", "warning", "error"] = "off"


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1", options=Options)
def expression_depth(query: Query, project: Project, options: Options) -> Iterator[Finding]:
    """A condition that is nested deeper than D1 takes: an `or` of 99 comparisons."""
    deep = list(deep_conditions(query, project))
    for found in deep:
        if not is_first_with(found.span, query, project):
            continue
        is_long = found.size > _MANY
        yield finding(
            at=found.span,
            symbol=query.symbol,
            what=(
                f"There are {found.size} conditions here, and together with what is in and around them they nest too "
                "deep."
                if is_long
                else "This condition nests too deep, with all the conditions and queries inside of it."
            ),
            why=f"{_WHY} {_fitting(query)}" if is_long else f"{_WHY} A query inside of a condition adds to its depth.",
            instead=_INSTEAD if is_long else _APART,
        )
    if deep or options.unbounded == "off":
        return
    for each in open_conditions(query, project):
        yield finding(
            at=each.span,
            symbol=query.symbol,
            what=f"`{each.method}` is given {each.written} here, whose length nothing bounds.",
            why=f"{_WHY} {_fitting(query)}",
            instead=_INSTEAD,
            level=options.unbounded,
        )


def _fitting(query: Query) -> str:
    table = query.table
    name = (table.export or table.name) if table is not None else "table"
    column = table.columns[0].key if table is not None and table.columns else "column"
    return f"With conditions such as `eq({name}.{column}, …)`, 98 fit into one `and` or `or`."
