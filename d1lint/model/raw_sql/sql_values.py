"""Values in Drizzle's sql`…` that D1 can not bind: a template hands them over as they are, no column encodes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.sql import SqlTag
from d1lint.model.drizzle.tables import TableValue
from d1lint.model.raw_sql.native_sql import symbol_of
from d1lint.model.taint.definitions import ELEMENT, Definition, Steps
from d1lint.model.taint.queried import column_read
from d1lint.model.taint.surroundings import results_of
from d1lint.model.taint.types import Says
from d1lint.model.values import FunctionValue
from d1lint.model.walk import Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.taint.trace import Tracer

DATE, BIGINT, OBJECT = "a Date", "a bigint", "an object"
MAX_DEPTH = 8
"""How many variables and functions may lead to a value."""

_DATE_FUNCTION = re.compile(r"^(?:add|sub|startOf|endOf|lastDayOf|set[A-Z]|parse|fromUnixTime|toDate$)")
"""Functions of date-fns that give a Date."""
_OVER_ITEMS = frozenset({"map", "flatMap", "forEach", "filter", "some", "every", "find"})
_SAID = {Says.DATE: DATE, Says.BIGINT: BIGINT}


@dataclass(slots=True, eq=False)
class UnboundValue:
    """A value in a template that D1 can not bind; `kind` is one of the constants above, `text` how it is written."""

    span: Span
    symbol: str
    text: str
    kind: str


def unbound_values(visits: list[Visit], ev: Evaluator, tracer: Tracer) -> Iterator[UnboundValue]:
    """The values of a file's templates that D1 can not bind; those of tables left out, which are no queries."""
    kinds = _Kinds(tracer)
    for visit in visits:
        node = visit.node
        if not isinstance(node, ir.Tagged) or not isinstance(ev.evaluate(node.tag, visit.scope), SqlTag):
            continue
        for part in node.template.parts:
            kind = kinds.of(part, visit.scope.module) if not isinstance(part, str) else None
            if kind is not None and not isinstance(part, str) and not _is_in_table(visit, ev):
                span = Span(visit.scope.module, part.start, part.end)
                yield UnboundValue(span, symbol_of(visit), tracer.written(part, visit.scope.module), kind)


def _is_in_table(visit: Visit, ev: Evaluator) -> bool:
    """Whether a template is a part of a table's definition."""
    around = visit.around
    while around is not None:
        if isinstance(around.node, ir.Call) and isinstance(ev.evaluate(around.node, around.scope), TableValue):
            return True
        around = around.around
    return False


class _Kinds:
    """Tells of expressions whether they are certain to be of a kind that D1 can not bind."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def of(self, node: ir.Expression, path: str, steps: Steps = (), depth: int = 0) -> str | None:
        """The kind of a value, or of the part of it that steps lead to; None if it can be bound, or is not known."""
        if depth > MAX_DEPTH:
            return None
        match node:
            case ir.Cast(value=value, type=declared):
                scope = self._tracer.scope_at(node, path)
                said = self._tracer.types.says(declared, scope, steps) if scope is not None else None
                return _SAID.get(said) if said is not None else self.of(value, path, steps, depth + 1)
            case ir.Await(value=value):
                return self.of(value, path, steps, depth + 1)
            case ir.Conditional(then=then, otherwise=otherwise):
                return self.of(then, path, steps, depth + 1) or self.of(otherwise, path, steps, depth + 1)
            case ir.Binary(operator="??" | "||", left=left, right=right):
                return self.of(left, path, steps, depth + 1) or self.of(right, path, steps, depth + 1)
            case ir.Member(object=owner, name=name):
                return self.of(owner, path, (f".{name}", *steps), depth + 1)
            case ir.Index(object=owner, index=ir.Literal(value=int() as index)):
                return self.of(owner, path, (f".{index}", *steps), depth + 1)
            case ir.Name(name=name):
                definition = self._tracer.definitions.of(name, path, node.start)
                return self._defined(definition, steps, depth) if definition is not None else None
            case ir.Call():
                return self._call(node, path, steps, depth)
            case ir.New(callee=ir.Name(name="Date")) if not steps:
                return DATE
            case ir.Literal(value=int() | float()) if not steps:
                return BIGINT if self._tracer.written(node, path).endswith("n") else None
            case ir.Object(entries=entries):
                return self._object(entries, path, steps, depth)
            case _:
                return None

    def _object(self, entries: tuple[ir.Property | ir.Spread, ...], path: str, steps: Steps, depth: int) -> str | None:
        if steps:
            found = [e.value for e in entries if isinstance(e, ir.Property) and f".{e.key}" == steps[0]]
            return self.of(found[-1], path, steps[1:], depth + 1) if found else None
        keys = {entry.key for entry in entries if isinstance(entry, ir.Property)}
        has_sql = "getSQL" in keys or any(isinstance(entry, ir.Spread) for entry in entries)
        return None if has_sql else OBJECT

    def _defined(self, definition: Definition, steps: Steps, depth: int) -> str | None:
        whole = (*definition.steps, *steps)
        types = self._tracer.types
        match definition.node:
            case ir.Import():
                target = self._tracer.definitions.imported(definition.node, definition.path)
                return self._defined(target, steps, depth + 1) if target is not None else None
            case ir.Declare(type=declared, value=value):
                said = types.says(declared, definition.scope, whole) if declared is not None else None
                if said is not None or value is None:
                    return _SAID.get(said) if said is not None else None
                changes = [change for change, _ in self._tracer.definitions.changes(definition)]
                values = [value, *(change.value for change in changes if isinstance(change, ir.Assign))]
                kinds = {self.of(each, definition.path, whole, depth + 1) for each in values}
                return kinds.pop() if len(kinds) == 1 else None
            case ir.Loop(kind="of", iterable=iterable) if iterable is not None:
                return self.of(iterable, definition.path, (ELEMENT, *whole), depth + 1)
            case ir.Function() if definition.parameter is not None:
                declared = definition.parameter.type
                if declared is None:
                    return self._item(definition.node, definition, whole, depth)
                said = types.says(declared, definition.scope, whole)
                return _SAID.get(said) if said is not None else None
            case _:
                return None

    def _item(self, function: ir.Function, definition: Definition, steps: Steps, depth: int) -> str | None:
        """The kind of the items that a callback of an array gets."""
        chain = self._tracer.surroundings.of(definition.path, function.start)
        index = next((i for i, around in enumerate(chain) if around.node is function), 0)
        match chain[index - 1].node if index else None:
            case ir.Call(callee=ir.Member(object=listed, name=name), args=(first, *_)):
                is_item = first is function and function.params[0] is definition.parameter and name in _OVER_ITEMS
                return self.of(listed, definition.path, (ELEMENT, *steps), depth + 1) if is_item else None
            case _:
                return None

    def _call(self, node: ir.Call, path: str, steps: Steps, depth: int) -> str | None:
        callee = node.callee
        for function in self._tracer.functions(callee, path):
            return self._returned(function, steps, depth)
        if isinstance(callee, ir.Name) and not steps:
            definition = self._tracer.definitions.of(callee.name, path, callee.start)
            if definition is None:
                return BIGINT if callee.name == "BigInt" else None
            item = definition.node
            if isinstance(item, ir.Import) and item.specifier.split("/")[0] == "date-fns":
                return DATE if _DATE_FUNCTION.match(item.imported) else None
        column = column_read(self._tracer, node, path, steps)
        if column is None:
            return None
        return DATE if column.mode in ("timestamp", "timestamp_ms") else BIGINT if column.mode == "bigint" else None

    def _returned(self, function: FunctionValue, steps: Steps, depth: int) -> str | None:
        if function.node.returns is not None:
            said = self._tracer.types.says(function.node.returns, function.scope, steps)
            if said is not None:
                return _SAID.get(said)
        kinds = {self.of(each, function.scope.module, steps, depth + 1) for each in results_of(function.node)}
        return kinds.pop() if len(kinds) == 1 else None
