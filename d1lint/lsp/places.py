"""What stands at a place in the code: a table or a column of the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from d1lint.model.drizzle.tables import TableValue
from d1lint.model.project import Project
from d1lint.model.schema import Column, Table
from d1lint.source import Source

_PATH = re.compile(rb"[A-Za-z_$][\w$]*(?:\s*\??\.\s*[A-Za-z_$][\w$]*)*")


class Found(NamedTuple):
    """A table, or a column of it, and the bytes from `start` to `end` that name it."""

    table: Table
    column: Column | None
    start: int
    end: int


def schema_at(project: Project, source: Source, offset: int) -> Found | None:
    """The table or column that is declared or named at a byte offset of a file."""
    for table in project.tables:
        if table.file == source.path:
            if table.token.start <= offset <= table.token.end:
                return Found(table, None, table.token.start, table.token.end)
            for column in table.columns:
                if column.span.file == source.path and column.span.start <= offset <= column.span.end:
                    return Found(table, column, column.span.start, column.span.end)
    return _named_at(project, source, offset)


def _named_at(project: Project, source: Source, offset: int) -> Found | None:
    """What `table`, `table.column` or `schema.table.column` stands for, up to the name that the offset is in."""
    names = list(_names_at(source, offset))
    scope = project.ev.root(source.path) if names else None
    binding = scope.find(names[0][0]) if scope is not None else None
    if binding is None:
        return None
    value, table = binding.value(project.ev), None
    for at, (name, start, end) in enumerate(names):
        if table is not None:
            column = next((column for column in table.columns if column.key == name), None)
            return Found(table, column, start, end) if column is not None and at == len(names) - 1 else None
        if at:
            value = value.member(name, project.ev)
        if isinstance(value, TableValue):
            table = next((known for known in project.tables if known.span == value.span), None)
            if table is None:
                return None
            if at == len(names) - 1:
                return Found(table, None, start, end)
    return None


def _names_at(source: Source, offset: int) -> Iterator[tuple[str, int, int]]:
    """The names of the path that an offset is in, from its first one to the one with the offset: name, start, end."""
    line = source.line_number(offset)
    begin = source.line_start(line)
    for match in _PATH.finditer(source.line_bytes(line)):
        if begin + match.start() <= offset <= begin + match.end():
            for name in re.finditer(rb"[\w$]+", match[0]):
                start = begin + match.start() + name.start()
                if start > offset:
                    return
                yield name[0].decode(), start, start + len(name[0])
