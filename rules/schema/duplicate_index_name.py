"""duplicate-index-name: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.tables.duplicates import DuplicateIndexName
from d1lint.rule import finding, rule


@rule(on=DuplicateIndexName, level="error", clauses=["REC-6"], since="0.1")
def duplicate_index_name(duplicate: DuplicateIndexName, project: Project) -> Iterator[Finding]:
    """An index whose name another index of the same database has."""
    name, table, first = duplicate.index.name, duplicate.table, duplicate.first_table
    columns = [column.name for column in duplicate.index.columns if column.name]
    own = "_".join([table.name, *columns, "idx"])
    related = [] if duplicate.first.span in (None, duplicate.span) else [duplicate.first.span]
    tables = f"`{first.name}` and `{table.name}` each have" if first is not table else f"`{table.name}` twice has"
    yield finding(
        at=duplicate.span,
        symbol=f"{table.name}.{name}",
        what=f"{tables} an index called `{name}`.",
        why=_why(duplicate, is_v1=project.is_v1(table)),
        instead=f'Name it for its table: `"{own}"`.',
        related=[Label(span, f"the other `{name}`, of `{first.name}`") for span in related if span is not None],
    )


def _why(duplicate: DuplicateIndexName, *, is_v1: bool) -> str:
    if is_v1:
        return "Names of indexes hold for the whole database, and drizzle-kit refuses to generate migrations for two."
    if duplicate.table is duplicate.first_table:
        return "drizzle-kit keeps the last and drops the other without a word: D1 never gets it."
    return (
        "Names of indexes hold for the whole database: D1 refuses the second `CREATE INDEX` with "
        f"`index {duplicate.index.name} already exists`, and the migration with it."
    )
