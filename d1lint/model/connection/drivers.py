"""Drivers of other databases in the code of a Worker whose database is D1."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import conditional_parts, is_within, nodes
from d1lint.finding import Span
from d1lint.model.connection.commands import is_command
from d1lint.model.connection.development import asks_for_development, is_imported_for_development
from d1lint.model.connection.second_databases import is_beside_d1
from d1lint.model.dialects import specifier_span
from d1lint.model.hints import Hint
from d1lint.model.tables.databases import LIBSQL

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.workspace.packages import Package

POSTGRES, MYSQL, LIBSQL_CLIENT, NATIVE = "Postgres", "MySQL", "libSQL", "a SQLite file"

_DRIVERS = {
    **dict.fromkeys(
        ("pg", "pg-native", "postgres", "@neondatabase/serverless", "@vercel/postgres", "@electric-sql/pglite"),
        POSTGRES,
    ),
    **dict.fromkeys(
        (
            "postgres-js",
            "node-postgres",
            "neon",
            "neon-http",
            "neon-serverless",
            "vercel-postgres",
            "pglite",
            "xata-http",
        ),
        POSTGRES,
    ),
    **dict.fromkeys(("mysql", "mysql2", "@planetscale/database", "@tidbcloud/serverless"), MYSQL),
    **dict.fromkeys(("planetscale-serverless", "tidb-serverless"), MYSQL),
    **dict.fromkeys(("@libsql/client", "libsql"), LIBSQL_CLIENT),
    **dict.fromkeys(("better-sqlite3", "sqlite3", "bun:sqlite", "node:sqlite", "bun-sqlite", "node-sqlite"), NATIVE),
}
"""What each driver talks to; those of Drizzle by their sub-package."""

_VARIANT = re.compile(r"[-_./](?:node|local|dev|development|bun)\.[cm]?[jt]sx?$")
"""The name of a file that stands in for another where the code does not run in a Worker."""
_OWN_DATABASE = (b"durable-sqlite", b"DurableObject", b"yperdrive", b"HYPERDRIVE", b"drizzle-orm/d1")


@dataclass(slots=True, eq=False)
class DriverImport:
    """The imports of another database's driver in a file of Worker code: each module specifier with its place."""

    database: str
    imports: tuple[tuple[str, Span], ...]

    @property
    def span(self) -> Span:
        """The first of them."""
        return self.imports[0][1]


def driver_imports(project: Project, files: Container[str] | None = None) -> Iterator[DriverImport]:
    """The drivers that Worker code imports where the package has D1 and no second database on purpose."""
    for path in project.reach.files:
        if (files is not None and path not in files) or _VARIANT.search(path):
            continue
        if not project.has_d1_in(project.workspace.package_of(path)):
            continue
        data = project.modules.text(path)
        if not project.reach.may_import(path, _database) or asks_for_development(data) or is_command(data):
            continue
        if any(word in data for word in _OWN_DATABASE):
            continue
        module = project.modules.module(path)
        found = _imported(project, path, module) if module is not None else {}
        for database, items in found.items():
            if module is None or _is_owned(project, path, database) or _is_optional(module, items):
                continue
            is_second = database != NATIVE and is_beside_d1(project, path, module, {item.local for item in items})
            if not is_second and not is_imported_for_development(project, path):
                source = project.source(path)
                spans = (specifier_span(source, item.start, item.end, item.specifier) for item in items)
                yield DriverImport(database, tuple(zip((item.specifier for item in items), spans, strict=True)))


def _imported(project: Project, path: str, module: ir.Module) -> dict[str, list[ir.Import]]:
    """The imports of drivers, one for each statement, by what they talk to."""
    found: dict[str, dict[int, ir.Import]] = {}
    for item in module.imports:
        database = _database(item.specifier)
        if database is None or item.type_only or project.modules.resolve(item.specifier, path).file is not None:
            continue
        if item.local and not _is_used(module, item.local):
            continue
        found.setdefault(database, {}).setdefault(item.start, item)
    return {database: list(items.values()) for database, items in found.items()}


@cache
def _database(specifier: str) -> str | None:
    """What the driver that a specifier names talks to; None if it names none."""
    name = specifier.removeprefix("drizzle-orm/")
    if name == "mysql2" and name != specifier:
        return MYSQL
    known = _DRIVERS.get(name)
    if known is not None:
        return known
    head = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
    if name != specifier and head in ("libsql", "better-sqlite3"):
        return _DRIVERS[head]
    return _DRIVERS.get(head) if head != name and head in ("pg", "mysql2", "@libsql/client", "better-sqlite3") else None


def _is_used(module: ir.Module, name: str) -> bool:
    """Whether a name is read as a value: an import that only types use is dropped by the build."""
    return any(isinstance(node, ir.Name) and node.name == name for node in nodes(*module.body))


def _is_optional(module: ir.Module, items: list[ir.Import]) -> bool:
    """Whether all uses of what is imported stand under conditions: a driver that is one of several."""
    names = {item.local for item in items}
    uses = [node for node in nodes(*module.body) if isinstance(node, ir.Name) and node.name in names]
    conditional = conditional_parts(*module.body)
    return bool(uses) and all(is_within(use.start, conditional) for use in uses)


def _is_owned(project: Project, path: str, database: str) -> bool:
    """Whether a file's package has a second database on purpose, or offers several."""
    workspace = project.workspace
    package = workspace.package_of(path)
    related = {package, *workspace.importers_of(package)}
    if any(b.kind == "hyperdrive" for other in related for c in workspace.wranglers_of(other) for b in c.others):
        return True
    return _has_second(project, related, database) or len(_databases_of(project, package)) > 1


def _databases_of(project: Project, package: Package) -> set[str]:
    """What all the drivers talk to that the code of a package names, types included."""
    found: set[str] = set()
    for path in project.reach.files:
        if project.workspace.package_of(path) is not package:
            continue
        module = project.modules.module(path) if project.reach.may_import(path, _database) else None
        found |= {known for item in (module.imports if module else ()) if (known := _database(item.specifier))}
    return found


def _has_second(project: Project, related: set[Package], database: str) -> bool:
    workspace = project.workspace
    for config in project.kit_configs:
        if workspace.package_of(config.path) in related and (not config.is_sqlite or config.dialect == "turso"):
            return True
    if database in (POSTGRES, MYSQL):
        return any(Hint.FOREIGN in hints and workspace.package_of(p) in related for p, hints in project.paths.items())
    kinds = {other.kind for other in project.databases for t in other.tables if workspace.package_of(t.file) in related}
    return database == LIBSQL_CLIENT and LIBSQL in kinds
