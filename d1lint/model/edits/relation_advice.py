"""What to write for a foreign key without a relation, for people: named as a fix names it, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from d1lint.model.edits.keys import keys_of
from d1lint.model.edits.layout import member
from d1lint.model.edits.relation_names import free_alias, narrow_relation, pair, relation_name, unfinished_relation
from d1lint.model.edits.relations import is_configured
from d1lint.model.schema import ForeignKey

if TYPE_CHECKING:
    from d1lint.model.project import Project


def relation_advice(fk: ForeignKey, project: Project) -> str:
    """A sentence that says where it belongs, and the code."""
    table, is_v1 = fk.table, is_configured(fk.table, project)
    own = table.export or table.name
    unfinished = unfinished_relation(fk, project)
    if unfinished is not None:
        entry = _entry(fk, project, unfinished.alias, is_v1)
        return f"Give `{unfinished.name}` its {'`from` and `to`' if is_v1 else 'fields'}:\n{entry},"
    narrow = narrow_relation(fk, project)
    if narrow is not None:
        return f"Let `{narrow.name}` go over all columns of the key:\n{_entry(fk, project, narrow.alias, is_v1)},"
    names = pair(fk, project, is_v1=is_v1, has_parent=False)
    entry = _entry(fk, project, names.alias if names is not None else free_alias(fk, project), is_v1)
    if names is None:
        return f"Give each pair of relations between the two tables a `relationName`, and add:\n{entry},"
    if table.relations:
        return f"Add it to the relations of `{table.name}`:\n{entry},"
    if is_v1:
        return f"Declare it in `defineRelations`:\n{own}: {{\n  {entry},\n}},"
    return f"Declare it:\nexport const {own}Relations = relations({own}, ({{ one }}) => ({{\n  {entry},\n}}));"


def _entry(fk: ForeignKey, project: Project, alias: str | None, is_v1: bool) -> str:
    """The relation as an entry of an object."""
    assert fk.foreign is not None
    own, other = fk.table.export or fk.table.name, fk.foreign.export or fk.foreign.name
    keys = keys_of(project, fk.table, fk.columns), keys_of(project, fk.foreign, fk.foreign_columns)
    holders = (f"r.{own}", f"r.{other}") if is_v1 else (own, other)
    start, to = (", ".join(member(holder, key) for key in ends) for holder, ends in zip(holders, keys, strict=True))
    if not is_v1:
        options = [f"fields: [{start}]", f"references: [{to}]"]
    elif len(fk.columns) == 1:
        options = [f"from: {start}", f"to: {to}"]
    else:
        options = [f"from: [{start}]", f"to: [{to}]"]
    if alias is not None:
        options.append(f'{"alias" if is_v1 else "relationName"}: "{alias}"')
    call = f"r.one.{other}(" if is_v1 else f"one({other}, "
    return f"{relation_name(fk, project)}: {call}{{ {', '.join(options)} }})"
