"""Adding `one` and `many` to the `relations(…)` of Drizzle 0.x."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Edit, Fix
from d1lint.model.drizzle.relations import RelationsValue
from d1lint.model.edits import imports
from d1lint.model.edits.callbacks import function_of, helpers, result_of
from d1lint.model.edits.layout import Layout, member
from d1lint.model.edits.lists import append
from d1lint.model.edits.relation_names import Pair, pair, word
from d1lint.model.edits.words import singular
from d1lint.model.schema import ForeignKey, Table
from d1lint.model.values import Namespace, ObjectValue, Value

if TYPE_CHECKING:
    from d1lint.model.project import Project

_IN_LINES = re.compile(rb"\bone\(\s*[\w.]+\s*,\s*\{\s*\n")
_IN_ONE_LINE = re.compile(rb"\bone\(\s*[\w.]+\s*,\s*\{[^\n{}]*\}")


@dataclass(frozen=True, slots=True)
class _Block:
    """A `relations(table, callback)` that can be added to."""

    value: RelationsValue
    callback: ir.Function
    body: ir.Object

    @property
    def file(self) -> str:
        return self.value.token.file


def add_relation(fk: ForeignKey, project: Project) -> Fix | None:
    """See `relations.add_relation`."""
    parent = fk.foreign
    assert parent is not None
    own, theirs = _block(fk.table, project), _block(parent, project)
    if own is None and fk.table.relations:
        return None  # they are somewhere where they can not be added to
    can_name = theirs is not None and _named(fk.table, theirs.file, project) is not None
    names = pair(fk, is_v1=False, has_parent=can_name or parent is fk.table)
    if names is None:
        return None
    written = _Writer(fk, project, names)
    added = written.extended(own, theirs) if own is not None else written.new(theirs)
    if added is None:
        return None
    edits, makes, is_reached = added
    title = f"Add the relation {names.one} of {fk.table.name}"
    return Fix(title, tuple(edits), is_safe=is_reached, makes=(*makes, *names.makes(fk)))


class _Writer:
    """Writes the relations of one foreign key."""

    def __init__(self, fk: ForeignKey, project: Project, names: Pair) -> None:
        assert fk.foreign is not None
        self.fk = fk
        self.parent: Table = fk.foreign
        self.project = project
        self.names = names

    def extended(self, own: _Block, theirs: _Block | None) -> tuple[list[Edit], list[str], bool] | None:
        """Entries in blocks that are there."""
        if theirs is not None and own.value is theirs.value and self.names.inverse:
            found = self._entries(own, ["one", self.names.inverse_kind])
            return (*found, True) if found is not None else None
        found = self._entries(own, ["one"])
        if found is None:
            return None
        edits, makes = found
        if theirs is not None and self.names.inverse:
            inverse = self._entries(theirs, [f"inverse {self.names.inverse_kind}"])
            if inverse is None:
                return None
            edits += inverse[0]
            makes += inverse[1]
        return edits, makes, True

    def _entries(self, block: _Block, kinds: list[str]) -> tuple[list[Edit], list[str]] | None:
        """The edits that add entries of some kinds to one block: the key's own, or the inverse, or both."""
        layout = Layout(self.project.source(block.file))
        calls = list(dict.fromkeys(kind.removeprefix("inverse ") for kind in kinds))
        helped = helpers(layout, block.callback, calls)
        tables = self._named_tables(block.file)
        if helped is None or tables is None:
            return None
        functions = dict(zip(calls, helped[0], strict=True))
        child, parent, edits, imported = tables
        texts = []
        for number, kind in enumerate(kinds):
            if number or kind.startswith("inverse"):
                texts.append(self._inverse(layout, functions[kind.removeprefix("inverse ")], child))
            else:
                texts.append(self._one(layout, functions["one"], child, parent))
        addition = append(layout, block.body, ",\n".join(texts))
        if addition is None:
            return None
        edits = [*edits, *helped[1], *addition.edits]
        return edits, imported if addition.composes else [*imported, f"list {block.file}:{block.body.start}"]

    def _named_tables(self, file: str) -> tuple[str, str, list[Edit], list[str]] | None:
        """How a file names the child and the parent, the imports that it needs for that, and what these make."""
        edits: list[Edit] = []
        makes: list[str] = []
        found = []
        for table in (self.fk.table, self.parent):
            named = _named(table, file, self.project)
            if named is None:
                return None
            found.append(named.expression)
            edits += [edit for edit in named.edits if edit not in edits]
            makes += named.makes
        return found[0], found[1], edits, makes

    def _one(self, layout: Layout, function: str, child: str, parent: str) -> str:
        fields = ", ".join(member(child, key) for key in _keys(self.fk.table, self.fk.columns))
        references = ", ".join(member(parent, key) for key in _keys(self.parent, self.fk.foreign_columns))
        options = [f"fields: [{fields}]", f"references: [{references}]"]
        if self.names.alias is not None:
            options.append(f"relationName: {layout.quoted(self.names.alias)}")
        one_line = f"{self.names.one}: {function}({parent}, {{ {', '.join(options)} }})"
        in_lines = len(_IN_LINES.findall(layout.data)) > len(_IN_ONE_LINE.findall(layout.data))
        if not in_lines and len(one_line) + len(layout.unit) + 1 <= layout.width:
            return one_line
        separator = f",\n{layout.unit}"
        inner = separator.join(options) + layout.trailing_comma
        return f"{self.names.one}: {function}({parent}, {{\n{layout.unit}{inner}\n}})"

    def _inverse(self, layout: Layout, function: str, child: str) -> str:
        options = f", {{ relationName: {layout.quoted(self.names.alias)} }}" if self.names.alias is not None else ""
        return f"{self.names.inverse}: {function}({child}{options})"

    # --- a new block ---------------------------------------------------------------------------------------------

    def new(self, theirs: _Block | None) -> tuple[list[Edit], list[str], bool] | None:
        """A block of its own for the child, where the repository keeps them."""
        file = self._home()
        layout = Layout(self.project.source(file))
        place = self._place(file)
        name = self._block_name(file)
        maker = imports.from_package(self.project, file, "drizzle-orm", "relations")
        tables = self._named_tables(file)
        if place is None or name is None or maker is None or tables is None:
            return None
        child, parent, edits, imported = tables
        calls = ["one"]
        entries = [self._one(layout, "one", child, parent)]
        if self.parent is self.fk.table and self.names.inverse:
            calls += [kind for kind in [self.names.inverse_kind] if kind != "one"]
            entries.append(self._inverse(layout, self.names.inverse_kind, child))
        body = "".join(f"{layout.unit}{line}\n" for line in ",\n".join(entries).splitlines()).rstrip("\n")
        text = (
            f"export const {name} = {maker.expression}({child}, ({{ {', '.join(calls)} }}) => ({{\n"
            f"{body}{layout.trailing_comma}\n}})){layout.semicolon}"
        )
        edits = [*maker.edits, *edits, layout.insert(place, f"\n\n{text}")]
        makes = [f"block {file}:{name}", *imported]
        if theirs is not None and self.parent is not self.fk.table and self.names.inverse:
            inverse = self._entries(theirs, [f"inverse {self.names.inverse_kind}"])
            if inverse is None:
                return None
            edits += [edit for edit in inverse[0] if edit not in edits]
            makes += inverse[1]
        return edits, makes, self._is_reached(file)

    def _home(self) -> str:
        """The file for the relations of the child: beside the table, or where most others are."""
        files: Counter[str] = Counter()
        beside = 0
        tables = {table.origin: table for table in self._neighbours() if table.origin is not None}
        for value in _values(self.project):
            table = tables.get(value.table)  # type: ignore[call-overload]
            if table is not None:
                files[value.token.file] += 1
                beside += value.token.file == table.file
        if not files or beside * 2 >= files.total():
            return self.fk.table.file
        return files.most_common(1)[0][0]

    def _neighbours(self) -> list[Table]:
        """The tables of the same database and package."""
        package = self.project.workspace.package_of(self.fk.table.file)
        tables = self.fk.table.database.tables if self.fk.table.database is not None else []
        return [table for table in tables if self.project.workspace.package_of(table.file) is package]

    def _place(self, file: str) -> int | None:
        """The end of the statement that the block goes behind: the last of its kind, or the table's own."""
        module = self.project.modules.module(file)
        if module is None:
            return None
        spans = [value.token for value in _values(self.project) if value.token.file == file]
        if self.fk.table.file == file:
            spans.append(self.fk.table.span)
        ends = [
            statement.end
            for statement in module.body
            if isinstance(statement, ir.Declare)
            and any(statement.start <= span.start and span.end <= statement.end for span in spans)
        ]
        if not ends or (self.fk.table.file == file and not _holds(module, self.fk.table)):
            return None
        return Layout(self.project.source(file)).skip_in_line(max(ends))

    def _block_name(self, file: str) -> str | None:
        """`postsRelations`, or as the other blocks are called."""
        own = word(self.fk.table)
        ways: Counter[int] = Counter()
        tables = {table.origin: table for table in self._neighbours() if table.origin is not None}
        for value in _values(self.project):
            table = tables.get(value.table)  # type: ignore[call-overload]
            name = _declared_name(self.project, value)
            if table is not None and name is not None:
                names = _block_names(table)
                ways.update(number for number, each in enumerate(names) if each == name)
        scope = self.project.ev.root(file)
        names = _block_names(self.fk.table)
        usual = min(ways, key=lambda way: (-ways[way], way)) if ways else 0
        candidates = [names[usual], *names, f"{own}TableRelations"]
        return next((name for name in candidates if scope is not None and scope.find(name) is None), None)

    def _is_reached(self, file: str) -> bool:
        """Whether the clients that are given a schema see what the file exports."""
        ev = self.project.ev
        reached = [
            _star_modules(schema, self.project)
            for _, client in self.project.clients
            if self.fk.table.origin in _members(schema := client.schema(ev), self.project)
        ]
        return all(file in modules for modules in reached)


def _named(table: Table, file: str, project: Project) -> imports.Named | None:
    """How a file can name a table."""
    assert table.origin is not None and table.export is not None
    return imports.from_module(project, file, table.origin, table.file, table.export)


def _keys(table: Table, columns: tuple[str, ...]) -> list[str]:
    keys = {column.name: column.key for column in table.columns}
    return [keys.get(name, name) for name in columns]


def _values(project: Project) -> Iterator[RelationsValue]:
    return (value for value in project.relation_values if isinstance(value, RelationsValue))


def _block(table: Table, project: Project) -> _Block | None:
    """The last block of a table's relations that can be added to."""
    found = None
    for value in _values(project):
        callback = function_of(value.callback) if value.table is table.origin else None
        body = result_of(callback) if callback is not None else None
        if callback is not None and isinstance(body, ir.Object):
            found = _Block(value, callback, body)
    return found


def _holds(module: ir.Module, table: Table) -> bool:
    """Whether a table is made by a declaration at the top of its module."""
    return any(
        isinstance(statement, ir.Declare) and statement.start <= table.span.start and table.span.end <= statement.end
        for statement in module.body
    )


def _block_names(table: Table) -> list[str]:
    export = table.export or table.name
    own = word(table)
    ways = [own, export, singular(own)]
    return [f"{each}{ending}" for ending in ("Relations", "Relation", "_relations") for each in ways]


def _declared_name(project: Project, value: RelationsValue) -> str | None:
    module = project.modules.module(value.token.file)
    for statement in module.body if module is not None else ():
        if isinstance(statement, ir.Declare) and statement.start <= value.token.start < statement.end:
            return statement.pattern.name if isinstance(statement.pattern, ir.Name) else None
    return None


def _members(schema: Value, project: Project) -> list[Value]:
    entries = project.ev.entries_of(schema)
    return [entry.read() for entry in entries.entries.values()] if entries is not None else []


def _star_modules(schema: Value, project: Project) -> set[str]:
    """The modules all of whose exports a schema object has: `import * as schema`, spread or as it is."""
    pending = []
    if isinstance(schema, Namespace):
        pending.append(schema.module)
    elif isinstance(schema, ObjectValue):
        pending += [entry.module for entry in schema.entries.values() if entry.start == entry.end == 0]
    found: set[str] = set()
    while pending:
        path = pending.pop()
        module = project.modules.module(path)
        if path in found or module is None:
            continue
        found.add(path)
        for export in module.exports:
            target = project.modules.resolve(export.specifier, path).file if export.specifier is not None else None
            if export.name == "*" and target is not None:
                pending.append(target)
    return found
