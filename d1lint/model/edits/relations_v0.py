"""Adding `one` and `many` to the `relations(…)` of Drizzle 0.x."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Edit, Fix
from d1lint.model.drizzle.relations import RelationsValue
from d1lint.model.edits import imports
from d1lint.model.edits.callbacks import entry_of, function_of, helpers, result_of
from d1lint.model.edits.keys import keys_of
from d1lint.model.edits.layout import Layout, layout_of, member
from d1lint.model.edits.lists import append, with_options
from d1lint.model.edits.relation_names import Pair, pair, unfinished_relation, word
from d1lint.model.edits.schema_objects import Carriage, carry
from d1lint.model.edits.statements import declaration_around
from d1lint.model.edits.words import singular
from d1lint.model.schema import ForeignKey, Relation, Table
from d1lint.model.values import Value

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.tables.databases import Database
    from d1lint.workspace.packages import Package

_IN_LINES = re.compile(rb"\bone\(\s*[\w.]+\s*,\s*\{\s*\n")
_IN_ONE_LINE = re.compile(rb"\bone\(\s*[\w.]+\s*,\s*\{[^\n{}]*\}")
_ENDINGS = ("Relations", "Relation", "_relations")


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
    unfinished = unfinished_relation(fk, project)
    if unfinished is not None:
        return _finish(fk, unfinished, project)
    blocks = project.once(_blocks)
    own, theirs = blocks.get(fk.table.origin, []), blocks.get(parent.origin, [])
    if not own and fk.table.relations:
        return None  # they are somewhere where they can not be added to
    can_name = bool(theirs) and _named(fk.table, theirs[-1].file, project) is not None
    names = pair(fk, project, is_v1=False, has_parent=can_name or parent is fk.table)
    if names is None:
        return None
    written = _Writer(fk, project, names)
    other = theirs[-1] if theirs else None
    added = written.extended(own[-1], other) if own else written.new(other)
    if added is None:
        return None
    title = f"Add the relation {names.one} of {fk.table.name}"
    return Fix(title, added.edits, is_safe=added.is_complete, makes=(*added.makes, *names.makes(fk)))


def _finish(fk: ForeignKey, relation: Relation, project: Project) -> Fix | None:
    """Give a `one` without columns the columns of a foreign key."""
    for block in project.once(_blocks).get(fk.table.origin, []):
        call = entry_of(block.body, relation.name) if block.file == relation.span.file else None
        if not isinstance(call, ir.Call) or not block.body.start < relation.span.start < block.body.end:
            continue
        writer = _Writer(fk, project, Pair(relation.name, None, "", "many"))
        tables = writer.named_tables(block.file)
        if tables is None or not 1 <= len(call.args) <= 2:
            return None
        child, parent, edits, makes = tables
        layout = layout_of(project, block.file)
        added = with_options(layout, call, 1, writer.options(layout, child, parent))
        if added is None:
            return None
        title = f"Give the relation {relation.name} of {fk.table.name} its fields"
        made = f"relation {fk.table.name}.{relation.name}"
        return Fix(title, (*edits, *added), is_safe=True, makes=(*makes, made))
    return None


class _Writer:
    """Writes the relations of one foreign key."""

    def __init__(self, fk: ForeignKey, project: Project, names: Pair) -> None:
        assert fk.foreign is not None
        self.fk = fk
        self.parent: Table = fk.foreign
        self.project = project
        self.names = names

    def extended(self, own: _Block, theirs: _Block | None) -> Carriage | None:
        """Entries in blocks that are there."""
        if theirs is not None and own.value is theirs.value and self.names.inverse:
            return self._entries(own, ["one", self.names.inverse_kind])
        return self._with_inverse(self._entries(own, ["one"]), theirs)

    def _with_inverse(self, added: Carriage | None, theirs: _Block | None) -> Carriage | None:
        """The same with the parent's side in a block of its own, where there is to be one."""
        if added is None or theirs is None or not self.names.inverse:
            return added
        inverse = self._entries(theirs, [f"inverse {self.names.inverse_kind}"])
        if inverse is None:
            return None
        edits = [*added.edits, *(edit for edit in inverse.edits if edit not in added.edits)]
        return Carriage(added.is_complete, tuple(edits), (*added.makes, *inverse.makes))

    def _entries(self, block: _Block, kinds: list[str]) -> Carriage | None:
        """The edits that add entries of some kinds to one block: the key's own, or the inverse, or both."""
        layout = layout_of(self.project, block.file)
        calls = list(dict.fromkeys(kind.removeprefix("inverse ") for kind in kinds))
        helped = helpers(layout, block.callback, calls)
        tables = self.named_tables(block.file)
        if helped is None or tables is None:
            return None
        functions = dict(zip(calls, helped[0], strict=True))
        child, parent, edits, makes = tables
        texts = []
        for number, kind in enumerate(kinds):
            if number or kind.startswith("inverse"):
                texts.append(self._inverse(layout, functions[kind.removeprefix("inverse ")], child))
            else:
                texts.append(self._one(layout, functions["one"], child, parent))
        addition = append(layout, block.body, ",\n".join(texts))
        if addition is None:
            return None
        if not addition.composes:
            makes = [*makes, f"list {block.file}:{block.body.start}"]
        return Carriage(True, (*edits, *helped[1], *addition.edits), tuple(makes))

    def named_tables(self, file: str) -> tuple[str, str, list[Edit], list[str]] | None:
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

    def options(self, layout: Layout, child: str, parent: str) -> list[str]:
        """The options of a `one`."""
        fields = ", ".join(member(child, key) for key in keys_of(self.project, self.fk.table, self.fk.columns))
        foreign = keys_of(self.project, self.parent, self.fk.foreign_columns)
        options = [f"fields: [{fields}]", f"references: [{', '.join(member(parent, key) for key in foreign)}]"]
        if self.names.alias is not None:
            options.append(f"relationName: {layout.quoted(self.names.alias)}")
        return options

    def _one(self, layout: Layout, function: str, child: str, parent: str) -> str:
        options = self.options(layout, child, parent)
        one_line = f"{self.names.one}: {function}({parent}, {{ {', '.join(options)} }})"
        in_lines = self.project.once(_are_in_lines, layout.source.path)
        if not in_lines and len(one_line) + len(layout.unit) + 1 <= layout.width:
            return one_line
        separator = f",\n{layout.unit}"
        inner = separator.join(options) + layout.trailing_comma
        return f"{self.names.one}: {function}({parent}, {{\n{layout.unit}{inner}\n}})"

    def _inverse(self, layout: Layout, function: str, child: str) -> str:
        options = f", {{ relationName: {layout.quoted(self.names.alias)} }}" if self.names.alias is not None else ""
        return f"{self.names.inverse}: {function}({child}{options})"

    # --- a new block ---------------------------------------------------------------------------------------------

    def new(self, theirs: _Block | None) -> Carriage | None:
        """A block of its own for the child, where the repository keeps them, and the clients that are to have it."""
        habits = _habits(self.fk.table, self.project)
        file = habits.file or self.fk.table.file
        layout = layout_of(self.project, file)
        place = self._place(file)
        name = self._block_name(file, habits.naming)
        package = "drizzle-orm/_relations" if self.project.is_v1(self.fk.table) else "drizzle-orm"
        maker = imports.from_package(self.project, file, package, "relations")
        tables = self.named_tables(file)
        if place is None or name is None or maker is None or tables is None:
            return None
        child, parent, edits, makes = tables
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
        carried = carry(self.project, self.fk.table, file, name, place)
        edits = [*maker.edits, *edits, layout.insert(place, f"\n\n{text}")]
        edits += [edit for edit in carried.edits if edit not in edits]
        added = Carriage(carried.is_complete, tuple(edits), (f"block {file}:{name}", *makes, *carried.makes))
        return self._with_inverse(added, theirs if self.parent is not self.fk.table else None)

    def _place(self, file: str) -> int | None:
        """The end of the statement that the block goes behind: the last of its kind, or the table's own."""
        ends = self.project.once(_ends, file)
        if self.fk.table.file == file:
            declaration = declaration_around(self.project, self.fk.table.span)
            if declaration is None:
                return None
            ends = max(ends, declaration.end)
        return layout_of(self.project, file).skip_in_line(ends) if ends else None

    def _block_name(self, file: str, naming: int) -> str | None:
        """`postsRelations`, or as the other blocks are called."""
        scope = self.project.ev.root(file)
        names = _block_names(self.fk.table)
        candidates = [names[naming], *names, f"{word(self.fk.table)}TableRelations"]
        return next((name for name in candidates if scope is not None and scope.find(name) is None), None)


@dataclass(frozen=True, slots=True)
class _Habits:
    """Where a package keeps the relations of a database, "" for beside each table, and how it calls them."""

    file: str
    naming: int
    """The index in `_block_names`."""


def _habits(table: Table, project: Project) -> _Habits:
    return project.once(_habits_of, table.database, project.workspace.package_of(table.file))


def _habits_of(project: Project, database: Database | None, package: Package) -> _Habits:
    tables = {
        table.origin: table
        for table in (database.tables if database is not None else [])
        if project.workspace.package_of(table.file) is package
    }
    files: Counter[str] = Counter()
    ways: Counter[int] = Counter()
    beside = 0
    for value in project.once(_values):
        table = tables.get(value.table)  # type: ignore[call-overload]
        if table is None:
            continue
        files[value.token.file] += 1
        beside += value.token.file == table.file
        declaration = declaration_around(project, value.token)
        if declaration is not None and isinstance(declaration.pattern, ir.Name):
            name = declaration.pattern.name
            ways.update(number for number, each in enumerate(_block_names(table)) if each == name)
    file = "" if not files or beside * 2 >= files.total() else files.most_common(1)[0][0]
    return _Habits(file, min(ways, key=lambda way: (-ways[way], way)) if ways else 0)


def _block_names(table: Table) -> list[str]:
    own = word(table)
    ways = [own, table.export or table.name, singular(own)]
    return [f"{each}{ending}" for ending in _ENDINGS for each in ways]


def _named(table: Table, file: str, project: Project) -> imports.Named | None:
    """How a file can name a table."""
    assert table.origin is not None and table.export is not None
    return imports.from_module(project, file, table.origin, table.file, table.export)


def _values(project: Project) -> list[RelationsValue]:
    return [value for value in project.relation_values if isinstance(value, RelationsValue)]


def _blocks(project: Project) -> dict[Value | None, list[_Block]]:
    """The blocks that can be added to, by their table."""
    found: defaultdict[Value | None, list[_Block]] = defaultdict(list)
    for value in project.once(_values):
        callback = function_of(value.callback)
        body = result_of(callback) if callback is not None else None
        if callback is not None and isinstance(body, ir.Object):
            found[value.table].append(_Block(value, callback, body))
    return dict(found)


def _ends(project: Project, file: str) -> int:
    """The end of the last declaration of relations in a file, 0 without any."""
    values = (value.token for value in project.once(_values) if value.token.file == file)
    declarations = (declaration_around(project, token) for token in values)
    return max((declaration.end for declaration in declarations if declaration is not None), default=0)


def _are_in_lines(project: Project, file: str) -> bool:
    """Whether a file's `one(…)` are mostly over several lines."""
    data = project.source(file).data
    return len(_IN_LINES.findall(data)) > len(_IN_ONE_LINE.findall(data))
