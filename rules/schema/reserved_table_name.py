"""reserved-table-name: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.schema import Table
from d1lint.model.tables.reserved import is_internal, reserved_prefix
from d1lint.rule import finding, rule

_WHY = {
    "sqlite_": "SQLite keeps names that begin with `sqlite_` for itself: D1 refuses the `CREATE TABLE`.",
    "_cf_": "Cloudflare keeps names that begin with `_cf_` for itself: D1 refuses the `CREATE TABLE` (not authorized).",
    "d1_": (
        "Names that begin with `d1_` are those of D1's own tables: wrangler keeps its list of applied migrations in "
        "`d1_migrations`, and creates it before the first of them runs."
    ),
}


@rule(on=Table, level="error", clauses=["REC-6"], since="0.1")
def reserved_table_name(table: Table, project: Project) -> Iterator[Finding]:
    """A table with a name that SQLite or Cloudflare keeps for itself."""
    prefix = reserved_prefix(table.name)
    # What only reads a table that is there already is no harm, until drizzle-kit tries to create it.
    if prefix is None or (is_internal(table.name) and not project.kit_tables.sees(table)):
        return
    yield finding(
        at=table.token,
        symbol=table.name,
        what=f"The name of the table `{table.name}` is reserved.",
        why=_WHY[prefix],
        instead=_instead(table, prefix),
    )


def _instead(table: Table, prefix: str) -> str:
    if is_internal(table.name):
        return (
            "If the code only reads it, move it to a file that drizzle-kit does not read, "
            f'and keep drizzle-kit from dropping it: `tablesFilter: ["!{table.name}"]`.'
        )
    rest = table.name[len(prefix) :]
    return f'Give it a name of its own: `sqliteTable("{rest or "app_table"}", …)`.'
