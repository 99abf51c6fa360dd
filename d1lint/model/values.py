"""What an expression can evaluate to.

A value answers two questions, `member` and `call`, and where it can not, it answers `Unknown` with the reason:
nothing is guessed. The values of Drizzle and of Workers are subclasses in `drizzle/` and `workers.py`; this module has
those of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from d1lint.facts import ir
from d1lint.facts.literals import literal_text

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope

MAX_ITEMS = 10_000
"""How many items or properties something may have; real schemas have some hundreds."""
MAX_TEXT = 100_000
"""How long a text may become, in characters."""


class Value:
    """The base of all values. Values are compared by identity: two tables with equal columns are two tables."""

    __slots__ = ()

    is_builder: ClassVar[bool] = False
    """Whether its methods change it, and return it."""

    def member(self, name: str, ev: Evaluator) -> Value:
        """The value of `self.name`."""
        return Unknown(f"member {name} is not known")

    def with_member(self, name: str, member: Value) -> Value:
        """The same with a member that code puts in the place of its own; itself, where no such member matters."""
        return self

    def parameter_at(self, index: int, ev: Evaluator) -> Value:
        """Of a function: what it is called with, by its type."""
        return Unknown("a parameter of something unknown")

    def call(self, site: Site, ev: Evaluator) -> Value:
        """The value of `self(...)`."""
        return Unknown("the result of this call is not known")

    def construct(self, site: Site, ev: Evaluator) -> Value:
        """The value of `new self(...)`."""
        return Unknown("the class is not known")

    def tagged(self, template: ir.Template, site: Site, ev: Evaluator) -> Value:
        """The value of self`...`."""
        return Unknown("the template's tag is not known")

    def truth(self) -> bool | None:
        """Whether it is truthy; None if that is not known."""
        return True

    def of_its_type(self) -> Value:
        """What is known of another value of which only the type is known: that it is the type of this one."""
        return self

    def awaited(self) -> Value:
        """The value of `await self`: itself, where it is not known that it is something else."""
        return self

    def says_all_of(self, other: Value) -> bool:
        """Of a builder: whether another stage of the same chain says nothing that this one does not."""
        return self is other

    def doubted(self, reason: str) -> Value:
        """Of a builder: itself, where calls may have changed it that are not followed."""
        return Unknown(reason)


@dataclass(slots=True, eq=False)
class Site:
    """Where a call happens: the expression, its scope, and its arguments, evaluated on demand."""

    node: ir.Call | ir.New | ir.Tagged
    scope: Scope
    arguments: Sequence[Callable[[], Value]] = ()
    gaps: tuple[str, ...] = ()
    """Why there may be more arguments than these (a spread of something unknown)."""
    is_later: bool = False
    """Whether the call happens at some later time, as that of a callback does."""

    def argument(self, index: int) -> Value:
        """The value of an argument; UNDEFINED where none is given."""
        if index < len(self.arguments):
            return self.arguments[index]()
        return Unknown(self.gaps[0]) if self.gaps else UNDEFINED

    @property
    def count(self) -> int:
        """How many arguments are given."""
        return len(self.arguments)

    @property
    def node_arguments(self) -> tuple[ir.Expression, ...]:
        """The arguments as they are written."""
        return self.node.args if isinstance(self.node, (ir.Call, ir.New)) else ()


@dataclass(slots=True, eq=False)
class Unknown(Value):
    """A value that is not known, and why. `parameter` marks an untyped parameter of a function."""

    reason: str
    parameter: bool = False

    def member(self, name: str, ev: Evaluator) -> Value:
        """Asks the evaluator's hook for members of unknown objects, which knows names such as `env`."""
        return ev.unknown_member(self, name)

    def call(self, site: Site, ev: Evaluator) -> Value:
        """Unknown, for the same reason."""
        return Unknown(self.reason)

    def truth(self) -> bool | None:
        """Not known."""
        return None


@dataclass(slots=True, eq=False)
class Constant(Value):
    """A string, number, boolean, null or undefined (`undefined` is the object UNDEFINED)."""

    value: str | int | float | bool | None

    def truth(self) -> bool | None:
        """As JavaScript has it."""
        return bool(self.value)

    def member(self, name: str, ev: Evaluator) -> Value:
        """The few methods that table and column names are made with. Only `?.` asks undefined for a member."""
        if self.value is None:
            return UNDEFINED
        return ev.builtin_member(self, name) or Unknown(f"{name} of {self.value!r} is not known")


UNDEFINED = Constant(None)
NULL = Constant(None)


@dataclass(slots=True, eq=False)
class Native(Value):
    """A function that the product itself implements."""

    name: str
    function: Callable[[Site, Evaluator], Value]

    def call(self, site: Site, ev: Evaluator) -> Value:
        """Calls it."""
        return self.function(site, ev)


@dataclass(slots=True, eq=False)
class Entry:
    """A property of an object: its value on demand, and where it is written."""

    read: Callable[[], Value]
    module: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class ObjectValue(Value):
    """An object with known keys. `gaps` says why it may have more, or other values. `is_typed` says that only its type
    is known: there may be no such object. `changers` identifies the variables through which the object changes: all
    values that it has at different times share it.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    is_typed: bool = False
    changers: set[int] = field(default_factory=set)

    def member(self, name: str, ev: Evaluator) -> Value:
        """The property, or UNDEFINED only where the object is wholly known."""
        entry = self.entries.get(name)
        if entry is not None:
            return entry.read()
        return Unknown(self.gaps[0]) if self.gaps else UNDEFINED

    def truth(self) -> bool | None:
        """True, unless only the type is known."""
        return None if self.is_typed else True

    def of_its_type(self) -> Value:
        """Another object with these properties: their values may differ."""
        return ObjectValue(dict(self.entries), [*self.gaps, "an object of which only the type is known"], True)

    def copy(self) -> ObjectValue:
        """The object at another time, still with the same properties."""
        return ObjectValue(dict(self.entries), list(self.gaps), self.is_typed, self.changers)

    def add(self, other: ObjectValue) -> None:
        """Take over the properties of another object, as a spread does."""
        self.entries.update(other.entries)
        self.gaps += other.gaps
        if len(self.entries) > MAX_ITEMS:
            self.entries.clear()
            self.gaps.append("an object that is too large")
        del self.gaps[MAX_ITEMS:]

    def ordered(self) -> list[tuple[str, Entry]]:
        """The properties in the order in which JavaScript lists them: keys that are array indexes come first."""
        indexes = sorted((key for key in self.entries if _is_index(key)), key=int)
        keys = [*indexes, *(key for key in self.entries if not _is_index(key))] if indexes else list(self.entries)
        return [(key, self.entries[key]) for key in keys]


@dataclass(slots=True, eq=False)
class ArrayValue(Value):
    """An array. `gaps` says why it may have more items; `changers` as for an object."""

    items: list[Value] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    changers: set[int] = field(default_factory=set)

    def member(self, name: str, ev: Evaluator) -> Value:
        """An item by its index, or a method."""
        if _is_index(name):
            if self.gaps:
                return Unknown("an item of an array")
            return self.items[int(name)] if int(name) < len(self.items) else UNDEFINED
        return ev.builtin_member(self, name) or Unknown(f"{name} of an array")

    def copy(self) -> ArrayValue:
        """The array at another time, still with the same items."""
        return ArrayValue(list(self.items), list(self.gaps), self.changers)

    def add(self, items: Sequence[Value], gaps: Sequence[str] = ()) -> None:
        """Append items, as a spread or `push` does."""
        self.items += items
        self.gaps += gaps
        if len(self.items) > MAX_ITEMS:
            self.items.clear()
            self.gaps.append("an array that is too long")
        del self.gaps[MAX_ITEMS:]


@dataclass(slots=True, eq=False)
class FunctionValue(Value):
    """A function of the source, with the scope it closes over and its `this`."""

    node: ir.Function
    scope: Scope
    this: Value | None = None

    def call(self, site: Site, ev: Evaluator) -> Value:
        """Inlines it, to a bounded depth."""
        return ev.inline(self, site)

    def parameter_at(self, index: int, ev: Evaluator) -> Value:
        """What its type says."""
        inner, parameters = ev.function_scope(self.node, self.scope), self.node.params
        return ev.parameter(parameters[index], inner) if index < len(parameters) else UNDEFINED

    def construct(self, site: Site, ev: Evaluator) -> Value:
        """An old-style class."""
        return Unknown("a function used as a class")


@dataclass(slots=True, eq=False)
class ClassValue(Value):
    """A class of the source."""

    node: ir.Class
    scope: Scope

    def member(self, name: str, ev: Evaluator) -> Value:
        """A static member."""
        for item in self.node.members:
            if item.is_static and item.name == name:
                if isinstance(item.value, ir.Function):
                    function = FunctionValue(item.value, self.scope, self)
                    return ev.apply(function, [], None) if item.kind == "get" else function
                if item.value is not None:
                    return ev.evaluate(item.value, self.scope)
                if item.type is not None:
                    return ev.of_type(item.type, self.scope)
        return Unknown(f"static member {name} is not known")

    def construct(self, site: Site, ev: Evaluator) -> Value:
        """An instance, whose constructor has these arguments."""
        return Instance(self, site)


@dataclass(slots=True, eq=False)
class Instance(Value):
    """An instance of a class; without a `site` its constructor's arguments are known by their types only."""

    cls: ClassValue
    site: Site | None = None
    _members: dict[str, Value] = field(default_factory=dict)

    def member(self, name: str, ev: Evaluator) -> Value:
        """A field, a constructor's property, a method or a getter, of the class or its bases."""
        if name not in self._members:
            self._members[name] = Unknown("a field that depends on itself")
            self._members[name] = ev.instance_member(self, name)
        return self._members[name]


@dataclass(slots=True, eq=False)
class Namespace(Value):
    """A module of the repository as one object (`import * as schema`)."""

    module: str

    def member(self, name: str, ev: Evaluator) -> Value:
        """What the module exports under the name."""
        return ev.exported(self.module, name)


@dataclass(slots=True, eq=False)
class External(Value):
    """Something of an installed package or of the runtime: `package` is the specifier, `path` the names below it.

    `importer` is the module that imports it, `start` and `end` its import statement there.
    """

    package: str
    path: tuple[str, ...]
    importer: str = ""
    start: int = 0
    end: int = 0

    def member(self, name: str, ev: Evaluator) -> Value:
        """A name below it."""
        return ev.external(External(self.package, (*self.path, name), self.importer, self.start, self.end))

    def call(self, site: Site, ev: Evaluator) -> Value:
        """Not known: what is known of packages are values of their own. A method may say what it is by its name."""
        unknown = Unknown(f"{'.'.join(self.path) or 'it'} of {self.package} is not known")
        return ev.unknown_member(unknown, self.path[-1]).call(site, ev) if len(self.path) > 1 else unknown

    def construct(self, site: Site, ev: Evaluator) -> Value:
        """Not known, likewise."""
        return Unknown(f"{'.'.join(self.path) or 'it'} of {self.package} is not known")

    def truth(self) -> bool | None:
        """Not known: it may be a value of any kind."""
        return None


@dataclass(slots=True, eq=False)
class Union(Value):
    """One of several values: the branches of a condition."""

    alternatives: tuple[Value, ...]

    def member(self, name: str, ev: Evaluator) -> Value:
        """The member of each that can have one."""
        return join([a.member(name, ev) for a in self.alternatives if not _is_nothing(a)])

    def call(self, site: Site, ev: Evaluator) -> Value:
        """The result of each that can be called."""
        return join([a.call(site, ev) for a in self.alternatives if not _is_nothing(a)])

    def tagged(self, template: ir.Template, site: Site, ev: Evaluator) -> Value:
        """The result of each."""
        return join([a.tagged(template, site, ev) for a in self.alternatives if not _is_nothing(a)])

    def awaited(self) -> Value:
        """What awaiting each gives."""
        return join([a.awaited() for a in self.alternatives])

    def truth(self) -> bool | None:
        """Known where all agree."""
        truths = {a.truth() for a in self.alternatives}
        return truths.pop() if len(truths) == 1 else None


@dataclass(slots=True, eq=False)
class Intersection(Value):
    """A value of the type `A & B`: it has the members of each."""

    parts: tuple[Value, ...]

    def member(self, name: str, ev: Evaluator) -> Value:
        """The first part's that knows it."""
        members = [part.member(name, ev) for part in self.parts]
        known = [m for m in members if not isinstance(m, Unknown) and not _is_nothing(m)]
        return known[0] if known else Unknown(f"member {name} is not known")

    def call(self, site: Site, ev: Evaluator) -> Value:
        """The first part's result that is known."""
        for part in self.parts:
            result = part.call(site, ev)
            if not isinstance(result, Unknown):
                return result
        return Unknown("the result of this call is not known")


@dataclass(slots=True, eq=False)
class TypedFunction(Value):
    """A function of which only the type of its result is known."""

    returns: ir.Type
    scope: Scope

    def call(self, site: Site, ev: Evaluator) -> Value:
        """A value of that type."""
        return ev.of_type(self.returns, self.scope)


@dataclass(slots=True, eq=False)
class Parameters(Value):
    """The parameters of a function, of which only the types are known: `Parameters<typeof f>`."""

    function: Value

    def member(self, name: str, ev: Evaluator) -> Value:
        """One of them, by its index."""
        return self.function.parameter_at(int(name), ev) if name.isdecimal() else Unknown("a member of parameters")


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is None


def join(values: Sequence[Value]) -> Value:
    """One value for several alternatives."""
    flat: list[Value] = []
    for value in values:
        for alternative in alternatives(value):
            if not any(same(alternative, other) for other in flat):
                flat.append(alternative)
    if not flat:
        return UNDEFINED
    return flat[0] if len(flat) == 1 else Union(tuple(flat[:16]))


def alternatives(value: Value) -> Iterator[Value]:
    """The values that it can be; itself, if it is not a Union."""
    if isinstance(value, Union):
        yield from value.alternatives
    else:
        yield value


def same(a: Value, b: Value) -> bool:
    """Whether two values are known to be the same one."""
    return a is b or (isinstance(a, Constant) and isinstance(b, Constant) and a.value == b.value)


def text_of(value: Value) -> str | None:
    """The string that a value is, if it is one."""
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else None


def key_of(value: Value) -> str | None:
    """The key that a value is as a computed one: `object[value]`."""
    if value is UNDEFINED:
        return "undefined"
    return literal_text(value.value) if isinstance(value, Constant) else None


def with_gap(value: Value, reason: str) -> Value:
    """A copy of an object or array that may hold more or other things; another value as it is."""
    match value:
        case ObjectValue() | ArrayValue():
            changed = value.copy()
            changed.gaps.append(reason)
            return changed
        case Union(alternatives=parts):
            return Union(tuple(with_gap(part, reason) for part in parts))
        case _:
            return value


def later_items(value: Value, start: int) -> Value:
    """What `[…, ...rest]` takes: the items from an index on."""
    if isinstance(value, ArrayValue) and not value.gaps:
        return ArrayValue(value.items[start:])
    return Unknown("the rest of something unknown")


def option(options: Value, name: str, ev: Evaluator) -> Value:
    """A property of an object of options; Unknown where something unknown may have replaced it."""
    if isinstance(options, ObjectValue):
        return Unknown(options.gaps[0]) if options.gaps else options.member(name, ev)
    if isinstance(options, Constant):
        return UNDEFINED
    reason = options.reason if isinstance(options, Unknown) else "the options are not known"
    return Unknown(reason)


def _is_index(key: str) -> bool:
    """Whether a key is an array index: digits without a leading zero."""
    return key.isascii() and key.isdigit() and (key == "0" or key[0] != "0") and len(key) < 10
