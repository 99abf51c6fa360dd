"""Adding the index of a foreign key to its table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Edit, Fix
from d1lint.model.edits import imports
from d1lint.model.edits.callbacks import result_of
from d1lint.model.edits.index_names import index_name
from d1lint.model.edits.layout import Layout, is_identifier, member, property_key
from d1lint.model.edits.lists import append, take
from d1lint.model.edits.words import stem
from d1lint.model.schema import ForeignKey, Table

if TYPE_CHECKING:
    from d1lint.model.project import Project

_PACKAGE = "drizzle-orm/sqlite-core"
_FIRST_WITH_ARRAYS = (0, 36)
"""Before it, the third argument gives an object."""


def index_example(fk: ForeignKey) -> str:
    """The third argument with the index of a foreign key alone."""
    columns = ", ".join(member("t", key) for key in _keys(fk))
    return f'(t) => [index("{index_name(fk)}").on({columns})]'


def add_index(fk: ForeignKey, project: Project) -> Fix | None:
    """Add the index of a foreign key; None where its table's call can not be edited safely."""
    call = _call(fk.table, project)
    if call is None:
        return None
    named = imports.from_package(project, fk.table.file, _PACKAGE, "index")
    if named is None:
        return None
    name = index_name(fk)
    layout = Layout(project.source(fk.table.file))
    added = _Table(fk, project, layout, call).added(f"{named.expression}({layout.quoted(name)})", named.expression)
    if added is None:
        return None
    edits, composes = added
    # Two indexes of one table that are not simply the next in a list wait for each other.
    makes = (f"index {name}",) if composes else (f"index {name}", f"table {fk.table.file}:{call.start}")
    return Fix(f"Add the index {name}", (*named.edits, *edits), is_safe=True, makes=makes)


def _call(table: Table, project: Project) -> ir.Call | None:
    """The call that makes a table, where it makes this table alone."""
    origin = table.origin
    if origin is None or origin.site.scope.depth or not isinstance(origin.site.node, ir.Call):
        return None
    call = origin.site.node
    is_shared = sum(other.span == table.span for other in project.tables) > 1
    is_plain = 2 <= len(call.args) <= 3 and not any(isinstance(arg, ir.Spread) for arg in call.args)
    return call if is_plain and not is_shared else None


def _keys(fk: ForeignKey) -> list[str]:
    keys = {column.name: column.key for column in fk.table.columns}
    return [keys.get(name, name) for name in fk.columns]


class _Table:
    """The call of one table, and the index that it is to have."""

    def __init__(self, fk: ForeignKey, project: Project, layout: Layout, call: ir.Call) -> None:
        self.fk = fk
        self.keys = _keys(fk)
        self.project = project
        self.layout = layout
        self.call = call

    def added(self, index: str, imported: str) -> tuple[tuple[Edit, ...], bool] | None:
        """The edits that add the index, and whether others can be added at the same time."""
        if len(self.call.args) == 2:
            edits = self._new_argument(index)
            return (edits, False) if edits is not None else None
        callback = self.call.args[2]
        if not isinstance(callback, ir.Function) or callback.is_async or callback.kind == "generator":
            return None
        body = result_of(callback)
        columns = self._columns_of(callback, imported)
        if body is None or columns is None:
            return None
        edits_before, names = columns
        text = f"{index}.on({', '.join(names)})"
        if isinstance(body, ir.Object):
            key = self._object_key(body)
            if key is None:
                return None
            text = f"{property_key(key)}: {text}"
        addition = append(self.layout, body, text)
        return ((*edits_before, *addition.edits), addition.composes) if addition is not None else None

    def _columns_of(self, callback: ir.Function, imported: str) -> tuple[tuple[Edit, ...], list[str]] | None:
        """How the callback names the key's columns, and the edits that make it so."""
        if not callback.params:
            opening = self.layout.text(callback.start, callback.start + 2)
            name = self._parameter()
            if opening != "()" or name == imported:
                return None
            return (self.layout.insert(callback.start + 1, name),), [member(name, key) for key in self.keys]
        pattern = callback.params[0].pattern
        if isinstance(pattern, ir.Name):
            is_hidden = pattern.name == imported.partition(".")[0] or callback.params[0].is_rest
            return None if is_hidden else ((), [member(pattern.name, key) for key in self.keys])
        if not isinstance(pattern, ir.ObjectPattern):
            return None
        return self._taken(pattern, imported)

    def _taken(self, pattern: ir.ObjectPattern, imported: str) -> tuple[tuple[Edit, ...], list[str]] | None:
        taken = {
            e.key: e.target.name for e in pattern.entries if isinstance(e.key, str) and isinstance(e.target, ir.Name)
        }
        edits = []
        for key in self.keys:
            if key not in taken:
                edit = take(self.layout, pattern, key) if is_identifier(key) and key not in taken.values() else None
                if edit is None:
                    return None
                edits.append(edit)
                taken[key] = key
        if imported.partition(".")[0] in taken.values() or (len(edits) > 1 and not pattern.entries):
            return None
        return tuple(edits), [taken[key] for key in self.keys]

    def _object_key(self, body: ir.Object) -> str | None:
        """A key of its own for the index, ended as the others are."""
        if any(isinstance(entry, ir.Spread) or not isinstance(entry.key, str) for entry in body.entries):
            return None
        taken = {entry.key for entry in body.entries if isinstance(entry, ir.Property)}
        endings = Counter(e for key in taken for e in ("Idx", "Index", "_idx", "_index") if str(key).endswith(e))
        ending = endings.most_common(1)[0][0] if endings else "Idx"
        parts = [stem(key) for key in self.keys]
        words = (
            "_".join(parts) if ending.startswith("_") else parts[0] + "".join(p[:1].upper() + p[1:] for p in parts[1:])
        )
        candidates = [
            f"{words}{ending}",
            f"{'_'.join(self.keys)}{ending}",
            *(f"{words}{ending}{n}" for n in range(2, 100)),
        ]
        return next((key for key in candidates if key not in taken), None)

    def _parameter(self) -> str:
        """The name that the file gives the parameter of such callbacks."""
        found: Counter[str] = Counter()
        for table in self.project.tables:
            node = table.origin.site.node if table.origin is not None and table.file == self.fk.table.file else None
            if isinstance(node, ir.Call) and len(node.args) == 3 and isinstance(node.args[2], ir.Function):
                params = node.args[2].params
                if params and isinstance(params[0].pattern, ir.Name) and params[0].pattern.name != "_":
                    found[params[0].pattern.name] += 1
        return found.most_common(1)[0][0] if found else "t"

    def _new_argument(self, index: str) -> tuple[Edit, ...] | None:
        """A third argument, for a call that has none."""
        layout, columns = self.layout, self.call.args[1]
        end, after, close = columns.end, columns.end, self.call.end - 1
        has_comma = layout.data[layout.skip(end) :][:1] == b","
        if has_comma:
            after = layout.skip(end) + 1
        if layout.skip(after) != close or layout.data[close : self.call.end] != b")":
            return None
        parameter = self._parameter()
        if parameter == index.partition("(")[0]:
            return None
        item = f"{index}.on({', '.join(member(parameter, key) for key in self.keys)})"
        opening, closing = ("[", "]") if self._takes_arrays() else ("({", "})")
        if closing == "})":
            item = f"{property_key(self._object_key(ir.Object((), 0, 0)) or 'idx')}: {item}"
        in_lines = layout.has_line_break(self.call.args[0].end, columns.start)
        indent = layout.indent(columns.start if in_lines else close)
        pad = " " if closing == "})" else ""
        one_line = f"({parameter}) => {opening}{pad}{item}{pad}{closing}"
        start = len(indent) if in_lines else layout.column(end) + 2
        if in_lines and start + len(one_line) + 1 <= layout.width:
            argument = one_line
        else:
            argument = (
                f"({parameter}) => {opening}\n{indent}{layout.unit}{item}{layout.trailing_comma}\n{indent}{closing}"
            )
        gap = f"\n{indent}" if in_lines else " "
        if has_comma:
            return (layout.insert(after, f"{gap}{argument}{',' if in_lines else ''}"),)
        return (layout.insert(end, f",{gap}{argument}"),)

    def _takes_arrays(self) -> bool:
        """Whether the installed Drizzle takes an array, as most do."""
        workspace = self.project.workspace
        version = workspace.drizzle_version(workspace.package_of(self.fk.table.file))
        return version is None or (version.major, version.minor) >= _FIRST_WITH_ARRAYS
