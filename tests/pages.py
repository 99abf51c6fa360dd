"""The pages of the rules as test cases.

Below `## Bad` and `## Good`, the fences under one `###` heading are the files of one case; a fence without such a
heading is a case by itself. A fence names its file, ```` ```ts title="src/db/schema.ts" ````; one without a title is
`src/index.ts`. `// error: [rule-name]` at the end of a line says that a finding of this rule has its primary location
there. Such marks are cut off before the file is linted; several may stand behind each other.

A case that has no `d1lint.toml` is linted with the page's rule alone, as `recommended` sets it. One that has neither
a wrangler configuration nor a package.json nor a drizzle config gets the first two: a Worker with one D1 binding, and
Drizzle 0.45.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import d1lint_rules

from d1lint.policy import RuleSetting
from d1lint.registry import Registry

RULES = Path(__file__).parent.parent / "rules"
HEADINGS = ("What it finds", "Why", "Bad", "Good", "Options", "Limits")

WRANGLER = """{
  "name": "app",
  "main": "src/index.ts",
  "compatibility_date": "2026-07-01",
  "d1_databases": [{ "binding": "DB", "database_name": "app", "database_id": "x" }],
}
"""
PACKAGE = '{ "name": "app", "type": "module", "dependencies": { "drizzle-orm": "^0.45.2", "hono": "^4.9.0" } }\n'

_FENCE = re.compile(r'```(\w+)(?: title="([^"]+)")?$')
_MARK = re.compile(r"\s*(?://|--|#) (error|warning|note): \[([a-z0-9-]+)\]$")


@dataclass(frozen=True)
class Case:
    """One example. `kind` is bad or good; `expected` holds (file, 1-based line, level, rule)."""

    rule: str
    title: str
    kind: str
    files: dict[str, str]
    expected: set[tuple[str, int, str, str]]

    def write(self, folder: Path) -> None:
        """Write the case's files, and those that every project has."""
        own = {} if "d1lint.toml" in self.files else {"d1lint.toml": _own_rule(self.rule)}
        write_files(folder, {**self.files, **own})


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below a folder, and the package.json and wrangler configuration that every project has."""
    names = {PurePosixPath(path).name for path in files}
    if not any(name == "package.json" or name.startswith(("wrangler.", "drizzle.")) for name in names):
        files = {**files, "wrangler.jsonc": WRANGLER, "package.json": PACKAGE}
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())


def page_paths() -> dict[str, Path]:
    """The page of each built-in rule, by the rule's name."""
    return {name: RULES / f"{module.replace('.', '/')}.md" for name, module in d1lint_rules.BUILT_IN.items()}


def sections(page: str) -> dict[str, str]:
    """The text below each `##` heading, in the page's order; the text above the first is that of the empty heading."""
    found = {"": ""}
    heading, fenced = "", False
    for line in page.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if line.startswith("## ") and not fenced:
            heading = line[3:].strip()
            found[heading] = ""
        else:
            found[heading] += line
    return found


def cases(rule: str, page: str) -> Iterator[Case]:
    """The cases of a rule's page."""
    for kind in ("Bad", "Good"):
        title, fences = "", list[tuple[str, list[str]]]()
        lines = iter(sections(page)[kind].splitlines())
        for line in lines:
            if line.startswith("### "):
                yield from _grouped(rule, kind, title, fences)
                title, fences = line[4:].strip(), []
            elif opening := _FENCE.match(line):
                body = []
                while (inner := next(lines)) != "```":
                    body.append(inner)
                fences.append((opening[2] or "src/index.ts", body))
        yield from _grouped(rule, kind, title, fences)


def _grouped(rule: str, kind: str, title: str, fences: list[tuple[str, list[str]]]) -> Iterator[Case]:
    if title:
        yield _case(rule, kind, title, fences)
    else:
        for number, fence in enumerate(fences, 1):
            yield _case(rule, kind, f"example {number}", [fence])


def _case(rule: str, kind: str, title: str, fences: list[tuple[str, list[str]]]) -> Case:
    files: dict[str, str] = {}
    expected: set[tuple[str, int, str, str]] = set()
    for path, lines in fences:
        assert path not in files, f"{rule}, {title}: {path} is there twice"
        text = []
        for number, line in enumerate(lines, 1):
            rest = line
            while mark := _MARK.search(rest):
                expected.add((path, number, mark[1], mark[2]))
                rest = rest[: mark.start()]
            text.append(rest)
        files[path] = "\n".join(text) + "\n"
    return Case(rule, title, kind.lower(), files, expected)


def _own_rule(rule: str) -> str:
    registry = Registry.load()
    setting = registry.policy("recommended").settings().get(rule) or RuleSetting(registry.get(rule).level, {})
    values = {"level": setting.level, **setting.options}
    table = ", ".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
    return f"extends = []\n\n[rules]\n{rule} = {{ {table} }}\n"
