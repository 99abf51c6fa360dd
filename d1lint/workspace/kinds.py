"""Which files the product reads, told by their names."""

from __future__ import annotations

import re
from enum import Enum, auto


class Kind(Enum):
    """What a file is to the product."""

    SCRIPT = auto()
    """A TypeScript or JavaScript module."""
    DECLARATION = auto()
    """A `*.d.ts`: never linted, read for the types of bindings."""
    SQL = auto()
    JOURNAL = auto()
    """drizzle-kit's `meta/_journal.json`."""
    PACKAGE = auto()
    PNPM_WORKSPACE = auto()
    LOCK = auto()
    TSCONFIG = auto()
    WRANGLER = auto()
    KIT_CONFIG = auto()
    """A drizzle-kit configuration in JSON; one in TypeScript is a SCRIPT."""
    D1LINT_CONFIG = auto()


SCRIPT_EXTENSIONS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
DECLARATION_EXTENSIONS = (".d.ts", ".d.mts", ".d.cts")

_BY_NAME = {
    "package.json": Kind.PACKAGE,
    "pnpm-workspace.yaml": Kind.PNPM_WORKSPACE,
    "package-lock.json": Kind.LOCK,
    "npm-shrinkwrap.json": Kind.LOCK,
    "pnpm-lock.yaml": Kind.LOCK,
    "yarn.lock": Kind.LOCK,
    "bun.lock": Kind.LOCK,
    "_journal.json": Kind.JOURNAL,
    "d1lint.toml": Kind.D1LINT_CONFIG,
}
_SCRIPT = frozenset(extension[1:] for extension in SCRIPT_EXTENSIONS)
_MINIFIED = re.compile(r"[.-]min\.[cm]?js$")
_TSCONFIG = re.compile(r"[tj]sconfig[\w.-]*\.json$")
# The example of a configuration that is itself kept out of the repository is all that says which bindings there are.
_WRANGLER = re.compile(r"wrangler([.-][\w.-]+)?\.(toml|jsonc?)(\.(example|sample|template|dist))?$")
_KIT_CONFIG = re.compile(r"([\w.-]+[.-])?drizzle([.-][\w.-]+)?\.config(\.[\w-]+)*\.(json|[cm]?[jt]s)$")


def kind_of(name: str) -> Kind | None:
    """The kind of a file by its name (without folders); None for what the product does not read."""
    _, dot, extension = name.rpartition(".")
    if not dot:
        return None
    if extension in _SCRIPT:
        if name.endswith(DECLARATION_EXTENSIONS):
            return Kind.DECLARATION
        return None if _MINIFIED.search(name) else Kind.SCRIPT
    if extension == "sql":
        return Kind.SQL
    if kind := _BY_NAME.get(name):
        return kind
    if name.startswith("wrangler") and _WRANGLER.match(name):
        return Kind.WRANGLER
    if extension == "json":
        if _TSCONFIG.match(name):
            return Kind.TSCONFIG
        if _KIT_CONFIG.match(name):
            return Kind.KIT_CONFIG
    return None


def is_kit_config(name: str) -> bool:
    """Whether a file is a drizzle-kit configuration by its name: `drizzle.config.ts`, `drizzle-d1.config.ts`, …"""
    return _KIT_CONFIG.match(name) is not None
