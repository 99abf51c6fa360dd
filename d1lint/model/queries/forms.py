"""The forms that a query can have: what is added to it through a variable or by a helper may be there or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from d1lint.facts import ir
from d1lint.model.drizzle.queries import SET_OPERATIONS, Step
from d1lint.model.queries.query import Query


@dataclass(frozen=True, slots=True)
class Form:
    """The steps of a query in one of its forms; `is_certain` says that these are all."""

    steps: tuple[Step, ...]
    is_certain: bool = True


def forms(query: Query) -> list[Form]:
    """The forms of a query, at least one: that of each outermost call of its chain."""
    chains = [(list(_calls_in(end.visit.node)), end.variable) for end in query.ends]
    # What `union(first, second)` is given is no form by itself.
    inner = {id(call) for calls, _ in chains for call in calls[1:]}
    chains = [(calls, variable) for calls, variable in chains if calls and id(calls[0]) not in inner]
    first = next((calls for calls, _ in chains if any(call is query.root.site.node for call in calls)), [])
    begin = _among(query, first)
    if len(chains) == 1 and first:
        return [Form(begin, len(begin) == len(query.steps))]
    found = []
    for calls, variable in chains:
        if calls is first:
            found.append(Form(begin))
        elif first and variable:
            found.append(Form((*begin, *_among(query, calls))))
        else:
            found.append(Form(tuple(query.steps), False))
    return found or [Form(tuple(query.steps), False)]


def _among(query: Query, calls: list[ir.Expression]) -> tuple[Step, ...]:
    return tuple(step for step in query.steps if any(step.site.node is call for call in calls))


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
