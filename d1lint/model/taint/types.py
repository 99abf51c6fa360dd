"""What a declared type says of the values that it allows: a few that are all in the source, numbers, or any text."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.taint.definitions import ELEMENT, KEYS, Steps
from d1lint.model.values import Constant

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope

MAX_DEPTH = 12
"""How many named types may lead to each other."""


class Says(Enum):
    """What is known of a value by its type, or by what has checked it."""

    CLOSED = auto()
    """It is one of some values that the source names."""
    NUMBER = auto()
    BIGINT = auto()
    DATE = auto()
    TEXT = auto()
    """It can be any text."""


_NAMED = {
    "boolean": Says.CLOSED, "void": Says.CLOSED, "null": Says.CLOSED, "undefined": Says.CLOSED,
    "never": Says.CLOSED, "number": Says.NUMBER, "bigint": Says.BIGINT, "string": Says.TEXT, "Date": Says.DATE,
}  # fmt: skip
_SCHEMA_TYPE = re.compile(r"^(?:Any)?SQLite(?:Table|Column)\w*$|^(?:Any)?(?:Table|Column)$|^SQLiteTableWithColumns$")
_TRANSPARENT = frozenset(
    {"Partial", "Readonly", "Required", "NonNullable", "Awaited", "Promise", "Pick", "Omit", "Exclude", "Extract"}
)
_LISTS = frozenset({"Array", "ReadonlyArray", "Set", "ReadonlySet", "Iterable"})
_CLOSED_TEXT = re.compile(r"""^(?:["'0-9-]|`[^`$]*`$|true$|false$|null$|undefined$|keyof\b|\(?typeof\b.*\[number\]$)""")


class Types:
    """Reads types. `text` gives a file's content."""

    def __init__(self, ev: Evaluator, text: Callable[[str], bytes]) -> None:
        self._ev = ev
        self._text = text

    def says(self, node: ir.Type, scope: Scope, steps: Steps = (), depth: int = 0) -> Says | None:
        """What a type says of the part of its values that steps lead to; None if nothing."""
        if depth > MAX_DEPTH:
            return None
        match node:
            case ir.TypeName(name=name, args=args):
                return self._named(name, args, scope, steps, depth)
            case ir.TypeUnion(operator="|", members=members):
                return _of_union([self.says(member, scope, steps, depth + 1) for member in members])
            case ir.TypeUnion(members=members):
                found = [self.says(member, scope, steps, depth + 1) for member in members]
                return Says.CLOSED if Says.CLOSED in found else next((each for each in found if each), None)
            case ir.TypeObject(members=members):
                return self._in_object(members, scope, steps, depth)
            case ir.TypeIndexed(object=obj, key=key):
                return self.says(obj, scope, (f".{key}", *steps), depth + 1)
            case ir.TypeQuery(value=value):
                known = self._ev.evaluate(value, scope)
                return Says.CLOSED if not steps and isinstance(known, Constant) else None
            case ir.TypeOpaque(start=start, end=end):
                return self._opaque(self._text(scope.module)[start:end].decode("utf-8", "replace"), scope, steps, depth)
            case _:
                return None

    def _in_object(
        self, members: tuple[tuple[str, ir.Type], ...], scope: Scope, steps: Steps, depth: int
    ) -> Says | None:
        if not steps or not members:
            return None
        if steps[0] == KEYS:
            return Says.CLOSED
        if steps[0] == ELEMENT:
            return _of_union([self.says(member, scope, steps[1:], depth + 1) for _, member in members])
        member = next((member for name, member in members if f".{name}" == steps[0]), None)
        return self.says(member, scope, steps[1:], depth + 1) if member is not None else None

    def _named(self, name: str, args: tuple[ir.Type, ...], scope: Scope, steps: Steps, depth: int) -> Says | None:
        if not steps and name in _NAMED:
            return _NAMED[name]
        if _SCHEMA_TYPE.match(name):
            return Says.CLOSED
        if name == "Record" and len(args) == 2:
            if steps and steps[0] == KEYS:
                return self.says(args[0], scope, steps[1:], depth + 1)
            return self.says(args[1], scope, steps[1:], depth + 1) if steps else None
        if name in _LISTS and args:
            is_item = steps and (steps[0] == ELEMENT or steps[0][1:].isdigit())
            return self.says(args[0], scope, steps[1:], depth + 1) if is_item else None
        if name in _TRANSPARENT and args:
            return self.says(args[0], scope, steps, depth + 1)
        found = self._declared(name, scope, set())
        if isinstance(found, tuple):
            return self.says(found[0], found[1], steps, depth + 1)
        return found

    def _declared(self, name: str, scope: Scope, seen: set[tuple[str, str]]) -> tuple[ir.Type, Scope] | Says | None:
        """The declaration of a named type, followed through imports; CLOSED for an enum."""
        if "." in name or (scope.module, name) in seen:
            return None
        seen.add((scope.module, name))
        found = scope.find_type(name)
        if found is not None:
            return found
        root = scope.root()
        if any(isinstance(statement, ir.DeclareEnum) and statement.name == name for statement in root.body):
            return Says.CLOSED
        module = self._ev.source.module(scope.module)
        item = next((item for item in module.imports if item.local == name), None) if module is not None else None
        return self._exported(item.specifier, item.imported, scope.module, seen) if item is not None else None

    def _exported(
        self, specifier: str, name: str, importer: str, seen: set[tuple[str, str]]
    ) -> tuple[ir.Type, Scope] | Says | None:
        target = self._ev.source.resolve(specifier, importer).file
        module, root = (self._ev.source.module(target), self._ev.root(target)) if target is not None else (None, None)
        if target is None or module is None or root is None:
            return None
        for export in module.exports:
            if export.name == name and export.specifier is None:
                return self._declared(export.source, root, seen)
            if export.specifier is not None and export.name in (name, "*"):
                found = self._exported(export.specifier, name if export.name == "*" else export.source, target, seen)
                if found is not None:
                    return found
        return None

    def _opaque(self, text: str, scope: Scope, steps: Steps, depth: int) -> Says | None:
        """What is known of a type that the facts have no form for, by its text."""
        text = text.strip()
        if text.endswith("[]") and steps:
            item = text[:-2].strip()
            is_item = steps[0] == ELEMENT or steps[0][1:].isdigit()
            if not is_item:
                return None
            if re.fullmatch(r"\w+", item):
                return self._named(item, (), scope, steps[1:], depth + 1)
            return self._opaque(item.strip("() "), scope, steps[1:], depth + 1)
        if steps:
            return None
        members = [member.strip() for member in text.split("|")]
        return Says.CLOSED if all(_CLOSED_TEXT.match(member) for member in members) else None


def _of_union(found: list[Says | None]) -> Says | None:
    """What all members of a union say; one of some values, where the others are nothing."""
    rest = {each for each in found if each is not Says.CLOSED}
    if not rest:
        return Says.CLOSED
    return rest.pop() if len(rest) == 1 else None
