"""Names that are imported from `kysely-d1` and that it does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span

if TYPE_CHECKING:
    from d1lint.model.project import Project

_PACKAGE = "kysely-d1"
_EXPORTED = frozenset({"D1Dialect", "D1DialectConfig", "default", "*", ""})


@dataclass(slots=True, eq=False)
class KyselyImport:
    """An import or re-export of a name that `kysely-d1` does not export; `span` is the name."""

    span: Span
    name: str


def kysely_imports(project: Project) -> Iterator[KyselyImport]:
    """What files take from `kysely-d1` though it is not there; types, which no build looks for, are left out."""
    for path in project.modules.containing(_PACKAGE.encode()):
        module = project.modules.module(path)
        items: Iterable[ir.Import | ir.Export] = (*module.imports, *module.exports) if module is not None else ()
        for item in items:
            name = item.imported if isinstance(item, ir.Import) else item.source
            if item.specifier != _PACKAGE or item.type_only or name in _EXPORTED:
                continue
            if project.modules.resolve(_PACKAGE, path).file is None:
                yield KyselyImport(_name_span(item, name, path, project), name)


def _name_span(item: ir.Import | ir.Export, name: str, path: str, project: Project) -> Span:
    found = re.compile(rb"\b%b\b" % re.escape(name.encode())).search(project.source(path).data, item.start, item.end)
    return Span(path, *found.span()) if found is not None else Span(path, item.start, item.end)
