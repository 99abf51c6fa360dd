"""blob-in-relational-query: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.queries.query import Query
from d1lint.model.queries.relational import selected_blobs, wanted_relations
from d1lint.rule import finding, rule


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1")
def blob_in_relational_query(query: Query, project: Project) -> Iterator[Finding]:
    """A relational query that brings a blob column of a related table along."""
    if not query.is_relational or project.is_v1_file(query.file):
        return
    for wanted in wanted_relations(query, project):
        blobs = selected_blobs(wanted)
        target = wanted.relation.target
        if not blobs or target is None:
            continue
        relation = wanted.relation.name
        names = ", ".join(f"`{column.key}`" for column in blobs)
        left_out = ", ".join(f"{column.key}: false" for column in blobs)
        yield finding(
            at=wanted.span,
            symbol=f"{query.symbol}.{relation}",
            what=f"`with: {{ {relation} }}` brings {names} of `{target.name}` along, which is kept as a blob.",
            why=(
                "Drizzle 0.x packs related rows into JSON in SQL, and D1 refuses as soon as there is one: `JSON cannot "
                "hold BLOB values`."
            ),
            instead=f"Leave it out, and read it by a query of its own:\n{relation}: {{ columns: {{ {left_out} }} }}",
            related=[Label(column.span, "the blob column") for column in blobs],
        )
