"""Which functions a script calls for each element of a list: told by its tree, at a fourth of what its facts cost."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from tree_sitter import Node, Tree

from d1lint.syntax.bounded import TooMuchWorkError
from d1lint.syntax.nodes import children_of
from d1lint.syntax.parse import readable, tree_of

_CALLED = tuple(
    re.compile(rb"%b\s+(?:[\w$]+(?:\?\.|!?\.))*(\w+)[(<]" % before)
    for before in (rb"await(?<!\wawait)", rb"=>", rb"return(?<!\wreturn)")
)
"""Each begins with a plain word, which `re` finds many times faster than a word boundary or an alternative."""
_STATEMENT = re.compile(rb"\n[^\s})\]/*]")
_LISTS = "for_in_statement"
_COUNTED, _LENGTH = "for_statement", re.compile(rb"\.length\b")
_OTHER_LOOPS = ("while_statement", "do_statement")
_FUNCTIONS = (
    "arrow_function", "function_expression", "generator_function", "function_declaration",
    "generator_function_declaration", "method_definition",
)  # fmt: skip


def called_names(path: str, data: bytes, methods: frozenset[str]) -> frozenset[str]:
    """The names of the functions that a script awaits, or returns the result of, behind the beginning of a loop, and of
    those that it hands to a method of arrays.

    It is told by the text alone, and too many are named: what ends a loop is not looked for, but for the beginning of a
    statement of the top level, if the file is laid out as formatters do it.
    """
    loops = sorted(match.start() for pattern in _loops(methods) for match in pattern.finditer(data))
    return _handed(data, methods).union(name for name, at in _calls(data) if _is_behind(at, loops, data))


def _is_behind(at: int, loops: list[int], data: bytes) -> bool:
    before = bisect_left(loops, at)
    return before > 0 and _STATEMENT.search(data, loops[before - 1], at) is None


@cache
def _loops(methods: frozenset[str]) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    names = "|".join(sorted(methods)).encode()
    return re.compile(rb"for\s*(?:await\s*)?\("), re.compile(rb"\.(?:%b)\(" % names)


def called_for_each(path: str, data: bytes, methods: frozenset[str]) -> frozenset[str]:
    """Those of them that are called in a loop over a list, in a callback of one of some methods of arrays, or as one.

    The nearest loop or function around a call is what counts.
    """
    try:
        tree = tree_of(path, readable(data))
    except TooMuchWorkError:
        return frozenset()
    return _handed(data, methods).union(name for name, at in _calls(data) if _is_for_each(tree, at, methods))


def _handed(data: bytes, methods: frozenset[str]) -> frozenset[str]:
    return frozenset(name.decode() for name in _handing(methods).findall(data))


@cache
def _handing(methods: frozenset[str]) -> re.Pattern[bytes]:
    names = "|".join(sorted(methods)).encode()
    return re.compile(rb"\.(?:%b)\(\s*(?:[\w$]+(?:\?\.|!?\.))*(\w+)\s*\)" % names)


def _calls(data: bytes) -> Iterator[tuple[str, int]]:
    for pattern in _CALLED:
        for match in pattern.finditer(data):
            yield match[1].decode(), match.start(1)


def _is_for_each(tree: Tree, at: int, methods: frozenset[str]) -> bool:
    found, cursor = False, tree.walk()
    above: list[Node] = []
    while cursor.goto_first_child_for_byte(at) is not None:
        node = cursor.node
        assert node is not None
        if node.type == _LISTS:
            found = True
        elif node.type == _COUNTED:
            found = _counts_a_list(node)
        elif node.type in _OTHER_LOOPS:
            found = False
        elif node.type in _FUNCTIONS:
            found = _is_callback(node, above[-2:], methods)
        above.append(node)
    return found


def _counts_a_list(loop: Node) -> bool:
    """Whether the head of a loop asks for the length of a list, as far as its text says."""
    body = loop.child_by_field_name("body")
    parts = (child.text or b"" for child in loop.children if body is None or child.id != body.id)
    return any(map(_LENGTH.search, parts))


def _is_callback(function: Node, above: list[Node], methods: frozenset[str]) -> bool:
    """Whether a function is the first argument of a method; `above` are the two nodes around it, outermost first."""
    if len(above) < 2 or above[1].type != "arguments" or children_of(above[1])[0] != function:
        return False
    callee = above[0].child_by_field_name("function")
    name = callee.child_by_field_name("property") if callee is not None else None
    return name is not None and name.text is not None and name.text.decode() in methods
