"""Checks that let only known values through: `if (!COLUMNS.includes(sort)) return`, `key in MAP ? key : "id"`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.taint.definitions import ELEMENT, KEYS, Definitions, Steps
from d1lint.model.taint.surroundings import Around, Surroundings, own_statements, results_of
from d1lint.model.values import Constant, FunctionValue, alternatives

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope

MAX_DEPTH = 6
"""How many functions and variables a check may be hidden behind."""

_MEMBERSHIP = frozenset({"includes", "has", "hasOwnProperty", "hasOwn"})
_SAME_TEXT = frozenset({"toLowerCase", "toUpperCase", "trim", "toString", "valueOf"})
_CHECKING = re.compile(r"valid|allow|permit|known|safe|support|check|assert|ensure|verify|sanit|^is[A-Z_]|guard", re.I)


@dataclass(frozen=True, slots=True)
class Access:
    """How a value is written: `body.sort` has the root `body` and the step `.sort`."""

    root: str
    steps: Steps = ()


def access_of(node: ir.Expression, steps: Steps = ()) -> Access | None:
    """The access that an expression is, case and casts left aside; None for other expressions."""
    while True:
        match node:
            case ir.Name(name=name):
                return Access(name, steps)
            case ir.Member(object=inner, name=name):
                node, steps = inner, (f".{name}", *steps)
            case ir.Index(object=inner, index=ir.Name(name=name)):
                node, steps = inner, (f"[{name}]", *steps)
            case ir.Cast(value=inner) | ir.Await(value=inner):
                node = inner
            case ir.Call(callee=ir.Member(object=inner, name=name), args=()) if name in _SAME_TEXT and not steps:
                node = inner
            case ir.Binary(operator="??" | "||", left=inner, right=ir.Literal()):
                node = inner
            case ir.Call(callee=ir.Member(object=inner, name=name), args=(ir.Literal(value=given),)):
                node, steps = inner, (f"{name}({given})", *steps)
            case ir.Call(callee=ir.Name(name="String"), args=(inner,)) if not steps:
                node = inner
            case ir.Call(callee=ir.Member(object=ir.Name(name="Object"), name="keys"), args=(inner,)):
                node, steps = inner, (KEYS, *steps[1:])
            case _:
                return None


class Guards:
    """Finds the checks that stand before a place, or around it. `text` gives a file's content."""

    def __init__(
        self, ev: Evaluator, surroundings: Surroundings, definitions: Definitions, text: Callable[[str], bytes]
    ) -> None:
        self._ev = ev
        self._surroundings = surroundings
        self._definitions = definitions
        self._text = text
        self.is_open: Callable[[ir.Expression, str, Steps], bool] = lambda node, path, steps: False
        """Whether a list, or the part of it that steps lead to, comes from outside itself: then it allows anything."""
        self._asked = 0
        self._known: dict[tuple[int, Steps, str], tuple[ir.Expression, tuple[ir.Expression, ...] | None]] = {}

    def checked(self, node: ir.Expression, steps: Steps, path: str) -> tuple[ir.Expression, ...] | None:
        """Whether only known values of an expression, or of the part that steps lead to, come to its place.

        None if not; else what is put in the place of the other values, which is mostly nothing.
        """
        subject = access_of(node, steps)
        if subject is None:
            return None
        key = (id(node), steps, path)
        known = self._known.get(key)
        if known is not None:
            return known[1]
        asked = self._asked
        chain = self._surroundings.of(path, node.start)
        found = self._on_the_way(chain, subject, path, node.start, 0)
        if asked == self._asked:  # what `is_open` says depends on what is being followed at the moment
            self._known[key] = (node, found)
        return found

    def _is_open(self, node: ir.Expression, path: str, steps: Steps) -> bool:
        self._asked += 1
        return self.is_open(node, path, steps)

    def _on_the_way(
        self, chain: tuple[Around, ...], subject: Access, path: str, position: int, depth: int
    ) -> tuple[ir.Expression, ...] | None:
        definition = self._definitions.of(subject.root, path, position)
        begin = definition.start if definition is not None else 0
        for around in chain:
            for statement in around.body[: around.index]:
                if statement.start < begin or self._is_assigned(subject.root, path, statement.end, position):
                    continue
                found = self._after(statement, subject, around.scope, path, depth)
                if found is not None:
                    return found
            start: int = getattr(around.node, "start", 0)
            if start >= begin and self._inside(around, subject, position, path, depth):
                return ()
        return None

    def _is_assigned(self, name: str, path: str, start: int, end: int) -> bool:
        """Whether something between two places assigns a variable."""
        module = self._ev.source.module(path)
        changes = module.changes if module is not None else ()
        return any(c.name == name and c.depth == 0 and start <= c.start < end for c in changes)

    def _inside(self, around: Around, subject: Access, position: int, path: str, depth: int) -> bool:
        """Whether the branch that a place is in is only taken for known values."""
        node, scope = around.node, around.scope
        match node:
            case ir.If(test=test, then=then, otherwise=otherwise):
                for branch, truth in ((then, True), (otherwise, False)):
                    if branch and branch[0].start <= position < branch[-1].end:
                        return self._implied(test, truth, subject, scope, path, depth)
            case ir.Conditional(test=test, then=chosen, otherwise=other):
                for part, truth in ((chosen, True), (other, False)):
                    if part.start <= position < part.end:
                        return self._implied(test, truth, subject, scope, path, depth)
            case ir.Binary(operator="&&" | "||", left=left, right=right) if right.start <= position < right.end:
                return self._implied(left, node.operator == "&&", subject, scope, path, depth)
            case ir.Switch(subject=switched, cases=cases) if access_of(switched) == subject:
                case_of = next((c for c in cases if c.body and c.body[0].start <= position < c.body[-1].end), None)
                return case_of is not None and case_of.test is not None
            case _:
                pass
        return False

    def _after(
        self, statement: ir.Statement, subject: Access, scope: Scope, path: str, depth: int
    ) -> tuple[ir.Expression, ...] | None:
        """Whether a statement lets only known values pass it."""
        match statement:
            case ir.If(test=test, then=then, otherwise=otherwise):
                if _ends(then) and self._implied(test, False, subject, scope, path, depth):
                    return ()
                if _ends(otherwise) and self._implied(test, True, subject, scope, path, depth):
                    return ()
                replaced = tuple(_assigned_to(subject, then)) if not otherwise else ()
                if replaced and self._implied(test, False, subject, scope, path, depth):
                    return replaced
            case ir.Switch(subject=switched, cases=cases) if access_of(switched) == subject:
                default = next((case for case in cases if case.test is None), None)
                if default is not None and _ends(default.body, breaks=False):
                    return ()
            case ir.Loop(kind="of", binding=ir.Name(name=name), iterable=ir.Node() as listed, body=body):
                rest = _rest(access_of(listed, (ELEMENT,)), subject)
                if rest is not None and self._each(Access(name, rest), body, statement, scope, path, depth):
                    return ()
            case ir.Evaluate(value=value):
                call = value.value if isinstance(value, ir.Await) else value
                if isinstance(call, ir.Call) and self._asserts(call, subject, scope, path, depth):
                    return ()
            case _:
                pass
        return None

    def _each(
        self, item: Access, body: tuple[ir.Statement, ...], loop: ir.Loop, scope: Scope, path: str, depth: int
    ) -> bool:
        """Whether a loop only comes to its end where all that it goes through is known."""
        inner = self._ev.loop_scope(loop, scope).child(body, body)
        return any(self._after(each, item, inner, path, depth + 1) is not None and not _skips(each) for each in body)

    def _asserts(self, call: ir.Call, subject: Access, scope: Scope, path: str, depth: int) -> bool:
        """Whether a function that is called with the value returns only for known values."""
        callee = call.callee
        if isinstance(callee, ir.Member) and callee.name == "forEach" and len(call.args) == 1:
            return access_of(callee.object, (ELEMENT,)) == subject and any(
                self._passes(each, 0, (), depth) for each in self._functions(call.args[0], scope)
            )
        places = [(i, rest) for i, arg in enumerate(call.args) if (rest := _rest(access_of(arg), subject)) is not None]
        if not places or depth >= MAX_DEPTH:
            return False
        if any(self._passes(function, *places[0], depth) for function in self._functions(callee, scope)):
            return True
        return not self._functions(call.callee, scope) and _CHECKING.search(_last_name(call.callee)) is not None

    def _passes(self, function: FunctionValue, place: int, steps: Steps, depth: int) -> bool:
        """Whether a function only comes to its end for known values of a parameter, or of a part of it."""
        parameter = _parameter_name(function.node, place)
        inner, module = self._ev.function_scope(function.node, function.scope), function.scope.module
        passed = (
            self._after(statement, Access(parameter, steps), inner, module, depth + 1)
            for statement in function.node.body
        )
        return bool(parameter) and any(each is not None for each in passed)

    # --- tests -----------------------------------------------------------------------------------------------------

    def _implied(self, test: ir.Expression, truth: bool, subject: Access, scope: Scope, path: str, depth: int) -> bool:
        """Whether the value is a known one where a test has come out so."""
        if depth > MAX_DEPTH:
            return False
        match test:
            case ir.Unary(operator="!", value=value):
                return self._implied(value, not truth, subject, scope, path, depth)
            case ir.Binary(operator="&&" | "||", left=left, right=right):
                sides = [self._implied(side, truth, subject, scope, path, depth) for side in (left, right)]
                return any(sides) if truth is (test.operator == "&&") else all(sides)
            case ir.Binary(operator="===" | "==" | "!==" | "!=", left=left, right=right):
                return self._compared(test.operator[0] == "=", truth, left, right, subject, scope)
            case ir.Binary(operator="in", left=left, right=right):
                return truth and access_of(left) == subject and not self._is_open(right, path, (KEYS,))
            case ir.Binary(operator=">" | ">=" | "<", left=left):
                # The index of the value in a list: `LIST.indexOf(x) >= 0`.
                return _is_index_of(left, subject) and truth is (test.operator != "<")
            case ir.Cast(value=value) | ir.Await(value=value):
                return self._implied(value, truth, subject, scope, path, depth)
            case ir.Name(name=name):
                definition = self._definitions.of(name, path, test.start)
                node = definition.node if definition is not None else None
                if definition is None or not isinstance(node, ir.Declare) or node.value is None or definition.steps:
                    return False
                return self._implied(node.value, truth, subject, definition.scope, path, depth + 1)
            case (
                ir.Member(object=ir.Call() as call, name="success")
                | ir.Member(object=ir.Await(value=ir.Call() as call), name="success")
            ):
                return truth and any(access_of(arg) == subject for arg in call.args)
            case (
                ir.Index(object=found, index=index) | ir.Call(callee=ir.Member(object=found, name="get"), args=(index,))
            ):
                return truth and access_of(index) == subject and not self._is_open(found, path, (KEYS,))
            case ir.Call():
                return self._called(test, truth, subject, scope, path, depth)
            case _:
                return False

    def _compared(
        self, is_equal: bool, truth: bool, left: ir.Expression, right: ir.Expression, subject: Access, scope: Scope
    ) -> bool:
        for one, other in ((left, right), (right, left)):
            is_nothing = isinstance(other, ir.Undefined) or (isinstance(other, ir.Literal) and other.value is None)
            if access_of(one) == subject and not is_nothing:
                value = self._ev.evaluate(other, scope)
                known = all(isinstance(each, Constant) and each.value is not None for each in alternatives(value))
                if known and truth is is_equal:
                    return True
            if isinstance(one, ir.Index) and is_nothing and access_of(one.index) == subject:
                return truth is not is_equal and not self._is_open(one.object, scope.module, (KEYS,))
            if _is_index_of(one, subject):
                return truth is not is_equal
            if isinstance(one, ir.Unary) and one.operator == "typeof" and access_of(one.value) == subject:
                kind = other.value if isinstance(other, ir.Literal) else None
                if kind in ("number", "boolean", "bigint") and truth is is_equal:
                    return True
        return False

    def _called(self, call: ir.Call, truth: bool, subject: Access, scope: Scope, path: str, depth: int) -> bool:
        callee, args = call.callee, call.args
        name = _last_name(callee)
        is_given = any(access_of(arg) == subject for arg in args)
        if isinstance(callee, ir.Member) and name in _MEMBERSHIP and is_given:
            is_static = name == "hasOwn" or _last_name(callee.object) == "call"
            listed = args[0] if is_static else callee.object
            step = KEYS if name.startswith("hasOwn") else ELEMENT
            return truth and access_of(listed) != subject and not self._is_open(listed, path, (step,))
        if isinstance(callee, ir.Member) and name == "test" and is_given:
            return self._is_closed_pattern(callee.object, truth, scope, path)
        if (
            isinstance(callee, ir.Member)
            and name in ("match", "search")
            and args
            and access_of(callee.object) == subject
        ):
            return self._is_closed_pattern(args[0], truth, scope, path)
        if isinstance(callee, ir.Member) and name in ("some", "every") and args and isinstance(args[0], ir.Function):
            return self._over_list(callee.object, name, args[0], truth, subject, scope, path, depth)
        if name in ("isInteger", "isFinite", "isSafeInteger") and is_given:
            return truth
        if name == "isNaN" and is_given:
            return not truth
        places = [index for index, arg in enumerate(args) if access_of(arg) == subject]
        if not places:
            return False
        functions = self._functions(callee, scope)
        if not functions:
            return truth and _CHECKING.search(name) is not None
        return any(self.is_predicate(f, places[0], truth, depth + 1) for f in functions)

    def _over_list(
        self,
        listed: ir.Expression,
        name: str,
        function: ir.Function,
        truth: bool,
        subject: Access,
        scope: Scope,
        path: str,
        depth: int,
    ) -> bool:
        """`LIST.some((each) => each === x)`, and `values.every((each) => LIST.includes(each))`."""
        inner = self._ev.function_scope(function, scope)
        results = results_of(function)
        if name == "some" and truth:
            item = _parameter_name(function, 0)
            return any(_equals(result, subject, item) for result in results) or any(
                self._implied(result, True, subject, inner, path, depth + 1) for result in results
            )
        items = access_of(listed, (ELEMENT,))
        if items != subject or truth is not (name == "every"):
            return False
        each = Access(_parameter_name(function, 0))
        return bool(results) and all(
            self._implied(result, name == "every", each, inner, path, depth + 1) for result in results
        )

    def is_predicate(self, function: FunctionValue, place: int, truth: bool, depth: int = 0) -> bool:
        """Whether a function comes out so only for known values of a parameter."""
        node, path = function.node, function.scope.module
        parameter = _parameter_name(node, place)
        if not parameter or depth > MAX_DEPTH:
            return False
        inner = self._ev.function_scope(node, function.scope)
        wanted = []
        for result in results_of(node):
            if isinstance(result, ir.Literal) and bool(result.value) is not truth:
                continue
            is_implied = self._implied(result, truth, Access(parameter), inner, path, depth + 1)
            if not is_implied:
                chain = self._surroundings.of(path, result.start)
                own = next((i for i, around in enumerate(chain) if around.node is node), len(chain))
                found = self._on_the_way(chain[own + 1 :], Access(parameter), path, result.start, depth + 1)
                is_implied = found is not None
            wanted.append(is_implied)
        return bool(wanted) and all(wanted)

    def _is_closed_pattern(self, pattern: ir.Expression, truth: bool, scope: Scope, path: str) -> bool:
        """Whether a regular expression lets only some characters through."""
        node: ir.Expression = pattern
        if isinstance(node, ir.Name):
            definition = self._definitions.of(node.name, path, node.start)
            if definition is not None and isinstance(definition.node, ir.Declare) and definition.node.value is not None:
                node, path = definition.node.value, definition.path
        if not isinstance(node, ir.Opaque) or node.reason != "regex":
            return truth
        return is_closed_regex(self._text(path)[node.start : node.end].decode("utf-8", "replace"), truth)

    def _functions(self, callee: ir.Expression, scope: Scope) -> list[FunctionValue]:
        return [value for value in alternatives(self._ev.evaluate(callee, scope)) if isinstance(value, FunctionValue)]


def is_closed_regex(text: str, truth: bool) -> bool:
    """Whether a text that a regular expression matches (or does not) has only some characters, and no quotes."""
    body = text[1 : text.rindex("/")] if text.count("/") > 1 else text
    if re.search("['\"`;]", body):
        return False
    if not truth:
        return re.search(r"\[\^|\\W", body) is not None
    outside_classes = re.sub(r"\[(?:\\.|[^\]])*\]", "", body)
    is_open = re.search(r"\[\^|\\[SWD]", body) or re.search(r"(?<!\\)\.", outside_classes)
    return body.startswith("^") and body.endswith("$") and not is_open


def _rest(given: Access | None, subject: Access) -> Steps | None:
    """The steps from a given value to the one that is looked for; None if it is no part of it."""
    if given is None or given.root != subject.root:
        return None
    if given.steps == subject.steps:
        return (ELEMENT,) if subject.steps[-1:] == (KEYS,) else ()
    return subject.steps[len(given.steps) :] if subject.steps[: len(given.steps)] == given.steps else None


def _skips(statement: ir.Statement) -> bool:
    """Whether a check in a loop only leaves one turn of it."""
    return any(isinstance(each, ir.Jump) for each in own_statements((statement,)))


def _equals(node: ir.Expression, subject: Access, each: str) -> bool:
    """Whether a test compares the value with an item of a list, or with a part of one."""
    if not isinstance(node, ir.Binary) or node.operator not in ("===", "=="):
        return False
    sides = [access_of(node.left), access_of(node.right)]
    return subject in sides and any(side is not None and side.root == each for side in sides)


def _is_index_of(node: ir.Expression, subject: Access) -> bool:
    match node:
        case ir.Call(callee=ir.Member(name="indexOf" | "findIndex", object=listed), args=(arg, *_)):
            return access_of(arg) == subject and access_of(listed) != subject
        case _:
            return False


def _assigned_to(subject: Access, body: tuple[ir.Statement, ...]) -> list[ir.Expression]:
    """What a block assigns to the value itself."""
    found = []
    for statement in own_statements(body):
        match statement:
            case ir.Evaluate(value=ir.Assign(operator="=", target=target, value=value)) if access_of(target) == subject:
                found.append(value)
            case _:
                pass
    return found


def _ends(body: tuple[ir.Statement, ...], breaks: bool = True) -> bool:
    """Whether nothing that follows a block runs after it."""
    last = body[-1] if body else None
    match last:
        case ir.Return() | ir.Throw():
            return True
        case ir.Jump():
            return breaks
        case ir.If(then=then, otherwise=otherwise):
            return _ends(then, breaks) and _ends(otherwise, breaks)
        case ir.Block(body=inner):
            return _ends(inner, breaks)
        case _:
            return False


def _parameter_name(function: ir.Function, place: int) -> str:
    parameter = function.params[place] if place < len(function.params) else None
    return parameter.pattern.name if parameter is not None and isinstance(parameter.pattern, ir.Name) else ""


def _last_name(callee: ir.Expression) -> str:
    return callee.name if isinstance(callee, (ir.Name, ir.Member)) else ""
