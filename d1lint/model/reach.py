"""Which files serve requests: what the entry points of Workers import, without tests and scripts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from d1lint.model.connection.commands import is_entry
from d1lint.model.evaluate import Resolved
from d1lint.model.roles import is_script, is_test

if TYPE_CHECKING:
    from d1lint.model.modules import Modules
    from d1lint.workspace.packages import Package

_SPECIFIERS = tuple(
    re.compile(rb"""%b(?<!\w%b)\s*\(?\s*["']([^"'\n]+)["']""" % (word, word))
    for word in (b"from", b"import", b"require")
)
"""Each begins with a plain word, which `re` finds many times faster than a word boundary."""
_PASSED_ON = re.compile(rb"export\s*(?:\*|\{[^}]*\}\s*from\b)")
_OPEN = (
    b"import.meta.glob", b'"virtual:', b"'virtual:", b'.vue"', b".vue'", b'.svelte"', b".svelte'", b'.astro"',
    b".astro'",
)  # fmt: skip
"""Imports that only a build can answer, and of files whose own imports are not read."""
_FRAMEWORK_ENTRY = re.compile(
    r"@tanstack/[\w-]*start|@react-router/|@remix-run/|react-router$|\.svelte-kit|@sveltejs/|@astrojs/|astro[:/]|nitro|"
    r"@opennextjs/|@solidjs/start|vinxi|rwsdk|vinext|next/|__STATIC"
)
"""Packages whose server entry finds a project's routes by itself."""


class Reach:
    """Answers whether a file is Worker code. A package whose entry point is made by a framework is so as a whole."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._packages: dict[Package, frozenset[str] | None] = {}
        self._imported: dict[str, tuple[str, ...] | None] = {}
        self._serving: dict[str, bool] = {}
        self._passing: dict[str, frozenset[str]] = {}

    @cached_property
    def files(self) -> list[str]:
        """The files that can run inside a Worker that serves requests."""
        return [path for path in self._modules.workspace.sources if self.serves_requests(path)]

    def serves_requests(self, path: str) -> bool:
        """Whether a file can run inside a Worker that serves requests."""
        if path not in self._serving:
            self._serving[path] = self._can_serve(path)
        return self._serving[path]

    def _can_serve(self, path: str) -> bool:
        if is_test(path):
            return False
        package = self._modules.workspace.package_of(path)
        if package not in self._packages:
            self._packages[package] = self._reached_by(package)
        reached = self._packages[package]
        if path not in reached if reached is not None else self._modules.made_of(runs_alone, path):
            return False
        return not is_script(self._inside(path, package), imported=reached is not None)

    def is_reached(self, path: str) -> bool:
        """Whether the entry point of a Worker is known to lead to a file; not so where a framework makes the entry."""
        return self.serves_requests(path) and self._packages[self._modules.workspace.package_of(path)] is not None

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
            # No Worker is known to use this package; some code of one may import its files all the same.
            return self._reached_by_any if any(c.d1 for c in workspace.wrangler_configs) else None
        entries = []
        for config in configs:
            mains = [posixpath.normpath(posixpath.join(config.directory, main)) for main in config.mains]
            if not mains or not self._sources.issuperset(mains):
                return None
            entries += mains
        return self._closure(entries)

    @cached_property
    def _reached_by_any(self) -> frozenset[str]:
        """The files that any Worker of the repository reaches."""
        workspace = self._modules.workspace
        packages = {workspace.package_of(config.path) for config in workspace.wrangler_configs if not config.is_example}
        entries: list[str] = []
        for package in packages:
            reached = self._reached_by(package) if workspace.wranglers_of(package) else frozenset()
            own = (path for path in self._sources if workspace.package_of(path) is package and not is_test(path))
            entries += own if reached is None else reached
        found: set[str] = set()
        while entries:
            path = entries.pop()
            if path not in found:
                found.add(path)
                entries += self.imports(path) or ()
        return frozenset(found)

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
            imported = self.imports(path)
            if imported is None:
                return None
            pending += imported
        return frozenset(found)

    def sources_of(self, path: str) -> frozenset[str] | None:
        """The files that a file imports from, also through others that pass exports on; None as for `imports`."""
        imported = self.imports(path)
        return None if imported is None else frozenset(imported).union(*map(self._passed_on, imported))

    def _passed_on(self, path: str) -> frozenset[str]:
        """The files whose exports a file passes on, or may do so."""
        if path not in self._passing:
            self._passing[path] = frozenset()  # such files may import each other
            if self._modules.made_of(passes_on, path):
                imported = self.imports(path) or ()
                self._passing[path] = frozenset(imported).union(*map(self._passed_on, imported))
        return self._passing[path]

    def may_import(self, path: str, matters: Callable[[str], object]) -> bool:
        """Whether a file names a module that matters; also where a part of its imports is not known."""
        specifiers = self._modules.made_of(specifiers_of, path)
        return specifiers is None or any(map(matters, specifiers))

    def imports(self, path: str) -> tuple[str, ...] | None:
        """The files that a file imports; None if it imports what only a build makes."""
        if path not in self._imported:
            targets = None
            specifiers = self._modules.made_of(specifiers_of, path)
            if specifiers is not None:
                found = [self._modules.resolve(specifier, path) for specifier in specifiers]
                if not any(_is_made_by_build(target) for target in found):
                    targets = tuple(target.file for target in found if target.file is not None)
            self._imported[path] = targets
        return self._imported[path]


def _is_made_by_build(target: Resolved) -> bool:
    """Whether an import leads to a framework's own server entry, which loads the routes, or to a file not made yet."""
    if target.file is not None:
        return False
    is_code = re.search(r"\.(?!(?:[cm]?[jt]sx?)$)\w+$", target.package) is None
    return _FRAMEWORK_ENTRY.match(target.package) is not None or (target.package.startswith(".") and is_code)


def runs_alone(path: str, data: bytes) -> bool:
    """Whether a script is one that people start."""
    return is_entry(data)


def passes_on(path: str, data: bytes) -> bool:
    """Whether a script exports what it imports."""
    return _PASSED_ON.search(data) is not None


def specifiers_of(path: str, data: bytes) -> tuple[str, ...] | None:
    """What a script imports, sorted; None if a part of it is what only a build makes."""
    if any(text in data for text in _OPEN):
        return None
    found = {specifier for pattern in _SPECIFIERS for specifier in pattern.findall(data)}
    return tuple(sorted(specifier.decode("utf-8", "replace") for specifier in found))
