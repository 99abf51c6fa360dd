"""forbidden-statement: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.raw_sql.refused import refused
from d1lint.model.raw_sql.sql_text import SqlText
from d1lint.rule import finding, rule

_WHY = {
    "transaction": "It throws: D1 lets no SQL begin a transaction, and a session would end with the call anyway.",
    "file": "It throws `not authorized`: a D1 database is one file, and no statement can reach another.",
    "vacuum": "It throws `cannot VACUUM from within a transaction`: D1 runs each statement in one, and keeps the file.",
    "temporary": "It throws `not authorized`: there is no connection that a temporary table could live in.",
    "pragma": "It throws `not authorized`: journal, caches and checks of the file are D1's own business.",
}
_INSTEAD = {
    "transaction": "Send what belongs together as a batch, which D1 runs as one transaction:\nawait env.DB.batch([…]);",
    "file": "Bind the other database in the wrangler configuration, and query each by itself.",
    "vacuum": "Leave it out. `PRAGMA optimize` is what D1 accepts.",
    "temporary": "Use a common table expression, WITH rows AS (SELECT …), or an ordinary table that is emptied again.",
    "pragma": "Leave it out. D1 accepts PRAGMA optimize, quick_check, table_info and foreign_key_check, among others.",
}


@rule(on=SqlText, level="error", clauses=["REC-6", "SF-15"], since="0.1")
def forbidden_statement(text: SqlText, project: Project) -> Iterator[Finding]:
    """A statement that D1 refuses: a transaction in SQL, VACUUM, ATTACH, a temporary table, some PRAGMAs."""
    found = next(filter(None, map(refused, text.skeletons)), None)
    if found is None or text.is_fragment:
        return
    yield finding(
        at=text.span,
        symbol=text.symbol,
        what=f"`{text.call}(…)` sends `{found.words}`, which D1 refuses.",
        why=_WHY[found.kind],
        instead=_INSTEAD[found.kind],
    )
