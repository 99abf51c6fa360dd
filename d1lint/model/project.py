"""The whole repository as rules see it. Everything is built when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from d1lint.facts import ir
from d1lint.model.compile import SchemaCompiler
from d1lint.model.databases import Database, Ownership
from d1lint.model.drizzle.clients import ClientMaker, ClientValue, client_types, client_values
from d1lint.model.drizzle.relations import RelationsConfig, RelationsValue, relation_intrinsics
from d1lint.model.drizzle.sql import sql_intrinsics
from d1lint.model.drizzle.tables import TableValue, foreign_fallback, table_intrinsics
from d1lint.model.evaluate import Evaluator, Intrinsics
from d1lint.model.kit import KitConfig, kit_configs, kit_globals, kit_intrinsics
from d1lint.model.modules import CLIENT_HINTS, SCHEMA_HINTS, Modules
from d1lint.model.roles import is_test
from d1lint.model.schema import Table
from d1lint.model.values import ArrayValue, ObjectValue, Value, text_of
from d1lint.model.walk import Visit
from d1lint.model.workers import parameter_by_name, unknown_member, worker_globals, worker_types, worker_values
from d1lint.source import Source
from d1lint.workspace.workspace import Workspace


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
        },
        types={**client_types(), **worker_named},
        globals={**worker_globals(), **kit_globals()},
        global_types=worker_global,
        member=unknown_member,
        parameter=parameter_by_name,
        package=foreign_fallback,
    )


class Project:
    """One repository. Paths are relative to its root."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.modules = Modules(workspace)
        self._sources: dict[str, Source] = {}
        self._visits: dict[str, list[Visit]] = {}
        self.ev = Evaluator(self.modules, intrinsics())

    def source(self, path: str) -> Source:
        """A file's text; the same object each time."""
        if path not in self._sources:
            self._sources[path] = self.modules.source(path)
        return self._sources[path]

    # --- code ----------------------------------------------------------------------------------------------------

    @cached_property
    def paths(self) -> dict[str, frozenset[bytes]]:
        """The scripts that concern the product, tests left out, each with the hints in its text."""
        return self.modules.relevant()

    def visits(self, path: str) -> list[Visit]:
        """The calls, templates and assignments of a script."""
        if path not in self._visits:
            module, scope = self.modules.module(path), self.ev.root(path)
            found = self.ev.walk(module.body, scope) if module is not None and scope is not None else []
            self._visits[path] = found
            self._note_context_variables(found)
        return self._visits[path]

    def _note_context_variables(self, visits: list[Visit]) -> None:
        for visit in visits:
            node = visit.node
            if isinstance(node, ir.Call) and isinstance(node.callee, ir.Member) and node.callee.name == "set":
                if len(node.args) == 2 and isinstance(node.args[0], ir.Literal):
                    name = text_of(self.ev.evaluate(node.args[0], visit.scope))
                    if name is not None:
                        self.ev.context_variables.setdefault(name, []).append((node.args[1], visit.scope))

    # --- schema --------------------------------------------------------------------------------------------------

    @cached_property
    def kit_configs(self) -> list[KitConfig]:
        """The configurations of drizzle-kit, and NuxtHub's."""
        return kit_configs(self.modules, self.ev)

    @cached_property
    def _values(self) -> dict[int, tuple[Value, str]]:
        """The tables and relations that modules hold at their top level, each with its module."""
        found: dict[int, tuple[Value, str]] = {}
        hinted = [path for path, hints in self.paths.items() if hints & SCHEMA_HINTS]
        paths = dict.fromkeys([*hinted, *(f for config in self.kit_configs for f in config.schema_files)])
        for path in paths:
            module, scope = self.modules.module(path), self.ev.root(path)
            if module is None or scope is None or is_test(path):
                continue
            scope.bind()
            imported = {item.local for item in module.imports}
            for name, binding in list(scope.names.items()):
                if name not in imported:
                    for value in _domain_values(binding.value(self.ev)):
                        found.setdefault(id(value), (value, path))
        return found

    @cached_property
    def clients(self) -> list[tuple[Visit, ClientValue]]:
        """Every call of a driver's `drizzle(...)` outside tests."""
        found = []
        for path, hints in self.paths.items():
            for visit in self.visits(path) if hints & CLIENT_HINTS and not is_test(path) else ():
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
    def _linked(self) -> tuple[list[Table], list[Database]]:
        values = [value for value, _ in self._values.values() if isinstance(value, TableValue)]
        values.sort(key=lambda v: v.span)
        clients = [(visit.scope.module, client) for visit, client in self.clients]
        ownership = Ownership(self.modules, self.ev, values, self.kit_configs, clients)
        compiler = SchemaCompiler(self.ev, ownership.casing)
        compiled = {id(value): compiler.table(value) for value in values}
        for value, _ in self._values.values():
            if isinstance(value, RelationsValue):
                compiler.relations(value)
            elif isinstance(value, RelationsConfig):
                compiler.relations_config(value)
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
    def tables(self) -> list[Table]:
        """Every SQLite table, by file and place."""
        return self._linked[0]

    @property
    def databases(self) -> list[Database]:
        """The databases that these tables belong to."""
        return self._linked[1]


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
