"""Adding the index of a foreign key to its table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Edit, Fix
from d1lint.model.edits import imports
from d1lint.model.edits.callbacks import result_of
from d1lint.model.edits.index_names import index_name
from d1lint.model.edits.keys import keys_of
from d1lint.model.edits.layout import Layout, is_identifier, layout_of, member, property_key
from d1lint.model.edits.lists import append, take
from d1lint.model.edits.table_calls import call_of, is_made_alone
from d1lint.model.edits.words import capital, stem
from d1lint.model.schema import ForeignKey, Table

if TYPE_CHECKING:
    from d1lint.model.project import Project

_PACKAGE = "drizzle-orm/sqlite-core"
_FIRST_WITH_ARRAYS = (0, 36)
"""Before it, the third argument gives an object."""
_ENDINGS = ("Idx", "Index", "_idx", "_index")


def index_advice(fk: ForeignKey, project: Project) -> str:
    """What to do about a foreign key without an index, and the code: the third argument, or what to add to it."""
    table, call = fk.table.name, call_of(fk.table)
    extra = _Extra(fk, project)
    index = f'index("{index_name(fk, project)}")'
    if call is None or len(call.args) != 3:
        return f"Add an index to `{table}`, and generate the migration:\n{extra.argument(index)}"
    return f"Add an index to the list of `{table}`, and generate the migration:\n{extra.shown(index, call.args[2])},"


def add_index(fk: ForeignKey, project: Project) -> Fix | None:
    """Add the index of a foreign key; None where its table's call can not be edited safely."""
    call = _plain_call(fk.table, project)
    named = imports.from_package(project, fk.table.file, _PACKAGE, "index") if call is not None else None
    if call is None or named is None:
        return None
    name = index_name(fk, project)
    layout = layout_of(project, fk.table.file)
    extra = _Extra(fk, project)
    index = f"{named.expression}({layout.quoted(name)})"
    added = (
        extra.added_argument(call, layout, index)
        if len(call.args) == 2
        else extra.added_item(call.args[2], layout, index, named.expression)
    )
    if added is None:
        return None
    # Two indexes of one table that are not simply the next in a list wait for each other.
    makes = (f"index {name}", *added.makes)
    return Fix(f"Add the index {name}", (*named.edits, *added.edits), is_safe=True, makes=makes)


def _plain_call(table: Table, project: Project) -> ir.Call | None:
    """The call that makes a table, where it makes this table alone."""
    call = call_of(table)
    if call is None or table.origin is None or table.origin.site.scope.depth:
        return None
    is_plain = 2 <= len(call.args) <= 3 and not any(isinstance(arg, ir.Spread) for arg in call.args)
    return call if is_plain and is_made_alone(table, project) else None


@dataclass(frozen=True, slots=True)
class _Added:
    edits: tuple[Edit, ...]
    makes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Columns:
    """How a callback names the columns of a key, and the edits that make it so."""

    names: list[str]
    edits: tuple[Edit, ...] = ()


class _Extra:
    """The third argument of the call that makes a table, and the index that is to be in it."""

    def __init__(self, fk: ForeignKey, project: Project) -> None:
        self._file = fk.table.file
        self._project = project
        self._keys = keys_of(project, fk.table, fk.columns)

    # --- a new argument ------------------------------------------------------------------------------------------

    def argument(self, index: str) -> str:
        """The argument with the index alone, in one line."""
        parameter, opening, item, closing = self._new(index)
        pad = " " if closing == "})" else ""
        return f"({parameter}) => {opening}{pad}{item}{pad}{closing}"

    def added_argument(self, call: ir.Call, layout: Layout, index: str) -> _Added | None:
        """The edits for a call that has no third argument."""
        columns = call.args[1]
        end, after, close = columns.end, columns.end, call.end - 1
        has_comma = layout.follows(layout.skip(end), b",")
        if has_comma:
            after = layout.skip(end) + 1
        if layout.skip(after) != close or not layout.follows(close, b")"):
            return None
        parameter, opening, item, closing = self._new(index)
        if parameter == index.partition("(")[0]:
            return None
        in_lines = layout.has_line_break(call.args[0].end, columns.start)
        indent = layout.indent(columns.start if in_lines else close)
        argument = self.argument(index)
        start = len(indent) if in_lines else layout.column(end) + 2
        if not in_lines or start + len(argument) + 1 > layout.width:
            argument = (
                f"({parameter}) => {opening}\n{indent}{layout.unit}{item}{layout.trailing_comma}\n{indent}{closing}"
            )
        gap = f"\n{indent}" if in_lines else " "
        if has_comma:
            edit = layout.insert(after, f"{gap}{argument}{',' if in_lines else ''}")
        else:
            edit = layout.insert(end, f",{gap}{argument}")
        return _Added((edit,), (f"list {self._file}:{call.start}",))

    def _new(self, index: str) -> tuple[str, str, str, str]:
        """The parameter, the opening bracket, the index, and the closing bracket."""
        parameter = self._project.once(_usual_parameter, self._file)
        item = f"{index}.on({', '.join(member(parameter, key) for key in self._keys)})"
        if self._takes_arrays():
            return parameter, "[", item, "]"
        return parameter, "({", f"{property_key(self._object_key(set()))}: {item}", "})"

    def _takes_arrays(self) -> bool:
        """Whether the installed Drizzle takes an array, as most do."""
        workspace = self._project.workspace
        version = workspace.drizzle_version(workspace.package_of(self._file))
        return version is None or (version.major, version.minor) >= _FIRST_WITH_ARRAYS

    # --- an item in the argument that is there -------------------------------------------------------------------

    def shown(self, index: str, callback: ir.Expression) -> str:
        """The index as an item of what a callback gives, as far as that is known."""
        body, names = None, [member("t", key) for key in self._keys]
        if isinstance(callback, ir.Function):
            body = result_of(callback)
            columns = self._columns_of(callback, "index")
            names = columns.names if columns is not None else names
        item = f"{index}.on({', '.join(names)})"
        key = self._key_in(body)
        return f"{property_key(key)}: {item}" if key is not None else item

    def added_item(self, callback: ir.Expression, layout: Layout, index: str, imported: str) -> _Added | None:
        """The edits that add the index to what a callback gives."""
        if not isinstance(callback, ir.Function) or callback.is_async or callback.kind == "generator":
            return None
        body = result_of(callback)
        columns = self._columns_of(callback, imported)
        if body is None or columns is None:
            return None
        item = f"{index}.on({', '.join(columns.names)})"
        makes = []
        if isinstance(body, ir.Object):
            key = self._key_in(body)
            if key is None:
                return None
            item = f"{property_key(key)}: {item}"
            makes.append(f"key {self._file}:{body.start} {key}")
        addition = append(layout, body, item)
        if addition is None:
            return None
        if not addition.composes:
            makes.append(f"list {self._file}:{body.start}")
        return _Added((*columns.edits, *addition.edits), tuple(makes))

    def _columns_of(self, callback: ir.Function, imported: str) -> _Columns | None:
        """How the callback names the key's columns, and the edits that make it so."""
        layout = layout_of(self._project, self._file)
        if not callback.params:
            name = self._project.once(_usual_parameter, self._file)
            if not layout.follows(callback.start, b"()") or name == imported:
                return None
            return _Columns([member(name, key) for key in self._keys], (layout.insert(callback.start + 1, name),))
        pattern = callback.params[0].pattern
        if isinstance(pattern, ir.Name):
            is_hidden = pattern.name == imported.partition(".")[0] or callback.params[0].is_rest
            return None if is_hidden else _Columns([member(pattern.name, key) for key in self._keys])
        return self._taken(layout, pattern, imported) if isinstance(pattern, ir.ObjectPattern) else None

    def _taken(self, layout: Layout, pattern: ir.ObjectPattern, imported: str) -> _Columns | None:
        taken = {
            e.key: e.target.name for e in pattern.entries if isinstance(e.key, str) and isinstance(e.target, ir.Name)
        }
        edits = []
        for key in self._keys:
            if key not in taken:
                edit = take(layout, pattern, key) if is_identifier(key) and key not in taken.values() else None
                if edit is None:
                    return None
                edits.append(edit)
                taken[key] = key
        if imported.partition(".")[0] in taken.values() or (len(edits) > 1 and not pattern.entries):
            return None
        return _Columns([taken[key] for key in self._keys], tuple(edits))

    def _key_in(self, body: ir.Expression | None) -> str | None:
        """A key of its own for the index in an object literal; None for anything else, and where not all are known."""
        if not isinstance(body, ir.Object):
            return None
        keys = {e.key for e in body.entries if isinstance(e, ir.Property) and isinstance(e.key, str)}
        return self._object_key(keys) if len(keys) == len(body.entries) else None

    def _object_key(self, taken: set[str]) -> str:
        """A key that is not taken, ended as the others are."""
        endings = Counter(ending for key in taken for ending in _ENDINGS if key.endswith(ending))
        ending = endings.most_common(1)[0][0] if endings else "Idx"
        first, *rest = map(stem, self._keys)
        words = "_".join([first, *rest]) if ending.startswith("_") else first + "".join(map(capital, rest))
        candidates = [f"{words}{ending}", f"{'_'.join(self._keys)}{ending}"]
        numbered = (f"{words}{ending}{number}" for number in range(2, len(taken) + 3))
        return next(key for key in (*candidates, *numbered) if key not in taken)


def _usual_parameter(project: Project, file: str) -> str:
    """The name that a file gives the parameter of such callbacks."""
    found: Counter[str] = Counter()
    for table in project.tables:
        call = call_of(table) if table.file == file else None
        if call is not None and len(call.args) == 3 and isinstance(call.args[2], ir.Function):
            params = call.args[2].params
            if params and isinstance(params[0].pattern, ir.Name) and params[0].pattern.name != "_":
                found[params[0].pattern.name] += 1
    return found.most_common(1)[0][0] if found else "t"
