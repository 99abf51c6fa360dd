"""SQL fragments: sql`…`, and the operators that make such (`eq`, `desc`, `isNotNull`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.values import Native, Site, Union, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.scope import Scope


@dataclass(slots=True, eq=False)
class SqlValue(Value):
    """A fragment of SQL. `parts` are its texts and interpolated values; `operator` the function that made it, "" for a
    template; `is_raw` says that it came from `sql.raw`.
    """

    parts: tuple[str | Value, ...]
    operator: str = ""
    is_raw: bool = False
    site: Site | None = None
    """Of what an operator made: its call."""

    def member(self, name: str, ev: Evaluator) -> Value:
        """`as`, `mapWith` and the like give the fragment again; `append` adds to it."""
        if name == "append":
            return Native(name, lambda site, ev: SqlValue((*self.parts, site.argument(0))))
        return Native(name, lambda site, ev: self)

    @property
    def text_count(self) -> int:
        """How many of its parts are texts."""
        return sum(isinstance(part, str) for part in self.parts)

    @property
    def is_open(self) -> bool:
        """Whether it is nothing but something that is not known, which can be a column or any expression."""
        return (
            not self.operator and self.text.strip() == "?" and any(isinstance(p, (Unknown, Union)) for p in self.parts)
        )

    @property
    def text(self) -> str:
        """The fragment with a placeholder for each interpolated value."""
        return "".join(part if isinstance(part, str) else "?" for part in self.parts)


@dataclass(slots=True, eq=False)
class SqlTag(Value):
    """Drizzle's `sql`: a tag for templates, with `raw`, `identifier` and others below it."""

    def tagged(self, template: ir.Template, site: Site, ev: Evaluator) -> Value:
        """The fragment."""
        return SqlValue(_parts(template, site.scope, ev))

    def member(self, name: str, ev: Evaluator) -> Value:
        """`sql.raw(text)` is a fragment too; the others are not known."""
        if name == "raw":
            return Native("raw", lambda site, ev: SqlValue((site.argument(0),), is_raw=True))
        return Native(name, lambda site, ev: SqlValue((Unknown(f"sql.{name}"),)))

    def call(self, site: Site, ev: Evaluator) -> Value:
        """`sql<T>` without a template is nothing."""
        return Unknown("sql() is called")


def _parts(template: ir.Template, scope: Scope, ev: Evaluator) -> tuple[str | Value, ...]:
    return tuple(part if isinstance(part, str) else ev.evaluate(part, scope) for part in template.parts)


def _operator(name: str) -> Native:
    def build(site: Site, ev: Evaluator) -> Value:
        more = tuple(Unknown(reason) for reason in site.gaps)
        return SqlValue((*(site.argument(i) for i in range(site.count)), *more), operator=name, site=site)

    return Native(name, build)


OPERATORS = (
    "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "isNull", "isNotNull", "inArray", "notInArray", "like",
    "notLike", "between", "notBetween", "exists", "notExists", "asc", "desc", "count", "countDistinct", "sum", "avg",
    "min", "max",
)  # fmt: skip


def sql_intrinsics() -> dict[tuple[str, str], Value]:
    """`sql` and the operators, under the packages that export them."""
    packages = ("drizzle-orm", "drizzle-orm/sql", "drizzle-orm/expressions", "drizzle-orm/sql/sql")
    tag = SqlTag()
    values: dict[tuple[str, str], Value] = {(package, "sql"): tag for package in packages}
    for name in OPERATORS:
        operator = _operator(name)
        values.update({(package, name): operator for package in packages})
    return values
