"""The walk: what is found, what is left out, and what it survives."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from test_workspace_tree import write

from d1lint.workspace.discovery import discover, is_generated
from d1lint.workspace.ignore import IgnoreRules
from d1lint.workspace.kinds import Kind, is_kit_config, kind_of
from d1lint.workspace.tree import DiskTree


def found(root: Path, **options: list[str]) -> list[str]:
    return DiskTree(root, **options).paths()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.ts", Kind.SCRIPT),
        ("a.tsx", Kind.SCRIPT),
        ("a.mts", Kind.SCRIPT),
        ("a.cts", Kind.SCRIPT),
        ("a.js", Kind.SCRIPT),
        ("a.jsx", Kind.SCRIPT),
        ("a.mjs", Kind.SCRIPT),
        ("a.cjs", Kind.SCRIPT),
        ("a.min.js", None),
        ("a-min.js", None),
        ("admin.js", Kind.SCRIPT),
        ("worker-configuration.d.ts", Kind.DECLARATION),
        ("a.d.mts", Kind.DECLARATION),
        ("a.sql", Kind.SQL),
        ("_journal.json", Kind.JOURNAL),
        ("package.json", Kind.PACKAGE),
        ("pnpm-workspace.yaml", Kind.PNPM_WORKSPACE),
        ("bun.lock", Kind.LOCK),
        ("yarn.lock", Kind.LOCK),
        ("package-lock.json", Kind.LOCK),
        ("pnpm-lock.yaml", Kind.LOCK),
        ("skills-lock.json", None),
        ("bun.lockb", None),
        ("tsconfig.json", Kind.TSCONFIG),
        ("tsconfig.app.json", Kind.TSCONFIG),
        ("jsconfig.json", Kind.TSCONFIG),
        ("wrangler.toml", Kind.WRANGLER),
        ("wrangler.json", Kind.WRANGLER),
        ("wrangler.jsonc", Kind.WRANGLER),
        ("wrangler.dev.jsonc", Kind.WRANGLER),
        ("wrangler-monitor.jsonc", Kind.WRANGLER),
        ("wrangler.jsonc.example", Kind.WRANGLER),
        ("wrangler-notes.md", None),
        ("wranglers.toml", None),
        ("drizzle.config.json", Kind.KIT_CONFIG),
        ("d1lint.toml", Kind.D1LINT_CONFIG),
        ("README.md", None),
        ("data.json", None),
        ("ts", None),
        ("", None),
    ],
)
def test_kinds(name: str, kind: Kind | None) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("drizzle.config.ts", True),
        ("drizzle-d1.config.ts", True),
        ("drizzle.config.local.ts", True),
        ("drizzle.d1.config.mjs", True),
        ("auth.drizzle.config.ts", True),
        ("drizzle.ts", False),
        ("drizzle-schema.ts", False),
        ("vite.config.ts", False),
    ],
)
def test_kit_config_names(name: str, expected: bool) -> None:
    assert is_kit_config(name) is expected


def test_folders_that_hold_no_sources_are_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "package.json": "{}",
            "src/a.ts": "",
            "node_modules/x/index.js": "",
            "src/node_modules/y/index.js": "",
            ".next/a.js": "",
            ".wrangler/tmp/a.js": "",
            ".github/scripts/a.mjs": "",
            "dist/a.js": "",
            "packages/db/package.json": "{}",
            "packages/db/dist/a.js": "",
            "packages/db/src/build/steps.ts": "",
            "src/out/mail.ts": "",
        },
    )
    assert found(tmp_path) == [
        ".github/scripts/a.mjs",
        "package.json",
        "packages/db/package.json",
        "packages/db/src/build/steps.ts",
        "src/a.ts",
        "src/out/mail.ts",
    ]


def test_ignore_files_count_at_every_level_without_git(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "*.gen.ts\n/secret/\n# comment\n\n!keep.gen.ts\n",
            "a.gen.ts": "",
            "keep.gen.ts": "",
            "secret/a.ts": "",
            "deep/secret/a.ts": "",
            "deep/.gitignore": "!b.gen.ts\nlocal.ts\r\n",
            "deep/a.gen.ts": "",
            "deep/b.gen.ts": "",
            "deep/local.ts": "",
            "deep/er/local.ts": "",
            "local.ts": "",
        },
    )
    assert found(tmp_path) == ["deep/b.gen.ts", "deep/secret/a.ts", "keep.gen.ts", "local.ts"]


def test_what_lies_in_an_ignored_folder_cannot_be_taken_back(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "gen/\n!gen/keep.ts\nall/*\n!all/keep.ts\n", "gen/keep.ts": "", "all/keep.ts": ""})
    write(tmp_path, {"all/other.ts": ""})
    assert found(tmp_path) == ["all/keep.ts"]


def test_a_pattern_says_nothing_about_what_is_below_the_folder_it_takes_back(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.js\n!/src\nlogs/**\n!logs/a.ts\n", "src/a.js": "", "src/a.ts": ""})
    write(tmp_path, {"logs/a.ts": "", "logs/b.ts": ""})
    assert found(tmp_path) == ["logs/a.ts", "src/a.ts"]


def test_the_rules_of_the_repository_around_the_root_count(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/info/exclude": "mine.ts\n",
            ".gitignore": "/apps/web/generated\n/generated\n",
            "apps/.gitignore": "local.ts\n",
            "apps/web/generated/a.ts": "",
            "apps/web/src/generated/a.ts": "",
            "apps/web/local.ts": "",
            "apps/web/mine.ts": "",
        },
    )
    assert found(tmp_path / "apps/web") == ["src/generated/a.ts"]


def test_the_exclude_file_of_a_working_tree_is_that_of_its_repository(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main/.git/info/exclude": "mine.ts\n",
            "main/.git/worktrees/w/commondir": "../..\n",
            "w/.git": f"gitdir: {tmp_path}/main/.git/worktrees/w\n",
            "w/mine.ts": "",
            "w/a.ts": "",
        },
    )
    assert found(tmp_path / "w") == ["a.ts"]


def test_nested_repositories_are_walked_and_second_working_trees_are_not(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "",
            "sub/.git": "gitdir: ../.git/modules/sub\n",
            "sub/a.ts": "",
            "own/.git/info/exclude": "b.ts",
            "own/a.ts": "",
            "own/b.ts": "",
            ".claude/worktrees/x/.git": f"gitdir: {tmp_path}/.git/worktrees/x\n",
            ".claude/worktrees/x/a.ts": "",
        },
    )
    assert found(tmp_path) == ["own/a.ts", "sub/a.ts"]


def test_exclude_wins_over_ignore_files_and_explicit_over_both(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "ignored.ts\ngone/\n!src/excluded.ts\n",
            "ignored.ts": "",
            "gone/a.ts": "",
            "gone/readme.md": "",
            "src/excluded.ts": "",
            "src/a.ts": "",
            "dist/a.js": "",
        },
    )
    assert found(tmp_path, exclude=["src/excluded.ts"]) == ["src/a.ts"]
    explicit = ["./ignored.ts", "gone", "src/excluded.ts", "dist/a.js", "nowhere.ts", "../x.ts", "gone/readme.md", "."]
    assert found(tmp_path, exclude=["src/excluded.ts"], explicit=explicit) == [
        "dist/a.js",
        "gone/a.ts",
        "ignored.ts",
        "src/a.ts",
        "src/excluded.ts",
    ]


def test_symbolic_links(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.ts": "", "other/b.ts": ""})
    (tmp_path / "src/loop").symlink_to(tmp_path / "src")
    (tmp_path / "src/self.ts").symlink_to(tmp_path / "src/self.ts")
    (tmp_path / "src/gone.ts").symlink_to(tmp_path / "nowhere.ts")
    (tmp_path / "src/folder.ts").symlink_to(tmp_path / "other")
    (tmp_path / "src/b.ts").symlink_to("../other/b.ts")
    assert found(tmp_path) == ["other/b.ts", "src/a.ts", "src/b.ts"]


def test_special_files_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ts")
    assert found(tmp_path) == []


def test_deep_folders_and_odd_names(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 300)
    folder = tmp_path
    for _ in range(3):
        folder = folder / "/".join(["d"] * 100)
        folder.mkdir(parents=True)
    write(tmp_path, {f"{deep}/a.ts": "", "with space/[id].ts": "", "ünï/\N{WAVING HAND SIGN}.ts": "", "a\nb.ts": ""})
    assert found(tmp_path) == sorted([f"{deep}/a.ts", "with space/[id].ts", "ünï/\N{WAVING HAND SIGN}.ts", "a\nb.ts"])


def test_ignore_files_that_are_no_text_are_survived(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": b"\xff\xfe[\n[z-a]\n!\n\\\n[\n\xef\xbb\xbf\nb.ts\n", "a.ts": "", "b.ts": ""})
    (tmp_path / "sub/.gitignore").mkdir(parents=True)
    write(tmp_path, {"sub/a.ts": ""})
    assert found(tmp_path) == ["a.ts", "sub/a.ts"]


def test_a_byte_order_mark_is_no_part_of_the_first_pattern(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": b"\xef\xbb\xbfa.ts\n", "a.ts": "", "b.ts": ""})
    assert found(tmp_path) == ["b.ts"]


def test_a_pattern_made_to_backtrack_does_not_hang() -> None:
    rules = IgnoreRules(["*a" * 30 + "b"])
    started = time.process_time()
    assert rules.ignores("a" * 250 + ".ts", "a" * 250 + ".ts", False) is None
    assert time.process_time() - started < 60  # it ends


def test_six_thousand_files_are_found(tmp_path: Path) -> None:
    patterns = "\n".join(["dist", "*.log", "/tmp/", "!keep.ts", ".env*", "**/generated/**", "a/b/c", "*.tgz"] * 5)
    write(tmp_path, {".gitignore": patterns})
    for folder in range(300):
        below = tmp_path / f"packages/p{folder % 30}/src/f{folder}"
        below.mkdir(parents=True)
        for file in range(20):
            (below / f"file{file}.ts").touch()
    assert len(discover(str(tmp_path)).files) == 6000


_STATEMENT = b"function f(a,b){return a?b(a):null;}var c=f(1,function(x){return x*2;});"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (_STATEMENT * 200, True),
        (b"/*! a licence */\n" * 5 + _STATEMENT * 200, True),
        ((_STATEMENT * 7 + b"\n") * 20, True),
        (_STATEMENT * 20, False),
        (b"export const font = '" + b"QUJD" * 40_000 + b"';\n", False),
        (b"export const a = 1;\n" * 2000, False),
        (b"// @generated by better-auth\n" + b"export const user = sqliteTable('user', {\n" * 200, False),
        (b"var __defProp = Object.defineProperty;\n" + b"var a = 1;\n" * 1000, True),
        (b"/******/ (() => { // webpackBootstrap\n__webpack_require__\n" + b"var a = 1;\n" * 1000, True),
        (b"", False),
    ],
)
def test_generated(data: bytes, expected: bool) -> None:
    assert is_generated(data) is expected
