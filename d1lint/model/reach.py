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
_OPEN = re.compile(rb"""["']virtual:|import\.meta\.glob|\.(?:vue|svelte|astro)["']""")
"""Imports that only a build can answer, and of files whose own imports are not read."""


class Reach:
    """Answers whether a file is Worker code. A package whose entry point is made by a framework is so as a whole."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._packages: dict[Package, frozenset[str] | None] = {}
        self._imported: dict[str, tuple[str, ...] | None] = {}

    def serves_requests(self, path: str) -> bool:
        """Whether a file can run inside a Worker that serves requests."""
        if is_test(path):
            return False
        package = self._modules.workspace.package_of(path)
        if package not in self._packages:
            self._packages[package] = self._reached_by(package)
        reached = self._packages[package]
        if reached is not None and path not in reached:
            return False
        return not is_script(self._inside(path, package), imported=reached is not None)

    def _inside(self, path: str, package: Package) -> str:
        """What says what a file is for: a Worker of its own may live in a folder such as `examples`."""
        workspace = self._modules.workspace
        is_worker = any(workspace.package_of(config.path) is package for config in workspace.wranglers_of(package))
        return path[len(package.directory) :] if is_worker else path

    def _reached_by(self, package: Package) -> frozenset[str] | None:
        """The files that the Workers of a package reach; None where that can not be told, and all count."""
        workspace = self._modules.workspace
        found = workspace.wranglers_of(package)
        # Beside a real configuration an example says nothing; alone it stands for one that is not in the repository.
        configs = [config for config in found if not config.is_example] or found
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
            targets = None
            specifiers = self._modules.made_of(_specifiers, path)
            if specifiers is not None:
                files = (self._modules.resolve(specifier, path).file for specifier in specifiers)
                targets = tuple(file for file in files if file is not None)
            self._imported[path] = targets
        return self._imported[path]


def _specifiers(path: str, data: bytes) -> tuple[str, ...] | None:
    """What a script imports, sorted; None if a part of it is what only a build makes."""
    if _OPEN.search(data):
        return None
    return tuple(sorted({match[1].decode("utf-8", "replace") for match in _SPECIFIER.finditer(data)}))
