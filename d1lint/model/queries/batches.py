"""What a `db.batch([…])` is given: its members, and whether there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import nodes, occurrences, uncast
from d1lint.finding import Span
from d1lint.model.drizzle.queries import ChainValue
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.queries.query import EXECUTORS, Query
from d1lint.model.values import ArrayValue, Value, alternatives

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


class Emptiness(StrEnum):
    """How a batch can be empty."""

    ALWAYS = "always"
    PERHAPS = "perhaps"
    """It is made of a list of any length, and nothing asks for its length first."""


def emptiness(query: Query, ev: Evaluator) -> Emptiness | None:
    """Whether a batch has nothing in it, always or perhaps; None where that is not known."""
    node, scope = query.root.site.node, query.root.site.scope
    first = node.args[0] if isinstance(node, ir.Call) and node.args else None
    if first is None:
        return None
    value = ev.evaluate(first, scope)
    if _is_empty(value) and not (isinstance(first, ir.Name) and _is_filled(first.name, query)):
        return Emptiness.ALWAYS
    first = uncast(first)
    function = query.place.function
    source = _mapped_list(first, query)
    if source is None or function is None:
        return None
    return None if any(_asks_for_length(function, name) for name in source) else Emptiness.PERHAPS


def _is_empty(value: Value) -> bool:
    return isinstance(value, ArrayValue) and not value.items and not value.gaps


def _is_filled(name: str, query: Query) -> bool:
    """Whether code that is not followed, such as a callback, puts something into a list."""
    function = query.place.function
    return function is None or occurrences(function, name) > 2


def _mapped_list(node: ir.Expression, query: Query) -> set[str] | None:
    """The names that say how long a list is: `ids` and `statements` of `statements = ids.map(…)`; None for others."""
    names: set[str] = set()
    function = query.place.function
    if isinstance(node, ir.Name):
        names.add(node.name)
        found = _declared(node.name, function)
        if found is None:
            return None
        node = found
    match node:
        case ir.Call(callee=ir.Member(name="map" | "flatMap", object=ir.Name(name=source))):
            return {*names, source}
        case ir.Array(items=(ir.Spread(value=ir.Call(callee=ir.Member(name="map", object=ir.Name(name=source)))),)):
            return {*names, source}
        case _:
            return None


def _declared(name: str, function: ir.Function | None) -> ir.Expression | None:
    found = [
        each.value
        for each in nodes(function)
        if isinstance(each, ir.Declare) and isinstance(each.pattern, ir.Name) and each.pattern.name == name
    ]
    return found[0] if len(found) == 1 else None


def _asks_for_length(function: ir.Function, name: str) -> bool:
    """Whether a function says anything of a list's length: `if (!ids.length) return`."""
    return any(
        isinstance(node, ir.Member)
        and node.name in ("length", "size")
        and isinstance(node.object, ir.Name)
        and node.object.name == name
        for node in nodes(function)
    )
