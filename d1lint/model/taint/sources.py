"""What a value is made from: the places that put something into it, and the form in which a value is followed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.taint.definitions import Steps


class Kind(StrEnum):
    """What a source is."""

    REQUEST = "request"
    """What somebody has sent."""
    QUERY = "query"
    """What a query has read."""
    PARAMETER = "parameter"
    """A parameter of an exported function that nothing in the repository calls."""
    NUMBER = "number"
    """A number, by its type or by what made it."""
    SCHEMA = "schema"
    """A name that the database itself lists."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """A place that puts something into a value. `text` is how it is written; `owner` a parameter's function."""

    kind: Kind
    span: Span
    text: str
    owner: str = ""


Sources = frozenset[Source]
NOTHING: Sources = frozenset()
"""The sources of what is made of the source code alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A value to follow: an expression of a module, the steps to the part that is wanted, and the calls around it.

    `shown` is the expression, with its module, by which people are told of it: the whole chain of members and calls
    that it begins. None for the expression itself.
    """

    node: ir.Expression
    path: str
    steps: Steps = ()
    frames: tuple[Frame, ...] = ()
    shown: tuple[ir.Expression, str] | None = None

    def beside(self, node: ir.Expression, steps: Steps) -> Given:
        """Another expression of the same module, in the same calls."""
        return Given(node, self.path, steps, self.frames)

    def inner(self, node: ir.Expression, steps: Steps) -> Given:
        """An expression inside this one that this one is a part of, or is made from: it is shown as this one."""
        return Given(node, self.path, steps, self.frames, self.shown or (self.node, self.path))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One call of a function, with its arguments."""

    function: ir.Function
    arguments: tuple[Given, ...]


def doubtful(sources: Sources) -> Sources:
    """The same, of which it is not sure that they come to the value as they are."""
    return frozenset(
        Source(Kind.UNKNOWN, s.span, s.text) if s.kind not in (Kind.NUMBER, Kind.SCHEMA) else s for s in sources
    )
