"""What changes after its declaration: variables that are assigned to, and objects that methods change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from d1lint.facts import ir

if TYPE_CHECKING:
    from d1lint.syntax.lower import Lowering

_OBJECT_CHANGERS = frozenset(
    {"assign", "defineProperty", "defineProperties", "setPrototypeOf", "set", "deleteProperty"}
)
_BUILDER_CHANGERS = frozenset(
    {"notNull", "primaryKey", "unique", "references", "default", "where", "onDelete", "onUpdate", "generatedAlwaysAs"}
    | {"$default", "$defaultFn", "$onUpdate", "$onUpdateFn", "$type", "defaultNow"}
)
_ARRAY_CHANGERS = frozenset({"push", "unshift", "pop", "shift", "splice", "sort", "reverse", "fill", "copyWithin"})


class Changes:
    """Notes the variables of a module that change, in `Lowering.changes`."""

    def __init__(self, house: Lowering) -> None:
        self._house = house
        self._script = house.script

    def assigned(self, target: Node | None, start: int) -> None:
        """Note the variables that an assignment to a target changes."""
        pending = [target] if target is not None else []
        while pending:
            node = pending.pop()
            if node.type in ("identifier", "shorthand_property_identifier_pattern", "shorthand_property_identifier"):
                self._house.changes.append(ir.Change(self._script.identifier(node), 0, start))
            elif node.type in ("member_expression", "subscript_expression"):
                self.inside(self._house.expressions.field(node, "object"), start)
            else:
                pending.extend(node.named_children)

    def discarded(self, value: ir.Expression) -> None:
        """A call whose result nobody uses can be there to change what it is given."""
        match value:
            case ir.Call(args=args, start=start):
                for arg in args:
                    if isinstance(arg, ir.Name):
                        self._house.changes.append(ir.Change(arg.name, 1, start))
                self._chain(value)
            case ir.Await(value=inner) | ir.Unary(value=inner) | ir.Cast(value=inner):
                self.discarded(inner)
            case ir.Binary(right=inner):
                self.discarded(inner)
            case ir.Conditional(then=then, otherwise=otherwise):
                self.discarded(then)
                self.discarded(otherwise)
            case ir.Opaque(parts=parts):
                for part in parts:
                    self.discarded(part)
            case _:
                pass

    def _chain(self, call: ir.Call) -> None:
        """Note that a builder changes: `column.notNull().unique();`."""
        holder: ir.Expression = call
        while isinstance(holder, ir.Call) and isinstance(holder.callee, ir.Member):
            if holder.callee.name not in _BUILDER_CHANGERS:
                return
            holder = holder.callee.object
        if isinstance(holder, (ir.Name, ir.Member, ir.Index)):
            self.inside(holder, call.start)

    def called(self, callee: ir.Member, args: tuple[ir.Expression, ...], start: int) -> None:
        """Note what a method changes: `list.push(…)`, `column.notNull()`, `Object.assign(target, …)`, and callbacks."""
        if callee.name in _ARRAY_CHANGERS:
            self.inside(callee.object, start)
        elif callee.name in _BUILDER_CHANGERS and callee.name != "where":
            holder = callee.object
            while isinstance(holder, ir.Call) and isinstance(holder.callee, ir.Member):
                holder = holder.callee.object
            if isinstance(holder, ir.Name):
                self._house.changes.append(ir.Change(holder.name, 1, start))
        elif callee.name in _OBJECT_CHANGERS and isinstance(callee.object, ir.Name) and args:
            if callee.object.name in ("Object", "Reflect"):
                self.inside(args[0], start)
        elif callee.name == "forEach" and args and isinstance(args[0], ir.Function) and args[0].result is not None:
            self.discarded(args[0].result)

    def inside(self, holder: ir.Expression, start: int) -> None:
        """Note that the object changes which a variable holds: `holder` is the variable, or something below it."""
        depth = 1
        while isinstance(holder, (ir.Member, ir.Index, ir.Cast)):
            depth = depth if isinstance(holder, ir.Cast) else 2
            holder = holder.value if isinstance(holder, ir.Cast) else holder.object
        if isinstance(holder, ir.Name):
            self._house.changes.append(ir.Change(holder.name, depth, start))
