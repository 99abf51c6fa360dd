"""unexecuted-kysely: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.kysely.queries import UnexecutedKysely
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@rule(on=UnexecutedKysely, level="error", clauses=["REC-6"], since="0.1")
def unexecuted_kysely(query: UnexecutedKysely, project: Project) -> Iterator[Finding]:
    """A query of Kysely's that nothing executes."""
    if query.variable:
        name, method = query.variable, query.method
        yield finding(
            at=query.span,
            symbol=query.symbol,
            what=f"What `{name}.{method}(…)` gives is thrown away.",
            why=f"A builder of Kysely's never changes: `{name}` stays as it was, and what is sent does without this.",
            instead=f"Keep what it gives:\n{name} = {name}.{method}(…)",
        )
        return
    verb = "awaited" if query.is_awaited else "built"
    if query.method == "sql":
        yield finding(
            at=query.span,
            symbol=query.symbol,
            what=f"This sql`…` of Kysely's is {verb}, and never executed.",
            why="Kysely's templates are no promises: D1 is never asked.",
            instead="Execute it by the client:\nsql`…`.execute(db)",
        )
        return
    yield finding(
        at=query.span,
        symbol=query.symbol,
        what=f"This `{query.method}(…)` is {verb}, and never executed.",
        why=(
            "A builder of Kysely's is no promise: `await` gives the builder back, and D1 is never asked."
            if query.is_awaited
            else "A builder of Kysely's does nothing by itself: D1 is never asked."
        ),
        instead="End the chain with what you want of it:\n.execute()\n.executeTakeFirst()",
    )
