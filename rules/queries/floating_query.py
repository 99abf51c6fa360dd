"""floating-query: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.queries.fate import Fate, Floating
from d1lint.rule import finding, rule


@rule(on=Floating, level="error", clauses=["REC-6", "DS-28"], since="0.1")
def floating_query(floating: Floating, project: Project) -> Iterator[Finding]:
    """A query that nothing runs, or that nobody waits for."""
    query = floating.query
    is_sent = floating.fate == Fate.UNAWAITED
    yield finding(
        at=floating.span,
        symbol=query.symbol,
        what=_what(floating),
        why=(
            "The Worker may be gone before D1 answers, and an error in it is heard by nobody."
            if is_sent
            else "A query of Drizzle's is sent when it is awaited, and only then: this one never reaches D1."
        ),
        instead=_instead(floating),
        related=[Label(query.span, "the query")] if floating.by else [],
        level="warning" if is_sent else None,
    )


def _what(floating: Floating) -> str:
    query = floating.query
    name = f"`{query.sketch}`"
    if floating.by:
        return f"`{floating.by}` drops what its callback gives, and with it the query {name}."
    if floating.fate == Fate.UNAWAITED:
        return f"The query {name} is sent, and nothing awaits it."
    if floating.name:
        return f"The query {name} is kept in `{floating.name}`, which nothing reads."
    return f"The query {name} is built, and nothing awaits it."


def _instead(floating: Floating) -> str:
    if floating.by in ("forEach", "map", "flatMap"):
        return "Hand all of them to one batch, after a look at the length:\nawait db.batch(items.map((item) => db.…));"
    query = floating.query.sketch
    return f"Await it, or let it outlive the response:\nawait db.{query}\nctx.waitUntil(db.{query})"
