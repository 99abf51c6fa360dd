"""Finds the queries of a module among its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import uncast
from d1lint.model.drizzle.clients import ClientValue
from d1lint.model.drizzle.queries import (
    JOINS,
    RAW,
    ROOTS,
    SET_OPERATIONS,
    ChainValue,
    PendingSelect,
    Root,
    Step,
    SubqueryValue,
)
from d1lint.model.drizzle.relations import RelationsConfig
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.queries.query import End, Query
from d1lint.model.values import ArrayValue, Native, Value, alternatives
from d1lint.model.walk import Use, Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.schema import Table

Key = tuple[str, int, int]
MAX_ROUNDS = 4
"""How often a query may go from one variable to another before it is no longer followed."""
BUILDING = frozenset(
    {"where", "orderBy", "limit", "offset", "groupBy", "having", "returning", "set", "$dynamic", *JOINS}
)
"""Steps that only queries have."""
TableOf = Callable[[Value], "Table | None"]


class Collector:
    """The queries of one module.

    `table_of` gives the table that a value is, `table_named` the one that `x.query.name` means where `x` is not known.
    """

    def __init__(
        self,
        visits: list[Visit],
        ev: Evaluator,
        table_of: TableOf,
        table_named: Callable[[str], Table | None],
    ) -> None:
        self._visits = visits
        self._ev = ev
        self._table_of = table_of
        self._table_named = table_named
        self._outer = _outer_calls(visits)
        self._found: dict[Key, Query] = {}
        self._own: dict[Key, Visit] = {}
        """The outermost call of the chain that begins with each query's root."""
        self._chains_by_node: set[int] = set()
        """The identities of the calls that are chains."""
        self._variables: set[str] = set()
        """The names of the variables that hold queries."""

    def queries(self) -> list[Query]:
        """All that are queries by their client or by their table, in source order."""
        for visit in self._visits:
            root = self._root(visit)
            if root is not None and root.place not in self._found:
                self._found[root.place] = Query(root, visit, _client(root.receiver))
        found = list(self._found.values())
        for query in found:
            query.client = query.client or self._client_of_transaction(query)
        if self._found:
            self._follow()
        for query in found:
            self._settle(query)
        for query in found:
            if query.is_d1 is None and query.kind in ("transaction", "batch"):
                query.is_d1 = self._is_d1_by_what_it_holds(query, found)
        return found

    # --- roots ---------------------------------------------------------------------------------------------------

    def _root(self, visit: Visit) -> Root | None:
        """How a query begins at a call, if one does."""
        node = visit.node
        if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Member) or node.callee.name not in ROOTS:
            return None
        name = node.callee.name
        if name in RAW or name == "$count":
            receiver = self._ev.evaluate(node.callee.object, visit.scope)
            if not any(isinstance(value, ClientValue) for value in alternatives(receiver)):
                return None
        value = self._ev.evaluate(node, visit.scope)
        if any(isinstance(each, PendingSelect) for each in alternatives(value)):
            outer = self._outer.get(id(node))
            value = self._ev.evaluate(outer.node, outer.scope) if outer is not None else value
        roots = [chain.root for chain in _chains(value) if chain.root.site.node is node]
        return next((root for root in roots if _is_client_of_d1(root.receiver)), roots[0] if roots else None)

    def _client_of_transaction(self, query: Query) -> ClientValue | None:
        """The client of the transaction that hands a query's `tx` to the function around it."""
        receiver = _first_object(query.visit.node)
        if not isinstance(receiver, ir.Name):
            return None
        for place in query.visit.place.around:
            params = place.function.params if place.is_function and place.function is not None else ()
            if not params or not isinstance(params[0].pattern, ir.Name) or params[0].pattern.name != receiver.name:
                continue
            call = place.handed_to
            holder = self._found.get(_key(call)) if call is not None else None
            return holder.client if holder is not None and holder.kind == "transaction" else None
        return None

    # --- chains --------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Add to the queries what the rest of their chains says: at once, by variables, and by functions."""
        pending: list[Visit] = []
        for query in list(self._found.values()):
            own = self._outermost(query.visit)
            self._own[query.root.place] = own
            self._chains_by_node.add(id(own.node))
            pending.append(own)
        others = [
            visit
            for visit in self._visits
            if isinstance(visit.node, ir.Call)
            and id(visit.node) not in self._outer
            and id(visit.node) not in self._chains_by_node
        ]
        for visit in pending:
            self._add(visit)
        for _ in range(MAX_ROUNDS):  # what a variable is assigned may go on in another one
            known = len(self._chains_by_node)
            for visit in others:
                if self._goes_on(visit):
                    self._add(visit)
            if len(self._chains_by_node) == known:
                break

    def _add(self, visit: Visit) -> None:
        """Add to a query what the outermost call of a chain says."""
        for chain in _chains(self._ev.evaluate(visit.node, visit.scope)):
            query = self._found.get(chain.root.place)
            if query is None:
                continue
            _add_steps(query, chain.steps)
            if all(end.visit is not visit for end in query.ends):
                query.ends.append(End(visit, self._variable(query, visit)))
                self._chains_by_node.add(id(visit.node))
                self._variables.update(_held_by(visit))

    def _goes_on(self, visit: Visit) -> bool:
        """Whether a call can go on with a query: as a method, or as a function that is handed one."""
        node = visit.node
        assert isinstance(node, ir.Call)
        if isinstance(node.callee, ir.Member):
            first = _first_object(node)
            if isinstance(first, ir.Name) and first.name in self._variables:
                return True
            if isinstance(first, ir.Call) and node.callee.name in BUILDING:
                return True  # a function of the repository that gives a query: `base(db).where(…)`
        if isinstance(node.callee, ir.Name) and node.callee.name in SET_OPERATIONS:
            return True
        if not any(self._is_chain(arg) for arg in node.args):
            return False
        callee = self._ev.evaluate(node.callee, visit.scope)
        return not isinstance(callee, Native) or callee.name in SET_OPERATIONS

    def _is_chain(self, node: ir.Expression) -> bool:
        node = uncast(node)
        return id(node) in self._chains_by_node or (isinstance(node, ir.Name) and node.name in self._variables)

    def _outermost(self, visit: Visit) -> Visit:
        while id(visit.node) in self._outer:
            visit = self._outer[id(visit.node)]
        return visit

    # --- what is known in the end --------------------------------------------------------------------------------

    def _settle(self, query: Query) -> None:
        if not query.ends:
            query.ends.append(End(query.visit))
        query.tables = tuple(dict.fromkeys(self._tables(query)))
        query.is_d1 = _is_d1(query)

    def _variable(self, query: Query, visit: Visit) -> str:
        """The variable that a chain goes on from; "" where it goes on from the query's beginning."""
        first = _first_object(visit.node)
        is_own = self._own[query.root.place] is visit
        return first.name if not is_own and isinstance(first, ir.Name) else ""

    def _is_d1_by_what_it_holds(self, query: Query, found: list[Query]) -> bool | None:
        """Whether a transaction or a batch goes to D1, by the queries in it.

        They do not say so of what may be the client of another driver, too: one schema can serve several.
        """
        if self._has_other_driver(query):
            return None
        inner = {
            other.is_d1
            for other in found
            if other is not query and other.is_d1 is not None and is_held_by(other, query.visit)
        }
        for item in self._items(query):
            held = [self._found.get(chain.root.place) for chain in _chains(item)]
            inner |= {other.is_d1 for other in held if other is not None and other.is_d1 is not None}
        return inner.pop() if len(inner) == 1 else None

    def _has_other_driver(self, query: Query) -> bool:
        """Whether what a query is called on is a client of another driver in some case."""
        node = query.visit.node
        if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Member):
            return False
        receiver = self._ev.evaluate(node.callee.object, query.visit.scope)
        return any(isinstance(value, ClientValue) and value.driver for value in alternatives(receiver))

    def _items(self, query: Query) -> list[Value]:
        """The members of a batch that are known."""
        value = query.root.site.argument(0) if query.kind == "batch" else None
        return value.items if isinstance(value, ArrayValue) else []

    def _tables(self, query: Query) -> Iterator[Table]:
        values: list[Value] = []
        if query.kind in ("insert", "update", "delete", "$count"):
            values.append(query.root.site.argument(0))
        for step in query.steps:
            if step.name in JOINS or step.name == "from":
                values.append(step.site.argument(0))
        if query.is_relational and query.client is not None:
            schema = query.client.schema(self._ev)
            entries = self._ev.entries_of(schema.schema if isinstance(schema, RelationsConfig) else schema)
            if entries is not None and query.root.key in entries.entries:
                values.append(entries.entries[query.root.key].read())
        elif query.is_relational:
            table = self._table_named(query.root.key)
            if table is not None:
                yield table
        for value in values:
            for each in alternatives(value):
                table = self._table_of(each) if isinstance(each, TableValue) else None
                if table is not None:
                    yield table


def _key(visit: Visit) -> Key:
    return visit.scope.module, visit.node.start, visit.node.end


def _client(receiver: Value) -> ClientValue | None:
    """The client that a query is sent to; where it is one of several, that of D1."""
    clients = [value for value in alternatives(receiver) if isinstance(value, ClientValue)]
    return next((client for client in clients if client.is_d1), clients[0] if clients else None)


def _is_client_of_d1(receiver: Value) -> bool:
    client = _client(receiver)
    return client is not None and client.is_d1


def _is_d1(query: Query) -> bool | None:
    """Whether a query goes to D1: its client says so, or, where that is not known, its tables' databases."""
    if query.client is not None and query.client.driver:
        return query.client.is_d1
    kinds = {table.database.is_d1 for table in query.tables if table.database is not None}
    return kinds.pop() if len(kinds) == 1 else None


def is_held_by(query: Query, holder: Visit) -> bool:
    """Whether a query stands in a call's arguments, or in a function among them."""
    around = query.visit.around
    while around is not None and around is not holder:
        around = around.around
    return around is holder


def _chains(value: Value) -> Iterator[ChainValue]:
    for each in alternatives(value):
        if isinstance(each, ChainValue):
            yield each
        elif isinstance(each, SubqueryValue):
            yield from _chains(each.query)


def _held_by(visit: Visit) -> Iterator[str]:
    """The variable that is declared as, or assigned, what a call gives."""
    match visit.place.statement:
        case ir.Declare(pattern=ir.Name(name=name)) if visit.use == Use.DECLARED:
            yield name
        case ir.Evaluate(value=ir.Assign(target=ir.Name(name=name))) if visit.use == Use.ASSIGNED:
            yield name


def _add_steps(query: Query, steps: Iterable[Step]) -> None:
    known = {id(step.site.node) for step in query.steps}
    for step in steps:
        if id(step.site.node) not in known:
            query.steps.append(step)


def _outer_calls(visits: list[Visit]) -> dict[int, Visit]:
    """The call of a method on the result of a call, by the identity of the latter: one chain's next call."""
    found: dict[int, Visit] = {}
    for visit in visits:
        callee = visit.node.callee if isinstance(visit.node, ir.Call) else None
        if isinstance(callee, ir.Member):
            inner = uncast(callee.object)
            if isinstance(inner, ir.Call):
                found[id(inner)] = visit
    return found


def _first_object(node: ir.Expression) -> ir.Expression:
    """What a chain of calls and members begins with: `db` of `db.select().from(t)`."""
    while True:
        match node:
            case ir.Call(callee=ir.Member(object=inner)) | ir.Member(object=inner) | ir.Cast(value=inner):
                node = inner
            case _:
                return node
