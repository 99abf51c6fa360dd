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
    marker = statement.misplaced
    missing = "no comment says why" if marker is None else "the comment that says why is not directly above it"
    yield finding(
        at=statement.span,
        symbol=statement.symbol,
        what=f"`{statement.call}(…)` sends raw SQL to {statement.target}, and {missing}.",
        why=(
            "Neither TypeScript nor drizzle-kit checks it: after a column is renamed, D1 refuses the statement at run "
            "time, or hands back the column's name as its value."
        ),
        instead=(
            "Say it with the query builder where it can, or justify it directly above the statement:\n"
            "// @native-sql: <why the builder can not say this>"
            if marker is None
            else "Put the comment right above the innermost statement, array element or property that holds the SQL."
        ),
        related=[Label(marker.span, "this marker is not directly above the statement")] if marker is not None else [],
    )
