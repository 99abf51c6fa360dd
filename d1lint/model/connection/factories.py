"""Which files may make a client, or wait for a query, as they load: told by their text, not parsed.

Too many may be named; each is parsed and judged exactly. Most files call a factory inside their functions, and telling
those apart by their layout saves parsing them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from d1lint.facts import ir

if TYPE_CHECKING:
    from d1lint.model.modules import Modules

_INNER = frozenset(b" \t\r\n\f\v})]/*")
"""What no line begins with that begins a statement of the top level, if the file is laid out as formatters do it."""
_FUNCTION = re.compile(rb"=>|\bfunction\b|\n[ \t][^\n]*\)\s*(?::[^{};()\n]*)?\{")
"""What opens a function, or a method on a line of its own, between the beginning of a statement and a call in it."""
_STATIC = re.compile(rb"\bstatic\b[^\n]*$")
_AWAIT = re.compile(rb"\bawait\b")
_LINE = 200
_ROUNDS = 4
"""How many functions of a file may call each other before one of them is called as it loads."""
_DECLARED = re.compile(
    rb"(?:export\s+)?(?:default\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|const|let|var)\s+([\w$]+)"
)
_IMPORTS_ENV = re.compile(rb"import\s*\{[^}]{0,500}?\benv\b[^}]{0,500}\}\s*from\s*[\"']cloudflare:workers[\"']")
_GIVES_ENV = re.compile(rb"[(,{:]\s*(?:\.\.\.)?env\b")


class FactoryNames:
    """The names by which the functions and classes that make a client are called.

    `makers` are the places where a client is made inside a function: a file that is parsed, and a byte offset in it.
    """

    def __init__(self, modules: Modules, makers: Iterable[tuple[str, int]]) -> None:
        self._modules = modules
        self._names: set[bytes] = set()
        self._default_stems: set[bytes] = set()
        for path, offset in makers:
            self._add(path, offset)

    def _add(self, path: str, offset: int) -> None:
        module = self._modules.module(path)
        for statement in module.body if module is not None else ():
            if statement.start <= offset < statement.end:
                local = _declared(statement)
                exported = {e.name for e in module.exports if e.source == local} if module is not None else set()
                self._names |= {name.encode() for name in {local, *exported} - {"", "default"}}
                if "default" in exported or not local:
                    self._default_stems.add(_stem(path))

    def callers(self, paths: Iterable[str]) -> list[str]:
        """Those of some files that seem to call one as they load, or to hand an imported environment to something."""
        contents = {path: self._modules.text(path) for path in paths}
        for data in contents.values():  # a barrel or an importer may give it another name
            self._names |= set(_aliases(data, self._names))
        return [path for path, data in contents.items() if self._may_call(data)]

    def _may_call(self, data: bytes) -> bool:
        imports_env = b"cloudflare:workers" in data and _IMPORTS_ENV.search(data) is not None
        given = (match.start() for match in _GIVES_ENV.finditer(data)) if imports_env else ()
        if _is_at_top_level(given, data, set()):
            return True
        names = {name for name in self._names if name in data}
        return calls_as_it_loads(names | set(self._imported_defaults(data)), data)

    def _imported_defaults(self, data: bytes) -> Iterable[bytes]:
        for stem in self._default_stems:
            if stem in data:
                pattern = rb"import\s+([\w$]+)[^;\"']{0,200}\sfrom\s*[\"'][^\"'\n]*%b(?:\.\w+)?[\"']" % re.escape(stem)
                yield from re.findall(pattern, data)


def calls_as_it_loads(names: set[bytes], data: bytes) -> bool:
    """Whether a file seems to call one of some functions as it loads, itself or through functions of its own."""
    seen: set[bytes] = set()
    for _ in range(_ROUNDS):
        inner: set[bytes] = set()
        if _is_at_top_level(_calls_of(names, data), data, inner):
            return True
        seen |= names
        names = inner - seen  # what calls one in its body may be called further below
    return False


def awaits_as_it_loads(data: bytes) -> bool:
    """Whether a file seems to wait for something as it loads."""
    return b"await" in data and _is_at_top_level((match.start() for match in _AWAIT.finditer(data)), data, set())


def _is_at_top_level(places: Iterable[int], data: bytes, inner: set[bytes]) -> bool:
    """Whether one of some places, in their order, is outside functions. The declarations around the others go into
    `inner`.
    """
    start, end, opened = 0, 0, 0
    for at in places:
        if at >= end:
            start, end = _statement_around(at, data)
            opening = _FUNCTION.search(data, start, end)
            opened = opening.end() if opening is not None else end
        if at < opened or _STATIC.search(data, max(start, at - _LINE), at):
            return True
        declared = _DECLARED.match(data, start, at)
        if declared is not None:
            inner.add(declared[1])
    return False


def _statement_around(at: int, data: bytes) -> tuple[int, int]:
    """Where the statement of the top level begins that stands around an offset, and where the next one does."""
    start = data.rfind(b"\n", 0, at) + 1
    while start and data[start] in _INNER:
        start = data.rfind(b"\n", 0, start - 1) + 1
    end = data.find(b"\n", at) + 1
    while 0 < end < len(data) and data[end] in _INNER:
        end = data.find(b"\n", end) + 1
    return start, end or len(data)


def _calls_of(names: Iterable[bytes], data: bytes) -> list[int]:
    """Where functions of some names are called."""
    return sorted(match.start() for name in names for match in _call_of(name).finditer(data))


@cache
def _call_of(name: bytes) -> re.Pattern[bytes]:
    # It begins with a plain word, which `re` finds many times faster than what may not stand before it.
    return re.compile(rb"%b(?<![\w$]%b)\s*(?:<[^()\n]{0,200}>)?\s*\(" % ((re.escape(name),) * 2))


def _aliases(data: bytes, names: set[bytes]) -> Iterable[bytes]:
    found = [name for name in names if name + b" as " in data]
    return re.findall(rb"\b(?:%b) as ([\w$]+)" % b"|".join(map(re.escape, found)), data) if found else ()


def _declared(statement: ir.Statement) -> str:
    match statement:
        case ir.Declare(pattern=ir.Name(name=name)):
            return name
        case ir.DeclareFunction(function=function):
            return function.name
        case ir.DeclareClass(cls=cls):
            return cls.name
        case _:
            return ""


def _stem(path: str) -> bytes:
    """What an import of a file ends with: `db` for `src/db.ts` and for `src/db/index.ts`."""
    folder, name = posixpath.split(path)
    stem = name.partition(".")[0]
    return (posixpath.basename(folder) if stem == "index" and folder else stem).encode()
