"""duplicate-index: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.schema import Index, Table
from d1lint.model.tables.duplicates import duplicate_indexes
from d1lint.rule import finding, rule


@rule(on=Table, level="warning", clauses=["REC-6"], since="0.1")
def duplicate_index(table: Table, project: Project) -> Iterator[Finding]:
    """An index that its table has twice."""
    for index, first in duplicate_indexes(table, is_v1=project.is_v1(table)):
        if index.span is None or first.span is None:
            continue
        columns = ", ".join(f"`{column.name or column.expression}`" for column in index.columns)
        yield finding(
            at=index.span,
            symbol=f"{table.name}.{index.name or '+'.join(column.name or '' for column in index.columns)}",
            what=f"`{table.name}` has {_named(index)} over {columns}, and {_named(first)} over the same.",
            why="D1 keeps both, reads only one, and writes (and bills) a row for each at every insert.",
            instead="Remove this one, and generate the migration.",
            related=[Label(first.span, f"{_named(first)} over the same columns")],
        )


def _named(index: Index) -> str:
    if index.kind == "unique":
        return "a unique constraint"
    kind = "the unique index" if index.unique else "the index"
    return f"{kind} `{index.name}`"
