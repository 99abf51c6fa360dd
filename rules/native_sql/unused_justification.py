"""unused-justification: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.raw_sql.native_sql import Justification, removal
from d1lint.rule import finding, rule


@rule(on=Justification, level="warning", clauses=["REC-4", "DK-11"], since="0.1", fixable=True)
def unused_justification(justification: Justification, project: Project) -> Iterator[Finding]:
    """A `@native-sql` comment above no raw SQL."""
    if justification.statements or justification.may_cover:
        return
    yield finding(
        at=justification.span,
        symbol="@native-sql",
        what="This `@native-sql` marker stands above no raw SQL.",
        why="A marker that is left behind, or in the wrong place, justifies whatever raw SQL is written there later.",
        instead="Remove it, or put it directly above the statement that it is about.",
        fix=lambda: removal(justification, project.source(justification.span.file)),
    )
