"""The model as JSON: every SQLite table of the repository."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from d1lint.finding import Span
from d1lint.model.project import Project
from d1lint.model.schema import Index, Relation, Table

Line = Callable[[Span], int]


def render(project: Project, prefix: str = "") -> str:
    """Version 1 of the model. Paths get `prefix` in front; lines are 1-based; names are those in the database."""

    def line(span: Span) -> int:
        return project.source(span.file).line_number(span.start)

    document = {
        "version": 1,
        "databases": [
            {"name": d.name, "kind": d.kind, "tables": [t.name for t in d.tables], "casing": d.casing}
            for d in project.databases
        ],
        "tables": [_table(table, line, prefix) for table in project.tables],
        "relations": [_relation(r, line, prefix) for table in project.tables for r in table.relations],
    }
    return json.dumps(document, indent=2) + "\n"


def _table(table: Table, line: Line, prefix: str) -> dict[str, Any]:
    database = table.database
    return {
        "name": table.name,
        "export": table.export,
        "file": prefix + table.file,
        "line": line(table.span),
        "complete": table.complete,
        "reasons": table.reasons,
        "database": {"name": database.name, "kind": database.kind} if database is not None else None,
        "columns": [
            {
                "key": c.key,
                "name": c.name,
                "type": c.type,
                "notNull": c.not_null,
                "primaryKey": c.primary_key,
                "unique": c.unique,
                "hasDefault": c.has_default,
                "line": line(c.span),
            }
            for c in table.columns
        ],
        "foreignKeys": [
            {
                "columns": fk.columns,
                "foreignTable": fk.foreign.name if fk.foreign is not None else None,
                "foreignColumns": fk.foreign_columns,
                "onDelete": fk.on_delete,
                "onUpdate": fk.on_update,
                "line": line(fk.span),
            }
            for fk in table.foreign_keys
        ],
        "indexes": [_index(index) for index in table.indexes],
        "primaryKeys": table.primary_keys,
        "uniques": table.uniques,
        "checks": table.checks,
    }


def _index(index: Index) -> dict[str, Any]:
    columns = [
        {"sql": c.expression or f"{c.name} desc"} if c.name is None or c.descending else c.name for c in index.columns
    ]
    return {"name": index.name, "columns": columns, "unique": index.unique, "partial": index.partial}


def _relation(relation: Relation, line: Line, prefix: str) -> dict[str, Any]:
    return {
        "kind": relation.kind,
        "name": relation.name,
        "table": relation.table.name,
        "target": relation.target.name if relation.target is not None else None,
        "columns": relation.columns,
        "references": relation.references,
        "alias": relation.alias,
        "file": prefix + relation.span.file,
        "line": line(relation.span),
    }
