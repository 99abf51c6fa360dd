"""unregistered-relations: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.queries.relational import QueriedClient
from d1lint.rule import finding, rule

SHOWN = 5
"""How many queries are named."""


@rule(on=QueriedClient, level="error", clauses=["REC-6"], since="0.1")
def unregistered_relations(queried: QueriedClient, project: Project) -> Iterator[Finding]:
    """A client whose schema lacks a table or relations that its queries ask for."""
    option = "relations" if queried.is_v1 else "schema"
    for key in dict.fromkeys(key for _, key in queried.tables):
        asking = [query for query, name in queried.tables if name == key]
        yield finding(
            at=queried.span,
            symbol=f"query.{key}",
            what=f"`db.query.{key}` is asked of a client whose `{option}` has no `{key}`.",
            why="`db.query` has the keys of that object and no others, so this throws at the first request.",
            instead=f"Add the table to the client's `{option}` under this name, or ask by the name that it has there.",
            related=[Label(query.span, "asked here") for query in asking[:SHOWN]],
        )
    for relation in dict.fromkeys(relation for _, relation in queried.relations):
        asking = [query for query, wanted in queried.relations if wanted is relation]
        yield finding(
            at=queried.span,
            symbol=f"{relation.table.name}.{relation.name}",
            what=(
                f"The relation `{relation.name}` of `{relation.table.name}` is asked for by `with`, and the client's "
                "`schema` does not have it."
            ),
            why=(
                "Drizzle knows only what it is handed, and throws: `Cannot read properties of undefined (reading "
                "'referencedTable')`."
            ),
            instead=(
                "Hand over the exported relations with the tables:\n"
                "drizzle(env.DB, { schema: { ...tables, ...relations } })"
            ),
            related=[
                Label(relation.span, "the relation"),
                *(Label(query.span, "asked here") for query in asking[:SHOWN]),
            ],
        )
