"""too-many-parameters: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.queries.limits import is_first_with
from d1lint.model.queries.open_ends import OpenList, open_lists
from d1lint.model.queries.overflows import Overflow, overflow
from d1lint.model.queries.parameters import row_of
from d1lint.model.queries.query import Query
from d1lint.model.queries.written import LIMIT
from d1lint.rule import finding, rule

_FILLED_IN = (
    "Drizzle binds what a row is given, and for what it is not its static defaults, `$defaultFn` and `$onUpdate`."
)
_ONE_PARAMETER = (
    "or hand the list over as one parameter:\nsql`${…} in (select value from json_each(${JSON.stringify(…)}))`"
)


@dataclass(frozen=True, slots=True)
class Options:
    """`unbounded`: the level for lists of any length."""

    unbounded: Literal["off", "warning", "error"] = "off"


@rule(on=Query, level="error", clauses=["REC-6", "HD-18", "DL-5", "SF-7"], since="0.1", options=Options)
def too_many_parameters(query: Query, project: Project, options: Options) -> Iterator[Finding]:
    """A query that binds more parameters than D1 takes."""
    found = overflow(query, project)
    if found is not None and is_first_with(found.span, query, project):
        yield finding(
            at=found.span,
            symbol=query.symbol,
            what=_what(found),
            why=f"D1 takes {LIMIT} in one statement, and answers with `too many SQL variables`.",
            instead=_instead(found, query),
        )
    if found is None and options.unbounded != "off":
        for each in open_lists(query, project):
            yield _of_any_length(each, query, project, options.unbounded)


def _what(found: Overflow) -> str:
    rows = found.rows
    if found.is_part:
        each = f", and a row binds at least {rows.per_row.least} parameters" if rows is not None else ""
        return f"`{found.method}` is given parts of {found.listed} {'rows' if rows is not None else 'values'}{each}."
    if rows is not None:
        many = f"{rows.count} rows" if rows.count is not None else "more rows than fit"
        return (
            f"This insert lists {many}, one with {rows.per_row.least} parameters, and binds at least {found.least} in "
            f"all. {_FILLED_IN}"
        )
    if found.listed:
        return (
            f"`{found.method}` lists {found.listed} values here, and the query binds at least {found.least} parameters."
        )
    return f"This query binds at least {found.least} parameters."


def _instead(found: Overflow, query: Query) -> str:
    if found.rows is not None:
        return _in_chunks(found.rows.fit, query)
    if found.listed:
        return f"Ask in several queries, {_ONE_PARAMETER}"
    if not query.is_write:
        return f"Ask in several queries, {_ONE_PARAMETER}"
    return "Send it as several statements in one `db.batch([…])`."


def _in_chunks(fit: int, query: Query) -> str:
    table = (query.table.export or query.table.name) if query.table is not None else "…"
    if fit < 1:
        return "Write the columns in several statements of one `db.batch([…])`."
    return (
        f"{fit} {'row fits' if fit == 1 else 'rows fit'} into one statement:\n"
        f"for (let i = 0; i < rows.length; i += {fit}) await db.insert({table}).values(rows.slice(i, i + {fit}));"
    )


def _of_any_length(found: OpenList, query: Query, project: Project, level: str) -> Finding:
    per_row = row_of(query, found.row, project.ev).least if found.method == "values" else 1
    fit = LIMIT // max(per_row, 1)
    of_row = f", and a row binds at least {per_row} parameters" if per_row > 1 else ""
    return finding(
        at=found.span,
        symbol=query.symbol,
        what=f"`{found.method}` is given {found.written} here, whose length nothing bounds{of_row}.",
        why=f"D1 takes {LIMIT} parameters in one statement: beyond {fit}, it answers with `too many SQL variables`.",
        instead=_in_chunks(fit, query) if found.method == "values" else f"Ask in chunks, {_ONE_PARAMETER}",
        level=level,
    )
