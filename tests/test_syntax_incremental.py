"""A script that is edited again and again has the facts that a fresh parse of it has."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from d1lint.facts.shift import moved
from d1lint.syntax.incremental import EditedScript
from d1lint.syntax.parse import parse_module

FIXTURES = Path(__file__).parent.parent / "fixtures"
SCHEMA = (FIXTURES / "shop/src/db/schema.ts").read_bytes()
PIECES = [
    b"",
    b"x",
    b"}",
    b"{",
    b"`",
    b"/*",
    b"*/",
    b"// @native-sql: why\n",
    b"\n",
    "é😀".encode(),
    b"\0",
    b'import { a } from "./a";\n',
    b"export const t = sqliteTable('t', { id: text() });\n",
    b"export * from './b';\n",
    b"users.id = 1;\n",
    b"const n = sql<number>`count(*)`;\n",
]

edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(PIECES)), min_size=1, max_size=6)


@given(edits)
@settings(max_examples=60, deadline=None)
def test_any_edits_come_to_what_a_fresh_parse_says(edits: list[tuple[float, int, bytes]]) -> None:
    script, data = EditedScript("schema.ts"), SCHEMA
    assert script.parse(data) == parse_module("schema.ts", data)
    for where, length, piece in edits:
        at = int(where * len(data))
        data = data[:at] + piece + data[at + length :]
        assert script.parse(data) == parse_module("schema.ts", data)


@pytest.mark.parametrize("name", ["page.tsx", "page.js"])
def test_the_grammar_is_that_of_the_name(name: str) -> None:
    script = EditedScript(name)
    for text in (b"export const a = <div>{1}</div>;\n", b"export const a = <div>{2}</div>;\nexport const b = 1;\n"):
        module = script.parse(text)
        assert module == parse_module(name, text)
        assert module.problems == ()


def test_what_stands_before_an_edit_is_kept() -> None:
    script = EditedScript("schema.ts")
    first = script.parse(SCHEMA)
    second = script.parse(SCHEMA + b"export const last = 1;\n")
    assert second.body[:-2] == first.body[:-1]
    assert all(new is old for new, old in zip(second.body[:-2], first.body[:-1], strict=True))


def test_what_stands_behind_an_edit_is_kept_and_moved() -> None:
    script = EditedScript("schema.ts")
    first = script.parse(SCHEMA)
    second = script.parse(SCHEMA.replace(b'"drizzle-orm/sqlite-core"', b'"drizzle-orm/sqlite-xxxx"', 1))
    assert all(new is old for new, old in zip(second.body, first.body, strict=True))
    longer = b"// a comment\n" + SCHEMA
    assert script.parse(longer) == parse_module("schema.ts", longer)


def test_what_the_grammar_is_not_shown_counts_as_edited() -> None:
    script = EditedScript("a.ts")
    for text in (b"export const a = 'x\0y';\n", b"export const a = 'x y';\n"):
        assert script.parse(text) == parse_module("a.ts", text)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/src/**/*.ts")), ids=lambda path: path.name)
def test_facts_can_be_moved(path: Path) -> None:
    data = path.read_bytes()
    module = parse_module("a.ts", data)
    further = parse_module("a.ts", b" " * 7 + data)
    for name in ("body", "imports", "exports", "changes"):
        assert moved(getattr(module, name), 7) == getattr(further, name)
