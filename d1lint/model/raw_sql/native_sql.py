"""Raw SQL: statements that bypass the query builder, and the `@native-sql` comments that justify them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Fix, Span
from d1lint.model.drizzle.clients import ClientValue
from d1lint.model.drizzle.sql import SqlTag, SqlValue
from d1lint.model.edits.comments import without_comment
from d1lint.model.kysely.clients import KyselyClient, KyselyFragment, RawQueryMaker
from d1lint.model.raw_sql.sql_text import SqlText, is_put_together
from d1lint.model.taint.trace import Tracer
from d1lint.model.values import Unknown, Value, alternatives, text_of
from d1lint.model.walk import Place, Visit
from d1lint.model.workers import BindingValue

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.source import Source

_MARKER = re.compile(
    r"(?:^(?://+|/\*+)|\n)[ \t*]*(?P<marker>@native-sql)\b[ \t]*[:\-–—]*[ \t]*(?P<reason>.*)", re.DOTALL
)
_PLACEHOLDER = re.compile(
    r"^(?:todo|tbd|fixme|xxx|n/?a|none|reason|why|because|justification|\.+|-+|\?+|<.*>|\[.*\])?[.!]?$", re.IGNORECASE
)
_STATEMENT = re.compile(
    r"^\s*(?:select|insert|update|delete|with|create|alter|drop|pragma|replace|vacuum)\b", re.IGNORECASE
)
_SPACE = re.compile(
    r"(?P<text>`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")|(?P<words>(?<=[\w)\]])\s+(?=\w))|\s+",
    re.DOTALL,
)
"""Space in code; that in a text says something, and that between words parts them."""
_OPENING = (b"[", b"{", b"(", b"=>")
"""What a line ends with whose comment at its end is about the line below."""
_D1_METHODS = frozenset({"prepare", "exec"})
_CLIENT_METHODS = frozenset({"run", "all", "get", "values"})
_MAYBE_RAW = _D1_METHODS | _CLIENT_METHODS | {"batch", "execute", "raw", "query", "executeQuery", "first"}


@dataclass(slots=True, eq=False)
class Justification:
    """A `@native-sql` comment. `statements` are those it justifies; `may_cover` says that what it stands above could be
    raw SQL, though nothing proves it; `is_near` that a raw statement is inside of that, or beside it: it is misplaced.
    `span` is the marker, `comment` the whole comment.
    """

    span: Span
    comment: Span
    reason: str
    statements: list[RawStatement] = field(default_factory=list)
    may_cover: bool = False
    is_near: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing, or only a placeholder."""
        return _PLACEHOLDER.match(self.reason.strip()) is not None


@dataclass(slots=True, eq=False)
class RawStatement:
    """One raw statement. `call` is how it is written: `env.DB.prepare`, `db.run`; `target` what it is sent to."""

    span: Span
    symbol: str
    call: str
    target: str
    justification: Justification | None = None
    misplaced: Justification | None = None
    """A marker that stands above something around the statement, or beside it, where it does not count."""


class NativeSql:
    """The raw statements and justifications of one file.

    `texts` are those of the statements, and the pieces that `sql.raw` makes. `is_d1` says whether a binding of that
    name is a D1 database, `kysely_is_d1` whether Kysely talks to D1 here, `drizzle_is_d1` whether Drizzle does.
    """

    def __init__(
        self,
        source: Source,
        module: ir.Module,
        visits: list[Visit],
        ev: Evaluator,
        is_d1: Callable[[str], bool],
        kysely_is_d1: bool,
        drizzle_is_d1: bool,
        tracer: Tracer,
    ) -> None:
        self._source = source
        self._ev = ev
        self._is_d1 = is_d1
        self._kysely_is_d1 = kysely_is_d1
        self._drizzle_is_d1 = drizzle_is_d1
        self._tracer = tracer
        self.justifications = [j for comment in module.comments if (j := self._justification(comment)) is not None]
        self._by_line, self._beside = self._lines()
        self.statements: list[RawStatement] = []
        self.texts: list[SqlText] = []
        for visit in visits:
            statement = self._statement(visit)
            if statement is not None:
                self._justify(statement, visit)
                self.statements.append(statement)
            if statement is not None or self._is_fragment(visit):
                self._note_text(visit, statement)
        for visit in visits:
            self._note_possible(visit)

    # --- statements ----------------------------------------------------------------------------------------------

    def _statement(self, visit: Visit) -> RawStatement | None:
        node = visit.node
        if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Member):
            return None
        method = node.callee.name
        target = None
        if method in _D1_METHODS:
            target = self._d1_target(self._ev.evaluate(node.callee.object, visit.scope))
        elif method in _CLIENT_METHODS and node.args:
            receiver = self._ev.evaluate(node.callee.object, visit.scope)
            is_client = any(isinstance(v, ClientValue) and v.is_d1 for v in alternatives(receiver))
            if is_client and self._is_sql(node.args[0], visit):
                target = "the Drizzle client"
        elif method == "execute":
            receiver = self._ev.evaluate(node.callee.object, visit.scope)
            if isinstance(receiver, KyselyFragment) and self._is_kysely_on_d1(visit):
                target = "Kysely"
        elif method == "raw":
            target = self._raw_target(visit)
        if target is None:
            return None
        start = node.callee.name_start
        span = Span(visit.scope.module, start, start + len(method.encode()))
        return RawStatement(span, symbol_of(visit), self._written(node.callee), target)

    def _is_fragment(self, visit: Visit) -> bool:
        """Whether a call is a `sql.raw(…)` that becomes a piece of SQL for D1."""
        match visit.node:
            case ir.Call(callee=ir.Member(object=owner, name="raw")):
                tag = self._ev.evaluate(owner, visit.scope)
                if isinstance(tag, SqlTag):
                    return self._drizzle_is_d1
                return self._kysely_is_d1 and tag is self._ev.intrinsics.values.get(("kysely", "sql"))
            case _:
                return False

    def _note_text(self, visit: Visit, statement: RawStatement | None) -> None:
        node = visit.node
        if not isinstance(node, ir.Call) or not isinstance(node.callee, ir.Member):
            return
        callee = node.callee
        is_fragment = callee.name == "raw" and (statement is None or statement.target == "Drizzle")
        span = Span(visit.scope.module, callee.name_start, callee.name_start + len(callee.name.encode()))
        text = SqlText(span, symbol_of(visit), self._written(callee), node, visit.scope, self._tracer, is_fragment)
        self.texts.append(text)

    def _is_sql(self, node: ir.Expression, visit: Visit) -> bool:
        """Whether an argument is SQL: text, however it is put together, or a fragment; not a builder."""
        if is_put_together(node, visit.scope.module, self._tracer):
            return True
        values = alternatives(self._ev.evaluate(node, visit.scope))
        return any(isinstance(value, SqlValue) or text_of(value) is not None for value in values)

    def _d1_target(self, receiver: Value) -> str | None:
        for value in alternatives(receiver):
            if isinstance(value, BindingValue) and (value.is_d1 or self._is_d1(value.name)):
                return f"the D1 binding {value.name}" if value.name else "a D1 database"
        return None

    def _is_kysely_on_d1(self, visit: Visit) -> bool:
        node = visit.node
        executor = self._ev.evaluate(node.args[0], visit.scope) if isinstance(node, ir.Call) and node.args else None
        if isinstance(executor, KyselyClient):
            return self._kysely_is_d1 if executor.is_d1 is None else executor.is_d1
        return executor is not None and isinstance(executor, Unknown) and self._kysely_is_d1

    def _raw_target(self, visit: Visit) -> str | None:
        """`sql.raw(text)` where it is a statement of its own, and Kysely's `CompiledQuery.raw(text)`."""
        node = visit.node
        assert isinstance(node, ir.Call) and isinstance(node.callee, ir.Member)
        owner = self._ev.evaluate(node.callee.object, visit.scope)
        if isinstance(owner, RawQueryMaker):
            return "Kysely" if self._kysely_is_d1 else None
        if not isinstance(owner, SqlTag) or visit.around is not None:
            return None  # inside a builder it is a fragment, inside `db.run(...)` that is the statement
        value = self._ev.evaluate(node, visit.scope)
        text = value.parts[0] if isinstance(value, SqlValue) and value.parts else None
        literal = text if isinstance(text, str) else getattr(text, "value", None)
        return "Drizzle" if isinstance(literal, str) and _STATEMENT.match(literal) else None

    def _written(self, callee: ir.Member) -> str:
        text = self._source.data[callee.start : callee.end].decode("utf-8", "replace")
        flat = _SPACE.sub(lambda match: match["text"] or (" " if match["words"] else ""), text)
        flat = re.sub(r"\s+", " ", flat)
        return flat if len(flat) <= 40 else f"….{callee.name}"

    # --- justifications ------------------------------------------------------------------------------------------

    def _justification(self, comment: ir.Comment) -> Justification | None:
        match = _MARKER.search(comment.text)
        if match is None:
            return None
        offset = len(comment.text[: match.start("marker")].encode())
        reason = match["reason"].removesuffix("*/")
        reason = re.sub(r"\s*\n[\s*]*", " ", reason).strip()
        if not reason:
            reason = self._continued(comment)
        at = comment.start + offset
        path = self._source.path
        return Justification(Span(path, at, at + len("@native-sql")), Span(path, comment.start, comment.end), reason)

    def _continued(self, comment: ir.Comment) -> str:
        """The next comment line: a reason may begin below its marker."""
        line = self._source.line_number(comment.end)
        if line >= self._source.line_count:
            return ""
        following = self._source.line_text(line + 1).strip()
        return following[2:].strip() if following.startswith("//") and "@native-sql" not in following else ""

    def _lines(self) -> tuple[dict[int, Justification], dict[int, Justification]]:
        """The line of code that each justification stands directly above; and that which it stands at the end of."""
        below: dict[int, int | None] = {}
        above: dict[int, Justification] = {}
        beside: dict[int, Justification] = {}
        for justification in reversed(self.justifications):
            comment = justification.comment
            first, last = self._line(comment.start), self._line(comment.end)
            is_alone = _is_comment_line(self._source.line_text(first))
            before = self._source.data[self._source.line_start(first) : comment.start].rstrip()
            target = self._code_below(last + 1, below) if is_alone or before.endswith(_OPENING) else None
            if is_alone:
                below[last] = target
            if target is not None:
                above.setdefault(target, justification)  # of several, the nearest
            if not is_alone:
                beside[first] = justification
        return above, beside

    def _code_below(self, line: int, known: dict[int, int | None]) -> int | None:
        """The first line of code from a line on; None if a blank line is in front. `known` says it for some lines."""
        while line <= self._source.line_count:
            if line in known:
                return known[line]
            text = self._source.line_text(line)
            if not _is_comment_line(text):
                return line if text.strip() else None
            line += 1
        return None

    def _justify(self, statement: RawStatement, visit: Visit) -> None:
        if not self.justifications:
            return
        starts = [*(part.start for part in self._parts(visit) if part.is_own_element), visit.place.start]
        found = [self._by_line[line] for line in dict.fromkeys(map(self._line, starts)) if line in self._by_line]
        around = visit.around
        while not found and around is not None:
            # A marker above a batch([...]) covers all that is prepared in it.
            callee = around.node.callee if isinstance(around.node, ir.Call) else None
            if isinstance(callee, ir.Member) and callee.name == "batch":
                above = self._by_line.get(self._line(around.place.start))
                found = [above] if above is not None else []
            around = around.around
        if found:
            statement.justification = found[0]
            for justification in found:
                justification.statements.append(statement)
            return
        near = next(self._misplaced(visit, statement.span.start), None)
        if near is not None:
            near.is_near = near.may_cover = True
            statement.misplaced = near

    def _misplaced(self, visit: Visit, start: int) -> Iterator[Justification]:
        """The markers at the end of a line of the statement, above another part of it, or above what is around it."""
        parts = list(self._parts(visit))
        end = next((part.end for part in parts if part.is_own_element or part.is_function), visit.place.end)
        first, last = self._line(start), self._line(end)
        yield from (marker for line, marker in self._beside.items() if first <= line <= last)
        starts = [start, *(part.start for part in parts), *(place.start for place in visit.place.around)]
        for line in map(self._line, starts):
            for known in (self._by_line, self._beside):
                if line in known:
                    yield known[line]

    def _parts(self, visit: Visit) -> Iterator[_Part]:
        """What is around an expression, the innermost first."""
        start = visit.node.start
        chain = self._tracer.surroundings.of(visit.scope.module, start)
        index = next((i for i, around in enumerate(chain) if around.node is visit.node), len(chain))
        is_own = True
        for around in reversed(chain[:index]):
            is_own = is_own and around.index < 0 and not isinstance(around.node, ir.Class)
            match around.node:
                case ir.Array(items=entries) | ir.Object(entries=entries):
                    held = next((entry for entry in entries if entry.start <= start < entry.end), None)
                    if held is not None:
                        yield _Part(held.start, held.end, is_own)
                case _:
                    begin: int = getattr(around.node, "start", start)
                    is_function = isinstance(around.node, ir.Function)
                    yield _Part(begin, getattr(around.node, "end", start), False, is_function)

    def _note_possible(self, visit: Visit) -> None:
        """A marker above something that could be raw SQL is not called unused."""
        node = visit.node
        callee = node.callee if isinstance(node, ir.Call) else None
        is_possible = isinstance(node, ir.Tagged) or (isinstance(callee, ir.Member) and callee.name in _MAYBE_RAW)
        if not is_possible or not self.justifications:
            return
        start = callee.name_start if isinstance(callee, ir.Member) else node.start
        for marker in self._misplaced(visit, start):
            if not marker.may_cover and self._could_be_raw(visit):
                marker.may_cover = True

    def _could_be_raw(self, visit: Visit) -> bool:
        node = visit.node
        if isinstance(node, ir.Tagged):
            tag = node.tag
            return isinstance(tag, ir.Name) and tag.name == "sql"
        assert isinstance(node, ir.Call) and isinstance(node.callee, ir.Member)
        receiver = self._ev.evaluate(node.callee.object, visit.scope)
        return isinstance(receiver, (Unknown, ClientValue, BindingValue))

    def _line(self, offset: int) -> int:
        return self._source.line_number(offset)


@dataclass(frozen=True, slots=True)
class _Part:
    """What holds an expression. `is_own_element` says that it is an element of an array or a property of an object, and
    in the same statement or class member as the expression.
    """

    start: int
    end: int
    is_own_element: bool
    is_function: bool = False


def removal(justification: Justification, source: Source) -> Fix | None:
    """Remove a justification that justifies nothing.

    None where its reason may be wanted elsewhere, or where the comment, or what follows it, says other things too.
    """
    comment, data = justification.comment, source.data
    opening = data[comment.start : justification.span.start]
    line = source.line_number(comment.end)
    following = source.line_text(line + 1) if line < source.line_count else ""
    if justification.is_near or opening.strip(b"/* \t\r\n") or _is_comment_line(following):
        return None
    edit = without_comment(source, comment)
    return Fix("Remove the @native-sql comment", (edit,), is_safe=True) if edit is not None else None


def _is_comment_line(text: str) -> bool:
    return text.strip().startswith(("//", "/*", "*", "{/*"))


def symbol_of(visit: Visit) -> str:
    """What the code around a place is called: its function, method, class or variable."""
    place: Place | None = visit.place
    while place is not None:
        if place.name:
            return place.name
        place = place.parent
    return "(module)"
