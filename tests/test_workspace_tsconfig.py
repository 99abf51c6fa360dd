"""Aliases of tsconfig files."""

from __future__ import annotations

import json
import time

import pytest
from test_workspace_tree import workspace

from d1lint.workspace.specifiers import match_star, split_package
from d1lint.workspace.workspace import Workspace


def config(**options: object) -> str:
    extends = {"extends": options.pop("extends")} if "extends" in options else {}
    return json.dumps({**extends, "compilerOptions": options})


def targets(ws: Workspace, specifier: str, directory: str) -> list[str]:
    return [target.path for target in ws._tsconfigs.targets(specifier, directory)]


def test_paths_with_and_without_a_base_url() -> None:
    ws = workspace(
        {
            "a/tsconfig.json": """{ // a comment
              "compilerOptions": { "paths": { "@/*": ["./src/*", "gen/*"], "db": ["../db.ts"], }, }
            }""",
            "b/tsconfig.json": config(baseUrl="./src", paths={"@/*": ["lib/*"]}),
        }
    )
    assert targets(ws, "@/x/y", "a/src/deep") == ["a/src/x/y", "a/gen/x/y"]
    assert targets(ws, "db", "a") == ["db.ts"]
    assert targets(ws, "dbx", "a") == []
    assert targets(ws, "@/x", "b") == ["b/src/lib/x"]
    # A pattern that matches leaves no room for the base.
    assert targets(ws, "x", "b") == ["b/src/x"]
    assert targets(ws, "@/x", "c") == []


def test_the_exact_pattern_wins_then_the_longest() -> None:
    paths = {"*": ["any/*"], "@/*": ["a/*"], "@/db/*": ["d/*"], "@/db/x": ["exact"]}
    ws = workspace({"tsconfig.json": config(paths=paths)})
    assert targets(ws, "@/db/x", "") == ["exact", "d/x", "a/db/x", "any/@/db/x"]
    assert targets(ws, "@/db/y", "") == ["d/y", "a/db/y", "any/@/db/y"]
    assert [target.is_meant for target in ws._tsconfigs.targets("@/db/y", "")] == [True, True, False]


def test_the_parts_of_a_solution_count_together_and_the_folders_above_after_them() -> None:
    ws = workspace(
        {
            "tsconfig.json": config(paths={"@/*": ["root/*"]}),
            "app/tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.worker.json"}]}',
            "app/tsconfig.app.json": config(paths={"@/*": ["./src/*"]}),
            "app/tsconfig.worker.json": config(paths={"@/*": ["./worker/*"]}),
            "app/jsconfig.json": config(paths={"js/*": ["./js/*"]}),
        }
    )
    assert targets(ws, "@/x", "app/worker") == ["app/src/x", "app/worker/x", "root/x"]
    assert targets(ws, "js/x", "app") == ["app/js/x"]


def test_extends() -> None:
    ws = workspace(
        {
            "config/base.json": config(paths={"@base/*": ["./lib/*"]}),
            "config/url.json": config(baseUrl="../shared", paths={"@url/*": ["u/*"]}),
            "a/tsconfig.json": config(extends="../config/base"),
            "b/tsconfig.json": config(extends=["../config/base.json", "../config/url.json", "./gone.json"]),
            "c/tsconfig.json": config(extends="../config/url.json", baseUrl="."),
            "d/tsconfig.json": config(extends="../config/base.json", paths={"own": ["./own.ts"]}),
            "e/tsconfig.json": config(extends="@tsconfig/node22/tsconfig.json", paths={"e": ["e"]}),
        }
    )
    assert targets(ws, "@base/x", "a") == ["config/lib/x"]
    # The later of several bases wins.
    assert targets(ws, "@url/x", "b") == ["shared/u/x"]
    assert targets(ws, "@base/x", "b") == ["shared/@base/x"]
    # The base of the extending file moves inherited paths.
    assert targets(ws, "@url/x", "c") == ["c/u/x"]
    assert targets(ws, "@base/x", "d") == []
    assert targets(ws, "e", "e") == ["e/e"]
    assert ws.problems == []


def test_extends_a_package_of_the_workspace_and_its_config_dir() -> None:
    ws = workspace(
        {
            "package.json": '{"workspaces": ["tooling/*"]}',
            "tooling/ts/package.json": '{"name": "@acme/ts", "exports": {"./app": "./configs/app.json"}}',
            "tooling/ts/configs/app.json": config(paths={"~/*": ["${configDir}/src/*"]}),
            "tooling/ts/tsconfig.json": config(paths={"plain/*": ["./p/*"]}),
            "tooling/ts/base.json": config(baseUrl="${configDir}/lib"),
            "app/package.json": '{"name": "app"}',
            "app/tsconfig.json": config(extends="@acme/ts/app"),
            "two/tsconfig.json": config(extends="@acme/ts"),
            "three/tsconfig.json": config(extends="@acme/ts/base.json"),
        }
    )
    assert targets(ws, "~/x", "app") == ["app/src/x"]
    assert targets(ws, "plain/x", "two") == ["tooling/ts/p/x"]
    assert targets(ws, "x", "three") == ["three/lib/x"]


def test_circles_end_and_keep_what_is_known() -> None:
    ws = workspace(
        {
            "tsconfig.json": config(extends="./tsconfig.b.json", paths={"a": ["a.ts"]}),
            "tsconfig.b.json": config(extends="./tsconfig.json", baseUrl="lib"),
            "self/tsconfig.json": config(extends="./tsconfig.json", paths={"s": ["s.ts"]}),
        }
    )
    assert targets(ws, "a", "") == ["lib/a.ts", "lib/a"]
    assert targets(ws, "s", "self")[0] == "self/s.ts"


def test_wide_and_long_chains_are_bounded() -> None:
    files = {
        f"tsconfig.{level}.json": config(extends=[f"./tsconfig.{level + 1}.json"] * 10, paths={f"p{level}": ["x"]})
        for level in range(2000)
    }
    started = time.process_time()
    ws = workspace(files)
    assert targets(ws, "p0", "") == ["x"]
    assert ws.problems == []
    assert time.process_time() - started < 60  # it ends


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"compilerOptions": []}',
        '{"compilerOptions": {"paths": [], "baseUrl": 3}, "extends": 4}',
        '{"compilerOptions": {"paths": {"a": "b", "c": [1], "*/*": ["x"]}}, "extends": ["../../../up", 1, ""]}',
        '{"compilerOptions": {"baseUrl": "../../.."}}',
    ],
)
def test_odd_files_are_survived(text: str) -> None:
    ws = workspace({"app/tsconfig.json": text})
    targets(ws, "a", "app/src")
    assert [problem.path for problem in ws.problems] == (["app/tsconfig.json"] if text in ("[]", "{") else [])


def test_match_star() -> None:
    assert match_star("@/*", "@/a/b") == "a/b"
    assert match_star("@/*", "@/") == ""
    assert match_star("@/*", "@") is None
    assert match_star("a*b", "ab") == ""
    assert match_star("ab*ba", "aba") is None
    assert match_star("x", "x") == ""
    assert match_star("*.css", "a.css") == "a"


def test_split_package() -> None:
    assert split_package("hono") == ("hono", "")
    assert split_package("drizzle-orm/sqlite-core/x") == ("drizzle-orm", "sqlite-core/x")
    assert split_package("@acme/db") == ("@acme/db", "")
    assert split_package("@acme/db/schema/users") == ("@acme/db", "schema/users")
