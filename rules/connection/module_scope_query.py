"""module-scope-query: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.queries.query import Query
from d1lint.model.walk import Use
from d1lint.rule import finding, rule


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1")
def module_scope_query(query: Query, project: Project) -> Iterator[Finding]:
    """A query that is awaited while a module loads."""
    if query.place.function is not None or Use.AWAITED not in query.uses:
        return
    yield finding(
        at=query.span,
        symbol=query.symbol,
        what=f"The query `{query.sketch}` is awaited at module scope.",
        why="Outside a request nothing may be sent: the Worker does not start.",
        instead="Send it in a handler. What is the same for all requests can be kept in a variable after the first.",
    )
