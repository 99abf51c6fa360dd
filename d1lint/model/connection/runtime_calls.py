"""What the Workers runtime refuses: random values while a module loads, and Bun's own functions anywhere."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import conditional_parts, is_within, nodes
from d1lint.finding import Span
from d1lint.model.connection.clients import body_of, is_getter
from d1lint.model.connection.commands import is_command
from d1lint.model.connection.factories import calls_as_it_loads
from d1lint.model.drizzle.columns import ColumnBuilder
from d1lint.model.hints import Hint
from d1lint.model.values import External, FunctionValue
from d1lint.model.walk import Visit

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.project import Project
    from d1lint.model.scope import Scope

MAX_DEPTH = 4
"""How many functions may call each other before one of them asks for a random value."""
MAX_HELPERS = 60
"""How many functions of random values may be known; with more, only those of the same file are followed."""

_WEB_CRYPTO = frozenset({"randomUUID", "getRandomValues"})
_GLOBALS = frozenset({"globalThis", "self", "window"})
_PACKAGES = {
    "node:crypto": frozenset({"randomUUID", "randomBytes", "randomInt", "getRandomValues"}),
    "crypto": frozenset({"randomUUID", "randomBytes", "randomInt", "getRandomValues"}),
    "nanoid": frozenset({"nanoid"}),
    "uuid": frozenset({"v4", "v7"}),
    "ulid": frozenset({"ulid"}),
}
"""Functions that were seen to stop a Worker from starting. `nanoid/non-secure` and `Math.random()` do not."""
_NAMES = frozenset(name for names in _PACKAGES.values() for name in names)
_ENCODED = tuple(name.encode() for name in sorted(_NAMES))
_RENAMED = re.compile(rb"\b(?:%b)\s+as\s+([\w$]+)" % b"|".join(_ENCODED))
_HELPER = re.compile(
    rb"^export\s+(?:const\s+([\w$]+)\s*=|(?:default\s+)?(?:async\s+)?function\s+([\w$]+))[^;]{0,200}?"
    rb"(?<![\w$])(?:%b)\s*\(" % b"|".join(_ENCODED),
    re.MULTILINE,
)
_KNOWS_BUN = (b"typeof Bun", b"globalThis.Bun", b"versions.bun", b"'Bun' in", b'"Bun" in', b"isBun")
_SERVER = Hint.SCHEMA | Hint.CLIENT | Hint.D1_CLIENT | Hint.RAW_SQL


@dataclass(slots=True, eq=False)
class RuntimeCall:
    """What the runtime refuses: a random value that is asked for while a module loads, or a use of the global `Bun`.

    `span` is the call, `call` how it is written; where a call at module scope leads to the random value through a
    function of the repository, `inner` is the call in there. `source` is the function of random values; "" for `Bun`.
    """

    span: Span
    symbol: str
    call: str
    source: str = ""
    inner: Span | None = None


def runtime_calls(project: Project, files: Container[str] | None = None) -> Iterator[RuntimeCall]:
    """What the code of Workers asks of the runtime in vain."""
    yield from _module_randoms(project, files)
    yield from _bun_uses(project, files)


def _module_randoms(project: Project, files: Container[str] | None) -> Iterator[RuntimeCall]:
    """The random values that Worker code asks for as it loads. What may not run, or is caught, is left out."""
    yield from project.each(_loading(project, files), partial(_module_randoms_in, project))


def _module_randoms_in(project: Project, path: str) -> Iterator[RuntimeCall]:
    module = project.modules.module(path)
    if module is None:
        return
    conditional = conditional_parts(*module.body)
    for visit in project.visits(path):
        node = visit.node
        if visit.place.function is not None or not isinstance(node, (ir.Call, ir.New)):
            continue
        if is_within(node.start, conditional) or _is_default(visit, project.ev):
            continue
        found = _random(visit, project.ev, 0)
        if found is not None:
            source, at = found
            inner = at if at != visit.token else None
            yield RuntimeCall(visit.token, visit.place.name or "(module)", _written(node), source, inner)


def _bun_uses(project: Project, files: Container[str] | None) -> Iterator[RuntimeCall]:
    """The uses of the global `Bun` in Worker code that does not ask whether there is one."""
    for path in project.reach.files:
        text = project.modules.text(path) if files is None or path in files else b""
        if b"Bun." not in text or not _is_worker(project, path):
            continue
        module = project.modules.module(path)
        if module is None or any(word in text for word in _KNOWS_BUN) or _binds_bun(module):
            continue
        found = [
            RuntimeCall(Span(path, node.start, node.end), node.name, f"Bun.{node.name}")
            for node in nodes(*module.body)
            if isinstance(node, ir.Member) and isinstance(node.object, ir.Name) and node.object.name == "Bun"
        ]
        yield from sorted(found, key=lambda use: use.span)


def _is_worker(project: Project, path: str) -> bool:
    """Whether a file surely runs in a Worker with D1: its entry leads there, or it talks to a database."""
    if not project.has_d1_in(project.workspace.package_of(path)) or is_command(project.modules.text(path)):
        return False
    if project.reach.is_reached(path):
        return True
    return bool(project.paths.get(path, Hint(0)) & _SERVER) and project.reach.serves_requests(path)


def _binds_bun(module: ir.Module) -> bool:
    if any(item.local == "Bun" for item in module.imports):
        return True
    declared = (node for node in nodes(*module.body) if isinstance(node, (ir.Declare, ir.Parameter)))
    return any(isinstance(node.pattern, ir.Name) and node.pattern.name == "Bun" for node in declared)


# --- random values -------------------------------------------------------------------------------------------------


def _loading(project: Project, files: Container[str] | None) -> Iterator[str]:
    """The files of Worker code that seem to ask for a random value as they load."""
    reach, modules = project.reach, project.modules
    candidates = [path for path in reach.files if project.has_d1_in(project.workspace.package_of(path))]
    asking = {path: modules.made_of(_helpers, path) for path in candidates if _may_ask(path, project)}
    helpers = frozenset().union(*asking.values())
    offering = {path for path, found in asking.items() if found} if len(helpers) <= MAX_HELPERS else set()
    for path in candidates if files is None else filter(files.__contains__, candidates):
        data = modules.text(path)
        names = {name for name in helpers if name in data} if offering else set()
        sources = reach.sources_of(path) if names and path not in offering else None
        if sources is not None and offering.isdisjoint(sources):
            names = set()
        if path in asking:
            names |= {name for name in _ENCODED if name in data} | set(_RENAMED.findall(data))
        if names and calls_as_it_loads(names, data) and _is_worker(project, path):
            yield path


def _may_ask(path: str, project: Project) -> bool:
    return b"crypto" in project.modules.text(path) or project.reach.may_import(path, _PACKAGES.__contains__)


def _helpers(path: str, data: bytes) -> frozenset[bytes]:
    """The functions that a file exports and that seem to ask for a random value."""
    return frozenset(found[1] or found[2] for found in _HELPER.finditer(data))


def _random(visit: Visit, ev: Evaluator, depth: int) -> tuple[str, Span] | None:
    """The function of random values that a call leads to, and the call of it."""
    node, scope = visit.node, visit.scope
    if not isinstance(node, (ir.Call, ir.New)) or depth > MAX_DEPTH:
        return None
    source = _source(node.callee, scope, ev)
    if source is not None:
        return source, visit.token
    callee = ev.evaluate(node.callee, scope)
    if not isinstance(node, ir.Call) or not isinstance(callee, FunctionValue) or is_getter(node):
        return None
    function = callee.node
    if function.kind == "generator":
        return None
    body = body_of(function)
    conditional = conditional_parts(*body)
    for inner in ev.walk(body, ev.function_scope(function, callee.scope)):
        if inner.place.function is function and not is_within(inner.node.start, conditional):
            found = _random(inner, ev, depth + 1)
            if found is not None:
                return found
    return None


def _source(callee: ir.Expression, scope: Scope, ev: Evaluator) -> str | None:
    """The function of random values that a callee is: `crypto.randomUUID`, `nanoid`."""
    if isinstance(callee, ir.Member) and callee.name in _WEB_CRYPTO and _is_web_crypto(callee.object, scope):
        return f"crypto.{callee.name}"
    if not isinstance(callee, (ir.Name, ir.Member)):
        return None
    value = ev.evaluate(callee, scope)
    if not isinstance(value, External) or not value.path:
        return None
    path = [name for name in value.path if name not in ("default", "webcrypto")]
    if len(path) == 1 and path[0] in _PACKAGES.get(value.package, ()):
        return f"{path[0]}() of {value.package}"
    return None


def _is_web_crypto(node: ir.Expression, scope: Scope) -> bool:
    match node:
        case ir.Name(name="crypto"):
            return scope.find("crypto") is None
        case ir.Member(object=ir.Name(name=name), name="crypto"):
            return name in _GLOBALS and scope.find(name) is None
        case _:
            return False


def _is_default(visit: Visit, ev: Evaluator) -> bool:
    """Whether it is the default of a column, whose trouble another rule tells better."""
    around = visit.around
    match around.node if around is not None else None:
        case ir.Call(callee=ir.Member(object=column, name="default")) if around is not None:
            return isinstance(ev.evaluate(column, around.scope), ColumnBuilder)
        case _:
            return False


def _written(node: ir.Call | ir.New) -> str:
    """A call as the code has it, without its arguments: `crypto.randomUUID()`, `newId(…)`."""
    names = []
    current = node.callee
    while isinstance(current, ir.Member):
        names.append(current.name)
        current = current.object
    names.append(current.name if isinstance(current, ir.Name) else "…")
    return f"{'.'.join(reversed(names))}({'…' if node.args else ''})"
