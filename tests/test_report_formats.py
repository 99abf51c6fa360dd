import json
import subprocess
import sys

import pytest
from report_samples import result, shop

from d1lint import report
from d1lint.report import concise, sarif, text
from d1lint.report import json as json_report


def test_every_format_has_its_function() -> None:
    assert list(report.FORMATS) == [
        "text",
        "concise",
        "agent",
        "json",
        "sarif",
        "github",
        "markdown",
        "gitlab",
        "rdjson",
        "junit",
    ]
    assert report.render("concise", shop()) == concise.render(shop())
    assert report.render("json", shop()) == json_report.render(shop())
    assert report.render("sarif", shop()) == sarif.render(shop())


def test_text_is_drawn_as_asked() -> None:
    assert report.render("text", shop()) == text.render(shop(), colour=False, width=80)
    assert report.render("text", shop(), colour=True, width=60) == text.render(shop(), colour=True, width=60)


def test_an_unknown_format_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="html"):
        report.render("html", result({}))


def test_a_format_imports_no_other() -> None:
    """Nor does text without colour import click: reporting costs a run nothing that it does not use."""
    program = (
        "import json, sys\n"
        "from d1lint.report import render\n"
        "from d1lint.result import Result, Summary\n"
        "run = Result((), (), Summary(0, 0, 0, 0, 0.0, True), None)\n"
        "render('text', run)\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout)
    assert "d1lint.report.text" in modules
    assert not {"d1lint.report.sarif", "d1lint.report.json", "d1lint.report.concise", "click"} & set(modules)
