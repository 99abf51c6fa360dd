"""The members of a class's instances: fields, methods, what constructors and methods assign, and what bases bring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.values import (
    ArrayValue,
    ClassValue,
    Constant,
    FunctionValue,
    Instance,
    ObjectValue,
    Site,
    Unknown,
    Value,
    join,
)

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope

MAX_BASES = 20
"""How many classes may inherit from each other."""


def instance_member(instance: Instance, name: str, ev: Evaluator) -> Value:
    """A member of an instance, of its class or the nearest base that has it."""
    cls, site = instance.cls, instance.site
    for _ in range(MAX_BASES):
        found = _own_member(instance, cls, site, name, ev)
        if found is not None:
            return found
        parent = ev.evaluate(cls.node.base, cls.scope) if cls.node.base is not None else None
        if not isinstance(parent, ClassValue):
            break
        cls, site = parent, _super_site(instance, cls, site, ev)
    return ev.unknown_member(Unknown(f"member {name} of {instance.cls.node.name or 'a class'}"), name)


def _own_member(instance: Instance, cls: ClassValue, site: Site | None, name: str, ev: Evaluator) -> Value | None:
    """A member that one of the classes of an instance gives it; None if that class does not."""
    scope = ev.member_scope(cls.node, False, cls.scope, instance)
    fields = [member for member in cls.node.members if not member.is_static and member.name == name]
    for member in fields:
        if isinstance(member.value, ir.Function) and member.kind in ("method", "get"):
            function = FunctionValue(member.value, scope, instance)
            return ev.inline(function, None) if member.kind == "get" else function
    initial = [ev.evaluate(f.value, scope) for f in fields if f.kind == "field" and f.value is not None]
    built = list(_from_constructor(instance, cls, site, name, scope, ev))
    later = list(_from_methods(cls, name, scope, ev))
    values = [*initial, *built, *later]
    if any(_is_data(value) for value in values):
        first = built[-1:] if len(built) == 1 else built or initial[-1:]
        return join([*first, *later])
    # A field without its value in the constructor gets it before anybody reads it.
    for value in values:
        if not isinstance(value, Unknown) and not (isinstance(value, Constant) and value.value is None):
            return value
    for member in fields:
        typed = ev.of_type(member.type, scope) if member.type is not None else None
        if typed is not None and not isinstance(typed, Unknown):
            return typed
    return None


def _is_data(value: Value) -> bool:
    is_known = isinstance(value, (ObjectValue, ArrayValue)) and value.truth() is True
    return is_known or (isinstance(value, Constant) and value.value is not None)


def _from_constructor(
    instance: Instance, cls: ClassValue, site: Site | None, name: str, scope: Scope, ev: Evaluator
) -> Iterator[Value]:
    """What a constructor gives a field: by a parameter that is a property, or by assigning it."""
    constructor = _constructor(cls)
    if constructor is None:
        return
    inner = ev.call_scope(FunctionValue(constructor, scope, instance), site, scope.depth + 1)
    for parameter in constructor.params:
        if parameter.is_property and isinstance(parameter.pattern, ir.Name) and parameter.pattern.name == name:
            binding = inner.find(name)
            if binding is not None:
                yield binding.value(ev)
    yield from _assigned(constructor.body, inner, name, ev)


def _from_methods(cls: ClassValue, name: str, scope: Scope, ev: Evaluator) -> Iterator[Value]:
    for member in cls.node.members:
        is_method = member.kind in ("method", "get", "set") and member.name != "constructor"
        if is_method and isinstance(member.value, ir.Function):
            yield from _assigned(member.value.body, ev.function_scope(member.value, scope), name, ev)


def _assigned(body: tuple[ir.Statement, ...], scope: Scope, name: str, ev: Evaluator) -> Iterator[Value]:
    changes = scope.root().changes.get("this", ())
    is_any_inside = body and any(body[0].start <= change.start < body[-1].end for change in changes)
    for visit in ev.walk(body, scope) if is_any_inside else ():
        match visit.node:
            case ir.Assign(target=ir.Member(object=ir.Name(name="this"), name=member)) if member == name:
                is_new = visit.node.operator in ("=", "??=", "||=")
                yield ev.evaluate(visit.node.value, visit.scope) if is_new else Unknown("a field that is counted with")
            case _:
                pass


def _constructor(cls: ClassValue) -> ir.Function | None:
    for member in cls.node.members:
        if member.kind == "method" and member.name == "constructor" and isinstance(member.value, ir.Function):
            return member.value
    return None


def _super_site(instance: Instance, cls: ClassValue, site: Site | None, ev: Evaluator) -> Site | None:
    """The arguments that a constructor hands to its base; a class without a constructor hands on its own."""
    constructor = _constructor(cls)
    if constructor is None:
        return site
    scope = ev.member_scope(cls.node, False, cls.scope, instance)
    inner = ev.call_scope(FunctionValue(constructor, scope, instance), site, scope.depth + 1)
    for visit in ev.walk(constructor.body, inner):
        match visit.node:
            case ir.Call(callee=ir.Name(name="super")):
                return ev.site(visit.node, visit.scope)
            case _:
                pass
    return None
