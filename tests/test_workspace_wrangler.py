"""Wrangler files."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_workspace_tree import MemoryTree, workspace

from d1lint.workspace.problem import Problem
from d1lint.workspace.wrangler import OtherBinding, WranglerConfig, load_wrangler

TOML = """\
name = "shop"
main = "src/index.ts"
compatibility_date = 2025-01-02
compatibility_flags = ["nodejs_compat"]

# [[d1_databases]]
# binding = "DB"
[[d1_databases]] # the main one
database_name = "shop"
binding = "DB"
database_id = "1"
migrations_dir = "drizzle"
migrations_pattern = "drizzle/*/migration.sql"

[[kv_namespaces]]
binding = "CACHE"
id = "x"

[[env.staging.d1_databases]]
binding = 'DB'
database_name = "shop-staging"

[env."live"]
d1_databases = [
  { binding = "DB", database_name = "shop-live", database_id = "2" },
  { database_name = "log", binding = "LOG" },
]
hyperdrive = [{ binding = "PG", id = "y" }]
r2_buckets = [{ binding = "FILES", bucket_name = "z" }]

[durable_objects]
bindings = [{ name = "ROOM", class_name = "Room" }]

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room"]
new_classes = ["Old"]
"""

JSONC = """\
{
  // "binding": "DB",
  "$schema": "node_modules/wrangler/config-schema.json",
  "name": "shop",
  "main": "src/index.ts",
  "compatibility_date": "2025-01-02",
  "compatibility_flags": ["nodejs_compat"],
  "env": {
    "staging": {
      "d1_databases": [
        { "database_name": "shop-staging", "binding": "DB" },
      ],
    },
    "live": {
      "hyperdrive": [{ "binding": "PG", "id": "y" }],
      "r2_buckets": [{ "binding": "FILES", "bucket_name": "z" }],
      "d1_databases": [
        {
          "binding":
            "DB", /* "binding": "X" */
          "database_id": "2", "database_name": "shop-live" },
        { "database_name": "log", "binding": "LOG" },
      ],
    },
  },
  "vars": { "note": "\\"binding\\": \\"NOPE\\"" },
  "kv_namespaces": [{ "binding": "CACHE", "id": "x" }],
  "d1_databases": [
    {
      "binding": "DB",
      "database_name": "shop", "database_id": "1",
      "migrations_dir": "drizzle",
      "migrations_pattern": "drizzle/*/migration.sql",
    },
  ],
  "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room"], "new_classes": ["Old"] }],
}
"""


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [("wrangler.toml", TOML, [10, 20, 25, 26]), ("wrangler.jsonc", JSONC, [30, 11, 20, 22])],
)
def test_a_configuration(name: str, text: str, lines: list[int]) -> None:
    problems: list[Problem] = []
    config = load_wrangler(MemoryTree({f"apps/api/{name}": text}), f"apps/api/{name}", problems)
    assert problems == []
    assert (config.name, config.main, config.directory) == ("shop", "src/index.ts", "apps/api")
    assert (config.compatibility_date, config.compatibility_flags) == ("2025-01-02", ("nodejs_compat",))
    assert config.environments == ("staging", "live")
    assert [(d1.environment, d1.binding, d1.database_name, d1.database_id) for d1 in config.d1] == [
        (None, "DB", "shop", "1"),
        ("staging", "DB", "shop-staging", None),
        ("live", "DB", "shop-live", "2"),
        ("live", "LOG", "log", None),
    ]
    assert [d1.line for d1 in config.d1] == lines
    first, second = config.d1[:2]
    assert (first.migrations_dir, first.migrations_dir_declared) == ("drizzle", True)
    assert first.migrations_pattern == "drizzle/*/migration.sql"
    assert (second.migrations_dir, second.migrations_dir_declared, second.migrations_pattern) == (
        "migrations",
        False,
        None,
    )
    assert config.migrations_path(first) == "apps/api/drizzle"
    assert set(config.others) == {
        OtherBinding("ROOM", "durable_object", None, "Room"),
        OtherBinding("CACHE", "kv", None),
        OtherBinding("FILES", "r2", "live"),
        OtherBinding("PG", "hyperdrive", "live"),
    }
    assert config.sqlite_classes == ("Room",)


@pytest.mark.parametrize("name", ["wrangler.toml", "wrangler.json"])
def test_environments_may_have_entry_points_of_their_own(name: str) -> None:
    toml = 'main = "a.ts"\n[env.x]\nmain = "b.ts"\n[env.y]\nmain = "a.ts"\n[env.z]\nmain = 1\n'
    text = toml if name.endswith("toml") else json.dumps(tomllib.loads(toml))
    config = load_wrangler(MemoryTree({name: text}), name, [])
    assert (config.main, config.mains) == ("a.ts", ("a.ts", "b.ts"))
    assert WranglerConfig(name, env_mains=("b.ts",)).mains == ("b.ts",) and WranglerConfig(name).mains == ()


def test_crlf_and_a_byte_order_mark_do_not_move_lines() -> None:
    for name, text in (("wrangler.toml", TOML), ("wrangler.json", JSONC)):
        plain = load_wrangler(MemoryTree({name: text}), name, [])
        data = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        assert load_wrangler(MemoryTree({name: data}), name, []) == plain


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("wrangler.toml", 'name = "a"\nmain = \n', 2),
        ("wrangler.toml", b"name = '\xff'", None),
        ("wrangler.toml", "a = " + "[" * 5000, None),
        ("wrangler.toml", "a" + ".a" * 50_000 + " = 1", None),
        ("wrangler.jsonc", '{\n"a": }', 2),
        ("wrangler.json", "[]", 1),
    ],
)
def test_what_does_not_parse_is_a_problem(path: str, text: str | bytes, line: int | None) -> None:
    ws = workspace({path: text})
    assert ws.wrangler_configs == (WranglerConfig(path),)
    (problem,) = ws.problems
    assert (problem.path, problem.line) == (path, line)
    assert problem.message


@pytest.mark.parametrize(
    "document",
    [
        {"d1_databases": {"binding": "DB"}, "env": [], "durable_objects": 3, "migrations": "x"},
        {
            "d1_databases": [None, 1, "DB", {"binding": 1}, {"binding": ""}],
            "env": {"a": None, "b": {"d1_databases": 1}},
        },
        {"compatibility_flags": "x", "compatibility_date": None, "kv_namespaces": [[]], "name": {}},
    ],
)
def test_wrong_shapes_are_survived(document: dict[str, object]) -> None:
    config = load_wrangler(MemoryTree({"wrangler.json": json.dumps(document)}), "wrangler.json", [])
    assert config.d1 == () and config.others == ()


_WORDS = st.sampled_from(["binding", "env", "d1_databases", "DB", "a", "[", "{", "name"])
_JSON = st.recursive(_WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4))


@given(st.dictionaries(_WORDS, _JSON, max_size=5))
def test_lines_are_those_of_the_binding_whatever_else_the_file_holds(document: dict[str, object]) -> None:
    document["d1_databases"] = [{"binding": "MAIN"}]
    document["env"] = {"x": {"d1_databases": [{"binding": "MAIN"}], "y": document.get("a")}}
    text = json.dumps(document, indent=1)
    config = load_wrangler(MemoryTree({"wrangler.json": text}), "wrangler.json", [])
    assert [d1.environment for d1 in config.d1] == [None, "x"]
    for d1 in config.d1:
        assert text.split("\n")[d1.line - 1].strip() == '"binding": "MAIN"'
    assert config.d1[0].line != config.d1[1].line


@given(st.text(alphabet="[]{}=\"' \n.#abinding,", max_size=300))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    for path in ("wrangler.toml", "wrangler.jsonc"):
        load_wrangler(MemoryTree({path: text}), path, [])


def test_examples_are_told() -> None:
    names = [
        "wrangler.example.toml",
        "wrangler.jsonc.example",
        "wrangler-template.toml",
        "wrangler.toml",
        "wrangler.dev.json",
    ]
    assert [WranglerConfig(f"example/{name}").is_example for name in names] == [True, True, True, False, False]


def test_the_migrations_folder_may_lie_beside_the_package_and_not_outside() -> None:
    text = '[[d1_databases]]\nbinding = "A"\nmigrations_dir = "../../packages/db/drizzle/"\n'
    text += '[[d1_databases]]\nbinding = "B"\nmigrations_dir = "../../../x"\n'
    config = load_wrangler(MemoryTree({"apps/api/wrangler.toml": text}), "apps/api/wrangler.toml", [])
    assert [config.migrations_path(d1) for d1 in config.d1] == ["packages/db/drizzle", None]
