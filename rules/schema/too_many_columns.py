"""too-many-columns: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.schema import Table
from d1lint.rule import finding, rule

LIMIT = 100
"""How many columns a table of D1 may have."""


@rule(on=Table, level="error", clauses=["REC-6", "HD-18"], since="0.1")
def too_many_columns(table: Table, project: Project) -> Iterator[Finding]:
    """A table with more columns than D1 takes."""
    if len(table.columns) <= LIMIT:
        return
    yield finding(
        at=table.token,
        symbol=table.name,
        what=f"The table `{table.name}` has {len(table.columns)} columns.",
        why=f"D1 takes {LIMIT}: its `CREATE TABLE` fails with `too many columns on {table.name}`.",
        instead=(
            "Move what is seldom read into a second table with the same key, or what is only read whole into one "
            '`text({ mode: "json" })` column.'
        ),
    )
