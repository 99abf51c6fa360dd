"""Facts moved to another place: what an edit before them does to their byte offsets."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, TypeVar

from msgspec import structs

from d1lint.facts import ir

T = TypeVar("T")

_OFFSETS = frozenset({"start", "end", "name_start"})
_PLAIN = frozenset({str, int, float, bool, type(None)})


class _Fields(NamedTuple):
    """The fields of a type of node, by their places: those that are offsets, and the others."""

    offsets: tuple[int, ...]
    others: tuple[int, ...]


def moved(facts: T, by: int) -> T:
    """The same node, or tuple of nodes, all of whose offsets are `by` bytes further on."""
    found: T = _moved(facts, by)
    return found


def _moved(facts: Any, by: int) -> Any:
    # An edit moves thousands of nodes, so this is written for speed.
    if type(facts) is tuple:
        return tuple([item if type(item) in _PLAIN else _moved(item, by) for item in facts])
    kind: type[ir.Node] = type(facts)
    fields = _fields(kind)
    values = list(structs.astuple(facts))
    for place in fields.offsets:
        values[place] += by
    for place in fields.others:
        value = values[place]
        if value and type(value) not in _PLAIN:
            values[place] = _moved(value, by)
    return kind(*values)


@cache
def _fields(kind: type[ir.Node]) -> _Fields:
    names = list(enumerate(kind.__struct_fields__))
    offsets = tuple(place for place, name in names if name in _OFFSETS)
    return _Fields(offsets, tuple(place for place, name in names if name not in _OFFSETS))
