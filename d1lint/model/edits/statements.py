"""The declarations at the top of a module, by their place."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span

if TYPE_CHECKING:
    from d1lint.model.project import Project


def declaration_around(project: Project, span: Span) -> ir.Declare | None:
    """The declaration of a variable, at the top of its module, that a place is in; `start` is the statement's."""
    starts, declarations = project.once(_declarations, span.file)
    at = bisect_right(starts, span.start)
    found = declarations[at - 1] if at > 0 else None
    return found if found is not None and span.end <= found.end else None


def _declarations(project: Project, path: str) -> tuple[list[int], list[ir.Declare]]:
    """The declarations with the places where their names begin: those of one statement share its beginning and end."""
    module = project.modules.module(path)
    found = [s for s in module.body if isinstance(s, ir.Declare)] if module is not None else []
    found.sort(key=lambda declaration: declaration.pattern.start)
    return [declaration.pattern.start for declaration in found], found
