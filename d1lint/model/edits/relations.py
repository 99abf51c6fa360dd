"""Adding the relations of a foreign key, in either generation of Drizzle's interface."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from d1lint.finding import Fix
from d1lint.model.drizzle.relations import RelationsConfig
from d1lint.model.edits import relations_v0, relations_v1
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
    configs = [config for config in project.relation_values if isinstance(config, RelationsConfig)]
    if configs or project.is_v1(fk.table):
        fix = relations_v1.add_relation(fk, project, configs)
    else:
        fix = relations_v0.add_relation(fk, project)
    return fix if fix is None or is_wanted else replace(fix, is_safe=False)


def _is_plain(table: Table, project: Project) -> bool:
    """Whether one call makes this table alone, which the code can name."""
    if table.origin is None or table.export is None or table.export == "default":
        return False
    return sum(other.span == table.span for other in project.tables) == 1
