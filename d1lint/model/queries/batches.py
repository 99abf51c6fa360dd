"""What a `db.batch([…])` is given that does not belong there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import uncast
from d1lint.finding import Span
from d1lint.model.drizzle.queries import ChainValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.queries.query import EXECUTORS, Query
from d1lint.model.values import alternatives

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator


class Fault(StrEnum):
    """Why something can not be a member of a batch."""

    AWAITED = "awaited"
    SQL = "a bare sql`…`"
    PREPARED = "prepared"
    EXECUTED = "executed"
    COUNT = "$count"
    FIND_FIRST = "findFirst"
    """It is one, but fails where it finds no row."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a batch that does not belong there. `step` is the method that spoils it, "" for none."""

    span: Span
    fault: Fault
    step: str = ""


def faulty_members(query: Query, ev: Evaluator) -> Iterator[Member]:
    """The members of a batch that are written in its list and do not belong there."""
    node = query.root.site.node
    first = node.args[0] if isinstance(node, ir.Call) and node.args else None
    listed = uncast(first) if first is not None else None
    if not isinstance(listed, ir.Array):
        return
    scope = query.root.site.scope
    for item in listed.items:
        if isinstance(item, ir.Spread):
            continue
        awaited = isinstance(item, ir.Await)
        value = ev.evaluate(item.value if isinstance(item, ir.Await) else item, scope)
        chains = [each for each in alternatives(value) if isinstance(each, ChainValue)]
        if awaited and chains:
            yield Member(Span(scope.module, item.start, item.start + len("await")), Fault.AWAITED)
        elif chains and len(chains) == 1:
            yield from _of_chain(chains[0])
        elif isinstance(value, SqlValue) and not awaited and not value.operator:
            yield Member(Span(scope.module, item.start, item.end), Fault.SQL)


def _of_chain(chain: ChainValue) -> Iterator[Member]:
    if chain.root.kind == "$count":
        yield Member(chain.root.token, Fault.COUNT, "$count")
    elif chain.root.kind == "findFirst":
        yield Member(chain.root.token, Fault.FIND_FIRST, "findFirst")
    for step in chain.steps:
        if step.name == "prepare":
            yield Member(step.token, Fault.PREPARED, step.name)
            return
        if step.name in EXECUTORS or (step.name == "values" and chain.root.kind != "insert"):
            yield Member(step.token, Fault.EXECUTED, step.name)
            return
