"""The workspace as a whole, and the root of a project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_workspace_tree import MemoryTree, workspace, write

from d1lint.workspace.tree import DiskTree
from d1lint.workspace.workspace import Workspace, find_root, git_top_level

D1 = '{"d1_databases": [{"binding": "DB"}]}'


def test_files_by_kind() -> None:
    ws = workspace(
        {
            "src/b.ts": "",
            "src/a.tsx": "",
            "vite.config.mjs": "",
            "worker-configuration.d.ts": "",
            "drizzle/0001.sql": "",
            "drizzle/meta/_journal.json": "{}",
            "drizzle/meta/0001_snapshot.json": "{}",
            "README.md": "",
            "d1lint.toml": "",
            "apps/web/d1lint.toml": "",
        }
    )
    assert ws.sources == ["src/a.tsx", "src/b.ts", "vite.config.mjs"]
    assert ws.declaration_files == ["worker-configuration.d.ts"]
    assert ws.sql_files == ["drizzle/0001.sql"]
    assert ws.journals == ["drizzle/meta/_journal.json"]
    assert ws.config_files == ["apps/web/d1lint.toml", "d1lint.toml"]
    assert ws.packages == () and ws.wrangler_configs == () and ws.drizzle_configs == [] and ws.problems == []
    with pytest.raises(OSError):
        ws.read("gone.ts")


def test_drizzle_configs_by_name_and_by_script() -> None:
    files = dict.fromkeys(
        (
            "drizzle.config.ts",
            "drizzle-d1.config.ts",
            "packages/db/drizzle.config.local.ts",
            "packages/db/config/kit.ts",
            "packages/db/kit2.mts",
            "packages/db/other.ts",
            "drizzle.ts",
        ),
        "",
    )
    scripts = {
        "a": "drizzle-kit generate --config=config/kit.ts && drizzle-kit push --config './kit2.mts'",
        "b": "vitest --config other.ts",
        "c": "drizzle-kit push --config=../../../../up.ts",
        "d": "drizzle-kit push --config=gone.ts",
    }
    ws = workspace({**files, "packages/db/package.json": json.dumps({"scripts": scripts}), "drizzle.config.json": "{}"})
    assert ws.drizzle_configs == [
        "drizzle-d1.config.ts",
        "drizzle.config.json",
        "drizzle.config.ts",
        "packages/db/config/kit.ts",
        "packages/db/drizzle.config.local.ts",
        "packages/db/kit2.mts",
    ]


def test_the_workers_that_a_package_runs_in() -> None:
    def package(name: str, *uses: str) -> str:
        return json.dumps({"name": name, "dependencies": dict.fromkeys(uses, "workspace:*")})

    ws = workspace(
        {
            "package.json": json.dumps({"name": "root", "workspaces": ["*/*"]}),
            "wrangler.root.jsonc": D1,
            "packages/db/package.json": package("db"),
            "packages/db/wrangler.jsonc": D1,
            "packages/util/package.json": package("util"),
            "apps/api/package.json": package("api", "db"),
            "apps/api/wrangler.jsonc": D1,
            "apps/api/config/wrangler.dev.jsonc": D1,
            "apps/web/package.json": package("web", "api"),
            "apps/web/wrangler.toml": "",
        }
    )
    by_name = {p.name: [config.path for config in ws.wranglers_of(p)] for p in ws.packages}
    assert by_name == {
        "root": ["wrangler.root.jsonc"],
        "db": [
            "packages/db/wrangler.jsonc",
            "apps/api/config/wrangler.dev.jsonc",
            "apps/api/wrangler.jsonc",
            "apps/web/wrangler.toml",
        ],
        "util": ["wrangler.root.jsonc"],
        "api": ["apps/api/config/wrangler.dev.jsonc", "apps/api/wrangler.jsonc", "apps/web/wrangler.toml"],
        "web": ["apps/web/wrangler.toml"],
    }


def test_the_package_of_a_whole_repository_runs_in_the_workers_below_it() -> None:
    ws = workspace({"package.json": "{}", "workers/api/package.json": "{}", "workers/api/wrangler.jsonc": D1})
    assert [config.path for config in ws.wranglers_of(ws.packages[0])] == ["workers/api/wrangler.jsonc"]


def test_problems_are_all_there_sorted_and_once() -> None:
    ws = workspace(
        {
            "package.json": "[]",
            "apps/web/package.json": "{",
            "tsconfig.json": "{",
            "apps/web/wrangler.toml": "a =\n",
            "apps/web/wrangler.jsonc": "3",
            "drizzle/meta/_journal.json": "{",
        }
    )
    paths = [
        "apps/web/package.json",
        "apps/web/wrangler.jsonc",
        "apps/web/wrangler.toml",
        "package.json",
        "tsconfig.json",
    ]
    assert [problem.path for problem in ws.problems] == paths
    assert [problem.path for problem in ws.problems] == paths
    assert all(problem.line == 1 for problem in ws.problems)


def test_files_that_cannot_be_read_are_problems() -> None:
    class Unreadable(MemoryTree):
        def read(self, path: str) -> bytes:
            raise PermissionError(13, "Permission denied", path)

    files = ["package.json", "tsconfig.json", "wrangler.jsonc", "wrangler.toml", "pnpm-workspace.yaml", "yarn.lock"]
    ws = Workspace(Unreadable(dict.fromkeys(files, "")))
    assert ws.drizzle_version(ws.packages[0]) is None
    assert [(p.path, p.message) for p in ws.problems] == [
        (path, "cannot be read: Permission denied") for path in files if path.endswith(("json", "jsonc", "toml"))
    ]


def test_a_workspace_on_disk(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": '{"name": "a"}', "src/a.ts": "import './b'", "src/b.ts": "", "dist/a.js": ""})
    ws = Workspace(DiskTree(tmp_path))
    assert ws.sources == ["src/a.ts", "src/b.ts"]
    assert ws.read("src/a.ts") == b"import './b'"
    assert ws.package_of("src/a.ts").name == "a"


def test_the_root_is_the_nearest_folder_that_says_so(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "repo/.git/HEAD": "",
            "repo/d1lint.toml": "",
            "repo/apps/web/package.json": '{"d1lint": {"extends": []}}',
            "repo/apps/web/src/a.ts": "",
            "repo/apps/api/package.json": '{"devDependencies": {"d1lint": "1"}}',
            "repo/apps/api/src/a.ts": "",
            "repo/apps/bad/package.json": '["d1lint", ',
        },
    )
    repo = (tmp_path / "repo").resolve()
    assert find_root(repo / "apps/web/src/a.ts") == repo / "apps/web"
    assert find_root(repo / "apps/web") == repo / "apps/web"
    assert find_root(repo / "apps/api/src/a.ts") == repo
    assert find_root(repo / "apps/bad") == repo
    assert find_root(repo / "d1lint.toml") == repo


def test_the_root_is_else_the_git_top_level_else_the_path(tmp_path: Path) -> None:
    write(tmp_path, {"repo/.git/HEAD": "", "repo/src/a.ts": "", "sub/.git": "gitdir: ../x", "sub/src/a.ts": ""})
    write(tmp_path, {"plain/src/a.ts": ""})
    base = tmp_path.resolve()
    assert find_root(base / "repo/src/a.ts") == base / "repo"
    assert find_root(base / "sub/src") == base / "sub"
    assert git_top_level(base / "sub/src/a.ts") == base / "sub"
    assert git_top_level(base / "repo") == base / "repo"
    if git_top_level(base) is None:
        assert find_root(base / "plain/src") == base / "plain/src"
        assert find_root(base / "plain/src/a.ts") == base / "plain/src"


def test_the_root_of_a_relative_path_and_of_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"repo/d1lint.toml": "", "repo/src/a.ts": ""})
    (tmp_path / "link").symlink_to(tmp_path / "repo/src")
    monkeypatch.chdir(tmp_path / "repo/src")
    assert find_root(Path("a.ts")) == (tmp_path / "repo").resolve()
    assert find_root(Path()) == (tmp_path / "repo").resolve()
    assert find_root(tmp_path / "link") == (tmp_path / "repo").resolve()
