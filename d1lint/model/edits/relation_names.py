"""What the relations of a foreign key are called, and which of them drizzle needs told apart by a name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TYPE_CHECKING

from d1lint.model.edits.keys import keys_of
from d1lint.model.edits.layout import is_identifier
from d1lint.model.edits.words import camel, capital, singular, stem
from d1lint.model.schema import ForeignKey, Relation, Table

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.tables.databases import Database


@dataclass(frozen=True, slots=True)
class Pair:
    """The relations of a foreign key: `one`, and the parent's side, `inverse`, "" where none is to be added.

    `alias` is their `relationName`, None where they need none. `inverse_kind`, that of the inverse, is "one" where the
    key is unique.
    """

    one: str
    alias: str | None
    inverse: str
    inverse_kind: str

    def makes(self, fk: ForeignKey) -> list[str]:
        """What a fix that adds them makes."""
        assert fk.foreign is not None
        made = [f"relation {fk.table.name}.{self.one}"]
        if self.inverse:
            made.append(f"relation {fk.foreign.name}.{self.inverse}")
        return [*made, f"alias {self.alias}"] if self.alias is not None else made


def relation_name(fk: ForeignKey, project: Project) -> str:
    """`author` for a key `authorId`: no column, no relation and no other key of its table has this name."""
    return _plan(fk, project).names[fk]


def unfinished_relation(fk: ForeignKey, project: Project) -> Relation | None:
    """The `one` that is meant for a foreign key and has no columns, where drizzle can not find them elsewhere."""
    return _plan(fk, project).unfinished.get(fk)


def narrow_relation(fk: ForeignKey, project: Project) -> Relation | None:
    """The `one` that goes over one of the columns of a foreign key over several, and by no other key."""
    return _plan(fk, project).narrow.get(fk)


def _needs_alias(fk: ForeignKey, project: Project) -> bool:
    """Whether drizzle has to be told which relations of the two tables belong together."""
    assert fk.foreign is not None
    ties = project.once(_ties, fk.table, fk.foreign)
    return bool(ties.own) or ties.keys > 1 or fk.table is fk.foreign


def pair(fk: ForeignKey, project: Project, *, is_v1: bool, has_parent: bool) -> Pair | None:
    """The relations that a foreign key is to get; `has_parent` says whether the parent's can be added to.

    None where they would make a relation that is there ambiguous, which drizzle refuses when it loads.
    """
    parent, child = fk.foreign, fk.table
    assert parent is not None
    ties = project.once(_ties, child, parent)
    named = _needs_alias(fk, project)
    one = relation_name(fk, project)
    is_unique = has_parent and frozenset(fk.columns) in project.once(_unique, child)
    kind = "one" if is_unique else "many"
    if ties.is_unnamed and not named:
        return Pair(one, None, "", kind)  # it is what theirs is the other side of
    if ties.is_unnamed and not is_v1:
        return None
    if ties.waiting:
        alias = _meant(ties.waiting, one) if len(ties.waiting) > 1 or ties.keys > 1 else ties.waiting[0].alias
        if alias is not None:
            return Pair(one, alias, "", kind)
    alias = free_alias(fk, project) if named else None
    # A relation of the child's that drizzle infers from the parent's would find two of them.
    is_inferred = ties.infers and not is_v1
    # In 0.x a `one` with a name needs its columns, too.
    is_wanted = has_parent and not is_inferred and not (kind == "one" and alias and not is_v1)
    return Pair(one, alias, _inverse(fk, project, one, kind, alias) if is_wanted else "", kind)


def free_alias(fk: ForeignKey, project: Project) -> str:
    """A `relationName` for a foreign key that no other relation of its database has."""
    taken = project.once(_aliases, fk.table.database)
    wanted = f"{word(fk.table)}_{relation_name(fk, project)}"
    return next(name for name in chain([wanted], (f"{wanted}{n}" for n in count(2))) if name not in taken)


def word(table: Table) -> str:
    """What the code calls a table: `users` for an export `usersTable`."""
    name = table.export if table.export not in (None, "default") else None
    if name is None:
        return camel(table.name)
    for ending in ("Table", "_table", "Schema"):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


# --- the names of all that are wanting -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Plan:
    """For the foreign keys of a database without a relation: the name of each, and the `one` that is meant for it."""

    names: dict[ForeignKey, str] = field(default_factory=dict)
    unfinished: dict[ForeignKey, Relation] = field(default_factory=dict)
    narrow: dict[ForeignKey, Relation] = field(default_factory=dict)


def _plan(fk: ForeignKey, project: Project) -> _Plan:
    return project.once(_planned, fk.table.database)


def _planned(project: Project, database: Database | None) -> _Plan:
    plan = _Plan()
    for table in database.tables if database is not None else ():
        by_parent: defaultdict[Table, list[ForeignKey]] = defaultdict(list)
        for fk in table.foreign_keys:
            if fk.foreign is not None:
                by_parent[fk.foreign].append(fk)
        shared = {parent: _shared(keys) for parent, keys in by_parent.items() if len(keys) > 1}
        taken = set(project.once(_names_in, table))
        claimed: set[Relation] = set()
        for fk in table.foreign_keys:
            if fk.foreign is None or fk.relations():
                continue
            wanted = _wanted(fk, project, shared.get(fk.foreign))
            unfinished = _unfinished(fk, project, wanted[0] if fk.foreign in shared else None)
            narrow = _narrow(fk) if len(fk.columns) > 1 and fk.foreign not in shared else None
            if unfinished is not None and unfinished not in claimed:
                claimed.add(unfinished)
                plan.unfinished[fk] = unfinished
                plan.names[fk] = unfinished.name
            elif narrow is not None:
                plan.narrow[fk] = narrow
                plan.names[fk] = narrow.name
            else:
                plan.names[fk] = _free(wanted, taken)
                taken.add(plan.names[fk])
    return plan


def _shared(keys: list[ForeignKey]) -> Collection[str]:
    """The columns that more than one of some keys goes over: a tenant's id says nothing about which is which."""
    return {column for column, number in Counter(c for fk in keys for c in fk.columns).items() if number > 1}


def _wanted(fk: ForeignKey, project: Project, shared: Collection[str] | None) -> list[str]:
    """The names that a relation may have, the best first; `shared` is None where no other key goes to its parent."""
    assert fk.foreign is not None
    target = singular(word(fk.foreign))
    own = [column for column in fk.columns if column not in (shared or ())] or fk.columns
    keys = keys_of(project, fk.table, own)
    long = "".join([keys[0], *map(capital, keys[1:]), capital(target)])
    wanted = []
    if len(keys) == 1:
        stemmed = stem(keys[0])
        if stemmed != keys[0]:
            wanted.append(stemmed)
        elif stemmed.lower().endswith("by"):
            wanted.append(f"{stemmed}_{target}" if stemmed.endswith("_by") else long)
    # Of several keys to one table, none is simply "the user".
    wanted += [target, long] if shared is None else [long, target]
    return [*wanted, f"{target}Row", f"{keys[0]}Row"]


def _unfinished(fk: ForeignKey, project: Project, name: str | None) -> Relation | None:
    """The `one` without columns that is meant for a key; with several keys to one table, the one of a certain name."""
    assert fk.foreign is not None
    ties = project.once(_ties, fk.table, fk.foreign)
    found = [r for r in ties.unfinished if name is None or r.name.lower() == name.lower()]
    return found[0] if len(found) == 1 else None


def _narrow(fk: ForeignKey) -> Relation | None:
    """The relation that goes over one of the columns of the only key to its parent."""
    near = (relation for column in fk.columns for relation in fk.table.relations_over([column]))
    found = [r for r in near if r.kind == "one" and r.target is fk.foreign and r.columns and len(r.columns) == 1]
    return found[0] if len(found) == 1 else None


# --- what two tables have ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ties:
    """What is declared between a child and its parent.

    `keys` counts the foreign keys, `own` are the child's relations to the parent. `is_unnamed` says that the parent has
    a relation to the child without a name; `waiting` are those with a name that no relation of the child has, yet.
    `infers` says that the child has one whose columns drizzle takes from the parent's; `unfinished` are the child's
    for which it finds none there.
    """

    keys: int
    own: list[Relation]
    is_unnamed: bool
    waiting: list[Relation]
    infers: bool
    unfinished: list[Relation]


def _ties(project: Project, child: Table, parent: Table) -> _Ties:
    own = [relation for relation in child.relations if relation.target is parent]
    theirs = [relation for relation in parent.relations if relation.target is child]
    inferred = [relation for relation in theirs if _is_inferred(relation)]
    answered = {relation.alias for relation in own if not _is_inferred(relation)}
    given = {relation.alias for relation in theirs if not _is_inferred(relation)}
    return _Ties(
        keys=sum(fk.foreign is parent for fk in child.foreign_keys),
        own=own,
        is_unnamed=any(relation.alias is None for relation in inferred),
        waiting=[r for r in inferred if r.alias is not None and r.alias not in answered],
        infers=any(_is_inferred(relation) and relation.alias is None for relation in own),
        unfinished=[
            r for r in own if r.kind == "one" and _is_inferred(r) and r.alias not in given and child is not parent
        ],
    )


def _is_inferred(relation: Relation) -> bool:
    """Whether drizzle takes its columns from the other side."""
    return relation.columns is None and not relation.through


def _unique(project: Project, table: Table) -> frozenset[frozenset[str | None]]:
    """The columns of which there can be but one row with the same values."""
    full = (index for index in table.lookups() if index.unique and not index.partial)
    return frozenset(frozenset(column.name for column in index.columns) for index in full)


def _meant(waiting: list[Relation], one: str) -> str | None:
    """The name, among several, that speaks of a relation."""
    found = [r.alias for r in waiting if one.lower() in f"{r.alias} {r.name}".lower()]
    return found[0] if len(found) == 1 else None


def _aliases(project: Project, database: Database | None) -> frozenset[str | None]:
    tables = database.tables if database is not None else []
    return frozenset(relation.alias for table in tables for relation in table.relations)


def _names_in(project: Project, table: Table) -> frozenset[str]:
    """The names that a table's relations can not have."""
    return frozenset([*(column.key for column in table.columns), *(relation.name for relation in table.relations)])


def _inverse(fk: ForeignKey, project: Project, one: str, kind: str, alias: str | None) -> str:
    parent, child = fk.foreign, fk.table
    assert parent is not None
    own = singular(word(child)) if kind == "one" else word(child)
    wanted = [own]
    if alias is not None:
        wanted = ["children"] if parent is child and one == "parent" and kind == "many" else []
        wanted.append(f"{one}{capital(own)}")
    wanted += [f"{one}{capital(own)}", f"{own}By{capital(one)}"]
    taken = project.once(_names_in, parent)
    return _free(wanted, taken | {one} if parent is child else taken)


def _free(wanted: Iterable[str], taken: Collection[str]) -> str:
    names = [name for name in map(_writable, wanted) if is_identifier(name)] or ["related"]
    numbered = (f"{names[-1]}{number}" for number in count(2))
    return next(name for name in chain(names, numbered) if name not in taken)


def _writable(name: str) -> str:
    """The name, as one that can be written without quotation marks."""
    return name if is_identifier(name) else camel(name)
