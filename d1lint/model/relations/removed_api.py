"""What Drizzle 1.0 no longer has and code that it is installed for still uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.values import ObjectValue, alternatives
from d1lint.workspace.version import Version

if TYPE_CHECKING:
    from d1lint.model.project import Project

RELATIONS, SCHEMA, WHERE = "relations", "schema", "where"
_PACKAGES = frozenset({"drizzle-orm", "drizzle-orm/relations"})
_NAME = re.compile(rb"\brelations\b")
_LAST_WITH_SCHEMA = Version(1, 0, 0, "rc.3")
"""The last version whose clients take `{ schema }`, for the old relational queries: `db._query`."""


@dataclass(slots=True, eq=False)
class RemovedApi:
    """A use of what is gone.

    `kind` is "relations" for the import of it, "schema" for the option of a D1 client, "where" for a condition in SQL
    that a relational query is given.
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
            if item.imported == "relations" and item.specifier in _PACKAGES and not item.type_only:
                yield RemovedApi(_name_in(item, path, project), RELATIONS, str(version), "relations")


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
        if not project.reach.serves_requests(path) or not _matters(project, version):
            continue
        span = Span(entry.module, entry.start, min(entry.start + len("schema"), entry.end))
        yield RemovedApi(span, SCHEMA, str(version), visit.place.name or "(module)")


def _conditions(project: Project) -> Iterator[RemovedApi]:
    """The relational queries whose `where` is SQL: it is an object now."""
    if not any(_version_1(project, visit.scope.module) for visit, _ in project.clients):
        return
    for query in project.queries.all():
        version = _version_1(project, query.file) if query.is_relational and query.is_d1 else None
        config = query.root.site.argument(0)
        entry = config.entries.get("where") if version is not None and isinstance(config, ObjectValue) else None
        if entry is not None and any(isinstance(value, SqlValue) for value in alternatives(entry.read())):
            span = Span(entry.module, entry.start, min(entry.start + len("where"), entry.end))
            yield RemovedApi(span, WHERE, str(version), query.symbol)


def _matters(project: Project, version: Version) -> bool:
    """Whether the option is without use: until a release candidate, `db._query` still rests on it."""
    if version > _LAST_WITH_SCHEMA:
        return True
    return project.has_relational_queries and not project.modules.containing(b"._query")


def _version_1(project: Project, path: str) -> Version | None:
    version = project.workspace.drizzle_version(project.workspace.package_of(path))
    return version if version is not None and version.is_v1 else None
