"""unfiltered-write: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.queries.filters import Filter, filter_of
from d1lint.model.queries.query import Query
from d1lint.rule import finding, rule


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1")
def unfiltered_write(query: Query, project: Project) -> Iterator[Finding]:
    """An update or a delete of every row."""
    if query.kind not in ("update", "delete"):
        return
    found = filter_of(query)
    if found not in (Filter.ABSENT, Filter.VACUOUS):
        return
    name = f"`{query.table.name}`" if query.table is not None else "its table"
    does = "deletes" if query.kind == "delete" else "changes"
    missing = "has no `where`" if found == Filter.ABSENT else "has a `where` that says nothing"
    step = query.step("where")
    yield finding(
        at=step.token if step is not None else query.span,
        symbol=query.symbol,
        what=f"This {query.kind} of {name} {missing}: it {does} every row.",
        why=(
            "D1 runs it on the whole table and bills every row it writes; there is no transaction to roll back."
            if found == Filter.ABSENT
            else "Drizzle leaves out a condition that is undefined or empty, so D1 runs it on the whole table."
        ),
        instead=(
            "Say which rows are meant, as in `.where(eq(…))`. If all of them are, say so above the statement:\n"
            "// d1lint-ignore unfiltered-write -- <why every row>"
        ),
    )
