"""The model as an entity-relationship diagram, in the language of Mermaid."""

from __future__ import annotations

import re
from collections import Counter

from d1lint.model.project import Project
from d1lint.model.schema import Column, ForeignKey, Table

_NOT_IN_A_WORD = re.compile(r"[^\w()\[\]-]+", re.ASCII)


def render(project: Project) -> str:
    """Every SQLite table with its columns and keys, and a line for each foreign key to one of them."""
    names = _names(project.tables)
    lines = ["erDiagram"]
    for table in project.tables:
        lines += [f'    "{names[id(table)]}" {{', *map(_column, *_keys(table)), "    }"]
    for table in project.tables:
        lines += [_foreign_key(fk, names) for fk in table.foreign_keys if id(fk.foreign) in names]
    return "\n".join(lines) + "\n"


def _names(tables: list[Table]) -> dict[int, str]:
    """The name of each table, by its id; tables of one name, as in two databases, are told apart by their files."""
    times = Counter(table.name for table in tables)
    names: dict[int, str] = {}
    for table in tables:
        name = table.name if times[table.name] == 1 else f"{table.name} ({table.file})"
        while _quoted(name) in names.values():
            name += "'"
        names[id(table)] = _quoted(name)
    return names


def _keys(table: Table) -> tuple[list[Column], list[str]]:
    """The columns, and for each the keys that it is part of, as Mermaid writes them."""
    primary = {name for key in table.primary_keys for name in key}
    foreign = {name for fk in table.foreign_keys for name in fk.columns}
    alone = {unique[0] for unique in table.uniques if len(unique) == 1}
    keys = [
        ", ".join(
            mark
            for mark, holds in (
                ("PK", column.primary_key or column.name in primary),
                ("FK", column.name in foreign),
                ("UK", column.unique or column.name in alone),
            )
            if holds
        )
        for column in table.columns
    ]
    return table.columns, keys


def _column(column: Column, keys: str) -> str:
    name = _word(column.name)
    said = f'"{_quoted(column.name)}"' if name != column.name else ""
    return "        " + " ".join(part for part in (_word(column.type or "unknown"), name, keys, said) if part)


def _foreign_key(fk: ForeignKey, names: dict[int, str]) -> str:
    """From the child to the parent: how many rows refer to one, and whether a row must refer to one."""
    columns = {column.name: column for column in fk.table.columns}
    required = all(name in columns and columns[name].not_null for name in fk.columns)
    label = _quoted(", ".join(fk.columns))
    return f'    "{names[id(fk.table)]}" }}o--{"||" if required else "o|"} "{names[id(fk.foreign)]}" : "{label}"'


def _word(text: str) -> str:
    """The text as Mermaid takes it for a type or a column."""
    word = _NOT_IN_A_WORD.sub("_", text)
    return word if re.match(r"[A-Za-z_]", word) else f"_{word}"


def _quoted(text: str) -> str:
    """The text as it may stand between quotes."""
    return re.sub(r'["%\\\x00-\x1f]', "_", text) or " "
