"""Unsaved texts over the files of a folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import write_files
from repository import USERS

from d1lint.cli import main
from d1lint.workspace.overlay_tree import OverlayTree
from d1lint.workspace.tree import DiskTree

FILES = {
    "package.json": "{}",
    ".gitignore": "generated/\n!generated/kept.ts\n*.tmp.ts\n",
    "src/.gitignore": "!own.tmp.ts\n",
    "src/a.ts": "saved",
    "src/old.tmp.ts": "ignored",
    "excluded/a.ts": "excluded",
}


def overlay(folder: Path, texts: dict[str, bytes], *explicit: str) -> OverlayTree:
    write_files(folder, FILES)
    return OverlayTree(DiskTree(folder, exclude=["excluded/"]), texts, explicit)


def test_a_text_takes_the_place_of_a_file(tmp_path: Path) -> None:
    tree = overlay(tmp_path, {"src/a.ts": b"unsaved"})
    assert tree.read("src/a.ts") == b"unsaved"
    assert tree.read("package.json") == b"{}"
    assert "src/a.ts" in tree.paths()


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("src/new.ts", True),
        ("src/folder/deep/new.ts", True),
        ("src/own.tmp.ts", True),
        ("new.tmp.ts", False),
        ("generated/new.ts", False),
        ("generated/kept.ts", False),
        ("excluded/new.ts", False),
        ("node_modules/a/index.ts", False),
        ("dist/new.ts", False),
        ("src/dist/new.ts", True),
        ("src/new.txt", False),
        ("src/old.tmp.ts", False),
        ("excluded/a.ts", False),
    ],
)
def test_a_new_text_is_listed_where_a_file_would_be(path: str, listed: bool, tmp_path: Path) -> None:
    tree = overlay(tmp_path, {path: b"new"})
    assert (path in tree.paths()) is listed
    assert tree.exists(path)
    assert tree.paths() == sorted(tree.paths())
    write_files(tmp_path, {path: "now it is there", "package.json": "{}"})
    assert (path in DiskTree(tmp_path, exclude=["excluded/"]).paths()) is listed


def test_a_new_text_that_is_given_by_name_is_listed(tmp_path: Path) -> None:
    assert "new.tmp.ts" in overlay(tmp_path, {"new.tmp.ts": b"new"}, "new.tmp.ts").paths()


def test_the_ignore_files_around_the_root_count(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    write_files(tmp_path, {".gitignore": "app/generated.ts\n", "app/package.json": "{}"})
    tree = OverlayTree(DiskTree(tmp_path / "app"), {"generated.ts": b"", "src/generated.ts": b""})
    assert tree.paths() == ["package.json", "src/generated.ts"]


# --- check --stdin-filename --------------------------------------------------------------------------------------

POSTS = """
export const posts = sqliteTable("posts", { id: integer().primaryKey(), author: integer().references(() => users.id) });
"""


def run(folder: Path, text: str, *arguments: str) -> tuple[int, str]:
    (folder / "d1lint.toml").write_text('extends = ["recommended"]\n', encoding="utf-8")  # it marks the root
    before = Path.cwd()
    os.chdir(folder)
    try:
        done = CliRunner().invoke(main, ["check", "--format", "concise", *arguments], input=text)
    finally:
        os.chdir(before)
    return done.exit_code, done.output


def test_the_content_of_a_file_can_come_through_standard_input(tmp_path: Path) -> None:
    write_files(tmp_path, {"src/schema.ts": USERS})
    code, output = run(tmp_path, USERS + POSTS, "--stdin-filename", "src/schema.ts")
    assert code == 1
    assert "src/schema.ts:5:" in output and "unindexed-foreign-key" in output
    assert run(tmp_path, USERS, "--stdin-filename", "src/schema.ts")[0] == 0
    assert (tmp_path / "src/schema.ts").read_text(encoding="utf-8") == USERS


def test_so_can_that_of_a_file_that_does_not_exist(tmp_path: Path) -> None:
    write_files(tmp_path, {"src/users.ts": USERS})
    posts = (
        'import { integer, sqliteTable } from "drizzle-orm/sqlite-core";\nimport { users } from "./users";\n' + POSTS
    )
    code, output = run(tmp_path, posts, "--stdin-filename", "src/posts.ts")
    assert (code, "src/posts.ts:4:" in output) == (1, True)


@pytest.mark.parametrize("arguments", [["src"], ["--fix"], ["--staged"], ["--diff"]])
def test_it_goes_with_nothing_that_asks_for_files(arguments: list[str], tmp_path: Path) -> None:
    write_files(tmp_path, {"src/schema.ts": USERS})
    code, output = run(tmp_path, USERS, "--stdin-filename", "src/schema.ts", *arguments)
    assert code == 2
    assert "--stdin-filename is for one file" in output
    assert run(tmp_path, "", "--stdin-filename", "src")[0] == 2
