"""foreign-key-target: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.schema import ForeignKey, Table
from d1lint.model.tables.elsewhere import is_elsewhere
from d1lint.rule import finding, rule


@rule(on=ForeignKey, level="error", clauses=["REC-6", "DS-8", "DL-2"], since="0.1")
def foreign_key_target(fk: ForeignKey, project: Project) -> Iterator[Finding]:
    """A foreign key to columns that are no key of their table, are of another type, or are in another database."""
    foreign = fk.foreign
    if foreign is None or not fk.is_known or not foreign.is_named:
        return
    said = _another_database(fk, foreign, project) or _no_key(fk, foreign) or _other_type(fk, foreign)
    if said is None:
        return
    what, why, instead = said
    related = [Label(foreign.token, f"the table `{foreign.name}`")]
    if fk.helper is not None:
        related.append(Label(fk.helper, "the foreign key is written here"))
    yield finding(at=fk.span, symbol=fk.symbol, what=what, why=why, instead=instead, related=related)


def _another_database(fk: ForeignKey, foreign: Table, project: Project) -> tuple[str, str, str] | None:
    if not is_elsewhere(fk, project):
        return None
    return (
        f"`{fk.symbol}` refers to `{foreign.name}`, which is a table of another database.",
        f"D1 answers every insert into `{fk.table.name}`, and every delete from it, with "
        f"`no such table: main.{foreign.name}`.",
        "Keep the column, drop the reference, and check in the code that the row is there.",
    )


def _no_key(fk: ForeignKey, foreign: Table) -> tuple[str, str, str] | None:
    if not foreign.complete or foreign.lost or fk.target_key() is not None:
        return None
    if foreign.gets_primary_key and not foreign.has_primary_key:
        return None  # its key is in SQL that the schema does not repeat
    columns = ", ".join(f"`{column}`" for column in fk.foreign_columns)
    is_one = len(fk.foreign_columns) == 1
    column = foreign.column(fk.foreign_columns[0]) if is_one else None
    unique = f"Add `.unique()` to `{column.key}`" if column is not None else "Add `unique().on(…)` over these columns"
    return (
        f"`{fk.symbol}` refers to {columns} of `{foreign.name}`, which {'is' if is_one else 'together are'} "
        "neither its primary key nor unique.",
        f"D1 creates both tables, and answers every insert into `{fk.table.name}`, and every delete from "
        f'`{foreign.name}`, with `foreign key mismatch - "{fk.table.name}" referencing "{foreign.name}"`.',
        f"Refer to the primary key of `{foreign.name}`. {unique} only if no two rows may have the same value.",
    )


def _other_type(fk: ForeignKey, foreign: Table) -> tuple[str, str, str] | None:
    for name, target in zip(fk.columns, fk.foreign_columns, strict=True):
        own, theirs = fk.table.column(name), foreign.column(target)
        if own is None or theirs is None or own.storage is None or theirs.storage is None:
            continue
        if own.storage != theirs.storage:
            return (
                f"`{fk.table.name}.{name}` is `{own.type}`, and `{foreign.name}.{target}`, to which it refers, "
                f"is `{theirs.type}`.",
                "SQLite converts one into the other: some keys no longer match (`007` becomes 7), the code compares "
                "values that are never equal, and joins in one direction read the whole table.",
                f"Declare `{own.key}` with the type of `{theirs.key}`.",
            )
    return None
