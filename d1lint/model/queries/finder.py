"""Finds the queries of a repository: in which files they can be, and whose tables they ask for."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from d1lint.model.hints import Hint
from d1lint.model.queries.callbacks import ELEMENT_METHODS
from d1lint.model.queries.collect import Collector, is_held_by
from d1lint.model.queries.loops import LoopedQuery, LoopFinder, loader_names
from d1lint.model.queries.query import Query
from d1lint.model.values import Value

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.schema import Table

_QUERIES = re.compile(
    rb"\.(?:(?:from|insert|update|delete|batch|transaction|\$count|run|all|get|values|selectFrom|insertInto|updateTable|"
    rb"deleteFrom)\(|query\??\.)"
)
"""What a file that queries has in it. To look for one dot after the other is much faster than for each word."""

_BEFORE_TABLE = rb"\.(?:(?:from|insert|update|delete|\$count|\w+Join)\(\s*(?:\w+\.)*|query\??\.\s*)"
_NEEDS_NO_TABLE = re.compile(rb"\.(?:transaction|batch)\(")


def _called_names(path: str, data: bytes) -> frozenset[str]:
    from d1lint.syntax.loops import called_names

    return called_names(path, data, ELEMENT_METHODS)


def _called_for_each(path: str, data: bytes) -> frozenset[str]:
    from d1lint.syntax.loops import called_for_each

    return called_for_each(path, data, ELEMENT_METHODS)


def _may_query(path: str, data: bytes) -> bool:
    return _QUERIES.search(data) is not None


class Queries:
    """The queries of Worker code. Given files, only theirs are looked for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._modules = project.modules
        self._by_file: dict[str, list[Query]] = {}

    def all(self, files: Container[str] | None = None) -> Iterator[Query]:
        """Those that go to D1, and those of which that is not known."""
        for path in self.files:
            if files is None or path in files:
                self._project.between_files()
                yield from self.of_file(path)

    def of_file(self, path: str) -> list[Query]:
        """The same for one file, in their order."""
        project = self._project
        if path not in self._by_file:
            found: list[Query] = []
            if project.reach.serves_requests(path):
                with project.noting(path):
                    collector = Collector(project.visits(path), project.ev, self.table_of, self._table_named)
                    found = [query for query in collector.queries() if query.is_d1 is not False]
            self._by_file[path] = found
        return self._by_file[path]

    def within(self, holder: Query) -> Iterator[Query]:
        """Those that stand in the arguments of another: the members of a batch, the queries of a transaction."""
        for query in self.of_file(holder.file):
            if query is not holder and is_held_by(query, holder.visit):
                yield query

    def looped(self, files: Container[str] | None = None) -> Iterator[LoopedQuery]:
        """Those that are sent once for each element of a list."""
        project = self._project
        finder = LoopFinder(project.ev, self._of_querying_file, self._modules.text, self._all_loaders)
        for path in self._files_that_may_loop(files):
            with project.noting(path):
                yield from finder.in_file(path, project.visits(path))

    # --- files ---------------------------------------------------------------------------------------------------

    @cached_property
    def files(self) -> list[str]:
        """The files that may query: they name a method that begins a query, and a table or a client."""
        found = []
        for path in self._project.reach.files:
            if not self._modules.made_of(_may_query, path):
                continue
            hints = self._project.paths.get(path, Hint(0))
            if Hint.ANY in hints or self._asks_for_table.search(self._modules.text(path)):
                found.append(path)
        self._modules.preload(found)
        return found

    @cached_property
    def _asks_for_table(self) -> re.Pattern[bytes]:
        """Finds a table, by the name that it is exported under, where a query would have it; and what needs none."""
        names = sorted({re.escape(table.export.encode()) for table in self._project.tables if table.export})
        if not names:
            return _NEEDS_NO_TABLE
        return re.compile(_BEFORE_TABLE + rb"(?:" + b"|".join(names) + rb")\b|" + _NEEDS_NO_TABLE.pattern)

    def _files_that_may_loop(self, files: Container[str] | None) -> list[str]:
        """The files that query, and those that call a function for each element by the name of one that does."""
        asked = [path for path in self._project.reach.files if files is None or path in files]
        calling = (path for path in asked if path not in self._querying and self._calls_for_each(path))
        return [*(path for path in asked if path in self._querying), *calling]

    def _calls_for_each(self, path: str) -> bool:
        """Whether a file calls, for each element, a function by the name of one that does little but query."""
        loaders = self._imported_loaders(path)
        told = (_called_names, _called_for_each)  # the first costs little, and most files are out by it
        return bool(loaders) and not any(loaders.isdisjoint(self._modules.made_of(names, path)) for names in told)

    @cached_property
    def _loaders(self) -> dict[str, frozenset[str]]:
        """The names of the functions that do little but query, by the file."""
        return {path: frozenset(loader_names(self.of_file(path))) - {""} for path in self.files}

    @cached_property
    def _all_loaders(self) -> frozenset[str]:
        return frozenset().union(*self._loaders.values())

    def _imported_loaders(self, path: str) -> frozenset[str]:
        """Those of the files that a file imports from, and of what these import: they may hand it out in objects."""
        reach = self._project.reach
        sources = reach.sources_of(path)
        if sources is None:
            return self._all_loaders
        further = (each for path in sources for each in reach.imports(path) or ())
        return frozenset().union(*(self._loaders.get(each, ()) for each in {*sources, *further}))

    def _of_querying_file(self, path: str) -> list[Query]:
        return self.of_file(path) if path in self._querying else []

    @cached_property
    def _querying(self) -> frozenset[str]:
        return frozenset(self.files)

    # --- tables --------------------------------------------------------------------------------------------------

    def table_of(self, value: Value) -> Table | None:
        """The table that a value is."""
        return self._tables_by_value.get(id(value))

    @cached_property
    def _tables_by_value(self) -> dict[int, Table]:
        return {id(table.origin): table for table in self._project.tables if table.origin is not None}

    def _table_named(self, key: str) -> Table | None:
        """The table of `x.query.key` where nothing is known of `x`: one of D1, if no other database has clients."""
        if not self._has_only_d1_clients:
            return None
        named = [table for table in self._project.d1_tables if table.export == key]
        return named[0] if len(named) == 1 else None

    @cached_property
    def _has_only_d1_clients(self) -> bool:
        clients = self._project.clients
        return bool(clients) and all(client.is_d1 for _, client in clients)
