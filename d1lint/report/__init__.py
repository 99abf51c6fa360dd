"""Reports: one module a format, each with one function `render(result, …) -> str`, ended by a line break."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from d1lint.result import Result

if TYPE_CHECKING:
    from d1lint.model.project import Project

FORMATS = {
    "text": "d1lint.report.text",
    "concise": "d1lint.report.concise",
    "agent": "d1lint.report.agent",
    "json": "d1lint.report.json",
    "sarif": "d1lint.report.sarif",
    "github": "d1lint.report.github",
    "markdown": "d1lint.report.markdown",
    "gitlab": "d1lint.report.gitlab",
    "rdjson": "d1lint.report.rdjson",
    "junit": "d1lint.report.junit",
}
"""From the name of a format to its module, which is imported only when that format is asked for."""

SCHEMA_FORMATS = {"json": "d1lint.report.schema_json", "mermaid": "d1lint.report.schema_mermaid"}
"""Likewise for the model."""

QUERIES_FORMATS = {"text": "d1lint.report.queries_text", "json": "d1lint.report.queries_json"}
"""Likewise for the queries."""


def render(name: str, result: Result, *, colour: bool = False, width: int = 80, suppressed: bool = False) -> str:
    """The report in the format `name`.

    `colour` and `width` (in columns) count for `text` alone; `suppressed` for `sarif`, which then has what comments
    and the baseline silence, too. Raises KeyError for a name that is not in FORMATS.
    """
    options: dict[str, dict[str, Any]] = {
        "text": {"colour": colour, "width": width},
        "sarif": {"suppressed": suppressed},
    }
    report: str = import_module(FORMATS[name]).render(result, **options.get(name, {}))
    return report


def render_queries(name: str, project: Project) -> str:
    """The queries of a project in the format `name`. Raises KeyError for a name that is not in QUERIES_FORMATS."""
    report: str = import_module(QUERIES_FORMATS[name]).render(project)
    return report


def render_schema(name: str, project: Project) -> str:
    """The model of a project in the format `name`. Raises KeyError for a name that is not in SCHEMA_FORMATS."""
    report: str = import_module(SCHEMA_FORMATS[name]).render(project)
    return report
