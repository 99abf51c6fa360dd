"""unexported-table: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.tables.kit_tables import UnexportedTable
from d1lint.rule import finding, rule


@rule(on=UnexportedTable, level="error", clauses=["REC-6"], since="0.1")
def unexported_table(unexported: UnexportedTable, project: Project) -> Iterator[Finding]:
    """A table that drizzle-kit does not see, while a foreign key or a query needs it."""
    table, fk = unexported.table, unexported.fk
    missing = f"`no such table: main.{table.name}`" if fk is not None else f"`no such table: {table.name}`"
    if fk is not None:
        why = (
            f"No migration creates it. The foreign key `{fk.symbol}` refers to it, so D1 answers every insert into "
            f"`{fk.table.name}`, and every delete from it, with {missing}."
        )
    else:
        why = f"No migration creates it, and D1 answers the query with {missing}."
    yield finding(
        at=unexported.span,
        symbol=table.name,
        what=(
            f"`{table.name}` is not exported, so drizzle-kit does not see it."
            if unexported.is_read
            else f"No file that {unexported.config} names exports `{table.name}`, so drizzle-kit does not see it."
        ),
        why=why,
        instead=(
            "Write `export` before its declaration, and generate the migration."
            if unexported.is_read
            else f"Name {table.file} in the `schema` of {unexported.config}, or re-export it from a file that is named."
        ),
        related=[
            Label(unexported.needed_at, "this foreign key refers to it" if fk is not None else "this query needs it")
        ],
    )
