"""unjustified-native-sql: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.raw_sql.native_sql import RawStatement
from d1lint.rule import finding, rule


@rule(on=RawStatement, level="error", clauses=["REC-4", "DK-11", "DS-22"], since="0.1")
def unjustified_native_sql(statement: RawStatement, project: Project) -> Iterator[Finding]:
    """Raw SQL without a `@native-sql` comment that says why."""
    if statement.justification is not None:
        return
    related = []
    if statement.marker_above is not None:
        related.append(Label(statement.marker_above.span, "this marker is not directly above the statement"))
    yield finding(
        at=statement.span,
        symbol=statement.symbol,
        what=f"`{statement.call}(…)` sends raw SQL to {statement.target}, and no comment says why.",
        why=(
            "Neither TypeScript nor drizzle-kit checks it: after a column is renamed, D1 refuses the statement at run "
            "time, or hands back the column's name as its value."
        ),
        instead=(
            "Say it with the query builder where it can, or justify it directly above the statement:\n"
            "// @native-sql: <why the builder can not say this>"
        ),
        related=related,
    )
