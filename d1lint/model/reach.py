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
_OPEN = re.compile(rb"""["']virtual:|import\.meta\.glob|\bcreatePagesFunctionHandler\b""")


class Reach:
    """Answers whether a file is Worker code. A package whose entry point is made by a framework is so as a whole."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._packages: dict[Package, frozenset[str] | None] = {}

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
        reached: set[str] = set()
        configs = [config for config in workspace.wranglers_of(package) if not config.is_example]
        if not configs:
            # No Worker is known to use this package: either none is configured here at all, or it is no Worker's code.
            return frozenset() if any(c.d1 for c in workspace.wrangler_configs) else None
        for config in configs:
            main = posixpath.normpath(posixpath.join(config.directory, config.main)) if config.main else None
            if main is None or main not in self._sources:
                return None
            closure = self._closure(main)
            if closure is None:
                return None
            reached |= closure
        return frozenset(reached)

    @cached_property
    def _sources(self) -> frozenset[str]:
        return frozenset(self._modules.workspace.sources)

    def _closure(self, main: str) -> set[str] | None:
        """A file and all that it imports; None if a part of it is only made by a build."""
        found: set[str] = set()
        pending = [main]
        while pending:
            path = pending.pop()
            if path in found:
                continue
            found.add(path)
            try:
                data = self._modules.workspace.read(path)
            except OSError:
                continue
            if _OPEN.search(data):
                return None
            for match in _SPECIFIER.finditer(data):
                target = self._modules.resolve(match[1].decode("utf-8", "replace"), path).file
                if target is not None:
                    pending.append(target)
        return found
