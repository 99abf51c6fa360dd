"""The calls that make tables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.schema import Table

if TYPE_CHECKING:
    from d1lint.model.project import Project


def call_of(table: Table) -> ir.Call | None:
    """The call that makes a table."""
    node = table.origin.site.node if table.origin is not None else None
    return node if isinstance(node, ir.Call) else None


def is_made_alone(table: Table, project: Project) -> bool:
    """Whether the call that makes a table makes no other one."""
    return project.once(_made)[table.span] == 1


def _made(project: Project) -> Counter[Span]:
    return Counter(table.span for table in project.tables)
