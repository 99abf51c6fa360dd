"""The tables and columns of a file, as the editor outlines it."""

from __future__ import annotations

from lsprotocol import types

from d1lint.finding import Span
from d1lint.lsp.diagnostics import Writer
from d1lint.model.project import Project
from d1lint.model.schema import Column, Table


def document_symbols(project: Project, file: str, writer: Writer) -> list[types.DocumentSymbol]:
    """The tables that a file declares, each with its columns."""
    return [_table(table, project, writer) for table in project.tables if table.file == file]


def matching_tables(project: Project, query: str) -> list[Table]:
    """The tables whose name, or the name of their export, holds the letters of a query in their order."""
    return [table for table in project.tables if any(_matches(name, query) for name in (table.name, table.export))]


def workspace_symbol(table: Table, uri: str, project: Project, writer: Writer) -> types.WorkspaceSymbol:
    """A table, where its file is at an address."""
    where = types.Location(uri, writer.range(table.token, project.source))
    return types.WorkspaceSymbol(where, table.name, types.SymbolKind.Struct, container_name=table.file)


def _table(table: Table, project: Project, writer: Writer) -> types.DocumentSymbol:
    span = Span(table.file, table.span.start, max(table.span.end, table.token.end))
    columns = [column for column in table.columns if column.span.file == table.file and _is_inside(column.span, span)]
    whole = writer.range(span, project.source)
    token = writer.range(table.token, project.source) if _is_inside(table.token, span) else whole
    children = [_column(column, project, writer) for column in columns]
    return types.DocumentSymbol(table.name, types.SymbolKind.Struct, whole, token, table.export, children=children)


def _column(column: Column, project: Project, writer: Writer) -> types.DocumentSymbol:
    at = writer.range(column.span, project.source)
    return types.DocumentSymbol(column.name, types.SymbolKind.Field, at, at, column.type)


def _is_inside(inner: Span, outer: Span) -> bool:
    return inner.file == outer.file and outer.start <= inner.start and inner.end <= outer.end


def _matches(name: str | None, query: str) -> bool:
    letters = iter((name or "").lower())
    return name is not None and all(letter in letters for letter in query.lower())
