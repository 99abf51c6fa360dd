"""client-without-schema: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.queries.relational import QueriedClient
from d1lint.rule import finding, rule

SHOWN = 5
"""How many of the queries are named."""


@rule(on=QueriedClient, level="error", clauses=["REC-6", "HD-8"], since="0.1")
def client_without_schema(queried: QueriedClient, project: Project) -> Iterator[Finding]:
    """A client that is asked for relational queries and was made without a schema."""
    if not queried.is_bare:
        return
    option = "relations" if queried.is_v1 else "schema"
    first = queried.queries[0].root.key
    yield finding(
        at=queried.span,
        symbol=f"query.{first}",
        what=f"This client is made without `{option}`, and `db.query.{first}` is asked of it.",
        why=(
            "Its `db.query` is an empty object: `Cannot read properties of undefined (reading 'findMany')`, at the "
            "first request that needs it."
        ),
        instead=f"Hand it the {option}:\ndrizzle(env.DB, {{ {option} }})",
        related=[Label(query.span, "asked here") for query in queried.queries[:SHOWN]],
    )
