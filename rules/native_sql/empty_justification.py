"""empty-justification: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.raw_sql.native_sql import Justification
from d1lint.rule import finding, rule


@rule(on=Justification, level="error", clauses=["REC-4", "DK-11"], since="0.1")
def empty_justification(justification: Justification, project: Project) -> Iterator[Finding]:
    """A `@native-sql` comment that gives no reason."""
    if not justification.is_empty:
        return
    said = f" but `{justification.reason.strip()}`" if justification.reason.strip() else ""
    symbol = justification.statements[0].symbol if justification.statements else "@native-sql"
    yield finding(
        at=justification.span,
        symbol=symbol,
        what=f"This `@native-sql` marker gives no reason{said}.",
        why="The marker is for the reviewer: without a reason the raw SQL below it is as unjustified as without it.",
        instead="Write what the query builder can not say:\n// @native-sql: recursive CTE over the category tree",
    )
