"""Which D1 databases the code that serves requests queries by `db.query.table.findMany(…)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.drizzle.clients import ClientValue
from d1lint.model.tables.databases import tables_in
from d1lint.model.values import Unknown, Value, alternatives

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.schema import Table
    from d1lint.model.tables.databases import Database
    from d1lint.model.walk import Visit


def queried_databases(project: Project) -> frozenset[Database]:
    """The D1 databases with a relational query: by the tables of its client or, where these are not known, by the name
    of the table that it asks for.
    """
    return frozenset(database for database in _databases(project) if database.is_d1)


def _databases(project: Project) -> Iterator[Database]:
    owners = {id(table.origin): table.database for table in project.tables if table.database is not None}
    for visit, node, key in _relational_queries(project):
        for client in alternatives(project.ev.evaluate(node, visit.scope)):
            given = list(tables_in(client.schema(project.ev), project.ev)) if isinstance(client, ClientValue) else []
            if given:
                yield from (owners[id(table)] for table in given if id(table) in owners)
            elif _may_be_d1(client):
                yield from (t.database for t in _named(key, visit.scope.module, project) if t.database is not None)


def _relational_queries(project: Project) -> Iterator[tuple[Visit, ir.Expression, str]]:
    """The calls, each with the client's expression and the table's key."""
    for path in project.modules.containing(b".query."):
        text = project.modules.text(path)
        if (b"findMany" not in text and b"findFirst" not in text) or not project.reach.serves_requests(path):
            continue
        for visit in project.visits(path):
            match visit.node:
                case ir.Call(
                    callee=ir.Member(
                        name="findMany" | "findFirst",
                        object=ir.Member(name=key, object=ir.Member(name="query", object=client)),
                    )
                ):
                    yield visit, client, key


def _may_be_d1(client: Value) -> bool:
    if isinstance(client, ClientValue):
        return client.is_d1 or not client.driver
    return isinstance(client, Unknown)


def _named(key: str, path: str, project: Project) -> Iterator[Table]:
    """The tables that a file can mean by a name: those of its own package, or of one that this depends on."""
    package = project.workspace.package_of(path)
    for table in project.d1_tables:
        owner = project.workspace.package_of(table.file)
        if table.export == key and (owner is package or package in project.workspace.importers_of(owner)):
            yield table
