"""unindexed-query: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.edits.table_calls import call_of
from d1lint.model.project import Project
from d1lint.model.queries.plan import Improvement, index_name
from d1lint.model.queries.unindexed import UnindexedQuery
from d1lint.rule import finding, rule

SHOWN = 8
"""How many other queries that the index would help are named."""


@rule(on=UnindexedQuery, level="warning", clauses=["HD-16", "DS-10", "DL-3", "SF-9"], since="0.1")
def unindexed_query(unindexed: UnindexedQuery, project: Project) -> Iterator[Finding]:
    """A query that reads a whole table, or sorts it, where an index would spare that."""
    query, improvement = unindexed.query, unindexed.improvement
    table = improvement.statement.table
    does = "reads all of" if improvement.spares_scan else "sorts all of"
    if not improvement.before.scans(table.name):
        does = "sorts all that it finds in"
    others = len(unindexed.others)
    yield finding(
        at=query.span,
        symbol=f"{table.name}.{'+'.join(name for name, _ in improvement.columns)}",
        what=(
            f"This {query.kind} {does} `{table.name}`"
            + (f", and so {'does 1 more' if others == 1 else f'do {others} more'}" if others else "")
            + f": SQLite plans `{'`, `'.join(improvement.before.lines)}`."
        ),
        why=(
            "D1 bills each row that is read, whether it is found or not. With the index below the plan is "
            f"`{'`, `'.join(improvement.after.lines)}`."
        ),
        instead=_instead(improvement),
        related=[
            Label(table.token, "the table"),
            *(Label(other.span, "the index would serve this one, too") for other in unindexed.others[:SHOWN]),
        ],
    )


def _instead(improvement: Improvement) -> str:
    table = improvement.statement.table
    keys = {column.name: column.key for column in table.columns}
    columns = ", ".join(f"desc(t.{keys[name]})" if down else f"t.{keys[name]}" for name, down in improvement.columns)
    index = f'index("{index_name(table, improvement.columns)}").on({columns})'
    if improvement.extends is not None:
        known = improvement.extends.name
        return f"Give the index {known} these columns; what it serves now, it goes on serving:\n{index}"
    call = call_of(table)
    if call is not None and len(call.args) == 3:
        return f"Add an index to the list of `{table.name}`:\n{index},"
    return f"Add an index to the table:\n(t) => [{index}]"
