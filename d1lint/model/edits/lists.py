"""Adding an item to a list in brackets: an array, an object literal, the names of a pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from d1lint.facts import ir
from d1lint.finding import Edit
from d1lint.model.edits.layout import Layout

_SPACE = re.compile(rb"\s*")


@dataclass(frozen=True, slots=True)
class Addition:
    """The edits that add an item. `composes` says that another item can be added to the same list at the same time."""

    edits: tuple[Edit, ...]
    composes: bool


def append(layout: Layout, node: ir.Array | ir.Object, text: str) -> Addition | None:
    """Add an item behind the last one of an array or object literal, as its items are written.

    None where that can not be done safely. The lines of the text after the first are indented from its first.
    """
    data = layout.data
    items: Sequence[ir.Expression | ir.Property] = node.items if isinstance(node, ir.Array) else node.entries
    close = node.end - 1
    if data[node.start : node.start + 1] + data[close : node.end] not in (b"[]", b"{}"):
        return None
    if not items:
        return _into_empty(layout, node, text)
    last = items[-1].end
    after, has_comma = last, False
    if layout.follows(layout.skip(last), b","):
        after, has_comma = layout.skip(last) + 1, True
    if layout.skip(after) != close:
        return None
    if layout.has_line_break(node.start, items[0].start):
        indent = layout.indent(items[0].start)
        item = "\n" + indent + text.replace("\n", f"\n{indent}")
        place = layout.skip_in_line(after)
        if has_comma:
            return Addition((layout.insert(place, f"{item},"),), True)
        if place == last:
            return Addition((layout.insert(last, f",{item}"),), True)
        return Addition((layout.insert(last, ","), layout.insert(place, item)), False)
    if has_comma:
        return Addition((layout.insert(after, f" {text},"),), True)
    fits = "\n" not in text and layout.line_length(last) + len(text) + 2 <= layout.width
    if fits or layout.has_line_break(node.start, node.end):
        indented = text.replace("\n", f"\n{layout.indent(last)}")
        return Addition((layout.insert(last, f", {indented}"),), True)
    return _spread_out(layout, node, items, text)


def with_options(layout: Layout, call: ir.Call, index: int, options: list[str]) -> tuple[Edit, ...] | None:
    """Add options to a call, whose argument of an index is the object with them, if it is there.

    None where that can not be done safely.
    """
    if len(call.args) > index:
        given = call.args[index]
        if not isinstance(given, ir.Object):
            return None
        one_line = ", ".join(options)
        fits = layout.line_length(given.end) + len(one_line) + 2 <= layout.width
        is_one_line = fits and not layout.has_line_break(given.start, given.end)
        addition = append(layout, given, one_line if is_one_line else ",\n".join(options))
        return addition.edits if addition is not None else None
    close = call.end - 1
    start = call.args[-1].end if call.args else close
    if len(call.args) != index or not layout.follows(close, b")") or layout.text(start, close).strip():
        return None
    lead = ", " if call.args else ""
    one_line = f"{lead}{{ {', '.join(options)} }}"
    if layout.column(start) + len(one_line) + 2 <= layout.width:
        return (layout.insert(start, one_line),)
    indent = layout.indent(call.start)
    inner = f",\n{indent}{layout.unit}".join(options)
    return (layout.insert(start, f"{lead}{{\n{indent}{layout.unit}{inner}{layout.trailing_comma}\n{indent}}}"),)


def _into_empty(layout: Layout, node: ir.Array | ir.Object, text: str) -> Addition | None:
    inner = layout.data[node.start + 1 : node.end - 1]
    outer = layout.indent(node.start)
    indent = outer + layout.unit
    item = text.replace("\n", f"\n{indent}")
    if inner.strip():  # comments
        if not layout.has_line_break(node.start, node.end):
            return None
        place = node.start + 1 + len(inner.rstrip())
        return Addition((layout.insert(place, f"\n{indent}{item}{layout.trailing_comma}"),), False)
    pad = " " if isinstance(node, ir.Object) else ""
    fits = "\n" not in text and b"\n" not in inner and layout.column(node.start) + len(text) + 6 <= layout.width
    filled = f"{pad}{item}{pad}" if fits else f"\n{indent}{item}{layout.trailing_comma}\n{outer}"
    return Addition((layout.replace(node.start + 1, node.end - 1, filled),), False)


def _spread_out(
    layout: Layout, node: ir.Array | ir.Object, items: Sequence[ir.Expression | ir.Property], text: str
) -> Addition | None:
    """Put each item of a list in one line on a line of its own."""
    outer = layout.indent(node.start)
    indent = outer + layout.unit
    edits = [layout.replace(node.start + 1, items[0].start, f"\n{indent}")]
    for item, following in pairwise(items):
        comma = layout.skip(item.end)
        if layout.data[comma : comma + 1] != b"," or layout.data[comma + 1 : following.start].strip():
            return None
        edits.append(layout.replace(comma + 1, following.start, f"\n{indent}"))
    item_text = text.replace("\n", f"\n{indent}")
    if layout.data[node.start + 1 : items[0].start].strip() or layout.data[items[-1].end : node.end - 1].strip():
        return None
    tail = f",\n{indent}{item_text}{layout.trailing_comma}\n{outer}"
    edits.append(layout.replace(items[-1].end, node.end - 1, tail))
    return Addition(tuple(edits), False)


def take(layout: Layout, pattern: ir.ObjectPattern, name: str) -> Edit | None:
    """Take a further property in an object pattern, before its others: `({ name, other }) =>`."""
    data = layout.data
    if data[pattern.start : pattern.start + 1] != b"{":
        return None
    start = pattern.start + 1
    if not pattern.entries and pattern.rest is None:
        end = layout.skip(start)
        return layout.replace(start, end, f" {name} ") if not data[start:end].strip() else None
    found = _SPACE.match(data, start)
    first = found.end() if found else start
    return layout.insert(start, f"{layout.text(start, first)}{name},".replace(layout.newline, "\n"))
