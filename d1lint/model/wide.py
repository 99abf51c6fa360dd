"""What has more columns than D1 takes: tables, and what a query answers."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.queries.query import Query
from d1lint.model.schema import Table
from d1lint.model.values import UNDEFINED, Constant, ObjectValue, Unknown, Value

if TYPE_CHECKING:
    from d1lint.model.project import Project

MAX_DEPTH = 8
"""How deep fields may stand in each other."""
LIMIT = 100
"""How many columns a table of D1 may have, and the answer to a query."""


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """A table or a query with more columns than D1 takes; `query` is None for a table."""

    table: Table
    columns: int
    span: Span
    query: Query | None = None


def wide(project: Project, files: Container[str] | None = None) -> Iterator[Wide]:
    """The tables of D1 that are too wide, and the queries of Worker code."""
    for table in project.d1_tables:
        if len(table.columns) > LIMIT:
            yield Wide(table, len(table.columns), table.token)
    if sum(sorted((len(table.columns) for table in project.d1_tables), reverse=True)[:8]) <= LIMIT:
        return  # no join is
    for query in project.queries.all(files):
        if query.is_d1 and query.table is not None and len(query.table.columns) <= LIMIT:
            columns = _columns(query, project.queries.table_of)
            if columns > LIMIT:
                yield Wide(query.table, columns, query.span, query)


def _columns(query: Query, table_of: Callable[[Value], Table | None]) -> int:
    """How many columns the answer to a query has at least."""
    given = query.root.site.argument(0)
    if query.is_relational:
        return _of_relational(query, given)
    if not query.is_select:
        return 0
    if given is not UNDEFINED:
        return _fields(given, table_of)
    sources = [query.argument("from"), *(step.site.argument(0) for step in query.joins)]
    return sum(len(table.columns) for table in map(table_of, sources) if table is not None)


def _fields(value: Value, table_of: Callable[[Value], Table | None], depth: int = 0) -> int:
    """The columns of the fields of a select: a table among them has its own."""
    if isinstance(value, ObjectValue):
        inner = value.entries.values() if depth < MAX_DEPTH else ()
        return sum(_fields(entry.read(), table_of, depth + 1) for entry in inner)
    table = table_of(value)
    if table is not None:
        return len(table.columns)
    return int(not isinstance(value, (Unknown, Constant)))


def _of_relational(query: Query, config: Value) -> int:
    """A relation that is loaded, too, is one column of the answer."""
    own = len(query.table.columns) if query.table is not None else 0
    if not isinstance(config, ObjectValue):
        return own
    if "columns" in config.entries:
        own = 0
    relations = config.entries["with"].read() if "with" in config.entries else None
    loaded = relations.entries.values() if isinstance(relations, ObjectValue) else ()
    return own + sum(entry.read().truth() is True for entry in loaded)
