"""Every query of a repository in a form to list: what it asks, what SQLite would do, what it binds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.model.queries.binds import Count
from d1lint.model.queries.parameters import parameters_of
from d1lint.model.queries.query import Query

if TYPE_CHECKING:
    from d1lint.model.project import Project


@dataclass(frozen=True, slots=True)
class ListedQuery:
    """One query. `line` is 1-based; `reason` says why there is no statement and no plan, "" where there are."""

    query: Query
    line: int
    sql: str
    filter: str
    order: str
    plan: tuple[str, ...]
    parameters: Count
    reason: str

    @property
    def is_proven(self) -> bool:
        """Whether it is known to go to D1."""
        return self.query.is_d1 is True


def listed_queries(project: Project) -> list[ListedQuery]:
    """The queries of Worker code that go to D1 or may do so, by file and place."""
    found = []
    for query in sorted(project.queries.all(), key=lambda query: query.span):
        planned = project.plans.planned(query)
        statement = planned.statement
        found.append(
            ListedQuery(
                query,
                project.source(query.file).line_number(query.span.start),
                statement.text if statement is not None else "",
                statement.filter if statement is not None else "",
                statement.sort if statement is not None else "",
                planned.plan,
                parameters_of(query, project.ev),
                planned.reason if query.is_d1 else unproven_reason(query),
            )
        )
    return found


def unproven_reason(query: Query) -> str:
    """Why it is not known whose query it is."""
    if query.client is not None:
        return "its client is known only by a type that any SQLite client has"
    if query.tables:
        return "its tables are those of no database, or of several"
    return "nothing is known of what it is called on, and its table is not known"
