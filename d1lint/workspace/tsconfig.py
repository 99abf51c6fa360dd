"""Path aliases: `paths` and `baseUrl` of the tsconfig and jsconfig files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from d1lint.workspace.documents import as_object, as_text, as_texts, load_json
from d1lint.workspace.kinds import Kind, kind_of
from d1lint.workspace.packages import Packages
from d1lint.workspace.paths import folder_of, join, name_of, upwards
from d1lint.workspace.problem import Problem
from d1lint.workspace.specifiers import match_star, split_package
from d1lint.workspace.tree import CachedTree

_EXTENDS_DEPTH = 64
_CONFIG_DIR = "${configDir}"


@dataclass(frozen=True, slots=True)
class Alias:
    """One entry of `paths`: a pattern with at most one `*`, and where it leads, relative to the project root."""

    pattern: str
    targets: tuple[str, ...]

    @property
    def weight(self) -> tuple[bool, int]:
        """Which of several matching patterns wins: the exact one, else the longest before its star."""
        return ("*" not in self.pattern, len(self.pattern.partition("*")[0]))

    def expand(self, specifier: str) -> Iterator[str]:
        """The targets for a specifier; none where the pattern does not match."""
        matched = match_star(self.pattern, specifier)
        if matched is not None:
            for target in self.targets:
                yield target.replace("*", matched, 1)


class Target(NamedTuple):
    """Where an alias leads, relative to the project root and not normalised.

    `is_meant` is False for a `baseUrl` and the pattern `*`, which every name of a package matches too.
    """

    path: str
    is_meant: bool


@dataclass(frozen=True, slots=True)
class TsConfig:
    """One configuration with all that it extends. `base_url` is relative to the project root, None where not set."""

    path: str
    aliases: tuple[Alias, ...] = ()
    base_url: str | None = None


@dataclass(frozen=True, slots=True)
class _Options:
    """`baseUrl` and `paths` as one file has them, each with the folder that it is relative to."""

    base_url: tuple[str, str] | None = None
    paths: tuple[str, Mapping[str, object]] | None = None


class TsConfigs:
    """The tsconfig and jsconfig files of a tree, read when a file below them asks."""

    def __init__(self, tree: CachedTree, packages: Packages, problems: list[Problem]) -> None:
        self._tree = tree
        self._packages = packages
        self._problems = problems
        self._documents: dict[str, Mapping[str, object]] = {}
        self._merged: dict[str, _Options] = {}
        self._by_path: dict[str, TsConfig] = {}
        self._in_folder: dict[str, list[str]] = {}
        for path in tree.paths():
            if kind_of(name_of(path)) is Kind.TSCONFIG:
                self._in_folder.setdefault(folder_of(path), []).append(path)
        for found in self._in_folder.values():
            # The plain name first; the parts of a solution (tsconfig.app.json, tsconfig.worker.json) after it.
            found.sort(key=lambda path: (name_of(path) != "tsconfig.json", path))

    def load_all(self) -> None:
        """Read every file now, so that its problems are known."""
        for paths in self._in_folder.values():
            for path in paths:
                self.load(path)

    def load(self, path: str) -> TsConfig:
        """One configuration; empty where it cannot be read."""
        if path not in self._by_path:
            self._by_path[path] = self._build(path)
        return self._by_path[path]

    def targets(self, specifier: str, directory: str) -> Iterator[Target]:
        """Where the aliases that hold in a folder lead a specifier, the most likely first.

        All configurations of the nearest folder that has some count together, whatever files they include: which
        of a solution's parts a file belongs to makes no difference to where its imports are found. Then come those
        of the folders above.
        """
        for folder in upwards(directory):
            based = []
            for config in (self.load(path) for path in self._in_folder.get(folder, ())):
                matching = [alias for alias in config.aliases if match_star(alias.pattern, specifier) is not None]
                for alias in sorted(matching, key=lambda alias: alias.weight, reverse=True):
                    for target in alias.expand(specifier):
                        yield Target(target, alias.pattern != "*")
                if config.base_url is not None and not matching:
                    based.append(f"{config.base_url}/{specifier}")
            yield from (Target(path, False) for path in based)

    def _build(self, path: str) -> TsConfig:
        own_folder = folder_of(path)
        options = self._options(path, 0)
        base_url = _located(*options.base_url, own_folder) if options.base_url else None
        if options.paths is None:
            return TsConfig(path, (), base_url)
        folder, paths = options.paths
        # `paths` without a `baseUrl` are relative to the file that has them.
        base = folder if options.base_url is None else base_url
        aliases = []
        for pattern, written in paths.items():
            found = (_located(base, target, own_folder) for target in as_texts(written))
            if targets := tuple(target for target in found if target is not None):
                aliases.append(Alias(pattern, targets))
        return TsConfig(path, tuple(aliases), base_url)

    def _options(self, path: str, depth: int) -> _Options:
        """What a file sets, over what it extends; each file is asked once, and a file that extends itself not again."""
        if path in self._merged:
            return self._merged[path]
        self._merged[path] = _Options()
        document = self._document(path)
        base_url, paths = None, None
        extends = document.get("extends")
        for written in (extends,) if isinstance(extends, str) else as_texts(extends):
            extended = self._extended(written, folder_of(path))
            if extended is not None and depth < _EXTENDS_DEPTH:
                inherited = self._options(extended, depth + 1)
                base_url, paths = inherited.base_url or base_url, inherited.paths or paths
        compiler = as_object(document.get("compilerOptions"))
        if isinstance(own_url := compiler.get("baseUrl"), str):
            base_url = (folder_of(path), own_url)
        if isinstance(own_paths := compiler.get("paths"), dict):
            paths = (folder_of(path), own_paths)
        self._merged[path] = _Options(base_url, paths)
        return self._merged[path]

    def _document(self, path: str) -> Mapping[str, object]:
        if path not in self._documents:
            self._documents[path] = load_json(self._tree, path, self._problems)
        return self._documents[path]

    def _extended(self, written: str, directory: str) -> str | None:
        """The file that `extends` names; None where it is not in the tree, as presets of npm packages are not."""
        if written.startswith((".", "/")):
            return self._file(join(directory, written))
        name, subpath = split_package(written)
        package = self._packages.named(name, self._packages.around(directory))
        if package is None:
            return None
        exported = as_text(as_object(package.exports).get(f"./{subpath}")) if subpath else None
        return self._file(join(package.directory, exported or subpath or "tsconfig.json"))

    def _file(self, path: str | None) -> str | None:
        if path is None:
            return None
        for candidate in (path, path + ".json", f"{path}/tsconfig.json"):
            if self._tree.exists(candidate):
                return candidate
        return None


def _located(base: str | None, written: str, own_folder: str) -> str | None:
    """A path of a configuration, relative to the root; `${configDir}` is the folder of the one that extends others."""
    if written.startswith(_CONFIG_DIR):
        return join(own_folder, written[len(_CONFIG_DIR) :])
    return None if base is None else join(base, written)
