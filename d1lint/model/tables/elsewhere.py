"""Foreign keys that lead from one D1 database into another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.schema import ForeignKey
    from d1lint.model.tables.databases import Database


def is_elsewhere(fk: ForeignKey, project: Project) -> bool:
    """Whether a foreign key leads into a database that is proven to be another than its own.

    Two configurations of drizzle-kit alone prove nothing: one database can have several.
    """
    own, other = fk.table.database, fk.foreign.database if fk.foreign is not None else None
    if fk.foreign is None or own is None or other is None or own is other or not (own.configs and other.configs):
        return False
    name = fk.foreign.name.lower()
    if any(table.name.lower() == name for table in own.tables) or own.migrations.makes(name):
        return False
    return project.once(_are_two, own, other) and not project.once(_share_client, own, other)


def _are_two(project: Project, own: Database, other: Database) -> bool:
    """Whether the configurations of two databases name two, or write to two folders for Workers that bind several."""
    names = [{config.database_id for config in database.configs} for database in (own, other)]
    if all(None not in each for each in names):
        return names[0].isdisjoint(names[1])
    if any(config.out == theirs.out for config in own.configs for theirs in other.configs):
        return False
    return any(count > 1 for count in _bound(project, own, other))


def _bound(project: Project, *databases: Database) -> Iterator[int]:
    """How many databases each Worker around some tables binds in one environment."""
    files = {table.file for database in databases for table in database.tables}
    packages = {project.workspace.package_of(file) for file in files}
    for config in {config.path: config for p in packages for config in project.workspace.wranglers_of(p)}.values():
        for environment in (None, *config.environments):
            bound = [binding for binding in config.d1 if binding.environment == environment]
            yield min(
                len({b.database_id or b.binding for b in bound}), len({b.database_name or b.binding for b in bound})
            )


def _share_client(project: Project, own: Database, other: Database) -> bool:
    """Whether one client is asked for tables of both."""
    asked: dict[tuple[str, int], set[Database]] = {}
    for query in project.queries.all():
        site = query.client.site if query.client is not None else None
        if site is not None:
            found = asked.setdefault((site.scope.module, site.node.start), set())
            found |= {table.database for table in query.tables if table.database is not None}
    return any({own, other} <= databases for databases in asked.values())
