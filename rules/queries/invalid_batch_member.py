"""invalid-batch-member: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.queries.batches import Fault, Member, faulty_members
from d1lint.model.queries.query import Query
from d1lint.rule import finding, rule


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1")
def invalid_batch_member(query: Query, project: Project) -> Iterator[Finding]:
    """A member of a batch that is not a query that the batch could send."""
    if query.kind != "batch":
        return
    for member in faulty_members(query, project.ev):
        if member.fault == Fault.FIND_FIRST and project.is_v1_file(query.file):
            continue
        yield finding(
            at=member.span,
            symbol=query.symbol,
            what=_WHAT[member.fault].format(step=member.step),
            why=_why(member),
            instead=_INSTEAD[member.fault].format(step=member.step),
        )


_WHAT = {
    Fault.AWAITED: "A member of this batch is awaited: the batch gets its rows, not the query.",
    Fault.SQL: "A member of this batch is a bare sql`…`, which is a fragment and no query.",
    Fault.PREPARED: "A member of this batch is prepared by `.prepare()`.",
    Fault.EXECUTED: "A member of this batch is sent at once, by `.{step}()`.",
    Fault.COUNT: "A member of this batch is a `$count`, which batches do not know.",
    Fault.FIND_FIRST: "A member of this batch is a `findFirst`.",
}
_INSTEAD = {
    Fault.AWAITED: "Hand over the query itself, without `await`.",
    Fault.SQL: "Make it a query:\ndb.run(sql`…`)",
    Fault.PREPARED: "Hand over the builder, without `.prepare()`.",
    Fault.EXECUTED: "Hand over the builder, without `.{step}()`.",
    Fault.COUNT: "Select it:\ndb.select({{ n: count() }}).from(…)",
    Fault.FIND_FIRST: "Ask for a list of one:\ndb.query.….findMany({{ …, limit: 1 }})",
}


def _why(member: Member) -> str:
    if member.fault == Fault.FIND_FIRST:
        return "Where it finds no row, Drizzle 0.x throws while it maps the batch's answer."
    thrown = "`db.batch` throws a TypeError, because this has no `_prepare`, and none of its statements is sent"
    if member.fault in (Fault.EXECUTED, Fault.AWAITED):
        return f"{thrown}; this one has run by then, outside of the batch."
    return f"{thrown}."
