"""relation-key-mismatch: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.relations.keys import Mismatch, MismatchedRelation
from d1lint.model.schema import ForeignKey, Table
from d1lint.rule import finding, rule


@rule(on=MismatchedRelation, level="error", clauses=["REC-6"], since="0.1")
def relation_key_mismatch(item: MismatchedRelation, project: Project) -> Iterator[Finding]:
    """A relation whose columns do not agree with the foreign key, or with each other."""
    fk = item.foreign_key
    yield finding(
        at=item.span,
        symbol=f"{item.relation.table.name}.{item.relation.name}",
        what=_what(item),
        why=_why(item),
        instead=_instead(item),
        related=[Label(fk.span, f"the foreign key to `{fk.foreign.name}`")] if fk is not None and fk.foreign else [],
    )


def _what(item: MismatchedRelation) -> str:
    relation, fk = item.relation, item.foreign_key
    assert relation.target is not None
    name, start, end = f"`{relation.name}` of `{relation.table.name}`", *_words(item)
    columns, references = relation.columns or (), relation.references or ()
    match item.mismatch:
        case Mismatch.NUMBER:
            return f"The relation {name} has {len(columns)} in `{start}` and {len(references)} in `{end}`."
        case Mismatch.ONE_END:
            given, missing = (start, end) if relation.columns is not None else (end, start)
            return f"The relation {name} has `{given}` and no `{missing}`."
        case Mismatch.OWN_COLUMN:
            return f"The relation {name} has a column of `{item.stray}` in `{start}`."
        case Mismatch.TARGET_COLUMN:
            return (
                f"The relation {name} leads to `{relation.target.name}` and has a column of `{item.stray}` in `{end}`."
            )
        case Mismatch.CROSSED:
            (junction, there), (_, back) = relation.through
            return (
                f"The relation {name} goes from `{relation.table.name}` through `{there}` of `{junction.name}`, the "
                f"key to `{relation.target.name}`, and on through `{back}`, the key to `{relation.table.name}`."
            )
        case Mismatch.TABLE:
            assert fk is not None and fk.foreign is not None
            return (
                f"The relation {name} leads from {_listed(columns)} to `{relation.target.name}`, and the foreign key "
                f"from there to `{fk.foreign.name}`."
            )
        case _:
            assert fk is not None
            return (
                f"The relation {name} ties {_listed(columns)} to {_listed(references)}, and the foreign key "
                f"{_listed(fk.columns)} to {_listed(fk.foreign_columns)}."
            )


def _why(item: MismatchedRelation) -> str:
    if item.mismatch is Mismatch.NUMBER and not item.in_config:
        return "Drizzle pairs them by their place: a column too many on the left throws, one on the right is left out."
    if item.mismatch in (Mismatch.NUMBER, Mismatch.ONE_END, Mismatch.OWN_COLUMN, Mismatch.TARGET_COLUMN):
        if item.in_config:
            return "Drizzle throws as soon as the relations are defined: the Worker does not start."
        return (
            "Drizzle looks for a column of that name in the relation's own table: it compares the wrong one, or fails."
        )
    if item.mismatch is Mismatch.PART and item.relation.references:
        listed = _listed(item.relation.references)
        return (
            f"{listed} alone is no key: `with` takes whichever row has the same, perhaps another's, and nothing fails."
        )
    return "`with` compares these columns and no others: it loads the wrong rows, or none, and nothing fails."


def _instead(item: MismatchedRelation) -> str:
    relation, fk = item.relation, item.foreign_key
    assert relation.target is not None
    start, end = _words(item)
    if item.mismatch is Mismatch.CROSSED:
        return "Take each column of the junction for its own key:\n" + _uncrossed(item)
    keys = [key for key in relation.table.foreign_keys if key.foreign is relation.target and key.is_known]
    if fk is None and len(keys) == 1:
        return "Follow the foreign key:\n" + _code(item, keys[0], relation.table, relation.target)
    if fk is None:
        own, target = relation.table.name, relation.target.name
        return f"Give it as many columns of `{own}` in `{start}` as of `{target}` in `{end}`."
    if item.mismatch is Mismatch.TABLE:
        assert fk.foreign is not None
        return "Follow the foreign key, or correct it:\n" + _code(item, fk, fk.table, fk.foreign)
    if fk.table is relation.table:
        return "Follow the foreign key:\n" + _code(item, fk, relation.table, relation.target)
    return "Follow the foreign key:\n" + _code(item, fk, relation.table, relation.target, is_mirrored=True)


def _code(item: MismatchedRelation, fk: ForeignKey, own: Table, target: Table, *, is_mirrored: bool = False) -> str:
    columns, references = (fk.foreign_columns, fk.columns) if is_mirrored else (fk.columns, fk.foreign_columns)
    named = target.export or target.name
    start, end = _words(item)
    prefix = "r." if item.in_config else ""
    left, right = _members(own, columns, prefix), _members(target, references, prefix)
    if not item.in_config or len(columns) > 1:
        left, right = f"[{left}]", f"[{right}]"
    config = f"{{ {start}: {left}, {end}: {right} }}"
    kind = item.relation.kind
    call = f"r.{kind}.{named}({config})" if item.in_config else f"{kind}({named}, {config})"
    return f"{item.relation.name}: {call},"


def _uncrossed(item: MismatchedRelation) -> str:
    relation = item.relation
    assert relation.target is not None
    (junction, there), (_, back) = relation.through
    own = _members(relation.table, relation.columns or (), "r."), _members(junction, (back,), "r.")
    target = _members(relation.target, relation.references or (), "r."), _members(junction, (there,), "r.")
    ends = f"{{ from: {own[0]}.through({own[1]}), to: {target[0]}.through({target[1]}) }}"
    return f"{relation.name}: r.{relation.kind}.{relation.target.export or relation.target.name}({ends}),"


def _members(table: Table, columns: tuple[str, ...], prefix: str) -> str:
    keys = {column.name: column.key for column in table.columns}
    return ", ".join(f"{prefix}{table.export or table.name}.{keys.get(column, column)}" for column in columns)


def _words(item: MismatchedRelation) -> tuple[str, str]:
    return ("from", "to") if item.in_config else ("fields", "references")


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(f"`{column}`" for column in columns)
