"""Names and what they are bound to: lexical scopes over the intermediate representation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.change import History
from d1lint.model.values import Unknown, Value, later_items

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator


@dataclass(slots=True, eq=False)
class Binding:
    """What a name stands for; evaluated once, when it is first read. `past` belongs to a variable that changes."""

    read: Callable[[Evaluator], Value]
    past: History | None = None
    _value: Value | None = None
    _busy: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether it is being evaluated."""
        return self._busy

    def value(self, ev: Evaluator) -> Value:
        """Its value; Unknown while it is being evaluated, so that cycles end."""
        if self._value is None:
            if self._busy:
                return Unknown("its definition depends on itself")
            self._busy = True
            try:
                self._value = self.read(ev)
            finally:
                self._busy = False
        return self._value


@dataclass(slots=True, eq=False)
class Scope:
    """A block, a function or a module; its names are bound when the first of them is looked for.

    `function` is the function whose body it belongs to, None at module scope. `depth` counts the inlined calls
    around it.
    """

    parent: Scope | None
    module: str
    body: tuple[ir.Statement, ...] = ()
    function: ir.Function | None = None
    this: Value | None = None
    depth: int = 0
    names: dict[str, Binding] = field(default_factory=dict)
    types: dict[str, ir.Type] = field(default_factory=dict)
    memo: dict[int, Value] = field(default_factory=dict)
    children: dict[int, Scope] = field(default_factory=dict)
    called_at: tuple[Scope, int] | None = None
    """Of an inlined call: the scope and the place where it happens; None where that is not known."""
    changes: Mapping[str, tuple[ir.Change, ...]] = field(default_factory=dict)
    """Of a module: the places that can change a variable, by its name and in their order."""
    changes_others: bool = False
    """Of a module: whether its code was seen to change what other modules may hold."""
    _is_bound: bool = False

    def find(self, name: str) -> Binding | None:
        """The binding of a name, in this scope or around it."""
        scope: Scope | None = self
        while scope is not None:
            scope.bind()
            binding = scope.names.get(name)
            if binding is not None:
                return binding
            scope = scope.parent
        return None

    def owner_of(self, name: str) -> Scope | None:
        """The scope that binds a name, this one or one around it."""
        scope: Scope | None = self
        while scope is not None:
            scope.bind()
            if name in scope.names:
                return scope
            scope = scope.parent
        return None

    def find_type(self, name: str) -> tuple[ir.Type, Scope] | None:
        """The declaration of a type, and the scope it stands in."""
        scope: Scope | None = self
        while scope is not None:
            scope.bind()
            declared = scope.types.get(name)
            if declared is not None:
                return declared, scope
            scope = scope.parent
        return None

    def find_this(self) -> Value | None:
        """What `this` is here."""
        scope: Scope | None = self
        while scope is not None:
            if scope.this is not None:
                return scope.this
            scope = scope.parent
        return None

    def root(self) -> Scope:
        """The scope of the module."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def actor(self) -> Scope:
        """The scope of the module whose code runs: inside of an inlined call, that of the caller."""
        scope = self
        while scope.parent is not None:
            scope = scope.called_at[0] if scope.called_at is not None else scope.parent
        return scope

    def child(self, key: object, body: tuple[ir.Statement, ...]) -> Scope:
        """The scope of a block inside this one; the same for the same `key`, which must outlive it."""
        inner = self.children.get(id(key))
        if inner is None:
            inner = Scope(self, self.module, body, self.function, None, self.depth)
            self.children[id(key)] = inner
        return inner

    def bind(self) -> None:
        """Bind the names that the statements of the body declare."""
        if self._is_bound:
            return
        self._is_bound = True
        for statement in self.body:
            match statement:
                case ir.Declare():
                    self._bind_declaration(statement)
                case ir.DeclareFunction(function=function):
                    self._bind(function.name, Binding(partial(_expression, function, self)))
                case ir.DeclareClass(cls=cls):
                    self._bind(cls.name, Binding(partial(_expression, cls, self)))
                case ir.DeclareType(name=name, type=declared):
                    known = self.types.get(name)
                    # Interfaces of one name merge.
                    both = ir.TypeUnion("&", (known, declared), declared.start, declared.end) if known else declared
                    self.types[name] = both
                case ir.DeclareEnum():
                    self.names.setdefault(statement.name, Binding(partial(_enum, statement, self)))
                case ir.DeclareNamespace(exports=exports) if exports:
                    self.names.setdefault(statement.name, Binding(partial(_namespace, statement, self)))
                case _:
                    pass

    def _bind_declaration(self, declaration: ir.Declare) -> None:
        if not isinstance(declaration.pattern, ir.Name):
            self.bind_pattern(declaration.pattern, Binding(lambda ev: ev.initial(declaration, self)))
            return
        name = declaration.pattern.name
        if declaration.kind == "var" and name in self.names:
            # Nothing says which of the declarations a reader means.
            self.names[name] = Binding(lambda ev: Unknown("it is declared twice"))
        else:
            self._bind(name, Binding(lambda ev: ev.declared(declaration, name, self)))

    def bind_pattern(self, pattern: ir.Pattern, whole: Binding) -> None:
        """Bind the names of a pattern to the parts of a value."""
        match pattern:
            case ir.Name(name=name):
                self._bind(name, whole)
            case ir.ObjectPattern(entries=entries, rest=rest):
                for entry in entries:
                    part = Binding(partial(_destructured, whole, entry, self))
                    self.bind_pattern(entry.target, part)
                if rest is not None:
                    taken = frozenset(entry.key for entry in entries if isinstance(entry.key, str))
                    is_known = len(taken) == len(entries)
                    self._bind(rest, Binding(lambda ev: ev.remaining(whole.value(ev), taken if is_known else None)))
            case ir.ArrayPattern(items=items, rest=others):
                for item in items:
                    if item is not None:
                        self.bind_pattern(item.target, Binding(partial(_destructured, whole, item, self)))
                if others is not None:
                    self.bind_pattern(others, Binding(partial(_later_items, whole, len(items))))

    def _bind(self, name: str, binding: Binding) -> None:
        if name in self.names:
            return
        changes = self.root().changes.get(name, ())
        if changes:
            history = History(name, self, binding, changes)
            binding = Binding(history.final, history)
        self.names[name] = binding


def _expression(node: ir.Expression, scope: Scope, ev: Evaluator) -> Value:
    return ev.evaluate(node, scope)


def _enum(node: ir.DeclareEnum, scope: Scope, ev: Evaluator) -> Value:
    return ev.enum(node, scope)


def _destructured(whole: Binding, entry: ir.PatternEntry, scope: Scope, ev: Evaluator) -> Value:
    return ev.destructured(whole.value(ev), entry, scope)


def _namespace(node: ir.DeclareNamespace, scope: Scope, ev: Evaluator) -> Value:
    return ev.namespace(node, scope)


def _later_items(whole: Binding, start: int, ev: Evaluator) -> Value:
    return later_items(whole.value(ev), start)
