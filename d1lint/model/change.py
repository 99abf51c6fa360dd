"""What a variable holds after the statements of its scope have changed it.

The values of the evaluator do not change: each reader of a variable gets the value that it has at the reader's place,
by replaying the statements before it that assign the variable or change the object that it holds. What changes it in
a way that can not be replayed (in a branch that may not be taken, in a function that somebody may call) leaves a gap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from d1lint.facts import ir
from d1lint.facts.nodes import holders, uncast
from d1lint.model.builtins import assign, operation
from d1lint.model.values import (
    ArrayValue,
    Constant,
    Entry,
    External,
    FunctionValue,
    Native,
    ObjectValue,
    Site,
    Union,
    Unknown,
    Value,
    join,
    key_of,
    with_gap,
)
from d1lint.model.walk import Visit, Walk

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Binding, Scope

TOO_MANY_STEPS = "the repository needs too many steps to evaluate"
_UNSURE = "it is changed in a way that is not followed"


MAX_TURNS = 2_000
"""How many turns of loops are replayed for one variable."""
STAGE = 64
"""After how many statements a value is kept, for later readers to begin with."""


class _Stage(NamedTuple):
    """The value after `done` of the statements that change a variable; the last of them ends at `end`."""

    end: int
    done: int
    value: Value


class History:
    """The changes of one variable. `initial` binds the value of its definition, `owner` is the scope that binds it."""

    def __init__(self, name: str, owner: Scope, initial: Binding, changes: tuple[ir.Change, ...]) -> None:
        self.name = name
        self._owner = owner
        self._initial = initial
        self._changes = sorted(changes, key=lambda change: change.start)
        self._starts = [change.start for change in self._changes]
        self._is_changed_inside = any(change.depth for change in changes)
        self._original: Value | None = None
        self._first: Value | None = None
        self._now: tuple[ir.Expression, Value] | None = None
        self._followed: set[int] = set()
        self._known: dict[int | None, Value] = {}
        self._wanted: set[int | None] = set()
        self._is_circular = False
        self._reader: int | None = None
        self._turns = 0
        self._stages: list[_Stage] = []
        self._visits: dict[int, Visit] | None = None
        function = owner.function
        is_arrow = function is not None and function.result is not None and owner.body is function.body
        self._body: tuple[ir.Statement, ...] = (
            (ir.Return(function.result, function.start, function.end),) if is_arrow and function else owner.body
        )
        self._statements = [s for s in self._body if self._changes_in(s.start, s.end)]

    def final(self, ev: Evaluator) -> Value:
        """Its value when all of the scope has run."""
        return self._after(None, ev)

    @property
    def is_assigned(self) -> bool:
        """Whether it can come to hold another object."""
        return not all(change.depth for change in self._changes)

    def at(self, position: int, scope: Scope, ev: Evaluator) -> Value:
        """Its value for a reader at an offset of the source, in a scope."""
        if self._now is not None and self._now[0].start <= position < self._now[0].end:
            return self._now[1]
        time = self._time_of(position, scope)
        if time is not None:
            return self._after_for(position, time, ev)
        # A function reads it when somebody calls it: after all changes, if it stands behind them.
        value = self._after_for(position, None, ev)
        is_behind = all(change.start < position for change in self._changes if self._is_mine(change, ev))
        is_hoisted = any(isinstance(s, ir.DeclareFunction) and s.start <= position < s.end for s in self._body)
        return value if is_behind and not is_hoisted else self._unsure(value, self._owner.body, ev)

    def _time_of(self, position: int, scope: Scope) -> int | None:
        """The place in the owner's own function at which a reader reads; None where that is not known.

        A reader in a function that is called there reads at the place of the call.
        """
        reader: Scope | None = scope
        while reader is not None and not self._is_at_home(reader):
            while reader is not None and reader is not self._owner and reader.called_at is None:
                reader = reader.parent
            if reader is None or reader is self._owner or reader.called_at is None:
                return None
            reader, position = reader.called_at
        return position

    def _is_at_home(self, reader: Scope) -> bool:
        """Whether a scope belongs to the same run of the same function as the owner."""
        scope: Scope | None = reader
        while scope is not None and scope is not self._owner and scope.function is self._owner.function:
            scope = scope.parent
        return scope is self._owner

    def _after_for(self, position: int, time: int | None, ev: Evaluator) -> Value:
        """Its value after some time for a reader elsewhere, which may itself be what changes a builder."""
        value = self._after(time, ev)
        if not value.is_builder or time == position or self._reader is not None:
            return value
        self._reader = position
        try:
            return self._replayed(time, ev)
        finally:
            self._reader = None

    # --- replaying -----------------------------------------------------------------------------------------------

    def _after(self, position: int | None, ev: Evaluator) -> Value:
        """Its value after all changes before an offset, or all there are."""
        value = self._known.get(position)
        if value is None:
            if position in self._wanted:
                self._is_circular = True
                return Unknown("its value depends on itself")
            self._wanted.add(position)
            try:
                value = self._replayed(position, ev)
            finally:
                self._wanted.remove(position)
            if not self._is_circular:
                self._known[position] = value
            self._is_circular = self._is_circular and bool(self._wanted)
        if isinstance(value, (ObjectValue, ArrayValue)):
            return with_gap(value, "it is changed under another name") if value.changers - {id(self)} else value.copy()
        return value

    def _replayed(self, position: int | None, ev: Evaluator) -> Value:
        if self._first is None:
            if self._initial.is_busy:
                return Unknown("its definition depends on itself")
            self._original = self._initial.value(ev)
            is_object = isinstance(self._original, (ObjectValue, ArrayValue)) and self._is_changed_inside
            # Other names may hold the same object: they must not see the changes, nor miss that there are some.
            self._first = self._original.copy() if is_object else self._original  # type: ignore[attr-defined]
        # Most readers come one after the other: begin at the last stage before this one.
        stage = len(self._stages) if position is None else bisect_right(self._stages, position, key=lambda s: s.end)
        count, value = (self._stages[stage - 1].done, self._stages[stage - 1].value) if stage else (0, self._first)
        for done in range(count, len(self._statements)):
            statement = self._statements[done]
            if position is not None and statement.start >= position:
                break
            value = self._statement(statement, self._owner, value, position, ev)
            is_past = position is None or statement.end <= position
            is_past = is_past and self._reader is None
            if is_past and stage == len(self._stages) and done + 1 - count >= STAGE and not self._is_circular:
                self._stages.append(_Stage(statement.end, done + 1, value))
                stage, count = stage + 1, done + 1
        return value

    def _replay(
        self, body: tuple[ir.Statement, ...], scope: Scope, value: Value, until: int | None, ev: Evaluator
    ) -> Value:
        for statement in body:
            if until is not None and statement.start >= until:
                break
            if self._changes_in(statement.start, statement.end):
                value = self._statement(statement, scope, value, until, ev)
        return value

    def _statement(
        self, statement: ir.Statement, scope: Scope, value: Value, until: int | None, ev: Evaluator
    ) -> Value:
        ev.steps += 1
        if ev.is_exhausted:
            return Unknown(TOO_MANY_STEPS)
        is_read_here = until is not None and statement.start <= until < statement.end
        match statement:
            case ir.Evaluate(value=expression) | ir.Declare(value=ir.Node() as expression):
                return self._expression(expression, scope, value, until, ev)
            case ir.Return(value=ir.Node() as expression) if is_read_here:
                return self._expression(expression, scope, value, until, ev)
            case ir.Block(body=body):
                return self._replay(body, scope.child(body, body), value, until, ev)
            case ir.If():
                return self._if(statement, scope, value, until, ev)
            case ir.Loop() if not is_read_here:
                return self._loop(statement, scope, value, ev)
            case _:
                return self._unsure(value, (statement,), ev)

    def _if(self, node: ir.If, scope: Scope, value: Value, until: int | None, ev: Evaluator) -> Value:
        if self._changes_in(node.test.start, node.test.end):
            return self._unsure(value, (node,), ev)
        for branch in (node.then, node.otherwise):
            if until is not None and branch and branch[0].start <= until < branch[-1].end:
                return self._replay(branch, scope.child(branch, branch), value, until, ev)
        if until is not None and until < node.end:
            return value  # the test reads it
        truth = ev.evaluate(node.test, scope).truth()
        if truth is None:
            truth = False if _ends(node.then) else True if _ends(node.otherwise) else None
        results = [
            self._replay(branch, scope.child(branch, branch), value, None, ev)
            for branch, taken in ((node.then, True), (node.otherwise, False))
            if truth is None or truth is taken
        ]
        return results[0] if len(results) == 1 else _merged(results[0], results[1])

    def _loop(self, node: ir.Loop, scope: Scope, value: Value, ev: Evaluator) -> Value:
        iterable = ev.evaluate(node.iterable, scope) if node.kind == "of" and node.iterable is not None else None
        is_known = isinstance(iterable, ArrayValue) and not iterable.gaps
        start, end = (node.body[0].start, node.body[-1].end) if node.body else (node.end, node.end)
        outside = [c for c in self._changes_in(node.start, node.end) if not start <= c.start < end]
        if not is_known or outside or not self._has_turns(iterable, ev):
            return self._unsure(value, (node,), ev)
        after = value
        for item in iterable.items if isinstance(iterable, ArrayValue) else ():
            turn = self._turn(node.body, ev.iteration_scope(node, scope, item), after, ev)
            if turn is None:
                return self._unsure(value, (node,), ev)
            after, ending = turn
            if ending == "break":
                break
        return after

    def _turn(
        self, body: tuple[ir.Statement, ...], scope: Scope, value: Value, ev: Evaluator, is_callback: bool = False
    ) -> tuple[Value, str] | None:
        """The value after one turn of a loop, and how the turn ends: "break", "continue" or "" at its end.

        None if that is not known. In a callback, `return` ends the turn.
        """
        for statement in body:
            match statement:
                case ir.Jump(kind=kind, label=""):
                    return value, kind
                case ir.Return() if is_callback and not self._changes_in(statement.start, statement.end):
                    return value, "continue"
                case ir.If(test=test, then=then, otherwise=otherwise) if _jumps((statement,)):
                    truth = ev.evaluate(test, scope).truth()
                    if truth is None or self._changes_in(test.start, test.end):
                        return None
                    branch = then if truth else otherwise
                    inner = self._turn(branch, scope.child(branch, branch), value, ev, is_callback)
                    if inner is None or inner[1]:
                        return inner
                    value = inner[0]
                case ir.Loop(body=loop) if not _leaves(loop):
                    value = self._statement(statement, scope, value, None, ev)
                case _ if _jumps((statement,)):
                    return None
                case _ if self._changes_in(statement.start, statement.end):
                    value = self._statement(statement, scope, value, None, ev)
                case _:
                    pass
        return value, ""

    def _has_turns(self, iterable: Value | None, ev: Evaluator) -> bool:
        """Whether a loop over something may still be replayed."""
        self._turns += len(iterable.items) if isinstance(iterable, ArrayValue) else 0
        return self._turns <= MAX_TURNS and not ev.is_exhausted

    # --- expressions that change it --------------------------------------------------------------------------------

    def _expression(self, node: ir.Expression, scope: Scope, value: Value, until: int | None, ev: Evaluator) -> Value:
        found = self._changes_in(node.start, node.end)
        if not found:
            return value
        if isinstance(node, ir.Opaque) and node.reason == "sequence_expression":
            for part in node.parts:
                if until is None or part.start < until:
                    value = self._expression(part, scope, value, until, ev)
            return value
        if until is not None and node.start <= until < node.end:
            # Read by the expression that changes it; other parts of the expression may change it too.
            untaken = list(_untaken(node, until)) if value.is_builder else []
            for change in found if value.is_builder else ():
                if change.start != until and not any(start <= change.start < end for start, end in untaken):
                    value = self._doubted(value, change, ev)
            return value
        if isinstance(node, (ir.Await, ir.Cast)):
            return self._expression(node.value, scope, value, until, ev)
        if isinstance(node, ir.Binary) and node.operator in ("&&", "||"):
            return self._short_circuit(node, scope, value, until, ev)
        is_alone = all(change.start == node.start for change in found)
        is_pattern = isinstance(node, ir.Assign) and not isinstance(uncast(node.target), (ir.Name, ir.Member, ir.Index))
        if isinstance(node, ir.Assign) and is_alone and not is_pattern:
            return self._assign(node, scope, value, ev)
        if isinstance(node, ir.Call):
            result = self._call(node, scope, value, is_alone, ev)
            if result is not None:
                return result
        return self._unsure(value, (ir.Evaluate(node, node.start, node.end),), ev)

    def _short_circuit(self, node: ir.Binary, scope: Scope, value: Value, until: int | None, ev: Evaluator) -> Value:
        if self._changes_in(node.left.start, node.left.end):
            return self._unsure(value, (ir.Evaluate(node, node.start, node.end),), ev)
        truth = ev.evaluate(node.left, scope).truth()
        after = self._expression(node.right, scope, value, until, ev)
        if truth is None:
            return _merged(value, after)
        return after if truth is (node.operator == "&&") else value

    def _assign(self, node: ir.Assign, scope: Scope, value: Value, ev: Evaluator) -> Value:
        target = uncast(node.target)
        if not self._is_root(target, scope):
            return value
        if isinstance(target, ir.Name):
            return self._assigned(node, scope, value, ev)
        if not isinstance(target, (ir.Member, ir.Index)) or not isinstance(uncast(target.object), ir.Name):
            return self._changed_below(target, scope, value, ev)
        key = target.name if isinstance(target, ir.Member) else key_of(ev.evaluate(target.index, scope))
        self._note_change()
        if key is None or not isinstance(value, ObjectValue):
            return with_gap(value if key is None else value.with_member(key, Unknown(_UNSURE)), _UNSURE)
        changed = value.copy()
        if node.operator == "delete":
            changed.entries.pop(key, None)
        else:
            given = self._given(node, node.value, scope, value, ev)
            result = given if node.operator == "=" else _combined(node.operator, value.member(key, ev), given)
            changed.entries[key] = Entry(lambda: result, scope.module, node.start, node.end)
        return changed

    def _changed_below(self, target: ir.Expression, scope: Scope, value: Value, ev: Evaluator) -> Value:
        """The value after a change of an object inside it."""
        self._note_change()
        holder = uncast(target.object) if isinstance(target, (ir.Member, ir.Index)) else target
        before, self._now = self._now, (target, value)
        try:
            inner = ev.evaluate(holder, scope)
        finally:
            self._now = before
        if isinstance(inner, (ObjectValue, ArrayValue)):
            inner.gaps.append("it is changed as a part of something")
        return _blurred(value)

    def _assigned(self, node: ir.Assign, scope: Scope, value: Value, ev: Evaluator) -> Value:
        given = self._given(node, node.value, scope, value, ev)
        return given if node.operator == "=" else _combined(node.operator, value, given)

    def _given(self, node: ir.Expression, given: ir.Expression, scope: Scope, value: Value, ev: Evaluator) -> Value:
        """The value of an expression in what changes the variable, which has the value before the change there."""
        before, self._now = self._now, (node, value)
        try:
            return ev.evaluate(given, scope)
        finally:
            self._now = before

    def _arguments(self, node: ir.Call, scope: Scope, value: Value, ev: Evaluator) -> tuple[Site, list[Value]]:
        """The arguments of a call that changes the variable."""
        before, self._now = self._now, (node, value)
        try:
            site = ev.site(node, scope)
            return site, [site.argument(index) for index in range(site.count)]
        finally:
            self._now = before

    def _call(self, node: ir.Call, scope: Scope, value: Value, is_alone: bool, ev: Evaluator) -> Value | None:
        """The value after a call; None if the call can not be followed."""
        callee = node.callee
        if isinstance(callee, ir.Member) and callee.name in ("forEach", "map") and len(node.args) == 1:
            function = node.args[0]
            if isinstance(function, ir.Function) and not self._changes_in(callee.start, callee.end):
                return self._each(node, callee.object, function, scope, value, ev)
        if not is_alone:
            return None
        if isinstance(callee, ir.Member) and isinstance(callee.object, ir.Name):
            if callee.object.name in ("Object", "Reflect"):
                return self._object_function(node, callee.name, scope, value, ev)
            if self._is_root(callee.object, scope):
                return self._method(node, callee.name, scope, value, ev)
        elif isinstance(callee, ir.Member) and self._is_root(_chained(callee.object), scope):
            if value.is_builder and isinstance(_chained(callee.object), ir.Name):
                return self._given(node, node, scope, value, ev)
            return self._changed_below(_chained(callee), scope, value, ev)
        return self._passed(node, scope, value, ev)

    def _each(
        self, node: ir.Call, listed: ir.Expression, function: ir.Function, scope: Scope, value: Value, ev: Evaluator
    ) -> Value | None:
        items = ev.evaluate(listed, scope)
        if not isinstance(items, ArrayValue) or items.gaps or not self._has_turns(items, ev):
            return None
        for index, item in enumerate(items.items):
            inner = ev.applied_scope(FunctionValue(function, scope), [item, Constant(index)], node, scope)
            if function.result is not None:
                value = self._expression(function.result, inner, value, None, ev)
            else:
                turn = self._turn(function.body, inner, value, ev, is_callback=True)
                if turn is None:
                    return None
                value = turn[0]
        return value

    def _object_function(self, node: ir.Call, name: str, scope: Scope, value: Value, ev: Evaluator) -> Value:
        target = node.args[0]
        if not self._is_root(target, scope):
            return value
        self._note_change()
        if name not in ("assign", "defineProperty") or not isinstance(target, ir.Name):
            return with_gap(value, _UNSURE)
        site, given = self._arguments(node, scope, value, ev)
        if name == "defineProperty":
            key = key_of(given[1]) if len(given) > 1 else None
            return with_gap(value if key is None else value.with_member(key, Unknown(_UNSURE)), _UNSURE)
        result = assign(value, given[1:], ev)
        if isinstance(result, Unknown):
            return with_gap(value, _UNSURE)
        return with_gap(result, site.gaps[0]) if site.gaps else result

    def _method(self, node: ir.Call, name: str, scope: Scope, value: Value, ev: Evaluator) -> Value:
        if value.is_builder:
            return self._given(node, node, scope, value, ev)
        if not isinstance(value, ArrayValue):
            return with_gap(value, _UNSURE) if isinstance(value, Union) else value
        self._note_change()
        changed = value.copy()
        site, added = self._arguments(node, scope, value, ev)
        if name == "push":
            changed.add(added, site.gaps)
        elif name == "unshift":
            changed = ArrayValue([*added, *changed.items], [*site.gaps, *changed.gaps], changed.changers)
        else:
            changed.gaps.append(f"it is changed by {name}()")
        return changed

    def _passed(self, node: ir.Call, scope: Scope, value: Value, ev: Evaluator) -> Value:
        """The value after a function has got it as an argument."""
        if not isinstance(value, (ObjectValue, ArrayValue)):
            return value
        callee = node.callee
        if isinstance(callee, ir.Member) and isinstance(callee.object, ir.Name) and callee.object.name == "console":
            return value
        function = ev.evaluate(callee, scope)
        positions = [
            index for index, arg in enumerate(node.args) if isinstance(arg, ir.Name) and self._is_root(arg, scope)
        ]
        if not positions or isinstance(function, Native):
            return value
        if isinstance(function, (Unknown, External)) or len(positions) > 1:
            return with_gap(value, _UNSURE)
        if isinstance(function, FunctionValue):
            parameters = function.node.params
            parameter = parameters[positions[0]] if positions[0] < len(parameters) else None
            if parameter is None or not isinstance(parameter.pattern, ir.Name):
                return value
            site, given = self._arguments(node, scope, value, ev)
            given[positions[0]] = _shared(value, set())
            inner = ev.applied_scope(function, given, node, scope)
            inner.bind()
            past = inner.names[parameter.pattern.name].past
            if past is not None:
                self._note_change()
                after = past.final(ev)
                is_followed = isinstance(after, (ObjectValue, ArrayValue)) and not past.is_assigned and not site.gaps
                return _shared(after, value.changers) if is_followed else with_gap(value, _UNSURE)  # type: ignore[arg-type]
        return value

    # --- what can not be replayed ----------------------------------------------------------------------------------

    def _unsure(self, value: Value, statements: tuple[ir.Statement, ...], ev: Evaluator) -> Value:
        """The value where some statements may change it, in whatever way."""
        spans = [(statement.start, statement.end) for statement in statements]
        found = [change for start, end in spans for change in self._changes_in(start, end) if self._is_mine(change, ev)]
        values = [value]
        for change in found:
            if change.depth and value.is_builder:
                values = [self._doubted(each, change, ev) for each in values]
            elif change.depth:
                self._note_change()
                values = [_blurred(each) if change.depth > 1 else with_gap(each, _UNSURE) for each in values]
            else:
                values.append(self._assigned_value(change, ev))
        if len(values) == 1:
            return values[0]
        # That a variable may have no value yet matters where it is data; a client or a table is there once it is read.
        something = [each for each in values if not (isinstance(each, Constant) and each.value is None)]
        is_data = any(isinstance(each, (ObjectValue, ArrayValue, Constant, Unknown)) for each in something)
        return join(values if is_data else something)

    def _doubted(self, value: Value, change: ir.Change, ev: Evaluator) -> Value:
        """A builder that a call in another expression changes."""
        visit = self._visit(change, ev)
        if change.start == self._reader or change.start in self._followed or not self._is_mine(change, ev):
            return value
        self._followed.add(change.start)
        try:
            stage = ev.evaluate(visit.node, visit.scope) if visit is not None else Unknown(_UNSURE)
        finally:
            self._followed.remove(change.start)
        is_known = not value.is_builder or value.says_all_of(stage)
        return value if is_known else value.doubted("it is changed in another expression")

    def _assigned_value(self, change: ir.Change, ev: Evaluator) -> Value:
        visit = self._visit(change, ev)
        node = visit.node if visit is not None else None
        is_followed = isinstance(node, ir.Assign) and node.operator == "=" and isinstance(node.target, ir.Name)
        if visit is None or not isinstance(node, ir.Assign) or not is_followed or change.start in self._followed:
            return Unknown(_UNSURE)
        self._followed.add(change.start)
        try:
            return ev.evaluate(node.value, visit.scope)
        finally:
            self._followed.remove(change.start)

    def _changes_in(self, start: int, end: int) -> list[ir.Change]:
        return self._changes[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _visit(self, change: ir.Change, ev: Evaluator) -> Visit | None:
        """The assignment or call that a change is."""
        if self._visits is None:
            starts = set(self._starts)
            walk = Walk(ev, self._starts)
            walk.statements(self._body, self._owner, None, None)
            found = [v for v in walk.visits if isinstance(v.node, (ir.Assign, ir.Call)) and v.node.start in starts]
            # Of a chain of calls, and of an assignment to what a call gives, the whole is wanted.
            self._visits = {visit.node.start: visit for visit in sorted(found, key=lambda visit: visit.node.end)}
        return self._visits.get(change.start)

    def _is_mine(self, change: ir.Change, ev: Evaluator) -> bool:
        """Whether a change is one of this variable, and not of another of the same name."""
        visit = self._visit(change, ev)
        if visit is not None:
            return visit.scope.owner_of(self.name) is self._owner
        return any(statement.start <= change.start < statement.end for statement in self._body)

    def _is_root(self, node: ir.Expression, scope: Scope) -> bool:
        while isinstance(node, (ir.Member, ir.Index, ir.Cast)):
            node = node.value if isinstance(node, ir.Cast) else node.object
        return isinstance(node, ir.Name) and node.name == self.name and scope.owner_of(self.name) is self._owner

    def _note_change(self) -> None:
        """Tell whoever else holds the same object that it changes."""
        if isinstance(self._original, (ObjectValue, ArrayValue)) and id(self) not in self._original.changers:
            if not self._is_made_here:
                self._owner.actor().changes_others = True
            self._original.changers.add(id(self))
            self._original.gaps.append("it is changed under another name")

    @property
    def _is_made_here(self) -> bool:
        """Whether the definition of the variable makes the object."""
        return any(
            isinstance(statement, ir.Declare)
            and isinstance(statement.pattern, ir.Name)
            and statement.pattern.name == self.name
            and isinstance(statement.value, (ir.Object, ir.Array))
            for statement in self._owner.body
        )


def _combined(assignment: str, value: Value, given: Value) -> Value:
    """What a variable or property holds after `+=`, `??=`, `++` and their like."""
    operator = assignment[0] if assignment in ("++", "--") else assignment[:-1]
    if isinstance(value, Constant) and isinstance(given, Constant) and operator not in ("&&", "||", "??"):
        return operation(operator, value, given)
    return join([value, given]) if operator in ("||", "??") else Unknown(f"it is changed by {assignment}")


def _blurred(value: Value, depth: int = 3) -> Value:
    """An object in which some object may hold other things."""
    if depth == 0:
        return Unknown(_UNSURE)
    if isinstance(value, ObjectValue):
        changed = value.copy()
        for key, entry in value.entries.items():
            changed.entries[key] = replace(entry, read=partial(_blurred_entry, entry, depth))
        changed.gaps.append(_UNSURE)
        return changed
    if isinstance(value, ArrayValue):
        items = [_blurred(item, depth - 1) for item in value.items]
        return ArrayValue(items, [*value.gaps, _UNSURE], value.changers)
    return Unknown(_UNSURE) if value.is_builder else value


def _blurred_entry(entry: Entry, depth: int) -> Value:
    return _blurred(entry.read(), depth - 1)


def _untaken(node: ir.Node, position: int) -> Iterator[tuple[int, int]]:
    """The spans of the branches inside a node that are not taken where the one around a position is."""
    branches: tuple[tuple[ir.Node, ...], tuple[ir.Node, ...]] = ((), ())
    if isinstance(node, ir.Conditional):
        branches = (node.then,), (node.otherwise,)
    elif isinstance(node, ir.If):
        branches = node.then, node.otherwise
    for taken, other in (branches, branches[::-1]):
        if any(_holds(part, position) for part in taken):
            yield from ((part.start, part.end) for part in other)  # type: ignore[attr-defined]
    for name in holders(type(node)):
        parts = getattr(node, name)
        for part in parts if isinstance(parts, tuple) else (parts,):
            if isinstance(part, ir.Node) and _holds(part, position):
                yield from _untaken(part, position)


def _holds(node: ir.Node, position: int) -> bool:
    """Whether a position is in a node; what has no place of its own may hold any."""
    start, end = getattr(node, "start", 0), getattr(node, "end", position + 1)
    return bool(start <= position < end)


def _chained(node: ir.Expression) -> ir.Expression:
    """What a chain of calls begins with: `column` of `column.notNull().unique()`."""
    while isinstance(node, ir.Call) and isinstance(node.callee, ir.Member):
        node = node.callee.object
    return node


def _shared(value: ObjectValue | ArrayValue, changers: set[int]) -> Value:
    """An object with the same contents, and these changers."""
    if isinstance(value, ObjectValue):
        return ObjectValue(dict(value.entries), list(value.gaps), value.is_typed, changers)
    return ArrayValue(list(value.items), list(value.gaps), changers)


def _merged(a: Value, b: Value) -> Value:
    """What is sure of two values, one of which it is."""
    if a is b:
        return a
    if isinstance(a, ObjectValue) and isinstance(b, ObjectValue):
        same = {key: entry for key, entry in a.entries.items() if b.entries.get(key) is entry}
        return ObjectValue(same, _both_gaps(a, b), changers=a.changers)
    if isinstance(a, ArrayValue) and isinstance(b, ArrayValue):
        both = [item for item in a.items if any(item is other for other in b.items)]
        return ArrayValue(both, _both_gaps(a, b), a.changers)
    return join([a, b])


def _both_gaps(a: ObjectValue | ArrayValue, b: ObjectValue | ArrayValue) -> list[str]:
    """The gaps of either, each once: conditions that follow each other would double them every time."""
    return list(dict.fromkeys([*a.gaps, *b.gaps, "it is changed on a condition"]))


def _jumps(body: tuple[ir.Statement, ...]) -> bool:
    """Whether some statement in a body leaves it early: `break`, `continue`, `return`, `throw`."""
    return any(isinstance(statement, (ir.Jump, ir.Return, ir.Throw)) for statement in _nested(body))


def _leaves(body: tuple[ir.Statement, ...]) -> bool:
    """Whether some statement in the body of a loop leaves more than that loop."""
    return any(
        isinstance(statement, (ir.Return, ir.Throw)) or (isinstance(statement, ir.Jump) and statement.label)
        for statement in _nested(body)
    )


def _nested(body: tuple[ir.Statement, ...]) -> Iterator[ir.Statement]:
    for statement in body:
        yield statement
        match statement:
            case ir.If(then=then, otherwise=otherwise):
                yield from _nested((*then, *otherwise))
            case ir.Loop(body=inner) | ir.Block(body=inner):
                yield from _nested(inner)
            case ir.Try(block=block, handler=handler, finalizer=finalizer):
                yield from _nested((*block, *(handler or ()), *finalizer))
            case ir.Switch(cases=cases):
                yield from _nested(tuple(inner for case in cases for inner in case.body))
            case _:
                pass


def _ends(body: tuple[ir.Statement, ...]) -> bool:
    return bool(body) and isinstance(body[-1], (ir.Return, ir.Throw))
