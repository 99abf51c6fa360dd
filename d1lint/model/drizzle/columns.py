"""Column builders of `drizzle-orm/sqlite-core`: `text("name").notNull().references(() => users.id)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from d1lint.facts import ir
from d1lint.facts.literals import literal_text
from d1lint.finding import Span
from d1lint.model.drizzle.casing import cased
from d1lint.model.drizzle.sql import SqlValue
from d1lint.model.fresh import Fresh
from d1lint.model.schema import Default
from d1lint.model.values import (
    UNDEFINED,
    Constant,
    External,
    Native,
    ObjectValue,
    Site,
    Unknown,
    Value,
    alternatives,
    option,
    text_of,
)

if TYPE_CHECKING:
    from d1lint.model.drizzle.tables import TableValue
    from d1lint.model.evaluate import Evaluator


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """`.references(() => target, options)`. `in_helper` says that an inlined function wrote it."""

    target: Value
    options: Value
    span: Span
    site: Site
    in_helper: bool


@dataclass(slots=True, eq=False)
class Builder:
    """What the stages of one chain share: in JavaScript they are one object, which every call in the chain changes.

    `module` is the one whose code made it. `watchers` are told of each further stage. `names` are those that tables
    have given to the column. Both belong to one `reader`.
    """

    module: str = ""
    stages: list[ColumnBuilder] = field(default_factory=list)
    watchers: list[Callable[[ColumnBuilder], None]] = field(default_factory=list)
    names: dict[str, Callable[[], None]] = field(default_factory=dict)
    reader: object = None

    def add(self, stage: ColumnBuilder) -> None:
        """Note a further stage."""
        self.stages.append(stage)
        for watcher in self.watchers:
            watcher(stage)

    def begin(self, reader: object) -> None:
        """Forget what was noted for another reader: the same builder is compiled anew."""
        if self.reader is not reader:
            self.reader = reader
            self.watchers.clear()
            self.names.clear()

    def watch(self, watcher: Callable[[ColumnBuilder], None]) -> None:
        """Be told of every stage, those before too."""
        for stage in self.stages:
            watcher(stage)
        self.watchers.append(watcher)


@dataclass(slots=True, eq=False)
class ColumnBuilder(Value):
    """A column as its chain of calls describes it. `sql_type` is None where it is not known, `mode` is "?" there.

    It never changes. It is not frozen, as that makes it slow to make, and a schema is mostly columns.
    """

    is_builder: ClassVar[bool] = True

    kind: str
    name: str | None
    sql_type: str | None
    mode: str | None = None
    not_null: bool = False
    primary_key: bool = False
    unique: bool = False
    unique_name: str | None = None
    has_default: bool = False
    default: Default | None = None
    on_update: Default | None = None
    references: tuple[Reference, ...] = ()
    gaps: tuple[str, ...] = ()
    builder: Builder = field(default_factory=Builder)

    def member(self, name: str, ev: Evaluator) -> Value:
        """A method of the chain."""
        change = _METHODS.get(name)
        if change is None:
            return Unknown(f"the column method {name} is not known")
        return Native(name, lambda site, ev: self._next(change(self, site), site))

    def _next(self, stage: ColumnBuilder, site: Site) -> ColumnBuilder:
        actor = site.scope.actor()
        if actor.module != self.builder.module:
            actor.changes_others = True
        self.builder.add(stage)
        return stage

    def says_all_of(self, other: Value) -> bool:
        """Whether another stage says nothing that this one does not."""
        if not isinstance(other, ColumnBuilder):
            return False
        return (
            (self.not_null or not other.not_null)
            and (self.primary_key or not other.primary_key)
            and (self.unique or not other.unique)
            and (self.has_default or not other.has_default)
            and (not other.references or set(other.references) <= set(self.references))
        )

    def doubted(self, reason: str) -> Value:
        """The column, which may be more than is known."""
        return _with(self, gaps=(*self.gaps, reason))

    def of_its_type(self) -> Value:
        """Another column of the same type."""
        return Unknown("a column of which only the type is known")


_FIELDS = tuple(each.name for each in fields(ColumnBuilder))
_PLACES = {name: place for place, name in enumerate(_FIELDS)}
_values_of = attrgetter(*_FIELDS)


def _with(column: ColumnBuilder, **changes: Any) -> ColumnBuilder:
    """The next stage: what `dataclasses.replace` gives, in a third of the time."""
    values = list(_values_of(column))
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return ColumnBuilder(*values)


def _primary_key(column: ColumnBuilder, site: Site) -> ColumnBuilder:
    # An integer primary key is the row id: SQLite fills it in, and drizzle says `hasDefault`.
    has_default = column.has_default or column.kind == "integer"
    return _with(column, primary_key=True, not_null=True, has_default=has_default)


def _references(column: ColumnBuilder, site: Site) -> ColumnBuilder:
    reference = Reference(site.argument(0), site.argument(1), call_token(site), site, site.scope.depth > 0)
    return _with(column, references=(*column.references, reference))


def _default(column: ColumnBuilder, site: Site) -> ColumnBuilder:
    found = _given(_default_kind(site.argument(0)), site)
    return _with(column, has_default=True, default=_first_to_fill(found, column.default))


def _default_kind(value: Value) -> str:
    kinds = {
        "sql" if isinstance(each, SqlValue) else "unknown" if _may_be_sql(each) else "value"
        for each in alternatives(value)
    }
    return kinds.pop() if len(kinds) == 1 else "unknown"


def _may_be_sql(value: Value) -> bool:
    return isinstance(value, (Unknown, External)) and not isinstance(value, Fresh)


def _default_now(column: ColumnBuilder, site: Site) -> ColumnBuilder:
    return _with(column, has_default=True, default=_given("now", site))


def _default_function(column: ColumnBuilder, site: Site) -> ColumnBuilder:
    found = _given("function", site)
    known = column.default
    if known is None or known.kind == "function":
        return _with(column, has_default=True, default=found)
    return _with(column, has_default=True, default=_first_to_fill(known, found))


def _first_to_fill(static: Default, other: Default | None) -> Default:
    """A static default goes before a function, unless it is null: to Drizzle, that is none."""
    is_null = static.kind == "value" and isinstance(static.value, Constant) and static.value.value is None
    return other if is_null and other is not None and other.kind == "function" else static


def _on_update(column: ColumnBuilder, site: Site) -> ColumnBuilder:
    return _with(column, has_default=True, on_update=_given("function", site))


def _given(kind: str, site: Site) -> Default:
    nodes = site.node.args if isinstance(site.node, ir.Call) else ()
    argument = Span(site.scope.module, nodes[0].start, nodes[0].end) if nodes else None
    callee = site.node.callee if not isinstance(site.node, ir.Tagged) else None
    method = callee.name if isinstance(callee, (ir.Member, ir.Name)) else ""
    return Default(kind, method, site.argument(0), call_token(site), argument)


_METHODS: dict[str, Callable[[ColumnBuilder, Site], ColumnBuilder]] = {
    "notNull": lambda column, site: _with(column, not_null=True),
    "primaryKey": _primary_key,
    "unique": lambda column, site: _with(column, unique=True, unique_name=text_of(site.argument(0))),
    "references": _references,
    "$type": lambda column, site: column,
    "generatedAlwaysAs": lambda column, site: column,
    "default": _default,
    "defaultNow": _default_now,
    "$default": _default_function,
    "$defaultFn": _default_function,
    "$onUpdate": _on_update,
    "$onUpdateFn": _on_update,
}


def call_token(site: Site) -> Span:
    """The place of a call's name: `references` of `text().references(...)`, `index` of `index(...)`."""
    node = site.node
    callee = node.tag if isinstance(node, ir.Tagged) else node.callee
    if isinstance(callee, ir.Member):
        return Span(site.scope.module, callee.name_start, callee.name_start + len(callee.name.encode()))
    return Span(site.scope.module, callee.start, callee.end)


def _name_and_options(site: Site) -> tuple[str | None, Value, tuple[str, ...]]:
    """The name of a column, None where its key names it, then its options, and what is not known of these."""
    first = site.argument(0)
    match first:
        case Constant(value=value):
            name = value if isinstance(value, str) and value else None
            return name, site.argument(1), ()
        case ObjectValue():
            return None, first, ()
        case _:
            reason = first.reason if isinstance(first, Unknown) else "it depends on a condition"
            return None, site.argument(1), (f"the name of a column is not known: {reason}",)


def _builder(kind: str) -> Native:
    def build(site: Site, ev: Evaluator) -> Value:
        name, options, gaps = _name_and_options(site)
        mode = option(options, "mode", ev)
        sql_type = _text_type(mode, option(options, "length", ev)) if kind == "text" else kind
        known_mode = text_of(mode) if isinstance(mode, Constant) else "?"
        made = Builder(site.scope.actor().module)
        return ColumnBuilder(kind, name, sql_type, known_mode, gaps=gaps, builder=made)

    return Native(kind, build)


def _text_type(mode: Value, length: Value) -> str | None:
    """`text`, or `text(20)`; json has no length."""
    has_length = length.truth()
    if has_length is False or text_of(mode) == "json":
        return "text"
    is_known = isinstance(length, Constant) and (isinstance(mode, Constant) or mode is UNDEFINED)
    return f"text({literal_text(length.value)})" if is_known and isinstance(length, Constant) else None


def _custom_type(site: Site, ev: Evaluator) -> Value:
    data_type = option(site.argument(0), "dataType", ev)

    def build(inner: Site, ev: Evaluator) -> Value:
        name, options, gaps = _name_and_options(inner)
        sql_type = text_of(ev.apply(data_type, [options], inner))
        made = Builder(inner.scope.actor().module)
        return ColumnBuilder("custom", name, sql_type, gaps=gaps, builder=made)

    return Native("customType", build)


def column_builders() -> dict[str, Value]:
    """The builders by the name under which sqlite-core exports them."""
    integer = _builder("integer")
    return {
        "integer": integer,
        "int": integer,
        "text": _builder("text"),
        "real": _builder("real"),
        "numeric": _builder("numeric"),
        "blob": _builder("blob"),
        "customType": Native("customType", _custom_type),
    }


@dataclass(slots=True, eq=False)
class ColumnRef(Value):
    """A column of a finished table: `users.id`."""

    table: TableValue
    key: str

    def member(self, name: str, ev: Evaluator) -> Value:
        """`name` is what drizzle calls the column: the name that is written, or its key."""
        column = self.table.builder(self.key, ev) if name == "name" else None
        if column is None or column.gaps:
            return Unknown(f"{name} of a column")
        return Constant(column.name or cased(self.key, self.table.casing, is_unicode=True))

    def of_its_type(self) -> Value:
        """Another column of the same type."""
        return Unknown("a column of which only the type is known")
