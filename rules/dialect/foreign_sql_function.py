"""foreign-sql-function: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.raw_sql.foreign_sql import ForeignSql
from d1lint.rule import finding, rule

_INSTEAD = {
    "now()": "sql`(unixepoch())`, or `new Date()` from the code",
    "gen_random_uuid()": "`crypto.randomUUID()` from the code: text().$defaultFn(() => crypto.randomUUID())",
    "uuid()": "`crypto.randomUUID()` from the code: text().$defaultFn(() => crypto.randomUUID())",
    "uuid_generate_v4()": "`crypto.randomUUID()` from the code: text().$defaultFn(() => crypto.randomUUID())",
    "array_agg()": "sql`json_group_array(…)`",
    "json_agg()": "sql`json_group_array(…)`",
    "jsonb_agg()": "sql`json_group_array(…)`",
    "json_build_object()": "sql`json_object(…)`",
    "jsonb_build_object()": "sql`json_object(…)`",
    "date_trunc()": "sql`strftime(…, column, 'unixepoch')`",
    "to_char()": "sql`strftime(…, column, 'unixepoch')`",
    "to_timestamp()": "sql`datetime(column, 'unixepoch')`",
    "ilike": "like(column, pattern)",
}


@rule(on=ForeignSql, level="error", clauses=["REC-6"], since="0.1")
def foreign_sql_function(item: ForeignSql, project: Project) -> Iterator[Finding]:
    """SQL of Postgres that D1 does not know."""
    listed = ", ".join(f"`{idiom}`" for idiom in item.idioms)
    if item.is_operator:
        negated = "not" in item.idioms[0]
        why = 'Drizzle writes the operator ILIKE, and SQLite answers with a syntax error near "ilike".'
        like = "notLike" if negated else "like"
        written = (
            f"{like}(column, pattern)" if item.idioms[0].endswith("()") else f"{{ column: {{ {like}: pattern }} }}"
        )
        instead = f"SQLite's LIKE does not tell the case of ASCII letters apart:\n{written}"
    else:
        why = _why(item.idioms[0])
        instead = f"Write what SQLite has:\n{_advice(item.idioms[0])}"
    yield finding(
        at=item.span,
        symbol=item.symbol,
        what=f"{listed} of Postgres {'is' if len(item.idioms) == 1 else 'are'} sent to D1, in `{item.symbol}`.",
        why=why,
        instead=instead,
    )


def _why(idiom: str) -> str:
    if idiom.endswith("()"):
        return f'D1 is SQLite, which has no such function: the statement fails with "no such function: {idiom[:-2]}".'
    return "D1 is SQLite, which does not know this: the statement fails with a syntax error."


def _advice(idiom: str) -> str:
    if idiom.startswith("::"):
        return "sql`cast(… as text)`, with `integer`, `real`, `text` or `blob`"
    lower = idiom.lower()
    if lower.endswith("update"):
        return "nothing: D1 runs one write at a time. What belongs together is one db.batch([…])"
    if lower.startswith("distinct"):
        return "db.selectDistinct(…), or groupBy(…) with max(…)"
    return _INSTEAD.get(lower, "the same in SQLite's functions, or in code")
