"""Hono's validators: `zValidator("json", schema)` before a handler, and handlers that read past them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.connection.clients import body_of
from d1lint.model.values import FunctionValue, Native, Site, Value, alternatives, text_of
from d1lint.model.walk import Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

_VALIDATORS = {
    "@hono/zod-validator": ("zValidator",),
    "@hono/standard-validator": ("sValidator",),
    "@hono/valibot-validator": ("vValidator",),
    "@hono/arktype-validator": ("arktypeValidator",),
    "@hono/typebox-validator": ("tbValidator",),
    "@hono/effect-validator": ("effectValidator",),
    "hono-openapi": ("validator",),
    "hono-openapi/zod": ("validator",),
    "hono/validator": ("validator",),
}
_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "all", "on"})
READS_BODY = b"req.json"
"""What a file has in it whose handlers read a body."""


@dataclass(slots=True, eq=False)
class ValidatorValue(Value):
    """A middleware that validates a part of a request: "json", "form", "query", …; None where that is not known."""

    target: str | None
    site: Site


@dataclass(slots=True, eq=False)
class BypassedValidator:
    """A body that a handler reads by itself although a validator of it stands before. `span` is the `json`.

    `request` is what the handler calls the request: `c.req`, or `req`.
    """

    span: Span
    validator: Span
    symbol: str
    request: str


def has_validators_of_hono(package: str) -> bool:
    """Whether a package, or a part of one, makes validators."""
    return package in _VALIDATORS


def validator_values() -> dict[tuple[str, str], Value]:
    """The validators by package and name."""
    return {
        (package, name): Native(name, lambda site, ev: ValidatorValue(text_of(site.argument(0)), site))
        for package, names in _VALIDATORS.items()
        for name in names
    }


def bypassed_validators(visits: list[Visit], ev: Evaluator, text: bytes) -> Iterator[BypassedValidator]:
    """The handlers of a module that read a validated JSON body themselves. `text` is the module's content."""
    for visit in visits:
        node = visit.node
        if not isinstance(node, ir.Call) or len(node.args) < 2:
            continue
        is_route = isinstance(node.callee, ir.Member) and node.callee.name in _ROUTES
        if not is_route and READS_BODY not in text[node.start : node.end]:
            continue
        found = ((n, v) for n, arg in enumerate(node.args) if (v := _json_validator(arg, visit, ev)) is not None)
        number, validator = next(found, (0, None))
        if validator is None:
            continue
        place = Span(validator.site.scope.module, validator.site.node.start, validator.site.node.end)
        # They run in their order: what stands before the validator has nothing validated to take.
        for handler in _functions(node.args[number + 1 :], visit, ev):
            for span, request in _bodies_read(handler, visit, visits, ev):
                yield BypassedValidator(span, place, _label(node), request)


def _json_validator(arg: ir.Expression, visit: Visit, ev: Evaluator) -> ValidatorValue | None:
    if not isinstance(arg, (ir.Call, ir.Name, ir.Member)):
        return None
    for value in alternatives(ev.evaluate(arg, visit.scope)):
        if isinstance(value, ValidatorValue) and value.target == "json":
            return value
    return None


def _functions(args: Iterable[ir.Expression], visit: Visit, ev: Evaluator) -> Iterator[FunctionValue]:
    for arg in args:
        if isinstance(arg, ir.Function):
            yield FunctionValue(arg, visit.scope)
        elif isinstance(arg, (ir.Name, ir.Member)):
            for value in alternatives(ev.evaluate(arg, visit.scope)):
                if isinstance(value, FunctionValue):
                    yield value


def _bodies_read(
    handler: FunctionValue, visit: Visit, visits: list[Visit], ev: Evaluator
) -> Iterator[tuple[Span, str]]:
    """Where a handler calls `c.req.json()`, with what it calls the request."""
    if not handler.node.params:
        return
    pattern = handler.node.params[0].pattern
    context = pattern.name if isinstance(pattern, ir.Name) else ""
    requests = dict.fromkeys(_request_names(handler.node, pattern, context))
    if not context and not requests:
        return
    own = ev.function_scope(handler.node, handler.scope)
    inside = visits if handler.scope.module == visit.scope.module else _visits_of(handler, ev)
    for each in inside:
        if not handler.node.start <= each.node.start < handler.node.end:
            continue
        match each.node:
            case ir.Call(
                callee=ir.Member(
                    name="json",
                    name_start=start,
                    object=ir.Member(name="req", object=ir.Name(name=name)),
                )
            ) if name == context:
                yield Span(each.scope.module, start, start + len("json")), f"{context}.req"
            case ir.Call(callee=ir.Member(name="json", name_start=start, object=ir.Name(name=name))) if (
                name in requests and each.scope.find(name) is own.find(name)
            ):
                yield Span(each.scope.module, start, start + len("json")), name


def _request_names(node: ir.Function, parameter: ir.Pattern, context: str) -> Iterator[str]:
    """The names that a handler gives the request: `({ req }) => …`, `const { req } = c`, `const req = c.req`."""
    yield from _named_req(parameter)
    for statement in node.body:
        match statement:
            case ir.Declare(kind="const", pattern=pattern, value=ir.Name(name=name)) if name == context:
                yield from _named_req(pattern)
            case ir.Declare(
                kind="const", pattern=ir.Name(name=local), value=ir.Member(name="req", object=ir.Name(name=name))
            ) if name == context:
                yield local


def _named_req(pattern: ir.Pattern) -> Iterator[str]:
    for entry in pattern.entries if isinstance(pattern, ir.ObjectPattern) else ():
        if entry.key == "req" and isinstance(entry.target, ir.Name):
            yield entry.target.name


def _visits_of(handler: FunctionValue, ev: Evaluator) -> list[Visit]:
    return ev.walk(body_of(handler.node), ev.function_scope(handler.node, handler.scope))


def _label(node: ir.Call) -> str:
    """`post /users`."""
    method = node.callee.name if isinstance(node.callee, (ir.Member, ir.Name)) else "route"
    first = node.args[0]
    return f"{method} {first.value}" if isinstance(first, ir.Literal) and isinstance(first.value, str) else method
