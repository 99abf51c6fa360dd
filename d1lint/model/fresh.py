"""Values that are others each time they are made: the time, and what chance gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.values import ArrayValue, Entry, External, Native, ObjectValue, Site, Union, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator

TIME, CRYPTO, CHANCE = "time", "crypto", "chance"
"""What makes a value: the clock; randomness that Workers refuse while a module loads; randomness that they allow."""


MAX_LOOKED_AT = 10_000
"""How many values are looked at to find a fresh one among them."""


@dataclass(slots=True, eq=False)
class Fresh(Unknown):
    """A value that is another one each time. `source` is one of the constants above, `text` the call: `Date.now()`.

    What is computed from it is fresh, too.
    """

    source: str = TIME
    text: str = ""

    def member(self, name: str, ev: Evaluator) -> Value:
        """What is made of it, such as `new Date().toISOString`."""
        return self

    def call(self, site: Site, ev: Evaluator) -> Value:
        """Likewise."""
        return self


@dataclass(slots=True, eq=False)
class _Date(Value):
    """JavaScript's `Date`."""

    def member(self, name: str, ev: Evaluator) -> Value:
        return _maker("Date.now()", TIME) if name == "now" else Unknown(f"Date.{name} is not known")

    def call(self, site: Site, ev: Evaluator) -> Value:
        return _fresh("Date()", TIME)

    def construct(self, site: Site, ev: Evaluator) -> Value:
        if not site.count and not site.gaps:
            return _fresh("new Date()", TIME)
        return site.argument(0) if isinstance(site.argument(0), Fresh) else Unknown("a date")


@dataclass(slots=True, eq=False)
class _GlobalThis(Unknown):
    """JavaScript's `globalThis`. What else it has is looked for as in anything that is not known."""

    known: dict[str, Value] = field(default_factory=dict)

    def member(self, name: str, ev: Evaluator) -> Value:
        return self.known[name] if name in self.known else ev.unknown_member(self, name)


@dataclass(slots=True, eq=False)
class _Identifiers(External):
    """Something of a package whose functions make identifiers."""

    def member(self, name: str, ev: Evaluator) -> Value:
        return _Identifiers(self.package, (*self.path, name), self.importer, self.start, self.end)

    def call(self, site: Site, ev: Evaluator) -> Value:
        name = self.path[-1]
        if name == "customAlphabet":
            return _maker("customAlphabet(…)()", CRYPTO)
        source = CHANCE if self.package in ("nanoid/non-secure", "@paralleldrive/cuid2") else CRYPTO
        return _fresh(f"{name}()", source) if name in _MAKERS[self.package] else Unknown(f"{name}() is not known")


def _fresh(text: str, source: str) -> Fresh:
    return Fresh(f"{text} is another value each time", source=source, text=text)


def _maker(text: str, source: str) -> Native:
    return Native(text, lambda site, ev: _fresh(text, source))


def _keeper(name: str) -> Native:
    """A function whose result is fresh where its argument is."""

    def build(site: Site, ev: Evaluator) -> Value:
        first = site.argument(0)
        return first if isinstance(first, Fresh) else Unknown(f"{name}() is not known")

    return Native(name, build)


def _library(name: str, members: dict[str, Value]) -> ObjectValue:
    result = ObjectValue(gaps=[f"a member of {name} that is not known"])
    result.entries = {key: Entry(partial(_itself, value), "", 0, 0) for key, value in members.items()}
    return result


def _itself(value: Value) -> Value:
    return value


_NUMBERS = ("floor", "round", "ceil", "trunc", "max", "min")


def fresh_globals() -> dict[str, Value]:
    """The names of JavaScript and of the runtime that such values come from, and those that they pass through."""
    crypto = _library("crypto", {"randomUUID": _maker("crypto.randomUUID()", CRYPTO)})
    known: dict[str, Value] = {
        "Date": _Date(),
        "crypto": crypto,
        "performance": _library("performance", {"now": _maker("performance.now()", TIME)}),
        "Math": _library(
            "Math", {"random": _maker("Math.random()", CHANCE), **{name: _keeper(f"Math.{name}") for name in _NUMBERS}}
        ),
        "Number": _keeper("Number"),
        "parseInt": _keeper("parseInt"),
    }
    return {**known, "globalThis": _GlobalThis("a member of globalThis that is not known", known=known)}


_MAKERS = {
    "crypto": ("randomUUID",),
    "node:crypto": ("randomUUID",),
    "nanoid": ("nanoid", "customAlphabet"),
    "nanoid/non-secure": ("nanoid",),
    "uuid": ("v1", "v4", "v6", "v7"),
    "uuidv7": ("uuidv7",),
    "ulid": ("ulid",),
    "ulidx": ("ulid",),
    "@paralleldrive/cuid2": ("createId",),
}


def fresh_values() -> dict[tuple[str, str], Value]:
    """The functions of packages that make identifiers, by (package, name)."""
    return {
        (package, name): _Identifiers(package, (name,))
        for package, names in _MAKERS.items()
        for name in (*names, "default")
    }


def of_operands(*operands: Value, otherwise: str) -> Unknown:
    """The result of an operation that is not known: fresh where an operand is."""
    return next((operand for operand in operands if isinstance(operand, Fresh)), Unknown(otherwise))


def fresh_in(value: Value) -> Fresh | None:
    """The first fresh value in a value: itself, an alternative, a part of its SQL, or something that it holds."""
    pending, seen = [value], dict[int, Value]()
    while pending and len(seen) < MAX_LOOKED_AT:
        current = pending.pop()
        if isinstance(current, Fresh):
            return current
        if id(current) not in seen:
            seen[id(current)] = current
            pending += reversed(_parts_of(current))
    return None


def _parts_of(value: Value) -> list[Value]:
    match value:
        case ObjectValue(entries=entries):
            return [entry.read() for entry in entries.values()]
        case ArrayValue(items=items):
            return items
        case Union(alternatives=parts):
            return list(parts)
        case SqlValue(parts=parts):
            return [part for part in parts if isinstance(part, Value)]
        case _:
            return []
