"""What a hover shows of a table or a column, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from d1lint.model.project import Project
from d1lint.model.schema import Column, ForeignKey, Index, Table

MAX_PARAMETERS = 100
"""What one statement may bind on D1."""


def describe_table(table: Table, project: Project) -> str:
    """Columns, keys, indexes, who refers to the table, and how many parameters an inserted row binds."""
    database = table.database
    where = f", {'D1' if database.is_d1 else database.kind} ({database.name})" if database is not None else ""
    parts = [f"**table `{table.name}`**{where}", _columns(table)]
    parts += _list("Foreign keys", map(_foreign_key, table.foreign_keys))
    parts += _list("Indexes", dict.fromkeys(map(_index, table.lookups())))
    parts += _list("Referred to by", dict.fromkeys(map(_reference, _references(table, project))))
    parts += _list("Relations", (f"`{r.name}`: {r.kind} {_name(r.target)}" for r in table.relations))
    parts.append(_parameters(table))
    parts += _list("Not known", dict.fromkeys(table.reasons))
    return "\n\n".join(parts)


def describe_column(column: Column, table: Table, project: Project) -> str:
    """Its type and constraints, its foreign keys and indexes, and who refers to it."""
    parts = [f"**column `{table.name}.{column.name}`** {_type(column)}"]
    own = [key for key in table.foreign_keys if column.name in key.columns]
    parts += _list("Foreign keys", map(_foreign_key, own))
    indexes = [index for index in table.lookups() if any(part.name == column.name for part in index.columns)]
    parts += _list("Indexes", dict.fromkeys(map(_index, indexes)))
    referring = [key for key in _references(table, project) if column.name in key.foreign_columns]
    parts += _list("Referred to by", dict.fromkeys(map(_reference, referring)))
    return "\n\n".join(parts)


def _columns(table: Table) -> str:
    lines = ["| column | type | |", "|---|---|---|"]
    for column in table.columns:
        lines.append(f"| `{column.name}` | {column.type or '?'} | {', '.join(_constraints(column))} |")
    return "\n".join(lines)


def _type(column: Column) -> str:
    return ", ".join([f"`{column.type or '?'}`", *_constraints(column)])


def _constraints(column: Column) -> Iterator[str]:
    if column.primary_key:
        yield "primary key"
    elif column.not_null:
        yield "not null"
    if column.unique:
        yield "unique"
    if column.has_default:
        yield "default"


def _foreign_key(key: ForeignKey) -> str:
    index = key.covering_index()
    if index is not None:
        covered = f"looked up with {_short(index)}"
    else:
        covered = "no index" if key.table.indexes_known else "no known index"
    actions = "".join(f", on {event} {action}" for event, action in _actions(key))
    return f"{_quoted(key.columns)} → `{_name(key.foreign)}` ({_quoted(key.foreign_columns)}){actions}; {covered}"


def _actions(key: ForeignKey) -> Iterator[tuple[str, str]]:
    if key.on_delete:
        yield "delete", key.on_delete
    if key.on_update:
        yield "update", key.on_update


def _reference(key: ForeignKey) -> str:
    index = key.covering_index()
    return f"`{key.table.name}` ({_quoted(key.columns)}){'' if index is not None else ', no index'}"


def _references(table: Table, project: Project) -> list[ForeignKey]:
    return [key for other in project.tables for key in other.foreign_keys if key.foreign is table]


def _index(index: Index) -> str:
    columns = ", ".join(f"`{c.name or c.expression or '?'}`{' desc' if c.descending else ''}" for c in index.columns)
    kind = "unique" if index.unique and index.kind == "index" else "" if index.kind == "index" else index.kind
    origin = f"from {index.migration}" if index.migration else ""
    notes = ", ".join(note for note in (kind, "partial" if index.partial else "", origin) if note)
    return f"{f'`{index.name}` ' if index.name else ''}({columns}){f', {notes}' if notes else ''}"


def _short(index: Index) -> str:
    return f"`{index.name}`" if index.name else f"the {index.kind}"


def _parameters(table: Table) -> str:
    """Drizzle binds a value for each column that is given, and for those whose default it fills in itself."""
    total = len(table.columns)
    defaults = sum(column.has_default for column in table.columns)
    required = sum(column.not_null and not column.has_default for column in table.columns)
    if not total:
        return "Its columns are not known."
    text = (
        f"An inserted row binds at most {total} parameters: one for each column that it gives"
        f" ({required} must be given), and one for each that is left out and whose default Drizzle fills in"
        f" (`.default(value)`, `$defaultFn`, `$onUpdate`; {defaults} have a default of some kind)."
    )
    rows = MAX_PARAMETERS // total
    fits = f"{rows} such rows fit" if rows > 1 else "one such row fits" if rows else "no such row fits"
    return f"{text} D1 takes {MAX_PARAMETERS} in a statement: {fits} into one `insert`."


def _name(table: Table | None) -> str:
    return table.name if table is not None else "?"


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "?"


def _list(title: str, items: Iterator[str] | dict[str, None] | list[str] | map[str]) -> list[str]:
    lines = [f"- {item}" for item in items]
    return ["\n".join([f"{title}:", "", *lines])] if lines else []
