"""Queries that read a whole table, or sort it, where an index would spare that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from d1lint.finding import Span
from d1lint.model.queries.plan import Improvement, Planner
from d1lint.model.queries.query import Query
from d1lint.model.queries.statement import NotKnown, Renderer, Statement

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.tables.databases import Database


@dataclass(slots=True, eq=False)
class UnindexedQuery:
    """A query that an index would help, with `others` that the same index would help."""

    query: Query
    improvement: Improvement
    others: list[Query] = field(default_factory=list)

    @property
    def span(self) -> Span:
        """The place of the query."""
        return self.query.span


@dataclass(frozen=True, slots=True)
class Planned:
    """A query with its statement and what SQLite would do; `reason` says why there is none."""

    query: Query
    statement: Statement | None
    plan: tuple[str, ...]
    reason: str = ""


class QueryPlans:
    """The plans of a repository's queries: one SQLite for each database."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._renderer = Renderer(project.ev, project.queries.table_of)
        self._planners: dict[Database, Planner] = {}

    def unindexed(self) -> Iterator[UnindexedQuery]:
        """The queries that an index would help, one for each index."""
        wanted: list[UnindexedQuery] = []
        for query in self._project.queries.all():
            self._project.between_files()
            improvement = self._improvement(query) if query.is_d1 else None
            if improvement is not None and not self._is_key_without_index(improvement):
                wanted.append(UnindexedQuery(query, improvement))
        # An index serves whatever a shorter one that it begins with would serve.
        found: list[UnindexedQuery] = []
        for each in sorted(wanted, key=lambda u: -len(u.improvement.columns)):
            longer = next((u for u in found if u.improvement.begins_with(each.improvement)), None)
            if longer is not None:
                longer.others.append(each.query)
            else:
                found.append(each)
        yield from sorted(self._needed(found), key=lambda u: u.query.span)

    def _needed(self, found: list[UnindexedQuery]) -> Iterator[UnindexedQuery]:
        """Those of some indexes that are needed where another one begins with the same column: one may do for all."""
        needed: dict[tuple[int, str], list[UnindexedQuery]] = {}
        for each in sorted(found, key=lambda u: (len(u.improvement.columns), -len(u.others))):
            statement = each.improvement.statement
            kept = needed.setdefault((id(statement.table), each.improvement.columns[0][0]), [])
            planner = self._planner(statement)
            helping = planner.helped_by(statement, [u.improvement for u in kept]) if planner is not None else None
            if helping is None:
                kept.append(each)
                continue
            other = next(u for u in kept if u.improvement is helping)
            other.others += [each.query, *each.others]
        for kept in needed.values():
            yield from kept

    def planned(self, query: Query) -> Planned:
        """What SQLite would do for a query."""
        try:
            statement = self._renderer.statement(query)
        except NotKnown as reason:
            return Planned(query, None, (), str(reason))
        planner = self._planner(statement)
        if planner is None:
            return Planned(query, statement, (), "its table belongs to no database")
        plan = planner.plan(statement.text)
        if plan is None:
            return Planned(query, statement, (), f"SQLite refuses it: {planner.refusal(statement.text)}")
        return Planned(query, statement, plan.lines)

    def _improvement(self, query: Query) -> Improvement | None:
        try:
            statement = self._renderer.statement(query)
        except NotKnown:
            return None
        planner = self._planner(statement)
        return planner.improvement(statement) if planner is not None else None

    def _planner(self, statement: Statement) -> Planner | None:
        database = statement.table.database
        if database is None:
            return None
        if database not in self._planners:
            self._planners[database] = Planner(database.tables)
        return self._planners[database]

    def _is_key_without_index(self, improvement: Improvement) -> bool:
        """Whether the index is that of a foreign key, which unindexed-foreign-key asks for already."""
        columns = {name for name, _ in improvement.columns}
        keys = improvement.statement.table.foreign_keys
        return any(set(key.columns) == columns and key.covering_index() is None for key in keys)
