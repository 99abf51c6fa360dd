"""query-in-loop: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.drizzle.queries import RAW
from d1lint.model.project import Project
from d1lint.model.queries.loops import LoopedQuery
from d1lint.rule import finding, rule


@rule(
    on=LoopedQuery,
    level="warning",
    clauses=["REC-6", "HD-17", "DS-25", "DL-5", "DL-13", "SF-11"],
    since="0.1",
)
def query_in_loop(looped: LoopedQuery, project: Project) -> Iterator[Finding]:
    """A query that is sent once for each element of a list."""
    query, loop = looped.query, looped.loop
    through = f" by `{looped.function}()`" if looped.function else ""
    related = [Label(loop.span, "once for each element of this list")]
    if looped.span != query.span:
        related.append(Label(query.span, "the query"))
    yield finding(
        at=looped.span,
        symbol=looped.symbol,
        what=f"The query `{query.sketch}` is sent{through} once for each element of a list.",
        why=(
            "Each is a round trip to D1, and one invocation may send 50 queries on the free plan and 1,000 on the paid "
            "one: it gets slower with every row, and one day it fails."
        ),
        instead=_instead(looped),
        related=related,
    )


def _instead(looped: LoopedQuery) -> str:
    kind = looped.query.kind
    if kind == "insert":
        return "Insert the rows together, in chunks of at most 100 parameters:\nawait db.insert(…).values(chunk);"
    if kind in ("update", "delete"):
        return "Send them as one batch, or say all rows in one `where`:\nawait db.batch(items.map((item) => db.…));"
    if kind in ("batch", *RAW):
        return "Collect the statements of all elements, and send them as one batch:\nawait db.batch(statements);"
    return "Ask for all of them at once, by a join, by `with`, or by\n.where(inArray(…, ids))"
