import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from report_samples import finding, result, shop, span, undone

import d1lint
from d1lint.finding import Confidence, Crash, Label, Level
from d1lint.report.json import render
from d1lint.result import Result

SCHEMA = json.loads((Path(d1lint.__file__).parent / "findings.schema.json").read_text(encoding="utf-8"))
CRASH = Crash("src/db/users.ts", "unindexed-sample", "KeyError: 'author'")


def closed(schema: Any) -> Any:
    """The schema that allows no property beside those it names: what is printed must be described."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(value) for key, value in schema.items()}
    return {"additionalProperties": False, **strict} if isinstance(schema.get("properties"), dict) else strict


STRICT = Draft202012Validator(closed(SCHEMA))


def printed(run: Result) -> Any:
    report = json.loads(render(run))
    STRICT.validate(report)
    return report


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("run", [result({}), shop(), shop(prefix="apps/web/", crashes=(CRASH,), suppressed=2)])
def test_reports_follow_the_schema(run: Result) -> None:
    printed(run)


@pytest.mark.parametrize("key", ["rule", "line", "fingerprint", "related", "symbol"])
def test_the_schema_asks_for_every_field(key: str) -> None:
    report = printed(shop())
    del report["findings"][0][key]
    with pytest.raises(ValidationError, match=key):
        Draft202012Validator(SCHEMA).validate(report)


def test_a_finding_in_full() -> None:
    run = shop(prefix="apps/shop/")
    assert printed(run)["findings"][2] == {
        "rule": "injected-sample",
        "level": "warning",
        "confidence": "medium",
        "file": "apps/shop/src/routes/search.ts",
        "line": 2,
        "column": 95,
        "endLine": 2,
        "endColumn": 104,
        "symbol": "search",
        "what": "search() puts `wanted` into a statement.",
        "why": "Whoever sends the request chooses what the statement does.",
        "instead": "Bind it: `env.DB.prepare('SELECT * FROM posts WHERE title = ?').bind(wanted)`.",
        "related": [
            {
                "file": "apps/shop/src/routes/search.ts",
                "line": 1,
                "column": 48,
                "endLine": 1,
                "endColumn": 62,
                "message": "comes from the request",
            }
        ],
        "clauses": ["DL-6"],
        "fingerprint": run.findings[2].fingerprint,
        "fix": None,
    }


def test_columns_count_utf16_units_and_spans_keep_their_last_line() -> None:
    files: dict[str, str | bytes] = {"a.ts": "\ufeff'👍é'; bad(\n  '検👍')\n"}
    at = printed(result(files, finding(span(files, "a.ts", "bad(\n  '検👍')"))))["findings"][0]
    assert (at["line"], at["column"], at["endLine"], at["endColumn"]) == (1, 8, 2, 9)


def test_the_summary() -> None:
    assert printed(shop(prefix="apps/shop/", suppressed=2, crashes=(CRASH,)))["summary"] == {
        "errors": 1,
        "warnings": 2,
        "notes": 1,
        "suppressed": 2,
        "fixed": 0,
        "baselined": 0,
        "stale": 0,
        "older": 0,
        "byRule": {"injected-sample": 2, "unindexed-sample": 2},
        "files": 41,
        "tables": 12,
        "foreignKeys": 9,
        "partialTables": 0,
        "hasD1": True,
        "seconds": 0.215,
        "crashes": [{"file": "apps/shop/src/db/users.ts", "rule": "unindexed-sample", "error": "KeyError: 'author'"}],
        "problems": [],
    }


def test_why_the_job_could_not_be_done() -> None:
    summary = printed(undone("apps/shop/"))["summary"]
    assert summary["hasD1"] is False
    assert summary["problems"] == [
        {
            "file": "apps/shop/d1lint.toml",
            "line": 3,
            "message": 'rules.a,b: found "eror", expected 100% of\n"error".',
        },
        {
            "file": None,
            "line": None,
            "message": "/policies/house.toml: found bytes that are not UTF-8, expected a UTF-8 file.",
        },
    ]


def test_any_text_survives_as_ascii() -> None:
    odd = '\x1b\u2028"\\ 検 \ud800'
    files: dict[str, str | bytes] = {odd: "bad()\n"}
    at = Label(span({odd: b"bad"}, odd, "bad"), odd)
    breach = finding(at.span, at, level=Level.NOTE, confidence=Confidence.LOW, what=odd, instead=odd)
    text = render(result(files, breach))
    assert text.isascii() and text.endswith("}\n")
    assert json.loads(text)["findings"][0]["what"] == odd == json.loads(text)["findings"][0]["file"]
