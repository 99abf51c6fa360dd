"""What JavaScript itself brings: `Object.entries`, `list.map`, `name.toUpperCase` and their like.

Only what schemas are built with is here. Each answers only where it knows everything it needs; the rest is Unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.facts.literals import literal_text
from d1lint.facts.nodes import nodes
from d1lint.model.values import (
    MAX_TEXT,
    UNDEFINED,
    ArrayValue,
    Constant,
    Entry,
    FunctionValue,
    Native,
    ObjectValue,
    Site,
    Unknown,
    Value,
    key_of,
    text_of,
    with_gap,
)

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator


def _itself(value: Value) -> Value:
    return value


def _entry(value: Value, site: Site) -> Entry:
    return Entry(partial(_itself, value), site.scope.module, site.node.start, site.node.end)


# --- Object ------------------------------------------------------------------------------------------------------


def assign(target: Value, sources: Iterable[Value], ev: Evaluator) -> Value:
    """The target with the properties of the sources: what `Object.assign` returns."""
    own = ev.entries_of(target)
    if own is None:
        return _with_members(target, sources, ev)
    result = own.copy()
    for source in sources:
        ev.spread_into(result, source)
    return result


def _with_members(target: Value, sources: Iterable[Value], ev: Evaluator) -> Value:
    result = target
    for source in sources:
        given = ev.entries_of(source)
        if given is None or given.gaps:
            return Unknown("Object.assign of something unknown")
        for key, entry in given.ordered():
            result = result.with_member(key, entry.read())
    return result if result is not target else Unknown("Object.assign to something unknown")


def _assign(site: Site, ev: Evaluator) -> Value:
    result = assign(site.argument(0), [site.argument(index) for index in range(1, site.count)], ev)
    return with_gap(result, site.gaps[0]) if site.gaps else result


def _pairs(value: Value, ev: Evaluator) -> tuple[list[tuple[str, Entry]], list[str]]:
    found = ev.entries_of(value)
    if found is not None:
        return found.ordered(), found.gaps
    return [], [value.reason if isinstance(value, Unknown) else "the properties of something unknown"]


def _entries(site: Site, ev: Evaluator) -> Value:
    pairs, gaps = _pairs(site.argument(0), ev)
    return ArrayValue([ArrayValue([Constant(key), entry.read()]) for key, entry in pairs], list(gaps))


def _keys(site: Site, ev: Evaluator) -> Value:
    pairs, gaps = _pairs(site.argument(0), ev)
    return ArrayValue([Constant(key) for key, _ in pairs], list(gaps))


def _values(site: Site, ev: Evaluator) -> Value:
    pairs, gaps = _pairs(site.argument(0), ev)
    return ArrayValue([entry.read() for _, entry in pairs], list(gaps))


def _from_entries(site: Site, ev: Evaluator) -> Value:
    pairs = site.argument(0)
    if not isinstance(pairs, ArrayValue):
        return Unknown("Object.fromEntries of something unknown")
    result = ObjectValue(gaps=list(pairs.gaps))
    for pair in pairs.items:
        key = key_of(pair.member("0", ev))
        if key is None:
            result.gaps.append("a key of Object.fromEntries that is not known")
        else:
            result.entries[key] = _entry(pair.member("1", ev), site)
    return result


def _array_from(site: Site, ev: Evaluator) -> Value:
    source, function = site.argument(0), site.argument(1)
    if not isinstance(source, ArrayValue):
        return Unknown("Array.from something unknown")
    return _map(source, function, ev, site) if site.count > 1 else ArrayValue(list(source.items), list(source.gaps))


def _is_array(site: Site, ev: Evaluator) -> Value:
    value = site.argument(0)
    if isinstance(value, ArrayValue):
        return Constant(True)
    return Constant(False) if isinstance(value, (ObjectValue, Constant, FunctionValue)) else Unknown("Array.isArray")


def _string(site: Site, ev: Evaluator) -> Value:
    value = site.argument(0)
    if isinstance(value, Unknown):
        return value
    return (
        Constant(literal_text(value.value))
        if isinstance(value, Constant) and value is not UNDEFINED
        else Unknown("String()")
    )


def _boolean(site: Site, ev: Evaluator) -> Value:
    truth = site.argument(0).truth()
    return Constant(truth) if truth is not None else Unknown("Boolean()")


def _library(functions: dict[str, Callable[[Site, Evaluator], Value]]) -> ObjectValue:
    result = ObjectValue(gaps=["a function of JavaScript that is not known"])
    for name, function in functions.items():
        result.entries[name] = Entry(partial(_itself, Native(name, function)), "", 0, 0)
    return result


def _same(site: Site, ev: Evaluator) -> Value:
    return site.argument(0)


class _Proxy(Value):
    """`Proxy`, whose `get` trap may answer for the members that it names."""

    __slots__ = ()

    def construct(self, site: Site, ev: Evaluator) -> Value:
        """What it stands for, with these members unknown."""
        target, handler = site.argument(0), ev.entries_of(site.argument(1))
        trap = handler.entries["get"].read() if handler is not None and "get" in handler.entries else None
        if not isinstance(trap, FunctionValue):
            return Unknown("a Proxy")
        result = target
        for node in nodes(trap.node):
            if isinstance(node, ir.Literal) and isinstance(node.value, str):
                result = result.with_member(node.value, Unknown("a Proxy answers for it"))
        return result if result is not target else Unknown("a Proxy")


class _Collection(Value):
    """A Map or a Set. What is in it is not followed, but its methods are its own: `seen.delete(table)` is no query."""

    __slots__ = ()

    def member(self, name: str, ev: Evaluator) -> Value:
        return _CollectionMethod()


class _CollectionMethod(Value):
    __slots__ = ()

    def call(self, site: Site, ev: Evaluator) -> Value:
        return Unknown("what a Map or a Set holds")


class _CollectionClass(Value):
    __slots__ = ()

    def construct(self, site: Site, ev: Evaluator) -> Value:
        return _Collection()


_COLLECTIONS = ("Map", "Set", "WeakMap", "WeakSet", "ReadonlyMap", "ReadonlySet")
GLOBAL_TYPES: dict[str, Value] = dict.fromkeys(_COLLECTIONS, _Collection())
"""What values are whose types have these names, wherever nothing else has the name."""

GLOBALS: dict[str, Value] = {
    **dict.fromkeys(_COLLECTIONS, _CollectionClass()),
    "Object": _library(
        {
            "assign": _assign,
            "entries": _entries,
            "keys": _keys,
            "values": _values,
            "fromEntries": _from_entries,
            "freeze": _same,
            "seal": _same,
        }
    ),
    "Array": _library({"from": _array_from, "isArray": _is_array, "of": lambda site, ev: _rest(site, 0)}),
    "String": Native("String", _string),
    "Boolean": Native("Boolean", _boolean),
    "Proxy": _Proxy(),
}
"""The names that every module can use."""


# --- arrays ------------------------------------------------------------------------------------------------------


def _rest(site: Site, start: int) -> ArrayValue:
    return ArrayValue([site.argument(index) for index in range(start, site.count)], list(site.gaps))


def _call(function: Value, arguments: Sequence[Value], ev: Evaluator, site: Site) -> Value:
    return ev.apply(function, arguments, site, is_later=False)


def _map(array: ArrayValue, function: Value, ev: Evaluator, site: Site) -> ArrayValue:
    items = [_call(function, [item, Constant(index), array], ev, site) for index, item in enumerate(array.items)]
    return ArrayValue(items, list(array.gaps))


def _flat(array: ArrayValue) -> ArrayValue:
    result = ArrayValue(gaps=list(array.gaps))
    for item in array.items:
        match item:
            case ArrayValue(items=items, gaps=gaps):
                result.add(items, gaps)
            case Unknown(reason=reason):
                result.gaps.append(reason)
            case _:
                result.add([item])
    return result


def _filter(array: ArrayValue, site: Site, ev: Evaluator) -> Value:
    result = ArrayValue(gaps=list(array.gaps))
    for index, item in enumerate(array.items):
        truth = _call(site.argument(0), [item, Constant(index), array], ev, site).truth()
        if truth is None:
            result.gaps.append("a filter that is not known")
        elif truth:
            result.items.append(item)
    return result


def _find(array: ArrayValue, site: Site, ev: Evaluator) -> Value:
    for index, item in enumerate(array.items):
        truth = _call(site.argument(0), [item, Constant(index), array], ev, site).truth()
        if truth is None:
            return Unknown("an item that is looked for")
        if truth:
            return item
    return Unknown(array.gaps[0]) if array.gaps else UNDEFINED


def _reduce(array: ArrayValue, site: Site, ev: Evaluator) -> Value:
    items = list(enumerate(array.items))
    if array.gaps or site.gaps:
        return Unknown("reduce() over something unknown")
    if site.count > 1:
        result = site.argument(1)
    elif items:
        result = items.pop(0)[1]
    else:
        return Unknown("reduce() of nothing")
    for index, item in items:
        result = _call(site.argument(0), [result, item, Constant(index), array], ev, site)
    return result


def _concat(array: ArrayValue, site: Site, ev: Evaluator) -> Value:
    return _flat(ArrayValue([array, *_rest(site, 0).items], list(site.gaps)))


def _slice(array: ArrayValue, site: Site, ev: Evaluator) -> Value:
    bounds = _bounds(site)
    if bounds is None or array.gaps:
        return with_gap(array, "a slice")
    return ArrayValue(array.items[slice(*bounds)])


def _join(array: ArrayValue, site: Site, ev: Evaluator) -> Value:
    separator = text_of(site.argument(0)) if site.count else ","
    if separator is None or array.gaps or not all(isinstance(item, Constant) for item in array.items):
        return Unknown("join() of something unknown")
    parts = [
        "" if item.value is None else literal_text(item.value) for item in array.items if isinstance(item, Constant)
    ]
    return constant_text(separator.join(parts))


def _at(array: ArrayValue, site: Site, ev: Evaluator) -> Value:
    index = _integer(site.argument(0))
    if array.gaps or index is None:
        return Unknown("an item of an array")
    return array.items[index] if -len(array.items) <= index < len(array.items) else UNDEFINED


def _includes(array: ArrayValue, site: Site, ev: Evaluator) -> Value:
    wanted = site.argument(0)
    if array.gaps or not all(isinstance(item, Constant) for item in (wanted, *array.items)):
        return Unknown("includes() of something unknown")
    return Constant(any(is_equal(item, wanted) is True for item in array.items))


_ARRAY_METHODS: dict[str, Callable[[ArrayValue, Site, Evaluator], Value]] = {
    "map": lambda array, site, ev: _map(array, site.argument(0), ev, site),
    "flatMap": lambda array, site, ev: _flat(_map(array, site.argument(0), ev, site)),
    "flat": lambda array, site, ev: _flat(array) if not site.count else with_gap(array, "flat() to a depth"),
    "filter": _filter,
    "find": _find,
    "reduce": _reduce,
    "concat": _concat,
    "slice": _slice,
    "join": _join,
    "at": _at,
    "includes": _includes,
    "reverse": lambda array, site, ev: ArrayValue(array.items[::-1], list(array.gaps)),
    "toReversed": lambda array, site, ev: ArrayValue(array.items[::-1], list(array.gaps)),
    "sort": lambda array, site, ev: with_gap(array, "a list in an order that is not known"),
    "toSorted": lambda array, site, ev: with_gap(array, "a list in an order that is not known"),
    "forEach": lambda array, site, ev: UNDEFINED,
    "values": lambda array, site, ev: array,
    "entries": lambda array, site, ev: ArrayValue(
        [ArrayValue([Constant(index), item]) for index, item in enumerate(array.items)], list(array.gaps)
    ),
}


# --- strings -----------------------------------------------------------------------------------------------------


def constant_text(text: str) -> Value:
    """A string, unless it has become too long."""
    return Constant(text) if len(text) <= MAX_TEXT else Unknown("a text that is too long")


def _integer(value: Value) -> int | None:
    if isinstance(value, Constant) and isinstance(value.value, int) and not isinstance(value.value, bool):
        return value.value
    return None


def _bounds(site: Site) -> tuple[int | None, int | None] | None:
    """The arguments of `slice`; None if they are not known."""
    found: list[int | None] = []
    for index in range(2):
        given = site.argument(index)
        number = _integer(given)
        if number is None and given is not UNDEFINED:
            return None
        found.append(number)
    return found[0], found[1]


def _text_slice(text: str, site: Site) -> Value:
    bounds = _bounds(site)
    return Constant(text[slice(*bounds)]) if bounds is not None and text.isascii() else Unknown("a slice of a string")


def _text_at(text: str, site: Site) -> Value:
    index = _integer(site.argument(0))
    if index is None or not text.isascii() or not 0 <= index < len(text):
        return Unknown("a character of a string")
    return Constant(text[index])


def _text_concat(text: str, site: Site) -> Value:
    parts = [site.argument(index) for index in range(site.count)]
    if site.gaps or not all(isinstance(part, Constant) and part is not UNDEFINED for part in parts):
        return Unknown("concat() of something unknown")
    return constant_text(text + "".join(literal_text(part.value) for part in parts if isinstance(part, Constant)))


def _replace(count: int, text: str, site: Site) -> Value:
    old, new = text_of(site.argument(0)), text_of(site.argument(1))
    if old is None or new is None or "$" in new or not old:
        return Unknown("a replacement in a string")
    return constant_text(text.replace(old, new, count))


def _split(text: str, site: Site) -> Value:
    separator = text_of(site.argument(0))
    if not separator or site.count > 1:
        return Unknown("split() of a string")
    return ArrayValue([Constant(part) for part in text.split(separator)])


def _text_test(test: Callable[[str, str], bool], text: str, site: Site) -> Value:
    wanted = text_of(site.argument(0))
    return Constant(test(text, wanted)) if wanted is not None and site.count == 1 else Unknown("a test of a string")


_STRING_METHODS: dict[str, Callable[[str, Site], Value]] = {
    "toLowerCase": lambda text, site: Constant(text.lower()),
    "toUpperCase": lambda text, site: Constant(text.upper()),
    "trim": lambda text, site: Constant(text.strip()),
    "toString": lambda text, site: Constant(text),
    "slice": _text_slice,
    "charAt": _text_at,
    "at": _text_at,
    "concat": _text_concat,
    "replace": partial(_replace, 1),
    "replaceAll": partial(_replace, -1),
    "split": _split,
    "startsWith": partial(_text_test, str.startswith),
    "endsWith": partial(_text_test, str.endswith),
    "includes": partial(_text_test, str.__contains__),
}


# --- operators ---------------------------------------------------------------------------------------------------


def _kind(value: Constant) -> str:
    if value.value is None:
        return "undefined" if value is UNDEFINED else "null"
    if isinstance(value.value, bool):
        return "boolean"
    return "string" if isinstance(value.value, str) else "number"


def is_equal(a: Value, b: Value, is_loose: bool = False) -> bool | None:
    """Whether two values are equal (`===`, or loosely `==`); None if that is not known."""
    if isinstance(a, Constant) and isinstance(b, Constant):
        kinds = _kind(a), _kind(b)
        if kinds[0] == kinds[1]:
            return a.value == b.value
        if not is_loose:
            return False
        return True if a.value is None and b.value is None else False if None in (a.value, b.value) else None
    return None


def type_name(value: Value) -> Value:
    """`typeof value`."""
    match value:
        case Constant():
            kind = _kind(value)
            return Constant("object" if kind == "null" else kind)
        case ObjectValue(is_typed=False) | ArrayValue():
            return Constant("object")
        case FunctionValue() | Native():
            return Constant("function")
        case _:
            return Unknown("the type of something unknown")


def operation(operator: str, left: Constant, right: Constant) -> Value:
    """A binary operator on two known values."""
    if operator in ("===", "!==", "==", "!="):
        equal = is_equal(left, right, len(operator) == 2)
        return Constant(equal is (operator[0] == "=")) if equal is not None else Unknown("a loose comparison")
    a, b = left.value, right.value
    if left is UNDEFINED or right is UNDEFINED:
        return Unknown("an operation on something undefined")
    if operator == "+" and (isinstance(a, str) or isinstance(b, str)):
        return constant_text(literal_text(a) + literal_text(b))
    if isinstance(a, bool) or isinstance(b, bool):
        return Unknown(f"the operator {operator} on a boolean")
    if isinstance(a, str) and isinstance(b, str):
        return (
            Constant(_COMPARISONS[operator](a, b)) if operator in _COMPARISONS else Unknown(f"the operator {operator}")
        )
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and operator in _ARITHMETIC:
        try:
            result = _ARITHMETIC[operator](float(a), float(b))
        except (ArithmeticError, TypeError, ValueError):
            return Unknown(f"the operator {operator}")
        is_whole = isinstance(result, float) and result.is_integer() and abs(result) < 2**53
        return Constant(int(result) if is_whole else result)
    return Unknown(f"the operator {operator}")


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "<": str.__lt__,
    ">": str.__gt__,
    "<=": str.__le__,
    ">=": str.__ge__,
}


def _remainder(a: float, b: float) -> float:
    if a < 0 or b <= 0:
        raise ValueError  # the signs differ from Python's
    return a % b


_ARITHMETIC: dict[str, Callable[[float, float], float | bool]] = {
    "+": float.__add__,
    "-": float.__sub__,
    "*": float.__mul__,
    "/": float.__truediv__,
    "%": _remainder,
    "**": lambda a, b: float(a**b),
    "<": float.__lt__,
    ">": float.__gt__,
    "<=": float.__le__,
    ">=": float.__ge__,
}


def member(value: Value, name: str) -> Value | None:
    """A method or property that an array or a string has by itself; None if it is not known."""
    if isinstance(value, ArrayValue):
        if name == "length":
            return Unknown(value.gaps[0]) if value.gaps else Constant(len(value.items))
        of_array = _ARRAY_METHODS.get(name)
        return Native(name, partial(_on_array, of_array, value)) if of_array is not None else None
    text = text_of(value)
    if text is None:
        return None
    if name == "length":
        return Constant(len(text)) if text.isascii() else None
    of_string = _STRING_METHODS.get(name)
    return Native(name, partial(_on_string, of_string, text)) if of_string is not None else None


def _on_array(
    method: Callable[[ArrayValue, Site, Evaluator], Value], array: ArrayValue, site: Site, ev: Evaluator
) -> Value:
    return method(array, site, ev)


def _on_string(method: Callable[[str, Site], Value], text: str, site: Site, ev: Evaluator) -> Value:
    return method(text, site)
