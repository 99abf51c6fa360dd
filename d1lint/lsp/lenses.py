"""What stands above each table in the editor: how many foreign keys it has, and how many of them an index serves."""

from __future__ import annotations

from lsprotocol import types

from d1lint.lsp.diagnostics import Writer
from d1lint.model.project import Project
from d1lint.model.schema import Table


def code_lenses(project: Project, file: str, writer: Writer) -> list[types.CodeLens]:
    """One for each table of a file that has foreign keys."""
    tables = [table for table in project.tables if table.file == file and table.foreign_keys]
    return [
        types.CodeLens(writer.range(table.token, project.source), types.Command(_title(table), "")) for table in tables
    ]


def _title(table: Table) -> str:
    count = len(table.foreign_keys)
    covered = sum(key.covering_index() is not None for key in table.foreign_keys)
    indexed = f"{covered} indexed" if table.indexes_known else f"{covered} known to be indexed"
    return f"{count} foreign key{'s' if count > 1 else ''}, {indexed}"
