"""What a query has in it by its syntax alone, which is much cheaper to know than what it evaluates to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import nodes
from d1lint.model.drizzle.queries import JOINS
from d1lint.model.drizzle.sql import OPERATORS
from d1lint.model.queries.query import Query

if TYPE_CHECKING:
    from d1lint.model.project import Project

_MANY = 200
"""So many nodes has what writes out a hundred values or conditions, but for lists."""
_WITH_LISTS = frozenset({"inArray", "notInArray", "in", "notIn"})
_WITH_QUERIES = frozenset({"inArray", "notInArray", "exists", "notExists"})
_JOINERS = frozenset({"and", "or", "not"})
_WORDS = re.compile(r"\b(?:in|like|glob)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outline:
    """The names in a query's chains, with some words of SQL in its templates; `size` is how many nodes it has.

    `is_partial` says that a condition, a list or the options of it are made elsewhere, such as in a variable.
    """

    names: frozenset[str]
    size: int
    is_partial: bool

    @property
    def may_list(self) -> bool:
        """Whether it can bind very many parameters."""
        return self.is_partial or self.size > _MANY or not self.names.isdisjoint(_WITH_LISTS)

    @property
    def may_nest(self) -> bool:
        """Whether it can have a very deep condition."""
        return self.is_partial or self.size > _MANY or not self.names.isdisjoint(_WITH_QUERIES)

    @property
    def may_match(self) -> bool:
        """Whether it can have a pattern."""
        return self.is_partial or not self.names.isdisjoint(("like", "notLike", "glob"))


def outline_of(project: Project, query: Query) -> Outline:
    """The outline of a query; to be asked by `project.once`."""
    names: set[str] = set()
    size = 0
    for end in query.ends:
        for node in nodes(end.visit.node):
            size += 1
            match node:
                case ir.Name(name=name) | ir.Member(name=name) | ir.Property(key=str() as name):
                    names.add(name)
                case ir.Template(parts=parts):
                    names.update(
                        word.lower() for part in parts if isinstance(part, str) for word in _WORDS.findall(part)
                    )
                case _:
                    pass
    return Outline(frozenset(names), size, _is_partial(query))


def _is_partial(query: Query) -> bool:
    if query.is_relational:
        given = query.root.site.node_arguments
        return bool(given) and not _is_plain_config(given[0])
    for step in query.steps:
        nodes = step.site.node_arguments
        if step.name == "values" and nodes and not isinstance(nodes[0], ir.Object):
            return True
        conditions = nodes[:1] if step.name in ("where", "having") else nodes[1:2] if step.name in JOINS else ()
        if not all(map(_is_plain, conditions)):
            return True
    return False


def _is_plain_config(node: ir.Expression) -> bool:
    """Whether all conditions of a relational query are written out in its options."""
    if not isinstance(node, ir.Object):
        return isinstance(node, ir.Literal)
    for entry in node.entries:
        if not isinstance(entry, ir.Property):
            return False
        if entry.key == "where" and not isinstance(entry.value, ir.Object) and not _is_plain(entry.value):
            return False
        if entry.key == "with" and isinstance(entry.value, ir.Object):
            inner = [each.value for each in entry.value.entries if isinstance(each, ir.Property)]
            if not all(map(_is_plain_config, inner)):
                return False
    return True


def _is_plain(node: ir.Expression) -> bool:
    """Whether a condition is made here, of Drizzle's operators and templates."""
    match node:
        case ir.Call(callee=ir.Name(name=name), args=args):
            return all(map(_is_plain, args)) if name in _JOINERS else name in OPERATORS
        case ir.Conditional(then=then, otherwise=otherwise):
            return _is_plain(then) and _is_plain(otherwise)
        case ir.Binary(operator="&&" | "||" | "??", right=right):
            return _is_plain(right)
        case ir.Cast(value=value):
            return _is_plain(value)
        case ir.Function(result=result) if result is not None:
            return _is_plain(result)
        case _:
            return isinstance(node, (ir.Literal, ir.Undefined, ir.Tagged))
