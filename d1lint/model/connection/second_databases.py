"""A second database beside D1: a client of its own that Worker code gives a connection of its own."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import nodes
from d1lint.model.drizzle.clients import ClientValue
from d1lint.model.hints import Hint
from d1lint.model.queries.collect import Collector
from d1lint.model.taint.surroundings import all_nodes

if TYPE_CHECKING:
    from d1lint.model.project import Project

MAX_EXPRESSIONS = 60
"""How many expressions are followed to find out where a connection leads."""

_ADDRESS = re.compile(r"^(?!file:)[a-z][a-z0-9+]*://", re.IGNORECASE)
_ONLY_ONE = re.compile(r"^(?:VITE_|NEXT_)?(?:DATABASE|DB)_(?:URL|URI)$")
"""The usual names of the address of a program's only database: a client of it is one that was left over."""
_ENVIRONMENTS = frozenset({"env", "_env", "bindings"})


def is_beside_d1(project: Project, path: str, module: ir.Module, makers: Container[str]) -> bool:
    """Whether a file gives another driver, imported under some names, a connection of its own, beside a client of D1.

    The driver stands in for D1 all the same where its queries are about the tables of D1's client.
    """
    if not _has_client_of_d1(project, path):
        return False
    search = _Connections(project)
    calls = (node for node in nodes(*module.body) if isinstance(node, (ir.Call, ir.New)))
    arguments = [arg for call in calls if _first_name(call.callee) in makers for arg in call.args]
    return any(search.leads_out(arg, path) for arg in arguments) and not _shares_tables(project, path)


def _has_client_of_d1(project: Project, path: str) -> bool:
    workspace = project.workspace
    package = workspace.package_of(path)
    related = {package, *workspace.importers_of(package)}
    clients = (file for file, hints in project.paths.items() if Hint.D1_CLIENT in hints)
    return any(workspace.package_of(file) in related and project.reach.serves_requests(file) for file in clients)


def _shares_tables(project: Project, path: str) -> bool:
    """Whether clients of another driver ask for tables that a client of D1 asks for, too."""
    package = project.workspace.package_of(path)
    own = {id(table) for query in project.queries.all() if _is_of_d1(query.client) for table in query.tables}
    return any(
        id(table) in own
        for file in project.queries.files
        if project.workspace.package_of(file) is package and project.reach.serves_requests(file)
        for query in Collector(project.visits(file), project.ev, project.queries.table_of, _nothing).queries()
        if query.client is not None and query.client.driver and not query.client.is_d1
        for table in query.tables
    )


def _is_of_d1(client: ClientValue | None) -> bool:
    return client is not None and client.is_d1


def _nothing(name: str) -> None:
    """The table of a name that is asked for at something that is not known to be a client."""


def _first_name(callee: ir.Expression) -> str:
    while isinstance(callee, ir.Member):
        callee = callee.object
    return callee.name if isinstance(callee, ir.Name) else ""


class _Connections:
    """Finds out where a connection leads, each expression once."""

    def __init__(self, project: Project) -> None:
        self._tracer = project.tracer
        self._seen: set[int] = set()

    def leads_out(self, node: ir.Expression, path: str) -> bool:
        """Whether an expression has the address of a server in it, or a variable of the environment."""
        if id(node) in self._seen or len(self._seen) > MAX_EXPRESSIONS:
            return False
        self._seen.add(id(node))
        return any(self._is_address(inner, path) for inner in all_nodes(node))

    def _is_address(self, node: ir.Node, path: str) -> bool:
        match node:
            case ir.Literal(value=str(text)):
                return _ADDRESS.match(text) is not None
            case ir.Template(parts=(str(text), *_)):
                return _ADDRESS.match(text) is not None
            case ir.Member(name="connectionString"):
                return True
            case ir.Member(object=ir.Member(object=ir.Name(name="process") | ir.Opaque(), name="env"), name=name):
                return _ONLY_ONE.match(name) is None
            case ir.Member(object=ir.Name(name=name) | ir.Member(name=name)) if name in _ENVIRONMENTS:
                return True
            case ir.Name(name=name):
                return self._is_bound_to_address(name, path, node.start)
            case _:
                return False

    def _is_bound_to_address(self, name: str, path: str, position: int) -> bool:
        definition = self._tracer.definitions.of(name, path, position)
        match definition.node if definition is not None else None:
            case ir.Declare(value=value) if value is not None:
                return self.leads_out(value, path)
            case ir.Function() as function if definition is not None and definition.parameter is not None:
                index = function.params.index(definition.parameter)
                calls = self._tracer.callers.of(function, path).calls
                given = [(call.node.args[index], call.path) for call in calls if index < len(call.node.args)]
                return any(self.leads_out(arg, file) for arg, file in given)
            case _:
                return False
