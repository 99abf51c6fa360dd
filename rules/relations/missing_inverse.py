"""missing-inverse: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass

from d1lint.finding import Finding, Label
from d1lint.model.edits.words import singular
from d1lint.model.project import Project
from d1lint.model.relations.ends import InferredRelation
from d1lint.model.schema import Relation
from d1lint.rule import finding, rule


@dataclass(frozen=True, slots=True)
class Options:
    """`both_sides`: whether every `one()` with columns wants a relation back, though Drizzle does not need it."""

    both_sides: bool = False


@rule(on=Relation, level="error", clauses=["REC-6", "HD-7"], since="0.1", options=Options)
def missing_inverse(relation: Relation, project: Project, options: Options) -> Iterator[Finding]:
    """A relation whose other side does not exist."""
    inferred = project.relation_ends.inferred(relation)
    if inferred is not None:
        if inferred.is_known and _is_broken(inferred, project):
            yield _broken(inferred)
    elif options.both_sides and relation.kind == "one" and relation.columns and not relation.through:
        yield from _one_sided(relation, project)


def _is_broken(inferred: InferredRelation, project: Project) -> bool:
    """Whether nothing gives the relation its columns; of two that wait for each other, the `one()` is at fault."""
    if len(inferred.candidates) != 1:
        return not inferred.candidates
    other = inferred.candidates[0]
    if other.columns is not None or not other.is_known:
        return False
    back = project.relation_ends.inferred(other)
    is_reported_there = back is not None and back.is_known and len(back.candidates) < 2
    return not (is_reported_there and _is_child(other, inferred.relation))


def _is_child(other: Relation, relation: Relation) -> bool:
    """Whether another relation is the one of the two that should have the columns."""
    if other.kind != relation.kind:
        return other.kind == "one"
    if other.kind == "many":
        return False
    keys = [any(fk.foreign is end.target for fk in end.table.foreign_keys) for end in (other, relation)]
    return keys[0] if keys[0] is not keys[1] else other.span < relation.span


def _broken(inferred: InferredRelation) -> Finding:
    relation = inferred.relation
    assert relation.target is not None
    own, target = relation.table, relation.target
    word = "alias" if inferred.in_config else "relationName"
    named = f' with the {word} "{relation.alias}"' if relation.alias else ""
    near = inferred.candidates or tuple(r for r in target.relations if r.target is own and r is not relation)
    if inferred.candidates:
        what = (
            f"`{target.name}.{near[0].name}`, the other side of the relation `{relation.name}`, has no columns either."
        )
    else:
        what = (
            f"The relation `{relation.name}` of `{own.name}` has no other side: no `one()` of `{target.name}`{named}."
        )
    return finding(
        at=relation.span,
        symbol=f"{own.name}.{relation.name}",
        what=what,
        why=(
            "A relation without columns takes them from its other side. Drizzle throws as soon as the relations are "
            "defined: the Worker does not start."
            if inferred.in_config
            else "A relation without columns takes them from its other side, so every query that asks for it throws: "
            f'"There is not enough information to infer relation {own.export or own.name}.{relation.name}".'
        ),
        instead=_advice(inferred),
        related=[Label(r.span, f"`{target.name}.{r.name}` is not it") for r in near[:3]]
        or [Label(target.token, f"`{target.name}`, the target")],
    )


def _advice(inferred: InferredRelation) -> str:
    """The other side to add, over the foreign key where there is one."""
    relation = inferred.relation
    assert relation.target is not None
    child, parent = relation.target, relation.table
    if relation.kind == "one" and any(fk.foreign is relation.target for fk in parent.foreign_keys):
        child, parent = parent, child
        place = "Give it the columns of the foreign key"
    else:
        place = f"Declare the other side among the relations of `{child.name}`"
    has_key = any(fk.foreign is end for fk in (*child.foreign_keys, *parent.foreign_keys) for end in (child, parent))
    if inferred.candidates and inferred.candidates[0].kind == relation.kind == "many" and not has_key:
        ends = f"`{child.name}` and `{parent.name}`"
        return f"Put a table with a foreign key to each between {ends}, and relate both to that:\n{_junction(inferred)}"
    fk = next((key for key in child.foreign_keys if key.foreign is parent and key.is_known), None)
    own, other = child.export or child.name, parent.export or parent.name
    start, end = (fk.columns[0], fk.foreign_columns[0]) if fk is not None else ("…", "id")
    column, target = child.column(start), parent.column(end)
    start, end = column.key if column is not None else start, target.key if target is not None else end
    name = relation.name if child is relation.table else singular(other)
    if inferred.in_config:
        alias = f', alias: "{relation.alias}"' if relation.alias else ""
        return f"{place}:\n{name}: r.one.{other}({{ from: r.{own}.{start}, to: r.{other}.{end}{alias} }}),"
    alias = f', relationName: "{relation.alias}"' if relation.alias else ""
    return f"{place}:\n{name}: one({other}, {{ fields: [{own}.{start}], references: [{other}.{end}]{alias} }}),"


def _junction(inferred: InferredRelation) -> str:
    relation = inferred.relation
    assert relation.target is not None
    ends = sorted(table.export or table.name for table in (relation.table, relation.target))
    links = f"{ends[0]}To{ends[1][:1].upper()}{ends[1][1:]}"
    call = f"r.many.{links}()" if inferred.in_config else f"many({links})"
    return f"{links}: {call},"


def _one_sided(relation: Relation, project: Project) -> Iterator[Finding]:
    if relation.target is None or project.relation_ends.is_answered(relation) is not False:
        return
    own, target = relation.table.export or relation.table.name, relation.target
    if project.relation_ends.in_config(relation):
        code = f"{own}: r.many.{own}({_alias('alias', relation)}),"
    else:
        given = _alias("relationName", relation)
        code = f"{own}: many({own}{', ' + given if given else ''}),"
    yield finding(
        at=relation.span,
        symbol=f"{relation.table.name}.{relation.name}",
        what=f"The relation `{relation.name}` of `{relation.table.name}` has no other side in `{target.name}`.",
        why=(
            f"`with` can not load the `{relation.table.name}` of a row of `{target.name}`: that takes a join by hand "
            "or a query for each row."
        ),
        instead=f"Declare it among the relations of `{target.name}`:\n{code}",
        related=[Label(target.token, f"`{target.name}`, which it points at")],
    )


def _alias(word: str, relation: Relation) -> str:
    return f'{{ {word}: "{relation.alias}" }}' if relation.alias else ""
