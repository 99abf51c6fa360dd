"""empty-batch: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.queries.emptiness import Emptiness, emptiness
from d1lint.model.queries.query import Query
from d1lint.rule import finding, rule


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1")
def empty_batch(query: Query, project: Project) -> Iterator[Finding]:
    """A batch with nothing in it, or of a list that may be empty."""
    found = emptiness(query, project) if query.kind == "batch" else None
    if found is None:
        return
    is_sure = found == Emptiness.ALWAYS
    yield finding(
        at=query.span,
        symbol=query.symbol,
        what=(
            "This batch has nothing in it."
            if is_sure
            else "This batch is made of a list, and nothing here asks whether that list is empty."
        ),
        why="D1 refuses an empty batch: `D1_ERROR: No SQL statements detected`.",
        instead="Leave it out." if is_sure else "Ask first:\nif (statements.length > 0) await db.batch(statements);",
        level=None if is_sure else "warning",
    )
