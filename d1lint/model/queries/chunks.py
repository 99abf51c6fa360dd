"""Lists that are cut into parts: `chunk(rows, 50)`, by whatever name, and lists of such lists."""

from __future__ import annotations

from collections.abc import Callable

from d1lint.facts import ir
from d1lint.facts.nodes import nodes, uncast
from d1lint.model.queries.list_types import ListType, declared_list_type
from d1lint.model.taint.definitions import Definition, Definitions
from d1lint.model.taint.surroundings import results_of

CHUNK_WORDS = ("chunk", "batch", "slice", "page", "partition", "splice")
"""What a part of a list, or that which makes such parts, is often called."""
_HELPERS = {
    "lodash": ("chunk",),
    "lodash-es": ("chunk",),
    "lodash/chunk": ("default",),
    "lodash-es/chunk": ("default",),
    "lodash.chunk": ("default",),
    "es-toolkit": ("chunk",),
    "es-toolkit/array": ("chunk",),
    "es-toolkit/compat": ("chunk",),
    "remeda": ("chunk",),
    "ramda": ("splitEvery",),
    "radash": ("cluster",),
    "@std/collections": ("chunk",),
    "@std/collections/chunk": ("chunk",),
}
"""Functions of libraries that cut a list, by their packages."""
_SIZE_FIRST = frozenset({"splitEvery"})
_KEEPING = frozenset({"map", "filter", "entries", "values"})
MAX_DEPTH = 6
"""How many expressions may lead to each other."""


class Chunks:
    """Tells lists of parts of lists from other lists. `text` gives a file's content."""

    def __init__(self, definitions: Definitions, text: Callable[[str], bytes]) -> None:
        self._definitions = definitions
        self._text = text

    def are(self, node: ir.Expression | None, path: str, depth: int = 0) -> bool:
        """Whether the elements of a list are parts of a longer list, by what makes them or by their type."""
        if node is None or depth > MAX_DEPTH:
            return False
        match uncast(node):
            case ir.Name(name=name) as found:
                definition = self._definitions.of(name, path, found.start)
                return definition is not None and self._are_named(definition, path, depth)
            case ir.Await(value=value):
                return self.are(value, path, depth + 1)
            case ir.Call(callee=ir.Member(object=ir.Name(name="Array"), name="from"), args=(first, *rest)):
                makes = rest[0].result if rest and isinstance(rest[0], ir.Function) else None
                return _is_cut(makes) or (not rest and self.are(first, path, depth + 1))
            case ir.Call(callee=ir.Member(object=inner, name=name)) as call:
                if name in _KEEPING and self.are(inner, path, depth + 1):
                    return name != "map" or not call.args or _keeps_element(call.args[0])
                return self.size_argument(call, path) is not None
            case ir.Call() as call:
                return self.size_argument(call, path) is not None or self._is_own_helper(call, path, depth)
            case _:
                return False

    def _are_named(self, definition: Definition, path: str, depth: int) -> bool:
        node = definition.node
        if declared_list_type(definition, self._text) == ListType.LISTS:
            return True
        if not isinstance(node, ir.Declare) or node.value is None or definition.steps:
            return False
        if isinstance(node.value, ir.Array) and not node.value.items:
            changes = (change for change, _ in self._definitions.changes(definition))
            pushed = (change.args for change in changes if isinstance(change, ir.Call))
            return any(_is_cut(arg) for args in pushed for arg in args)
        return self.are(node.value, path, depth + 1)

    def size_argument(self, call: ir.Call, path: str) -> ir.Expression | None:
        """How long the parts are that a call of a library's helper makes; None for other calls."""
        name = self._helper_name(call.callee, path)
        if not name or len(call.args) < 2:
            return None
        return call.args[0 if name in _SIZE_FIRST else 1]

    def _helper_name(self, callee: ir.Expression, path: str) -> str:
        """The name of the function of a library that cuts a list; "" for others."""
        owner = callee.object if isinstance(callee, ir.Member) else callee
        if not isinstance(owner, ir.Name) or not isinstance(callee, (ir.Name, ir.Member)):
            return ""
        definition = self._definitions.of(owner.name, path, owner.start)
        item = definition.node if definition is not None else None
        if not isinstance(item, ir.Import):
            return ""
        names = _HELPERS.get(item.specifier, ())
        name = callee.name if isinstance(callee, ir.Member) else item.imported
        return name if name in names else ""

    def _is_own_helper(self, call: ir.Call, path: str, depth: int) -> bool:
        """Whether a function of the repository gives the parts of a list."""
        if not isinstance(call.callee, ir.Name):
            return False
        definition = self._definitions.of(call.callee.name, path, call.callee.start)
        if definition is not None and isinstance(definition.node, ir.Import):
            definition = self._definitions.imported(definition.node, path)
        node = definition.node if definition is not None and definition.parameter is None else None
        function = uncast(node.value) if isinstance(node, ir.Declare) and node.value is not None else node
        if not isinstance(function, ir.Function) or definition is None:
            return False
        is_made = depth <= MAX_DEPTH and any(
            self.are(each, definition.path, depth + 1) for each in results_of(function)
        )
        return is_made or _collects_cuts(function)


def _collects_cuts(function: ir.Function) -> bool:
    """Whether a function collects or yields slices of a list in a loop, as those do that cut a list into parts."""
    for loop in nodes(function):
        if not isinstance(loop, ir.Loop):
            continue
        inside = list(nodes(loop.body))
        held = {
            node.pattern.name
            for node in inside
            if isinstance(node, ir.Declare) and isinstance(node.pattern, ir.Name) and _is_cut(node.value)
        }
        for node in inside:
            match node:
                case ir.Call(callee=ir.Member(name="push"), args=(given,)) | ir.Await(value=given):
                    if _is_cut(given) or (isinstance(given, ir.Name) and given.name in held):
                        return True
                case _:
                    pass
    return False


def _is_cut(node: ir.Expression | None) -> bool:
    """Whether an expression is a slice with a beginning and an end, or a splice, or made of one element by element."""
    match uncast(node) if node is not None else None:
        case ir.Call(callee=ir.Member(name="slice" | "splice"), args=(_, _)):
            return True
        case ir.Call(callee=ir.Member(name="map", object=inner)):
            return _is_cut(inner)
        case _:
            return False


def _keeps_element(function: ir.Expression) -> bool:
    """Whether a callback gives back a list made of its element, as `(part) => part.filter(…)` does."""
    if not isinstance(function, ir.Function) or not function.params or function.result is None:
        return False
    element, result = function.params[0].pattern, uncast(function.result)
    while isinstance(result, ir.Call) and isinstance(result.callee, ir.Member):
        result = result.callee.object
    return isinstance(element, ir.Name) and isinstance(result, ir.Name) and element.name == result.name
