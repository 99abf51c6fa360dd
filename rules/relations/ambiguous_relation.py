"""ambiguous-relation: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.relations.ends import InferredRelation
from d1lint.rule import finding, rule


@rule(on=InferredRelation, level="error", clauses=["REC-6", "SF-4"], since="0.1")
def ambiguous_relation(inferred: InferredRelation, project: Project) -> Iterator[Finding]:
    """A relation with several relations on its other side, and no name that tells which is meant."""
    relation, candidates = inferred.relation, inferred.candidates
    if len(candidates) < 2 or relation.target is None:
        return
    own, target = relation.table, relation.target
    word = "alias" if inferred.in_config else "relationName"
    listed = ", ".join(f"`{target.name}.{other.name}`" for other in candidates)
    name = f"{own.export or own.name}_{relation.name}"
    others = [other for other in candidates if other is not relation]
    yield finding(
        at=relation.span,
        symbol=f"{own.name}.{relation.name}",
        what=f"The relation `{relation.name}` of `{own.name}` may be the other side of each of {listed}.",
        why=(
            "Drizzle throws as soon as the relations are defined: the Worker does not start."
            if inferred.in_config
            else "A relation without columns takes them from its other side, which must be one: every query that "
            f'asks for `{relation.name}` throws "There are multiple relations".'
        ),
        instead=(
            f"Give each pair of relations a `{word}` of its own, the same on both sides:\n"
            + (
                f'{relation.name}: r.{relation.kind}.{target.export or target.name}({{ alias: "{name}" }}),'
                if inferred.in_config
                else f'{relation.name}: {relation.kind}({target.export or target.name}, {{ relationName: "{name}" }}),'
            )
        ),
        related=[Label(other.span, f"`{target.name}.{other.name}` is one of them") for other in others],
    )
