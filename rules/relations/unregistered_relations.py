"""unregistered-relations: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.queries.query import Query
from d1lint.model.queries.relational import QueriedClient
from d1lint.model.schema import Relation
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
    for relation, asking in _by_relation(queried.relations):
        yield _lacking(
            queried,
            relation,
            asking,
            what=(
                f"The relation `{relation.name}` of `{relation.table.name}` is asked for by `with`, and the client's "
                "`schema` does not have it."
            ),
            why=(
                "Drizzle knows only what it is handed, and throws: `Cannot read properties of undefined (reading "
                "'referencedTable')`."
            ),
        )
    for relation, asking in _by_relation(queried.targets):
        assert relation.target is not None
        yield _lacking(
            queried,
            relation,
            asking,
            what=(
                f"`with` asks for `{relation.name}` of `{relation.table.name}`, and the client's `schema` lacks the "
                f"table `{relation.target.name}` to which it leads."
            ),
            why=f'Drizzle knows what it is handed, and throws: `Table "{relation.target.name}" not found in schema`.',
        )
    for relation, asking in _by_relation(queried.inverses):
        assert relation.target is not None
        yield _lacking(
            queried,
            relation,
            asking,
            what=(
                f"`with` asks for `{relation.name}` of `{relation.table.name}`, and the client's `schema` lacks the "
                f"relations of `{relation.target.name}`, which hold its columns."
            ),
            why=(
                "A relation without columns takes them from its other side. Drizzle knows only what it is handed, and "
                'throws: "There is not enough information to infer relation".'
            ),
        )


def _by_relation(asked: list[tuple[Query, Relation]]) -> Iterator[tuple[Relation, list[Query]]]:
    for relation in dict.fromkeys(relation for _, relation in asked):
        yield relation, [query for query, wanted in asked if wanted is relation]


def _lacking(queried: QueriedClient, relation: Relation, asking: list[Query], what: str, why: str) -> Finding:
    return finding(
        at=queried.span,
        symbol=f"{relation.table.name}.{relation.name}",
        what=what,
        why=why,
        instead=(
            "Hand over the exported relations with the tables:\n"
            "drizzle(env.DB, { schema: { ...tables, ...relations } })"
        ),
        related=[
            Label(relation.span, "the relation"),
            *(Label(query.span, "asked here") for query in asking[:SHOWN]),
        ],
    )
