"""table-without-primary-key: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.schema import Index, Table
from d1lint.model.tables.reserved import is_reserved
from d1lint.rule import finding, rule

_WITHOUT_ANY = (
    "Nothing keeps D1 from storing a row twice when a request is repeated, no foreign key can refer to a row, "
    "and an upsert or an update has nothing to find one row by."
)
_WITH_INDEX = (
    "Only {name} tells its rows apart, and any migration can drop an index or a unique constraint of drizzle-kit's; "
    "SQLite does not let go of a primary key."
)


@rule(on=Table, level="warning", clauses=["REC-6", "HD-6"], since="0.1")
def table_without_primary_key(table: Table, project: Project) -> Iterator[Finding]:
    """A table without a primary key."""
    if not table.complete or not table.is_named or table.has_primary_key or table.gets_primary_key:
        return
    if table.lost or is_reserved(table.name):
        return
    own = table.own_key()
    name = f"`{own.name}`" if own is not None and own.name else "a unique constraint"
    related = [Label(own.span, "this tells its rows apart")] if own is not None and own.span is not None else []
    yield finding(
        at=table.token,
        symbol=table.name,
        what=f"The table `{table.name}` has no primary key.",
        why=_WITHOUT_ANY if own is None else _WITH_INDEX.format(name=name),
        instead=_instead(table, own),
        related=related,
    )


def _instead(table: Table, own: Index | None) -> str:
    named = [table.column(column.name or "") for column in own.columns] if own is not None else []
    keys = [column.key for column in named if column is not None]
    if own is None:
        keys = [column.key for column in table.columns if any(column.name in fk.columns for fk in table.foreign_keys)]
        own_id = next((column.key for column in table.columns if column.name.lower() == "id"), None)
        keys = [own_id] if own_id is not None else keys[:2] if len(keys) > 1 else []
    if len(keys) == 1:
        return f"Make `{keys[0]}` the key: add `.primaryKey()` to it."
    if keys:
        columns = ", ".join(f"t.{key}" for key in keys)
        return f"Make the columns that identify a row its key: `(t) => [primaryKey({{ columns: [{columns}] }})]`."
    return "Add a key, such as `id: integer().primaryKey()`, or `primaryKey({ columns: [...] })` over those it has."
