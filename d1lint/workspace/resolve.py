"""Module resolution: from a specifier and the file that has it to a file of the tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from d1lint.workspace.exports import exported_targets, mapped_targets
from d1lint.workspace.kinds import DECLARATION_EXTENSIONS, SCRIPT_EXTENSIONS, kind_of
from d1lint.workspace.packages import Package, Packages
from d1lint.workspace.paths import folder_of, join, name_of
from d1lint.workspace.specifiers import split_package
from d1lint.workspace.tree import CachedTree
from d1lint.workspace.tsconfig import TsConfigs


@dataclass(frozen=True, slots=True)
class File:
    """A file of the tree: a module, or an asset where the name has another extension."""

    path: str


@dataclass(frozen=True, slots=True)
class External:
    """A module from outside: a package (`drizzle-orm`, `sqlite-core`), or one that a platform or framework makes up.

    Of the latter the scheme belongs to the name: `node:fs`, `cloudflare:workers`.
    """

    package: str
    subpath: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing that the tree or a package could provide. `reason` is a part of a sentence."""

    reason: str


Resolution = File | External | Missing

_EXTENSIONS = (*SCRIPT_EXTENSIONS, *DECLARATION_EXTENSIONS)
# The extension of what is built is written for what it is built from.
_WRITTEN_FOR = {
    ".js": (".ts", ".tsx", ".js", ".jsx", ".d.ts"),
    ".jsx": (".tsx", ".jsx"),
    ".mjs": (".mts", ".mjs", ".d.mts"),
    ".cjs": (".cts", ".cjs", ".d.cts"),
}
_BUILT_EXTENSION = re.compile(r"(\.d)?\.[cm]?[jt]sx?$")
_BUILD_FOLDERS = frozenset(("dist", "build", "out", "lib", "esm", "cjs", "es", "output", "types"))
_PACKAGE_NAME = re.compile(r"(@[\w~][\w.~-]*/)?[\w.][\w.~-]*$")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(.*)$", re.DOTALL)
# Where aliases lead by convention: those of SvelteKit, Nuxt and WXT are declared in generated files that are not kept.
_CONVENTIONS = (
    ("~~/", ("",)),
    ("@@/", ("",)),
    ("@/", ("src/", "app/", "")),
    ("~/", ("src/", "app/", "")),
    ("#/", ("src/", "app/", "")),
    ("#shared/", ("shared/",)),
    ("$lib/", ("src/lib/",)),
    ("$", ("src/", "src/lib/")),
)
_VIRTUAL = re.compile(r"\$(?:app|env|service-worker)(?:/|$)|~\w")


class Resolver:
    """Resolves specifiers; the answer for a specifier is the same for all files of one folder, and found once."""

    def __init__(self, tree: CachedTree, packages: Packages, tsconfigs: TsConfigs) -> None:
        self._tree = tree
        self._files = tree.files
        self._packages = packages
        self._tsconfigs = tsconfigs
        self._known: dict[tuple[str, str], Resolution] = {}

    def resolve(self, specifier: str, importer: str) -> Resolution:
        """What an import of `specifier` in the file `importer` (relative to the root) leads to. It never fails.

        A query (`?raw`, `?url`) counts for nothing.
        """
        key = (specifier, folder_of(importer))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._resolve(*key)
        return known

    def _resolve(self, specifier: str, directory: str) -> Resolution:
        specifier = specifier.partition("?")[0]
        if not specifier or "\0" in specifier:
            return Missing("it is no path and no name")
        if specifier in (".", "..") or specifier.startswith(("./", "../")):
            is_folder = specifier in (".", "..") or specifier.endswith(("/", "/.", "/.."))
            return self._relative(join(directory, specifier), is_folder)
        package = self._packages.around(directory)
        if specifier.startswith("/"):
            # The root of a development server is the package, and what is in `public` beside it.
            found = self._first_module((package.directory + specifier, f"{package.directory}/public{specifier}"))
            return File(found) if found else Missing("there is no such file in the package")
        failed: str | None = None
        for target in self._tsconfigs.targets(specifier, directory):
            if "node_modules/" in target.path:
                return External(*split_package(target.path.rpartition("node_modules/")[2]))
            if (found := self._first_module((target.path,))) is not None:
                return File(found)
            if target.is_meant and failed is None:
                failed = target.path
        if (imported := self._by_imports(specifier, package, directory)) is not None:
            return imported
        return self._by_name(specifier, package, directory, failed)

    def _relative(self, path: str | None, is_folder: bool) -> Resolution:
        if path is None:
            return Missing("it leads out of the project")
        found = self._folder(path) if is_folder else self._module(path)
        if found is not None:
            return File(found)
        if self._tree.exists(path):
            return Missing("the file is left out: ignored, excluded or minified")
        return Missing("there is no such file")

    def _by_imports(self, specifier: str, package: Package, directory: str) -> Resolution | None:
        """By the `imports` of the nearest package.json; None where they do not have the specifier."""
        targets = mapped_targets(package.imports, specifier)
        if not targets:
            return None
        if not targets[0].startswith("."):
            return self._by_name(targets[0], package, directory, None)
        found = self._package_file(package, targets)
        return (
            File(found) if found else Missing(f"the imports of {package.path} lead to {targets[0]}, which is not there")
        )

    def _by_name(self, specifier: str, package: Package, directory: str, failed: str | None) -> Resolution:
        """By the name of a package. `failed` is where an alias led in vain."""
        name, subpath = split_package(specifier)
        if _PACKAGE_NAME.fullmatch(name) is None:
            return self._by_convention(specifier, package, failed)
        if (member := self._packages.named(name, package, directory)) is not None:
            return self._in_package(member, subpath)
        if failed is not None and self._packages.dependency(package, name) is None:
            return Missing(f"its alias leads to {failed}, which is not there")
        return External(name, subpath)

    def _by_convention(self, specifier: str, package: Package, failed: str | None) -> Resolution:
        """What cannot be the name of a package: an address, an alias that nothing declares, a framework's module."""
        if scheme := _SCHEME.match(specifier):
            return _by_scheme(specifier, scheme[1], scheme[2])
        if _VIRTUAL.match(specifier):
            return External(*split_package(specifier))
        for prefix, bases in _CONVENTIONS:
            if specifier.startswith(prefix) or specifier + "/" == prefix:
                rest = specifier[len(prefix) :]
                found = self._first_module(f"{package.directory}/{base}{rest}" for base in bases)
                if found is not None:
                    return File(found)
                break
        if failed is not None:
            return Missing(f"its alias leads to {failed}, which is not there")
        if specifier.startswith("#") and self._packages.dependency(package, "nuxt"):
            # `#imports`, `#build/…`, `#components`: Nuxt and its modules make them up.
            return External(*split_package(specifier))
        return Missing("no alias is declared for it")

    def _in_package(self, package: Package, subpath: str) -> Resolution:
        """A package of this tree, or a module in it."""
        targets = exported_targets(package.exports, f"./{subpath}" if subpath else ".")
        if not targets and not subpath:
            targets = _entries(package)
        found = self._package_file(package, targets)
        if found is None:
            inside = subpath or "index"
            found = self._first_module(f"{package.directory}/{base}{inside}" for base in ("", "src/"))
        if found is not None:
            return File(found)
        return Missing(f"{package.path} leads to no source for it")

    def _package_file(self, package: Package, targets: Iterable[str]) -> str | None:
        """The first target that is there; else the source of the first that is built; else a declaration."""
        paths = [path for target in targets if (path := join(package.directory, target)) is not None]
        declaration: str | None = None
        for path in paths:
            if (found := self._file(path) or self._index(path)) is not None:
                if not found.endswith(DECLARATION_EXTENSIONS):
                    return found
                declaration = declaration or found
        for path in paths:
            for candidate in _sources_of(path, package.directory):
                found = self._file(candidate) or self._index(candidate)
                if found is not None and not found.endswith(DECLARATION_EXTENSIONS):
                    return found
        return declaration

    def _first_module(self, paths: Iterable[str]) -> str | None:
        for written in paths:
            path = join("", written)
            if path is not None and (found := self._module(path)) is not None:
                return found
        return None

    def _module(self, path: str) -> str | None:
        """The file for a path without or with an extension, or for a folder."""
        return self._file(path) or self._folder(path)

    def _file(self, path: str) -> str | None:
        files = self._files
        dot = path.rfind(".")
        for extension in _WRITTEN_FOR.get(path[dot:], ()):
            if (candidate := path[:dot] + extension) in files:
                return candidate
        if path in files:
            return path
        for extension in _EXTENSIONS:
            if (candidate := path + extension) in files:
                return candidate
        name = name_of(path)
        # The tree does not list what the product does not read: styles, images, components of other languages.
        return path if "." in name and kind_of(name) is None and self._is_asset(path) else None

    def _is_asset(self, path: str) -> bool:
        return not path.endswith(SCRIPT_EXTENSIONS) and self._tree.exists(path)

    def _folder(self, path: str) -> str | None:
        package = self._packages.at(path)
        return (self._package_file(package, _entries(package)) if package else None) or self._index(path)

    def _index(self, directory: str) -> str | None:
        base = f"{directory}/index" if directory else "index"
        for extension in _EXTENSIONS:
            if base + extension in self._files:
                return base + extension
        return None


def _by_scheme(specifier: str, scheme: str, rest: str) -> External:
    if scheme in ("npm", "jsr"):
        name, subpath = split_package(rest.lstrip("/"))
        return External(name[:1] + name[1:].partition("@")[0], subpath)
    if scheme in ("http", "https", "data", "file"):
        return External(specifier)
    name, _, subpath = specifier.partition("/")
    return External(name, subpath)


def _entries(package: Package) -> list[str]:
    """The entry fields of a package without `exports`."""
    return [field for field in (package.source, package.module, package.main, package.types) if field]


def _sources_of(path: str, directory: str) -> Iterator[str]:
    """Where the source of a built file may be: `dist/db/index.js` is of `src/db/index` or `db/index`."""
    prefix = directory + "/" if directory else ""
    parts = _BUILT_EXTENSION.sub("", path[len(prefix) :]).split("/")
    for at, part in enumerate(parts[:-1]):
        if part in _BUILD_FOLDERS:
            rest = parts[at + 1 :]
            while True:
                for base in (["src"], [], ["lib"]):
                    yield prefix + "/".join([*parts[:at], *base, *rest])
                if len(rest) < 2 or rest[0] not in _BUILD_FOLDERS:
                    return
                rest = rest[1:]
