"""Relations whose columns do not agree with each other, with their tables or with the foreign key that they follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.schema import ForeignKey, Relation, Table
from d1lint.model.values import Value, text_of

if TYPE_CHECKING:
    from d1lint.model.drizzle.relations import RelationValue
    from d1lint.model.relations.ends import RelationEnds

_Pairs = frozenset[tuple[str, str]]


class Mismatch(Enum):
    """What of a relation's columns does not agree."""

    NUMBER = auto()
    """There are more columns on one side than on the other."""
    ONE_END = auto()
    """1.0: `from` without `to`, or `to` without `from`."""
    OWN_COLUMN = auto()
    """One of its fields is a column of another table than its own."""
    TARGET_COLUMN = auto()
    """One of its references is a column of another table than its target."""
    PAIRS = auto()
    """The foreign key ties these columns to others."""
    PART = auto()
    """It follows a part of a foreign key, which does not name one row."""
    TABLE = auto()
    """The foreign key over its columns leads to another table."""
    CROSSED = auto()
    """1.0: it goes through the column of a junction that leads to its target, and back through that of its own."""


@dataclass(slots=True, eq=False)
class MismatchedRelation:
    """A relation with columns that do not agree. `foreign_key` is the key that they should follow, where there is one.

    `stray` is the table of the column that belongs elsewhere.
    """

    relation: Relation
    mismatch: Mismatch
    in_config: bool
    foreign_key: ForeignKey | None = None
    stray: str = ""

    @property
    def span(self) -> Span:
        """Its call."""
        return self.relation.span


def mismatched_relation(relation: Relation, ends: RelationEnds) -> MismatchedRelation | None:
    """What does not agree in a relation; None where all does, or where it is not known."""
    declared, in_config = ends.declared(relation), ends.in_config(relation)
    if declared is None or not relation.is_known or relation.target is None:
        return None
    if relation.through:
        key = _crossed(relation)
        return MismatchedRelation(relation, Mismatch.CROSSED, True, key) if key is not None else None
    columns, references = relation.columns, relation.references
    if not columns or not references:
        is_half = in_config and (columns is None) is not (references is None)
        return MismatchedRelation(relation, Mismatch.ONE_END, True) if is_half else None
    if len(columns) != len(references):
        return MismatchedRelation(relation, Mismatch.NUMBER, in_config)
    stray = _stray(declared, relation, in_config)
    if stray is not None:
        return stray
    mismatch = _against_keys(relation, columns, references)
    return MismatchedRelation(relation, mismatch[0], in_config, mismatch[1]) if mismatch is not None else None


def _crossed(relation: Relation) -> ForeignKey | None:
    """The junction's foreign key to the relation's own table, where the relation takes each for the other."""
    if len(relation.through) != 2 or relation.table is relation.target:
        return None
    (junction, there), (other, back) = relation.through
    if junction is not other:
        return None
    keys = [fk for fk in junction.foreign_keys if fk.columns in ((there,), (back,))]
    leads = {(fk.columns[0], fk.foreign) for fk in keys if fk.is_known}
    own = next((fk for fk in keys if fk.columns == (back,) and fk.foreign is relation.table), None)
    return own if leads == {(there, relation.target), (back, relation.table)} else None


def _stray(declared: RelationValue, relation: Relation, in_config: bool) -> MismatchedRelation | None:
    assert relation.target is not None
    ends: tuple[tuple[Sequence[Value], Table, Mismatch], ...] = (
        (declared.fields or (), relation.table, Mismatch.OWN_COLUMN),
        (declared.references or (), relation.target, Mismatch.TARGET_COLUMN),
    )
    for values, table, mismatch in ends:
        for value in values:
            if isinstance(value, ColumnRef) and value.table is not table.origin:
                # A table that is made twice has one name, and its columns serve as well.
                name = text_of(value.table.name)
                if name is not None and name != table.name:
                    return MismatchedRelation(relation, mismatch, in_config, stray=name)
    return None


def _against_keys(
    relation: Relation, columns: tuple[str, ...], references: tuple[str, ...]
) -> tuple[Mismatch, ForeignKey] | None:
    table, target = relation.table, relation.target
    assert target is not None
    pairs = frozenset(zip(columns, references, strict=True))
    mirrored = frozenset((other, own) for own, other in pairs)
    keys = [fk for fk in table.foreign_keys if fk.is_known]
    theirs = [fk for fk in target.foreign_keys if fk.is_known and fk.foreign is table]
    if any(fk.foreign is target and _pairs(fk) == pairs for fk in keys) or any(_pairs(fk) == mirrored for fk in theirs):
        return None
    same = [fk for fk in keys if set(fk.columns) == set(columns)]
    to_target = next((fk for fk in same if fk.foreign is target), None)
    if to_target is not None:
        return Mismatch.PAIRS, to_target
    reverse = next((fk for fk in theirs if set(fk.columns) == set(references)), None)
    if reverse is not None and not _leads_to_same(table, columns, reverse):
        return Mismatch.PAIRS, reverse
    part = next((fk for fk in keys if fk.foreign is target and pairs < _pairs(fk)), None)
    if part is not None and relation.kind == "one" and not _is_unique(target, references):
        return Mismatch.PART, part
    whole = len(same) == len([fk for fk in table.foreign_keys if set(fk.columns) == set(columns)])
    if same and whole and relation.kind == "one" and not _shares_key(same, target, references, columns):
        return Mismatch.TABLE, same[0]
    return None


def _pairs(fk: ForeignKey) -> _Pairs:
    return frozenset(zip(fk.columns, fk.foreign_columns, strict=True))


def _is_unique(table: Table, columns: tuple[str, ...]) -> bool:
    """Whether some of the columns name one row, or whether that can not be told."""
    if not table.complete:
        return True
    keys = [index for index in table.lookups() if index.unique and not index.partial]
    return any({column.name for column in index.columns} <= set(columns) for index in keys)


def _shares_key(keys: list[ForeignKey], target: Table, references: tuple[str, ...], columns: tuple[str, ...]) -> bool:
    """Whether the target's columns hold the same values by keys of their own: both lead to one table.

    A relation from `posts.author_id` to `profiles.user_id` is right, where both are foreign keys to `users`.
    """
    if not target.complete:
        return True
    own = {foreign for fk in keys for foreign in _reached(fk)}
    for fk in target.foreign_keys:
        if not fk.is_known or (set(fk.columns) == set(references) and not own.isdisjoint(_reached(fk))):
            return True
    # Or the table that the key leads to has its key from the target.
    return any(foreign is target for foreign in own)


def _leads_to_same(table: Table, columns: tuple[str, ...], reverse: ForeignKey) -> bool:
    """Whether the relation's own columns are a key that leads where the columns of the reverse key lead."""
    own = [fk for fk in table.foreign_keys if set(fk.columns) == set(columns)]
    return any(not fk.is_known or not set(_reached(fk)).isdisjoint(_reached(reverse)) for fk in own)


def _reached(fk: ForeignKey) -> Iterator[Table]:
    """The tables that a key leads to, from key to key over the same columns."""
    seen: list[Table] = []
    pending = [fk]
    while pending:
        current = pending.pop()
        foreign = current.foreign
        if foreign is None or foreign in seen:
            continue
        seen.append(foreign)
        pending += [k for k in foreign.foreign_keys if set(k.columns) == set(current.foreign_columns)]
    yield from seen
