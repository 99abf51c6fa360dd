"""date-in-sql: see the page beside this module."""

import re
from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.raw_sql.sql_values import BIGINT, DATE, UnboundValue
from d1lint.rule import finding, rule

_PROPERTY = re.compile(r"[\w$]+(?:\.[\w$]+)+")


@rule(on=UnboundValue, level="error", clauses=["REC-6"], since="0.1")
def date_in_sql(value: UnboundValue, project: Project) -> Iterator[Finding]:
    """A Date, a bigint or an object in a sql`…` template, which D1 can not bind."""
    yield finding(
        at=value.span,
        symbol=value.symbol,
        what=f"`{value.text}` in this sql`…` is {value.kind}.",
        why=(
            "It throws D1_TYPE_ERROR: a template binds a value as it is. Only the operators encode it as the column "
            "beside them stores it; what stands next to a column in a template does not."
        ),
        instead=_instead(value),
    )


def _instead(value: UnboundValue) -> str:
    if value.kind == DATE:
        return (
            "Compare with an operator, as in gt(table.column, date), or bind what the column stores: the seconds of "
            'mode "timestamp", the milliseconds of "timestamp_ms":\n'
            f"${{{_seconds(value.text)}}}"
        )
    if value.kind == BIGINT:
        return f"Bind a number or, beyond 2 ** 53, a text:\n${{Number({value.text})}}"
    return f"Bind its JSON, or one of its properties:\n${{JSON.stringify({value.text})}}"


def _seconds(text: str) -> str:
    """The seconds of a Date; what a property holds may be null, and then stays it."""
    seconds = f"Math.floor({_called(text)}.getTime() / 1000)"
    return f"{text} && {seconds}" if _PROPERTY.fullmatch(text) else seconds


def _called(text: str) -> str:
    return f"({text})" if " " in text and not text.startswith("new ") else text
