"""The forms that a query can have: what is added to it through a variable or by a helper may be there or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from d1lint.facts import ir
from d1lint.model.drizzle.queries import SET_OPERATIONS, Step
from d1lint.model.queries.query import End, Query


@dataclass(frozen=True, slots=True)
class Form:
    """The steps that a query has in one of its forms; `is_certain` says that it has no others."""

    steps: tuple[Step, ...]
    is_certain: bool = True


def forms(query: Query) -> list[Form]:
    """The forms of a query, at least one: that of each outermost call of its chain."""
    chains = {id(end): list(_calls_in(end.visit.node)) for end in query.ends}
    # What `union(first, second)` is given is no form by itself.
    inner = {id(call) for calls in chains.values() for call in calls[1:]}
    ends = [end for end in query.ends if chains[id(end)] and id(chains[id(end)][0]) not in inner]
    first = next((end for end in ends if any(call is query.root.site.node for call in chains[id(end)])), None)

    def steps_of(end: End, seen: tuple[End, ...] = ()) -> tuple[Step, ...]:
        own = tuple(step for step in query.steps if any(step.site.node is call for call in chains[id(end)]))
        before = next((each for each in ends if each not in seen and _declares(each, end.variable)), first)
        if end is first or before is None or before is end:
            return own
        return (*steps_of(before, (*seen, end)), *own)

    found = [Form(steps_of(end), end is first or (first is not None and end.variable != "")) for end in ends]
    if len(found) == 1 and len(found[0].steps) < len(query.steps):
        return [Form(found[0].steps, False)]
    return found or [Form((), False)]


def _declares(end: End, variable: str) -> bool:
    statement = end.place.statement
    return (
        isinstance(statement, ir.Declare)
        and isinstance(statement.pattern, ir.Name)
        and statement.pattern.name == variable
        and statement.value is end.visit.node
    )


def _calls_in(node: ir.Expression) -> Iterator[ir.Expression]:
    """The calls of one chain, from the outermost: also those of a first argument of `union(first, …)`."""
    while True:
        match node:
            case ir.Call(callee=ir.Member(object=inner)):
                yield node
                node = inner
            case ir.Call(callee=ir.Name(name=name), args=(first, *_)) if name in SET_OPERATIONS:
                yield node
                node = first
            case ir.Cast(value=inner) | ir.Await(value=inner):
                node = inner
            case _:
                return
