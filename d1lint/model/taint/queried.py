"""What queries have read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.drizzle.clients import ClientValue
from d1lint.model.drizzle.columns import ColumnBuilder, ColumnRef
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.taint.definitions import ELEMENT, Steps
from d1lint.model.taint.sources import Given, Kind, Sources
from d1lint.model.taint.surroundings import all_nodes
from d1lint.model.taint.types import Says
from d1lint.model.values import Constant, Value, alternatives
from d1lint.model.workers import BindingValue, StatementValue

if TYPE_CHECKING:
    from d1lint.model.scope import Scope
    from d1lint.model.taint.trace import Tracer

_LISTING = re.compile(r"sqlite_(?:master|schema)|\bpragma\b|pragma_table", re.IGNORECASE)
_NUMBER_COLUMN = re.compile(r"(?:^|_)(?:id|count|total|n|num|cnt|rowid)$|(?:Id|Count|At)$|_at$", re.ASCII)


def queried(tracer: Tracer, node: ir.Call, given: Given, scope: Scope) -> Sources | None:
    """What a query has read; None if a call is none."""
    chain: list[ir.Call] = [node]
    current: ir.Expression = node.callee
    while True:
        values = list(alternatives(tracer.ev.evaluate(current, scope)))
        client = next((v for v in values if isinstance(v, (ClientValue, StatementValue))), None)
        if client is not None or any(isinstance(v, BindingValue) for v in values):
            break
        match current:
            case ir.Member(object=inner) | ir.Await(value=inner) | ir.Cast(value=inner):
                current = inner
            case ir.Call(callee=inner):
                chain.append(current)
                current = inner
            case _:
                return None
    methods = [call.callee.name for call in chain if isinstance(call.callee, ir.Member)]
    if client is None and "prepare" not in methods:
        return None
    if isinstance(client, ClientValue) and not {"all", "get", "values", "run"} & set(methods[-1:]):
        return _read_by_builder(tracer, node, given)
    written = tracer.modules.text(given.path)[node.start : node.end].decode("utf-8", "replace")
    texts = [tracer.ev.evaluate(arg, scope) for call in chain for arg in call.args[:1]]
    texts += _prepared(tracer, current, given, scope)
    said = [written, *(text.value for text in texts if isinstance(text, Constant) and isinstance(text.value, str))]
    if any(_LISTING.search(text) for text in said):
        return tracer.source(Kind.SCHEMA, given)
    typed = next((call for call in chain if call.type_args), None)
    fields = tuple(step for step in given.steps if step not in (".results", ELEMENT, ".0"))
    if typed is not None:
        says = tracer.types.says(typed.type_args[0], scope, fields)
        kind = {Says.TEXT: Kind.QUERY, Says.NUMBER: Kind.NUMBER, Says.BIGINT: Kind.NUMBER}.get(says or Says.DATE)
        return tracer.source(kind or Kind.UNKNOWN, given)
    is_text = bool(fields) and not _NUMBER_COLUMN.search(fields[-1].strip("."))
    return tracer.source(Kind.QUERY if is_text else Kind.UNKNOWN, given)


def _prepared(tracer: Tracer, node: ir.Expression, given: Given, scope: Scope) -> list[Value]:
    """The text of a statement that was prepared before and is held in a variable."""
    definition = tracer.definitions.of(node.name, given.path, node.start) if isinstance(node, ir.Name) else None
    value = definition.node.value if definition is not None and isinstance(definition.node, ir.Declare) else None
    found = []
    for inner in all_nodes(value) if value is not None else ():
        match inner:
            case ir.Call(callee=ir.Member(name="prepare"), args=(text, *_)):
                found.append(tracer.ev.evaluate(text, scope))
            case _:
                pass
    return found


def _read_by_builder(tracer: Tracer, node: ir.Call, given: Given) -> Sources:
    """What a query of the builder has read: a number, or a text, by the column."""
    column = column_read(tracer, node, given.path, given.steps)
    if column is None or column.sql_type is None:
        return tracer.source(Kind.UNKNOWN, given)
    is_text = column.sql_type.startswith("text") and column.mode is None
    return tracer.source(Kind.QUERY if is_text else Kind.NUMBER, given)


def column_read(tracer: Tracer, node: ir.Call, path: str, steps: Steps) -> ColumnBuilder | None:
    """The column that a part of what a query of the builder gives is read from; None if it is not known."""
    scope = tracer.scope_at(node, path)
    fields = [step[1:] for step in steps if step.startswith(".") and not step[1:].isdigit()]
    current: ir.Expression = node
    table: Value | None = None
    while scope is not None and len(fields) == 1:
        match current:
            case ir.Call(callee=ir.Member(name="from", object=inner), args=(arg, *_)):
                table, current = tracer.ev.evaluate(arg, scope), inner
            case ir.Call(callee=ir.Member(name="select" | "selectDistinct"), args=(selected, *_)):
                column = tracer.ev.evaluate(selected, scope).member(fields[0], tracer.ev)
                return column.table.builder(column.key, tracer.ev) if isinstance(column, ColumnRef) else None
            case ir.Call(callee=ir.Member(name="select" | "selectDistinct")):
                return table.builder(fields[0], tracer.ev) if isinstance(table, TableValue) else None
            case ir.Call(callee=ir.Member(object=inner)):
                current = inner
            case _:
                return None
    return None
