"""Code for development alone: what a flag keeps from running in the Worker that is deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import nodes
from d1lint.model.taint.surroundings import all_nodes, own_statements

if TYPE_CHECKING:
    from d1lint.model.project import Project

_DEVELOPMENT = re.compile(
    rb"NODE_ENV|import\.meta\.(?:env|dev)|process\.dev\b|\$app/environment|\bisDev\b|\bIS_DEV\b|development|"
    rb"\bisLocal\b|\bUSE_[A-Z0-9_]+\b"
)
"""What code that asks for a flag has in it, and the words that all of it is found by."""
_FLAGS = (
    b"NODE_ENV", b"import.meta.", b"process.dev", b"$app/environment", b"isDev", b"IS_DEV", b"development", b"isLocal",
    b"USE_",
)  # fmt: skip


def asks_for_development(data: bytes) -> bool:
    """Whether some code asks for a flag of development."""
    return any(word in data for word in _FLAGS) and _DEVELOPMENT.search(data) is not None


def is_imported_for_development(project: Project, path: str) -> bool:
    """Whether all that import a file use what they take from it only where a flag of development holds.

    The flag may be asked for by a function: `if (isLocalEnvironment()) return localDb();`.
    """
    importers = [file for file in project.reach.files if file != path and path in (project.reach.imports(file) or ())]
    return bool(importers) and all(_uses_for_development(project, file, path) for file in importers)


def _uses_for_development(project: Project, importer: str, path: str) -> bool:
    module = project.modules.module(importer)
    if module is None or any(_leads_to(project, e.specifier, importer, path) for e in module.exports):
        return False
    names = {item.local for item in module.imports if _leads_to(project, item.specifier, importer, path)}
    typed = {id(node) for of in nodes(*module.body) if isinstance(of, ir.TypeQuery) for node in nodes(of.value)}
    used = (node for node in nodes(*module.body) if isinstance(node, ir.Name) and node.name in names)
    # What only types name is dropped by the build; what has no name is imported for its effects.
    return "" not in names and all(_is_under_flag(project, importer, use) for use in used if id(use) not in typed)


def _leads_to(project: Project, specifier: str | None, importer: str, path: str) -> bool:
    return specifier is not None and project.modules.resolve(specifier, importer).file == path


def _is_under_flag(project: Project, path: str, use: ir.Name) -> bool:
    return any(_is_flag(project, path, test) for test in _tests_of(project, path, use))


def _tests_of(project: Project, path: str, use: ir.Name) -> Iterator[ir.Expression]:
    """The conditions that decide whether a place is reached: around it, and before it where they end the function."""
    for around in project.tracer.surroundings.of(path, use.start):
        match around.node:
            case ir.If(test=test) | ir.Conditional(test=test) | ir.Binary(operator="&&", left=test):
                if not test.start <= use.start < test.end:
                    yield test
            case _:
                pass
        for earlier in around.body[: max(around.index, 0)]:
            if isinstance(earlier, ir.If) and any(isinstance(s, ir.Return) for s in own_statements(earlier.then)):
                yield earlier.test


def _is_flag(project: Project, path: str, test: ir.Expression) -> bool:
    """Whether a condition asks for development, itself or by a function or a constant of the repository."""
    if asks_for_development(project.modules.text(path)[test.start : test.end]):
        return True
    for inner in all_nodes(test):
        if isinstance(inner, ir.Call):
            for function in project.tracer.functions(inner.callee, path):
                written = project.modules.text(function.scope.module)[function.node.start : function.node.end]
                if asks_for_development(written):
                    return True
    return False
