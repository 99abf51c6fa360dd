"""Functions that are handed to a call as its first argument: `list.map((item) => …)`."""

from __future__ import annotations

from dataclasses import dataclass

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.walk import Place, Visit

ELEMENT_METHODS = frozenset({"forEach", "map", "flatMap", "filter", "some", "every", "find", "reduce"})
"""Methods of arrays that call a function for each element."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A function, and the call that it is the first argument of. `method` is that call's name."""

    function: ir.Function
    call: Visit
    method: str

    @property
    def span(self) -> Span:
        """The place of the method's name."""
        return self.call.token


def callback_at(place: Place) -> Callback | None:
    """The callback that a function's place is of; None for other functions."""
    call, function = place.handed_to, place.function
    if call is None or function is None or not isinstance(call.node, ir.Call) or call.node.args[0] is not function:
        return None
    callee = call.node.callee
    return Callback(function, call, callee.name if isinstance(callee, (ir.Member, ir.Name)) else "")


def callback_around(place: Place) -> Callback | None:
    """The callback that the nearest function around a place is."""
    function = next((each for each in place.around if each.is_function), None)
    return callback_at(function) if function is not None else None
