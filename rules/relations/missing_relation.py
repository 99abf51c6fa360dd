"""missing-relation: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from d1lint.finding import Finding, Label
from d1lint.model.edits.relation_advice import relation_advice
from d1lint.model.edits.relations import add_relation
from d1lint.model.project import Project
from d1lint.model.schema import ForeignKey
from d1lint.rule import finding, rule


@dataclass(frozen=True, slots=True)
class Options:
    """`without_relations`: the level where the database uses no relations at all."""

    without_relations: Literal["error", "warning", "off"] = "warning"


@rule(on=ForeignKey, level="error", clauses=["REC-3", "HD-7", "SF-4"], since="0.1", options=Options, fixable=True)
def missing_relation(fk: ForeignKey, project: Project, options: Options) -> Iterator[Finding]:
    """A foreign key without a relation over the same columns."""
    database = fk.table.database
    if database is None or not fk.is_known or fk.foreign is None or fk.relations():
        return
    if not fk.table.relations_known or not fk.foreign.relations_known:
        return
    level = None
    if not project.uses_relations(database):
        if options.without_relations == "off":
            return
        level = options.without_relations
    table, foreign = fk.table, fk.foreign
    columns = ", ".join(f"`{column}`" for column in fk.columns)
    related = [Label(foreign.token, f"`{foreign.name}`, which it points at")]
    if fk.helper is not None:
        related.append(Label(fk.helper, "the foreign key is written here"))
    if table.relations:
        related.append(Label(table.relations[0].span, f"the relations of `{table.name}` are here"))
    yield finding(
        at=fk.span,
        symbol=fk.symbol,
        what=f"The foreign key {columns} of `{table.name}` has no relation to `{foreign.name}`.",
        why=(
            f"`db.query` can not load `{foreign.name}` with `{table.name}`: `with` fails at run time, and the code "
            "falls back to joins by hand or to a query for each row."
        ),
        instead=relation_advice(fk, project),
        related=related,
        level=level,
        fix=lambda: add_relation(fk, project, is_wanted=level in (None, "error")),
    )
