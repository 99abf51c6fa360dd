"""Naming something in a file: as it is known there already, or by an import that is added."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Edit
from d1lint.model.edits.layout import layout_of
from d1lint.model.values import External, Namespace, Value

if TYPE_CHECKING:
    from d1lint.model.project import Project

_NAMED = re.compile(rb"import\s+(?:[\w$]+\s*,\s*)?\{(?P<names>[^{}]*)\}\s*from\b")
_NAME = re.compile(rb"[^\s,](?:[^,]*[^\s,])?")
_ENDINGS = ("", ".js", ".ts", ".mjs", ".jsx", ".tsx")


@dataclass(frozen=True, slots=True)
class Named:
    """How a file can name something: an expression, the edits that make it so, and what these make (see `Fix`)."""

    expression: str
    edits: tuple[Edit, ...] = ()
    makes: tuple[str, ...] = ()


def from_package(project: Project, path: str, package: str, name: str) -> Named | None:
    """How a file can name an export of a package that the product knows."""
    return project.once(_from_package, path, package, name)


def from_module(project: Project, path: str, value: Value, module: str, export: str) -> Named | None:
    """How a file can name what a module of the repository exports.

    None, too, where the import would close a circle: a module of it could be used before it has run.
    """
    return project.once(_from_module, path, value, module, export)


def of_new_export(project: Project, path: str, module: str, export: str) -> Named | None:
    """How a file can name what a module of the repository is to export by another edit; None likewise."""
    return _Naming(project, path, None).named(export, export, module, is_file=True)


def _from_package(project: Project, path: str, package: str, name: str) -> Named | None:
    value = project.ev.intrinsics.values[package, name]
    return _Naming(project, path, value).named(name, f"{name}FromDrizzle", package)


def _from_module(project: Project, path: str, value: Value, module: str, export: str) -> Named | None:
    return _Naming(project, path, value).named(export, f"{export}Table", module, is_file=True)


class _Naming:
    def __init__(self, project: Project, path: str, value: Value | None) -> None:
        module, scope = project.modules.module(path), project.ev.root(path)
        assert module is not None and scope is not None
        self.project = project
        self.path = path
        self.value = value  # None for what does not exist yet
        self.module = module
        self.scope = scope
        self.layout = layout_of(project, path)

    def named(self, name: str, other_name: str, origin: str, *, is_file: bool = False) -> Named | None:
        if self.value is not None:
            known = self.project.once(names_in, self.path).name_of(self.project, self.value)
            if known is not None:
                return Named(known)
        local = name if self.scope.find(name) is None else other_name
        if self.scope.find(local) is not None:
            return None
        for statement in self._statements():
            exported = self._exported_as(statement.specifier, name, origin)
            edit = self._added(statement, exported, local) if exported else None
            if edit is not None:
                return Named(local, (edit,))
        specifier = self._specifier(origin) if is_file else origin
        if specifier is None or (is_file and self.path in self.project.once(_reached, origin)):
            return None
        # Names that two fixes import from one module go into one statement: the second waits for the first.
        makes = (f"import {self.path} {specifier}",) if is_file else ()
        return Named(local, (self._new_statement(specifier, _specified(name, local), is_file),), makes)

    def _statements(self) -> Iterator[ir.Import]:
        """One name of each import statement."""
        seen: set[int] = set()
        for item in self.module.imports:
            if item.local and item.start not in seen:
                seen.add(item.start)
                yield item

    def _exported_as(self, specifier: str, name: str, origin: str) -> str | None:
        """The name under which a specifier's module exports it."""
        ev = self.project.ev
        target = self.project.modules.resolve(specifier, self.path)
        if self.value is None:
            is_there = target.file is not None and origin in self.project.once(all_exported, target.file)
            return name if is_there else None
        if target.file is None:
            return name if ev.intrinsics.values.get((target.package, name)) is self.value else None
        if ev.exported(target.file, name) is self.value:
            return name
        return self.project.once(_exports, target.file).get(self.value)

    def _added(self, statement: ir.Import, exported: str, local: str) -> Edit | None:
        """A further name in an import statement: in its place where they are sorted, else behind the last.

        None for one without braces, and for `import type`.
        """
        layout = self.layout
        found = _NAMED.match(layout.data, statement.start, statement.end)
        if found is None:
            return None
        start, end = found.span("names")
        text = _specified(exported, local)
        names = layout.data[start:end]
        if b"//" in names or b"/*" in names:
            return layout.insert(start, f" {text},")
        items = [(start + m.start(), start + m.end()) for m in _NAME.finditer(names)]
        if not items:
            return layout.replace(start, end, f" {text} ")
        in_lines = len({layout.source.line_number(at) for at, _ in items} | {layout.source.line_number(start)}) > 1
        gap = f"\n{layout.indent(items[-1][0])}" if in_lines else " "
        before = _place([layout.text(*item).removeprefix("type ") for item in items], text)
        if before is not None:
            return layout.insert(items[before][0], f"{text},{gap}")
        return layout.insert(items[-1][1], f",{gap}{text}")

    def _new_statement(self, specifier: str, text: str, is_file: bool) -> Edit:
        layout = self.layout
        statement = f"import {{ {text} }} from {layout.quoted(specifier)}{layout.semicolon}"
        imports = sorted(self.module.imports, key=lambda item: item.start)
        alike = [item for item in imports if is_file or item.specifier.startswith("drizzle-orm")]
        later = next((item for item in alike if item.specifier > specifier), None)
        if later is not None and not is_file:
            return layout.insert(later.start, f"{statement}\n")
        if alike:
            return layout.insert(alike[-1].end, f"\n{statement}")
        at = imports[0].start if imports else len(layout.data) - len(layout.data.removeprefix(b"\xef\xbb\xbf"))
        return layout.insert(at, f"{statement}\n")

    def _specifier(self, target: str) -> str | None:
        """How the file would import another one: relative, with the ending that its relative imports have."""
        relative = posixpath.relpath(target, posixpath.dirname(self.path) or ".")
        stem, _ = posixpath.splitext(relative)
        stem = stem if stem.startswith(".") else f"./{stem}"
        relatives = [item.specifier for item in self.module.imports if item.specifier.startswith(".")]
        used = [posixpath.splitext(specifier)[1] for specifier in relatives]
        endings = sorted(_ENDINGS, key=lambda e: -used.count(e)) if used else list(_ENDINGS)
        candidates = [stem + e for e in endings]
        if posixpath.basename(stem) == "index":
            candidates.insert(0, posixpath.dirname(stem))
        resolve = self.project.modules.resolve
        return next((c for c in candidates if resolve(c, self.path).file == target), None)


@dataclass(frozen=True, slots=True)
class Names:
    """What a file has names for: `direct` by value, and what it has names below, `schema.users`."""

    direct: dict[Value, str]
    holders: list[tuple[str, Namespace | External]]

    def name_of(self, project: Project, value: Value) -> str | None:
        """The name that the file has for a value, or a name below one."""
        if value in self.direct:
            return self.direct[value]
        for local, holder in self.holders:
            if isinstance(holder, Namespace):
                name = project.once(_exports, holder.module).get(value)
            else:
                known = project.ev.intrinsics.values.items()
                name = next((n for (package, n), v in known if package == holder.package and v is value), None)
            if name is not None:
                return f"{local}.{name}"
        return None


def names_in(project: Project, path: str) -> Names:
    """What a file has names for."""
    module, scope = project.modules.module(path), project.ev.root(path)
    assert module is not None and scope is not None
    types = {item.local for item in module.imports if item.type_only}
    scope.bind()
    found = Names({}, [])
    for local, binding in list(scope.names.items()):
        if local not in types and local != ir.DEFAULT:
            value = binding.value(project.ev)
            found.direct.setdefault(value, local)
            if isinstance(value, Namespace) or (isinstance(value, External) and not value.path):
                found.holders.append((local, value))
    return found


def _exports(project: Project, path: str) -> dict[Value, str]:
    """The names under which a module exports what it does, the first of each."""
    found: dict[Value, str] = {}
    for name in project.ev.export_names(path)[0]:
        if name != "default":
            found.setdefault(project.ev.exported(path, name), name)
    return found


def all_exported(project: Project, path: str) -> frozenset[str]:
    """The modules all of whose exports a module has: itself, and those of its `export * from`."""
    found: set[str] = set()
    pending = [path]
    while pending:
        current = pending.pop()
        module = project.modules.module(current)
        if current in found or module is None:
            continue
        found.add(current)
        for export in module.exports:
            target = project.modules.resolve(export.specifier, current).file if export.specifier is not None else None
            if export.name == "*" and target is not None:
                pending.append(target)
    return frozenset(found)


def _reached(project: Project, path: str) -> frozenset[str]:
    """A module, and those that it imports, directly or through others."""
    seen: set[str] = set()
    pending = [path]
    while pending:
        current = pending.pop()
        module = project.modules.module(current)
        if current in seen or module is None:
            continue
        seen.add(current)
        used = [item.specifier for item in module.imports if not item.type_only]
        used += [item.specifier for item in module.exports if item.specifier is not None and not item.type_only]
        pending += [file for specifier in used if (file := project.modules.resolve(specifier, current).file)]
    return frozenset(seen)


def _specified(exported: str, local: str) -> str:
    return exported if exported == local else f"{exported} as {local}"


def _place(names: list[str], name: str) -> int | None:
    """The index of the name that a further one comes before; None where it comes last, or where they are not sorted."""
    for key in (str.casefold, str):
        keys = [key(each) for each in names]
        if len(keys) > 1 and keys == sorted(keys):
            return next((at for at, each in enumerate(keys) if each > key(name)), None)
    return None
