"""Which findings are known: a comparison as multisets, by rule and symbol, that survives moved code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple


class Trace(NamedTuple):
    """What a finding is known again by.

    Two findings are the same one if their `identity` is, whatever their `places`. The places, the most exact one
    first and as many in each trace, only tell which of several equal ones pair.
    """

    identity: Hashable
    places: tuple[Hashable, ...]


def unpaired(found: Sequence[Trace], known: Iterable[Trace]) -> list[int]:
    """The indexes of what is found and not known. Each that is known pairs with one that is found."""
    waiting = list(range(len(found)))
    spare = list(known)
    depth = len(found[0].places) if found else 0
    for place in range(depth + 1):

        def key(trace: Trace, place: int = place) -> Hashable:
            return (trace.identity, trace.places[place : place + 1])

        by_key: defaultdict[Hashable, list[int]] = defaultdict(list)
        for number in reversed(range(len(spare))):
            by_key[key(spare[number])].append(number)
        paired: set[int] = set()
        left = []
        for index in waiting:
            candidates = by_key.get(key(found[index]))
            if candidates:
                paired.add(candidates.pop())
            else:
                left.append(index)
        waiting = left
        spare = [trace for number, trace in enumerate(spare) if number not in paired]
    return waiting
