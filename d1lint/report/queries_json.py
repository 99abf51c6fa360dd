"""The queries of a project as JSON, version 1."""

from __future__ import annotations

import json
from typing import Any

from d1lint.model.project import Project
from d1lint.model.queries.listing import ListedQuery, listed_queries


def render(project: Project) -> str:
    """An object with `version` and `queries`; `d1` is null where it is not known whose query it is.

    `parameters` is the least number, and exact where `parametersExact`; `reason` says why there is no plan, or why
    it is not proven to be D1's.
    """
    document = {"version": 1, "queries": [_query(each) for each in listed_queries(project)]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _query(listed: ListedQuery) -> dict[str, Any]:
    query = listed.query
    return {
        "file": query.file,
        "line": listed.line,
        "kind": query.kind,
        "function": query.function_name,
        "tables": [table.name for table in query.tables],
        "d1": query.is_d1,
        "sql": listed.sql or None,
        "filter": listed.filter or None,
        "order": listed.order or None,
        "plan": list(listed.plan),
        "parameters": listed.parameters.least,
        "parametersExact": listed.parameters.is_exact,
        "uses": sorted(str(use) for use in query.uses),
        "reason": listed.reason or None,
    }
