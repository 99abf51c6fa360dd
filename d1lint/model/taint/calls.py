"""What calls give: of functions of the repository, of JavaScript's own, of schemas, and of what frameworks hand in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.taint.definitions import ELEMENT, KEYS, Steps
from d1lint.model.taint.guards import is_closed_regex
from d1lint.model.taint.queried import queried
from d1lint.model.taint.requests import READER_PACKAGES, REQUEST_READERS
from d1lint.model.taint.sources import NOTHING, Frame, Given, Kind, Sources, doubtful
from d1lint.model.taint.surroundings import results_of
from d1lint.model.taint.types import Says
from d1lint.model.values import FunctionValue

if TYPE_CHECKING:
    from d1lint.model.scope import Scope
    from d1lint.model.taint.trace import Tracer

MAX_FRAMES = 6
"""How many calls may be followed into each other."""

_SAME_TEXT = frozenset(
    {"toLowerCase", "toUpperCase", "toLocaleLowerCase", "toLocaleUpperCase", "trim", "trimStart", "trimEnd",
     "substring", "substr", "padStart", "padEnd", "repeat", "normalize", "charAt", "toString", "valueOf", "slice",
     "toSorted",
     "reverse", "toReversed", "sort", "catch", "finally", "values", "flat", "splice"}
)  # fmt: skip
_PLAIN = frozenset(
    {"toISOString", "toJSON", "toLocaleString", "toLocaleDateString", "toUTCString", "has", "includes", "startsWith",
     "endsWith", "some", "every", "test"}
)  # fmt: skip
_NUMBERS = frozenset({"getTime", "indexOf", "lastIndexOf", "findIndex", "charCodeAt", "codePointAt", "toFixed", "push"})
_ITEM = frozenset({"find", "findLast", "at", "pop", "shift"})
_TO_NUMBER = frozenset({"Number", "parseInt", "parseFloat", "BigInt"})
_NUMBER_TESTS = frozenset({"isInteger", "isSafeInteger", "isFinite"})
_SAME = frozenset({"String", "decodeURIComponent", "decodeURI", "structuredClone", "unescape", "atob"})
_SCHEMA_NAMES = frozenset({"getTableName", "getTableColumns", "getTableConfig", "getColumns", "getTableUniqueName"})


class Calls:
    """Follows what calls give."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def of(self, node: ir.Call, given: Given, scope: Scope) -> Sources:
        """The sources of what a call gives."""
        callee, steps = node.callee, given.steps
        functions = self._tracer.functions(callee, given.path)
        if functions:
            return NOTHING.union(*(self._returned(function, node, given) for function in functions))
        if isinstance(callee, ir.Name):
            return self._named_call(callee, node, given)
        if not isinstance(callee, ir.Member):
            return self._tracer.source(Kind.UNKNOWN, given)
        if isinstance(callee.object, ir.Name):
            found = self._library(callee.object.name, callee.name, node, given)
            if found is not None:
                return found
        if callee.name in ("parse", "safeParse", "parseAsync", "safeParseAsync", "decode") and node.args:
            return self._parsed(callee, node, given)
        if callee.name == "valid" and node.args:
            return self._valid(node, given)
        read = queried(self._tracer, node, given, scope)
        return read if read is not None else self._method(callee, node, given, steps)

    def _returned(self, function: FunctionValue, call: ir.Call, given: Given) -> Sources:
        node = function.node
        if any(frame.function is node for frame in given.frames):
            return NOTHING
        if len(given.frames) >= MAX_FRAMES or node.kind == "generator":
            return self._tracer.source(Kind.UNKNOWN, given)
        frame = Frame(node, tuple(given.beside(arg, ()) for arg in call.args))
        return self._results(node, function.scope.module, given.steps, (*given.frames, frame))

    def _results(self, function: ir.Function, path: str, steps: Steps, frames: tuple[Frame, ...]) -> Sources:
        results = results_of(function)
        return NOTHING.union(*(self._tracer.trace(Given(result, path, steps, frames)) for result in results))

    def _named_call(self, callee: ir.Name, node: ir.Call, given: Given) -> Sources:
        name, definition = callee.name, self._tracer.definitions.of(callee.name, given.path, callee.start)
        item = definition.node if definition is not None else None
        if definition is None and name in _TO_NUMBER:
            return self._tracer.number(node.args, given)
        if definition is None and name == "Boolean":
            return NOTHING
        if definition is None and name in _SAME:
            return self._tracer.all_of(node.args[:1], given, given.steps)
        if isinstance(item, ir.Import) and item.imported in _SCHEMA_NAMES:
            return NOTHING
        is_reader = definition is None or (isinstance(item, ir.Import) and READER_PACKAGES.match(item.specifier))
        if name in REQUEST_READERS and is_reader:
            return self._tracer.source(Kind.REQUEST, given)
        return self._tracer.source(Kind.UNKNOWN, given)

    def _library(self, owner: str, name: str, node: ir.Call, given: Given) -> Sources | None:
        """The result of a function of JavaScript's own objects; None for others."""
        steps, first = given.steps, node.args[:1]
        is_item = bool(steps) and (steps[0] == ELEMENT or steps[0][1:].isdigit())
        if owner == "Object" and name in ("keys", "getOwnPropertyNames"):
            return self._tracer.all_of(first, given, (KEYS, *steps[1:]))
        if owner == "Object" and name == "values":
            return self._tracer.all_of(first, given, (ELEMENT, *steps[1:]))
        if owner == "Object" and name == "entries":
            return self._entries(first, given)
        if owner == "Object" and name == "fromEntries" and steps:
            part = ".0" if steps[0] == KEYS else ".1"
            return self._tracer.all_of(first, given, (ELEMENT, part, *steps[1:]))
        if owner == "Object" and name in ("freeze", "seal"):
            return self._tracer.all_of(first, given, steps)
        if owner == "Object" and name == "assign":
            return self._tracer.all_of(node.args, given, steps)
        if owner == "JSON" and name in ("parse", "stringify"):
            return self._tracer.all_of(first, given, () if name == "parse" else (ELEMENT,))
        if owner == "Array" and name == "from":
            if len(node.args) > 1 and is_item:
                item = given.beside(node.args[0], (ELEMENT,))
                return self._mapped(node.args[1], item, steps[1:], given)
            return self._tracer.all_of(first, given, steps)
        if owner == "Array" and name == "of":
            return self._tracer.all_of(node.args, given, steps[1:])
        if owner in ("Math", "Number"):
            return self._tracer.number(node.args, given)
        if owner == "Date":
            return self._tracer.source(Kind.NUMBER, given, node)
        return None

    def _entries(self, listed: Iterable[ir.Expression], given: Given) -> Sources:
        """`[key, value]` of each property."""
        rest = given.steps[1:]
        if not rest:
            return self._tracer.all_of(listed, given, (KEYS,)) | self._tracer.all_of(listed, given, (ELEMENT,))
        return self._tracer.all_of(listed, given, (KEYS if rest[0] == ".0" else ELEMENT, *rest[1:]))

    def _mapped(self, function: ir.Expression, item: Given, steps: Steps, given: Given) -> Sources:
        """What a function makes of something: of an item, of what a promise brings."""
        functions = self._tracer.functions(function, given.path)
        if not functions and isinstance(function, (ir.Name, ir.Member)):
            found = self._converted(function, item, steps, given)
            if found is not None:
                return found
        if not functions or len(given.frames) >= MAX_FRAMES:
            return self._tracer.source(Kind.UNKNOWN, given, function)
        found = NOTHING
        for value in functions:
            index = Given(ir.Literal(0, function.start, function.start), given.path)
            frame = Frame(value.node, (item, index, Given(item.node, item.path, item.steps[:-1], item.frames)))
            found |= self._results(value.node, value.scope.module, steps, (*given.frames, frame))
        return found

    def _converted(self, function: ir.Name | ir.Member, item: Given, steps: Steps, given: Given) -> Sources | None:
        """What a function of JavaScript's own makes of something, as in `map(Number)`; None for other functions."""
        name, owner = function.name, function.object if isinstance(function, ir.Member) else function
        if not isinstance(owner, ir.Name):
            return None
        if self._tracer.definitions.of(owner.name, given.path, owner.start) is not None:
            return None
        is_number = name in _TO_NUMBER if owner is function else owner.name in ("Math", "Number")
        if is_number:
            return self._tracer.source(Kind.NUMBER, given, function) if self._tracer.trace(item) else NOTHING
        if owner is function and name == "Boolean":
            return NOTHING
        if owner is function and name in _SAME:
            return self._tracer.trace(Given(item.node, item.path, (*item.steps, *steps), item.frames))
        return None

    def _method(self, callee: ir.Member, node: ir.Call, given: Given, steps: Steps) -> Sources:
        """The result of a method that the source does not define: of texts, lists, and of what frameworks hand in."""
        name, args = callee.name, node.args
        own = given.beside(callee.object, steps)
        items = given.beside(callee.object, (ELEMENT,))
        if name in _PLAIN:
            return NOTHING
        if name in _NUMBERS:
            return self._tracer.source(Kind.NUMBER, given, node)
        if name in _SAME_TEXT:
            return self._tracer.trace(own)
        if name == "concat":
            return self._tracer.trace(own) | self._tracer.all_of(args, given, steps)
        if name == "split":
            return self._tracer.trace(given.inner(callee.object, ()))
        if name == "join":
            return self._tracer.trace(items) | self._tracer.all_of(args[:1], given, ())
        if name in ("replace", "replaceAll"):
            return self._replaced(node, own, given)
        if name in ("map", "flatMap") and args:
            return self._mapped(args[0], items, steps if name == "flatMap" else steps[1:], given)
        if name in ("filter", *_ITEM) and args and self._is_closing(args[0], given.path):
            return NOTHING
        if name == "filter":
            return self._tracer.trace(own)
        if name in _ITEM:
            return self._tracer.trace(given.inner(callee.object, (ELEMENT, *steps)))
        if name == "keys" and not args:
            return self._tracer.trace(given.inner(callee.object, (KEYS, *steps[1:])))
        if name == "entries" and not args:
            return self._entries((callee.object,), given)
        if name in ("reduce", "reduceRight") and args:
            start = tuple(given.beside(arg, ()) for arg in args[1:2]) or (items,)
            return self._tracer.all_of(args[1:2], given, steps) | self._reduced(args[0], (*start, items), given)
        if name == "then" and args:
            return self._mapped(args[0], given.beside(callee.object, ()), steps, given)
        return self._tracer.trace(given.inner(callee.object, (f"{name}()", *steps)))

    def _reduced(self, function: ir.Expression, arguments: tuple[Given, ...], given: Given) -> Sources:
        found = NOTHING
        for value in self._tracer.functions(function, given.path):
            frame = Frame(value.node, arguments)
            found |= self._results(value.node, value.scope.module, given.steps, (*given.frames, frame))
        return found

    def _is_closing(self, function: ir.Expression, path: str) -> bool:
        """Whether a function holds only for known values, or only for numbers."""
        match function:
            case ir.Member(object=ir.Name(name="Number"), name=name) if name in _NUMBER_TESTS:
                return True
            case _:
                pass
        functions = self._tracer.functions(function, path)
        return bool(functions) and all(self._tracer.guards.is_predicate(each, 0, True) for each in functions)

    def _replaced(self, node: ir.Call, own: Given, given: Given) -> Sources:
        """A text in which something is replaced: cleaned or escaped, or still what it was."""
        found = self._tracer.trace(own)
        pattern = node.args[0] if node.args else None
        written = self._tracer.written(pattern, given.path) if pattern is not None else ""
        is_cleaned = any(quote in written[1:-1] for quote in ("'", '"', "`")) or written[1:-1] in ("'", '"', "`")
        if isinstance(pattern, ir.Opaque) and pattern.reason == "regex":
            is_cleaned = is_cleaned or is_closed_regex(written, False)
        elif not isinstance(pattern, ir.Literal):
            is_cleaned = True  # a pattern that is not known may well clean it
        found |= self._tracer.all_of(node.args[1:2], given, ())
        return doubtful(found) if is_cleaned else found

    def _parsed(self, callee: ir.Member, node: ir.Call, given: Given) -> Sources:
        """What a schema lets through."""
        steps = given.steps[1:] if callee.name.startswith("safe") and given.steps[:1] == (".data",) else given.steps
        says = self._tracer.validators.says(callee.object, given.path, steps)
        text = self._tracer.all_of(node.args[:1], given, steps) if says is Says.TEXT else NOTHING
        return self._tracer.said(says, text, given)

    def _valid(self, node: ir.Call, given: Given) -> Sources:
        """`c.req.valid("query")`: what the validator before the handler lets through."""
        part = node.args[0].value if isinstance(node.args[0], ir.Literal) else None
        schema = self._tracer.validators.of_request(part, given.path, node.start) if isinstance(part, str) else None
        says = self._tracer.validators.says(schema, given.path, given.steps) if schema is not None else None
        return self._tracer.said(says, self._tracer.source(Kind.REQUEST, given), given)
