"""Which tables drizzle-kit sees: those that the files of its configurations export, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.kit import KitConfig
from d1lint.model.values import alternatives

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.queries.query import Query
    from d1lint.model.schema import ForeignKey, Table
    from d1lint.model.tables.databases import Database
    from d1lint.workspace.packages import Package
    from d1lint.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class UnexportedTable:
    """A table that drizzle-kit does not see and that no SQL of the repository creates, while something needs it.

    That is the foreign key `fk` of a table that drizzle-kit sees, or (then `fk` is None) a query; `needed_at` is its
    place. `config` is the file of the configuration that leaves the table out; `is_read` says that it reads the file
    of the table.
    """

    table: Table
    fk: ForeignKey | None
    needed_at: Span
    config: str
    is_read: bool

    @property
    def span(self) -> Span:
        """The table's call."""
        return self.table.token


class KitTables:
    """The tables of a repository as drizzle-kit sees them."""

    def __init__(
        self, ev: Evaluator, workspace: Workspace, configs: list[KitConfig], databases: list[Database]
    ) -> None:
        self._ev = ev
        self._workspace = workspace
        self._configs = configs
        self._databases = [database for database in databases if database.is_d1]

    @cached_property
    def _seen(self) -> dict[KitConfig, frozenset[int]]:
        """The tables that each configuration sees, by the identity of their values."""
        return {config: frozenset(self._exported(config)) for config in self._configs}

    def _exported(self, config: KitConfig) -> Iterator[int]:
        for path in config.schema_files:
            for name in self._ev.export_names(path)[0]:
                for value in alternatives(self._ev.exported(path, name)):
                    if isinstance(value, TableValue):
                        yield id(value)

    def _is_whole(self, config: KitConfig) -> bool:
        """Whether all that a configuration sees is known."""
        gaps = (gap for path in config.schema_files for gap in self._ev.export_names(path)[1])
        return config.schema_known and bool(config.schema_files) and next(gaps, None) is None

    # --- tables that are created together ------------------------------------------------------------------------

    def created_together(self) -> Iterator[list[Table]]:
        """Groups of D1's tables that come into one database: what a configuration sees, or, where there is none, what
        the modules export. A table can be in several groups.
        """
        tables = [table for database in self._databases for table in database.tables]
        for config in self._configs:
            yield [table for table in tables if id(table.origin) in self._seen[config]]
        for database in self._databases:
            if not database.configs:
                yield [table for table in database.tables if table.export is not None]

    def sees(self, table: Table) -> bool:
        """Whether a configuration sees a table."""
        return any(id(table.origin) in seen for seen in self._seen.values())

    # --- tables that are not created -----------------------------------------------------------------------------

    def unexported(self, queries: Iterable[Query]) -> Iterator[UnexportedTable]:
        """The tables that are needed and that nobody creates, each once. `queries` are taken only if they matter."""
        found: dict[Table, UnexportedTable] = {}
        for database in self._databases:
            for table in database.tables:
                for fk in table.foreign_keys:
                    config = self._config_of(table)
                    if config is not None and fk.foreign is not None and self._is_left_out(fk.foreign, config, table):
                        found.setdefault(fk.foreign, _unexported(fk.foreign, fk, fk.span, config))
        wanted = {
            table: config
            for database in self._databases
            for table in database.tables
            if table not in found
            for config in self._configs_near(table)
            if self._is_left_out(table, config, table)
        }
        for query in queries if wanted else ():
            for table in query.tables:
                if table in wanted:
                    found.setdefault(table, _unexported(table, None, query.span, wanted[table]))
        yield from found.values()

    def _config_of(self, table: Table) -> KitConfig | None:
        return next((config for config, seen in self._seen.items() if id(table.origin) in seen), None)

    def _configs_near(self, table: Table) -> list[KitConfig]:
        """The configurations that would be expected to see a table: its database's, if all of them are known."""
        configs = table.database.configs if table.database is not None else []
        return configs[:1] if all(map(self._is_whole, configs)) else []

    def _is_left_out(self, table: Table, config: KitConfig, needing: Table) -> bool:
        """Whether a table is seen by no configuration, and nothing else creates one of its name."""
        if not table.is_named or self.sees(table) or not all(map(self._is_whole, self._rivals(config))):
            return False
        name = table.name.lower()
        databases = {id(d): d for d in (table.database, needing.database) if d is not None}.values()
        same_name = any(self.sees(t) and t.name.lower() == name for d in self._databases for t in d.tables)
        return not same_name and not any(database.migrations.makes(name) for database in databases)

    def _rivals(self, config: KitConfig) -> list[KitConfig]:
        """The configurations of the same package."""
        package = self._package(config)
        return [other for other in self._configs if self._package(other) is package]

    def _package(self, config: KitConfig) -> Package:
        return self._workspace.package_of(config.path)


def _unexported(table: Table, fk: ForeignKey | None, needed_at: Span, config: KitConfig) -> UnexportedTable:
    return UnexportedTable(table, fk, needed_at, config.path, table.file in config.schema_files)
