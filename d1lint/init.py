"""The first configuration of a project: presets, exclusions and what is found, as a `d1lint.toml` with comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from d1lint import engine
from d1lint.baseline import DEFAULT_NAME
from d1lint.model.project import Project
from d1lint.registry import Registry
from d1lint.workspace.packages import Package
from d1lint.workspace.paths import folder_of, name_of, upwards
from d1lint.workspace.root import CONFIG_NAME, PACKAGE_KEY, find_root, has_config
from d1lint.workspace.workspace import Workspace

SCHEMA = "https://raw.githubusercontent.com/d1lint/d1lint/main/d1lint/d1lint.schema.json"

_PRESETS = {
    "hono-d1": ("hono",),
    "drizzle-kysely": ("kysely", "kysely-d1"),
    "schema-first": ("drizzle-zod", "drizzle-valibot", "drizzle-typebox", "drizzle-arktype", "drizzle-effect"),
}
"""The presets that a dependency calls for."""

_NOT_WRITTEN_HERE = re.compile(r"vendor(?:ed|s)?$|third[_-]party$|_{0,2}generated_{0,2}$")
"""The names of folders that hold the code of others, or of machines."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a repository says about itself, in words.

    `presets` maps each preset that suits to the reason, `exclude` each pattern to its reason; `databases` are lines.
    """

    presets: dict[str, str]
    exclude: dict[str, str]
    databases: tuple[str, ...]
    tables: int


@dataclass(frozen=True, slots=True)
class Begun:
    """What was written, what it rests on, and how many findings there are with it."""

    path: Path
    found: Found
    findings: int


def begin(path: Path | None) -> Begun:
    """Write the configuration of the project in a folder, else of the repository around the current one.

    Raises UsageError and ConfigError. What exists is never overwritten.
    """
    root = _root(path)
    target = engine.Target(root, ("",), (), ())
    registry = Registry.load()
    project, _ = engine.open_project(target, registry)
    found = look(project)
    written = root / CONFIG_NAME
    try:
        with written.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text(found, registry))
    except OSError as error:
        raise engine.UsageError(f"{written} can not be written: {error.strerror or error}") from error
    return Begun(written, found, len(engine.check([root], baseline=False).findings))


def look(project: Project) -> Found:
    """What a project's files call for."""
    workspace = project.workspace
    return Found(
        presets={preset: _plain(reason) for preset, reason in _presets(workspace)},
        exclude=dict(_exclude(project)),
        databases=tuple(map(_plain, _databases(project))),
        tables=len(list(project.d1_tables)),
    )


def text(found: Found, registry: Registry) -> str:
    """The configuration, as a file holds it."""
    return "\n".join([*_head(found, registry), *_settings(found), *_facts(found)]) + "\n"


def _root(path: Path | None) -> Path:
    folder = (path or Path()).resolve()
    if not folder.is_dir():
        raise engine.UsageError(f"{path} is no folder")
    if path is None:
        folder = find_root(folder)
    if has_config(folder):
        name = CONFIG_NAME if (folder / CONFIG_NAME).exists() else f"the {PACKAGE_KEY} key of package.json"
        raise engine.UsageError(f"{folder} has a configuration, {name}; `d1lint config` prints what holds")
    return folder


def _presets(workspace: Workspace) -> Iterator[tuple[str, str]]:
    packages = _packages_on_d1(workspace)
    for preset, dependencies in _PRESETS.items():
        users = [(name, package) for package in packages for name in dependencies if name in package.dependencies]
        if users:
            name, package = users[0]
            others = len({package.path for _, package in users}) - 1
            yield preset, f"{name} in {package.path}" + (f" and {others} more" if others else "")


def _packages_on_d1(workspace: Workspace) -> list[Package]:
    """The packages whose code runs in a Worker with D1; all of them where no Worker is configured."""
    packages = list(workspace.packages)
    if not any(config.d1 for config in workspace.wrangler_configs):
        return packages
    return [package for package in packages if any(config.d1 for config in workspace.wranglers_of(package))]


def _exclude(project: Project) -> Iterator[tuple[str, str]]:
    """The outermost folders of other people's code that hold nothing of what is linted."""
    kept = {table.file for table in project.tables} | {visit.scope.module for visit, _ in project.clients}
    files: dict[str, list[str]] = {}
    for path in project.workspace.sources:
        folders = [folder for folder in upwards(folder_of(path)) if _NOT_WRITTEN_HERE.match(name_of(folder))]
        if folders:
            files.setdefault(folders[-1], []).append(path)
    for folder, paths in sorted(files.items()):
        if kept.isdisjoint(paths) and _is_plain(folder):
            yield (
                f"/{folder}/",
                f"{len(paths)} {'script' if len(paths) == 1 else 'scripts'} without a table or a client",
            )


def _databases(project: Project) -> Iterator[str]:
    for config in project.workspace.wrangler_configs:
        environments: dict[str, list[str]] = {}
        names: dict[str, str] = {}
        for found in config.d1:
            environments.setdefault(found.binding, []).extend([found.environment] if found.environment else [])
            if found.database_name:
                names.setdefault(found.binding, found.database_name)
        for binding, within in environments.items():
            name = f", the database {names[binding]}" if binding in names else ""
            also = f" (environments: {', '.join(within)})" if within else ""
            yield f"{config.path}: {binding}{name}{also}"
    for kit in project.kit_configs:
        if kit.is_sqlite:
            schema = ", ".join(kit.schema_files[:3]) + (", …" if len(kit.schema_files) > 3 else "")
            # Where even the schema is not understood, the folder is only drizzle-kit's usual one.
            migrations = f"; migrations in {kit.out}" if kit.out and kit.schema_files else ""
            yield f"{kit.path}: {f'the schema is {schema}' if schema else 'no schema is found'}{migrations}"


def _head(found: Found, registry: Registry) -> Iterator[str]:
    yield f"#:schema {SCHEMA}"
    yield ""
    yield "# The presets to build on; `d1lint policy NAME` prints what one asks for. All stand on recommended."
    reasons = found.presets or {"recommended": registry.policy("recommended").title}
    yield "extends = ["
    for name, reason in reasons.items():
        yield f'  "{name}", # {reason}'
    for name in registry.policy_names:
        if name != "recommended" and name not in reasons:
            yield f'  # "{name}", # {registry.policy(name).title}'
    yield "]"
    yield ""


def _settings(found: Found) -> Iterator[str]:
    yield "# What is not linted: patterns as in .gitignore. What git ignores and build output are left out anyway."
    if found.exclude:
        yield "exclude = ["
        for pattern, reason in found.exclude.items():
            yield f"  {json.dumps(pattern, ensure_ascii=False)}, # {reason}"
        yield "]"
    else:
        yield 'exclude = [] # for example "legacy/"'
    yield ""
    yield "# The findings that are known, so that only new ones count: `d1lint baseline` writes this file."
    yield f'# baseline = "{DEFAULT_NAME}"'
    yield ""
    yield "# The level of a rule: error, warning, note or off. `d1lint rules` lists them, `d1lint config` what holds."
    yield "[rules]"
    yield '# missing-relation = "warning"'
    yield ""
    yield "# Settings for some paths; later ones stand on earlier ones."
    yield "# [[overrides]]"
    yield '# paths = ["scripts/"]'
    yield '# rules = { global-client = "off" }'


def _facts(found: Found) -> Iterator[str]:
    yield ""
    if not (found.databases or found.tables):
        yield "# No Drizzle on Cloudflare D1 was found here when this was written."
        return
    yield f"# Found here when this was written: {found.tables} {'table' if found.tables == 1 else 'tables'} of D1."
    for line in found.databases:
        yield f"#   {line}"


def _is_plain(text: str) -> bool:
    """Whether a text can stand in TOML and in a pattern as it is."""
    return re.fullmatch(r"[\w./@ -]+", text) is not None


def _plain(text: str) -> str:
    """A text as a comment and a terminal can hold it, whatever a file says."""
    return "".join(character if character.isprintable() else "?" for character in text)
