"""too-many-columns: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.wide import LIMIT, Wide
from d1lint.rule import finding, rule


@rule(on=Wide, level="error", clauses=["REC-6", "HD-18"], since="0.1")
def too_many_columns(wide: Wide, project: Project) -> Iterator[Finding]:
    """A table, or the answer to a query, with more columns than D1 takes."""
    table, query = wide.table, wide.query
    if query is None:
        yield finding(
            at=wide.span,
            symbol=table.name,
            what=f"The table `{table.name}` has {wide.columns} columns.",
            why=f"D1 takes {LIMIT}: its `CREATE TABLE` fails with `too many columns on {table.name}`.",
            instead=(
                "Move what is seldom read into a second table with the same key, or what is only read whole into one "
                '`text({ mode: "json" })` column.'
            ),
        )
        return
    names = ", ".join(f"`{each.name}`" for each in query.tables)
    yield finding(
        at=wide.span,
        symbol=query.symbol,
        what=f"The answer to this query of {names} has {wide.columns} columns.",
        why=f"D1 takes {LIMIT} in one answer, and refuses the query with `too many columns in result set`.",
        instead=(
            f"Name the columns that are needed:\ndb.select({{ id: {table.export or table.name}.{_key(wide)}, … }})"
        ),
        level="warning",
    )


def _key(wide: Wide) -> str:
    return wide.table.columns[0].key if wide.table.columns else "id"
