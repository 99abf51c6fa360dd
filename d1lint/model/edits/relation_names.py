"""What the relations of a foreign key are called, and which of them drizzle needs told apart by a name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from d1lint.model.edits.layout import is_identifier
from d1lint.model.edits.words import camel, capital, singular, stem
from d1lint.model.schema import ForeignKey, Relation, Table


@dataclass(frozen=True, slots=True)
class Pair:
    """The relations of a foreign key: `one`, and the parent's side, `inverse`, "" where none is to be added.

    `alias` is their `relationName`, None where they need none. `inverse_kind` is "one" where the key is unique.
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


def relation_name(fk: ForeignKey) -> str:
    """`author` for a key `authorId`; a name that no column and no other relation of its table has."""
    assert fk.foreign is not None
    keys = [_key(fk.table, column) for column in fk.columns]
    target = singular(word(fk.foreign))
    wanted = []
    if len(keys) == 1:
        own = stem(keys[0])
        if own != keys[0]:
            wanted.append(own)
        elif own.lower().endswith("by"):
            wanted.append(f"{own}_{target}" if own.endswith("_by") else f"{own}{capital(target)}")
    wanted += [target, f"{keys[0]}{capital(target)}", f"{target}Row", f"{keys[0]}Row"]
    return _free(wanted, fk.table)


def pair(fk: ForeignKey, *, is_v1: bool, has_parent: bool) -> Pair | None:
    """The relations that a foreign key is to get; `has_parent` says whether the parent's can be added to.

    None where they would make a relation that is there ambiguous, which drizzle refuses when it loads.
    """
    parent, child = fk.foreign, fk.table
    assert parent is not None
    siblings = [other for other in child.foreign_keys if other is not fk and other.foreign is parent]
    own = [relation for relation in child.relations if relation.target is parent]
    theirs = [relation for relation in parent.relations if relation.target is child and _is_inferred(relation)]
    unnamed = [relation for relation in theirs if relation.alias is None]
    one = relation_name(fk)
    kind = "one" if _is_unique(fk) else "many"
    needs_alias = bool(own or siblings or parent is child)
    if unnamed and not needs_alias:
        return Pair(one, None, "", kind)  # it is what theirs is the other side of
    if unnamed and not is_v1:
        return None
    waiting = _waiting(theirs, own)
    if waiting:
        alias = _meant(waiting, one) if len(waiting) > 1 or siblings else waiting[0].alias
        if alias is not None:
            return Pair(one, alias, "", kind)
    alias = _free_alias(fk, one) if needs_alias else None
    # A relation of the child's that drizzle infers from the parent's would find two of them.
    is_inferred = any(_is_inferred(relation) and relation.alias is None for relation in own) and not is_v1
    # In 0.x a `one` with a name needs its columns, too.
    is_wanted = has_parent and not is_inferred and not (kind == "one" and alias and not is_v1)
    return Pair(one, alias, _inverse(fk, one, kind, alias) if is_wanted else "", kind)


def word(table: Table) -> str:
    """What the code calls a table: `users` for an export `usersTable`."""
    name = table.export if table.export not in (None, "default") else None
    if name is None:
        return camel(table.name)
    for ending in ("Table", "_table", "Schema"):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def _inverse(fk: ForeignKey, one: str, kind: str, alias: str | None) -> str:
    parent, child = fk.foreign, fk.table
    assert parent is not None
    own = singular(word(child)) if kind == "one" else word(child)
    wanted = [own]
    if alias is not None:
        wanted = ["children"] if parent is child and one == "parent" and kind == "many" else []
        wanted.append(f"{one}{capital(own)}")
    return _free(
        [*wanted, f"{one}{capital(own)}", f"{own}By{capital(one)}"], parent, also=[one] if parent is child else []
    )


def _is_inferred(relation: Relation) -> bool:
    """Whether drizzle takes its columns from the other side."""
    return relation.columns is None and not relation.through


def _is_unique(fk: ForeignKey) -> bool:
    return any(
        index.unique and not index.partial and len(index.columns) == len(fk.columns) and index.leads_with(fk.columns)
        for index in fk.table.lookups()
    )


def _waiting(theirs: list[Relation], own: list[Relation]) -> list[Relation]:
    """The parent's relations whose name the child has no relation for yet."""
    known = {relation.alias for relation in own if not _is_inferred(relation)}
    return [relation for relation in theirs if relation.alias is not None and relation.alias not in known]


def _meant(waiting: list[Relation], one: str) -> str | None:
    """The name, among several, that speaks of a relation."""
    found = [r.alias for r in waiting if one.lower() in f"{r.alias} {r.name}".lower()]
    return found[0] if len(found) == 1 else None


def _free_alias(fk: ForeignKey, one: str) -> str:
    tables = fk.table.database.tables if fk.table.database is not None else [fk.table]
    taken = {relation.alias for table in tables for relation in table.relations}
    wanted = f"{word(fk.table)}_{one}"
    return next(name for name in (wanted, *(f"{wanted}{n}" for n in range(2, 1000))) if name not in taken)


def _free(wanted: Iterable[str], table: Table, also: Iterable[str] = ()) -> str:
    taken = {column.key for column in table.columns} | {relation.name for relation in table.relations} | set(also)
    names = [name for name in map(_writable, wanted) if is_identifier(name)] or ["related"]
    numbered = (f"{names[-1]}{number}" for number in range(2, 1000))
    return next(name for name in (*names, *numbered) if name not in taken)


def _writable(name: str) -> str:
    """The name, as one that can be written without quotation marks."""
    return name if is_identifier(name) else camel(name)


def _key(table: Table, column: str) -> str:
    found = table.column(column)
    return found.key if found is not None else column
