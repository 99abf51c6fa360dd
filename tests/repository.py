"""Small repositories for tests: a dict from path to content, written, opened or linted."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import d1lint_rules
import pytest
from fake_rules.indexes import crashing_rule
from pages import write_files

from d1lint.engine import check, locate, open_project
from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.registry import Registry
from d1lint.result import Result

Files = Mapping[str, str | bytes]

MONOREPO = '{ "name": "root", "private": true, "workspaces": ["packages/*", "apps/*"] }'
USERS = """
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer().primaryKey() });
"""


def package(name: str, *dependencies: str) -> str:
    """A package.json. A dependency is a name, of a package in this repository, or a name and a range: `a@1.0.0`."""
    asked = (re.fullmatch(r"(@?[^@]+)(?:@(.+))?", dependency) for dependency in dependencies)
    ranges = ", ".join(f'"{match[1]}": "{match[2] or "workspace:*"}"' for match in asked if match)
    return f'{{ "name": "{name}", "dependencies": {{ {ranges} }} }}'


def wrangler(*bindings: str, main: str = "src/index.ts") -> str:
    """A wrangler.jsonc with D1 bindings."""
    databases = ", ".join(
        f'{{ "binding": "{name}", "database_name": "{name}", "database_id": "x" }}' for name in bindings
    )
    return f'{{ "main": "{main}", "d1_databases": [{databases}] }}'


def project(folder: Path, files: Files) -> Project:
    """The model of a repository; a package.json and a wrangler configuration are there where none is given."""
    write_files(folder, files)
    return open_project(locate([folder]), Registry.load())[0]


def lint(folder: Path, files: Files) -> Result:
    """What d1lint finds in a repository, likewise."""
    write_files(folder, files)
    return check([folder])


def add_crashing_rule(monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a rule that crashes at the table `posts` a built-in one; its name."""
    monkeypatch.setitem(sys.modules, f"{d1lint_rules.__name__}.crashing", crashing_rule)
    monkeypatch.setitem(d1lint_rules.BUILT_IN, "crashing-rule", "crashing")
    return "crashing-rule"


def lines(result: Result, rule: str) -> set[tuple[str, str]]:
    """The file and the text of each line that a rule reports."""
    return {(finding.span.file, _line(result, finding)) for finding in result.findings if finding.rule == rule}


def marked(files: Files, mark: str) -> set[tuple[str, str]]:
    """The file and the text of each line that ends with a mark."""
    return set(_marked(files, mark))


def _marked(files: Files, mark: str) -> Iterator[tuple[str, str]]:
    for path, content in files.items():
        text = content if isinstance(content, str) else content.decode()
        for line in text.splitlines():
            if line.endswith(mark):
                yield path, line.strip()


def _line(result: Result, finding: Finding) -> str:
    source = result.source(finding.span.file)
    return source.line_text(source.line_number(finding.span.start)).strip()
