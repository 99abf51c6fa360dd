"""module-scope-query: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.connection.module_queries import ModuleQuery
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@rule(on=ModuleQuery, level="error", clauses=["REC-6"], since="0.1")
def module_scope_query(query: ModuleQuery, project: Project) -> Iterator[Finding]:
    """A query that is awaited while a module loads."""
    through = f", by `{query.function}()`" if query.function else ""
    yield finding(
        at=query.span,
        symbol=query.symbol,
        what=f"The query `{query.sketch}` is awaited at module scope{through}.",
        why="Outside a request nothing may be sent: the Worker does not start.",
        instead="Send it in a handler. What is the same for all requests can be kept in a variable after the first.",
        related=[Label(query.sent_at, "the query is sent here")] if query.sent_at is not None else [],
    )
