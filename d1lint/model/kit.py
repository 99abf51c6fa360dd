"""Configurations of drizzle-kit and NuxtHub, evaluated like any other module."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from d1lint.model.values import (
    ArrayValue,
    Constant,
    Entry,
    Native,
    ObjectValue,
    Site,
    Unknown,
    Value,
    alternatives,
    text_of,
)
from d1lint.model.workers import bindings_of
from d1lint.workspace.globs import matches_folder

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.modules import Modules
    from d1lint.workspace.workspace import Workspace

_NUXT_CONFIG = re.compile(r"(?:^|/)nuxt\.config\.[cm]?[jt]s$")
_OTHER_DIALECT = re.compile(r"\.(?:postgresql|mysql)\.[cm]?ts$")
_GLOB = re.compile(r"[*?\[{]")
_BRACES = re.compile(r"\{([^{}]*)\}")
_MAX_SPELLED = 500


@dataclass(frozen=True)
class KitConfig:
    """One configuration. `dialect` and `driver` are as written, None where they are not known or not given.

    `schema_files` are the scripts that its globs name; `out` is relative to the project root.
    """

    path: str
    dialect: str | None
    driver: str | None
    schema_files: tuple[str, ...]
    out: str | None
    casing: str | None
    url: str | None = None
    """Where the database is, if it is written there: a file or an address."""
    schema_known: bool = True
    """Whether `schema_files` are all that it names."""
    is_foreign_too: bool = False
    """Whether a condition decides on its dialect, which may be another than SQLite's."""
    database_id: str | None = None
    """What names D1's database in its credentials: the identifier itself, or a variable such as `$DATABASE_ID`."""

    @cached_property
    def is_sqlite(self) -> bool:
        """Whether it describes a SQLite database of any kind."""
        return self.dialect in ("sqlite", "turso", None) or (self.driver or "").startswith("d1")


def config_files(workspace: Workspace) -> list[str]:
    """The files that hold configurations: drizzle-kit's, then Nuxt's."""
    return [*workspace.drizzle_configs, *(path for path in workspace.sources if _NUXT_CONFIG.search(path))]


def kit_configs(path: str, modules: Modules, ev: Evaluator) -> list[KitConfig]:
    """The configurations in one of these files."""
    exported = _of_json(path, modules) if path.endswith(".json") else ev.exported(path, "default")
    if not _NUXT_CONFIG.search(path):
        return [_kit_config(each, path, modules, ev) for value in alternatives(exported) for each in _each(value)]
    parts = [exported.member("$production", ev), exported]
    hubs = [part.member("hub", ev) for part in parts]
    database = _first_known([hub.member(key, ev) for hub in hubs for key in ("db", "database")])
    if database is None:
        return []
    presets = [_text(part.member("nitro", ev).member("preset", ev)) or "" for part in parts]
    is_worker = any(preset.startswith("cloudflare") for preset in presets)
    return [_nuxt_config(database, is_worker, path, modules, ev)]


def _of_json(path: str, modules: Modules) -> Value:
    from d1lint.workspace.jsonc import parse_jsonc

    try:
        return _json_value(parse_jsonc(modules.text(path)))
    except ValueError:
        return Unknown("it is not JSON")


def _json_value(document: object) -> Value:
    if isinstance(document, dict):
        entries = {str(key): Entry(partial(_json_value, value), "", 0, 0) for key, value in document.items()}
        return ObjectValue(entries)
    if isinstance(document, list):
        return ArrayValue([_json_value(item) for item in document])
    return Constant(document if isinstance(document, (str, int, float, bool)) else None)


def _each(value: Value) -> list[Value]:
    return list(value.items) if isinstance(value, ArrayValue) else [value]


def _first_known(values: list[Value]) -> Value | None:
    for value in values:
        if isinstance(value, ObjectValue) or (isinstance(value, Constant) and value.value):
            return value
    return None


def _text(value: Value) -> str | None:
    """A string, or the first of several alternatives."""
    return next((text for a in alternatives(value) if (text := text_of(a)) is not None), None)


def _name_of(value: Value) -> str | None:
    """A string, or the variable of the environment that it is read from."""
    return _text(value) or next((f"${binding.name}" for binding in bindings_of(value)), None)


def _may_be_foreign(dialect: Value) -> bool:
    return any(text_of(each) not in ("sqlite", "turso", None) for each in alternatives(dialect))


def _driver(value: Value, path: str, modules: Modules, ev: Evaluator) -> str | None:
    driver = value.member("driver", ev)
    if isinstance(driver, Unknown) and b"d1-http" in modules.text(path):
        return "d1-http"  # in a part that depends on a condition
    return _text(driver)


def _kit_config(value: Value, path: str, modules: Modules, ev: Evaluator) -> KitConfig:
    schema = value.member("schema", ev)
    items = [item for a in alternatives(schema) for item in _each(a)]
    patterns = [text for item in items if (text := text_of(item)) is not None]
    files = _files_of(patterns, path, modules)
    is_whole = len(patterns) == len(items) and all(_files_of([pattern], path, modules) for pattern in patterns)
    has_gaps = any(isinstance(a, ArrayValue) and a.gaps for a in alternatives(schema))
    out, dialect = _text(value.member("out", ev)), value.member("dialect", ev)
    return KitConfig(
        path,
        _text(dialect),
        _driver(value, path, modules, ev),
        files,
        _beside(path, out or "drizzle", modules)[0],
        _text(value.member("casing", ev)),
        _text(value.member("dbCredentials", ev).member("url", ev)),
        is_whole and not has_gaps,
        _may_be_foreign(dialect),
        _name_of(value.member("dbCredentials", ev).member("databaseId", ev)),
    )


def _nuxt_config(database: Value, is_worker: bool, path: str, modules: Modules, ev: Evaluator) -> KitConfig:
    directory = posixpath.dirname(path)
    prefix = f"{directory}/" if directory else ""
    pattern = re.compile(re.escape(prefix) + r"(?:.*/)?server/(?:db|database)/schema(?:\.sqlite)?(?:/[^/]+)?\.[cm]?ts$")
    files = tuple(f for f in modules.workspace.sources if pattern.match(f) and not _OTHER_DIALECT.search(f))
    if isinstance(database, Constant) and database.value is True:  # `database: true`, when NuxtHub knew nothing but D1
        return KitConfig(path, "sqlite", "d1", files, f"{prefix}server/database/migrations", None)
    dialect = _text(database) or _text(database.member("dialect", ev)) or "sqlite"
    driver = _text(database.member("driver", ev)) if isinstance(database, ObjectValue) else None
    if driver is None and dialect == "sqlite" and is_worker:
        driver = "d1"
    casing = _text(database.member("casing", ev)) if isinstance(database, ObjectValue) else None
    return KitConfig(path, dialect, driver, files, f"{prefix}server/db/migrations/{dialect}", casing)


def _beside(path: str, relative: str, modules: Modules) -> list[str]:
    """A configuration's path, as seen from its package (where drizzle-kit is run) and from its own folder."""
    package = modules.workspace.package_of(path).directory
    bases = dict.fromkeys([posixpath.dirname(path), package, ""])
    relative = relative.replace("\\", "/")
    return [posixpath.normpath(posixpath.join(base, relative)) for base in bases]


def _files_of(patterns: list[str], path: str, modules: Modules) -> tuple[str, ...]:
    sources = modules.workspace.sources
    known = set(sources)
    found: dict[str, None] = {}
    for pattern in patterns:
        for candidate in _beside(path, pattern, modules):
            if candidate in known:
                matched = [candidate]
            elif _GLOB.search(candidate):
                matched = [source for spelled in _braces(candidate) for source in _matching(spelled, sources)]
            else:
                stems = [f"{candidate}{end}" for end in (".ts", ".tsx", ".mts", ".js", "/index.ts")]
                inside = [source for source in sources if posixpath.dirname(source) == candidate]
                matched = inside or [stem for stem in stems if stem in known]
            if matched:
                found.update(dict.fromkeys(matched))
                break
    return tuple(found)


def _matching(pattern: str, sources: list[str]) -> list[str]:
    """The files that a glob names, and those in the folders that it names."""
    fixed = _GLOB.split(pattern, maxsplit=1)[0].rpartition("/")[0]
    inside = (source for source in sources if source.startswith(fixed))
    return [s for s in inside if matches_folder(s, [pattern]) or matches_folder(posixpath.dirname(s), [pattern])]


def _braces(pattern: str) -> list[str]:
    """`{a,b}` spelled out, in no more than some patterns."""
    pending, spelled = [pattern], list[str]()
    while pending and len(pending) + len(spelled) <= _MAX_SPELLED:
        current = pending.pop()
        match = _BRACES.search(current)
        if match is None:
            spelled.append(current)
        else:
            pending += [current[: match.start()] + option + current[match.end() :] for option in match[1].split(",")]
    return spelled


def _join(site: Site, ev: Evaluator) -> Value:
    parts = [text_of(site.argument(i)) for i in range(site.count)]
    if any(part is None for part in parts):
        return Unknown("a path that is not known")
    joined = posixpath.join(*[part or "" for part in parts]) if parts else "."
    return Constant(joined)


def kit_intrinsics() -> dict[tuple[str, str], Value]:
    """`defineConfig` and its likes hand back what they are given; paths are joined."""
    same = Native("defineConfig", lambda site, ev: site.argument(0))
    values: dict[tuple[str, str], Value] = {
        ("drizzle-kit", "defineConfig"): same,
        ("nuxt/config", "defineNuxtConfig"): same,
        ("nuxt", "defineNuxtConfig"): same,
    }
    join = Native("join", _join)
    path = ObjectValue(gaps=["a function of node:path"])
    path.entries = {name: Entry(lambda: join, "", 0, 0) for name in ("join", "resolve")}
    for package in ("path", "node:path", "pathe"):
        values[package, "default"] = path
        for name in path.entries:
            values[package, name] = join
    return values


def kit_globals() -> dict[str, Value]:
    """Names that such configurations use without an import."""
    return {
        "defineNuxtConfig": Native("defineNuxtConfig", lambda site, ev: site.argument(0)),
        "__dirname": Constant(""),
    }
