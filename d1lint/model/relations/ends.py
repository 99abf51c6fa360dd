"""The other side of a relation, found as Drizzle finds it: for each relation that has no columns of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.relations import REMOVED_FROM, RelationsConfig, RelationsValue, RelationValue
from d1lint.model.schema import Relation
from d1lint.model.values import UNDEFINED, ObjectValue, text_of

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator


@dataclass(slots=True, eq=False)
class InferredRelation:
    """A relation without columns of its own: Drizzle takes them from the relation on its other side.

    `candidates` are the relations of the target that may be that side. Drizzle needs exactly one, and that with
    columns. `is_known` says that there are no others. `in_config` says that `defineRelations` declares it (1.0).
    """

    relation: Relation
    candidates: tuple[Relation, ...]
    is_known: bool
    in_config: bool

    @property
    def span(self) -> Span:
        """Its call."""
        return self.relation.span


@dataclass(slots=True)
class _Declared:
    """What the source says of a relation. `configs` are the `defineRelations` calls that it stands in, by number.

    `by_relations` says that it stands in a `relations(…)` that only 0.x has.
    """

    value: RelationValue
    configs: set[int] = field(default_factory=set)
    by_relations: bool = False

    @property
    def has_known_alias(self) -> bool:
        return self.value.alias is UNDEFINED or text_of(self.value.alias) is not None


class RelationEnds:
    """The relations of a repository with what they are written as."""

    def __init__(self, values: Iterable[RelationsValue | RelationsConfig], ev: Evaluator) -> None:
        self._declared: dict[RelationValue, _Declared] = {}
        for number, value in enumerate(values):
            for relation in _relations_of(value, ev):
                known = self._declared.setdefault(relation, _Declared(relation))
                if isinstance(value, RelationsConfig):
                    known.configs.add(number)
                elif value.package in REMOVED_FROM:
                    known.by_relations = True

    def declared(self, relation: Relation) -> RelationValue | None:
        """The `one(…)` or `many(…)` of a relation, as it is written."""
        found = self._of(relation)
        return found.value if found is not None else None

    def _of(self, relation: Relation) -> _Declared | None:
        return self._declared.get(relation.origin) if relation.origin is not None else None

    def in_config(self, relation: Relation) -> bool:
        """Whether a `defineRelations` declares a relation, as 1.0 has it."""
        found = self._of(relation)
        return found is not None and bool(found.configs)

    def by_relations(self, relation: Relation) -> bool:
        """Whether a `relations(…)` declares a relation that only Drizzle 0.x has."""
        found = self._of(relation)
        return found is not None and found.by_relations

    def inferred(self, relation: Relation) -> InferredRelation | None:
        """How a relation gets its columns; None if it has its own, or if that can not be told."""
        declared, target = self._of(relation), relation.target
        if declared is None or target is None or not relation.is_known:
            return None
        if relation.columns is not None or relation.references is not None:
            return None
        is_known = target.relations_known and declared.has_known_alias
        candidates: dict[str, Relation] = {}
        for other in target.relations:
            end = self._of(other)
            if end is None or not end.has_known_alias or (other.target is None and relation.alias is None):
                is_known = False
            elif not declared.configs:
                if _is_end(relation, other):
                    candidates[other.name] = other  # of two relations with one name, the last counts
            elif declared.configs & end.configs and _is_end_in_config(relation, other):
                candidates[other.name] = other
        return InferredRelation(relation, tuple(candidates.values()), is_known, bool(declared.configs))

    def is_answered(self, relation: Relation) -> bool | None:
        """Whether the target has a relation that leads back; None if that is not known."""
        target = relation.target
        if target is None:
            return None
        for other in target.relations:
            end = self._of(other)
            if end is None or not end.has_known_alias or other.target is None:
                return None
            if other is not relation and other.target is relation.table and not other.through:
                names = {relation.alias, other.alias}
                if len(names) == 1 or None in names:
                    return True
        return False if target.relations_known else None


def _is_end(relation: Relation, other: Relation) -> bool:
    """Drizzle 0.x: by the `relationName`, and without one by the table, whatever the other is called."""
    if relation.alias:
        return other is not relation and other.alias == relation.alias
    return other.target is relation.table


def _is_end_in_config(relation: Relation, other: Relation) -> bool:
    """Drizzle 1.0: by the `alias`, and without one by the table, among those without one."""
    if other is relation:
        return False
    if relation.alias:
        return other.alias == relation.alias
    return other.target is relation.table and not other.alias


def _relations_of(value: RelationsValue | RelationsConfig, ev: Evaluator) -> Iterator[RelationValue]:
    if isinstance(value, RelationsValue):
        groups = [value.entries(ev)]
    else:
        tables = value.tables(ev)
        groups = [ev.entries_of(entry.read()) for entry in tables.entries.values()] if tables is not None else []
    for group in groups:
        for entry in group.entries.values() if isinstance(group, ObjectValue) else ():
            found = entry.read()
            if isinstance(found, RelationValue):
                yield found
