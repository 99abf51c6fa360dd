"""The evaluator: what an expression of the source is worth, without running it.

It is lazy and symbolic. Names resolve through imports to values, functions of the repository are inlined to a bounded
depth, cycles are cut. What it does not know is `Unknown`, with the reason, and stays where it arose.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol

from d1lint.facts import ir
from d1lint.facts.literals import literal_text
from d1lint.model.builtins import GLOBAL_TYPES, GLOBALS, constant_text, is_equal, operation, type_name
from d1lint.model.builtins import member as builtin_member
from d1lint.model.change import TOO_MANY_STEPS
from d1lint.model.fresh import of_operands
from d1lint.model.instances import instance_member
from d1lint.model.scope import Binding, Scope
from d1lint.model.values import (
    UNDEFINED,
    ArrayValue,
    ClassValue,
    Constant,
    Entry,
    External,
    FunctionValue,
    Instance,
    Intersection,
    Namespace,
    Native,
    ObjectValue,
    Parameters,
    Site,
    TypedFunction,
    Union,
    Unknown,
    Value,
    alternatives,
    join,
    key_of,
    text_of,
)
from d1lint.model.walk import Visit, Walk

MAX_CALL_DEPTH = 12
"""How many calls may be inlined into each other."""
MAX_STEPS = 500_000
"""How many expressions one run may evaluate; what lies beyond is Unknown. Ordinary repositories need some thousands."""
MAX_DEPTH = 400
"""How deep evaluations may nest. One of them takes up to ten frames of Python's stack."""

MAX_INLINED = 1_500
"""How many calls one call may lead to, all together; what lies beyond is Unknown. Schemas need some dozens."""

TypeIntrinsic = Callable[["Evaluator", tuple[ir.Type, ...], Scope], Value]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a module specifier leads: a file of the repository, or a package."""

    file: str | None
    package: str


class ModuleSource(Protocol):
    """What the evaluator needs of the repository."""

    def module(self, path: str) -> ir.Module | None:
        """The lowered module of a file; None if there is none."""

    def resolve(self, specifier: str, importer: str) -> Resolved:
        """Where a module specifier of a file leads."""


@dataclass(slots=True)
class Intrinsics:
    """What is known of packages: values by (package, name), types by (package, name), and the names of the runtime.

    `member` answers for a member of something unknown (`c.env`), `parameter` for a parameter by its name, `package`
    for the names of packages that are not among the values, `ambient` for a variable that is only declared.
    """

    values: dict[tuple[str, str], Value] = field(default_factory=dict)
    types: dict[tuple[str, str], TypeIntrinsic] = field(default_factory=dict)
    globals: dict[str, Value] = field(default_factory=dict)
    global_types: dict[str, TypeIntrinsic] = field(default_factory=dict)
    fixed_types: frozenset[str] = frozenset()
    member: Callable[[Evaluator, Unknown, str], Value | None] = lambda ev, owner, name: None
    parameter: Callable[[str], Value | None] = lambda name: None
    package: Callable[[External], Value | None] = lambda value: None
    ambient: Callable[[str, Value], Value] = lambda name, value: value


class _Completion(NamedTuple):
    """How statements can end: the values that they return, whether they run to their end, whether they jump away."""

    values: list[Value]
    falls: bool
    jumps: bool = False


class Evaluator:
    """Evaluates the expressions of one repository."""

    def __init__(self, source: ModuleSource, intrinsics: Intrinsics) -> None:
        self.source = source
        self.intrinsics = intrinsics
        self.context_setters: Callable[[str], list[tuple[ir.Expression, Scope]]] = lambda name: []
        """Finds what the code sets on contexts: the values of `c.set(name, value)`, by name."""
        self._context_variables: dict[str, Value] = {}
        self.steps = 0
        self._depth = 0
        self._roots: dict[str, Scope | None] = {}
        self._exports: dict[tuple[str, str], Value] = {}
        self._named_exports: dict[str, dict[str, ir.Export]] = {}
        self._walks: dict[int, tuple[Scope, list[Visit]]] = {}
        self._active: dict[int, int] = {}
        self._inlined = 0
        self._nesting = 0
        self._dispatch: Mapping[type, Callable[..., Value]] = {
            ir.Literal: lambda node, scope: Constant(node.value),
            ir.Undefined: lambda node, scope: UNDEFINED,
            ir.Name: self._name,
            ir.Member: lambda node, scope: self.evaluate(node.object, scope).member(node.name, self),
            ir.Index: self._index,
            ir.Call: self._call,
            ir.New: self._new,
            ir.Template: self._template,
            ir.Tagged: self._tagged,
            ir.Object: self._object,
            ir.Array: self._array,
            ir.Function: self._function,
            ir.Class: ClassValue,
            ir.Conditional: self._conditional,
            ir.Binary: self._binary,
            ir.Unary: self._unary,
            ir.Await: lambda node, scope: self.evaluate(node.value, scope).awaited(),
            ir.Assign: self._assign,
            ir.Cast: self._cast,
            ir.Spread: lambda node, scope: Unknown("a spread"),
            ir.Opaque: self._opaque,
        }

    # --- modules ---------------------------------------------------------------------------------------------

    def root(self, path: str) -> Scope | None:
        """The scope of a module; None if there is no such file."""
        if path not in self._roots:
            module = self.source.module(path)
            if module is None:
                self._roots[path] = None
                return None
            changes: dict[str, list[ir.Change]] = {}
            for change in module.changes:
                changes.setdefault(change.name, []).append(change)
            scope = Scope(None, path, module.body, changes={name: tuple(found) for name, found in changes.items()})
            self._roots[path] = scope
            for item in module.imports:
                if item.local:
                    scope.names[item.local] = Binding(partial(_imported, item, path))
            self._note_shared(scope, {item.local for item in module.imports})
        return self._roots[path]

    def changes_others(self, path: str) -> bool:
        """Whether the code of a module was seen to change what other modules may hold."""
        root = self._roots.get(path)
        return root is not None and root.changes_others

    def forget(self, paths: Container[str]) -> list[Scope]:
        """Forget modules and their exports, so that they are read anew. No other module may have asked for them.

        Their scopes are given back: to let go of all that is in them takes milliseconds.
        """
        gone = [root for path, root in self._roots.items() if root is not None and path in paths]
        self._roots = {path: root for path, root in self._roots.items() if path not in paths}
        self._exports = {key: value for key, value in self._exports.items() if key[0] not in paths}
        self._named_exports = {path: named for path, named in self._named_exports.items() if path not in paths}
        self._walks = {key: walk for key, walk in self._walks.items() if walk[0].module not in paths}
        return gone

    @property
    def context_variables(self) -> Collection[str]:
        """The variables of contexts that were asked for."""
        return self._context_variables.keys()

    def _note_shared(self, scope: Scope, imported: set[str]) -> None:
        """Let everybody know of the objects that a module changes and that others hold too."""
        scope.bind()
        literals = {
            statement.pattern.name
            for statement in scope.body
            if isinstance(statement, ir.Declare)
            and isinstance(statement.pattern, ir.Name)
            and isinstance(statement.value, (ir.Object, ir.Array, ir.Literal, ir.New))
        }
        for name, changes in scope.changes.items():
            binding = scope.names.get(name)
            depth = max(change.depth for change in changes)
            if binding is None or depth == 0 or (depth == 1 and name in literals):
                continue
            value = binding.value(self)
            if name in imported and isinstance(value, (ObjectValue, ArrayValue)):
                value.gaps.append("another module changes it")
                scope.changes_others = True

    def imported(self, item: ir.Import, importer: str) -> Value:
        """The value of an imported name."""
        return self._from_module(item.specifier, item.imported, importer, item.start, item.end)

    def _from_module(self, specifier: str, name: str, importer: str, start: int, end: int) -> Value:
        target = self.source.resolve(specifier, importer)
        if target.file is not None:
            return Namespace(target.file) if name == "*" else self.exported(target.file, name)
        path = () if name == "*" else (name,)
        return self.external(External(target.package, path, importer, start, end))

    def exported(self, path: str, name: str) -> Value:
        """What a module exports under a name; Unknown if it can not be found."""
        key = (path, name)
        if key not in self._exports:
            self._exports[key] = Unknown("an export that leads back to itself")
            self._exports[key] = self._find_export(path, name, set()) or Unknown(f"{path} exports no {name}")
        return self._exports[key]

    def _find_export(self, path: str, name: str, seen: set[str]) -> Value | None:
        module = self.source.module(path)
        scope = self.root(path)
        if module is None or scope is None or path in seen:
            return None
        seen.add(path)
        if path not in self._named_exports:
            self._named_exports[path] = {export.name: export for export in reversed(module.exports)}
        named = self._named_exports[path].get(name)
        if named is not None and named.specifier is not None:
            return self._from_module(named.specifier, named.source, path, named.start, named.end)
        if named is not None:
            binding = scope.find(named.source)
            return binding.value(self) if binding is not None else None
        for export in module.exports if "*" in self._named_exports[path] else ():
            if export.name == "*" and export.specifier is not None and name != "default":
                target = self.source.resolve(export.specifier, path)
                if target.file is not None:
                    found = self._find_export(target.file, name, seen)
                    if found is not None:
                        return found
                else:
                    found = self.external(External(target.package, (name,), path, export.start, export.end))
                    if not isinstance(found, External):
                        return found
        return None

    def export_names(self, path: str, seen: set[str] | None = None) -> tuple[list[str], list[str]]:
        """The names that a module exports, and why there may be more."""
        seen = seen if seen is not None else set()
        module = self.source.module(path)
        if module is None or path in seen:
            return [], ([] if path in seen else [f"{path} can not be read"])
        seen.add(path)
        names: dict[str, None] = {}
        gaps: list[str] = []
        for export in module.exports:
            if export.name != "*":
                names[export.name] = None
                continue
            target = self.source.resolve(export.specifier or "", path)
            if target.file is None:
                gaps.append(f"export * from {export.specifier!r} is not known")
                continue
            inner, more = self.export_names(target.file, seen)
            names.update(dict.fromkeys(n for n in inner if n != "default"))
            gaps += more
        return list(names), gaps

    def external(self, value: External) -> Value:
        """A name of a package: the product's own value for it, if there is one."""
        if len(value.path) == 1:
            known = self.intrinsics.values.get((value.package, value.path[0]))
            if known is not None:
                return known
            return self.intrinsics.package(value) or value
        return value

    @property
    def is_exhausted(self) -> bool:
        """Whether the repository has needed more steps than it may."""
        return self.steps > MAX_STEPS

    # --- expressions -----------------------------------------------------------------------------------------

    def evaluate(self, node: ir.Expression, scope: Scope) -> Value:
        """The value of an expression in a scope."""
        kind = type(node)
        if kind is ir.Literal or kind is ir.Name:
            value: Value = self._dispatch[kind](node, scope)
            return value
        memo, key = scope.memo, id(node)
        known = memo.get(key)
        if known is not None:
            return known
        self.steps += 1
        if self.steps > MAX_STEPS:
            return Unknown(TOO_MANY_STEPS)
        if self._depth >= MAX_DEPTH:
            return Unknown("an expression that goes too deep")
        self._depth += 1
        try:
            value = self._dispatch[kind](node, scope)
        finally:
            self._depth -= 1
        memo[key] = value
        return value

    def _name(self, node: ir.Name, scope: Scope) -> Value:
        if node.name == "this":
            return scope.find_this() or Unknown("this is not known")
        binding = scope.find(node.name)
        if binding is not None:
            return binding.past.at(node.start, scope, self) if binding.past is not None else binding.value(self)
        known = self.intrinsics.globals.get(node.name) or GLOBALS.get(node.name)
        return known or Unknown(f"{node.name} is not defined in this repository")

    def _index(self, node: ir.Index, scope: Scope) -> Value:
        key = key_of(self.evaluate(node.index, scope))
        if key is None:
            return Unknown("an index that is not known")
        return self.evaluate(node.object, scope).member(key, self)

    def builtin_member(self, value: Value, name: str) -> Value | None:
        """A method or property that an array or a string has by itself."""
        return builtin_member(value, name)

    def _call(self, node: ir.Call, scope: Scope) -> Value:
        if isinstance(node.callee, ir.Name):
            if node.callee.name in ("import", "require") and node.args:
                specifier = text_of(self.evaluate(node.args[0], scope))
                if specifier is not None:
                    return self._from_module(specifier, "*", scope.module, node.start, node.end)
            if node.callee.name == "super":
                return UNDEFINED
        return self.evaluate(node.callee, scope).call(self.site(node, scope), self)

    def _new(self, node: ir.New, scope: Scope) -> Value:
        return self.evaluate(node.callee, scope).construct(self.site(node, scope), self)

    def site(self, node: ir.Call | ir.New, scope: Scope) -> Site:
        """A call with its arguments, spreads resolved where they are known."""
        arguments: list[Callable[[], Value]] = []
        gaps: list[str] = []
        for arg in node.args:
            if not isinstance(arg, ir.Spread):
                arguments.append(partial(self.evaluate, arg, scope))
                continue
            spread = self.evaluate(arg.value, scope)
            if isinstance(spread, ArrayValue) and not spread.gaps:
                arguments += [partial(_itself, item) for item in spread.items]
            else:
                gaps.append("the arguments are spread from something unknown")
                break
        return Site(node, scope, arguments, tuple(gaps))

    def _template(self, node: ir.Template, scope: Scope) -> Value:
        text = ""
        for part in node.parts:
            if isinstance(part, str):
                text += part
                continue
            value = self.evaluate(part, scope)
            if not isinstance(value, Constant) or value is UNDEFINED:
                return of_operands(value, otherwise="a template with a part that is not known")
            text += literal_text(value.value)
        return constant_text(text)

    def _tagged(self, node: ir.Tagged, scope: Scope) -> Value:
        return self.evaluate(node.tag, scope).tagged(node.template, Site(node, scope), self)

    def _object(self, node: ir.Object, scope: Scope) -> Value:
        result = ObjectValue()
        for entry in node.entries:
            if isinstance(entry, ir.Spread):
                self.spread_into(result, self.evaluate(entry.value, scope))
                continue
            key = entry.key if isinstance(entry.key, str) else key_of(self.evaluate(entry.key, scope))
            if key is None:
                result.gaps.append("a computed key that is not known")
                continue
            if key in result.entries:
                result.entries[key].read()  # it is evaluated all the same, and may change a builder
            reader = partial(self.evaluate, entry.value, scope)
            result.entries[key] = Entry(reader, scope.module, entry.start, entry.end)
        return result

    def spread_into(self, result: ObjectValue, spread: Value) -> None:
        """Add the properties of a value to an object: `{ ...value }`."""
        match spread:
            case ObjectValue():
                result.add(spread)
            case Namespace(module=path):
                names, gaps = self.export_names(path)
                for name in names:
                    result.entries[name] = self._export_entry(path, name)
                result.gaps += gaps
            case Constant(value=str()):
                result.gaps.append("the characters of a string")
            case Constant():
                pass  # spreading null, undefined, false or a number adds nothing
            case Union() if any(isinstance(a, ObjectValue) for a in spread.alternatives):
                result.gaps.append("a spread that depends on a condition")
            case Unknown(reason=reason):
                result.gaps.append(f"a spread that is not known: {reason}")
            case _:
                entries = self.entries_of(spread)
                if entries is None:
                    result.gaps.append("a spread that is not known")
                else:
                    result.add(entries)

    def _export_entry(self, path: str, name: str) -> Entry:
        return Entry(partial(self.exported, path, name), path, 0, 0)

    def entries_of(self, value: Value) -> ObjectValue | None:
        """The properties of any value that has such: an object, a module, a table's columns."""
        if isinstance(value, ObjectValue):
            return value
        if isinstance(value, Namespace):
            result = ObjectValue()
            self.spread_into(result, value)
            return result
        own = getattr(value, "as_object", None)
        found = own(self) if callable(own) else None
        return found if isinstance(found, ObjectValue) else None

    def _array(self, node: ir.Array, scope: Scope) -> Value:
        result = ArrayValue()
        for item in node.items:
            if not isinstance(item, ir.Spread):
                result.items.append(self.evaluate(item, scope))
                continue
            spread = self.evaluate(item.value, scope)
            if isinstance(spread, ArrayValue):
                result.add(spread.items, spread.gaps)
            else:
                reason = spread.reason if isinstance(spread, Unknown) else "its value is not an array"
                result.gaps.append(f"a spread that is not known: {reason}")
        return result

    def _function(self, node: ir.Function, scope: Scope) -> Value:
        # Only an arrow function has the `this` around it.
        return FunctionValue(node, scope, scope.find_this() if node.kind == "arrow" else _NO_THIS)

    def _conditional(self, node: ir.Conditional, scope: Scope) -> Value:
        truth = self.evaluate(node.test, scope).truth()
        if truth is not None:
            return self.evaluate(node.then if truth else node.otherwise, scope)
        return join([self.evaluate(node.then, scope), self.evaluate(node.otherwise, scope)])

    def _binary(self, node: ir.Binary, scope: Scope) -> Value:
        left = self.evaluate(node.left, scope)
        if node.operator in ("&&", "||", "??"):
            truth = left.truth()
            if node.operator == "??":
                is_open = isinstance(left, (Unknown, Union, External)) or (left.truth() is None)
                truth = None if is_open else not _is_nullish(left)
            if truth is None:
                # What makes `left && right` fail is not of interest.
                first = UNDEFINED if node.operator == "&&" else left
                return join([first, self.evaluate(node.right, scope)])
            return left if truth is (node.operator != "&&") else self.evaluate(node.right, scope)
        right = self.evaluate(node.right, scope)
        if not isinstance(left, Constant) or not isinstance(right, Constant):
            return of_operands(left, right, otherwise="an operation on something unknown")
        return operation(node.operator, left, right)

    def _assign(self, node: ir.Assign, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        if node.operator in ("=", "delete"):
            return value if node.operator == "=" else Constant(True)
        if node.operator in ("??=", "||="):
            return join([self.evaluate(node.target, scope), value])
        return Unknown(f"the operator {node.operator}")

    def _unary(self, node: ir.Unary, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        if node.operator == "typeof":
            return type_name(value)
        if node.operator == "!":
            truth = value.truth()
            return Constant(not truth) if truth is not None else Unknown("the negation of something unknown")
        if node.operator == "-" and isinstance(value, Constant) and isinstance(value.value, (int, float)):
            return Constant(-value.value)
        return UNDEFINED if node.operator == "void" else of_operands(value, otherwise=f"the operator {node.operator}")

    def _cast(self, node: ir.Cast, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        if isinstance(value, (Unknown, External)):
            typed = self.of_type(node.type, scope)
            return value if isinstance(typed, Unknown) else typed
        return value

    def _opaque(self, node: ir.Opaque, scope: Scope) -> Value:
        if node.reason == "sequence_expression" and node.parts:
            return self.evaluate(node.parts[-1], scope)
        return Unknown(f"{node.reason.replace('_', ' ')} is not evaluated")

    def enum(self, node: ir.DeclareEnum, scope: Scope) -> Value:
        """The members of an enum as an object; those that are numbers lead back to their names."""
        result = ObjectValue()
        for name, value in node.members:
            member: Value = Constant(value) if value is not None else Unknown("an enum's member")
            result.entries[name] = Entry(partial(_itself, member), scope.module, node.start, node.end)
            if isinstance(value, (int, float)):
                named = partial(_itself, Constant(name))
                result.entries[literal_text(value)] = Entry(named, scope.module, node.start, node.end)
        return result

    def namespace(self, node: ir.DeclareNamespace, scope: Scope) -> Value:
        """What a namespace exports, as an object."""
        inner = self.namespace_scope(node, scope)
        result = ObjectValue()
        for export in node.exports:
            binding = inner.find(export.source)
            if binding is not None:
                reader = partial(binding.value, self)
                result.entries[export.name] = Entry(reader, scope.module, export.start, export.end)
        return result

    # --- names -----------------------------------------------------------------------------------------------

    def initial(self, node: ir.Declare, scope: Scope) -> Value:
        """The value that a declaration gives; its type where the value is not known."""
        value = self.evaluate(node.value, scope) if node.value is not None else None
        if (value is None or isinstance(value, (Unknown, External))) and node.type is not None:
            typed = self.of_type(node.type, scope)
            if not isinstance(typed, Unknown):
                return typed
        if node.kind == "declare":
            return Unknown("it is only declared here")
        return value if value is not None else UNDEFINED

    def declared(self, node: ir.Declare, name: str, scope: Scope) -> Value:
        """The value that a variable is declared with."""
        value = self.initial(node, scope)
        return self.intrinsics.ambient(name, value) if node.kind == "declare" else value

    def destructured(self, whole: Value, entry: ir.PatternEntry, scope: Scope) -> Value:
        """The part of a value that an entry of a pattern takes."""
        key = entry.key if isinstance(entry.key, str) else key_of(self.evaluate(entry.key, scope))
        value = whole.member(key, self) if key is not None else Unknown("a computed key that is not known")
        if entry.default is not None and (value is UNDEFINED or isinstance(value, (Unknown, Union))):
            return (
                join([value, self.evaluate(entry.default, scope)])
                if value is not UNDEFINED
                else self.evaluate(entry.default, scope)
            )
        return value

    def remaining(self, whole: Value, taken: frozenset[str] | None) -> Value:
        """What `...rest` of an object pattern is; `taken` are the other keys, None where they are not known."""
        entries = self.entries_of(whole)
        if entries is None or taken is None:
            return Unknown("the rest of something unknown")
        return ObjectValue({k: v for k, v in entries.entries.items() if k not in taken}, list(entries.gaps))

    def unknown_member(self, owner: Unknown, name: str) -> Value:
        """A member of something unknown: perhaps the runtime's (`c.env`)."""
        return self.intrinsics.member(self, owner, name) or Unknown(owner.reason)

    def context_variable(self, name: str) -> Value:
        """The value of a variable that a middleware sets on the context."""
        if name not in self._context_variables:
            self._context_variables[name] = Unknown("a variable of the context that depends on itself")
            values = [self.evaluate(node, scope) for node, scope in self.context_setters(name)]
            known = [value for value in values if not isinstance(value, Unknown)]
            self._context_variables[name] = join(known) if known else Unknown("a variable of the context")
        return self._context_variables[name]

    # --- functions and classes -------------------------------------------------------------------------------

    def inline(self, function: FunctionValue, site: Site | None) -> Value:
        """The result of calling a function of the source; without a site its parameters are known by type only."""
        node = function.node
        depth = site.scope.depth + 1 if site is not None else function.scope.depth + 1
        active = self._active.get(id(node), 0)
        if self._nesting == 0:
            self._inlined = 0
        self._inlined += 1
        if depth > MAX_CALL_DEPTH or active > 1 or self._inlined > MAX_INLINED:
            return self._of_result_type(function, Unknown("calls that go too deep"))
        if node.kind == "generator":
            return self._of_result_type(function, Unknown("what a generator yields"))
        scope = self.call_scope(function, site, depth)
        self._active[id(node)] = active + 1
        self._nesting += 1
        try:
            if node.result is not None:
                result = self.evaluate(node.result, scope)
            else:
                completion = self._complete(node.body, scope)
                result = join([*completion.values, UNDEFINED] if completion.falls else completion.values)
        finally:
            self._active[id(node)] = active
            self._nesting -= 1
        return self._of_result_type(function, result)

    def _of_result_type(self, function: FunctionValue, result: Value) -> Value:
        if isinstance(result, (Unknown, External)) and function.node.returns is not None:
            typed = self.of_type(function.node.returns, function.scope)
            if not isinstance(typed, Unknown):
                return typed
        return result

    def call_scope(self, function: FunctionValue, site: Site | None, depth: int | None = None) -> Scope:
        """The scope of a function's body in one call of it, with the arguments of that call."""
        node = function.node
        depth = depth if depth is not None else (site.scope.depth if site is not None else 0) + 1
        scope = Scope(function.scope, function.scope.module, node.body, node, function.this, depth)
        if site is not None and not site.is_later:
            scope.called_at = site.scope, site.node.start
        for index, parameter in enumerate(node.params):
            if parameter.is_rest:
                rest = site.arguments[index:] if site is not None else ()
                items = ArrayValue(
                    [read() for read in rest], list(site.gaps) if site is not None else ["unknown arguments"]
                )
                scope.bind_pattern(parameter.pattern, Binding(partial(_known, items)))
            else:
                whole = Binding(partial(_argument, parameter, index, site, scope))
                scope.bind_pattern(parameter.pattern, whole)
        return scope

    def applied_scope(self, function: FunctionValue, arguments: Sequence[Value], node: ir.Call, scope: Scope) -> Scope:
        """The scope of a function's body where a call in a scope leads to its being called with some values."""
        site = Site(node, scope, [partial(_itself, value) for value in arguments])
        return self.call_scope(function, site)

    def argument(self, parameter: ir.Parameter, index: int, site: Site | None, scope: Scope) -> Value:
        """The value of a parameter in a call: its argument, its default, or what its type says."""
        if site is None:
            return self.parameter(parameter, scope)
        value = site.argument(index)
        if value is UNDEFINED and parameter.default is not None:
            return self.evaluate(parameter.default, scope)
        if isinstance(value, (Unknown, External)):
            typed = self.parameter(parameter, scope)
            return value if isinstance(typed, Unknown) else typed
        return value

    def parameter(self, parameter: ir.Parameter, scope: Scope) -> Value:
        """What is known of a parameter without its argument: by its type, or by its name."""
        if parameter.type is not None:
            typed = self.of_type(parameter.type, scope)
            if not isinstance(typed, Unknown):
                return typed
        if isinstance(parameter.pattern, ir.Name):
            by_name = self.intrinsics.parameter(parameter.pattern.name)
            if by_name is not None:
                return by_name
        return Unknown("a parameter", parameter=True)

    def _complete(self, body: tuple[ir.Statement, ...], scope: Scope) -> _Completion:
        """How the statements of a block can end, in the scope of an inlined call."""
        found: list[Value] = []
        jumps = False
        for statement in body:
            ending = self._complete_statement(statement, scope)
            found += ending.values
            jumps = jumps or ending.jumps
            if not ending.falls:
                return _Completion(found, False, jumps)
        return _Completion(found, True, jumps)

    def _complete_statement(self, node: ir.Statement, scope: Scope) -> _Completion:
        match node:
            case ir.Return(value=value):
                return _Completion([self.evaluate(value, scope) if value is not None else UNDEFINED], False)
            case ir.Throw():
                return _Completion([], False)
            case ir.Jump(label=label):
                return _Completion([Unknown("a jump to a label")] if label else [], False, True)
            case ir.Block(body=body):
                return self._complete(body, scope.child(body, body))
            case ir.If(test=test, then=then, otherwise=otherwise):
                truth = self.evaluate(test, scope).truth()
                branches = [branch for branch, taken in ((then, True), (otherwise, False)) if truth in (None, taken)]
                return _either([self._complete(branch, scope.child(branch, branch)) for branch in branches])
            case ir.Try(block=block, handler=handler, finalizer=finalizer):
                endings = [self._complete(block, scope.child(block, block))]
                if handler is not None:
                    endings.append(self._complete(handler, self.catch_scope(node, scope)))
                last = self._complete(finalizer, scope.child(finalizer, finalizer))
                return _either([*endings, _Completion(last.values, False)]) if last.falls else last
            case ir.Switch():
                return self._complete_switch(node, scope)
            case ir.Loop():
                return self._complete_loop(node, scope)
            case _:
                return _Completion([], True)

    def _complete_switch(self, node: ir.Switch, scope: Scope) -> _Completion:
        inner = self.switch_scope(node, scope)
        subject = self.evaluate(node.subject, scope)
        first: int | None = None
        for index, case in enumerate(node.cases):
            equal = is_equal(subject, self.evaluate(case.test, inner)) if case.test is not None else False
            if equal is None:
                # Nothing says which case it is: it may be any of them, or none.
                endings = [self._complete(each.body, inner) for each in node.cases]
                has_default = any(each.test is None for each in node.cases)
                is_closed = has_default and not endings[-1].falls and not any(each.jumps for each in endings)
                return _Completion([value for each in endings for value in each.values], not is_closed)
            if equal:
                first = index
                break
        else:
            first = next((index for index, case in enumerate(node.cases) if case.test is None), None)
        if first is None:
            return _Completion([], True)
        ending = self._complete(tuple(s for case in node.cases[first:] for s in case.body), inner)
        return _Completion(ending.values, ending.falls or ending.jumps)

    def _complete_loop(self, node: ir.Loop, scope: Scope) -> _Completion:
        iterable = self.evaluate(node.iterable, scope) if node.kind == "of" and node.iterable is not None else None
        if not isinstance(iterable, ArrayValue) or iterable.gaps:
            loop = self.loop_scope(node, scope)
            return _Completion(self._complete(node.body, loop.child(node.body, node.body)).values, True)
        found: list[Value] = []
        for item in iterable.items:
            self._inlined += 1
            if self._inlined > MAX_INLINED:
                return _Completion([*found, Unknown("loops that turn too often")], True)
            ending = self._complete(node.body, self.iteration_scope(node, scope, item))
            found += ending.values
            if not ending.falls and not ending.jumps:
                return _Completion(found, False)
        return _Completion(found, True)

    def apply(self, function: Value, arguments: Sequence[Value], site: Site | None, is_later: bool = True) -> Value:
        """The result of calling a value with values: because of the call at a site, and later or at once."""
        node = site.node if site is not None else _NO_CALL
        scope = site.scope if site is not None else _NO_SCOPE
        readers = [partial(_itself, value) for value in arguments]
        return function.call(Site(node, scope, readers, is_later=is_later or site is None or site.is_later), self)

    def instance_member(self, instance: Instance, name: str) -> Value:
        """A member of an instance: a field, a constructor's property, a method, what a method assigns, or a base's."""
        return instance_member(instance, name, self)

    # --- scopes ----------------------------------------------------------------------------------------------

    def function_scope(self, node: ir.Function, scope: Scope) -> Scope:
        """The scope of a function's body where nobody in particular calls it; the same for the same function."""
        inner = scope.children.get(id(node))
        if inner is None:
            inner = Scope(scope, scope.module, node.body, node, None, scope.depth)
            scope.children[id(node)] = inner
            for parameter in node.params:
                whole = Binding(partial(_parameter, parameter, inner))
                inner.bind_pattern(parameter.pattern, whole)
        return inner

    def member_scope(self, node: ir.Class, is_static: bool, scope: Scope, instance: Instance | None = None) -> Scope:
        """The scope around a class's members, with its `this`."""
        key: object = instance if instance is not None else node.members
        inner = scope.children.get(id(key) + is_static)
        if inner is None:
            cls = self.evaluate(node, scope)
            this = instance or (cls if is_static or not isinstance(cls, ClassValue) else Instance(cls))
            inner = Scope(scope, scope.module, (), scope.function, this, scope.depth)
            scope.children[id(key) + is_static] = inner
        return inner

    def loop_scope(self, node: ir.Loop, scope: Scope) -> Scope:
        """The scope of a loop's head, with its variable."""
        inner = scope.child(node, node.init)
        if node.binding is not None and not inner.names:
            inner.bind_pattern(node.binding, Binding(partial(_loop_element, node, scope)))
        elif node.init and not inner.names:
            inner.bind()
            for name in inner.names.keys() & scope.root().changes.keys():
                inner.names[name] = Binding(lambda ev: Unknown("it changes with every turn of a loop"))
        return inner

    def iteration_scope(self, node: ir.Loop, scope: Scope, item: Value) -> Scope:
        """The scope of a loop's body in one turn of it."""
        head = Scope(scope, scope.module, (), scope.function, None, scope.depth)
        if node.binding is not None:
            head.bind_pattern(node.binding, Binding(partial(_known, item)))
        return Scope(head, scope.module, node.body, scope.function, None, scope.depth)

    def namespace_scope(self, node: ir.DeclareNamespace, scope: Scope) -> Scope:
        """The scope of a namespace's body."""
        return scope.child(node, node.body)

    def catch_scope(self, node: ir.Try, scope: Scope) -> Scope:
        """The scope of a catch block, with its parameter."""
        handler = node.handler or ()
        inner = scope.child(node, handler)
        if node.parameter is not None and not inner.names:
            inner.bind_pattern(node.parameter, Binding(lambda ev: Unknown("a caught error")))
        return inner

    def switch_scope(self, node: ir.Switch, scope: Scope) -> Scope:
        """The one scope of all cases of a switch."""
        inner = scope.children.get(id(node.cases))
        if inner is None:
            inner = scope.child(node.cases, tuple(s for case in node.cases for s in case.body))
        return inner

    def walk(self, body: tuple[ir.Statement, ...], scope: Scope) -> list[Visit]:
        """The calls, templates and assignments in the statements of a scope, and in all functions inside them."""
        known = self._walks.get(id(scope))
        if known is None:
            walk = Walk(self)
            walk.statements(body, scope, None, None)
            # The scope is kept with them: its identity is the key.
            known = self._walks[id(scope)] = (scope, walk.visits)
        return known[1]

    # --- types -----------------------------------------------------------------------------------------------

    def of_type(self, node: ir.Type, scope: Scope, depth: int = 0) -> Value:
        """A value of which only the type is known."""
        if depth > MAX_CALL_DEPTH:
            return Unknown("a type that goes too deep")
        match node:
            case ir.TypeName():
                return self._of_type_name(node, scope, depth)
            case ir.TypeObject():
                typed = scope.memo.get(id(node))
                if not isinstance(typed, ObjectValue):
                    typed = scope.memo[id(node)] = self._of_object_type(node, scope, depth)
                return typed.copy()
            case ir.TypeUnion(operator="&", members=parts):
                return Intersection(tuple(self.of_type(part, scope, depth + 1) for part in parts))
            case ir.TypeUnion(members=parts):
                values = [self.of_type(part, scope, depth + 1) for part in parts if not _is_nothing_type(part)]
                known = [value for value in values if not isinstance(value, Unknown)]
                return join(known) if len(known) == len(values) and known else Unknown("a union of types")
            case ir.TypeQuery(value=value):
                return self.evaluate(value, scope).of_its_type()
            case ir.TypeFunction(returns=returns):
                return TypedFunction(returns, scope)
            case ir.TypeIndexed(object=obj, key=key):
                return self.of_type(obj, scope, depth + 1).member(key, self)
            case _:
                return Unknown("a type that says nothing")

    def _of_object_type(self, node: ir.TypeObject, scope: Scope, depth: int) -> ObjectValue:
        result = ObjectValue(gaps=["an object of which only the type is known"], is_typed=True)
        for name, declared in node.members:
            reader = Binding(partial(_of_type, declared, scope, depth + 1))
            result.entries[name] = Entry(partial(reader.value, self), scope.module, declared.start, declared.end)
        return result

    def _of_type_name(self, node: ir.TypeName, scope: Scope, depth: int) -> Value:
        if node.name in _WRAPPERS and node.args:
            return self.of_type(node.args[0], scope, depth + 1)
        if node.name in ("ReturnType", "InstanceType") and node.args:
            inner = self.of_type(node.args[0], scope, depth + 1)
            if node.name == "InstanceType":
                return Instance(inner) if isinstance(inner, ClassValue) else Unknown("an instance of something unknown")
            return self._result_of(inner)
        if node.name == "Parameters" and node.args:
            return Parameters(self.of_type(node.args[0], scope, depth + 1))
        head, _, rest = node.name.partition(".")
        found = scope.find_type(head)
        if found is not None and not rest and head not in self.intrinsics.fixed_types:
            return self.of_type(found[0], found[1], depth + 1)
        binding = scope.find(head)
        if binding is not None:
            imported = self._imported_type(head, rest, node.args, scope, depth)
            if imported is not None:
                return imported
            value = binding.value(self)
            for part in rest.split(".") if rest else ():
                value = value.member(part, self)
            if isinstance(value, ClassValue):
                return Instance(value)
            return Unknown(f"the type {node.name}")
        intrinsic = self.intrinsics.global_types.get(node.name)
        if intrinsic is not None:
            return intrinsic(self, node.args, scope)
        return GLOBAL_TYPES.get(node.name) or Unknown(f"the type {node.name}")

    def _result_of(self, function: Value) -> Value:
        results = [
            self.inline(a, None) if isinstance(a, FunctionValue) else self.apply(a, [], None)
            for a in alternatives(function)
        ]
        return join(results)

    def _imported_type(self, name: str, rest: str, args: tuple[ir.Type, ...], scope: Scope, depth: int) -> Value | None:
        """A value of an imported type; None if the name is not one."""
        module = self.source.module(scope.module)
        item = next((i for i in module.imports if i.local == name), None) if module is not None else None
        if item is None:
            return None
        wanted = rest if item.imported == "*" else item.imported
        return self._type_from(item.specifier, wanted, scope.module, args, scope, depth, set())

    def _type_from(
        self,
        specifier: str,
        name: str,
        importer: str,
        args: tuple[ir.Type, ...],
        scope: Scope,
        depth: int,
        seen: set[str],
    ) -> Value | None:
        target = self.source.resolve(specifier, importer)
        if target.file is None:
            intrinsic = self.intrinsics.types.get((target.package, name))
            return intrinsic(self, args, scope) if intrinsic is not None else Unknown(f"the type {name}")
        module, root = self.source.module(target.file), self.root(target.file)
        if module is None or root is None or target.file in seen:
            return None
        seen.add(target.file)
        for export in module.exports:
            if export.name == name and export.specifier is not None:
                return self._type_from(export.specifier, export.source, target.file, args, scope, depth, seen)
            if export.name == name:
                found = root.find_type(export.source)
                if found is not None:
                    return self.of_type(found[0], found[1], depth + 1)
                return self._imported_type(export.source, "", args, root, depth) or self._class_type(
                    root, export.source
                )
        for export in module.exports:
            if export.name == "*" and export.specifier is not None:
                inner = self._type_from(export.specifier, name, target.file, args, scope, depth, seen)
                if inner is not None and not isinstance(inner, Unknown):
                    return inner
        return None

    def _class_type(self, scope: Scope, name: str) -> Value | None:
        binding = scope.find(name)
        value = binding.value(self) if binding is not None else None
        return Instance(value) if isinstance(value, ClassValue) else None


_WRAPPERS = frozenset(
    {"Awaited", "Promise", "NonNullable", "Readonly", "Partial", "Required", "Pick", "Omit", "Simplify"}
)
_NO_THIS = Unknown("this depends on the call")
_NO_CALL = ir.Call(ir.Undefined(0, 0), (), (), 0, 0)
_NO_SCOPE = Scope(None, "")


def _is_nothing_type(node: ir.Type) -> bool:
    if isinstance(node, ir.TypeOpaque):
        return True  # `null` and `undefined` are literal types
    is_text = isinstance(node, ir.TypeName) and node.name.startswith('"')
    return is_text or (isinstance(node, ir.TypeName) and node.name in ("undefined", "null", "void", "never"))


def _is_nullish(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is None


def _either(endings: list[_Completion]) -> _Completion:
    return _Completion(
        [value for ending in endings for value in ending.values],
        any(ending.falls for ending in endings),
        any(ending.jumps for ending in endings),
    )


def _element(value: Value) -> Value:
    if isinstance(value, ArrayValue) and value.items and not value.gaps:
        return join(value.items)
    return Unknown("an element of a loop")


def _itself(value: Value) -> Value:
    return value


def _known(value: Value, ev: Evaluator) -> Value:
    return value


def _imported(item: ir.Import, path: str, ev: Evaluator) -> Value:
    return ev.imported(item, path)


def _argument(parameter: ir.Parameter, index: int, site: Site | None, scope: Scope, ev: Evaluator) -> Value:
    return ev.argument(parameter, index, site, scope)


def _parameter(parameter: ir.Parameter, scope: Scope, ev: Evaluator) -> Value:
    return ev.parameter(parameter, scope)


def _of_type(declared: ir.Type, scope: Scope, depth: int, ev: Evaluator) -> Value:
    return ev.of_type(declared, scope, depth)


def _loop_element(loop: ir.Loop, scope: Scope, ev: Evaluator) -> Value:
    if loop.kind != "of" or loop.iterable is None:
        return Unknown("a key of a loop")
    return _element(ev.evaluate(loop.iterable, scope))


__all__ = ["Evaluator", "Intrinsics", "ModuleSource", "Native", "Resolved", "TypeIntrinsic"]
