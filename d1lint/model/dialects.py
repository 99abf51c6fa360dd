"""Code for another dialect (`drizzle-orm/pg-core`) in the schema of a D1 database."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.tables import FOREIGN_CORES, ForeignColumn

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.modules import Modules
    from d1lint.model.schema import Table
    from d1lint.source import Source

_FOREIGN = re.compile(rf"^drizzle-orm/({'|'.join(FOREIGN_CORES)})(?:/|$)")


@dataclass(slots=True, eq=False)
class ForeignImport:
    """An import or re-export that brings another dialect into code that a D1 database reaches.

    `dialect` is the sub-package (`pg-core`), `names` what is taken from it, `reached_by` what makes it D1's: a
    configuration, a client or a table; `user` is the import in another file that it comes through, `table` the table
    in another file that has a column of it.
    """

    span: Span
    dialect: str
    names: tuple[str, ...]
    reached_by: str
    user: Span | None = None
    table: Span | None = None

    @property
    def symbol(self) -> str:
        """The names that are imported, or the package."""
        return "+".join(self.names) if self.names else f"drizzle-orm/{self.dialect}"


def foreign_dialect(specifier: str) -> str | None:
    """The dialect that a module specifier names, if it is not SQLite."""
    match = _FOREIGN.match(specifier)
    return match[1] if match else None


def foreign_imports(
    path: str, modules: Modules, source_of: Callable[[str], Source], reached_by: str
) -> Iterator[ForeignImport]:
    """The imports and re-exports of a file that bring another dialect in, also through files that it imports from."""
    module = modules.module(path)
    if module is None:
        return
    yield from _direct(path, module, source_of(path), reached_by)
    for item in module.imports:
        target = modules.resolve(item.specifier, path).file
        if target is not None and item.imported not in ("", "*", "default"):
            through = _reexport(target, item.imported, modules, set())
            if through is not None:
                where, export, dialect = through
                span = specifier_span(source_of(where), export.start, export.end, export.specifier or "")
                user = specifier_span(source_of(path), item.start, item.end, item.specifier)
                yield ForeignImport(span, dialect, (item.imported,), reached_by, user)


def foreign_columns(
    tables: Iterable[Table], ev: Evaluator, modules: Modules, source_of: Callable[[str], Source]
) -> Iterator[ForeignImport]:
    """What brings columns of another dialect into SQLite tables, such as those that a helper in another file makes."""
    for table in tables:
        entries = table.origin.columns(ev).entries.values() if table.origin is not None else ()
        origins = [column.origin for entry in entries if isinstance(column := entry.read(), ForeignColumn)]
        for path in dict.fromkeys(origin.importer for origin in origins):
            module = modules.module(path)
            starts = {origin.start for origin in origins if origin.importer == path}
            for item in _direct(path, module, source_of(path), f"the table {table.name}", starts) if module else ():
                item.table = table.token if path != table.file else None
                yield item


def _direct(
    path: str, module: ir.Module, source: Source, reached_by: str, starts: Container[int] | None = None
) -> Iterator[ForeignImport]:
    """The imports and re-exports of another dialect that a file has; given `starts`, those that begin there."""
    statements: dict[tuple[int, int, str], list[str]] = {}
    items: Iterable[ir.Import | ir.Export] = (*module.imports, *module.exports)
    for item in items:
        if starts is not None and item.start not in starts:
            continue
        if item.specifier is not None and foreign_dialect(item.specifier):
            name = item.imported if isinstance(item, ir.Import) else item.source
            statements.setdefault((item.start, item.end, item.specifier), []).append(name)
    for (start, end, specifier), names in statements.items():
        span = specifier_span(source, start, end, specifier)
        known = tuple(name for name in names if name not in ("", "*"))
        yield ForeignImport(span, foreign_dialect(specifier) or "", known, reached_by)


def _reexport(path: str, name: str, modules: Modules, seen: set[str]) -> tuple[str, ir.Export, str] | None:
    """The re-export of another dialect's package through which a file exports a name."""
    module = modules.module(path)
    if module is None or path in seen:
        return None
    seen.add(path)
    for export in module.exports:
        if export.specifier is None or export.name not in (name, "*"):
            continue
        dialect = foreign_dialect(export.specifier)
        if dialect is not None and (export.name == name or _is_foreign_name(name)):
            return path, export, dialect
        target = modules.resolve(export.specifier, path).file
        if target is not None:
            found = _reexport(target, name if export.name == "*" else export.source, modules, seen)
            if found is not None:
                return found
    return None


def _is_foreign_name(name: str) -> bool:
    return re.match(r"^(?:pg|mysql|singlestore|gel|mssql|cockroach)[A-Z]", name) is not None


def specifier_span(source: Source, start: int, end: int, specifier: str) -> Span:
    """The place of a module specifier in its statement, quotes left out."""
    at = source.data.rfind(specifier.encode(), start, end)
    return Span(source.path, at, at + len(specifier.encode())) if at != -1 else Span(source.path, start, end)
