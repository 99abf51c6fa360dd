"""The queries of a project as a table, for people."""

from __future__ import annotations

from collections import Counter

from d1lint.model.project import Project
from d1lint.model.queries.listing import ListedQuery, listed_queries
from d1lint.report.terminal import one_line, visible


def render(project: Project) -> str:
    """The queries that go to D1, file by file, then those of which that is not known, each with its reason."""
    listed = listed_queries(project)
    proven = [each for each in listed if each.is_proven]
    unproven = [each for each in listed if not each.is_proven]
    lines: list[str] = []
    for file in dict.fromkeys(each.query.file for each in proven):
        lines += [visible(file), *(line for each in proven if each.query.file == file for line in _query(each)), ""]
    planned = sum(bool(each.plan) for each in proven)
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(e.query.kind for e in proven).most_common())
    lines.append(f"{len(proven)} queries go to D1 ({kinds or 'none'}); SQLite has planned {planned} of them.")
    if unproven:
        lines += ["", f"Not proven to go to D1: {len(unproven)}"]
        for each in unproven:
            lines.append(f"  {visible(each.query.file)}:{each.line}  {each.query.kind}  {each.reason}")
    return "\n".join(lines) + "\n"


def _query(listed: ListedQuery) -> list[str]:
    query = listed.query
    tables = ", ".join(table.name for table in query.tables) or query.root.key or "?"
    lines = [f"  {listed.line:>5}  {query.kind} {visible(tables)}  ({listed.parameters} bound)"]
    if listed.filter:
        lines.append(f"         where {one_line(listed.filter)}")
    if listed.order:
        lines.append(f"         order by {one_line(listed.order)}")
    lines += [f"         {one_line(step)}" for step in listed.plan]
    if not listed.plan and listed.reason and query.kind not in ("insert", "batch", "run", "all", "get", "values"):
        lines.append(f"         not planned: {listed.reason}")
    return lines
