"""Kysely's queries and transactions on D1: chains that only `execute()` sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import uncast
from d1lint.finding import Span
from d1lint.model.drizzle.columns import call_token
from d1lint.model.kysely.clients import KYSELY_QUERIES, KYSELY_TRANSACTIONS, KyselyChain
from d1lint.model.queries.callbacks import callback_around
from d1lint.model.values import alternatives
from d1lint.model.walk import Use, Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

SENDERS = frozenset({"execute", "executeTakeFirst", "executeTakeFirstOrThrow", "stream", "explain"})
"""Steps that send a query."""
_TEXTS = (*KYSELY_QUERIES, *KYSELY_TRANSACTIONS)
_ASKS = re.compile(rb"\.(?:%b)\(" % "|".join(map(re.escape, _TEXTS)).encode())


@dataclass(slots=True, eq=False)
class KyselyTransaction:
    """A transaction that Kysely is asked for on D1. `span` is the method, `symbol` the function around it."""

    span: Span
    symbol: str
    method: str


@dataclass(slots=True, eq=False)
class UnexecutedKysely:
    """A query of Kysely's that nothing sends. `span` is the method that begins it; `is_awaited` that it is awaited.

    Where the query goes on from one that a variable holds (`query.where(…)`), `variable` is its name, and `span` and
    `method` are those of what is added to it.
    """

    span: Span
    symbol: str
    method: str
    is_awaited: bool
    variable: str = ""


def may_use_kysely(text: bytes) -> bool:
    """Whether a script may query by Kysely."""
    return _ASKS.search(text) is not None


def kysely_findings(
    visits: list[Visit], ev: Evaluator, is_d1_by_default: bool
) -> Iterator[KyselyTransaction | UnexecutedKysely]:
    """The transactions on D1 and the queries that nothing sends, of one module.

    `is_d1_by_default` says whose a client is of which only the type is known.
    """
    chain_of = partial(_chain, ev, is_d1_by_default)
    inner = {id(object_) for visit in visits if (object_ := _chained(visit)) is not None}
    for visit in visits:
        node = visit.node
        if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Member):
            continue
        if node.callee.name in KYSELY_TRANSACTIONS:
            chain = chain_of(visit)
            if chain is not None and not chain.steps:
                yield KyselyTransaction(visit.token, visit.place.nearest_name, chain.method)
        elif id(node) not in inner:
            chain = chain_of(visit)
            if chain is not None and chain.method in KYSELY_QUERIES and _is_lost(visit, chain):
                is_awaited = visit.use == Use.AWAITED
                variable = _held_in(visit)
                method = node.callee.name if variable else chain.method
                span = visit.token if variable else call_token(chain.site)
                yield UnexecutedKysely(span, visit.place.nearest_name, method, is_awaited, variable)


def _is_lost(visit: Visit, chain: KyselyChain) -> bool:
    if SENDERS.intersection(chain.steps) or "$call" in chain.steps or "compile" in chain.steps:
        return False
    if visit.use in (Use.AWAITED, Use.DISCARDED, Use.VOID):
        return True
    callback = callback_around(visit.place)
    return visit.use == Use.RETURNED and callback is not None and callback.method == "forEach"


def _chain(ev: Evaluator, is_d1_by_default: bool, visit: Visit) -> KyselyChain | None:
    for value in alternatives(ev.evaluate(visit.node, visit.scope)):
        if isinstance(value, KyselyChain) and (is_d1_by_default if value.is_d1 is None else value.is_d1):
            return value
    return None


def _held_in(visit: Visit) -> str:
    """The variable whose query a call adds something to; "" where the call is of a chain that begins there."""
    inner = _chained(visit)
    while isinstance(inner, ir.Call) and isinstance(inner.callee, ir.Member):
        if inner.callee.name in _TEXTS:
            return ""
        inner = inner.callee.object
    return inner.name if isinstance(inner, ir.Name) and visit.use != Use.AWAITED else ""


def _chained(visit: Visit) -> ir.Expression | None:
    """The call that a call's method belongs to."""
    callee = visit.node.callee if isinstance(visit.node, ir.Call) else None
    return uncast(callee.object) if isinstance(callee, ir.Member) else None
