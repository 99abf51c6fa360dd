"""Parts of lists whose length a literal says: `chunk(rows, 50)`, `rows.slice(i, i + 50)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.nodes import uncast
from d1lint.model.queries.callbacks import ELEMENT_METHODS
from d1lint.model.queries.chunks import Chunks
from d1lint.model.taint.definitions import Definition
from d1lint.model.values import ArrayValue, Constant, alternatives

if TYPE_CHECKING:
    from d1lint.model.project import Project

MAX_DEPTH = 6
"""How many expressions may lead to each other."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list: `size` is how many elements it has, but for the last one; `whole` is the list."""

    size: int
    whole: ir.Expression


def part_of(node: ir.Expression, path: str, project: Project, depth: int = 0) -> Part | None:
    """The part that an expression is, or that `map` makes of one; None for others, and for parts of a known list."""
    if depth > MAX_DEPTH:
        return None
    match uncast(node):
        case ir.Name(name=name) as found:
            definition = project.tracer.definitions.of(name, path, found.start)
            return _declared(definition, path, project, depth) if definition is not None else None
        case ir.Call(callee=ir.Member(object=inner, name="map")):
            return part_of(inner, path, project, depth + 1)
        case ir.Call(
            callee=ir.Member(object=whole, name="slice"),
            args=(ir.Name(name=index), ir.Binary(operator="+", left=ir.Name(name=begin), right=size)),
        ) if index == begin:
            return _part(size, whole, path, project)
        case _:
            return None


def _declared(definition: Definition, path: str, project: Project, depth: int) -> Part | None:
    if definition.steps:
        return None
    match definition.node:
        case ir.Declare(value=value) if value is not None:
            return part_of(value, path, project, depth + 1)
        case ir.Loop(kind="of", iterable=iterable) if iterable is not None:
            return _element(iterable, path, project, depth)
        case ir.Function() as function if definition.parameter is function.params[0]:
            around = project.tracer.surroundings.of(path, function.start)
            for each in around:
                match each.node:
                    case ir.Call(callee=ir.Member(object=over, name=name), args=(first, *_)) if (
                        first is function and name in ELEMENT_METHODS
                    ):
                        return _element(over, path, project, depth)
                    case _:
                        pass
            return None
        case _:
            return None


def _element(chunks: ir.Expression, path: str, project: Project, depth: int) -> Part | None:
    """The element of a list that a library's helper cuts: `chunk(rows, 50)`."""
    node = uncast(chunks)
    if isinstance(node, ir.Name):
        definition = project.tracer.definitions.of(node.name, path, node.start)
        made = definition.node if definition is not None and not definition.steps else None
        if not isinstance(made, ir.Declare) or made.value is None or depth > MAX_DEPTH:
            return None
        return _element(made.value, path, project, depth + 1)
    if not isinstance(node, ir.Call):
        return None
    size = Chunks(project.tracer.definitions, project.modules.text).size_argument(node, path)
    whole = next((arg for arg in node.args if arg is not size), None)
    return _part(size, whole, path, project) if size is not None and whole is not None else None


def _part(size: ir.Expression, whole: ir.Expression, path: str, project: Project) -> Part | None:
    scope = project.tracer.scope_at(size, path)
    if scope is None:
        return None
    number = project.ev.evaluate(size, scope)
    listed = alternatives(project.ev.evaluate(whole, scope))
    if any(isinstance(each, ArrayValue) and not each.gaps for each in listed):
        return None
    known = number.value if isinstance(number, Constant) else None
    return Part(known, whole) if isinstance(known, int) and not isinstance(known, bool) and known > 0 else None
