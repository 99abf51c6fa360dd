"""duplicate-table-name: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.tables.duplicates import DuplicateTable
from d1lint.rule import finding, rule


@rule(on=DuplicateTable, level="error", clauses=["REC-6"], since="0.1")
def duplicate_table_name(duplicate: DuplicateTable, project: Project) -> Iterator[Finding]:
    """A table whose name another table of the same database has."""
    name, first = duplicate.table.name, duplicate.first.name
    if name != first:
        what = f"The tables `{first}` and `{name}` of one database differ only in upper and lower case."
        why = f"SQLite takes them for one: D1 refuses the second `CREATE TABLE` with `table {name} already exists`."
    else:
        what = f"Two tables of one database are called `{name}`."
        why = (
            "drizzle-kit refuses to generate migrations for them."
            if project.is_v1(duplicate.table)
            else "drizzle-kit keeps one of them and drops the other without a word: D1 never gets its columns."
        )
    yield finding(
        at=duplicate.span,
        symbol=name,
        what=what,
        why=why,
        instead="Rename one of them, or keep one declaration and import it where the other stands.",
        related=[Label(duplicate.first.token, f"the other `{first}`")],
    )
