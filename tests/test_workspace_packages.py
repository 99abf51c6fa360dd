"""Packages, the workspaces that they form, and their versions of drizzle-orm."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_workspace_tree import workspace

from d1lint.workspace.globs import matches_folder
from d1lint.workspace.packages import Dependency, Package
from d1lint.workspace.pnpm_workspace import PnpmWorkspace, parse_pnpm_workspace
from d1lint.workspace.version import Version, parse_version, requested_version
from d1lint.workspace.workspace import Workspace


def package(name: str, **fields: object) -> str:
    return json.dumps({"name": name, **fields})


def named(ws: Workspace, name: str) -> Package:
    return next(p for p in ws.packages if p.name == name)


def test_fields_of_a_package() -> None:
    ws = workspace(
        {
            "a/package.json": package(
                "a",
                dependencies={"x": "^1", "both": "1", "odd": 3},
                devDependencies={"y": "2", "both": "2"},
                peerDependencies={"z": "*"},
                optionalDependencies={"o": "1"},
                scripts={"db": "drizzle-kit generate", "bad": []},
                exports={".": "./a.ts"},
                imports={"#x": "./x.ts"},
                main="m.js",
                module="m.mjs",
                typings="t.d.ts",
            )
        }
    )
    (found,) = ws.packages
    assert (found.directory, found.path, found.name) == ("a", "a/package.json", "a")
    assert found.dependencies == {
        "x": Dependency("^1", "dependencies"),
        "both": Dependency("1", "dependencies"),
        "y": Dependency("2", "devDependencies"),
        "o": Dependency("1", "optionalDependencies"),
        "z": Dependency("*", "peerDependencies"),
    }
    assert found.scripts == {"db": "drizzle-kit generate"}
    assert (found.exports, found.imports) == ({".": "./a.ts"}, {"#x": "./x.ts"})
    assert (found.main, found.module, found.types, found.workspaces) == ("m.js", "m.mjs", "t.d.ts", None)


@pytest.mark.parametrize("text", ["[]", '"a"', "null", "{", "", '{"name": 3, "dependencies": [], "workspaces": 1}'])
def test_a_package_that_is_none_is_an_empty_one_and_its_folder_a_package(text: str) -> None:
    ws = workspace({"a/package.json": text, "a/b/c.ts": ""})
    assert ws.package_of("a/b/c.ts").directory == "a"
    assert ws.package_of("a/b/c.ts").name is None
    assert bool(ws.problems) is not text.startswith('{"')
    assert all(problem.path == "a/package.json" for problem in ws.problems)


def test_the_package_of_a_file_is_the_nearest() -> None:
    ws = workspace({"package.json": package("root"), "apps/web/package.json": package("web")})
    assert ws.package_of("apps/web/src/a.ts").name == "web"
    assert ws.package_of("apps/web.ts").name == "root"
    assert ws.package_of("a.ts").name == "root"
    nameless = workspace({"a/b.ts": ""}).package_of("a/b.ts")
    assert (nameless.directory, nameless.path, nameless.name) == ("", "", None)
    deep = "/".join(["d"] * 3000)
    assert ws.package_of(f"{deep}/a.ts").name == "root"


@pytest.mark.parametrize(
    "declared",
    [
        {"package.json": package("root", workspaces=["packages/*", "!packages/not"])},
        {"package.json": package("root", workspaces={"packages": ["./packages/*/", "!packages/not"]})},
        {"package.json": package("root"), "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n  - '!packages/not'\n"},
    ],
)
def test_members_of_a_workspace(declared: dict[str, str]) -> None:
    ws = workspace(
        {
            **declared,
            "packages/db/package.json": package("@acme/db"),
            "packages/api/package.json": package("@acme/api", dependencies={"@acme/db": "workspace:*"}),
            "packages/not/package.json": package("@acme/not"),
            "apps/web/package.json": package("web", dependencies={"@acme/api": "*"}),
        }
    )
    root, db, api = named(ws, "root"), named(ws, "@acme/db"), named(ws, "@acme/api")
    assert ws._packages.workspace_root(db) is root
    assert ws._packages.workspace_root(root) is root
    assert ws._packages.workspace_root(named(ws, "@acme/not")) is None
    assert ws.importers_of(db) == [api]


def test_importers_are_found_through_others_and_circles_end() -> None:
    ws = workspace(
        {
            "package.json": package("root", workspaces=["packages/*"]),
            "packages/a/package.json": package("a", dependencies={"b": "workspace:*"}),
            "packages/b/package.json": package("b", devDependencies={"c": "workspace:*", "b": "workspace:*"}),
            "packages/c/package.json": package("c", dependencies={"a": "workspace:*"}),
            "packages/d/package.json": package("d", dependencies={"hono": "4"}),
        }
    )
    assert [p.name for p in ws.importers_of(named(ws, "c"))] == ["a", "b"]
    assert ws.importers_of(named(ws, "d")) == []


@pytest.mark.parametrize(
    ("directory", "globs", "expected"),
    [
        ("packages/a", ["packages/*"], True),
        ("packages/a/b", ["packages/*"], False),
        ("packages/a/b", ["packages/**"], True),
        ("packages", ["packages/**"], True),
        ("", ["."], True),
        ("", ["packages/*"], False),
        ("docs", ["docs/"], True),
        ("a/b/c", ["**/c"], True),
        ("c", ["**/c"], True),
        ("a/bc", ["a/b?"], True),
        ("apps/web-e2e", ["apps/*-e2e"], True),
        ("a", ["*", "!a"], False),
        ("a", ["../a"], False),
    ],
)
def test_globs_of_folders(directory: str, globs: list[str], expected: bool) -> None:
    assert matches_folder(directory, globs) is expected


def test_a_glob_made_to_backtrack_does_not_hang() -> None:
    assert not matches_folder("/".join("a" * 200), ["**/a/" * 100 + "b"])


def test_pnpm_workspace() -> None:
    data = b"""\xef\xbb\xbf# a comment
packages:
  - apps/*   # the Workers
  - 'packages/#odd'
- "tools/*"

onlyBuiltDependencies:
  - esbuild
catalog:
  drizzle-orm: ^0.45.0 # pinned
  '@acme/x': "1.0.0"
  vite: npm:@void/vite@0.2.7
catalogs:
  beta:
    drizzle-orm: 1.0.0-rc.4
    "zod": 4
  react18:
    react: ^18
overrides:
  drizzle-orm: 9.9.9
"""
    assert parse_pnpm_workspace(data) == PnpmWorkspace(
        ("apps/*", "packages/#odd", "tools/*"),
        {
            "default": {"drizzle-orm": "^0.45.0", "@acme/x": "1.0.0", "vite": "npm:@void/vite@0.2.7"},
            "beta": {"drizzle-orm": "1.0.0-rc.4", "zod": "4"},
            "react18": {"react": "^18"},
        },
    )
    assert parse_pnpm_workspace(b"packages: [a, 'b/*']\n").packages == ("a", "b/*")
    assert parse_pnpm_workspace(b"catalog:\n  a: 1\n").packages is None


@given(
    st.text(alphabet="abc:-#'\"[]{}, \n\t&*!|>%@", max_size=200)
    | st.binary(max_size=200).map(lambda b: b.decode("latin-1"))
)
def test_pnpm_workspace_never_fails(text: str) -> None:
    parse_pnpm_workspace(text.encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.45.2", Version(0, 45, 2)),
        ("v1.0.0", Version(1)),
        ("1.0.0-beta.12-18d8bfb", Version(1, 0, 0, "beta.12-18d8bfb")),
        ("1.0.0-rc.3(@cloudflare/workers-types@4.2.0)", Version(1, 0, 0, "rc.3")),
        ("0.28.0_abc", Version(0, 28, 0)),
        ("1.2.3+build.5", Version(1, 2, 3)),
        ("1", Version(1)),
        ("link:../x", None),
        ("", None),
    ],
)
def test_versions(text: str, expected: Version | None) -> None:
    assert parse_version(text) == expected


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ("^0.45.2", Version(0, 45, 2)),
        ("~0.45", Version(0, 45)),
        ("0.x", Version(0)),
        (">= 0.36.0", Version(0, 36)),
        (">=0.44 <1", Version(0, 44)),
        ("<1.0.0 >=0.44.1", Version(0, 44, 1)),
        ("^0.45.2 || >=1.0.0-rc.1 <2.0.0", Version(0, 45, 2)),
        ("1.0.0-beta.9", Version(1, 0, 0, "beta.9")),
        ("npm:drizzle-orm@^0.44.0", Version(0, 44)),
        ("beta", Version(1, 0, 0, "beta")),
        ("rc", Version(1, 0, 0, "rc")),
        ("<1.0.0", None),
        ("workspace:*", None),
        ("file:../drizzle", None),
        ("github:drizzle-team/drizzle-orm", None),
    ],
)
def test_requested_versions(requested: str, expected: Version | None) -> None:
    version = requested_version(requested)
    assert version == expected
    assert version is None or not version.exact


@pytest.mark.parametrize("tag", ["latest", "*", "", "x"])
def test_latest_is_of_the_first_generation(tag: str) -> None:
    version = requested_version(tag)
    assert version is not None and not version.is_v1


def test_versions_are_ordered_as_semver_has_it() -> None:
    written = [
        "0.9.9",
        "0.44.7",
        "0.45.2",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-beta.11-ab1",
        "1.0.0-rc",
    ]
    written += ["1.0.0-rc.1", "1.0.0-rc.10", "1.0.0", "1.0.1"]
    versions = [version for text in written if (version := parse_version(text))]
    assert all(lower < higher for lower, higher in pairwise(versions))
    assert [str(version) for version in versions] == written
    assert [version.is_v1 for version in versions] == [False] * 3 + [True] * 9
    assert len(set(versions)) == len(versions)


PNPM_9 = """lockfileVersion: '9.0'
importers:

  .:
    dependencies:
      hono:
        specifier: ^4
        version: 4.0.0

  apps/api:
    dependencies:
      drizzle-orm:
        specifier: catalog:beta
        version: 1.0.0-rc.4(@cloudflare/workers-types@4.1.0)

  packages/db:
    devDependencies:
      drizzle-orm:
        specifier: ^0.45.0
        version: 0.45.2(kysely@0.28.0)

packages:

  drizzle-orm@0.45.2:
    resolution: {integrity: sha512-x}

  drizzle-orm@1.0.0-rc.4:
    resolution: {integrity: sha512-y}
"""
PNPM_6 = """lockfileVersion: '6.0'

dependencies:
  drizzle-orm:
    specifier: ^0.31.0
    version: 0.31.2(better-sqlite3@11.0.0)

packages:

  /drizzle-orm@0.31.2(better-sqlite3@11.0.0):
    resolution: {integrity: sha512-x}
"""
PNPM_5 = """lockfileVersion: 5.4

dependencies:
  drizzle-orm: 0.28.1_abc

packages:

  /drizzle-orm/0.28.1_abc:
    dev: false
"""
BUN = """{
  "lockfileVersion": 1,
  "workspaces": { "": { "dependencies": { "drizzle-orm": "^0.45.0" } } },
  "packages": {
    "drizzle-orm": ["drizzle-orm@0.45.1", "", { "peerDependencies": {} }, "sha512-x"],

    "@acme/db/drizzle-orm": ["drizzle-orm@1.0.0-beta.2", "", {}, "sha512-y"],
  }
}"""
NPM_3 = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": {"drizzle-orm": "^0.44.0"}},
            "node_modules/drizzle-orm": {"version": "0.44.7", "resolved": "x"},
            "packages/db/node_modules/drizzle-orm": {"version": "0.45.0"},
            "node_modules/@acme/tool/node_modules/drizzle-orm": {"version": "0.41.0"},
        },
    },
    indent=2,
)
NPM_1 = json.dumps({"lockfileVersion": 1, "dependencies": {"drizzle-orm": {"version": "0.29.0"}}}, indent=2)
YARN_1 = """\
"@types/x@^1":
  version "1"

drizzle-orm@^0.44.0, drizzle-orm@^0.44.1:
  version "0.44.7"

drizzle-orm@^0.45.0:
  version "0.45.2"
"""
YARN_4 = '"drizzle-orm@npm:^0.45.0":\n  version: 0.45.1\n  resolution: "drizzle-orm@npm:0.45.1"\n'


@pytest.mark.parametrize(
    ("lock", "content", "directory", "requested", "expected"),
    [
        ("pnpm-lock.yaml", PNPM_9, "packages/db", "^0.45.0", "0.45.2"),
        ("pnpm-lock.yaml", PNPM_9.replace("\n", "\r\n"), "apps/api", "catalog:beta", "1.0.0-rc.4"),
        ("pnpm-lock.yaml", PNPM_6, "", "^0.31.0", "0.31.2"),
        ("pnpm-lock.yaml", PNPM_5, "", "^0.28.0", "0.28.1"),
        ("bun.lock", BUN, "packages/db", "^0.45.0", "1.0.0-beta.2"),
        ("bun.lock", BUN, "packages/other", "^0.45.0", "0.45.1"),
        ("package-lock.json", NPM_3, "packages/db", "^0.45.0", "0.45.0"),
        ("package-lock.json", NPM_3, "packages/other", "^0.44.0", "0.44.7"),
        ("npm-shrinkwrap.json", NPM_1, "", "^0.29.0", "0.29.0"),
        ("yarn.lock", YARN_1, "", "^0.44.1", "0.44.7"),
        ("yarn.lock", YARN_1, "packages/db", "^0.45.0", "0.45.2"),
        ("yarn.lock", YARN_4, "", "^0.45.0", "0.45.1"),
    ],
)
def test_the_version_in_a_lock_file(lock: str, content: str, directory: str, requested: str, expected: str) -> None:
    name = {"packages/db": "@acme/db"}.get(directory, "other")
    manifest = f"{directory}/package.json".lstrip("/")
    ws = workspace({lock: content, manifest: package(name, dependencies={"drizzle-orm": requested})})
    version = ws.drizzle_version(named(ws, name))
    assert str(version) == expected
    assert version is not None and version.exact


@pytest.mark.parametrize(
    ("lock", "content"),
    [
        ("pnpm-lock.yaml", PNPM_9),
        ("yarn.lock", YARN_1),
        ("bun.lock", "{}"),
        ("package-lock.json", "drizzle-orm \xff not json"),
    ],
)
def test_a_lock_file_that_does_not_say_leaves_what_is_asked_for(lock: str, content: str) -> None:
    ws = workspace({lock: content, "new/package.json": package("new", dependencies={"drizzle-orm": "~0.43.0"})})
    version = ws.drizzle_version(named(ws, "new"))
    assert version == Version(0, 43) and not version.exact


def test_the_nearest_lock_file_counts() -> None:
    asks = {"drizzle-orm": "^0.44.0"}
    ws = workspace(
        {
            "pnpm-lock.yaml": PNPM_6,
            "site/package.json": package("site", dependencies=asks),
            "site/package-lock.json": NPM_3,
        }
    )
    assert str(ws.drizzle_version(named(ws, "site"))) == "0.44.7"


def test_the_installed_version_counts_where_no_lock_file_does() -> None:
    installed = {"node_modules/drizzle-orm/package.json": package("drizzle-orm", version="0.44.2")}
    asks = {"packages/db/package.json": package("db", dependencies={"drizzle-orm": "latest"})}
    ws = workspace({**asks, **installed})
    assert ws.drizzle_version(named(ws, "db")) == Version(0, 44, 2)
    broken = workspace({**asks, "node_modules/drizzle-orm/package.json": "["})
    assert broken.drizzle_version(named(broken, "db")) == requested_version("latest")
    assert all("node_modules" not in problem.path for problem in broken.problems)


@pytest.mark.parametrize(
    "holder",
    [
        {"package.json": package("root"), "pnpm-workspace.yaml": "packages: [p/*]\ncatalog:\n  drizzle-orm: ^0.44.3\n"},
        {"package.json": package("root", workspaces={"packages": ["p/*"], "catalog": {"drizzle-orm": "^0.44.3"}})},
        {"package.json": package("root", workspaces=["p/*"], catalog={"drizzle-orm": "^0.44.3"})},
        {"package.json": package("root", workspaces=["p/*"]), ".yarnrc.yml": "catalog:\n  drizzle-orm: ^0.44.3\n"},
    ],
)
def test_a_catalogue_says_what_is_asked_for(holder: dict[str, str]) -> None:
    ws = workspace({**holder, "p/db/package.json": package("db", dependencies={"drizzle-orm": "catalog:"})})
    assert ws.drizzle_version(named(ws, "db")) == Version(0, 44, 3)


def test_a_named_catalogue() -> None:
    yaml = "packages: [p/*]\ncatalogs:\n  next:\n    drizzle-orm: 1.0.0-rc.1\n"
    ws = workspace(
        {
            "package.json": package("root"),
            "pnpm-workspace.yaml": yaml,
            "p/db/package.json": package("db", dependencies={"drizzle-orm": "catalog:next"}),
            "p/x/package.json": package("x", dependencies={"drizzle-orm": "catalog:gone"}),
        }
    )
    version = ws.drizzle_version(named(ws, "db"))
    assert version is not None and version.is_v1
    assert ws.drizzle_version(named(ws, "x")) is None


def test_a_package_that_asks_for_none_has_that_of_what_it_uses_or_of_the_root() -> None:
    ws = workspace(
        {
            "package.json": package("root", workspaces=["p/*"]),
            "p/db/package.json": package("db", peerDependencies={"drizzle-orm": "^0.45.0"}),
            "p/lib/package.json": package("lib", dependencies={"db": "workspace:*"}),
            "p/api/package.json": package("api", dependencies={"lib": "workspace:*"}),
            "p/site/package.json": package("site"),
            "own/package.json": package("own", dependencies={"drizzle-orm": "1.0.0"}),
            "own/sub/package.json": package("sub"),
        }
    )
    assert ws.drizzle_version(named(ws, "api")) == Version(0, 45)
    assert ws.drizzle_version(named(ws, "sub")) == Version(1)
    assert ws.drizzle_version(named(ws, "site")) is None
