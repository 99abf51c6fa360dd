"""unindexed-foreign-key: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.edits.indexes import add_index, index_advice
from d1lint.model.project import Project
from d1lint.model.schema import ForeignKey, Index
from d1lint.rule import finding, rule


@rule(on=ForeignKey, level="error", clauses=["REC-5", "HD-16", "DS-9"], since="0.1", fixable=True)
def unindexed_foreign_key(fk: ForeignKey, project: Project) -> Iterator[Finding]:
    """A foreign key whose columns no index leads with."""
    if not fk.is_known or not fk.table.indexes_known or fk.covering_index() is not None:
        return
    table, foreign = fk.table.name, fk.foreign.name if fk.foreign is not None else ""
    columns = ", ".join(f"`{column}`" for column in fk.columns)
    near = fk.partial_index()
    related = [Label(fk.table.token, f"the table `{table}` and its indexes")]
    if near is not None and near.span is not None:
        related = [Label(near.span, f"this {near.kind} {_shortcoming(near, fk)}")]
    if fk.helper is not None:
        related.append(Label(fk.helper, "the foreign key is written here"))
    yield finding(
        at=fk.span,
        symbol=fk.symbol,
        what=f"No index of `{table}` leads with {columns}, the foreign key to `{foreign}`.",
        why=(
            f"D1 reads every row of `{table}` to find those of one `{foreign}`, and again for each row of `{foreign}` "
            "that is deleted or re-keyed; rows read are what D1 bills."
        ),
        instead=index_advice(fk, project),
        related=related,
        fix=lambda: add_index(fk, project),
    )


def _shortcoming(index: Index, fk: ForeignKey) -> str:
    if index.partial:
        return "has a condition, so it is not used for all rows"
    if any(column.expression for column in index.columns):
        return "is over an expression, not over the column"
    return f"does not begin with {' and '.join(fk.columns)}"
