"""Adding `r.one` and `r.many` to the `defineRelations(…)` of Drizzle 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Edit, Fix
from d1lint.model.drizzle.relations import RelationsConfig
from d1lint.model.edits import imports
from d1lint.model.edits.callbacks import entry_of, function_of, result_of
from d1lint.model.edits.keys import keys_of
from d1lint.model.edits.layout import Layout, is_identifier, layout_of, member, property_key
from d1lint.model.edits.lists import append, with_options
from d1lint.model.edits.relation_names import Pair, pair, unfinished_relation
from d1lint.model.edits.statements import declaration_around
from d1lint.model.schema import ForeignKey, Relation, Table
from d1lint.model.values import UNDEFINED, Value

if TYPE_CHECKING:
    from d1lint.model.project import Project


@dataclass(frozen=True, slots=True)
class _Config:
    """A `defineRelations` that can be added to: its parameter `r`, its object, and the keys of child and parent.

    `body` is None where it has no callback, yet.
    """

    value: RelationsConfig
    parameter: str
    body: ir.Object | None
    child: str
    parent: str

    def entry(self, key: str) -> ir.Object | None:
        """The object of one table's relations."""
        found = entry_of(self.body, key) if self.body is not None else None
        return found if isinstance(found, ir.Object) else None

    def has(self, key: str) -> bool:
        """Whether there is something for a table, an object or not."""
        return self.body is not None and entry_of(self.body, key) is not None


def add_relation(fk: ForeignKey, project: Project) -> Fix | None:
    """See `relations.add_relation`."""
    parent = fk.foreign
    assert parent is not None
    configs = project.once(_configs)
    if not configs:
        return _first(fk, project)
    known = [config for value in configs if (config := _config(value, fk, project)) is not None]
    # The one with the child's relations, else the one with the parent's.
    known.sort(key=lambda config: (config.entry(config.child) is None, config.entry(config.parent) is None))
    if not known:
        return None
    config = known[0]
    unfinished = unfinished_relation(fk, project)
    if unfinished is not None:
        return _finish(fk, unfinished, known, project)
    own, theirs = config.entry(config.child), config.entry(config.parent)
    if own is None and (fk.table.relations or config.has(config.child)):
        return None
    names = pair(fk, project, is_v1=True, has_parent=theirs is not None or parent is fk.table)
    if names is None:
        return None
    writer = _Writer(config.parameter, config.child, config.parent, fk, project, names)
    layout = layout_of(project, config.value.token.file)
    added = (
        _added(config, config.body, own, theirs, writer, layout)
        if config.body is not None
        else _with_callback(config, writer, layout, project)
    )
    if added is None:
        return None
    title = f"Add the relation {names.one} of {fk.table.name}"
    return Fix(title, added[0], is_safe=True, makes=(*added[1], *names.makes(fk)))


def _added(
    config: _Config,
    body: ir.Object,
    own: ir.Object | None,
    theirs: ir.Object | None,
    writer: _Writer,
    layout: Layout,
) -> tuple[tuple[Edit, ...], list[str]] | None:
    """The edits that add to a callback, and what they make."""
    file = config.value.token.file
    texts: list[tuple[ir.Object, list[str]]] = [(own, [writer.one(layout)])] if own is not None else []
    makes = []
    if own is None:
        texts.append((body, [writer.table(layout)]))
        makes.append(f"relations of {writer.fk.table.name}")
    if writer.names.inverse and writer.is_to_itself and own is not None:
        texts[0][1].append(writer.inverse(layout))
    elif writer.names.inverse and not writer.is_to_itself and theirs is not None:
        texts.append((theirs, [writer.inverse(layout)]))
    edits: list[Edit] = []
    for place, entries in texts:
        addition = append(layout, place, ",\n".join(entries))
        if addition is None:
            return None
        edits += addition.edits
        if not addition.composes:
            makes.append(f"list {file}:{place.start}")
    return tuple(edits), makes


def _with_callback(
    config: _Config, writer: _Writer, layout: Layout, project: Project
) -> tuple[tuple[Edit, ...], list[str]] | None:
    """The edits that give a callback to `defineRelations(schema)`, and what they make."""
    declaration = declaration_around(project, config.value.token)
    call = declaration.value if declaration is not None else None
    if not isinstance(call, ir.Call) or len(call.args) != 1 or isinstance(call.args[0], ir.Spread):
        return None
    close = call.end - 1
    if not call.start <= config.value.token.start < call.args[0].start or layout.skip(call.args[0].end) != close:
        return None
    text = f", {writer.callback(layout)}".replace("\n", f"\n{layout.indent(call.start)}")
    return (layout.insert(call.args[0].end, text),), [f"callback {config.value.token.file}:{call.start}"]


def _finish(fk: ForeignKey, relation: Relation, known: list[_Config], project: Project) -> Fix | None:
    """Give a `one` without columns the columns of a foreign key."""
    for config in known:
        own = config.entry(config.child) if config.value.token.file == relation.span.file else None
        call = entry_of(own, relation.name) if own is not None else None
        if own is None or not isinstance(call, ir.Call) or not own.start < relation.span.start < own.end:
            continue
        names = Pair(relation.name, None, "", "many")
        writer = _Writer(config.parameter, config.child, config.parent, fk, project, names)
        layout = layout_of(project, config.value.token.file)
        added = with_options(layout, call, 0, writer.options(layout))
        if added is None:
            return None
        title = f"Give the relation {relation.name} of {fk.table.name} its columns"
        return Fix(title, added, is_safe=True, makes=(f"relation {fk.table.name}.{relation.name}",))
    return None


def _first(fk: ForeignKey, project: Project) -> Fix | None:
    """The first `defineRelations` of a repository, at the end of the file that holds all tables of the database.

    It is not safe: the clients are to be given it, too, which changes their types.
    """
    parent, file = fk.foreign, fk.table.file
    names = pair(fk, project, is_v1=True, has_parent=parent is fk.table)
    maker = imports.from_package(project, file, "drizzle-orm", "defineRelations")
    tables = project.once(_tables_beside, fk.table)
    scope, module = project.ev.root(file), project.modules.module(file)
    if names is None or maker is None or tables is None or scope is None or module is None:
        return None
    name = next((name for name in ("relations", "tableRelations") if scope.find(name) is None), None)
    known = project.once(imports.names_in, file).direct
    keys = [known.get(table.origin) if table.origin is not None else None for table in tables]
    child, other = (known.get(table.origin) for table in (fk.table, parent) if table is not None and table.origin)
    if name is None or child is None or other is None or None in keys or parent not in tables:
        return None
    layout = layout_of(project, file)
    writer = _Writer("r", child, other, fk, project, names)
    schema = f"{{ {', '.join(map(str, keys))} }}"
    if len(schema) + len(name) + 40 > layout.width:
        inner = f",\n{layout.unit}".join(map(str, keys))
        schema = f"{{\n{layout.unit}{inner}{layout.trailing_comma}\n}}"
    text = f"export const {name} = {maker.expression}({schema}, {writer.callback(layout)}){layout.semicolon}"
    end = len(layout.data.rstrip())
    edits = (*maker.edits, layout.insert(end, f"\n\n{text}"))
    title = f"Add the relation {names.one} of {fk.table.name}, in the first defineRelations"
    return Fix(title, edits, is_safe=False, makes=(f"block {file}:{name}", *names.makes(fk)))


def _tables_beside(project: Project, table: Table) -> list[Table] | None:
    """The tables of a table's database, in their order; None where they are not all in one file."""
    tables = table.database.tables if table.database is not None else []
    return tables if all(other.file == table.file for other in tables) else None


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the relations of one foreign key. `parameter` is the callback's, `child` and `parent` are the keys."""

    parameter: str
    child: str
    parent: str
    fk: ForeignKey
    project: Project
    names: Pair

    @property
    def is_to_itself(self) -> bool:
        return self.fk.foreign is self.fk.table

    def callback(self, layout: Layout) -> str:
        """A callback with the relations of the child."""
        lines = "\n".join(f"{layout.unit}{line}" for line in self.table(layout).split("\n"))
        return f"({self.parameter}) => ({{\n{lines}{layout.trailing_comma}\n}})"

    def table(self, layout: Layout) -> str:
        """The entry of the child, with its relations."""
        entries = [self.one(layout)]
        if self.names.inverse and self.is_to_itself:
            entries.append(self.inverse(layout))
        inner = ",\n".join(entries).replace("\n", f"\n{layout.unit}")
        return f"{property_key(self.child)}: {{\n{layout.unit}{inner}{layout.trailing_comma}\n}}"

    def one(self, layout: Layout) -> str:
        """The relation of the key."""
        options = self.options(layout)
        call = member(f"{self.parameter}.one", self.parent)
        one_line = f"{self.names.one}: {call}({{ {', '.join(options)} }})"
        if len(one_line) + 2 * len(layout.unit) + 1 <= layout.width:
            return one_line
        inner = f",\n{layout.unit}".join(options)
        return f"{self.names.one}: {call}({{\n{layout.unit}{inner}{layout.trailing_comma}\n}})"

    def options(self, layout: Layout) -> list[str]:
        """The options of the relation."""
        assert self.fk.foreign is not None
        start = self._ends(self.child, self.fk.table, self.fk.columns)
        to = self._ends(self.parent, self.fk.foreign, self.fk.foreign_columns)
        options = [f"from: {start}", f"to: {to}"]
        if self.names.alias is not None:
            options.append(f"alias: {layout.quoted(self.names.alias)}")
        return options

    def inverse(self, layout: Layout) -> str:
        """The parent's side."""
        options = f"{{ alias: {layout.quoted(self.names.alias)} }}" if self.names.alias is not None else ""
        call = member(f"{self.parameter}.{self.names.inverse_kind}", self.child)
        return f"{self.names.inverse}: {call}({options})"

    def _ends(self, key: str, table: Table, columns: tuple[str, ...]) -> str:
        owner = member(self.parameter, key)
        found = [member(owner, column) for column in keys_of(self.project, table, columns)]
        return found[0] if len(found) == 1 else f"[{', '.join(found)}]"


def _configs(project: Project) -> list[RelationsConfig]:
    return [value for value in project.relation_values if isinstance(value, RelationsConfig)]


def _config(value: RelationsConfig, fk: ForeignKey, project: Project) -> _Config | None:
    keys = project.once(_keys, value)
    assert fk.foreign is not None
    child, parent = keys.get(fk.table.origin), keys.get(fk.foreign.origin)
    if child is None or parent is None:
        return None
    if value.callback is UNDEFINED:
        return _Config(value, "r", None, child, parent)
    callback = function_of(value.callback)
    body = result_of(callback) if callback is not None else None
    if callback is None or not isinstance(body, ir.Object) or not callback.params:
        return None
    parameter = callback.params[0].pattern
    if not isinstance(parameter, ir.Name) or not is_identifier(parameter.name):
        return None
    return _Config(value, parameter.name, body, child, parent)


def _keys(project: Project, value: RelationsConfig) -> dict[Value | None, str]:
    """The keys that a `defineRelations` has for what is in its schema."""
    entries = project.ev.entries_of(value.schema)
    return {entry.read(): key for key, entry in entries.entries.items()} if entries is not None else {}
