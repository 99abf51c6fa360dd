"""Which tables belong to which database, and which of the databases are D1's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from d1lint.model.drizzle.clients import D1, OTHER_DRIVERS, ClientValue
from d1lint.model.drizzle.relations import RelationsConfig
from d1lint.model.drizzle.tables import ForeignTable, TableValue
from d1lint.model.kit import KitConfig
from d1lint.model.migrations import Migrations
from d1lint.model.roles import is_test
from d1lint.model.values import Namespace, ObjectValue, Value, text_of

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.modules import Modules
    from d1lint.model.schema import Table
    from d1lint.workspace.packages import Package

DURABLE_OBJECT, LIBSQL, OTHER = "durable-object", "libsql", "other"


@dataclass(slots=True, eq=False)
class Database:
    """Tables that live together. `kind` is "d1", "durable-object", "libsql" or "other" (or not known)."""

    name: str
    kind: str
    migrations: Migrations
    tables: list[Table] = field(default_factory=list)
    configs: list[KitConfig] = field(default_factory=list)
    casing: str | None = None

    @property
    def is_d1(self) -> bool:
        """Whether it is a D1 database."""
        return self.kind == D1


@dataclass(slots=True, eq=False)
class _Claim:
    """What says that some tables belong together, and to which kind of database."""

    name: str
    kind: str
    tables: list[TableValue]
    casing: str | None = None
    config: KitConfig | None = None
    is_weak: bool = False
    beside: _Claim | None = None
    """What the same client says more surely."""


class Ownership:
    """Assigns every table to a database. `clients` are those made outside tests, with the module that makes each."""

    def __init__(
        self,
        modules: Modules,
        ev: Evaluator,
        tables: list[TableValue],
        configs: list[KitConfig],
        clients: list[tuple[str, ClientValue]],
    ) -> None:
        self._modules = modules
        self._ev = ev
        self.tables = tables
        self._configs = configs
        self._clients = clients

    @cached_property
    def d1_configs(self) -> list[KitConfig]:
        """The configurations that say of a D1 database that it is one of SQLite."""
        return [c for c in self._configs if c.dialect == "sqlite" and self._config_kind(c) == D1]

    @cached_property
    def _claims(self) -> list[_Claim]:
        return [*self._config_claims(), *self._client_claims()]

    def _config_claims(self) -> Iterator[_Claim]:
        for config in self._configs:
            if not config.is_sqlite:
                continue
            reached = self._reach(config.schema_files)
            tables = [table for table in self.tables if table.span.file in reached]
            yield _Claim(config.path, self._config_kind(config), tables, self._config_casing(config), config)

    def _reach(self, files: Iterable[str]) -> set[str]:
        """Schema files, and the files that they re-export."""
        found: set[str] = set()
        pending = list(files)
        while pending:
            path = pending.pop()
            module = self._modules.module(path)
            if path in found or module is None:
                continue
            found.add(path)
            for export in module.exports:
                if export.specifier is not None:
                    target = self._modules.resolve(export.specifier, path).file
                    if target is not None:
                        pending.append(target)
        return found

    def _config_casing(self, config: KitConfig) -> str | None:
        return config.casing if self._honours_casing(config.path) else None

    def _honours_casing(self, path: str) -> bool:
        """Whether the Drizzle of a file's package knows `casing`: from its release candidates on, 1.0 ignores it."""
        version = self._modules.workspace.drizzle_version(self._modules.workspace.package_of(path))
        return version is None or not version.is_v1 or version.prerelease.startswith(("alpha", "beta"))

    def _config_kind(self, config: KitConfig) -> str:
        if config.driver == "d1-http" or config.driver == D1:
            return D1
        if config.driver == "durable-sqlite":
            return DURABLE_OBJECT
        if ".wrangler/" in (config.url or "") and "/do/" not in (config.url or ""):
            return D1  # drizzle-kit can open the file behind the local D1
        if config.dialect == "turso" or config.driver in ("turso", "libsql"):
            return LIBSQL
        if config.driver in ("expo", "op-sqlite", "sqlite-cloud"):
            return OTHER
        return D1 if self._has_d1(self._modules.workspace.package_of(config.path)) else OTHER

    def _client_claims(self) -> Iterator[_Claim]:
        for path, client in self._clients:
            if client.driver in OTHER_DRIVERS:
                continue
            kind = _kind_of(client.driver)
            tables = list(dict.fromkeys(tables_in(client.schema(self._ev), self._ev)))
            own = _Claim(path, kind, tables, self._client_casing(path, client)) if tables else None
            if own is not None:
                yield own
            near = self._imported_tables(path)
            if near:
                yield _Claim(path, kind, near, is_weak=True, beside=own)

    def _imported_tables(self, path: str) -> list[TableValue]:
        """The tables of the files that a module imports: what its client is probably for."""
        module = self._modules.module(path)
        if module is None:
            return []
        files = {self._modules.resolve(item.specifier, path).file for item in module.imports}
        reached = self._reach(file for file in files if file is not None)
        return [table for table in self.tables if table.span.file in reached]

    # --- what a package has --------------------------------------------------------------------------------------

    def _has_d1(self, package: Package) -> bool:
        workspace = self._modules.workspace
        if any(config.d1 for config in workspace.wranglers_of(package)):
            return True
        return any(client.is_d1 and workspace.package_of(path) is package for path, client in self._clients) or any(
            config.driver in ("d1-http", D1) and workspace.package_of(config.path) is package
            for config in self._configs
        )

    def _default_kind(self, table: TableValue) -> str:
        """The kind of a table that no client and no config reaches."""
        if any(c.out and table.span.file.startswith(f"{c.out}/") for c in self._configs):
            return OTHER  # what `drizzle-kit pull` wrote beside the migrations, and nothing uses
        package = self._modules.workspace.package_of(table.span.file)
        packages = [package, *self._modules.workspace.importers_of(package)]
        return D1 if any(self._has_d1(p) for p in packages) and not is_test(table.span.file) else OTHER

    # --- assignment ----------------------------------------------------------------------------------------------

    @cached_property
    def kinds(self) -> dict[int, _Claim]:
        """The claim that counts for each table, by the table's identity."""
        decided: dict[int, _Claim] = {}
        for is_weak in (False, True):
            # Claims of D1 come first: a schema that a D1 client reaches is D1's, whoever else uses it.
            for claim in sorted(self._claims, key=lambda c: c.kind != D1):
                for table in claim.tables:
                    if claim.is_weak is is_weak:
                        decided.setdefault(id(table), claim)
        for table in self.tables:
            if id(table) not in decided:
                package = self._modules.workspace.package_of(table.span.file)
                kind = self._default_kind(table)
                decided[id(table)] = _Claim(package.directory or ".", kind, [table])
        return decided

    def casing(self, table: TableValue) -> str | None:
        """How the unnamed columns of a table are named."""
        casings = [c.casing for c in self._claims if c.casing and any(t is table for t in c.tables)]
        if casings:
            return casings[0]
        package, kind = self._modules.workspace.package_of(table.span.file), self.kinds[id(table)].kind
        users = (package, *self._modules.workspace.importers_of(package))
        return next((self._casings[user, kind] for user in users if (user, kind) in self._casings), None)

    @cached_property
    def _casings(self) -> dict[tuple[Package, str], str]:
        """The casing of a package's clients of a kind: without a schema, it holds for all tables that they meet."""
        found: dict[tuple[Package, str], str] = {}
        for path, client in self._clients:
            casing = self._client_casing(path, client)
            if casing is not None:
                found.setdefault((self._modules.workspace.package_of(path), _kind_of(client.driver)), casing)
        return found

    def _client_casing(self, path: str, client: ClientValue) -> str | None:
        if not isinstance(client.config, ObjectValue) or not self._honours_casing(path):
            return None
        return text_of(client.config.member("casing", self._ev))

    def databases(self, compiled: dict[int, Table]) -> list[Database]:
        """The databases with those of their tables that were compiled. Claims that share tables are one database."""
        groups: dict[int, Database] = {}
        for value in self.tables:
            if id(value) not in compiled:
                continue
            claim = self.kinds[id(value)]
            key = self._group(claim)
            if key not in groups:
                migrations = Migrations(self._modules.workspace, self._modules.memo)
                groups[key] = Database(claim.name, claim.kind, migrations, casing=claim.casing)
            database = groups[key]
            table = compiled[id(value)]
            table.database = database
            database.tables.append(table)
        for claim in self._claims:
            owners = Counter(id(compiled[id(t)].database) for t in claim.tables if id(t) in compiled)
            if claim.config is not None and owners:
                best = owners.most_common(1)[0][0]
                database = next(d for d in groups.values() if id(d) == best)
                database.configs.append(claim.config)
        for database in groups.values():
            self._find_migrations(database)
        return list(groups.values())

    def _find_migrations(self, database: Database) -> None:
        """Where drizzle-kit writes the migrations of a database, and for D1 where wrangler reads them."""
        folders = {config.out: None for config in database.configs if config.out is not None}
        packages = {self._modules.workspace.package_of(table.file) for table in database.tables}
        if database.is_d1:
            for package in packages:
                for wrangler in self._modules.workspace.wranglers_of(package):
                    for binding in wrangler.d1:
                        folder = wrangler.migrations_path(binding)
                        if folder is not None:
                            folders[folder] = None
        database.migrations.folders = list(folders)
        database.migrations.packages = packages | {self._modules.workspace.package_of(c.path) for c in database.configs}

    def _group(self, claim: _Claim) -> int:
        """The first claim of the same kind that shares a table with this one, directly or through others."""
        return self._representatives.get(id(claim), hash((claim.kind, claim.name)))

    @cached_property
    def _representatives(self) -> dict[int, int]:
        """For each claim, by identity, one that stands for all that speak of the same database."""
        groups = _Groups(self._claims)
        owner: dict[tuple[int, str], _Claim] = {}
        for claim in sorted(self._claims, key=lambda c: c.is_weak):
            owners = [owner.setdefault((id(table), claim.kind), claim) for table in claim.tables]
            if not claim.is_weak:
                groups.join(claim, owners)
                continue
            # What a client may be for joins no two databases that are known to be two.
            sure = [claim.beside] if claim.beside is not None else [o for o in owners if groups.is_sure(o)]
            if len({groups.of(other) for other in sure}) == 1:
                groups.join(claim, sure)
            groups.join(claim, [other for other in owners if not groups.is_sure(other)])
        return {id(claim): groups.of(claim) for claim in self._claims}


class _Groups:
    """Claims that belong together."""

    def __init__(self, claims: list[_Claim]) -> None:
        self._parents = {id(claim): id(claim) for claim in claims}
        self._sure = {id(claim) for claim in claims if not claim.is_weak}

    def of(self, claim: _Claim) -> int:
        """The group of a claim."""
        key = root = id(claim)
        while self._parents[root] != root:
            root = self._parents[root]
        while self._parents[key] != root:  # or the way becomes as long as there are clients
            self._parents[key], key = root, self._parents[key]
        return root

    def is_sure(self, claim: _Claim) -> bool:
        """Whether some claim of the group is not a weak one."""
        return self.of(claim) in self._sure

    def join(self, claim: _Claim, others: Iterable[_Claim]) -> None:
        """Make the group of a claim and those of others one."""
        for other in others:
            if self.is_sure(other):
                self._sure.add(self.of(claim))
            self._parents[self.of(other)] = self.of(claim)


def _kind_of(driver: str) -> str:
    if driver == D1:
        return D1
    if driver == "durable-sqlite":
        return DURABLE_OBJECT
    return LIBSQL if driver.startswith("libsql") else OTHER


def tables_in(value: Value, ev: Evaluator, depth: int = 0) -> Iterator[TableValue]:
    """The tables that a schema object holds, also one inside another."""
    if isinstance(value, TableValue):
        yield value
    elif isinstance(value, RelationsConfig):
        yield from tables_in(value.schema, ev, depth + 1)
    elif isinstance(value, (ObjectValue, Namespace)) and depth < 4:
        entries = ev.entries_of(value)
        for entry in entries.entries.values() if entries is not None else ():
            yield from tables_in(entry.read(), ev, depth + 1)


def foreign_tables_in(value: Value, ev: Evaluator, depth: int = 0) -> Iterator[ForeignTable]:
    """The tables of other dialects that a schema object holds."""
    if isinstance(value, ForeignTable):
        yield value
    elif isinstance(value, (ObjectValue, Namespace)) and depth < 4:
        entries = ev.entries_of(value)
        for entry in entries.entries.values() if entries is not None else ():
            yield from foreign_tables_in(entry.read(), ev, depth + 1)
