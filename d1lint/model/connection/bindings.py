"""The bindings that code uses as D1 databases: those that no configuration declares, and those of `process.env`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.connection.environments import is_handed_by_worker
from d1lint.model.drizzle.clients import ClientMaker, ClientValue
from d1lint.model.hints import Hint
from d1lint.model.kysely.clients import DialectClass
from d1lint.model.values import FunctionValue, Unknown, Value, alternatives, text_of
from d1lint.model.walk import Visit
from d1lint.model.workers import PROCESS, PROXY, UNDEFINED_ENV, BindingValue

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.project import Project
    from d1lint.workspace.packages import Package

_SQL = re.compile(r"^\s*(?:select|insert|update|delete|with|create|alter|drop|pragma|replace)\b", re.IGNORECASE)
_PROVISIONERS = frozenset({"alchemy", "sst", "@pulumi/cloudflare", "@nuxthub/core", "@cdktf/provider-cloudflare"})
"""Packages that declare the bindings of a Worker elsewhere than in wrangler's configuration."""


@dataclass(slots=True, eq=False)
class BindingUse:
    """A named binding that is used as a D1 database. `span` is the call that it is given to, or that is made on it.

    `maker` is what that call is: `drizzle`, `D1Dialect`, a factory's name, or a method of D1 (`prepare`). `written` is
    the expression that is the binding; None where it is not one expression.
    """

    span: Span
    symbol: str
    maker: str
    name: str
    origin: str
    is_client: bool
    is_at_module_scope: bool
    written: ir.Expression | None


@dataclass(slots=True, eq=False)
class ProcessBinding:
    """A D1 client that is made from `process.env`, where no client of a module is it already."""

    use: BindingUse

    @property
    def span(self) -> Span:
        """The call that makes the client."""
        return self.use.span


@dataclass(slots=True, eq=False)
class UndeclaredBinding:
    """A binding that is used as D1 and that no configuration of the Worker declares as D1.

    `declared` are the D1 bindings that there are; `other_kind` what wrangler declares the name as instead, "" if it
    declares nothing of this name. `configs` are the paths of the configurations.
    """

    use: BindingUse
    declared: tuple[str, ...]
    other_kind: str
    configs: tuple[str, ...]

    @property
    def span(self) -> Span:
        """The use."""
        return self.use.span


def process_bindings(project: Project, files: Container[str] | None = None) -> Iterator[ProcessBinding]:
    """The D1 clients of Worker code that are made from `process.env` inside functions."""
    paths = _candidates(project, files, b"process", rb"process\.env")
    yield from project.each(paths, partial(_process_bindings_in, project))


def _process_bindings_in(project: Project, path: str) -> Iterator[ProcessBinding]:
    if "@cloudflare/next-on-pages" in project.workspace.package_of(path).dependencies:
        return  # it puts the bindings of the request there
    for use in _uses(project, path, only_clients=True):
        if use.origin != PROCESS or use.is_at_module_scope:
            continue
        if project.modules.containing(b"process.env.%b =" % use.name.encode()):
            continue
        # global-client says it of those that are made while a module loads.
        known = (span for client in project.module_clients for span in (client.span, client.maker))
        if use.span not in known:
            yield ProcessBinding(use)


def undeclared_bindings(project: Project, files: Container[str] | None = None) -> Iterator[UndeclaredBinding]:
    """The bindings that Worker code uses as D1 and that are not declared as such: the clients, and else the first use
    in a file.
    """
    paths = _candidates(project, files, b"env", rb"env\??\.\w+")
    yield from project.each(paths, partial(_undeclared_bindings_in, project))


def _undeclared_bindings_in(project: Project, path: str) -> Iterator[UndeclaredBinding]:
    package = project.workspace.package_of(path)
    found: dict[str, list[UndeclaredBinding]] = {}
    for use in _uses(project, path):
        if use.origin not in (PROCESS, PROXY, UNDEFINED_ENV):
            undeclared = _undeclared(project, package, use)
            if undeclared is not None:
                found.setdefault(use.name, []).append(undeclared)
    for group in found.values():
        clients = [undeclared for undeclared in group if undeclared.use.is_client]
        yield from clients or group[:1]


# --- uses ----------------------------------------------------------------------------------------------------------


def _candidates(project: Project, files: Container[str] | None, word: bytes, argument: bytes) -> Iterator[str]:
    """The files of Worker code that make a client, send raw SQL, or hand something to a factory of clients."""
    wanted = Hint.CLIENT | Hint.D1_CLIENT | Hint.RAW_SQL
    names = sorted(name.encode() for name in project.client_factories)
    call = re.compile(rb"\b(?:%b)\s*\([^()]{0,300}?\b%b" % (b"|".join(map(re.escape, names)), argument))
    for path in project.reach.files:
        data = project.modules.text(path) if files is None or path in files else b""
        if word not in data:
            continue
        hints = project.paths.get(path, Hint(0))
        may_call = any(name in data for name in names)
        if hints & wanted or (may_call and call.search(data) is not None):
            yield path


def _uses(project: Project, path: str, *, only_clients: bool = False) -> Iterator[BindingUse]:
    module = project.modules.module(path)
    imports = {item.local: item.imported for item in module.imports} if module is not None else {}
    for visit in project.visits(path):
        node = visit.node
        if not isinstance(node, (ir.Call, ir.New)) or not isinstance(node.callee, (ir.Name, ir.Member)):
            continue
        name = node.callee.name
        found = None
        if name in ("prepare", "withSession"):
            found = _called_on(node, node.callee, visit, project.ev) if not only_clients else None
        elif imports.get(name, name) in ("drizzle", "D1Dialect") or name in project.client_factories:
            found = _given_to(node, name, visit, project)
        if found is not None:
            maker, binding, written = found
            is_client = name not in ("prepare", "withSession")
            is_at_module_scope = visit.place.function is None
            symbol = visit.place.name or "(module)"
            yield BindingUse(
                visit.token, symbol, maker, binding.name, binding.origin, is_client, is_at_module_scope, written
            )


def _called_on(
    node: ir.Call | ir.New, callee: ir.Name | ir.Member, visit: Visit, ev: Evaluator
) -> tuple[str, BindingValue, ir.Expression | None] | None:
    """A method of D1 that is called on a binding: by the binding's type, or by the SQL that it is given."""
    if not isinstance(callee, ir.Member):
        return None
    binding = _binding(ev.evaluate(callee.object, visit.scope), callee.object)
    if binding is not None and (binding.is_d1 or _is_sql(node, visit, ev)):
        return callee.name, binding, callee.object
    return None


def _given_to(
    node: ir.Call | ir.New, name: str, visit: Visit, project: Project
) -> tuple[str, BindingValue, ir.Expression | None] | None:
    """What a client is made with, and from which binding; `name` is that of the function that is called."""
    ev, scope = project.ev, visit.scope
    callee = ev.evaluate(node.callee, scope) if node.args else None
    if isinstance(callee, DialectClass) and isinstance(node, ir.New):
        database = _database_of(node.args[0])
        binding = _binding(ev.evaluate(node.args[0], scope).member("database", ev), database)
        return ("D1Dialect", binding, database) if binding is not None else None
    if not isinstance(callee, (ClientMaker, FunctionValue)) or not isinstance(node, ir.Call):
        return None
    written = project.modules.text(scope.module)[node.start : node.end]
    if isinstance(callee, FunctionValue) and b"env" not in written:
        return None
    client = ev.evaluate(node, scope)
    if not isinstance(client, ClientValue) or not client.is_d1:
        return None
    if isinstance(callee, ClientMaker):
        binding = _binding(client.database, node.args[0])
        return ("drizzle", binding, node.args[0]) if binding is not None else None
    arguments = [arg for arg in node.args if _name_in_env(arg) is not None]
    argument = arguments[0] if len(arguments) == 1 else None
    binding = _binding(client.database, argument)
    # A factory that finds the binding by itself is judged where it does so.
    if binding is None or binding.name.encode() not in written:
        return None
    return name, binding, argument


def _binding(value: Value, node: ir.Expression | None) -> BindingValue | None:
    """The one named binding that a value is; None where it may be something else. `node` is how it is written."""
    parts = list(alternatives(value))
    first = parts[0]
    if not isinstance(first, BindingValue):
        return None
    if len(parts) == 1 and not first.name and node is not None:
        name = _name_in_env(node)  # the type of `env` knows what it is and not how it is called
        return BindingValue(name, first.origin, first.is_d1) if name is not None else None
    is_one = all(isinstance(part, BindingValue) and part.name == first.name for part in parts)
    return first if first.name and is_one else None


def _name_in_env(node: ir.Expression) -> str | None:
    """The name of what is written as a member of an environment: `env.DB`, `context.env.DB`."""
    match node:
        case ir.Member(object=ir.Name(name="env" | "_env" | "bindings") | ir.Member(name="env"), name=name):
            return name
        case _:
            return None


def _database_of(node: ir.Expression) -> ir.Expression | None:
    """The database in the options of a dialect."""
    for entry in node.entries if isinstance(node, ir.Object) else ():
        if isinstance(entry, ir.Property) and entry.key == "database":
            return entry.value
    return None


def _is_sql(node: ir.Call | ir.New, visit: Visit, ev: Evaluator) -> bool:
    """Whether a call's first argument is SQL as far as it can be read."""
    first = node.args[0] if node.args else None
    if isinstance(first, ir.Template):
        head = first.parts[0] if first.parts else ""
        return isinstance(head, str) and _SQL.match(head) is not None
    value = ev.evaluate(first, visit.scope) if first is not None else Unknown("no argument")
    return _SQL.match(text_of(value) or "") is not None


# --- declarations --------------------------------------------------------------------------------------------------


def _undeclared(project: Project, package: Package, use: BindingUse) -> UndeclaredBinding | None:
    workspace = project.workspace
    configs = workspace.wranglers_of(package)
    broken = {problem.path for problem in workspace.problems}
    if not configs or all(config.is_example for config in configs) or any(c.path in broken for c in configs):
        return None
    users = {package, *workspace.importers_of(package)}
    if not any(workspace.package_of(config.path) in users for config in configs):
        configs = workspace.wrangler_configs  # whose code it is can not be told
    declared = {binding.binding for config in configs for binding in config.d1}
    if use.name in declared or _is_declared_elsewhere(project, users, use.name):
        return None
    if use.written is not None and not is_handed_by_worker(project, use.written, use.span.file, use.name):
        return None
    kinds = [other.kind for config in configs for other in config.others if other.name == use.name]
    if not declared and not kinds and any(c.pages_build_output_dir is not None or c.main is None for c in configs):
        return None  # without any database in the configuration, the bindings are probably set in the dashboard
    paths = tuple(config.path for config in configs if not config.is_example)
    return UndeclaredBinding(use, tuple(sorted(declared)), kinds[0] if kinds else "", paths)


def _is_declared_elsewhere(project: Project, users: set[Package], name: str) -> bool:
    """Whether bindings are declared by code: for a deployment, for a build or for tests."""
    workspace = project.workspace
    if any(not _PROVISIONERS.isdisjoint(package.dependencies) for package in (*users, *workspace.packages[:1])):
        return True
    if project.modules.containing(b"d1_databases"):
        return True
    wanted = name.encode()
    texts = (project.modules.text(path) for path in workspace.sources)
    return any(b"d1Databases" in text and wanted in text for text in texts)
