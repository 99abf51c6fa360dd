"""Module resolution."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_workspace_tree import MemoryTree, workspace

from d1lint.workspace.resolve import External, File, Missing, Resolution
from d1lint.workspace.workspace import Workspace


def package(name: str, **fields: object) -> str:
    return json.dumps({"name": name, **fields})


def resolve(files: dict[str, str], specifier: str, importer: str = "src/main.ts") -> Resolution:
    return workspace(files).resolver.resolve(specifier, importer)


RELATIVE = dict.fromkeys(
    (
        "src/a.ts",
        "src/b.tsx",
        "src/c.mts",
        "src/d.js",
        "src/db/index.ts",
        "src/db.server.ts",
        "src/both.ts",
        "src/both/index.ts",
        "src/built.ts",
        "src/built.js",
        "src/types.d.ts",
        "src/data.json",
        "src/style.css",
        "src/Page.svelte",
        "src/0001.sql",
        "src/store.svelte.ts",
        "index.ts",
        "other/pkg/lib/entry.ts",
        "other/pkg/index.ts",
        "other/odd/index.ts",
    ),
    "",
) | {
    "other/pkg/package.json": '{"main": "./lib/entry.js"}',
    "other/odd/package.json": '{"main": "../odd", "types": "."}',
}


@pytest.mark.parametrize(
    ("specifier", "path"),
    [
        ("./a", "src/a.ts"),
        ("./a.ts", "src/a.ts"),
        ("./a.js", "src/a.ts"),
        ("./b", "src/b.tsx"),
        ("./b.js", "src/b.tsx"),
        ("./b.jsx", "src/b.tsx"),
        ("./c.mjs", "src/c.mts"),
        ("./c", "src/c.mts"),
        ("./d", "src/d.js"),
        ("./d.js", "src/d.js"),
        ("./db", "src/db/index.ts"),
        ("./db/", "src/db/index.ts"),
        ("./db/index.js", "src/db/index.ts"),
        ("./db.server", "src/db.server.ts"),
        ("./both", "src/both.ts"),
        ("./both/", "src/both/index.ts"),
        ("./built.js", "src/built.ts"),
        ("./types", "src/types.d.ts"),
        ("./types.js", "src/types.d.ts"),
        ("./data.json", "src/data.json"),
        ("./style.css?inline", "src/style.css"),
        ("./0001.sql?raw", "src/0001.sql"),
        ("./Page.svelte", "src/Page.svelte"),
        ("./store.svelte", "src/store.svelte.ts"),
        ("./store.svelte.js", "src/store.svelte.ts"),
        ("./a?raw", "src/a.ts"),
        ("..", "index.ts"),
        ("../", "index.ts"),
        ("../src/./../src/a", "src/a.ts"),
        ("../other/pkg", "other/pkg/lib/entry.ts"),
        ("../other/odd", "other/odd/index.ts"),
    ],
)
def test_relative(specifier: str, path: str) -> None:
    assert resolve(RELATIVE, specifier) == File(path)


def test_a_dot_is_the_folder_of_the_importer() -> None:
    assert resolve(RELATIVE, ".", "src/db/schema.ts") == File("src/db/index.ts")


@pytest.mark.parametrize("specifier", ["./gone", "./gone.js", "./a.mjs", "./db/gone", "../../up", "./style", ""])
def test_relative_and_missing(specifier: str) -> None:
    found = resolve(RELATIVE, specifier)
    assert isinstance(found, Missing) and found.reason


def test_a_file_that_the_tree_leaves_out_is_missing_and_the_reason_says_so() -> None:
    class Leaving(MemoryTree):
        def paths(self) -> list[str]:
            return ["src/main.ts"]

    found = Workspace(Leaving({"src/main.ts": "", "src/gen.ts": ""})).resolver.resolve("./gen.ts", "src/main.ts")
    assert isinstance(found, Missing) and "ignored" in found.reason


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("hono", External("hono")),
        ("drizzle-orm/sqlite-core", External("drizzle-orm", "sqlite-core")),
        ("@libsql/client/web", External("@libsql/client", "web")),
        ("node:fs", External("node:fs")),
        ("node:fs/promises", External("node:fs", "promises")),
        ("cloudflare:workers", External("cloudflare:workers")),
        ("bun:sqlite", External("bun:sqlite")),
        ("npm:drizzle-orm@0.45.2/d1", External("drizzle-orm", "d1")),
        ("npm:@libsql/client@1", External("@libsql/client")),
        ("jsr:@hono/hono", External("@hono/hono")),
        ("https://esm.sh/hono", External("https://esm.sh/hono")),
        ("$app/server", External("$app", "server")),
        ("$env/static/private", External("$env", "static/private")),
        ("~icons/tabler/x", External("~icons", "tabler/x")),
    ],
)
def test_from_outside(specifier: str, expected: External) -> None:
    assert resolve({"src/main.ts": "", "package.json": package("app")}, specifier) == expected


ALIASES = {
    "tsconfig.json": json.dumps(
        {
            "compilerOptions": {
                "paths": {
                    "@/*": ["./src/*"],
                    "@db": ["./src/db/index.ts"],
                    "worker/*": ["./gone/*", "./worker/*"],
                    "drizzle-orm": ["./node_modules/drizzle-orm"],
                    "drizzle-orm/*": ["../../node_modules/drizzle-orm/*"],
                    "lost/*": ["./nowhere/*"],
                    "asked/*": ["./nowhere/*"],
                    "up/*": ["./src/*/../db"],
                }
            }
        }
    ),
    "package.json": package("app", dependencies={"asked": "1"}),
    "src/db/index.ts": "",
    "src/style.css": "",
    "worker/a.ts": "",
}


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("@/db", File("src/db/index.ts")),
        ("@/db/index.js", File("src/db/index.ts")),
        ("@/style.css", File("src/style.css")),
        ("@db", File("src/db/index.ts")),
        ("worker/a", File("worker/a.ts")),
        ("drizzle-orm", External("drizzle-orm")),
        ("drizzle-orm/d1", External("drizzle-orm", "d1")),
        ("asked/x", External("asked", "x")),
        ("up/x", File("src/db/index.ts")),
        ("zod", External("zod")),
    ],
)
def test_aliases(specifier: str, expected: Resolution) -> None:
    assert resolve(ALIASES, specifier) == expected


@pytest.mark.parametrize("specifier", ["@/gone", "lost/x"])
def test_an_alias_that_leads_nowhere_says_where(specifier: str) -> None:
    found = resolve(ALIASES, specifier)
    assert isinstance(found, Missing)
    assert ("src/gone" if specifier == "@/gone" else "nowhere/x") in found.reason


def test_a_base_url_takes_no_name_from_a_package() -> None:
    files = {"tsconfig.json": '{"compilerOptions": {"baseUrl": "src"}}', "src/db/schema.ts": ""}
    assert resolve(files, "db/schema") == File("src/db/schema.ts")
    assert resolve(files, "hono") == External("hono")


@pytest.mark.parametrize(
    ("specifier", "file"),
    [
        ("$lib/server/db", "app/src/lib/server/db.ts"),
        ("$lib", "app/src/lib/index.ts"),
        ("$db/schema", "app/src/db/schema.ts"),
        ("$server/auth", "app/src/lib/server/auth.ts"),
        ("~/server/db", "app/app/server/db.ts"),
        ("~~/server/db/schema", "app/server/db/schema.ts"),
        ("@@/server/db/schema", "app/server/db/schema.ts"),
        ("@/utils/x", "app/utils/x.ts"),
        ("@/db", "app/src/db/index.ts"),
        ("#shared/types", "app/shared/types.ts"),
        ("/src/x.ts", "app/src/x.ts"),
        ("/logo.svg", "app/public/logo.svg"),
    ],
)
def test_aliases_that_only_a_framework_knows(specifier: str, file: str) -> None:
    files = {"app/package.json": package("app"), "package.json": package("root"), file: ""}
    assert resolve(files, specifier, "app/src/routes/main.ts") == File(file)
    assert isinstance(resolve({"app/package.json": package("app")}, specifier, "app/main.ts"), Missing)


def test_the_made_up_modules_of_nuxt() -> None:
    nuxt = {"package.json": package("app", dependencies={"nuxt": "4"})}
    assert resolve(nuxt, "#imports") == External("#imports")
    assert isinstance(resolve({"package.json": package("app")}, "#imports"), Missing)


IMPORTS = {
    "package.json": package(
        "app",
        imports={
            "#db": "./src/db/index.ts",
            "#lib/*": ["./src/lib/*.ts", "./src/lib/*.tsx"],
            "#lib/deep/*": "./deep/*.js",
            "#env": {"node": "./node.ts", "workerd": "./worker.ts"},
            "#orm": "drizzle-orm/d1",
            "#gone": "./gone.ts",
        },
    ),
    **dict.fromkeys(("src/db/index.ts", "src/lib/a.ts", "src/lib/b.tsx", "deep/c.ts", "node.ts", "worker.ts"), ""),
}


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("#db", File("src/db/index.ts")),
        ("#lib/a", File("src/lib/a.ts")),
        ("#lib/b", File("src/lib/b.tsx")),
        ("#lib/deep/c", File("deep/c.ts")),
        ("#env", File("worker.ts")),
        ("#orm", External("drizzle-orm", "d1")),
    ],
)
def test_imports_of_a_package(specifier: str, expected: Resolution) -> None:
    assert resolve(IMPORTS, specifier) == expected


def test_imports_that_lead_nowhere() -> None:
    found = resolve(IMPORTS, "#gone")
    assert isinstance(found, Missing) and "gone.ts" in found.reason


def members(exports: dict[str, object], *files: str) -> dict[str, str]:
    """A workspace in which `apps/api` imports `@acme/db`."""
    return {
        "package.json": package("root", workspaces=["packages/*", "apps/*"]),
        "apps/api/package.json": package("api", dependencies={"@acme/db": "workspace:*"}),
        "packages/db/package.json": package("@acme/db", **exports),
        **{f"packages/db/{file}": "" for file in files},
    }


@pytest.mark.parametrize(
    ("fields", "files", "subpath", "expected"),
    [
        ({}, ["index.ts"], "", "index.ts"),
        ({}, ["src/index.ts"], "", "src/index.ts"),
        ({}, ["schema.ts"], "/schema", "schema.ts"),
        ({}, ["src/schema.ts"], "/schema", "src/schema.ts"),
        ({}, ["src/schema/index.ts"], "/src/schema", "src/schema/index.ts"),
        ({"main": "src/main.ts"}, ["src/main.ts"], "", "src/main.ts"),
        ({"main": "./dist/index.js", "types": "./dist/index.d.ts"}, ["src/index.ts"], "", "src/index.ts"),
        ({"main": "./lib"}, ["lib/index.js"], "", "lib/index.js"),
        ({"main": "./gone.js"}, ["index.ts"], "", "index.ts"),
        ({"types": "./src/types.ts"}, ["src/types.ts"], "", "src/types.ts"),
        ({"exports": "./src/a.ts"}, ["src/a.ts"], "", "src/a.ts"),
        ({"exports": {".": "./src/a.ts"}}, ["src/a.ts"], "", "src/a.ts"),
        ({"exports": {"import": "./src/a.ts"}}, ["src/a.ts"], "", "src/a.ts"),
        ({"exports": {".": {"types": "./dist/a.d.ts", "default": "./src/a.ts"}}}, ["src/a.ts"], "", "src/a.ts"),
        ({"exports": {".": {"types": "./t.d.ts", "default": "./dist/a.js"}}}, ["t.d.ts", "src/a.ts"], "", "src/a.ts"),
        ({"exports": {".": {"types": "./t.d.ts", "default": "./wasm.js"}}}, ["t.d.ts"], "", "t.d.ts"),
        (
            {"exports": {".": {"import": {"types": "./x.d.ts", "default": "./dist/a.mjs"}}}},
            ["src/a.ts"],
            "",
            "src/a.ts",
        ),
        ({"exports": {".": {"default": "./dist/a.js", "source": "./in/a.ts"}}}, ["in/a.ts", "src/a.ts"], "", "in/a.ts"),
        ({"exports": {".": {"browser": "./b.ts", "worker": "./w.ts"}}}, ["b.ts", "w.ts"], "", "w.ts"),
        ({"exports": {"./schema": ["./gone.ts", "./src/s.ts"]}}, ["src/s.ts"], "/schema", "src/s.ts"),
        ({"exports": {"./*": "./src/*.ts"}}, ["src/a/b.ts"], "/a/b", "src/a/b.ts"),
        ({"exports": {"./*": "./src/*/index.ts", "./db/*": "./d/*.ts"}}, ["d/x.ts"], "/db/x", "d/x.ts"),
        ({"exports": {"./*": {"types": "./dist/*.d.ts"}}}, ["src/a.ts"], "/a", "src/a.ts"),
        ({"exports": {"./schema": "./dist/schema.js"}}, ["src/schema.ts"], "/schema", "src/schema.ts"),
        ({"exports": {"./schema": "./dist/schema.js"}}, ["src/schema/index.ts"], "/schema", "src/schema/index.ts"),
        ({"exports": {"./schema": "./dist/db/schema.mjs"}}, ["db/schema.mts"], "/schema", "db/schema.mts"),
        ({"exports": {"./schema": "./dist/esm/schema.js"}}, ["src/schema.ts"], "/schema", "src/schema.ts"),
        ({"exports": {"./schema": "./dist/src/schema.js"}}, ["src/schema.ts"], "/schema", "src/schema.ts"),
        ({"exports": {"./core": "./core/dist/index.js"}}, ["core/src/index.ts"], "/core", "core/src/index.ts"),
        ({"exports": {"./style.css": "./src/style.css"}}, ["src/style.css"], "/style.css", "src/style.css"),
        ({"exports": {"load-context": "./a.ts"}}, ["load-context.ts"], "/load-context", "load-context.ts"),
        ({"exports": {".": None, "./a": {"node": None, "default": "./a.ts"}}}, ["a.ts"], "/a", "a.ts"),
    ],
)
def test_packages_of_the_workspace(fields: dict[str, object], files: list[str], subpath: str, expected: str) -> None:
    found = resolve(members(fields, *files), f"@acme/db{subpath}", "apps/api/src/main.ts")
    assert found == File(f"packages/db/{expected}")


def test_a_package_of_the_workspace_without_a_source_is_missing() -> None:
    files = members({"exports": {".": "./dist/index.js"}}, "other.ts")
    assert isinstance(resolve(files, "@acme/db", "apps/api/a.ts"), Missing)
    assert isinstance(resolve(files, "@acme/db/x", "apps/api/a.ts"), Missing)


def test_a_package_imports_itself_by_its_name() -> None:
    files = {"a/package.json": package("a", exports={"./x": "./src/x.ts"}), "a/src/x.ts": ""}
    assert resolve(files, "a/x", "a/src/y.ts") == File("a/src/x.ts")


def test_a_published_package_is_meant_where_its_version_is_asked_for() -> None:
    files = {
        "package.json": package("root", dependencies={"tool": "^1.0.0", "own": "file:./examples/own"}),
        "examples/tool/package.json": package("tool"),
        "examples/tool/index.ts": "",
        "examples/own/package.json": package("own"),
        "examples/own/index.ts": "",
        "examples/unsaid/package.json": package("unsaid"),
        "examples/unsaid/index.ts": "",
    }
    assert resolve(files, "tool") == External("tool")
    assert resolve(files, "own") == File("examples/own/index.ts")
    assert resolve(files, "unsaid") == File("examples/unsaid/index.ts")


def test_of_two_packages_with_one_name_the_nearer_counts() -> None:
    files = {
        "one/a/package.json": package("same"),
        "one/a/index.ts": "",
        "two/a/package.json": package("same"),
        "two/a/index.ts": "",
    }
    assert resolve(files, "same", "one/b.ts") == File("one/a/index.ts")
    assert resolve(files, "same", "two/b.ts") == File("two/a/index.ts")


def test_entries_that_lead_in_a_circle_end() -> None:
    files = {
        "a/package.json": package("a", main="../b"),
        "b/package.json": package("b", main="../a"),
        "b/index.ts": "",
    }
    assert resolve(files, "../a", "c/x.ts") == File("b/index.ts")
    assert isinstance(resolve({"a/package.json": package("a", main=".")}, "./a", "x.ts"), Missing)


_PART = st.sampled_from(
    ["a", "b", "..", ".", "", "@", "@/", "$lib", "#x", "*", "~", "?", "\0", "node:", "x.ts", ".js", "/", "é", "%"]
)
_SPECIFIER = st.lists(_PART, max_size=6).map("/".join) | st.lists(_PART, max_size=6).map("".join) | st.text(max_size=12)
_TARGET = st.lists(_PART, max_size=4).map("/".join)
_EXPORTS = st.recursive(
    st.none() | _TARGET | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from([".", "./*", "./a", "types", "import", "#x", "*"]), inner)
    ),
    max_leaves=6,
)


@given(
    specifier=_SPECIFIER,
    importer=_TARGET,
    exports=_EXPORTS,
    paths=st.dictionaries(_TARGET, st.lists(_TARGET, max_size=2), max_size=3),
    main=_TARGET,
)
def test_the_resolver_never_fails_and_finds_only_files_that_are_there(
    specifier: str, importer: str, exports: object, paths: dict[str, list[str]], main: str
) -> None:
    files = {
        "package.json": package("root", workspaces=["*"], exports=exports, imports=exports, main=main),
        "a/package.json": package("a", exports=exports, main=main, types=main),
        "a/b/x.ts": "",
        "a/a.ts": "",
        "b/index.ts": "",
        "x.ts": "",
        "a/style.css": "",
        "tsconfig.json": json.dumps({"extends": main, "compilerOptions": {"paths": paths}}),
    }
    found = workspace(files).resolver.resolve(specifier, importer)
    if isinstance(found, File):
        assert found.path in files
    elif isinstance(found, Missing):
        assert found.reason


def test_a_target_of_stars_does_not_grow_without_bound() -> None:
    files = {"package.json": package("a", exports={"./*": "*" * 100_000})}
    assert isinstance(resolve(files, "a/" + "x" * 100_000), Missing)


def test_answers_are_kept() -> None:
    ws = workspace({"src/a.ts": ""})
    first = ws.resolver.resolve("./a", "src/x.ts")
    assert ws.resolver.resolve("./a", "src/y.ts") is first
