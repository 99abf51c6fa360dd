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
from d1lint.model.kysely.clients import (
    KYSELY_DEFINITIONS,
    KYSELY_QUERIES,
    KYSELY_TRANSACTIONS,
    KyselyChain,
    KyselyClass,
    KyselyClient,
    KyselyFragment,
)
from d1lint.model.queries.callbacks import callback_around
from d1lint.model.roles import is_test
from d1lint.model.values import alternatives
from d1lint.model.walk import Use, Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.project import Project
    from d1lint.workspace.packages import Package

SENDERS = frozenset({"execute", "executeTakeFirst", "executeTakeFirstOrThrow", "stream", "explain"})
"""Steps that send a query."""
_BEGINNINGS = (*KYSELY_QUERIES, *KYSELY_DEFINITIONS)
_TEXTS = (*_BEGINNINGS, *KYSELY_TRANSACTIONS)
_COMBINERS = ("all", "allSettled", "race", "any")
"""Methods of Promise that wait for what they are given."""
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

    `method` is "sql" for a template. Where the query goes on from one that a variable holds (`query.where(…)`),
    `variable` is its name, and `span` and `method` are those of what is added to it.
    """

    span: Span
    symbol: str
    method: str
    is_awaited: bool
    variable: str = ""


def may_use_kysely(text: bytes) -> bool:
    """Whether a script may query by Kysely."""
    return _ASKS.search(text) is not None or (b"kysely" in text and b"sql" in text)


def only_d1_in(project: Project, package: Package) -> bool:
    """Whether a client of Kysely's of which only the type is known is D1's, in the code of a package.

    So it is if the package, or those that use it, make clients of D1 and none of another dialect or of one that is
    not known. If they make none at all, the dependency on `kysely-d1` says it.
    """
    related = {package, *project.workspace.importers_of(package)}
    kinds = {kind for owner, kind in project.once(_clients_made) if owner in related}
    return kinds == {True} if kinds else "kysely-d1" in package.dependencies


def _clients_made(project: Project) -> list[tuple[Package, bool]]:
    """The packages whose code, tests left out, makes clients of Kysely's; whether each is known to be D1's."""
    made = []
    for path in project.paths:
        if is_test(path) or b"Kysely" not in project.modules.text(path):
            continue
        for visit in project.visits(path):
            if isinstance(visit.node, ir.New):
                maker = project.ev.evaluate(visit.node.callee, visit.scope)
                if isinstance(maker, KyselyClass):
                    client = project.ev.evaluate(visit.node, visit.scope)
                    is_d1 = isinstance(client, KyselyClient) and client.is_d1 is True
                    made.append((project.workspace.package_of(path), is_d1))
    return made


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
        if is_d1_by_default and _is_template(visit, ev) and id(node) not in inner:
            fate = _fate(visit)
            if fate is not None:
                yield UnexecutedKysely(visit.token, visit.place.nearest_name, "sql", fate == Use.AWAITED)
        if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Member):
            continue
        if node.callee.name in KYSELY_TRANSACTIONS:
            chain = chain_of(visit)
            if chain is not None and not chain.steps:
                yield KyselyTransaction(visit.token, visit.place.nearest_name, chain.method)
        elif id(node) not in inner:
            chain = chain_of(visit)
            if chain is not None and chain.method in _BEGINNINGS and not _is_sent(chain):
                yield from _lost(visit, node.callee.name, chain, ev)


def _is_sent(chain: KyselyChain) -> bool:
    return not {*SENDERS, "$call", "compile"}.isdisjoint(chain.steps)


def _lost(visit: Visit, method: str, chain: KyselyChain, ev: Evaluator) -> Iterator[UnexecutedKysely]:
    """The query of a chain, whose last step is `method`, if nobody takes it who could send it."""
    fate = _fate(visit)
    if fate is None:
        return
    is_awaited, calls = fate == Use.AWAITED, list(_calls(visit))
    first = calls[-1].callee
    holder = uncast(first.object) if isinstance(first, ir.Member) else None
    held = alternatives(ev.evaluate(holder, visit.scope)) if holder is not None else ()
    is_held = any(isinstance(value, KyselyChain) for value in held)
    if any(call is chain.site.node for call in calls) or (is_held and is_awaited):
        yield UnexecutedKysely(call_token(chain.site), visit.place.nearest_name, chain.method, is_awaited)
    elif is_held or not is_awaited or _is_thrown_away(visit):
        variable = holder.name if is_held and isinstance(holder, ir.Name) else ""
        yield UnexecutedKysely(visit.token, visit.place.nearest_name, method, is_awaited, variable)
    # Otherwise a function gives the builder, an asynchronous one too: whoever waits for it may well execute it.


def _fate(visit: Visit) -> Use | None:
    """What becomes of a builder that nobody takes: awaited, alone or among others, or dropped. None where one does."""
    if visit.use in (Use.AWAITED, Use.DISCARDED, Use.VOID):
        return visit.use
    callback = callback_around(visit.place) if visit.use == Use.RETURNED else None
    if callback is not None and callback.method == "forEach":
        return Use.DISCARDED
    if callback is not None and callback.method == "map":
        return Use.AWAITED if _waited_for(callback.call) is callback.call.node else None
    if visit.use == Use.ITEM:
        items = _waited_for(visit)
        is_item = isinstance(items, ir.Array) and any(_may_be(item, visit.node) for item in items.items)
        return Use.AWAITED if is_item else None
    return Use.DISCARDED if visit.use == Use.ARGUMENT and _is_for_later(visit) else None


def _waited_for(visit: Visit) -> ir.Expression | None:
    """What the `Promise.all(…)` around is given; None if there is none."""
    match visit.around.node if visit.around is not None else None:
        case ir.Call(callee=ir.Member(object=ir.Name(name="Promise"), name=name), args=(first, *_)):
            return uncast(first) if name in _COMBINERS else None
        case _:
            return None


def _is_for_later(visit: Visit) -> bool:
    """Whether it is what `ctx.waitUntil(…)` is given."""
    match visit.around.node if visit.around is not None else None:
        case ir.Call(callee=ir.Member(name="waitUntil") | ir.Name(name="waitUntil"), args=(first, *_)):
            return uncast(first) is visit.node
        case _:
            return False


def _may_be(node: ir.Expression, sought: ir.Expression) -> bool:
    """Whether an expression is another one, or a branch of it is."""
    match uncast(node):
        case ir.Conditional(then=then, otherwise=otherwise):
            return _may_be(then, sought) or _may_be(otherwise, sought)
        case ir.Binary(right=right):
            return _may_be(right, sought)
        case plain:
            return plain is sought


def _calls(visit: Visit) -> Iterator[ir.Call]:
    """The calls of a chain, the last one first."""
    node: ir.Expression = visit.node
    while isinstance(node, ir.Call):
        yield node
        node = uncast(node.callee.object) if isinstance(node.callee, ir.Member) else node.callee


def _is_thrown_away(visit: Visit) -> bool:
    """Whether what is awaited is a statement of its own."""
    statement = visit.place.statement
    awaited = statement.value if isinstance(statement, ir.Evaluate) else None
    return isinstance(awaited, ir.Await) and uncast(awaited.value) is visit.node


def _is_template(visit: Visit, ev: Evaluator) -> bool:
    """Whether it makes a fragment of raw SQL: Kysely's sql`…`, or `sql.raw(…)`."""
    match visit.node:
        case ir.Tagged() | ir.Call(callee=ir.Member(name="raw")):
            return isinstance(ev.evaluate(visit.node, visit.scope), KyselyFragment)
        case _:
            return False


def _chain(ev: Evaluator, is_d1_by_default: bool, visit: Visit) -> KyselyChain | None:
    for value in alternatives(ev.evaluate(visit.node, visit.scope)):
        if isinstance(value, KyselyChain) and (is_d1_by_default if value.is_d1 is None else value.is_d1):
            return value
    return None


def _chained(visit: Visit) -> ir.Expression | None:
    """The call that a call's method belongs to."""
    callee = visit.node.callee if isinstance(visit.node, ir.Call) else None
    return uncast(callee.object) if isinstance(callee, ir.Member) else None
