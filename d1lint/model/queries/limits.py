"""Where the code gives a query more than D1 takes: terms of a compound SELECT, bytes of a pattern, deep conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.columns import call_token
from d1lint.model.drizzle.queries import SET_OPERATIONS, ChainValue, Step
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.queries.binds import applied
from d1lint.model.queries.depth import is_too_deep, parts_of
from d1lint.model.queries.forms import forms
from d1lint.model.queries.outlines import outline_of
from d1lint.model.queries.query import Query
from d1lint.model.values import ArrayValue, Constant, ObjectValue, Site, Value, alternatives, text_of

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.project import Project

MAX_TERMS = 5
"""How many SELECTs D1 combines; 6 are `too many terms in compound SELECT`."""
MAX_PATTERN = 50
"""How many bytes a pattern of LIKE or GLOB may have, `%` included."""
LIKES = frozenset({"like", "notLike"})
_PATTERN = re.compile(r"\b(?:like|glob)\s+'((?:[^']|'')*)'", re.IGNORECASE)
_BEFORE_PATTERN = re.compile(r"\b(?:like|glob)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Excess:
    """Where a query goes beyond a limit, and with how much."""

    span: Span
    size: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """A fragment of SQL in a query, and the place of the method that is given it."""

    value: SqlValue
    step: Span

    @property
    def span(self) -> Span:
        """The place of the operator that makes it; of a template, that of the method."""
        return call_token(self.value.site) if self.value.site is not None else self.step


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a LIKE compares with: `node` is how it is written, None where it stands inside a template."""

    value: Value
    node: ir.Expression | None
    span: Span


def fragments_of(query: Query, ev: Evaluator) -> Iterator[Fragment]:
    """Every fragment of SQL in a query, the outermost first; those of queries inside of it left out."""
    return (Fragment(value, step) for value, step in _values_of(query, ev) if isinstance(value, SqlValue))


def is_first_with(span: Span, query: Query, project: Project) -> bool:
    """Whether no query before this one shares what stands at a place, by a variable or a helper."""
    if any(_encloses(end.visit.node, span) for end in query.ends if query.file == span.file):
        return True
    for other in project.queries.all():
        if other is query:
            return True
        if other.is_d1 and any(fragment.span == span for fragment in fragments_of(other, project.ev)):
            return False
    return True


def _encloses(node: ir.Node, span: Span) -> bool:
    return node.start <= span.start and span.end <= node.end  # type: ignore[attr-defined, no-any-return]


def _values_of(query: Query, ev: Evaluator) -> Iterator[tuple[Value, Span]]:
    seen: set[int] = set()
    for site in (query.root.site, *(step.site for step in query.steps)):
        pending = list(_arguments(site))[::-1]
        while pending:
            value = pending.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            for each in alternatives(applied(value, query.table, ev)):
                yield each, call_token(site)
                if isinstance(each, SqlValue):
                    pending += [part for part in each.parts[::-1] if isinstance(part, Value)]
                elif isinstance(each, ArrayValue):
                    pending += each.items[::-1]
                elif isinstance(each, ObjectValue):
                    pending += [entry.read() for entry in each.entries.values()][::-1]


def _arguments(site: Site) -> Iterator[Value]:
    return (site.argument(index) for index in range(site.count))


# --- compound SELECTs -------------------------------------------------------------------------------------------------


def compound_excesses(query: Query) -> list[Excess]:
    """The set operations at which a query has more SELECTs than D1 combines, one for each of its forms."""
    found: dict[Span, Excess] = {}
    for form in forms(query):
        terms = 1
        for step in form.steps:
            terms += _terms_added(step) if step.name in SET_OPERATIONS else 0
            if terms > MAX_TERMS:
                found.setdefault(step.token, Excess(step.token, terms))
                break
    return list(found.values())


def open_compound(query: Query) -> Step | None:
    """The set operation that is given a list of any length: `unionAll(first, second, ...others)`."""
    return next((step for step in query.steps if step.name in SET_OPERATIONS and step.site.gaps), None)


def _terms_added(step: Step) -> int:
    """How many SELECTs a set operation adds. As a function, `union(a, b, c)`, its first argument is there already."""
    is_method = isinstance(step.site.node, ir.Call) and isinstance(step.site.node.callee, ir.Member)
    return sum(map(_terms, list(_arguments(step.site))[0 if is_method else 1 :]))


def _terms(value: Value) -> int:
    """The SELECTs of a query; of one with too many, not all of them."""
    terms = 1
    for step in value.steps if isinstance(value, ChainValue) else ():
        if terms <= MAX_TERMS and step.name in SET_OPERATIONS:
            terms += _terms_added(step)
    return terms


# --- depth ------------------------------------------------------------------------------------------------------------


def deep_conditions(query: Query, project: Project) -> Iterator[Excess]:
    """The `and` or `or` with the most conditions in each expression that is too deep for D1."""
    if not project.once(outline_of, query).may_nest:
        return
    inside: set[int] = set()
    for fragment in fragments_of(query, project.ev):
        value = fragment.value
        if id(value) in inside or value.operator not in ("and", "or") or not is_too_deep(value):
            continue
        chains = [each for each in parts_of(value) if each.operator in ("and", "or") and each.site is not None]
        inside.update(map(id, chains))
        longest = max(chains, key=lambda each: len(each.parts))
        if longest.site is not None:
            yield Excess(call_token(longest.site), len(longest.parts))


# --- patterns ---------------------------------------------------------------------------------------------------------


def patterns_of(query: Query, project: Project) -> Iterator[Pattern]:
    """The patterns of LIKE and GLOB in a query."""
    if not project.once(outline_of, query).may_match:
        return
    for value, step in _values_of(query, project.ev):
        if isinstance(value, SqlValue) and value.operator in LIKES:
            if value.site is not None and len(value.site.node_arguments) > 1:
                yield Pattern(value.site.argument(1), value.site.node_arguments[1], call_token(value.site))
        elif isinstance(value, SqlValue) and not value.operator and not value.is_raw:
            for before, part in pairwise((*value.parts, "")):
                if isinstance(before, str):
                    yield from (Pattern(Constant(text), None, step) for text in _PATTERN.findall(before))
                    if isinstance(part, Value) and _BEFORE_PATTERN.search(before):
                        yield Pattern(part, None, step)
        elif isinstance(value, ObjectValue) and query.is_relational:
            for name, entry in value.entries.items():
                if name in LIKES and entry.module:
                    yield Pattern(entry.read(), None, Span(entry.module, entry.start, entry.start + len(name)))


def long_patterns(query: Query, project: Project) -> Iterator[Excess]:
    """Each pattern that has more bytes than D1 takes, whatever is put into it."""
    for pattern in patterns_of(query, project):
        size = max(map(_bytes_of, alternatives(pattern.value)), default=0) or _least_bytes(pattern.node)
        if size > MAX_PATTERN:
            yield Excess(pattern.span, size)


def _bytes_of(value: Value) -> int:
    return len((text_of(value) or "").encode("utf-8", "surrogatepass"))


def _least_bytes(node: ir.Expression | None) -> int:
    """How many bytes of a template are there for sure."""
    parts = node.parts if isinstance(node, ir.Template) else ()
    return sum(len(part.encode("utf-8", "surrogatepass")) for part in parts if isinstance(part, str))
