"""Reports: one module a format, each with one function `render(result, …) -> str`, ended by a line break."""

from importlib import import_module

from d1lint.result import Result

FORMATS = {
    "text": "d1lint.report.text",
    "concise": "d1lint.report.concise",
    "json": "d1lint.report.json",
    "sarif": "d1lint.report.sarif",
}
"""From the name of a format to its module, which is imported only when that format is asked for."""


def render(name: str, result: Result, *, colour: bool = False, width: int = 80) -> str:
    """The report in the format `name`; `colour` and `width` (in columns) count for `text` alone.

    Raises KeyError for a name that is not in FORMATS.
    """
    module = import_module(FORMATS[name])
    report: str = module.render(result, colour=colour, width=width) if name == "text" else module.render(result)
    return report
