"""The callbacks of drizzle's functions, `({ one }) => ({ … })`: what they give, and what they call what they get."""

from __future__ import annotations

from d1lint.facts import ir
from d1lint.finding import Edit
from d1lint.model.edits.layout import Layout
from d1lint.model.edits.lists import take
from d1lint.model.values import FunctionValue, Value


def function_of(value: Value) -> ir.Function | None:
    """The function that a callback is, if it is written where it is given."""
    if (
        not isinstance(value, FunctionValue)
        or value.scope.depth
        or value.node.is_async
        or value.node.kind == "generator"
    ):
        return None
    return value.node


def result_of(callback: ir.Function) -> ir.Array | ir.Object | None:
    """The literal that a callback gives, if it always gives that one."""
    found = callback.result
    if found is None:
        *before, last = callback.body or (None,)
        if not isinstance(last, ir.Return) or not all(isinstance(s, (ir.Declare, ir.Evaluate)) for s in before):
            return None
        found = last.value
    return found if isinstance(found, (ir.Array, ir.Object)) else None


def entry_of(body: ir.Object, key: str) -> ir.Expression | None:
    """What an object literal has for a key."""
    for entry in body.entries:
        if isinstance(entry, ir.Property) and entry.key == key:
            return entry.value
    return None


def helpers(layout: Layout, callback: ir.Function, names: list[str]) -> tuple[list[str], list[Edit]] | None:
    """How a callback calls the members of its argument, and the edits that make it so."""
    if not callback.params:
        if layout.text(callback.start, callback.start + 2) != "()":
            return None
        return names, [layout.insert(callback.start + 1, f"{{ {', '.join(names)} }}")]
    pattern = callback.params[0].pattern
    if isinstance(pattern, ir.Name):
        return ([f"{pattern.name}.{name}" for name in names], []) if not callback.params[0].is_rest else None
    if not isinstance(pattern, ir.ObjectPattern):
        return None
    taken = {e.key: e.target.name for e in pattern.entries if isinstance(e.key, str) and isinstance(e.target, ir.Name)}
    missing = [name for name in names if name not in taken]
    if not pattern.entries and pattern.rest is None and len(missing) > 1:
        return None
    edits = [take(layout, pattern, name) for name in missing]
    found = [edit for edit in edits if edit is not None]
    return ([taken.get(name, name) for name in names], found) if len(found) == len(edits) else None
