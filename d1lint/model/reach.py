"""Which files serve requests: what the entry points of Workers import, without tests and scripts."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

from d1lint.model.roles import is_script, is_test

if TYPE_CHECKING:
    from d1lint.model.modules import Modules
    from d1lint.workspace.packages import Package

_SPECIFIER = re.compile(rb"""\b(?:from|import|require)\s*\(?\s*["']([^"'\n]+)["']""")
_OPEN = (b'"virtual:', b"'virtual:", b"import.meta.glob")
"""Imports that only a build can answer."""


class Reach:
    """Answers whether a file is Worker code. A package whose entry point is made by a framework is so as a whole."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._packages: dict[Package, frozenset[str] | None] = {}
        self._imported: dict[str, tuple[str, ...] | None] = {}

    def serves_requests(self, path: str) -> bool:
        """Whether a file can run inside a Worker that serves requests."""
        if is_test(path) or is_script(path):
            return False
        package = self._modules.workspace.package_of(path)
        if package not in self._packages:
            self._packages[package] = self._reached_by(package)
        reached = self._packages[package]
        return reached is None or path in reached

    def _reached_by(self, package: Package) -> frozenset[str] | None:
        """The files that the Workers of a package reach; None where that can not be told, and all count."""
        workspace = self._modules.workspace
        configs = [config for config in workspace.wranglers_of(package) if not config.is_example]
        if not configs:
            # No Worker is known to use this package: either none is configured here at all, or it is no Worker's code.
            return frozenset() if any(c.d1 for c in workspace.wrangler_configs) else None
        entries = []
        for config in configs:
            main = posixpath.normpath(posixpath.join(config.directory, config.main)) if config.main else None
            if main is None or main not in self._sources:
                return None
            entries.append(main)
        return self._closure(entries)

    @cached_property
    def _sources(self) -> frozenset[str]:
        return frozenset(self._modules.workspace.sources)

    def _closure(self, entries: list[str]) -> frozenset[str] | None:
        """Files and all that they import; None if a part of it is only made by a build."""
        found: set[str] = set()
        pending = entries
        while pending:
            path = pending.pop()
            if path in found:
                continue
            found.add(path)
            imported = self._imports(path)
            if imported is None:
                return None
            pending += imported
        return frozenset(found)

    def _imports(self, path: str) -> tuple[str, ...] | None:
        """The files that a file imports; None if it imports what only a build makes."""
        if path not in self._imported:
            data = self._modules.text(path)
            targets = None
            if not any(text in data for text in _OPEN):
                specifiers = {match[1].decode("utf-8", "replace") for match in _SPECIFIER.finditer(data)}
                files = (self._modules.resolve(specifier, path).file for specifier in sorted(specifiers))
                targets = tuple(file for file in files if file is not None)
            self._imported[path] = targets
        return self._imported[path]
