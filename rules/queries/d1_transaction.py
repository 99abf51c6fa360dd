"""d1-transaction: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.queries.query import Query
from d1lint.rule import finding, rule

SHOWN = 4
"""How many members of the batch the advice writes out."""


@rule(on=Query, level="error", clauses=["REC-6", "DS-26"], since="0.1")
def d1_transaction(query: Query, project: Project) -> Iterator[Finding]:
    """A transaction on a client of D1, which always fails."""
    if query.kind != "transaction":
        return
    writes = [other for other in project.queries.within(query) if other.is_write]
    members = "".join(f"  db.{other.sketch},\n" for other in writes[:SHOWN])
    more = "" if writes and len(writes) <= SHOWN else "  …\n"
    yield finding(
        at=query.span,
        symbol=query.symbol,
        what="A Drizzle client of D1 is asked for a transaction.",
        why="D1 refuses BEGIN, so this throws every time, even around nothing; TypeScript accepts it.",
        instead=(
            "Read what is needed first, then send the writes as one batch, which D1 runs whole or not at all:\n"
            f"await db.batch([\n{members}{more}]);"
        ),
        related=[Label(other.span, "a member of the batch") for other in writes],
    )
