"""package.json files: what each package asks for, and which packages belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from d1lint.workspace.documents import as_object, as_text, as_text_map, as_texts, load_json
from d1lint.workspace.globs import matches_folder
from d1lint.workspace.paths import folder_of, name_of, upwards
from d1lint.workspace.pnpm_workspace import PnpmWorkspace, parse_pnpm_workspace
from d1lint.workspace.problem import Problem
from d1lint.workspace.tree import CachedTree

DependencyKind = Literal["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]

# A package that is named twice counts as the first of these.
_KINDS: tuple[DependencyKind, ...] = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
# Ranges that name a folder of this repository, not a published version.
_LOCAL_RANGES = ("workspace:", "file:", "link:", "portal:")


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a package asks for: `requested` is the range as written (`^0.45.0`, `catalog:`, `workspace:*`)."""

    requested: str
    kind: DependencyKind


@dataclass(frozen=True, eq=False)
class Package:
    """One package.json. `directory` is its folder ("" for the root), `path` the file ("" where there is none).

    `exports`, `imports` and the entry fields are as written.
    """

    directory: str = ""
    path: str = ""
    name: str | None = None
    dependencies: Mapping[str, Dependency] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    exports: object = None
    imports: object = None
    source: str | None = None
    module: str | None = None
    main: str | None = None
    types: str | None = None
    workspaces: tuple[str, ...] | None = None
    """Globs of the folders of its member packages; None where it is not the root of a workspace."""
    catalogs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Ranges by catalogue and package; the one without a name is "default"."""

    def __repr__(self) -> str:
        return f"Package({self.name!r}, {self.directory!r})"


class Packages:
    """All packages of a tree. `all` is sorted by folder."""

    def __init__(self, tree: CachedTree, problems: list[Problem]) -> None:
        self._tree = tree
        paths = [path for path in tree.paths() if name_of(path) == "package.json"]
        self.all = tuple(sorted((_load(tree, path, problems) for path in paths), key=lambda p: p.directory))
        self._by_folder = {package.directory: package for package in self.all}
        self._by_name: dict[str, list[Package]] = {}
        for package in self.all:
            if package.name is not None:
                self._by_name.setdefault(package.name, []).append(package)
        self._nameless_root = Package()
        self._nearest: dict[str, Package] = {}
        self._workspace_roots: dict[Package, Package | None] = {}

    def at(self, directory: str) -> Package | None:
        """The package whose package.json is in a folder."""
        return self._by_folder.get(directory)

    def of(self, path: str) -> Package:
        """The package that a file belongs to: the nearest package.json upwards, else an empty package at the root."""
        return self.around(folder_of(path))

    def around(self, directory: str) -> Package:
        """The package that a folder belongs to, as `of`."""
        found = self._nearest.get(directory)
        if found is None:
            holders = (self._by_folder.get(folder) for folder in upwards(directory))
            found = self._nearest[directory] = next(filter(None, holders), self._nameless_root)
        return found

    def above(self, package: Package) -> Iterable[Package]:
        """The packages whose folders hold this one's, the nearest first."""
        if package.directory:
            for directory in upwards(folder_of(package.directory)):
                if found := self._by_folder.get(directory):
                    yield found

    def workspace_root(self, package: Package) -> Package | None:
        """The package whose workspace this one is a member of: itself or one above it; None outside workspaces."""
        if package not in self._workspace_roots:
            root = package if package.workspaces is not None else None
            for candidate in self.above(package):
                inside = package.directory[len(candidate.directory) :].lstrip("/")
                if candidate.workspaces is not None and matches_folder(inside, candidate.workspaces):
                    root = candidate
                    break
            self._workspace_roots[package] = root
        return self._workspace_roots[package]

    def requested(self, package: Package, name: str) -> str | None:
        """The range that a package asks for, with `catalog:` looked up; None where it does not ask or say."""
        dependency = package.dependencies.get(name)
        if dependency is None:
            return None
        if not dependency.requested.startswith("catalog:"):
            return dependency.requested
        catalog = dependency.requested.removeprefix("catalog:").strip() or "default"
        for holder in (package, self.workspace_root(package), *self.above(package)):
            if holder is not None and (requested := holder.catalogs.get(catalog, {}).get(name)):
                return requested
        return None

    def dependency(self, package: Package, name: str) -> Dependency | None:
        """What a package, or one above it, asks for under a name."""
        for holder in (package, *self.above(package)):
            if found := holder.dependencies.get(name):
                return found
        return None

    def named(self, name: str, importer: Package, directory: str | None = None) -> Package | None:
        """The package of this tree that an import of `name` reaches from a package; None where it is a foreign one.

        Members of the same workspace, packages asked for by folder, and the importer itself. A package that is only
        somewhere in the tree is taken where nothing says that a published one is meant. Of several the one nearest to
        `directory` counts, which is the importer's folder unless given.
        """
        candidates = self._by_name.get(name)
        if not candidates:
            return None
        if importer.name == name:
            return importer
        root = self.workspace_root(importer)
        members = [package for package in candidates if root is not None and self.workspace_root(package) is root]
        if not members:
            dependency = self.dependency(importer, name)
            if dependency is not None and not dependency.requested.startswith(_LOCAL_RANGES):
                return None
        place = importer.directory if directory is None else directory
        return max(members or candidates, key=lambda package: _shared_folders(package.directory, place))

    def local_dependencies(self, package: Package) -> list[Package]:
        """The packages of this tree that a package asks for, in the order of its package.json."""
        found = (self.named(name, package) for name in package.dependencies)
        return [other for other in found if other is not None and other is not package]

    def importers_of(self, package: Package) -> list[Package]:
        """The packages that depend on a package, directly or through others, sorted by folder."""
        reached: set[Package] = set()
        pending = [package]
        while pending:
            for other in self._dependents.get(pending.pop(), ()):
                if other not in reached and other is not package:
                    reached.add(other)
                    pending.append(other)
        return sorted(reached, key=lambda found: found.directory)

    @cached_property
    def _dependents(self) -> dict[Package, list[Package]]:
        dependents: dict[Package, list[Package]] = {}
        for package in self.all:
            for dependency in self.local_dependencies(package):
                dependents.setdefault(dependency, []).append(package)
        return dependents


def _load(tree: CachedTree, path: str, problems: list[Problem]) -> Package:
    document = load_json(tree, path, problems)
    directory = folder_of(path)
    dependencies: dict[str, Dependency] = {}
    for kind in _KINDS:
        for name, requested in as_text_map(document.get(kind)).items():
            dependencies.setdefault(name, Dependency(requested, kind))
    workspaces, catalogs = _workspaces(tree, directory, document)
    return Package(
        directory=directory,
        path=path,
        name=as_text(document.get("name")),
        dependencies=dependencies,
        scripts=as_text_map(document.get("scripts")),
        exports=document.get("exports"),
        imports=document.get("imports"),
        source=as_text(document.get("source")),
        module=as_text(document.get("module")),
        main=as_text(document.get("main")),
        types=as_text(document.get("types")) or as_text(document.get("typings")),
        workspaces=workspaces,
        catalogs=catalogs,
    )


def _workspaces(
    tree: CachedTree, directory: str, document: Mapping[str, object]
) -> tuple[tuple[str, ...] | None, dict[str, dict[str, str]]]:
    """The member globs and the catalogues that a folder declares, for whichever package manager."""
    declared = document.get("workspaces")
    details = as_object(declared)
    globs = as_texts(details.get("packages") if details else declared)
    members = globs if declared is not None else None
    catalogs: dict[str, dict[str, str]] = {}
    for holder in (document, details):
        _merge(catalogs, {"default": as_text_map(holder.get("catalog"))})
        _merge(catalogs, {name: as_text_map(ranges) for name, ranges in as_object(holder.get("catalogs")).items()})
    for file in ("pnpm-workspace.yaml", ".yarnrc.yml"):
        pnpm = _pnpm_workspace(tree, f"{directory}/{file}" if directory else file)
        _merge(catalogs, pnpm.catalogs)
        if pnpm.packages is not None:
            members = (members or ()) + pnpm.packages
    return members, catalogs


def _pnpm_workspace(tree: CachedTree, path: str) -> PnpmWorkspace:
    if not tree.exists(path):
        return PnpmWorkspace()
    try:
        return parse_pnpm_workspace(tree.read(path))
    except OSError:
        return PnpmWorkspace()


def _merge(catalogs: dict[str, dict[str, str]], more: Mapping[str, Mapping[str, str]]) -> None:
    for name, ranges in more.items():
        if ranges:
            catalogs.setdefault(name, {}).update(ranges)


def _shared_folders(one: str, other: str) -> int:
    """How many folders two paths have in common from the root."""
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count
