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
    by_end = [list(_calls_in(end.visit.node)) for end in query.ends]
    root = query.root.site.node
    whole = next((calls for calls in by_end if any(call is root for call in calls)), [])
    first = _among(query, whole)
    if whole and len(by_end) == 1:
        return [Form(first, len(first) == len(query.steps))]
    found = []
    for calls in by_end:
        own = _among(query, calls)
        if calls is whole:
            found.append(Form(own))
        elif whole and query.ends[by_end.index(calls)].variable:
            found.append(Form((*first, *own)))
        else:
            found.append(Form(tuple(query.steps), False))
    return found


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
