"""The `schema` objects that clients are given: what carries a further export to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Edit, Span
from d1lint.model.edits import imports
from d1lint.model.edits.layout import layout_of
from d1lint.model.edits.lists import append
from d1lint.model.edits.statements import declaration_around
from d1lint.model.schema import Table
from d1lint.model.values import Namespace, ObjectValue, Value

if TYPE_CHECKING:
    from d1lint.model.project import Project


@dataclass(frozen=True, slots=True)
class Carriage:
    """Whether the clients that have a table will have a new export, and the edits that see to it."""

    is_complete: bool
    edits: tuple[Edit, ...] = ()
    makes: tuple[str, ...] = ()


def carry(project: Project, table: Table, file: str, export: str, place: int) -> Carriage:
    """Carry what a file is to export to every client that has a table. `place` is where it is to be declared.

    An object that spreads the file's exports has it by itself; to one that lists them it is added.
    """
    edits: list[Edit] = []
    makes: list[str] = []
    is_complete = True
    for schema in project.once(_schemas):
        if table.origin not in schema.members or file in schema.stars:
            continue
        added = _added(project, schema, file, export, place)
        if added is None:
            is_complete = False
        else:
            edits += [edit for edit in added.edits if edit not in edits]
            makes += added.makes
    return Carriage(is_complete, tuple(edits), tuple(dict.fromkeys(makes)))


@dataclass(frozen=True, slots=True)
class _Schema:
    """A schema object: what it holds, the modules that it has all exports of, and the literal, where there is one."""

    members: frozenset[Value]
    stars: frozenset[str]
    file: str
    literal: ir.Object | None


def _schemas(project: Project) -> list[_Schema]:
    """The schema object of each client, each once."""
    found: dict[object, _Schema] = {}
    for visit, client in project.clients:
        schema = client.schema(project.ev)
        entries = project.ev.entries_of(schema)
        if entries is None:
            continue
        file, literal = _written(visit.node, visit.scope.module) or _declared(project, schema) or ("", None)
        key = (file, literal.start) if literal is not None else visit
        members = frozenset(entry.read() for entry in entries.entries.values())
        found.setdefault(key, _Schema(members, _stars(project, schema), file, literal))
    return list(found.values())


def _written(call: object, file: str) -> tuple[str, ir.Object] | None:
    """The object literal in the call itself: `drizzle(env.DB, { schema: { … } })`."""
    config = call.args[-1] if isinstance(call, ir.Call) and call.args else None
    for entry in config.entries if isinstance(config, ir.Object) else ():
        if isinstance(entry, ir.Property) and entry.key == "schema" and isinstance(entry.value, ir.Object):
            return file, entry.value
    return None


def _declared(project: Project, schema: Value) -> tuple[str, ir.Object] | None:
    """The object literal that a variable at the top of a module is given: `const schema = { … }`."""
    for entry in schema.entries.values() if isinstance(schema, ObjectValue) else ():
        # What was spread into it has no place, or one in another object.
        found = declaration_around(project, Span(entry.module, entry.start, entry.end)) if entry.end else None
        value = found.value if found is not None else None
        if isinstance(value, ir.Object) and any(item.start == entry.start for item in value.entries):
            return entry.module, value
    return None


def _stars(project: Project, schema: Value) -> frozenset[str]:
    """The modules all of whose exports a schema object has: `import * as schema`, spread or as it is."""
    modules = []
    if isinstance(schema, Namespace):
        modules.append(schema.module)
    elif isinstance(schema, ObjectValue):
        modules += [entry.module for entry in schema.entries.values() if entry.start == entry.end == 0]
    return frozenset().union(*(project.once(imports.all_exported, path) for path in dict.fromkeys(modules)))


def _added(project: Project, schema: _Schema, file: str, export: str, place: int) -> Carriage | None:
    """The edits that add an export to an object literal; None where that can not be done safely."""
    literal = schema.literal
    if literal is None or any(isinstance(e, ir.Property) and e.key == export for e in literal.entries):
        return None
    edits: tuple[Edit, ...] = ()
    makes: tuple[str, ...] = ()
    if schema.file != file:
        named = imports.of_new_export(project, schema.file, file, export)
        if named is None or named.expression != export:
            return None
        edits, makes = named.edits, named.makes
    elif literal.start < place and declaration_around(project, Span(file, literal.start, literal.end)) is not None:
        return None  # it would be used before it is declared
    addition = append(layout_of(project, schema.file), literal, export)
    if addition is None:
        return None
    if not addition.composes:
        makes = (*makes, f"list {schema.file}:{literal.start}")
    return Carriage(True, (*edits, *addition.edits), makes)
