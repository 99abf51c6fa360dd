"""The whole repository as rules see it. Everything is built when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from operator import or_
from typing import Any, Concatenate, ParamSpec, TypeVar

from d1lint.facts import ir
from d1lint.finding import Crash, Span
from d1lint.model.connection.bindings import ProcessBinding, UndeclaredBinding, process_bindings, undeclared_bindings
from d1lint.model.connection.clients import ModuleClient, module_clients
from d1lint.model.connection.drivers import DriverImport, driver_imports
from d1lint.model.connection.factories import FactoryNames
from d1lint.model.connection.module_queries import ModuleQuery, kept_clients, module_queries
from d1lint.model.connection.runtime_calls import RuntimeCall, runtime_calls
from d1lint.model.dialects import ForeignImport, foreign_columns, foreign_imports
from d1lint.model.drizzle.clients import D1, OTHER_DRIVERS, ClientMaker, ClientValue, client_types, client_values
from d1lint.model.drizzle.queries import query_values, unproven_member
from d1lint.model.drizzle.relations import RelationsConfig, RelationsValue, relation_intrinsics
from d1lint.model.drizzle.sql import sql_intrinsics
from d1lint.model.drizzle.tables import ForeignTable, TableValue, foreign_fallback, table_intrinsics
from d1lint.model.edit import Edit, setters_of
from d1lint.model.evaluate import MAX_STEPS, Evaluator, Intrinsics
from d1lint.model.fresh import fresh_globals, fresh_values
from d1lint.model.hints import Hint
from d1lint.model.hono_validators import (
    READS_BODY,
    BypassedValidator,
    bypassed_validators,
    has_validators_of_hono,
    validator_values,
)
from d1lint.model.kit import KitConfig, config_files, kit_configs, kit_globals, kit_intrinsics
from d1lint.model.kysely.clients import kysely_types, kysely_values
from d1lint.model.kysely.imports import KyselyImport, kysely_imports
from d1lint.model.kysely.queries import (
    KyselyTransaction,
    UnexecutedKysely,
    kysely_findings,
    may_use_kysely,
    only_d1_in,
)
from d1lint.model.memo import ContentMemo
from d1lint.model.modules import Modules
from d1lint.model.queries.fate import Floating, floating
from d1lint.model.queries.finder import Queries
from d1lint.model.queries.loops import LoopedQuery
from d1lint.model.queries.query import Query
from d1lint.model.queries.relational import QueriedClient, queried_clients
from d1lint.model.queries.unindexed import QueryPlans, UnindexedQuery
from d1lint.model.raw_sql.foreign_sql import ForeignSql, foreign_sql
from d1lint.model.raw_sql.native_sql import Justification, NativeSql, RawStatement
from d1lint.model.raw_sql.sql_text import SqlText
from d1lint.model.raw_sql.sql_values import UnboundValue, unbound_values
from d1lint.model.reach import Reach
from d1lint.model.relations.ends import InferredRelation, RelationEnds
from d1lint.model.relations.keys import MismatchedRelation, mismatched_relation
from d1lint.model.relations.queried import queried_databases
from d1lint.model.relations.removed_api import RemovedApi, removed_apis
from d1lint.model.relations.unread import other_relations
from d1lint.model.roles import is_test
from d1lint.model.schema import ForeignKey, LostConstraint, Relation, Table
from d1lint.model.scope import Scope
from d1lint.model.tables.compile import SchemaCompiler
from d1lint.model.tables.databases import Database, Ownership, foreign_tables_in
from d1lint.model.tables.defaults import FrozenDefault, TimeDefault, frozen_defaults, time_defaults
from d1lint.model.tables.duplicates import DuplicateIndexName, DuplicateTable, duplicate_index_names, duplicate_tables
from d1lint.model.tables.kit_tables import KitTables, UnexportedTable
from d1lint.model.taint.trace import Tracer
from d1lint.model.values import ArrayValue, ObjectValue, Value, alternatives
from d1lint.model.walk import Place, Visit
from d1lint.model.wide import Wide, wide
from d1lint.model.workers import (
    FIXED_TYPES,
    PROCESS,
    ambient,
    bindings_of,
    parameter_by_name,
    unknown_member,
    worker_globals,
    worker_types,
    worker_values,
)
from d1lint.source import Source
from d1lint.workspace.packages import Package
from d1lint.workspace.paths import name_of
from d1lint.workspace.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")

MAX_EDITS = 100
"""After how many edits all is made anew: what is taken over may hold some of what it no longer needs."""

QUERY_METHODS = frozenset(
    {"from", "insert", "update", "delete", "leftJoin", "innerJoin", "rightJoin", "fullJoin", "crossJoin", "$count"}
)
"""Methods of a chain whose first argument is a table."""

_DECLARED_D1 = re.compile(
    rb"(?:^|[{;,])\s*(?:readonly\s+)?(\w+)\??:\s*(?:import\([^)]*\)\.)?D1Database\b", re.MULTILINE
)
"""A binding in a file such as `worker-configuration.d.ts`."""


def intrinsics() -> Intrinsics:
    """All that is known of packages and of the runtime."""
    worker_named, worker_global = worker_types()
    return Intrinsics(
        values={
            **sql_intrinsics(),
            **table_intrinsics(),
            **relation_intrinsics(),
            **client_values(),
            **kit_intrinsics(),
            **worker_values(),
            **kysely_values(),
            **query_values(),
            **validator_values(),
            **fresh_values(),
        },
        types={**client_types(), **kysely_types(), **worker_named},
        globals={**worker_globals(), **kit_globals(), **fresh_globals()},
        global_types=worker_global,
        fixed_types=FIXED_TYPES,
        member=lambda ev, owner, name: unknown_member(ev, owner, name) or unproven_member(owner, name),
        parameter=parameter_by_name,
        package=foreign_fallback,
        ambient=ambient,
    )


class Project:
    """One repository. Paths are relative to its root.

    A process that builds one model after the other hands each the same `memo`, so that only what changed is read anew.
    """

    def __init__(self, workspace: Workspace, memo: ContentMemo | None = None) -> None:
        self.workspace = workspace
        self.modules = Modules(workspace, memo)
        self._sources: dict[str, Source] = {}
        self._visits: dict[str, list[Visit]] = {}
        self._made: dict[object, Any] = {}
        self._native_sql_by_file: dict[str, NativeSql | None] = {}
        self.between_files: Callable[[], None] = lambda: None
        """Called again and again, but not in the midst of an evaluation; what it raises ends the work for now."""
        self.crashes: list[Crash] = []
        """The files whose evaluation failed: a defect of the product's."""
        self._orm_users: dict[Package, bool] = {}
        self._d1_names: dict[Package, set[str]] = {}
        self._with_d1: dict[Package, bool] = {}
        self._drizzle_d1: dict[Package, bool] = {}
        self.gone: list[Scope] = []
        """What an edit has made useless, kept only because to let go of it takes time: clear it when there is some."""
        self._touched: Collection[str] = ()
        self._edits = 0
        self.ev = Evaluator(self.modules, intrinsics())
        self.ev.context_setters = self._context_setters

    # --- edits ---------------------------------------------------------------------------------------------------

    def edited(self, before: Mapping[str, bytes]) -> Project:
        """The model after edits of scripts, given what each held before. This one must not be asked any more.

        What the edits do not concern is taken over from it. See `is_doubtful`.
        """
        project = Project(self.workspace, self.modules.memo)
        edit = Edit(before, self.modules)
        if self._lasts(edit):
            project._take_over(self, edit)
        return project

    @property
    def is_doubtful(self) -> bool:
        """Whether edited code was seen to change what was taken over: only a model made anew says what is so now."""
        return any(map(self.ev.changes_others, self._touched))

    def _lasts(self, edit: Edit) -> bool:
        """Whether an edit leaves as it was what is known of the files that it does not touch."""
        if self.crashes or self.modules.crashes or self.modules.unreadable or self.is_doubtful:
            return False
        if self._edits >= MAX_EDITS or self.ev.steps > MAX_STEPS // 4:
            return False
        return not any(map(self.ev.changes_others, edit.touched)) and not edit.sets(self.ev.context_variables)

    def _take_over(self, earlier: Project, edit: Edit) -> None:
        touched, edited = edit.touched, edit.before.keys()
        self._touched = touched
        self._edits = earlier._edits + 1
        self.modules.take_over(earlier.modules, touched)
        self.ev = earlier.ev
        self.ev.source = self.modules
        self.ev.context_setters = self._context_setters
        self.gone = self.ev.forget(touched)
        self._sources = {path: source for path, source in earlier._sources.items() if path not in edited}
        self._visits = {path: visits for path, visits in earlier._visits.items() if path not in touched}
        known = vars(earlier)
        if "paths" in known and all((path in earlier.paths) == bool(self.modules.hints(path)) for path in edited):
            now = {path: self.modules.hints(path) for path in edited if path in earlier.paths}
            vars(self)["paths"] = {**earlier.paths, **now}
        kept = [] if edit.changes_imports else ["reach"]
        if "kit_configs" in known and not self._concerns_schema(edit, earlier.kit_configs):
            kept += ["kit_configs", "_values", "clients", "_linked", "relation_ends"]
        vars(self).update({name: known[name] for name in kept if name in known})

    def _concerns_schema(self, edit: Edit, configs: Iterable[KitConfig]) -> bool:
        """Whether touched files can hold what tables, relations, clients and their databases are made from."""
        if edit.may_hold(Hint.SCHEMA | Hint.CLIENT):
            return True
        files = {*config_files(self.workspace), *(file for config in configs for file in config.schema_files)}
        return not files.isdisjoint(edit.touched)

    # --- files ---------------------------------------------------------------------------------------------------

    @contextmanager
    def noting(self, path: str) -> Iterator[None]:
        """Note what fails in a file: its trouble must not hide the others."""
        try:
            yield
        except Exception as error:
            crash = Crash(path, "evaluation", f"{type(error).__name__}: {error}")
            if crash not in self.crashes:
                self.crashes.append(crash)

    def each(self, paths: Iterable[str], find: Callable[[str], Iterable[T]]) -> Iterator[T]:
        """What is found in each of some files; what fails in one is noted."""
        for path in paths:
            with self.noting(path):
                yield from find(path)

    def source(self, path: str) -> Source:
        """A file's text; the same object each time."""
        if path not in self._sources:
            self._sources[path] = self.modules.source(path)
        return self._sources[path]

    def once(self, make: Callable[Concatenate[Project, P], T], *arguments: P.args, **named: P.kwargs) -> T:
        """What a function makes of this project and some arguments; it is called once for each."""
        key = (make, arguments, *named.items())
        if key not in self._made:
            self._made[key] = make(self, *arguments, **named)
        made: T = self._made[key]
        return made

    # --- code ----------------------------------------------------------------------------------------------------

    @cached_property
    def paths(self) -> dict[str, Hint]:
        """The scripts that concern the product, tests left out, each with its hints."""
        paths = self.modules.relevant()
        self.modules.preload([path for path, hints in paths.items() if hints != Hint.ANY])
        return paths

    def visits(self, path: str) -> list[Visit]:
        """The calls, templates and assignments of a script."""
        if path not in self._visits:
            self.between_files()
        return self._walked(path)

    def _walked(self, path: str) -> list[Visit]:
        """The same, also in the midst of an evaluation, which must come to its end."""
        if path not in self._visits:
            self._visits[path] = []
            module, scope = self.modules.module(path), self.ev.root(path)
            if module is not None and scope is not None:
                with self.noting(path):
                    self._visits[path] = self.ev.walk(module.body, scope)
        return self._visits[path]

    def _context_setters(self, name: str) -> list[tuple[ir.Expression, Scope]]:
        """The values that middlewares set a context's variable to: `c.set(name, value)`."""
        texts = setters_of(name)
        found = []
        for path in self._setting_files:
            data = self.modules.text(path)
            for visit in self._walked(path) if any(text in data for text in texts) else ():
                match visit.node:
                    case ir.Call(callee=ir.Member(name="set"), args=(ir.Literal(value=key), value)) if key == name:
                        found.append((value, visit.scope))
        return found if self._agree(found) else []

    @cached_property
    def _setting_files(self) -> list[str]:
        return self.modules.containing(b".set(")

    def _agree(self, setters: list[tuple[ir.Expression, Scope]]) -> bool:
        """Whether no two files set a variable to clients of different databases: whose is read then is not known."""
        by_file: dict[str, set[bool]] = {}
        for node, scope in setters:
            for value in alternatives(self.ev.evaluate(node, scope)):
                if isinstance(value, ClientValue) and value.driver:
                    by_file.setdefault(scope.module, set()).add(value.is_d1)
        return len(set(map(frozenset, by_file.values()))) < 2

    # --- schema --------------------------------------------------------------------------------------------------

    @cached_property
    def kit_configs(self) -> list[KitConfig]:
        """The configurations of drizzle-kit, and NuxtHub's."""
        found: list[KitConfig] = []
        for path in config_files(self.workspace):
            with self.noting(path):
                found += kit_configs(path, self.modules, self.ev)
        return found

    @cached_property
    def _values(self) -> dict[int, tuple[Value, str]]:
        """The tables and relations that modules hold at their top level, and other relations, each with its module."""
        found: dict[int, tuple[Value, str]] = {}
        is_drizzle = any(b"drizzle" in self.modules.text(path) for path in self.paths)
        hinted = [path for path, hints in self.paths.items() if is_drizzle and Hint.SCHEMA in hints]
        paths = dict.fromkeys([*hinted, *(f for config in self.kit_configs for f in config.schema_files)])
        for path in paths:
            module, scope = self.modules.module(path), self.ev.root(path)
            if module is None or scope is None or is_test(path):
                continue
            scope.bind()
            imported = {item.local for item in module.imports}
            for name, binding in list(scope.names.items()):
                if name not in imported:
                    with self.noting(path):
                        for value in list(_domain_values(binding.value(self.ev))):
                            found.setdefault(id(value), (value, path))
        held = {v.token for v, _ in found.values() if isinstance(v, (RelationsValue, RelationsConfig))}
        for path in paths:
            if not is_test(path):
                with self.noting(path):
                    for value in other_relations(path, self.modules, self.ev, held):
                        found.setdefault(id(value), (value, path))
        return found

    @cached_property
    def clients(self) -> list[tuple[Visit, ClientValue]]:
        """Every call of a driver's `drizzle(...)` outside tests."""
        found = []
        for path, hints in self.paths.items():
            for visit in self.visits(path) if Hint.CLIENT in hints and not is_test(path) else ():
                with self.noting(path):
                    client = self._client(visit)
                    if client is not None:
                        found.append((visit, client))
        return found

    def _client(self, visit: Visit) -> ClientValue | None:
        """The client that a call makes, if it is a call of a driver's `drizzle`."""
        node = visit.node
        if not isinstance(node, ir.Call):
            return None
        named = isinstance(node.callee, ir.Name) or (
            isinstance(node.callee, ir.Member) and node.callee.name == "drizzle"
        )
        if not named or not isinstance(self.ev.evaluate(node.callee, visit.scope), ClientMaker):
            return None
        client = self.ev.evaluate(node, visit.scope)
        return client if isinstance(client, ClientValue) else None

    @cached_property
    def _ownership(self) -> Ownership:
        values = [value for value, _ in self._values.values() if isinstance(value, TableValue)]
        values.sort(key=lambda v: v.span)
        clients = [(visit.scope.module, client) for visit, client in self.clients]
        return Ownership(self.modules, self.ev, values, self.kit_configs, clients)

    @property
    def d1_configs(self) -> list[KitConfig]:
        """The configurations of drizzle-kit that are for a D1 database."""
        return self._ownership.d1_configs

    @cached_property
    def _linked(self) -> tuple[list[Table], list[Database]]:
        ownership = self._ownership
        values = ownership.tables
        compiler = SchemaCompiler(self.ev, ownership.casing)
        compiled = {}
        for value in values:
            with self.noting(value.span.file):
                compiled[id(value)] = compiler.table(value)
        values = [value for value in values if id(value) in compiled]
        for other, path in self._values.values():
            with self.noting(path):
                if isinstance(other, RelationsValue):
                    compiler.relations(other)
                elif isinstance(other, RelationsConfig):
                    compiler.relations_config(other)
        unattached = {self.workspace.package_of(span.file) for span in compiler.unattached_relations}
        for table in compiled.values():
            if self.workspace.package_of(table.file) in unattached:
                table.relations_known = False
        databases = ownership.databases(compiled)
        self._name_exports(values, compiled)
        return [compiled[id(value)] for value in values], databases

    def _name_exports(self, values: list[TableValue], compiled: dict[int, Table]) -> None:
        by_identity = {id(value): value for value in values}
        for path in sorted({value.span.file for value in values}):
            for name in self.ev.export_names(path)[0]:
                value = self.ev.exported(path, name)
                if id(value) in by_identity and compiled[id(value)].export is None:
                    compiled[id(value)].export = name

    @property
    def relation_values(self) -> list[RelationsValue | RelationsConfig]:
        """Every `relations(…)` and `defineRelations(…)`, by file and place."""
        values = [value for value, _ in self._values.values() if isinstance(value, (RelationsValue, RelationsConfig))]
        return sorted(values, key=lambda value: value.token)

    @property
    def tables(self) -> list[Table]:
        """Every SQLite table, by file and place."""
        return self._linked[0]

    @property
    def databases(self) -> list[Database]:
        """The databases that these tables belong to."""
        return self._linked[1]

    @cached_property
    def relation_ends(self) -> RelationEnds:
        """Where the relations are declared, and what answers them."""
        return RelationEnds(self.relation_values, self.ev)

    @property
    def d1_relations(self) -> Iterator[Relation]:
        """The relations of the tables of D1 databases that the Drizzle of their package can read."""
        ends = self.relation_ends
        for table in self.d1_tables:
            for relation in table.relations:
                if not ends.by_relations(relation) or not self.is_v1_file(relation.span.file):
                    yield relation

    # --- clients and raw SQL -------------------------------------------------------------------------------------

    @cached_property
    def reach(self) -> Reach:
        """Which files serve requests."""
        return Reach(self.modules)

    @property
    def module_clients(self) -> list[ModuleClient]:
        """The D1 clients of Worker code that are made while a module loads."""
        return self.module_clients_in(None)

    def module_clients_in(self, files: Container[str] | None) -> list[ModuleClient]:
        """The same; given files, only theirs."""
        found: list[ModuleClient] = []
        if not self._has_kysely and not any(client.is_d1 for _, client in self.clients):
            return found
        for path in self._files_that_may_make_clients(files):
            with self.noting(path):
                found += module_clients(self.visits(path), self.ev, self.modules.text)
        return [client for client in found if self._is_served(client)]

    def _is_served(self, client: ModuleClient) -> bool:
        """Whether a client is one of Worker code, made where its environment does not work."""
        if client.origin == PROCESS:
            # next-on-pages puts the bindings of the request into `process.env`.
            package = self.workspace.package_of(client.span.file)
            if "@cloudflare/next-on-pages" in package.dependencies:
                return False
        return self.reach.serves_requests(client.span.file)

    def _files_that_may_make_clients(self, files: Container[str] | None) -> list[str]:
        """The files that make a client, and those that seem to call a factory of clients as they load."""
        makers = [
            (visit.scope.module, visit.node.start)
            for visit, client in self.clients
            if client.is_d1 and visit.place.function is not None
        ]
        makes = Hint.CLIENT | Hint.D1_CLIENT if self._has_kysely else Hint.CLIENT
        found = [path for path in self.reach.files if makes & self.paths.get(path, Hint(0))]
        known = frozenset(found)
        others = (path for path in self.reach.files if path not in known)
        if files is not None:
            found, others = [path for path in found if path in files], (path for path in others if path in files)
        return [*found, *FactoryNames(self.modules, makers).callers(others)]

    def native_sql(self, files: Container[str] | None = None) -> Iterator[NativeSql]:
        """The raw SQL of each file of Worker code, in packages that use an ORM; given files, of these only."""
        for path, found in self._raw_sql(files):
            if self.uses_orm(self.workspace.package_of(path)):
                yield found

    def sql_texts(self, files: Container[str] | None = None) -> Iterator[SqlText]:
        """The texts that Worker code hands to D1 as SQL, with an ORM or without; given files, of these only."""
        if self.has_d1:
            for _, found in self._raw_sql(files):
                yield from found.texts

    def unbound_values(self, files: Container[str] | None = None) -> Iterator[UnboundValue]:
        """The values in Drizzle's templates that D1 can not bind; given files, those in them only."""
        for path in self.reach.files if self.has_d1 else ():
            if (files is not None and path not in files) or b"sql`" not in self.modules.text(path):
                continue
            if self._drizzle_is_d1(self.workspace.package_of(path)):
                with self.noting(path):
                    yield from list(unbound_values(self.visits(path), self.ev, self.tracer))

    def _raw_sql(self, files: Container[str] | None) -> Iterator[tuple[str, NativeSql]]:
        for path, hints in self.paths.items():
            if Hint.RAW_SQL not in hints or (files is not None and path not in files):
                continue
            if path not in self._native_sql_by_file:
                self._native_sql_by_file[path] = self._native_sql_in(path)
            found = self._native_sql_by_file[path]
            if found is not None:
                yield path, found

    @cached_property
    def tracer(self) -> Tracer:
        """Follows values to where they come from."""
        return Tracer(self.ev, self.modules, self.visits)

    def _drizzle_is_d1(self, package: Package) -> bool:
        """Whether the SQL that a package makes with Drizzle goes to D1: none of its clients is of another dialect."""
        if package not in self._drizzle_d1:
            clients = [(self.workspace.package_of(visit.scope.module), client) for visit, client in self.clients]
            own = {client.driver for owner, client in clients if owner is package} or {c.driver for _, c in clients}
            self._drizzle_d1[package] = D1 in own and own.isdisjoint(OTHER_DRIVERS)
        return self._drizzle_d1[package]

    def _native_sql_in(self, path: str) -> NativeSql | None:
        package = self.workspace.package_of(path)
        if not self.reach.serves_requests(path):
            return None
        module = self.modules.module(path)
        if module is None:
            return None
        is_d1 = partial(self._is_d1_binding, package)
        with self.noting(path):
            visits, kysely = self.visits(path), "kysely-d1" in package.dependencies
            drizzle = self._drizzle_is_d1(package)
            return NativeSql(self.source(path), module, visits, self.ev, is_d1, kysely, drizzle, self.tracer)
        return None

    def uses_orm(self, package: Package) -> bool:
        """Whether a package uses Drizzle or Kysely, and not for another database alone.

        Its code imports one for SQLite or makes a client of D1; or it asks for one and imports none for anything else.
        """
        if package not in self._orm_users:
            own = [p for p in self.paths if self.workspace.package_of(p) is package and not is_test(p)]
            hints = reduce(or_, (self.paths[path] for path in own), Hint(0))
            asks = not package.dependencies.keys().isdisjoint(("drizzle-orm", "kysely", "kysely-d1"))
            self._orm_users[package] = (
                bool(hints & (Hint.SCHEMA | Hint.D1_CLIENT))
                or (asks and not hints & (Hint.FOREIGN | Hint.CLIENT))
                or any(
                    self._has_client(visit) for path in own if self._names_factory(path) for visit in self.visits(path)
                )
            )
        return self._orm_users[package]

    @cached_property
    def client_factories(self) -> frozenset[str]:
        """The names of the functions that clients of D1 are made in."""
        made = (visit.place for visit, client in self.clients if client.is_d1 and visit.place.function is not None)
        return frozenset(name for place in made for name in _names_around(place))

    def _names_factory(self, path: str) -> bool:
        text = self.modules.text(path)
        return any(name.encode() in text for name in self.client_factories)

    def _has_client(self, visit: Visit) -> bool:
        """Whether a call of a factory gives a client of D1."""
        node = visit.node
        if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Name):
            return False
        if node.callee.name not in self.client_factories:
            return False
        return any(isinstance(v, ClientValue) and v.is_d1 for v in alternatives(self.ev.evaluate(node, visit.scope)))

    def has_d1_in(self, package: Package) -> bool:
        """Whether the code of a package may talk to D1: by wrangler, or because it makes a client of D1."""
        if package not in self._with_d1:
            bound = any(config.d1 for config in self.workspace.wranglers_of(package))
            made = (visit for visit, client in self.clients if client.is_d1)
            self._with_d1[package] = bound or any(self.workspace.package_of(v.scope.module) is package for v in made)
        return self._with_d1[package]

    def _is_d1_binding(self, package: Package, name: str) -> bool:
        """Whether a binding of a package is D1: by wrangler, by its declared types, or as what Drizzle is given."""
        if package not in self._d1_names:
            configs = self.workspace.wranglers_of(package) or self.workspace.wrangler_configs
            names = {binding.binding for config in configs for binding in config.d1}
            for path in self.workspace.declaration_files:
                if self.workspace.package_of(path) is package:
                    names |= {match[1].decode() for match in _DECLARED_D1.finditer(self.modules.text(path))}
            for visit, client in self.clients:
                if client.is_d1 and self.workspace.package_of(visit.scope.module) is package:
                    names |= {binding.name for binding in bindings_of(client.database)}
            self._d1_names[package] = names
        return name in self._d1_names[package]

    # --- queries -------------------------------------------------------------------------------------------------

    @cached_property
    def queries(self) -> Queries:
        """The queries of Worker code."""
        return Queries(self)

    @cached_property
    def plans(self) -> QueryPlans:
        """What SQLite would do for them."""
        return QueryPlans(self)

    def kysely(self, files: Container[str] | None) -> Iterator[KyselyTransaction | UnexecutedKysely]:
        """The transactions of Kysely's on D1, and its queries that nothing sends, in Worker code."""
        for path in self.reach.files if self._has_kysely else ():
            if (files is None or path in files) and may_use_kysely(self.modules.text(path)):
                with self.noting(path):
                    yield from self.once(_kysely_in, path)

    @cached_property
    def _has_kysely(self) -> bool:
        return any(self.reach.may_import(path, lambda specifier: "kysely" in specifier) for path in self.reach.files)

    def bypassed_validators(self, files: Container[str] | None) -> Iterator[BypassedValidator]:
        """The handlers of Worker code that read a JSON body which a validator before them has parsed."""
        has_validators = any(self.reach.may_import(path, has_validators_of_hono) for path in self.reach.files)
        for path in self.reach.files if has_validators else ():
            text = self.modules.text(path) if files is None or path in files else b""
            if READS_BODY in text:
                with self.noting(path):
                    yield from bypassed_validators(self.visits(path), self.ev, text)

    # --- dialects ------------------------------------------------------------------------------------------------

    @cached_property
    def foreign_imports(self) -> list[ForeignImport]:
        """What brings another dialect into code that a D1 database reaches."""
        if not any(Hint.FOREIGN in hints for hints in self.paths.values()):
            return []
        found: dict[Span, ForeignImport] = {}
        for path, reason in self._d1_schema_files().items():
            for item in foreign_imports(path, self.modules, self.source, reason):
                found.setdefault(item.span, item)
        for item in foreign_columns(self.d1_tables, self.ev, self.modules, self.source):
            found.setdefault(item.span, item)
        return [item for _, item in sorted(found.items())]

    def _d1_schema_files(self) -> dict[str, str]:
        """The files of D1's schemas, each with what makes it so; those of a database of another dialect left out."""
        foreign = (config for config in self.kit_configs if config.is_foreign_too or not config.is_sqlite)
        others = {path for config in foreign for path in config.schema_files}
        files: dict[str, str] = {}
        for database in self.databases:
            if not database.is_d1:
                continue
            for config in database.configs:
                files.update(dict.fromkeys(config.schema_files, config.path))
            for own in database.tables:
                # Beside tables of another database, imports of its dialect are that database's business.
                if not self.holds_foreign_tables(own.file):
                    files.setdefault(own.file, f"the table {own.name}")
        for config in self.d1_configs:
            for path in config.schema_files:
                files.setdefault(path, config.path)
        files = {path: reason for path, reason in files.items() if path not in others}
        # What follows is sure: D1 has these tables, whoever else does.
        for config in filter(self._finds_no_table, self.d1_configs):
            for path in filter(self.holds_foreign_tables, config.schema_files):
                files.setdefault(path, config.path)
        for visit, client in self.clients:
            if client.is_d1:
                for table in foreign_tables_in(client.schema(self.ev), self.ev):
                    files.setdefault(table.span.file, f"the client in {visit.scope.module}")
        for table, visit in self._queried_foreign_tables():
            files.setdefault(table.span.file, f"a query in {visit.scope.module}")
        return files

    def _finds_no_table(self, config: KitConfig) -> bool:
        """Whether the schema that a configuration names is known to have no SQLite table at all."""
        if not config.schema_known or any(config in database.configs for database in self.databases):
            return False
        return not any(b"sqlite-core" in self.modules.text(path) for path in config.schema_files)

    def holds_foreign_tables(self, path: str) -> bool:
        """Whether a file makes tables of another dialect."""
        scope = self.ev.root(path)
        if Hint.FOREIGN not in self.paths.get(path, Hint(0)) or scope is None:
            return False
        scope.bind()
        values = (binding.value(self.ev) for binding in list(scope.names.values()))
        return any(True for value in values for _ in foreign_tables_in(value, self.ev))

    def _queried_foreign_tables(self) -> Iterator[tuple[ForeignTable, Visit]]:
        """The tables of another dialect that a D1 client is asked for."""
        for path in self.paths:
            for visit in self.visits(path) if not is_test(path) else ():
                match visit.node:
                    case ir.Call(callee=ir.Member(name=name), args=(first, *_)) if name in QUERY_METHODS:
                        table = self.ev.evaluate(first, visit.scope)
                        client = self.ev.evaluate(_chain_root(visit.node), visit.scope)
                        if isinstance(table, ForeignTable) and isinstance(client, ClientValue) and client.is_d1:
                            yield table, visit

    # --- what rules wake on --------------------------------------------------------------------------------------

    @cached_property
    def has_d1(self) -> bool:
        """Whether the repository uses Drizzle, or Kysely, on D1 at all."""
        if any(database.is_d1 for database in self.databases) or any(client.is_d1 for _, client in self.clients):
            return True
        if self.d1_configs:
            return True
        bound = {config.path for config in self.workspace.wrangler_configs if config.d1}
        # A configuration that does not parse may bind one: its problem is better reported than passed over.
        bound |= {problem.path for problem in self.workspace.problems if name_of(problem.path).startswith("wrangler")}
        return any(self.uses_orm(self.workspace.package_of(path)) for path in bound)

    def select(self, kind: type, files: Container[str] | None = None) -> Iterator[Any]:
        """The model objects of a type that a rule wakes on.

        Given files, what is costly to find is looked for in these only; of other files there may be some or none.
        """
        yield from _SELECTORS[kind](self, files)

    def uses_relations(self, database: Database) -> bool:
        """Whether the code declares relations for a database, or queries it through them when it serves requests."""
        return self.once(_declares_relations, database) or database in self.once(queried_databases)

    @cached_property
    def kit_tables(self) -> KitTables:
        """Which tables drizzle-kit sees."""
        configs = [config for config in self.kit_configs if config.is_sqlite]
        return KitTables(self.ev, self.workspace, configs, self.databases)

    def is_v1(self, table: Table) -> bool:
        """Whether a table's package is written for Drizzle 1.0."""
        return self.is_v1_file(table.file)

    def is_v1_file(self, path: str) -> bool:
        """Whether a file's package is written for Drizzle 1.0."""
        version = self.workspace.drizzle_version(self.workspace.package_of(path))
        return version is not None and version.is_v1

    @cached_property
    def size(self) -> int:
        """How much code concerns the product, in bytes."""
        return sum(len(self.modules.text(path)) for path in self.paths)

    @property
    def d1_tables(self) -> Iterator[Table]:
        """The tables of D1 databases."""
        return (table for table in self.tables if table.database is not None and table.database.is_d1)

    @property
    def syntax_problems(self) -> Iterator[UnparsedFile]:
        """The first place of each file that does not parse, and the configuration files that do not."""
        hinted = (path for path, hints in self.paths.items() if hints != Hint.ANY)
        schemas = (path for config in self.kit_configs for path in (config.path, *config.schema_files))
        for path in sorted({*hinted, *schemas, *self.queries.files}):
            for problem in self.modules.problems(path)[:1]:
                yield UnparsedFile(Span(path, problem.start, problem.end), problem.message)
        for found in self.workspace.problems:
            source = self.source(found.path)
            start = source.line_start(min(found.line or 1, source.line_count))
            yield UnparsedFile(Span(found.path, start, start), found.message)


@dataclass(frozen=True, slots=True)
class UnparsedFile:
    """A file that does not parse, at the first place where it does not."""

    span: Span
    message: str


_SELECTORS: dict[type, Callable[[Project, Container[str] | None], Iterable[Any]]] = {
    Table: lambda project, files: project.d1_tables,
    ForeignKey: lambda project, files: (fk for table in project.d1_tables for fk in table.foreign_keys),
    ModuleClient: kept_clients,
    ModuleQuery: module_queries,
    RawStatement: lambda project, files: (s for file in project.native_sql(files) for s in file.statements),
    Justification: lambda project, files: (j for file in project.native_sql(files) for j in file.justifications),
    SqlText: lambda project, files: project.sql_texts(files),
    UnboundValue: lambda project, files: project.unbound_values(files),
    ForeignImport: lambda project, files: project.foreign_imports,
    Floating: lambda project, files: (f for q in project.queries.all(files) if q.is_d1 for f in floating(q)),
    Query: lambda project, files: (query for query in project.queries.all(files) if query.is_d1),
    UnindexedQuery: lambda project, files: project.plans.unindexed(),
    QueriedClient: lambda project, files: queried_clients(project),
    KyselyTransaction: lambda project, files: (k for k in project.kysely(files) if isinstance(k, KyselyTransaction)),
    UnexecutedKysely: lambda project, files: (k for k in project.kysely(files) if isinstance(k, UnexecutedKysely)),
    BypassedValidator: lambda project, files: project.bypassed_validators(files),
    LoopedQuery: lambda project, files: project.queries.looped(files),
    UnparsedFile: lambda project, files: project.syntax_problems,
    LostConstraint: lambda project, files: (lost for table in project.d1_tables for lost in table.lost),
    FrozenDefault: lambda project, files: frozen_defaults(project.d1_tables),
    TimeDefault: lambda project, files: time_defaults(project.d1_tables, project.ev),
    DuplicateTable: lambda project, files: duplicate_tables(project.kit_tables.created_together()),
    DuplicateIndexName: lambda project, files: duplicate_index_names(
        project.kit_tables.created_together(), set(filter(project.is_v1, project.d1_tables))
    ),
    UnexportedTable: lambda project, files: project.kit_tables.unexported(q for q in project.queries.all() if q.is_d1),
    Relation: lambda project, files: project.d1_relations,
    InferredRelation: lambda project, files: filter(None, map(project.relation_ends.inferred, project.d1_relations)),
    MismatchedRelation: lambda project, files: filter(
        None, (mismatched_relation(relation, project.relation_ends) for relation in project.d1_relations)
    ),
    RemovedApi: lambda project, files: removed_apis(project),
    ProcessBinding: process_bindings,
    UndeclaredBinding: undeclared_bindings,
    RuntimeCall: runtime_calls,
    DriverImport: driver_imports,
    ForeignSql: foreign_sql,
    KyselyImport: lambda project, files: kysely_imports(project),
    Wide: wide,
}


def _declares_relations(project: Project, database: Database) -> bool:
    return any(table.relations for table in database.tables)


_EVERYWHERE = frozenset({ForeignImport, LoopedQuery, QueriedClient, RemovedApi, UnexportedTable, UnindexedQuery})


_ABOUT_QUERIES = frozenset(
    {
        Floating,
        LoopedQuery,
        ModuleQuery,
        QueriedClient,
        Query,
        RemovedApi,
        UnboundValue,
        UnexportedTable,
        UnindexedQuery,
        UnparsedFile,
    }
)


def is_about_queries(kind: type) -> bool:
    """Whether the objects of a type are found among the queries: half of the work, that another process can do."""
    return kind in _ABOUT_QUERIES


def looks_everywhere(kind: type) -> bool:
    """Whether the objects of a type can be told only by looking through the code of all files."""
    return kind in _EVERYWHERE


def _kysely_in(project: Project, path: str) -> list[KyselyTransaction | UnexecutedKysely]:
    """What is found of Kysely's in a file: for two types of object at once."""
    by_default = only_d1_in(project, project.workspace.package_of(path))
    return list(kysely_findings(project.visits(path), project.ev, by_default))


def _names_around(place: Place) -> Iterator[str]:
    """The names of the functions and variables around a place."""
    return (each.name for each in place.around if each.name)


def _chain_root(node: ir.Expression) -> ir.Expression:
    """What a chain of calls and members begins with: `db` of `db.select().from(t)`."""
    while True:
        match node:
            case ir.Call(callee=ir.Member(object=inner)):
                node = inner
            case ir.Member(object=inner, name="query"):
                node = inner
            case _:
                return node


def _domain_values(value: Value, depth: int = 0) -> Iterator[Value]:
    """The tables and relations in a value, also inside objects and lists."""
    if isinstance(value, (TableValue, RelationsValue, RelationsConfig)):
        yield value
    elif isinstance(value, ObjectValue) and depth < 3:
        for entry in list(value.entries.values()):
            yield from _domain_values(entry.read(), depth + 1)
    elif isinstance(value, ArrayValue) and depth < 3:
        for item in value.items:
            yield from _domain_values(item, depth + 1)
