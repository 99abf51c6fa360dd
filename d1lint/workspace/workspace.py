"""The workspace: what the files of a project are and say, before any of its code is read."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from d1lint.workspace.kinds import Kind, is_kit_config, kind_of
from d1lint.workspace.packages import Package, Packages
from d1lint.workspace.paths import is_within, join, name_of
from d1lint.workspace.problem import Problem
from d1lint.workspace.root import find_root, git_top_level
from d1lint.workspace.tree import CachedTree, Tree
from d1lint.workspace.tsconfig import TsConfigs

if TYPE_CHECKING:
    from d1lint.workspace.drizzle_version import DrizzleVersions
    from d1lint.workspace.resolve import Resolver
    from d1lint.workspace.version import Version
    from d1lint.workspace.wrangler import WranglerConfig

__all__ = ["Workspace", "find_root", "git_top_level"]

_CONFIG_OPTION = re.compile(r"""--config[= ]["']?([^\s"']+)""")


class Workspace:
    """A project's files by kind, each list sorted, and what its configuration files say.

    Nothing here fails on what the files hold: what cannot be used is among the `problems`.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = CachedTree(tree)
        self._problems: list[Problem] = []
        self._by_kind: dict[Kind, list[str]] = {}
        for path in self.tree.paths():
            if kind := kind_of(name_of(path)):
                self._by_kind.setdefault(kind, []).append(path)

    @property
    def sources(self) -> list[str]:
        """The scripts: TypeScript and JavaScript, without declarations."""
        return self._of(Kind.SCRIPT)

    @property
    def declaration_files(self) -> list[str]:
        """The `*.d.ts`, which say what bindings there are (`worker-configuration.d.ts`)."""
        return self._of(Kind.DECLARATION)

    @property
    def sql_files(self) -> list[str]:
        """The `.sql` files."""
        return self._of(Kind.SQL)

    @property
    def journals(self) -> list[str]:
        """The `_journal.json` files of drizzle-kit."""
        return self._of(Kind.JOURNAL)

    @property
    def config_files(self) -> list[str]:
        """The `d1lint.toml` files, the root's and nested ones."""
        return self._of(Kind.D1LINT_CONFIG)

    @cached_property
    def drizzle_configs(self) -> list[str]:
        """The drizzle-kit configurations: those named like one, and those that scripts give to drizzle-kit."""
        found = set(self._of(Kind.KIT_CONFIG))
        found.update(path for path in self.sources if is_kit_config(name_of(path)))
        for package in self.packages:
            for script in package.scripts.values():
                if "drizzle-kit" in script:
                    given = (join(package.directory, path) for path in _CONFIG_OPTION.findall(script))
                    found.update(path for path in given if path is not None and path in self.tree.files)
        return sorted(found)

    @property
    def packages(self) -> tuple[Package, ...]:
        """The packages, sorted by folder."""
        return self._packages.all

    def package_of(self, path: str) -> Package:
        """The package that a file belongs to: the nearest upwards, else an empty one at the root."""
        return self._packages.of(path)

    def importers_of(self, package: Package) -> list[Package]:
        """The packages that depend on a package, directly or through others."""
        return self._packages.importers_of(package)

    def drizzle_version(self, package: Package) -> Version | None:
        """The drizzle-orm that a package is written for; None where neither it nor what it uses asks for one."""
        return self._drizzle_versions.of(package)

    @cached_property
    def wrangler_configs(self) -> tuple[WranglerConfig, ...]:
        """The wrangler configurations, sorted by path."""
        from d1lint.workspace.wrangler import load_wrangler

        return tuple(load_wrangler(self.tree, path, self._problems) for path in self._of(Kind.WRANGLER))

    def wranglers_of(self, package: Package) -> tuple[WranglerConfig, ...]:
        """The configurations of the Workers that a package's code may run in.

        Its own, then those of the packages that depend on it. Where there are none of either, those of the nearest
        package above that has some, and for the package of a whole repository those of the packages below it.
        """
        own = self._own_wranglers
        found = tuple(config for p in (package, *self.importers_of(package)) for config in own.get(p, ()))
        if not found:
            found = next((own[p] for p in self._packages.above(package) if p in own), ())
        return found or tuple(config for config in self.wrangler_configs if is_within(config.path, package.directory))

    @cached_property
    def resolver(self) -> Resolver:
        """Resolves imports."""
        from d1lint.workspace.resolve import Resolver

        return Resolver(self.tree, self._packages, self._tsconfigs)

    def read(self, path: str) -> bytes:
        """The content of a file. Raises OSError."""
        return self.tree.read(path)

    def forget(self, script: str) -> None:
        """Read a script anew when it is asked for again. Nothing else that is known here rests on what scripts hold."""
        self.tree.forget(script)

    @property
    def problems(self) -> list[Problem]:
        """The configuration files that do not parse and the folders that cannot be listed, sorted."""
        self._tsconfigs.load_all()
        _ = self.wrangler_configs
        return sorted({*self._problems, *self.tree.problems()}, key=lambda problem: (problem.path, problem.line or 0))

    def _of(self, kind: Kind) -> list[str]:
        return self._by_kind.get(kind, [])

    @cached_property
    def _packages(self) -> Packages:
        return Packages(self.tree, self._problems)

    @cached_property
    def _tsconfigs(self) -> TsConfigs:
        return TsConfigs(self.tree, self._packages, self._problems)

    @cached_property
    def _drizzle_versions(self) -> DrizzleVersions:
        from d1lint.workspace.drizzle_version import DrizzleVersions

        return DrizzleVersions(self.tree, self._packages)

    @cached_property
    def _own_wranglers(self) -> dict[Package, tuple[WranglerConfig, ...]]:
        found: dict[Package, tuple[WranglerConfig, ...]] = {}
        for config in self.wrangler_configs:
            package = self.package_of(config.path)
            found[package] = (*found.get(package, ()), config)
        return found
