"""foreign-dialect: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.dialects import ForeignImport
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@rule(on=ForeignImport, level="error", clauses=["REC-1", "HD-1", "DK-1", "DS-31", "DL-1"], since="0.1")
def foreign_dialect(item: ForeignImport, project: Project) -> Iterator[Finding]:
    """Code of another dialect (`pg-core`, `mysql-core`) that a D1 database reaches."""
    listed = ", ".join(f"`{name}`" for name in item.names[:4]) + (" and more" if len(item.names) > 4 else "")
    related = [Label(item.user, "it is used through this import")] if item.user is not None else []
    related += [Label(item.table, "this table has a column of it")] if item.table is not None else []
    yield finding(
        at=item.span,
        symbol=item.symbol,
        what=(
            f"{listed or 'Something'} from `drizzle-orm/{item.dialect}` in the schema of a D1 database, "
            f"reached by {item.reached_by}."
        ),
        why=(
            "D1 is SQLite. TypeScript and drizzle-kit both accept such a table: kit generates no migration for it, and "
            "booleans, dates and defaults come back wrong or fail on D1 at run time."
        ),
        instead=(
            "Take tables and columns from `drizzle-orm/sqlite-core`:\n"
            'import { sqliteTable, integer, text } from "drizzle-orm/sqlite-core";'
        ),
        related=related,
    )
