"""Adding `r.one` and `r.many` to the `defineRelations(…)` of Drizzle 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Edit, Fix
from d1lint.model.drizzle.relations import RelationsConfig
from d1lint.model.edits.callbacks import function_of, result_of
from d1lint.model.edits.layout import Layout, is_identifier, member, property_key
from d1lint.model.edits.lists import append
from d1lint.model.edits.relation_names import Pair, pair
from d1lint.model.schema import ForeignKey, Table

if TYPE_CHECKING:
    from d1lint.model.project import Project


@dataclass(frozen=True, slots=True)
class _Config:
    """A `defineRelations` that can be added to: its parameter `r`, its object, and the keys of child and parent."""

    value: RelationsConfig
    parameter: str
    body: ir.Object
    child: str
    parent: str


def add_relation(fk: ForeignKey, project: Project, configs: list[RelationsConfig]) -> Fix | None:
    """See `relations.add_relation`."""
    parent = fk.foreign
    assert parent is not None
    known = [config for value in configs if (config := _config(value, fk, project)) is not None]
    # The one with the child's relations, else the one with the parent's.
    known.sort(key=lambda config: (_entry(config, config.child) is None, _entry(config, config.parent) is None))
    if not known:
        return None
    config = known[0]
    own, theirs = _entry(config, config.child), _entry(config, config.parent)
    if own is None and fk.table.relations:
        return None
    names = pair(fk, is_v1=True, has_parent=theirs is not None or parent is fk.table)
    if names is None:
        return None
    layout = Layout(project.source(config.value.token.file))
    added = _added(config, own, theirs, names, fk, layout)
    if added is None:
        return None
    title = f"Add the relation {names.one} of {fk.table.name}"
    return Fix(title, added[0], is_safe=True, makes=(*added[1], *names.makes(fk)))


def _added(
    config: _Config, own: ir.Object | None, theirs: ir.Object | None, names: Pair, fk: ForeignKey, layout: Layout
) -> tuple[tuple[Edit, ...], list[str]] | None:
    texts: list[tuple[ir.Object, list[str]]] = [(own or config.body, [_one(config, names, fk, layout)])]
    if names.inverse:
        inverse = _inverse(config, names, layout)
        if fk.foreign is fk.table:
            texts[0][1].append(inverse)
        elif theirs is not None:
            texts.append((theirs, [inverse]))
    edits: list[Edit] = []
    makes = []
    for body, entries in texts:
        text = ",\n".join(entries)
        if body is config.body:
            inner = text.replace("\n", f"\n{layout.unit}")
            text = f"{property_key(config.child)}: {{\n{layout.unit}{inner}{layout.trailing_comma}\n}}"
            makes.append(f"relations of {fk.table.name}")
        addition = append(layout, body, text)
        if addition is None:
            return None
        edits += addition.edits
        if not addition.composes:
            makes.append(f"list {config.value.token.file}:{body.start}")
    return tuple(edits), makes


def _one(config: _Config, names: Pair, fk: ForeignKey, layout: Layout) -> str:
    assert fk.foreign is not None
    start = _ends(member(config.parameter, config.child), fk.table, fk.columns)
    to = _ends(member(config.parameter, config.parent), fk.foreign, fk.foreign_columns)
    options = [f"from: {start}", f"to: {to}"]
    if names.alias is not None:
        options.append(f"alias: {layout.quoted(names.alias)}")
    call = member(f"{config.parameter}.one", config.parent)
    one_line = f"{names.one}: {call}({{ {', '.join(options)} }})"
    if len(one_line) + 2 * len(layout.unit) + 1 <= layout.width:
        return one_line
    inner = f",\n{layout.unit}".join(options)
    return f"{names.one}: {call}({{\n{layout.unit}{inner}{layout.trailing_comma}\n}})"


def _inverse(config: _Config, names: Pair, layout: Layout) -> str:
    options = f"{{ alias: {layout.quoted(names.alias)} }}" if names.alias is not None else ""
    return f"{names.inverse}: {member(f'{config.parameter}.{names.inverse_kind}', config.child)}({options})"


def _ends(owner: str, table: Table, columns: tuple[str, ...]) -> str:
    keys = {column.name: column.key for column in table.columns}
    found = [member(owner, keys.get(name, name)) for name in columns]
    return found[0] if len(found) == 1 else f"[{', '.join(found)}]"


def _config(value: RelationsConfig, fk: ForeignKey, project: Project) -> _Config | None:
    callback = function_of(value.callback)
    body = result_of(callback) if callback is not None else None
    entries = project.ev.entries_of(value.schema)
    if callback is None or not isinstance(body, ir.Object) or entries is None or not callback.params:
        return None
    parameter = callback.params[0].pattern
    keys = {id(entry.read()): key for key, entry in entries.entries.items()}
    assert fk.foreign is not None
    child, parent = keys.get(id(fk.table.origin)), keys.get(id(fk.foreign.origin))
    if child is None or parent is None or not isinstance(parameter, ir.Name) or not is_identifier(parameter.name):
        return None
    return _Config(value, parameter.name, body, child, parent)


def _entry(config: _Config, key: str) -> ir.Object | None:
    """The object of one table's relations."""
    for entry in config.body.entries:
        if isinstance(entry, ir.Property) and entry.key == key:
            return entry.value if isinstance(entry.value, ir.Object) else None
    return None
