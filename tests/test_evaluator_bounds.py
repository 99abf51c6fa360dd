"""No input makes the model hang, crash, or say what is not so: depth, size and time are bounded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from oracle import project_of

SECONDS = 60
"""Of the processor's time: no measure of speed, but of coming to an end at all. The worst takes a twentieth of it."""

HEAD = 'import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";\n'
PLAIN = 'export const plain = sqliteTable("plain", { id: text("plain_id") });\n'


def numbered(line: str, count: int, start: int = 0) -> str:
    """A line, many times; `#` is its number, `@` the number before, `%` the number after."""
    lines = (
        line.replace("#", str(i)).replace("@", str(i - 1)).replace("%", str(i + 1)) for i in range(start, start + count)
    )
    return "".join(f"{each}\n" for each in lines)


def nested(opening: str, inner: str, closing: str, depth: int) -> str:
    """Something in brackets, many times, each on a line of its own: long lines look generated."""
    return f"{opening}\n" * depth + inner + f"\n{closing}" * depth


def table(column: str, name: str = '"t"') -> str:
    """A table of one column."""
    return f"export const t = sqliteTable({name}, {{ id: {column} }});\n"


CASES = {
    "parentheses": table(nested("(", 'text("x")', ")", 10_000)),
    "brackets": f"export const deep = {nested('[', '', ']', 10_000)};",
    "braces": nested("{", "", "}", 5_000),
    "nested objects": f"export const deep = {nested('{ a:', '1', '}', 3_000)};",
    "nested calls": table(nested("f(", 'text("x")', ")", 5_000)) + "function f(x) { return x; }",
    "nested arrows": f"export const deep = {nested('() =>', '1', '', 5_000)};",
    "nested functions": nested("function f() {", "", "}", 2_000),
    "nested conditions": f"export const c = {nested('true ?', '1', ': 2', 3_000)};",
    "nested templates": f"export const s = {nested('`${', '1', '}`', 2_000)};",
    "nested types": f"type T = {nested('Array<', 'string', '>', 3_000)};",
    "nested patterns": f"const {nested('[', 'x', ']', 3_000)} = y;",
    "else if": "if (a) {}" + "\nelse if (a) {}" * 3_000,
    "a concatenation": table("text()", " +\n".join(['"x"'] * 5_000)),
    "a long chain": table('text("x")' + "\n.notNull()" * 2_000),
    "a chain of members": "export const t = a" + "\n.b" * 5_000 + ";",
    "a chain of conditions": table("text(" + " ||\n".join(["a"] * 3_000) + ")"),
    "aliases": 'const a0 = text("x");\n'
    + numbered("const a# = a@;", 5_000, 1)
    + 'export const t = sqliteTable("t", { id: a5000 });',
    "aliases, backwards": 'export const t = sqliteTable("t", { id: f() });\nfunction f() { return f0(); }\n'
    + numbered("function f#() { return f%(); }", 3_000),
    "spreads of spreads": "const a0 = { x: text() };\n"
    + numbered("const a# = { ...a@, c#: text() };", 1_500, 1)
    + 'export const t = sqliteTable("t", a1500);',
    "doubled arrays": "const a0 = [1, 2];\n"
    + numbered("const a# = [...a@, ...a@];", 40, 1)
    + 'export const t = sqliteTable("t", { id: text() }, () => a40);',
    "doubled arrays in one scope": "let list = [1, 2];\n" + "list = [...list, ...list];\n" * 60 + "export { list };",
    "doubled texts": 'const s0 = "ab";\n'
    + numbered("const s# = `${s@}${s@}`;", 60, 1)
    + "export const t = sqliteTable(s60, { id: text() });",
    "doubled sums": 'const s0 = "ab";\n'
    + numbered("const s# = s@ + s@;", 60, 1)
    + "export const t = sqliteTable(s60, { id: text() });",
    "doubled objects": "const o0 = { a: text() };\n"
    + numbered("const o# = { a: o@, b: o@ };", 60, 1)
    + "export const all = o60;",
    "pushed lists": "const list = [];\n" + "list.push(...list, 1);\n" * 2_000 + "export { list };",
    "many changes": "const cols = {};\n"
    + numbered('cols.c# = text("x#");', 3_000)
    + 'export const t = sqliteTable("t", cols);',
    "many readers between changes": "const cols = {};\n"
    + numbered('cols.c# = text("x#");\nexport const t# = sqliteTable("t#", { ...cols });', 300),
    "changes that depend on each other": "let a = 1, b = 2;\n"
    + "a = a + b; b = a + b;\n" * 500
    + "export const c = text(`${a}${b}`);",
    "changes in functions that call each other": "let a = 1;\n"
    + numbered("function f#() { a = f%() + a; return a; }", 60)
    + "export const t = sqliteTable(`t${f0()}`, { id: text(String(a)) });",
    "itself": "function f(n) { return f(n + 1); }\nexport const t = sqliteTable('t', { ...f(0) });",
    "itself, twice": "const f = (n) => ({ ...f(n + 1), ...f(n + 2), [`c${n}`]: text() });\n"
    "export const t = sqliteTable('t', f(0));",
    "each other": "const f = (n) => [...g(n), ...g(n), ...g(n)];\nconst g = (n) => [...f(n), ...f(n), n];\n"
    "export const t = sqliteTable('t', {}, () => f(0));",
    "many others": numbered("const f# = (n) => [f%(n), f%(n)];", 200)
    + "export const t = sqliteTable('t', {}, () => f0(1));",
    "a wide tree of calls": numbered("const f# = (n) => ({ ...f%(n), ...f%(n), ...f%(n) });", 12)
    + "const f12 = (n) => ({ [n]: text() });\nexport const t = sqliteTable('t', f0(1));",
    "loops in loops": "const list = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];\nfunction f() { const o = {}; "
    + "for (const a of list) " * 8
    + "{ o[a] = text(); } return o; }\nexport const t = sqliteTable('t', f());",
    "maps in maps": "const list = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];\nexport const deep = "
    + "list.map((a) => " * 9
    + "a"
    + ")" * 9
    + ";",
    "a class that is its own base": "class A extends B {}\nclass B extends A {}\n"
    "export const t = sqliteTable('t', new A().columns());",
    "a type that is itself": "type T = T | { a: T };\ndeclare const t: T;\nexport const u = sqliteTable('u', { ...t });",
    "a getter of itself": "const o = { get a() { return o.a; } };\nexport const t = sqliteTable('t', { ...o.a });",
    "references in a circle": "const a = () => b();\nconst b = () => a();\n" + table("text().references(a)"),
    "a large file": numbered(
        "export const table# = sqliteTable('table_#', { id: integer('id').primaryKey(), name: text('name').notNull(), "
        "other: integer('other').references(() => table@.id) }, (t) => [index('i#').on(t.other)]);",
        5_000,
        1,
    ),
    "one long line": "export const words = [" + '"word", ' * 100_000 + "];",
    "many errors": "export const = = (((( ;\n" * 3_000,
    "an open string": 'export const s = "' + "x" * 500_000,
    "an open comment": "/* " + "* " * 300_000,
    "changes on conditions": "const c: any = {};\n"
    + numbered("if (process.env.A#) c.k# = text();", 60)
    + 'export const t = sqliteTable("t", c);',
    "an open template": "sql<" * 20_000 + "`",
}


EXACT = {"parentheses": 1, "aliases": 1, "spreads of spreads": 1_501, "many changes": 3_000}
"""What is known of the table `t` all the same: how many columns it has."""


@pytest.mark.parametrize("name", CASES)
def test_it_ends_soon_and_well(name: str, tmp_path: Path) -> None:
    (tmp_path / "schema.ts").write_text(HEAD + CASES[name] + "\n", encoding="utf-8")
    (tmp_path / "plain.ts").write_text(HEAD + PLAIN, encoding="utf-8")
    started = time.process_time()
    project = project_of(tmp_path)
    tables = {table.name: table for table in project.tables}
    assert time.process_time() - started < SECONDS
    assert project.crashes == []
    assert tables["plain"].complete and tables["plain"].columns[0].name == "plain_id"
    if "t" in tables:
        assert len(tables["t"].columns) == EXACT.get(name) if tables["t"].complete else name not in EXACT
