"""Which drizzle-orm a package is written for."""

from __future__ import annotations

from collections.abc import Iterator

from d1lint.workspace.documents import as_text, load_json
from d1lint.workspace.lockfile import LOCK_NAMES, locked_version
from d1lint.workspace.packages import Package, Packages
from d1lint.workspace.paths import upwards
from d1lint.workspace.tree import CachedTree
from d1lint.workspace.version import Version, parse_version, requested_version

_NAME = "drizzle-orm"


class DrizzleVersions:
    """Versions by package, found once each."""

    def __init__(self, tree: CachedTree, packages: Packages) -> None:
        self._tree = tree
        self._packages = packages
        self._known: dict[Package, Version | None] = {}

    def of(self, package: Package) -> Version | None:
        """The version of the nearest package that asks for drizzle-orm: this one, one above it, or one it uses.

        What a lock file has counts first, then what is installed in node_modules, then what is asked for.
        """
        if package not in self._known:
            asking = next((p for p in self._candidates(package) if _NAME in p.dependencies), None)
            self._known[package] = self._version(asking) if asking else None
        return self._known[package]

    def _candidates(self, package: Package) -> Iterator[Package]:
        yield package
        yield from self._packages.above(package)
        seen, pending = {package}, [package]
        while pending:
            for used in self._packages.local_dependencies(pending.pop(0)):
                if used not in seen:
                    seen.add(used)
                    pending.append(used)
                    yield used

    def _version(self, package: Package) -> Version | None:
        requested = self._packages.requested(package, _NAME)
        known = self._locked(package, requested or "") or self._installed(package)
        return known or (requested_version(requested) if requested is not None else None)

    def _locked(self, package: Package, requested: str) -> Version | None:
        for folder in upwards(package.directory):
            inside = package.directory[len(folder) :].lstrip("/")
            for name in LOCK_NAMES:
                path = f"{folder}/{name}" if folder else name
                if path not in self._tree.files:
                    continue
                try:
                    data = self._tree.read(path)
                except OSError:
                    continue
                if found := locked_version(path, data, inside, package.name, requested):
                    return found
        return None

    def _installed(self, package: Package) -> Version | None:
        for folder in upwards(package.directory):
            path = f"{folder}/node_modules/{_NAME}/package.json".lstrip("/")
            if self._tree.exists(path):
                # What is installed is not the project's own: that it does not parse is no problem of the project's.
                version = as_text(load_json(self._tree, path, []).get("version"))
                return parse_version(version) if version else None
        return None
