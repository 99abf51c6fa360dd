"""upsert-target-not-unique: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.queries.query import Query
from d1lint.model.queries.upserts import Target, targets
from d1lint.model.schema import Index
from d1lint.rule import finding, rule


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1")
def upsert_target_not_unique(query: Query, project: Project) -> Iterator[Finding]:
    """An upsert whose target is no unique key of its table."""
    for target in targets(query, project.queries.table_of, project.ev):
        if target.unique() is not None:
            continue
        nearest = target.partial_unique() or target.wider_unique()
        span = nearest.span if nearest is not None else None
        columns = ", ".join(f"`{name}`" for name in target.columns)
        are = "together are" if len(target.columns) > 1 else "is"
        yield finding(
            at=target.span,
            symbol=query.symbol,
            what=f"The target of this `{target.method}` is {columns} of `{target.table.name}`, which {are} not unique.",
            why=(
                "D1 refuses the insert, with a conflict or without one: `ON CONFLICT clause does not match any PRIMARY "
                "KEY or UNIQUE constraint`."
            ),
            instead=_instead(target, nearest),
            related=[Label(span, "what is unique there")] if span is not None else [],
        )


def _instead(target: Target, nearest: Index | None) -> str:
    table = target.table.export or target.table.name
    if nearest is None or None in [column.name for column in nearest.columns]:
        return f"Add a `uniqueIndex` over the target to `{target.table.name}`, or name its key as the target."
    if nearest.partial:
        if target.method == "onConflictDoNothing":
            return "Leave out the target: every conflict is passed over then."
        condition = "with its values written out, not bound" if target.binds else "as a condition of the target"
        return f"Repeat the condition of the index, {condition}:\ntargetWhere: sql`…`"
    keys = {column.name: column.key for column in target.table.columns}
    named = [f"{table}.{keys.get(column.name or '', column.name or '')}" for column in nearest.columns]
    listed = named[0] if len(named) == 1 else f"[{', '.join(named)}]"
    return f"Name what is unique, or make the target so by a `uniqueIndex`:\ntarget: {listed}"
