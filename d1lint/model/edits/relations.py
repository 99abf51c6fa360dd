"""Adding the relations of a foreign key, in either generation of Drizzle's interface."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from d1lint.finding import Fix
from d1lint.model.drizzle.relations import RelationsConfig, RelationsValue
from d1lint.model.edits import relations_v0, relations_v1
from d1lint.model.edits.relation_names import narrow_relation
from d1lint.model.edits.table_calls import is_made_alone
from d1lint.model.schema import ForeignKey, Table

if TYPE_CHECKING:
    from d1lint.model.project import Project


def add_relation(fk: ForeignKey, project: Project, *, is_wanted: bool = True) -> Fix | None:
    """Add the relation of a foreign key, and the parent's side where the parent has relations.

    It is safe only if it `is_wanted`: a project without any relations may want none.

    None where that can not be done safely: where it would make another relation ambiguous, or where the code is not
    written so that it can be edited.
    """
    parent = fk.foreign
    if parent is None or not (_is_plain(fk.table, project) and _is_plain(parent, project)):
        return None
    if narrow_relation(fk, project) is not None:
        return None  # it should be widened; a second one beside it would tell nobody anything
    add = relations_v1.add_relation if is_configured(fk.table, project) else relations_v0.add_relation
    fix = add(fk, project)
    return fix if fix is None or is_wanted else replace(fix, is_safe=False)


def is_configured(table: Table, project: Project) -> bool:
    """Whether `defineRelations` is where a table's relations belong. Drizzle 1.0 still has `relations()`, too."""
    generations = project.once(_generations)
    return RelationsConfig in generations or (project.is_v1(table) and RelationsValue not in generations)


def _generations(project: Project) -> frozenset[type]:
    return frozenset(map(type, project.relation_values))


def _is_plain(table: Table, project: Project) -> bool:
    """Whether one call makes this table alone, which the code can name."""
    if table.origin is None or table.export is None or table.export == "default":
        return False
    return is_made_alone(table, project)
