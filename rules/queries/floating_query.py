"""floating-query: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.queries.fate import Fate, Floating
from d1lint.model.queries.fate import floating as floats
from d1lint.model.queries.query import Query
from d1lint.rule import finding, rule


@rule(on=Floating, level="error", clauses=["REC-6", "DS-28"], since="0.1")
def floating_query(floating: Floating, project: Project) -> Iterator[Finding]:
    """A query that nothing runs, or that nobody waits for."""
    query = floating.query
    if floating.by and not _is_first(floating, project):
        return
    is_sent = floating.fate == Fate.UNAWAITED
    yield finding(
        at=floating.span,
        symbol=query.symbol,
        what=_what(floating),
        why=_why(floating),
        instead=_instead(floating),
        related=[Label(query.span, "the query")] if floating.by else [],
        level="warning" if is_sent else None,
    )


def _is_first(dropped: Floating, project: Project) -> bool:
    """Whether no query before this one is dropped with it, by the same callback."""
    for query in project.queries.of_file(dropped.query.file):
        if query is dropped.query:
            return True
        if query.is_d1 and any(each.by and each.span == dropped.span for each in floats(query)):
            return False
    return True


def _is_prepared(query: Query) -> bool:
    return query.step("prepare") is not None


def _why(floating: Floating) -> str:
    if floating.fate == Fate.UNAWAITED:
        return "The Worker may be gone before D1 answers, and an error in it is heard by nobody."
    if _is_prepared(floating.query):
        return "What `prepare()` gives is sent by its `run()`, `all()` or `get()`: this one never reaches D1."
    return "A query of Drizzle's is sent when it is awaited, and only then: this one never reaches D1."


def _what(floating: Floating) -> str:
    query = floating.query
    name = f"`{query.sketch}`"
    if floating.by:
        return f"`{floating.by}` drops what its callback gives, and with it the query {name}."
    if floating.fate == Fate.UNAWAITED:
        return f"The query {name} is sent, and nothing awaits it."
    if floating.name:
        return f"The query {name} is kept in `{floating.name}`, which nothing reads."
    if _is_prepared(query):
        return f"The query {name} is prepared, and nothing sends it."
    return f"The query {name} is built, and nothing awaits it."


def _instead(floating: Floating) -> str:
    if floating.by in ("forEach", "map", "flatMap"):
        return "Hand all of them to one batch, after a look at the length:\nawait db.batch(items.map((item) => db.…));"
    query = floating.query.sketch
    if floating.fate == Fate.NEVER_RUN and _is_prepared(floating.query):
        return f"Leave out `.prepare()`, or send what it gives:\nawait db.{query}\nawait prepared.run()"
    return f"Await it, or let it outlive the response:\nawait db.{query}\nctx.waitUntil(db.{query})"
