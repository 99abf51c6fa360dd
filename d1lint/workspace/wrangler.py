"""Wrangler configurations: which bindings a Worker has, and where the migrations of its databases are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from d1lint.workspace.documents import as_list, as_object, as_text, as_texts, load_json, load_toml
from d1lint.workspace.paths import folder_of, join, name_of
from d1lint.workspace.problem import Problem
from d1lint.workspace.tree import Tree

BindingKind = Literal["durable_object", "kv", "r2", "hyperdrive"]

DEFAULT_MIGRATIONS_DIR = "migrations"


@dataclass(frozen=True, slots=True)
class D1Binding:
    """One entry of `d1_databases`. `environment` is None at the top level; `line` is 1-based, of the binding's name.

    Environments do not inherit the databases of the top level. `migrations_dir` is relative to the file's folder.
    """

    binding: str
    database_name: str | None
    database_id: str | None
    migrations_dir: str
    migrations_dir_declared: bool
    migrations_pattern: str | None
    environment: str | None
    line: int


@dataclass(frozen=True, slots=True)
class OtherBinding:
    """A binding that is not D1. `class_name` is that of a Durable Object."""

    name: str
    kind: BindingKind
    environment: str | None
    class_name: str | None = None


@dataclass(frozen=True, slots=True)
class WranglerConfig:
    """One wrangler file. `environments` are the names below `env`; `env_mains` the entry points that these name."""

    path: str
    name: str | None = None
    main: str | None = None
    compatibility_date: str | None = None
    compatibility_flags: tuple[str, ...] = ()
    pages_build_output_dir: str | None = None
    environments: tuple[str, ...] = ()
    env_mains: tuple[str, ...] = ()
    d1: tuple[D1Binding, ...] = ()
    others: tuple[OtherBinding, ...] = ()
    sqlite_classes: tuple[str, ...] = ()
    """Durable Object classes with a SQLite database of their own, from `migrations[].new_sqlite_classes`."""

    @property
    def directory(self) -> str:
        """The folder of the file; its paths are relative to it."""
        return folder_of(self.path)

    @property
    def mains(self) -> tuple[str, ...]:
        """The entry points, each once: that of the top level, which environments inherit, and those of their own."""
        return tuple(dict.fromkeys((*([self.main] if self.main else []), *self.env_mains)))

    @property
    def is_example(self) -> bool:
        """Whether it stands for a configuration that is not in the repository."""
        return re.search(r"[.-](example|sample|template|dist)\b", name_of(self.path)) is not None

    def migrations_path(self, binding: D1Binding) -> str | None:
        """The migrations folder of a database, relative to the project root; None where it is outside."""
        return join(self.directory, binding.migrations_dir)


def load_wrangler(tree: Tree, path: str, problems: list[Problem]) -> WranglerConfig:
    """Read a wrangler file. What does not parse is a problem and an empty configuration."""
    is_toml = ".toml" in name_of(path)
    document = load_toml(tree, path, problems) if is_toml else load_json(tree, path, problems)
    if not document:
        return WranglerConfig(path)
    text = tree.read(path).decode("utf-8", "replace")
    lines = _Lines(_toml_lines(text) if is_toml else _json_lines(text, document))
    environments = as_object(document.get("env"))
    scopes: list[tuple[str | None, Mapping[str, object]]] = [(None, document)]
    scopes += [(name, as_object(body)) for name, body in environments.items()]
    return WranglerConfig(
        path=path,
        name=as_text(document.get("name")),
        main=as_text(document.get("main")),
        # TOML reads an unquoted date as one.
        compatibility_date=str(document["compatibility_date"]) if document.get("compatibility_date") else None,
        compatibility_flags=as_texts(document.get("compatibility_flags")),
        pages_build_output_dir=as_text(document.get("pages_build_output_dir")),
        environments=tuple(environments),
        env_mains=tuple(main for _, body in scopes[1:] if (main := as_text(body.get("main")))),
        d1=tuple(found for name, body in scopes for found in _d1(body, name, lines)),
        others=tuple(found for name, body in scopes for found in _others(body, name)),
        sqlite_classes=tuple(dict.fromkeys(found for _, body in scopes for found in _sqlite_classes(body))),
    )


def _entries(body: Mapping[str, object], key: str) -> Iterator[Mapping[str, object]]:
    for entry in as_list(body.get(key)):
        yield as_object(entry)


def _d1(body: Mapping[str, object], environment: str | None, lines: _Lines) -> Iterator[D1Binding]:
    for entry in _entries(body, "d1_databases"):
        binding = as_text(entry.get("binding"))
        if binding is None:
            continue
        declared = as_text(entry.get("migrations_dir"))
        yield D1Binding(
            binding=binding,
            database_name=as_text(entry.get("database_name")),
            database_id=as_text(entry.get("database_id")),
            migrations_dir=declared or DEFAULT_MIGRATIONS_DIR,
            migrations_dir_declared=declared is not None,
            migrations_pattern=as_text(entry.get("migrations_pattern")),
            environment=environment,
            line=lines.take(environment, binding),
        )


def _others(body: Mapping[str, object], environment: str | None) -> Iterator[OtherBinding]:
    for entry in _entries(as_object(body.get("durable_objects")), "bindings"):
        if name := as_text(entry.get("name")):
            yield OtherBinding(name, "durable_object", environment, as_text(entry.get("class_name")))
    keys: tuple[tuple[str, BindingKind], ...] = (
        ("kv_namespaces", "kv"),
        ("r2_buckets", "r2"),
        ("hyperdrive", "hyperdrive"),
    )
    for key, kind in keys:
        for entry in _entries(body, key):
            if name := as_text(entry.get("binding")):
                yield OtherBinding(name, kind, environment)


def _sqlite_classes(body: Mapping[str, object]) -> Iterator[str]:
    for entry in _entries(body, "migrations"):
        yield from as_texts(entry.get("new_sqlite_classes"))


class _Lines:
    """The lines of binding names, each handed out once. Within an environment a name is that of one binding."""

    def __init__(self, found: Iterator[tuple[str | None, str, int]]) -> None:
        self._lines: dict[tuple[str | None, str], list[int]] = {}
        for environment, name, line in found:
            self._lines.setdefault((environment, name), []).append(line)

    def take(self, environment: str | None, name: str) -> int:
        lines = self._lines.get((environment, name))
        return lines.pop(0) if lines else 1


_TOML_BINDING = re.compile(r"""(?:^|[\s{,])["']?binding["']?\s*=\s*(["'])(.*?)\1""")


def _toml_lines(text: str) -> Iterator[tuple[str | None, str, int]]:
    environment: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if stripped.startswith("[") and "=" not in stripped:
            keys = [key.strip(" \t\"'") for key in stripped.strip("[").partition("]")[0].split(".")]
            environment = keys[1] if keys[0] == "env" and len(keys) > 1 else None
            continue
        for match in _TOML_BINDING.finditer(line):
            yield environment, match[2], number


_JSON_TOKEN = re.compile(
    r"""["']?binding["']?\s*:\s*(?P<name>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*.*?\*/""",
    re.DOTALL,
)


def _json_lines(text: str, document: Mapping[str, object]) -> Iterator[tuple[str | None, str, int]]:
    """The names in the text and those in the document come in one order; only the document knows the environment."""
    lines: list[int] = []
    at, line = 0, 1
    for match in _JSON_TOKEN.finditer(text):
        if match["name"] is not None:
            line += text.count("\n", at, match.start("name"))
            at = match.start("name")
            lines.append(line)
    names = list(_names(document))
    if len(names) == len(lines):
        for (environment, name), number in zip(names, lines, strict=True):
            yield environment, name, number


def _names(document: Mapping[str, object]) -> Iterator[tuple[str | None, str]]:
    """Every `binding` of a document, in its order, with its environment."""
    for key, value in document.items():
        if key == "env" and isinstance(value, dict):
            for environment, body in value.items():
                yield from ((environment, name) for name in _names_in(environment, body))
        else:
            yield from ((None, name) for name in _names_in(key, value))


def _names_in(key: str, value: object) -> Iterator[str]:
    pending = [(key, value)]
    while pending:
        key, value = pending.pop()
        if key == "binding" and isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            pending += reversed(value.items())
        elif isinstance(value, list):
            pending += [("", item) for item in reversed(value)]
