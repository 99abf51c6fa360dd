"""What Drizzle 1.0 no longer has and code that it is installed for still uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.relations import REMOVED_FROM, RelationsValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.values import Entry, FunctionValue, ObjectValue, Value, alternatives
from d1lint.workspace.version import Version

if TYPE_CHECKING:
    from d1lint.model.drizzle.clients import ClientValue
    from d1lint.model.project import Project

RELATIONS, SCHEMA, OLD_SCHEMA, WHERE, CALLBACK = "relations", "schema", "old-schema", "where", "callback"
MAX_NESTED = 8
"""How deep the relations of a query are looked through."""
_NAME = re.compile(rb"\brelations\b")
_LAST_WITH_SCHEMA = Version(1, 0, 0, "rc.3")
"""The last version whose clients take `{ schema }`, for the old relational queries: `db._query`."""


@dataclass(slots=True, eq=False)
class RemovedApi:
    """A use of what is gone.

    `kind` is RELATIONS for the import of it, SCHEMA for the option of a D1 client that reads none, OLD_SCHEMA for that
    of one that reads it for other queries than it is asked, WHERE for a condition in SQL that a relational query is
    given, CALLBACK for a function.
    """

    span: Span
    kind: str
    version: str
    symbol: str


def removed_apis(project: Project) -> Iterator[RemovedApi]:
    """The uses of the old relations in code of D1 that is written for Drizzle 1.0."""
    yield from _imports(project)
    yield from _options(project)
    yield from _conditions(project)


def _imports(project: Project) -> Iterator[RemovedApi]:
    files = {relation.span.file for table in project.d1_tables for relation in table.relations}
    for path in sorted(files):
        module, version = project.modules.module(path), _version_1(project, path)
        for item in module.imports if module is not None and version is not None else ():
            if item.specifier not in REMOVED_FROM or item.type_only:
                continue
            if item.imported == "relations":
                yield RemovedApi(_name_in(item, path, project), RELATIONS, str(version), "relations")
            elif item.imported == "*":
                yield from islice(_members(item, path, str(version), project), 1)


def _members(item: ir.Import, path: str, version: str, project: Project) -> Iterator[RemovedApi]:
    """`orm.relations(…)`, by a name for the whole module."""
    owner = re.compile(rb"(?<![\w$.])%b\s*\.\s*\Z" % re.escape(item.local.encode()))
    text = project.source(path).data
    for value in project.relation_values:
        start = value.token.start
        if value.token.file == path and isinstance(value, RelationsValue) and owner.search(text, 0, start):
            yield RemovedApi(value.token, RELATIONS, version, "relations")


def _name_in(item: ir.Import, path: str, project: Project) -> Span:
    found = _NAME.search(project.source(path).data, item.start, item.end)
    return Span(path, *found.span()) if found is not None else Span(path, item.start, item.end)


def _options(project: Project) -> Iterator[RemovedApi]:
    for visit, client in project.clients:
        path, config = visit.scope.module, client.config
        if not client.is_d1 or not isinstance(config, ObjectValue) or config.gaps or config.is_typed:
            continue
        entry, version = config.entries.get("schema"), _version_1(project, path)
        if entry is None or version is None or "relations" in config.entries:
            continue
        is_read = version <= _LAST_WITH_SCHEMA
        if not project.reach.serves_requests(path) or (is_read and not _is_asked(client, project)):
            continue
        kind = OLD_SCHEMA if is_read else SCHEMA
        yield RemovedApi(_key(entry, "schema"), kind, str(version), visit.place.name or "(module)")


def _is_asked(client: ClientValue, project: Project) -> bool:
    """Whether `db.query` is known to be asked of a client that knows tables only for `db._query`."""
    if client.site is None or project.modules.containing(b"._query"):
        return False
    place = client.site.scope.module, client.site.node.start
    sites = (query.client.site for query in project.queries.all() if query.is_relational and query.client is not None)
    return any(site is not None and (site.scope.module, site.node.start) == place for site in sites)


def _conditions(project: Project) -> Iterator[RemovedApi]:
    """The relational queries with a `where` that is SQL, or a function that gives it: it is an object now."""
    if not any(_version_1(project, visit.scope.module) for visit, _ in project.clients):
        return
    for query in project.queries.all():
        version = _version_1(project, query.file) if query.is_relational and query.is_d1 else None
        for entry in _wheres(query.root.site.argument(0)) if version is not None else ():
            values = list(alternatives(entry.read()))
            if any(isinstance(value, SqlValue) for value in values):
                yield RemovedApi(_key(entry, "where"), WHERE, str(version), query.symbol)
            elif any(isinstance(value, FunctionValue) for value in values):
                yield RemovedApi(_key(entry, "where"), CALLBACK, str(version), query.symbol)


def _wheres(config: Value, depth: int = 0) -> Iterator[Entry]:
    """The conditions of a query and of the relations that it asks for."""
    if not isinstance(config, ObjectValue) or depth > MAX_NESTED:
        return
    if "where" in config.entries:
        yield config.entries["where"]
    related = config.entries["with"].read() if "with" in config.entries else None
    for entry in list(related.entries.values()) if isinstance(related, ObjectValue) else ():
        yield from _wheres(entry.read(), depth + 1)


def _key(entry: Entry, name: str) -> Span:
    return Span(entry.module, entry.start, min(entry.start + len(name), entry.end))


def _version_1(project: Project, path: str) -> Version | None:
    version = project.workspace.drizzle_version(project.workspace.package_of(path))
    return version if version is not None and version.is_v1 else None
