"""Reports: one module a format, each with one function `render(result, …) -> str`, ended by a line break."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from d1lint.result import Result

if TYPE_CHECKING:
    from d1lint.model.project import Project

FORMATS = {
    "text": "d1lint.report.text",
    "concise": "d1lint.report.concise",
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


def render(name: str, result: Result, *, colour: bool = False, width: int = 80) -> str:
    """The report in the format `name`; `colour` and `width` (in columns) count for `text` alone.

    Raises KeyError for a name that is not in FORMATS.
    """
    module = import_module(FORMATS[name])
    report: str = module.render(result, colour=colour, width=width) if name == "text" else module.render(result)
    return report


def render_schema(name: str, project: Project) -> str:
    """The model of a project in the format `name`. Raises KeyError for a name that is not in SCHEMA_FORMATS."""
    report: str = import_module(SCHEMA_FORMATS[name]).render(project)
    return report
