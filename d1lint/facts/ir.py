"""The intermediate representation of a module: a small, immutable expression tree.

Casts to `any`, parentheses, `!`, `as const` and `satisfies` are gone; what the lowering does not know is `Opaque`,
which keeps the expressions inside it so that no call is lost. Every node has the byte offsets `start` and `end`
of the source text it came from (end exclusive). Nodes are msgspec structs: immutable, cheap to make, and a module is
MessagePack in a few milliseconds.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Node(Struct, frozen=True, gc=False, array_like=True, tag_field="node", tag=True):
    """The base of all nodes. They hold no cycles, so the garbage collector need not visit them."""


# --- expressions -----------------------------------------------------------------------------------------------


class Literal(Node, frozen=True):
    """A string, number, boolean or null."""

    value: str | int | float | bool | None
    start: int
    end: int


class Undefined(Node, frozen=True):
    """The identifier `undefined`."""

    start: int
    end: int


class Name(Node, frozen=True):
    """An identifier in a place where it is read; `this` and `super` are names too."""

    name: str
    start: int
    end: int


class Member(Node, frozen=True):
    """`object.name` or `object?.name`; `name_start` is where the name begins."""

    object: Expression
    name: str
    name_start: int
    start: int
    end: int


class Index(Node, frozen=True):
    """`object[index]`."""

    object: Expression
    index: Expression
    start: int
    end: int


class Call(Node, frozen=True):
    """`callee<type_args>(args)`."""

    callee: Expression
    args: tuple[Expression, ...]
    type_args: tuple[Type, ...]
    start: int
    end: int


class New(Node, frozen=True):
    """`new callee<type_args>(args)`."""

    callee: Expression
    args: tuple[Expression, ...]
    type_args: tuple[Type, ...]
    start: int
    end: int


class Template(Node, frozen=True):
    """A template string: texts and expressions in their order."""

    parts: tuple[str | Expression, ...]
    start: int
    end: int


class Tagged(Node, frozen=True):
    """A tagged template: sql`…`."""

    tag: Expression
    template: Template
    type_args: tuple[Type, ...]
    start: int
    end: int


class Property(Node, frozen=True):
    """`key: value` of an object literal; `key` is an expression where it is computed."""

    key: str | Expression
    value: Expression
    start: int
    end: int


class Spread(Node, frozen=True):
    """`...value` in an object, an array or the arguments of a call."""

    value: Expression
    start: int
    end: int


class Object(Node, frozen=True):
    """An object literal."""

    entries: tuple[Property | Spread, ...]
    start: int
    end: int


class Array(Node, frozen=True):
    """An array literal."""

    items: tuple[Expression, ...]
    start: int
    end: int


class Parameter(Node, frozen=True):
    """A parameter. `is_property` says that a constructor stores it (`private db: Db`)."""

    pattern: Pattern
    type: Type | None
    default: Expression | None
    is_rest: bool
    is_property: bool
    start: int
    end: int


class Function(Node, frozen=True):
    """A function, arrow function or method. `result` is the expression of an arrow without a block, else None.

    `kind` is "" for an ordinary function, "arrow", or "generator".
    """

    name: str
    params: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    result: Expression | None
    returns: Type | None
    is_async: bool
    start: int
    end: int
    kind: str = ""


class Class(Node, frozen=True):
    """A class, as a declaration or an expression."""

    name: str
    base: Expression | None
    members: tuple[ClassMember, ...]
    start: int
    end: int


class ClassMember(Node, frozen=True):
    """A field (`value` is its initialiser) or a method (a Function). `kind`: field, method, get, set, block."""

    kind: str
    name: str
    value: Expression | None
    type: Type | None
    is_static: bool
    start: int
    end: int


class Conditional(Node, frozen=True):
    """`test ? then : otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression
    start: int
    end: int


class Binary(Node, frozen=True):
    """`left operator right`, for `&&`, `||` and `??` too."""

    operator: str
    left: Expression
    right: Expression
    start: int
    end: int


class Unary(Node, frozen=True):
    """`operator value`."""

    operator: str
    value: Expression
    start: int
    end: int


class Await(Node, frozen=True):
    """`await value`, and `yield value`."""

    value: Expression
    start: int
    end: int


class Assign(Node, frozen=True):
    """`target operator value`, such as `=` or `??=`; `++`, `--` and `delete` too. A pattern as target is Opaque."""

    operator: str
    target: Expression
    value: Expression
    start: int
    end: int


class Cast(Node, frozen=True):
    """`value as type`, where the type says something (not `any`, `unknown`, `const`, `never`)."""

    value: Expression
    type: Type
    start: int
    end: int


class Opaque(Node, frozen=True):
    """Syntax that the product has no use for (`reason` names it), with the expressions inside it."""

    reason: str
    parts: tuple[Expression, ...]
    start: int
    end: int


Expression: TypeAlias = (
    Literal | Undefined | Name | Member | Index | Call | New | Template | Tagged | Spread | Object | Array
    | Function | Class | Conditional | Binary | Unary | Await | Assign | Cast | Opaque
)  # fmt: skip


# --- patterns --------------------------------------------------------------------------------------------------


class PatternEntry(Node, frozen=True):
    """`key: target = default` of an object pattern, `[target = default]` of an array pattern (`key` is its index)."""

    key: str | Expression
    target: Pattern
    default: Expression | None


class ObjectPattern(Node, frozen=True):
    """`{ a, b: c, ...rest }`."""

    entries: tuple[PatternEntry, ...]
    rest: str | None
    start: int
    end: int


class ArrayPattern(Node, frozen=True):
    """`[a, b, ...rest]`; a hole is None."""

    items: tuple[PatternEntry | None, ...]
    rest: Pattern | None
    start: int
    end: int


Pattern: TypeAlias = Name | ObjectPattern | ArrayPattern


# --- types -----------------------------------------------------------------------------------------------------


class TypeName(Node, frozen=True):
    """`name<args>`; a qualified name keeps its dots."""

    name: str
    args: tuple[Type, ...]
    start: int
    end: int


class TypeObject(Node, frozen=True):
    """`{ a: A; b: B }`: its members in their order."""

    members: tuple[tuple[str, Type], ...]
    start: int
    end: int


class TypeUnion(Node, frozen=True):
    """`A | B`, or `A & B` where `operator` is `&`."""

    operator: str
    members: tuple[Type, ...]
    start: int
    end: int


class TypeQuery(Node, frozen=True):
    """`typeof value`."""

    value: Expression
    start: int
    end: int


class TypeFunction(Node, frozen=True):
    """`(…) => returns`."""

    returns: Type
    start: int
    end: int


class TypeIndexed(Node, frozen=True):
    """`object["key"]`."""

    object: Type
    key: str
    start: int
    end: int


class TypeOpaque(Node, frozen=True):
    """A type that the product has no use for."""

    start: int
    end: int


Type: TypeAlias = TypeName | TypeObject | TypeUnion | TypeQuery | TypeFunction | TypeIndexed | TypeOpaque


# --- statements ------------------------------------------------------------------------------------------------


class Declare(Node, frozen=True):
    """One declarator. `kind` is "const", "let", "var", or "declare" where something else defines it (`declare const`).

    `start` is that of the whole declaration, `export` included.
    """

    kind: str
    pattern: Pattern
    type: Type | None
    value: Expression | None
    start: int
    end: int


class DeclareFunction(Node, frozen=True):
    """`function name() {}`."""

    function: Function
    start: int
    end: int


class DeclareClass(Node, frozen=True):
    """`class Name {}`."""

    cls: Class
    start: int
    end: int


class DeclareType(Node, frozen=True):
    """`type Name = …` or `interface Name extends … {}` (then an intersection of its bases and its members)."""

    name: str
    type: Type
    start: int
    end: int


class DeclareEnum(Node, frozen=True):
    """`enum Name { … }` with the values that are literals."""

    name: str
    members: tuple[tuple[str, str | int | float | None], ...]
    start: int
    end: int


class DeclareNamespace(Node, frozen=True):
    """`namespace Name { … }` with the names that it exports."""

    name: str
    body: tuple[Statement, ...]
    exports: tuple[Export, ...]
    start: int
    end: int


class Evaluate(Node, frozen=True):
    """An expression as a statement."""

    value: Expression
    start: int
    end: int


class Return(Node, frozen=True):
    """`return value`."""

    value: Expression | None
    start: int
    end: int


class Jump(Node, frozen=True):
    """`break` or `continue`, as `kind` says; `label` is "" where they leave the innermost loop or switch."""

    kind: str
    label: str
    start: int
    end: int


class Throw(Node, frozen=True):
    """`throw value`."""

    value: Expression
    start: int
    end: int


class If(Node, frozen=True):
    """`if (test) then else otherwise`."""

    test: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    start: int
    end: int


class Loop(Node, frozen=True):
    """Any loop. `binding` and `iterable` are those of `for … of` and `for … in`; `head` holds the other expressions."""

    kind: str
    binding: Pattern | None
    iterable: Expression | None
    init: tuple[Statement, ...]
    head: tuple[Expression, ...]
    body: tuple[Statement, ...]
    start: int
    end: int


class Try(Node, frozen=True):
    """`try … catch … finally`."""

    block: tuple[Statement, ...]
    parameter: Pattern | None
    handler: tuple[Statement, ...] | None
    finalizer: tuple[Statement, ...]
    start: int
    end: int


class Case(Node, frozen=True):
    """`case test:` (None for `default:`) with its statements."""

    test: Expression | None
    body: tuple[Statement, ...]


class Switch(Node, frozen=True):
    """`switch (subject) { … }`."""

    subject: Expression
    cases: tuple[Case, ...]
    start: int
    end: int


class Block(Node, frozen=True):
    """`{ … }`, and a labelled statement."""

    body: tuple[Statement, ...]
    start: int
    end: int


Statement: TypeAlias = (
    Declare | DeclareFunction | DeclareClass | DeclareType | DeclareEnum | DeclareNamespace | Evaluate | Return | Jump
    | Throw | If | Loop | Try | Switch | Block
)  # fmt: skip


# --- modules ---------------------------------------------------------------------------------------------------


class Import(Node, frozen=True):
    """One imported name. `imported` is the exported name, `default`, or `*` for the whole module.

    An import for its side effects has an empty `local`. `start` and `end` are those of the whole statement.
    """

    local: str
    specifier: str
    imported: str
    type_only: bool
    start: int
    end: int


class Export(Node, frozen=True):
    """One exported name. Without a `specifier` it is the local name `source`; with one it is re-exported.

    A re-export's `source` is a name of the other module, or `*` for all of it as one object; `export *` has the
    name `*`.
    """

    name: str
    source: str
    specifier: str | None
    type_only: bool
    start: int
    end: int


class Comment(Node, frozen=True):
    """A comment that can concern the product, with its `//` or `/* */`."""

    text: str
    start: int
    end: int


class Change(Node, frozen=True):
    """A place that can change a variable.

    `depth` is 0 where it assigns the variable, 1 where it changes the object that the variable holds, 2 where it
    changes an object inside that. `start` is that of the assignment or call. Which variable of that name it is, the
    scopes tell.
    """

    name: str
    depth: int
    start: int


class SyntaxProblem(Node, frozen=True):
    """A place that does not parse."""

    message: str
    start: int
    end: int


DEFAULT = "*default*"
"""The local name under which `export default <expression>` is declared."""


class Module(Node, frozen=True):
    """All that is kept of one file."""

    path: str
    body: tuple[Statement, ...]
    imports: tuple[Import, ...]
    exports: tuple[Export, ...]
    comments: tuple[Comment, ...]
    problems: tuple[SyntaxProblem, ...]
    changes: tuple[Change, ...] = ()
