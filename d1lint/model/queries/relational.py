"""What relational queries need of their client's schema: `db.query.users.findMany({ with: { posts: true } })`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.clients import ClientValue
from d1lint.model.drizzle.columns import call_token
from d1lint.model.drizzle.relations import RelationsConfig, RelationsValue, RelationValue
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.queries.query import Query
from d1lint.model.values import UNDEFINED, Constant, Entry, ObjectValue, text_of

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.schema import Column, Relation, Table


@dataclass(slots=True, eq=False)
class QueriedClient:
    """A client of D1 through which the code queries by relations. `span` is the `drizzle` that makes it.

    `is_bare` says that it has no schema at all. Otherwise `tables` are the queries of tables that the schema lacks,
    `relations` those of relations that are declared and that it lacks, `targets` those of relations whose target it
    lacks, and `inverses` those of relations without columns whose other side, which has them, it lacks.
    """

    span: Span
    client: ClientValue
    queries: list[Query]
    is_v1: bool
    is_bare: bool = False
    tables: list[tuple[Query, str]] = field(default_factory=list)
    relations: list[tuple[Query, Relation]] = field(default_factory=list)
    targets: list[tuple[Query, Relation]] = field(default_factory=list)
    inverses: list[tuple[Query, Relation]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A relation that a query asks for, with its options; `span` is its key in `with`."""

    relation: Relation
    options: ObjectValue | None
    span: Span


def queried_clients(project: Project) -> Iterator[QueriedClient]:
    """The clients whose `drizzle(…)` is known and that relational queries go through."""
    found: dict[tuple[str, int], QueriedClient] = {}
    for query in project.queries.all():
        client = query.client
        if not query.is_relational or not query.is_d1 or client is None or client.site is None:
            continue
        site = client.site
        key = site.scope.module, site.node.start
        if key not in found:
            is_v1 = project.is_v1_file(site.scope.module)
            found[key] = QueriedClient(call_token(site), client, [], is_v1)
        found[key].queries.append(query)
    for queried in found.values():
        _compare(queried, project)
        yield queried


def _compare(queried: QueriedClient, project: Project) -> None:
    client = queried.client
    option = "relations" if queried.is_v1 else "schema"
    if client.config is UNDEFINED:
        queried.is_bare = True
        return
    if not isinstance(client.config, ObjectValue) or client.config.gaps or client.config.is_typed:
        return
    if option not in client.config.entries:
        queried.is_bare = not (queried.is_v1 and "schema" in client.config.entries)  # that one has a rule of its own
        return
    schema = client.config.entries[option].read()
    if schema is UNDEFINED:
        queried.is_bare = True
        return
    tables = project.ev.entries_of(schema.schema if isinstance(schema, RelationsConfig) else schema)
    if tables is None or tables.gaps or tables.is_typed:
        return
    queried.tables = [(query, query.root.key) for query in queried.queries if query.root.key not in tables.entries]
    if not queried.is_v1:
        carried, names = _carried(tables, project), _table_names(tables)
        if carried is None:
            return
        for query in queried.queries:
            for wanted in wanted_relations(query, project):
                relation = wanted.relation
                if relation.origin not in carried:
                    queried.relations.append((query, relation))
                elif relation.target is not None and relation.target.is_named and relation.target.name not in names:
                    queried.targets.append((query, relation))
                elif _lacks_inverse(relation, carried, project):
                    queried.inverses.append((query, relation))


def _carried(tables: ObjectValue, project: Project) -> set[RelationValue | None] | None:
    """The relations that a schema object has; None where one is not known."""
    found: set[RelationValue | None] = set()
    for entry in list(tables.entries.values()):
        value = entry.read()
        if isinstance(value, RelationsValue):
            entries = value.entries(project.ev)
            if entries is None or entries.gaps:
                return None
            found |= {each for each in (e.read() for e in entries.entries.values()) if isinstance(each, RelationValue)}
    return found


def _table_names(tables: ObjectValue) -> set[str | None]:
    """The names of the tables that a schema object has, by which Drizzle finds them."""
    values = [entry.read() for entry in list(tables.entries.values())]
    return {text_of(value.name) for value in values if isinstance(value, TableValue)}


def _lacks_inverse(relation: Relation, carried: set[RelationValue | None], project: Project) -> bool:
    """Whether a relation takes its columns from another that is declared and not among those of a schema object."""
    inferred = project.relation_ends.inferred(relation)
    if inferred is None or not inferred.is_known or not inferred.candidates:
        return False
    return all(other.origin not in carried for other in inferred.candidates)


def wanted_relations(query: Query, project: Project) -> Iterator[Wanted]:
    """The relations that a query asks for by `with`, those inside of them too, where the model knows them."""
    config = query.root.site.argument(0)
    if query.table is not None and isinstance(config, ObjectValue):
        yield from _wanted(config, query.table, 0)


def _wanted(config: ObjectValue, table: Table, depth: int) -> Iterator[Wanted]:
    entry = config.entries.get("with")
    asked = entry.read() if entry is not None else UNDEFINED
    if not isinstance(asked, ObjectValue) or depth > 8:
        return
    for name, inner in list(asked.entries.items()):
        relation = next((each for each in table.relations if each.name == name), None)
        value = inner.read()
        if relation is None or (isinstance(value, Constant) and not value.value):
            continue
        options = value if isinstance(value, ObjectValue) else None
        yield Wanted(relation, options, _key(inner, name))
        if options is not None and relation.target is not None:
            yield from _wanted(options, relation.target, depth + 1)


def _key(entry: Entry, name: str) -> Span:
    return Span(entry.module, entry.start, min(entry.end, entry.start + len(name.encode())))


def selected_blobs(wanted: Wanted) -> list[Column]:
    """The blob columns that a relation brings along, those that `columns` leaves out not among them."""
    target = wanted.relation.target
    if target is None or not target.complete:
        return []
    chosen = wanted.options.entries.get("columns") if wanted.options is not None else None
    columns = chosen.read() if chosen is not None else UNDEFINED
    if columns is not UNDEFINED and (not isinstance(columns, ObjectValue) or columns.gaps or not columns.entries):
        return []  # `columns: {}` selects none
    named: dict[str, bool] = {}
    if isinstance(columns, ObjectValue):
        for key, entry in columns.entries.items():
            truth = entry.read().truth()
            if truth is None:
                return []
            named[key] = truth
    takes_named = any(named.values())
    return [
        column
        for column in target.columns
        if column.type == "blob" and (named.get(column.key, False) if takes_named else named.get(column.key, True))
    ]
