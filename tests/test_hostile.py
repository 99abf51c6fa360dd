"""Input that nobody writes in good faith: it ends in time, with what can be said, and never with a traceback."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pages import write_files
from repository import Files, lint, package, wrangler

from d1lint.result import Result
from d1lint.syntax.incremental import EditedScript
from d1lint.syntax.parse import parse_module

SECONDS = 60
"""Of the processor's time: no measure of speed, but of coming to an end at all."""

HEAD = """import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
"""
GOOD = {
    "package.json": package("app", "drizzle-orm@0.45.2"),
    "wrangler.jsonc": wrangler("DB", main="dist/index.js"),
    "src/users.ts": HEAD + 'export const users = sqliteTable("users", { id: integer().primaryKey() });\n',
    "src/posts.ts": HEAD
    + 'import { users } from "./users";\n'
    + 'export const posts = sqliteTable("posts", { authorId: integer("author_id").references(() => users.id) });\n',
}
BEYOND = ("unindexed-foreign-key", "posts.author_id")
"""The finding that shows that the rest was linted."""


def found(result: Result) -> set[tuple[str, str]]:
    return {(finding.rule, finding.symbol) for finding in result.findings}


# --- scripts, all in one repository: what crashes names its file ---------------------------------------------------

DEPTH = 10_000


def nested(opening: str, middle: str, closing: str, depth: int = DEPTH) -> str:
    """An expression inside itself, each on a line of its own: longer lines are taken for generated code."""
    return "export const a = " + f"{opening}\n" * depth + middle + f"{closing}\n" * depth + ";\n"


def numbered(line: str, count: int) -> str:
    """A line, many times; `#` is its number and `@` the number before it."""
    return "".join(line.replace("#", str(i)).replace("@", str(i - 1)) + "\n" for i in range(1, count))


DEEP = {
    "parentheses": nested("(", "1", ")"),
    "arrays": nested("[", "", "]"),
    "objects": nested("{ a:", "1", "}"),
    "calls": nested("drizzle(", "", ")"),
    "arrows": nested("() =>", "1", ""),
    "conditions": nested("x ? 1 :", "2", ""),
    "negations": nested("!", "1", ""),
    "awaits": nested("await", "1", ""),
    "templates": nested("`${", "1", "}`"),
    "indexes": nested("a[", "0", "]"),
    "assignments": nested("b =", "1", ""),
    "blocks": "{\n" * DEPTH + "}\n" * DEPTH,
    "functions": "function f() {\n" * DEPTH + "}\n" * DEPTH,
    "branches": "if (x) { f(); }\nelse " * DEPTH + "f();\n",
    "types": "type A = " + "{ a:\n" * DEPTH + "1" + "}\n" * DEPTH + ";\nexport const f = (a: A) => drizzle(a);\n",
    "type arguments": "type A = "
    + "Array<\n" * DEPTH
    + "1"
    + ">\n" * DEPTH
    + ";\nexport const f = (a: A) => drizzle(a);\n",
    "patterns": "const " + "{ a:\n" * DEPTH + "x" + "}\n" * DEPTH + " = y;\ndrizzle(x);\n",
    "members": "export const a = b" + "\n.c" * DEPTH + ";\ndrizzle(a);\n",
    "a chain": "export const a = drizzle(env.DB)" + "\n.f()" * DEPTH + ";\n",
    "without an end": "f([\n" * DEPTH,
}
WIDE = {
    "5,000 texts put together": "export const t = sqliteTable("
    + " +\n".join(['"a"'] * 5_000)
    + ", { id: integer() });\n",
    "fallbacks": "export const db = drizzle(" + " ??\n".join(["env.DB"] * DEPTH) + ");\n",
    "helpers that double": "const f0 = () => [1];\n"
    + numbered("const f# = () => [...f@(), ...f@()];", 40)
    + 'export const t = sqliteTable("t", { a: f39() });\n',
    "factories of factories": "const f0 = (env) => drizzle(env.DB);\n"
    + numbered("const f# = (env) => f@(env);", 5_000)
    + "export const db = f4999(process.env);\n",
    "calls of a factory": "const connect = (env) => drizzle(env.DB);\n" + "connect(x);\n" * DEPTH,
    "clients": "export const f = (env) => drizzle(env.DB);\n" * 3_000,
    "raw statements": 'export const f = (env) => env.DB.prepare("SELECT 1");\n' * 3_000,
    "justifications": "// @native-sql: because\n" * 5_000 + 'export const f = (env) => env.DB.prepare("SELECT 1");\n',
    "assignments": "let db;\n" + "db = drizzle(process.env.DB);\n" * 3_000,
    "statements in code": "export const a = `" + "CREATE INDEX a ON b (c) WHERE \n" * 50_000 + "`;\n",
}
TEXTS = {
    "a file that is minified": HEAD.replace("\n", "")
    + "".join(f"function f{i}(a){{return a+{i}}};" for i in range(40_000)),
    "NUL bytes": HEAD + 'export const t = sqliteTable("t\0t", { id: integer() });\0\0\n',
    "nothing but NUL bytes": b"drizzle" + b"\0" * 1_000_000,
    "bytes that are no UTF-8": HEAD.encode()
    + b'export const t = sqliteTable("\xff", { "\xc3\x28": integer() }); // \x80\n',
    "UTF-16": (HEAD + 'export const t = sqliteTable("t", { id: integer() });').encode("utf-16"),
    "half a character": HEAD + 'export const t = sqliteTable("\\ud800", { f: integer("\\udfff") });\n',
    "a text without an end": HEAD + 'export const a = "' + "x\n" * 100_000,
    "calls that look like factories": HEAD + "connect as " * 50_000 + "connect<" * 50_000 + "\n" + "  x) {\n" * 20_000,
}

ENTANGLED = {
    "comments without an end": "/* @native-sql\n" * 5_000,
    "type arguments without an end": "f<a,\n" * 30_000,
    "operators without operands": "!;\n" * DEPTH,
    "assignments to nothing": ",x=\n" * DEPTH,
    "members of nothing": "?.x=\n" * DEPTH,
    "texts that begin and begin": "${:\n" * DEPTH,
    "tags and expressions": "/<a>\n" * DEPTH,
    "blocks that end and never began": "a:}\n" * DEPTH,
    "decorators of nothing": "@a\n" * 3 * DEPTH,
}
"""Each would occupy the parser for minutes, and some would take all memory."""


def cpu_seconds() -> float:
    """The processor's time of all child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(folder: Path, files: Files) -> dict[str, object]:
    """The JSON report of a run in a process of its own, which could die of a stack that overflows."""
    write_files(folder, {**GOOD, **files})
    before = cpu_seconds()
    done = subprocess.run(
        [sys.executable, "-c", "from d1lint.cli import main; main()", "check", folder, "--format", "json"],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert cpu_seconds() - before < SECONDS
    report: dict[str, object] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("texts", [DEEP, WIDE, TEXTS], ids=["deep", "wide", "odd"])
def test_no_script_is_too_much(texts: dict[str, str | bytes], tmp_path: Path) -> None:
    files = {f"src/{name}.ts": text if isinstance(text, bytes) else HEAD + text for name, text in texts.items()}
    report = run(tmp_path, files)
    assert report["summary"]["crashes"] == []  # type: ignore[index]
    assert BEYOND in {(each["rule"], each["symbol"]) for each in report["findings"]}  # type: ignore[attr-defined]


def test_a_script_that_is_too_entangled_is_named(tmp_path: Path) -> None:
    result = lint(tmp_path, {**GOOD, **{f"src/{name}.ts": HEAD + text for name, text in ENTANGLED.items()}})
    assert result.crashes == ()
    assert found(result) >= {BEYOND, *(("syntax-error", f"src/{name}.ts") for name in ENTANGLED)}
    unread = {finding.span.file for finding in result.findings if "was given up" in finding.what}
    assert unread == {f"src/{name}.ts" for name in ENTANGLED}


@pytest.mark.parametrize("text", ENTANGLED.values(), ids=ENTANGLED)
def test_a_script_that_becomes_entangled_and_good_again_is_read_again(text: str) -> None:
    script = EditedScript("src/a.ts")
    good = script.parse(HEAD.encode())
    assert [problem.start for problem in script.parse((HEAD + text).encode()).problems] == [0]
    assert script.parse(HEAD.encode()) == good == parse_module("src/a.ts", HEAD.encode())


@pytest.mark.parametrize("ending", ["", " */"])
def test_markers_without_number_are_all_found(ending: str) -> None:
    """A look-up of each in the whole file would take minutes."""
    opening = "/*" if ending else "//"
    module = parse_module("src/a.ts", f"{opening} @native-sql{ending}\n".encode() * 50_000)
    assert len(module.comments) == 50_000
    assert module.problems == ()


def test_a_file_that_is_too_large_is_named(tmp_path: Path) -> None:
    result = lint(tmp_path, {**GOOD, "src/large.ts": HEAD + "// x\n" * 1_000_000})
    assert {BEYOND, ("syntax-error", "src/large.ts")} <= found(result)
    (finding,) = [finding for finding in result.findings if finding.rule == "syntax-error"]
    assert "larger than 4 MB" in finding.what


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("\n", "\r\n")
        + 'export const t = sqliteTable("t", {\r\n  f: integer().references(() => t.f) });\r\n',
        HEAD.replace("\n", "\r") + 'export const t = sqliteTable("t", {\r  f: integer().references(() => t.f) });\r',
        "\ufeff" + HEAD + 'export const t = sqliteTable("t", { f: integer().references(() => t.f) });\n',
        HEAD
        + 'export const t = sqliteTable("t", { "👩‍👧": text("👩‍👧"), f: integer().references(() => t["👩‍👧"]) });\n',
    ],
    ids=["CRLF", "CR", "a byte-order mark", "emoji"],
)
def test_a_file_in_another_dress_is_linted_like_any_other(text: str, tmp_path: Path) -> None:
    assert {BEYOND, ("unindexed-foreign-key", "t.f")} <= found(lint(tmp_path, {**GOOD, "src/[odd] höhe.ts": text}))


# --- what is around the scripts ------------------------------------------------------------------------------------

MODULES: dict[str, Files] = {
    "modules that need each other": {
        "src/a.ts": HEAD + 'import { b } from "./b"; export const a = { ...b, x: integer() }; sqliteTable("t", a);',
        "src/b.ts": HEAD + 'import { a } from "./a"; export const b = { ...a, y: integer() };',
    },
    "barrels in a circle": {
        "src/a.ts": 'export * from "./b"; // drizzle',
        "src/b.ts": 'export * from "./a"; export * from "./b"; export { nothing } from "./a"; // drizzle',
        "src/c.ts": HEAD + 'import { nothing } from "./a"; export const t = sqliteTable("t", { ...nothing });',
    },
    "a tsconfig that extends itself": {
        "tsconfig.json": '{ "extends": "./other.json" }',
        "other.json": '{ "extends": "./tsconfig.json" }',
        "tsconfig.base.json": '{ "extends": "./tsconfig.base.json" }',
    },
    "aliases that lead to themselves": {
        "tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["./*", "../*"], "@/*": ["@/*"] } } }',
        "src/c.ts": HEAD + 'import { x } from "@/@/@/x"; export const t = sqliteTable("t", x);',
    },
    "a tsconfig of other types": {"tsconfig.json": '{ "compilerOptions": { "paths": [1], "baseUrl": {} } }'},
    "exports in exports": {
        "packages/x/package.json": '{ "name": "x", "exports": ' + '{ "import": ' * 3_000 + '"./a"' + "}" * 3_000 + "}",
        "src/c.ts": HEAD + 'import { x } from "x"; export const t = sqliteTable("t", x);',
    },
    "ignore rules of all kinds": {"src/.gitignore": "[[[[\n!!!\n**/**/**/x\n\\\n" + "a*" * 500 + "b\n"},
    "lock files": {"pnpm-lock.yaml": b"\xff\xfe\0", "package-lock.json": "[", "bun.lock": "{{{", "yarn.lock": "\0"},
    "a pnpm workspace": {"pnpm-workspace.yaml": "packages: [[[[:::\n - &a *a\n"},
    "a wrangler configuration of other types": {
        "workers/wrangler.jsonc": '{ "d1_databases": { "binding": 7 }, "main": 7, "env": [1], "migrations": "x" }'
    },
    "a drizzle configuration of other types": {
        "drizzle.config.ts": 'export default { schema: [[["a"]]], out: "../../../..", dialect: 7, driver: null };'
    },
    "a drizzle configuration of other files": {
        "drizzle.config.ts": 'export default { schema: "/etc/**", out: "/etc", dialect: "sqlite" };'
    },
    "a pattern with a million meanings": {
        "drizzle.config.ts": 'export default { schema: "./' + "{a,b}" * 20 + '.ts", dialect: "sqlite" };'
    },
    "a pattern of any folders": {
        "drizzle.config.ts": 'export default { schema: "./' + "**/" * 40 + 'none.ts", dialect: "sqlite" };',
        **{f"{'d/' * 30}{i}.ts": "" for i in range(20)},
    },
    "a pattern of any letters": {
        "drizzle.config.ts": 'export default { schema: "./' + "*a" * 30 + 'b.ts", dialect: "sqlite" };',
        f"{'a' * 200}.ts": "",
    },
    "a drizzle configuration in JSON that is none": {"drizzle.config.json": "{ nothing"},
    "SQL that is none": {"migrations/0001.sql": os.urandom(200_000), "0002.sql": b"\0" * 1_000_000},
    "SQL that is large": {"migrations/0001.sql": "INSERT INTO users VALUES (1, 'x');\n" * 300_000},
    "indexes without an end": {"a.sql": "create index " * 100_000, "b.sql": "create index a on b ( " * 50_000},
}


def lint_in_time(folder: Path, files: Files) -> Result:
    started = time.process_time()
    result = lint(folder, {**GOOD, **files})
    assert time.process_time() - started < SECONDS
    assert result.crashes == ()
    return result


@pytest.mark.parametrize("files", MODULES.values(), ids=MODULES)
def test_what_is_around_the_scripts_is_survived(files: Files, tmp_path: Path) -> None:
    assert BEYOND in found(lint_in_time(tmp_path, files))


UNPARSED: dict[str, tuple[str, str]] = {
    "a package.json that is a list": ("package.json", "[]"),
    "a package.json that is broken": ("package.json", "{ broken"),
    "a package.json that is deep": ("package.json", '{"a":' * DEPTH),
    "a package.json of NUL bytes": ("package.json", "\0\0"),
    "a wrangler.toml that is broken": ("wrangler.toml", '[[d1_databases]\nbinding = "DB"\n'),
    "a wrangler.toml that is deep": ("wrangler.toml", "a = " + "[" * DEPTH),
    "a wrangler.jsonc that is cut off": ("wrangler.jsonc", '{ "d1_databases": [{ "binding": "DB" '),
    "a wrangler.jsonc that is a list": ("wrangler.jsonc", "[]"),
    "a wrangler.jsonc that is deep": ("wrangler.jsonc", "[" * DEPTH),
    "a tsconfig.json that is broken": ("tsconfig.json", "{ , }"),
}


@pytest.mark.parametrize(("path", "text"), UNPARSED.values(), ids=UNPARSED)
def test_a_configuration_that_does_not_parse_is_named(path: str, text: str, tmp_path: Path) -> None:
    client = "export const connect = (env) => drizzle(env.DB, { schema: { users, posts } });\n"
    index = HEAD + 'import { posts } from "./posts"; import { users } from "./users";\n' + client
    assert {BEYOND, ("syntax-error", path)} <= found(lint_in_time(tmp_path, {path: text, "src/index.ts": index}))


def test_a_wrangler_configuration_that_does_not_parse_is_named_even_if_nothing_else_speaks_of_d1(
    tmp_path: Path,
) -> None:
    result = lint_in_time(tmp_path, {"wrangler.jsonc": '{ "d1_databases": [{ "binding": "DB" '})
    assert found(result) == {("syntax-error", "wrangler.jsonc")}


def test_links_that_lead_in_circles_and_elsewhere_are_survived(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    write_files(folder, GOOD)
    write_files(tmp_path / "elsewhere", {"package.json": "{}", "secret.ts": GOOD["src/posts.ts"]})
    for name, target in {
        "itself.ts": "itself.ts",
        "nowhere.ts": "nothing.ts",
        "src/circle": "..",
        "src/one": "two",
        "src/two": "one",
        "outside": str(tmp_path / "elsewhere"),
        "secret.ts": str(tmp_path / "elsewhere/secret.ts"),
    }.items():
        (folder / name).symlink_to(target)
    result = lint_in_time(folder, {})
    assert {finding.span.file for finding in result.findings} == {"src/posts.ts"}


def test_a_folder_and_a_pipe_with_the_name_of_a_script_are_none(tmp_path: Path) -> None:
    (tmp_path / "src/folder.ts").mkdir(parents=True)
    os.mkfifo(tmp_path / "src/pipe.ts")
    assert {finding.span.file for finding in lint_in_time(tmp_path, {}).findings} == {"src/posts.ts"}


def test_modes_and_names_that_are_odd_are_shown(tmp_path: Path) -> None:
    name = "src/\x1b[31mred\n.ts"
    files = {**GOOD, name: GOOD["src/posts.ts"].replace("posts", "others")}
    write_files(tmp_path, files)
    done = subprocess.run(
        [sys.executable, "-c", "from d1lint.cli import main; main()", "check", tmp_path, "--no-color"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout and b"red\n.ts" not in done.stdout
