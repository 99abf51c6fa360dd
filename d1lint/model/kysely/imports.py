"""Names that are imported from `kysely-d1` and that it does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.values import External

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.walk import Visit

_PACKAGE = "kysely-d1"
_EXPORTED = frozenset({"D1Dialect", "D1DialectConfig", "default", "*", ""})


@dataclass(slots=True, eq=False)
class KyselyImport:
    """An import, re-export or use of a name that `kysely-d1` does not export; `span` is the name."""

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
        if any(isinstance(item, ir.Import) and item.imported == "*" and item.specifier == _PACKAGE for item in items):
            with project.noting(path):
                yield from filter(None, [_of_namespace(visit, project) for visit in project.visits(path)])


def _of_namespace(visit: Visit, project: Project) -> KyselyImport | None:
    """What is called, constructed or used as a tag by `kysely.name`, where `kysely` is the whole of `kysely-d1`."""
    node = visit.node
    used = node.tag if isinstance(node, ir.Tagged) else node.callee if not isinstance(node, ir.Assign) else None
    if not isinstance(used, ir.Member) or used.name in _EXPORTED:
        return None
    owner = project.ev.evaluate(used.object, visit.scope)
    if not isinstance(owner, External) or owner.package != _PACKAGE or owner.path:
        return None
    span = Span(visit.scope.module, used.name_start, used.name_start + len(used.name.encode()))
    return KyselyImport(span, used.name)


def _name_span(item: ir.Import | ir.Export, name: str, path: str, project: Project) -> Span:
    found = re.compile(rb"\b%b\b" % re.escape(name.encode())).search(project.source(path).data, item.start, item.end)
    return Span(path, *found.span()) if found is not None else Span(path, item.start, item.end)
