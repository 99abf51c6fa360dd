"""The text that a piece of code hands to D1 as SQL: what of it is written there, and what is put into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.sql_statements import parameters, statements
from d1lint.model.taint.sources import Source
from d1lint.model.taint.surroundings import results_of
from d1lint.model.taint.trace import Tracer
from d1lint.model.values import ArrayValue, Constant, Value, alternatives, text_of

if TYPE_CHECKING:
    from d1lint.model.scope import Scope

MAX_DEPTH = 10
"""How many variables may lead to a text."""

_NAME_EXPECTED = re.compile(
    r"(?:\b(?:from|join|into|update|table|index|select|set|where|and|or|on)\s+"
    r"|\b(?:order|group)\s+by\b[^()'=]*|[.\"`])[\"`]?$",
    re.IGNORECASE,
)
"""What stands before a name: of a table, of a column."""
_TEXT_METHODS = frozenset({"trim", "trimEnd", "trimStart", "toString"})
_RUN_METHODS = frozenset({"all", "first", "run", "raw"})


@dataclass(frozen=True, slots=True, eq=False)
class Interpolated:
    """A value that becomes a part of a text. `before` is the text in front of it, `is_all` says that there is no other.

    `is_passed_on` says that the source writes no part of the text, also not in the functions that give the value.
    `sources` are the places that put something into it; none where all its values are in the source.
    """

    span: Span
    text: str
    before: str
    is_all: bool
    is_passed_on: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """The arguments of one `bind(…)`; `count` is None where a spread hides it. Without a `bind`, its span is empty."""

    span: Span
    count: int | None


class SqlText:
    """A call that hands a text to D1 as SQL: a raw statement, or a piece of one, `sql.raw(…)`.

    `span` is the method's name, `call` how the call is written. In a template of `sql`, values are bound: only what
    `sql.raw` adds is text, and that is a SqlText of its own.
    """

    def __init__(
        self, span: Span, symbol: str, call: str, node: ir.Call, scope: Scope, tracer: Tracer, is_fragment: bool = False
    ) -> None:
        self.span = span
        self.symbol = symbol
        self.call = call
        self.method = node.callee.name if isinstance(node.callee, ir.Member) else ""
        self.is_fragment = is_fragment
        self._node = node
        self._scope = scope
        self._tracer = tracer
        self._path = scope.module

    @cached_property
    def _values(self) -> list[Value]:
        return list(alternatives(self._tracer.ev.evaluate(self._node.args[0], self._scope))) if self._node.args else []

    @property
    def is_template(self) -> bool:
        """Whether it is (or may be) a fragment of `sql`, whose values are bound."""
        return any(isinstance(value, SqlValue) for value in self._values)

    @property
    def texts(self) -> tuple[str, ...]:
        """All that the text can be; nothing where that is not wholly known."""
        found = tuple(text for value in self._values if (text := text_of(value)) is not None)
        return found if len(found) == len(self._values) else ()

    # --- what is put into it -----------------------------------------------------------------------------------------

    @cached_property
    def interpolated(self) -> tuple[Interpolated, ...]:
        """The values that become a part of the text, each once."""
        if not self._node.args or self.is_template or self.texts:
            return ()
        pieces = list(self._pieces(self._node.args[0], self._path, 0))
        is_all = not self.is_fragment and not any(isinstance(piece, str) and piece.strip() for piece in pieces)
        found: dict[Span, Interpolated] = {}
        before = self._template_before() if self.is_fragment else ""
        for piece in pieces:
            if isinstance(piece, str):
                before += piece
                continue
            node, path = piece
            span = Span(path, node.start, node.end)
            sources = tuple(self._tracer.sources(node, path))
            is_passed_on = is_all and not self._has_own_text(node, path, set())
            written = self._tracer.written(node, path)
            found.setdefault(span, Interpolated(span, written, before, is_all, is_passed_on, sources))
            before += "_"
        return tuple(found.values())

    def _template_before(self) -> str:
        """The text of a template in front of the `sql.raw(…)` in it."""
        start = self._node.start
        for around in reversed(self._tracer.surroundings.of(self._path, start)):
            parts = around.node.parts if isinstance(around.node, ir.Template) else ()
            for text, part in pairwise(parts):
                if isinstance(text, str) and not isinstance(part, str) and part.start <= start < part.end:
                    return text
        return ""

    def remedy(self, value: Interpolated) -> str:
        """What to write instead of putting a value into the text, as code."""
        if value.is_all:
            return (
                "Hand over a statement that the source spells out, and bind what comes from outside:\n"
                '.prepare("SELECT … WHERE name = ?").bind(name)'
            )
        if not value.before.strip() or _NAME_EXPECTED.search(value.before):
            return (
                "Look the name up in a list of your own, so that only names of the source get into the text:\n"
                f'const names = {{ … }} as const; `… ${{names[{value.text}] ?? "id"}}`'
            )
        if self.is_fragment:
            return f"Leave `sql.raw` out: a template of sql binds its values:\nsql`… = ${{{value.text}}}`"
        if self.method in ("run", "all", "get", "values"):
            return f"Let a template of sql bind it:\n{self.call}(sql`… = ${{{value.text}}}`)"
        return f'Bind it:\n.prepare("… = ?").bind({value.text})'

    @property
    def skeletons(self) -> tuple[str, ...]:
        """What the text can be, with a space in the place of each value that is not known."""
        arg = self._node.args[0] if self._node.args else None
        if isinstance(arg, ir.Call) and isinstance(arg.callee, ir.Member) and arg.callee.name == "raw" and arg.args:
            arg = arg.args[0]  # `db.run(sql.raw(text))`
        elif self.is_template:
            return tuple(_template_text(value) for value in self._values if isinstance(value, SqlValue))
        if arg is None or self.texts:
            return self.texts
        pieces = self._pieces(arg, self._path, 0)
        return ("".join(piece if isinstance(piece, str) else " " for piece in pieces),)

    def _pieces(self, node: ir.Expression, path: str, depth: int) -> Iterator[str | tuple[ir.Expression, str]]:
        """The texts of an expression and the expressions between them, in their order."""
        scope = self._tracer.scope_at(node, path)
        value = self._tracer.ev.evaluate(node, scope) if scope is not None else None
        if isinstance(value, Constant):
            yield str(value.value) if isinstance(value.value, str) else ""
            return
        if depth > MAX_DEPTH:
            yield node, path
            return
        match node:
            case ir.Template(parts=parts):
                for part in parts:
                    if isinstance(part, str):
                        yield part
                    else:
                        yield from self._pieces(part, path, depth + 1)
            case ir.Binary(operator="+", left=left, right=right):
                yield from self._pieces(left, path, depth + 1)
                yield from self._pieces(right, path, depth + 1)
            case ir.Cast(value=inner) | ir.Await(value=inner):
                yield from self._pieces(inner, path, depth + 1)
            case ir.Conditional(then=then, otherwise=otherwise):
                yield from self._pieces(then, path, depth + 1)
                yield from self._pieces(otherwise, path, depth + 1)
            case ir.Call(callee=ir.Member(object=inner, name=name), args=()) if name in _TEXT_METHODS:
                yield from self._pieces(inner, path, depth + 1)
            case ir.Call(callee=ir.Member(object=listed, name="join"), args=separator) if len(separator) <= 1:
                items = self._listed(listed, path)
                if items is None:
                    yield node, path
                for index, item in enumerate(items or ()):
                    if index:
                        yield from self._pieces(separator[0], path, depth + 1) if separator else (",",)
                    yield from self._pieces(item, path, depth + 1)
            case ir.Name():
                yield from self._pieces_of_name(node, path, depth)
            case _:
                yield node, path

    def _listed(self, node: ir.Expression, path: str) -> tuple[ir.Expression, ...] | None:
        """The items of an array that is written out, and that nothing changes; None for others."""
        if isinstance(node, ir.Name):
            definition = self._tracer.definitions.of(node.name, path, node.start)
            declared = definition.node if definition is not None and not definition.steps else None
            if definition is None or not isinstance(declared, ir.Declare) or declared.value is None:
                return None
            if definition.path != path or any(True for _ in self._tracer.definitions.changes(definition)):
                return None
            node = declared.value
        while isinstance(node, ir.Cast):
            node = node.value
        if not isinstance(node, ir.Array) or any(isinstance(item, ir.Spread) for item in node.items):
            return None
        return node.items

    def _has_own_text(self, node: ir.Expression, path: str, seen: set[int]) -> bool:
        """Whether the source writes a part of what a value is made from: in functions that give it, in a list."""
        while isinstance(node, (ir.Cast, ir.Await)):
            node = node.value
        if not isinstance(node, (ir.Name, ir.Call)) or id(node) in seen:
            return False
        seen.add(id(node))
        match node:
            case ir.Name():
                return any(self._has_own_text(each, path, seen) for each in self._put_into(node, path))
            case ir.Call(callee=ir.Member(object=ir.Name() as listed, name="join")):
                items = (item for each in self._put_into(listed, path) for item in _items(each))
                return any(self._is_partly_written(item, path, seen) for item in items)
            case _:
                functions = self._tracer.functions(node.callee, path)
                results = ((result, each.scope.module) for each in functions for result in results_of(each.node))
                return any(self._is_partly_written(*result, seen) for result in results)

    def _is_partly_written(self, node: ir.Expression, path: str, seen: set[int]) -> bool:
        for piece in self._pieces(node, path, 0):
            if piece.strip() if isinstance(piece, str) else self._has_own_text(*piece, seen):
                return True
        return False

    def _put_into(self, node: ir.Name, path: str) -> Iterator[ir.Expression]:
        """What a variable is declared with, and what a list that it holds is given."""
        definition = self._tracer.definitions.of(node.name, path, node.start)
        if definition is None or not isinstance(definition.node, ir.Declare) or definition.steps:
            return
        if definition.node.value is not None:
            yield definition.node.value
        for change, _ in self._tracer.definitions.changes(definition):
            match change:
                case ir.Call(callee=ir.Member(object=ir.Name(name=node.name), name="push" | "unshift")):
                    yield ir.Array(change.args, change.start, change.end)
                case _:
                    pass

    def _pieces_of_name(self, node: ir.Name, path: str, depth: int) -> Iterator[str | tuple[ir.Expression, str]]:
        definition = self._tracer.definitions.of(node.name, path, node.start)
        declared = definition.node if definition is not None else None
        if definition is None or not isinstance(declared, ir.Declare) or definition.steps:
            yield node, path
            return
        changes = [change for change, _ in self._tracer.definitions.changes(definition)]
        added = [c.value for c in changes if isinstance(c, ir.Assign) and c.operator in ("=", "+=")]
        if len(added) != len(changes):
            yield node, path
            return
        is_checked = self._tracer.guards.checked(node, (), path) is not None
        if declared.value is None or not _is_composed(declared.value) or is_checked:
            yield node, path
            return
        for part in [declared.value, *added]:
            if not _reads(part, node.name):
                yield from self._pieces(part, path, depth + 1)
            else:
                yield from self._pieces_beside(part, node.name, path, depth + 1)

    def _pieces_beside(
        self, part: ir.Expression, name: str, path: str, depth: int
    ) -> Iterator[str | tuple[ir.Expression, str]]:
        """The pieces of what a variable becomes by adding to itself: `query = query + …`."""
        operands: list[ir.Expression] = []
        if isinstance(part, ir.Binary):
            operands = [part.left, part.right]
        elif isinstance(part, ir.Template):
            operands = [each for each in part.parts if not isinstance(each, str)]
        else:
            yield part, path
        for operand in operands:
            if not _reads(operand, name):
                yield from self._pieces(operand, path, depth)
            elif not isinstance(operand, ir.Name):
                yield operand, path

    # --- its parameters ----------------------------------------------------------------------------------------------

    @cached_property
    def bound(self) -> tuple[Bound, ...]:
        """What is bound to the statement, where it is prepared or by the variable that holds it."""
        if self.method == "exec":
            return (Bound(Span(self._path, 0, 0), 0),)
        if self.method != "prepare":
            return ()
        chain = self._tracer.surroundings.of(self._path, self._node.start)
        index = next((i for i, around in enumerate(chain) if around.node is self._node), 0)
        outer = [around.node for around in reversed(chain[:index])]
        holder = outer[0] if outer else None
        if isinstance(holder, ir.Member) and len(outer) > 1 and isinstance(outer[1], ir.Call):
            return tuple(self._bound_by(holder.name, outer[1]))
        if isinstance(holder, ir.Array) and len(outer) > 1:
            callee = outer[1].callee if isinstance(outer[1], ir.Call) else None
            is_batch = isinstance(callee, ir.Member) and callee.name == "batch"
            return (Bound(Span(self._path, 0, 0), 0),) if is_batch else ()
        if isinstance(holder, ir.Declare) and holder.kind == "const" and isinstance(holder.pattern, ir.Name):
            return tuple(self._bound_to(holder.pattern.name, outer))
        return ()

    def _bound_by(self, method: str, call: ir.Call) -> Iterator[Bound]:
        if method == "bind":
            counts = [self._spread(arg.value) if isinstance(arg, ir.Spread) else 1 for arg in call.args]
            count = None if None in counts else sum(each or 0 for each in counts)
            callee = call.callee
            start = callee.name_start if isinstance(callee, ir.Member) else call.start
            yield Bound(Span(self._path, start, start + len(b"bind")), count)
        elif method in _RUN_METHODS:
            yield Bound(Span(self._path, 0, 0), 0)

    def _spread(self, node: ir.Expression) -> int | None:
        """How many values a spread gives; None where that is not known, or depends on something."""
        scope = self._tracer.scope_at(node, self._path)
        value = self._tracer.ev.evaluate(node, scope) if scope is not None else None
        if not isinstance(value, ArrayValue) or value.gaps:
            return None
        is_own = isinstance(node, ir.Array) or (isinstance(node, ir.Name) and self._is_never_handed_on(node))
        return len(value.items) if is_own else None

    def _is_never_handed_on(self, node: ir.Name) -> bool:
        """Whether all that is done with a variable is to spread it and to call its methods: nothing else changes it."""
        definition = self._tracer.definitions.of(node.name, self._path, node.start)
        module = self._tracer.ev.source.module(self._path)
        if definition is None or module is None or not isinstance(definition.node, ir.Declare):
            return False
        if any(export.source == node.name and export.specifier is None for export in module.exports):
            return False
        plain: set[int] = set()
        for inner in self._tracer.nodes_in(None, self._path):
            match inner:
                case ir.Spread(value=ir.Name() as used) | ir.Member(object=ir.Name() as used):
                    plain.add(id(used))
                case ir.Name(name=node.name) if id(inner) not in plain:
                    if definition.same(self._tracer.definitions.of(node.name, self._path, inner.start)):
                        return False
                case _:
                    pass
        return True

    def _bound_to(self, name: str, outer: list[ir.Node]) -> Iterator[Bound]:
        """What is bound to a variable that holds the statement."""
        definition = self._tracer.definitions.of(name, self._path, self._node.start)
        function = next((node for node in outer if isinstance(node, ir.Function)), None)
        for inner in self._tracer.nodes_in(function, self._path):
            match inner:
                case ir.Call(callee=ir.Member(object=ir.Name(name=held, start=start), name=method)) if held == name:
                    own = self._tracer.definitions.of(name, self._path, start)
                    if definition is not None and definition.same(own):
                        yield from self._bound_by(method, inner)
                case _:
                    pass

    @cached_property
    def counts(self) -> tuple[tuple[int, ...], ...]:
        """For each text that it can be, how many parameters each of its statements takes."""
        found = (tuple(map(parameters, filter(str.strip, statements(text)))) for text in self.texts)
        return tuple(counts for counts in found if counts)


def is_put_together(node: ir.Expression, path: str, tracer: Tracer) -> bool:
    """Whether an expression is a text, or a variable that holds one, as far as it is put together in the source."""
    if isinstance(node, ir.Name):
        definition = tracer.definitions.of(node.name, path, node.start)
        declared = definition.node if definition is not None and not definition.steps else None
        value = declared.value if isinstance(declared, ir.Declare) else None
        return value is not None and not isinstance(value, ir.Name) and _is_composed(value)
    is_sum = isinstance(node, ir.Binary) and node.operator == "+"
    return is_sum or isinstance(node, (ir.Template, ir.Literal))


def _is_composed(node: ir.Expression) -> bool:
    """Whether an expression puts a text together, or passes one on."""
    while isinstance(node, (ir.Cast, ir.Await)):
        node = node.value
    is_sum = isinstance(node, ir.Binary) and node.operator == "+"
    is_text = isinstance(node, ir.Literal) and isinstance(node.value, str)
    is_trimmed = isinstance(node, ir.Call) and isinstance(node.callee, ir.Member) and node.callee.name in _TEXT_METHODS
    return is_sum or is_text or is_trimmed or isinstance(node, (ir.Template, ir.Conditional, ir.Name))


def _items(node: ir.Expression) -> tuple[ir.Expression, ...]:
    while isinstance(node, ir.Cast):
        node = node.value
    return node.items if isinstance(node, ir.Array) else ()


def _reads(node: ir.Expression, name: str) -> bool:
    match node:
        case ir.Name(name=read):
            return read == name
        case ir.Binary(left=left, right=right):
            return _reads(left, name) or _reads(right, name)
        case ir.Template(parts=parts):
            return any(_reads(part, name) for part in parts if not isinstance(part, str))
        case ir.Call(callee=ir.Member(object=inner)):
            return _reads(inner, name)
        case _:
            return False


def _template_text(value: SqlValue) -> str:
    """The text of a fragment with those of the fragments in it."""
    found = []
    for part in value.parts:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, SqlValue):
            found.append(_template_text(part))
        else:
            found.append((text_of(part) or " ") if value.is_raw else "?")
    return re.sub(r"\s+", " ", "".join(found)).strip()
