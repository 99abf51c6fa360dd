"""`d1lint init`: the first configuration fits the repository, is valid, says why, and overwrites nothing."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pages import write_files
from repository import MONOREPO, USERS, package, wrangler

from d1lint.cli import main
from d1lint.config import Config
from d1lint.registry import Registry

REGISTRY = Registry.load()
POSTS = USERS + (
    'export const posts = sqliteTable("posts", { id: integer().primaryKey(), '
    'user: integer("user_id").references(() => users.id) });\n'
)
DRIZZLE = "drizzle-orm@0.45.2"


def init(folder: Path | None, *, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["init", *([str(folder)] if folder else [])])
    assert done.exit_code == code, done.output
    return done.output


def written(folder: Path, files: Mapping[str, str]) -> tuple[dict[str, Any], str, str]:
    """The configuration of a repository, loaded; its text; and what is printed."""
    write_files(folder, files)
    printed = init(folder)
    text = (folder / "d1lint.toml").read_text(encoding="utf-8")
    # d1lint itself takes it.
    Config.load(folder, REGISTRY)
    return tomllib.loads(text), text, printed


@pytest.mark.parametrize(
    ("dependencies", "presets"),
    [
        ([], ["recommended"]),
        (["hono@4.9.0"], ["hono-d1"]),
        (["kysely@0.28.0", "kysely-d1@0.4.0"], ["drizzle-kysely"]),
        (["drizzle-zod@0.8.0", "hono@4.9.0"], ["hono-d1", "schema-first"]),
    ],
)
def test_the_presets_are_those_that_the_dependencies_call_for(
    tmp_path: Path, dependencies: list[str], presets: list[str]
) -> None:
    files = {"package.json": package("app", DRIZZLE, *dependencies), "wrangler.jsonc": wrangler("DB")}
    config, text, printed = written(tmp_path, {**files, "src/schema.ts": USERS})
    assert config == {"extends": presets, "exclude": [], "rules": {}}
    for preset in presets:
        assert f"preset {preset}" in printed
    # The others are there to be chosen.
    assert all(f'"{name}", # ' in text for name in REGISTRY.policy_names if name != "recommended" or name in presets)


def test_a_package_without_d1_calls_for_nothing(tmp_path: Path) -> None:
    files = {
        "package.json": MONOREPO,
        "apps/web/package.json": package("web", "hono@4.9.0"),
        "apps/api/package.json": package("api", DRIZZLE, "kysely@0.28.0"),
        "apps/api/wrangler.jsonc": wrangler("DB"),
        "apps/api/src/schema.ts": USERS,
    }
    assert written(tmp_path, files)[0]["extends"] == ["drizzle-kysely"]


def test_what_is_found_stands_in_comments(tmp_path: Path) -> None:
    kit = (
        'import { defineConfig } from "drizzle-kit";\n'
        'export default defineConfig({ dialect: "sqlite", schema: "./src/schema.ts", out: "./drizzle" });\n'
    )
    toml = (
        '[[d1_databases]]\nbinding = "DB"\ndatabase_name = "shop"\n'
        '[[env.staging.d1_databases]]\nbinding = "DB"\ndatabase_name = "shop-staging"\n'
    )
    files = {"package.json": package("app", DRIZZLE), "wrangler.toml": toml, "drizzle.config.ts": kit}
    _, text, printed = written(tmp_path, {**files, "src/schema.ts": POSTS})
    for line in (
        "wrangler.toml: DB, the database shop (environments: staging)",
        "drizzle.config.ts: the schema is src/schema.ts; migrations in drizzle",
    ):
        assert f"#   {line}\n" in text and f"  {line}\n" in printed
    assert "2 tables of D1." in text


def test_folders_of_other_peoples_code_are_excluded_unless_they_hold_tables(tmp_path: Path) -> None:
    files = {
        "package.json": package("app", DRIZZLE),
        "wrangler.jsonc": wrangler("DB"),
        "src/schema.ts": USERS,
        "src/vendor/a.ts": "export const a = 1;\n",
        "src/vendor/generated/b.ts": "export const b = 1;\n",
        "api/__generated__/types.ts": "export type A = 1;\n",
        "src/generated/auth.ts": USERS.replace("users", "accounts"),
        "src/generator/c.ts": "export const c = 1;\n",
        "[odd]/vendor/d.ts": "export const d = 1;\n",
    }
    config, text, _ = written(tmp_path, files)
    assert config["exclude"] == ["/api/__generated__/", "/src/vendor/"]
    assert '"/src/vendor/", # 2 scripts without a table or a client' in text


def test_nothing_is_claimed_of_a_kit_configuration_that_is_not_understood(tmp_path: Path) -> None:
    kit = 'let config;\nif (process.env.CI) config = { out: "./sql" };\nexport default defineConfig(config);\n'
    files = {"package.json": package("app", DRIZZLE), "wrangler.jsonc": wrangler("DB"), "drizzle.config.ts": kit}
    _, _, printed = written(tmp_path, {**files, "src/schema.ts": POSTS})
    assert "drizzle.config.ts: no schema is found\n" in printed


def test_with_findings_a_baseline_is_the_next_step_and_leads_to_green(tmp_path: Path) -> None:
    files = {"package.json": package("app", DRIZZLE), "wrangler.jsonc": wrangler("DB"), "src/schema.ts": POSTS}
    _, text, printed = written(tmp_path, files)
    assert "2 findings, 2 tables of D1. Next:" in printed
    assert printed.splitlines()[-2].split() == ["d1lint", "check", str(tmp_path)]
    assert printed.splitlines()[-1].split()[:3] == ["d1lint", "baseline", str(tmp_path)]
    for command, code in (("check", 1), ("baseline", 0), ("check", 0)):
        assert CliRunner().invoke(main, [command, str(tmp_path)]).exit_code == code
    # The line about it can be used as it stands.
    (tmp_path / "d1lint.toml").write_text(text.replace("# baseline =", "baseline ="), encoding="utf-8")
    assert Config.load(tmp_path, REGISTRY).baseline == ".d1lint-baseline.json"


def test_without_findings_no_baseline_is_suggested(tmp_path: Path) -> None:
    files = {"package.json": package("app", DRIZZLE), "wrangler.jsonc": wrangler("DB"), "src/schema.ts": USERS}
    _, _, printed = written(tmp_path, files)
    assert "baseline" not in printed and "0 findings" in printed


def test_a_repository_without_d1_gets_a_configuration_that_says_so(tmp_path: Path) -> None:
    config, text, printed = written(tmp_path, {"package.json": "{}", "src/a.ts": "export {};\n"})
    assert config["extends"] == ["recommended"]
    assert "No Drizzle on Cloudflare D1 was found" in text and "no database on Cloudflare D1" in printed


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "d1lint.toml").write_text("exclude = []\n")
    assert "has a configuration, d1lint.toml" in init(tmp_path, code=2)
    assert (tmp_path / "d1lint.toml").read_text() == "exclude = []\n"
    (tmp_path / "d1lint.toml").unlink()
    (tmp_path / "package.json").write_text('{ "d1lint": {} }')
    assert "the d1lint key of package.json" in init(tmp_path, code=2)
    assert not (tmp_path / "d1lint.toml").exists()


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "is no folder" in init(tmp_path / "file", code=2)
    assert "is no folder" in init(tmp_path / "missing", code=2)
    (tmp_path / "d1lint.toml").symlink_to("missing/folder")
    assert "can not be written" in init(tmp_path, code=2)


def test_without_a_path_it_is_written_at_the_top_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "apps/api").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "apps/api")
    printed = init(None)
    assert (tmp_path / "d1lint.toml").exists() and "  d1lint check\n" in printed
    assert "has a configuration" in init(None, code=2)
    # A folder that is named gets its own all the same.
    init(Path())
    assert (tmp_path / "apps/api/d1lint.toml").exists()


def test_any_name_in_the_repository_leaves_the_file_valid(tmp_path: Path) -> None:
    odd = 'o"d]\\ \x1b検'
    files = {
        f"{odd}/package.json": package("app", DRIZZLE, "hono@4.9.0"),
        f"{odd}/wrangler.toml": '[[d1_databases]]\nbinding = "D\\nB"\ndatabase_name = "\\u001b[31m\\"\\nx = 1"\n',
        f"{odd}/vendor/a.ts": "export const a = 1;\n",
        f"{odd}/schema.ts": USERS,
    }
    config, _, printed = written(tmp_path, files)
    assert config == {"extends": ["hono-d1"], "exclude": [], "rules": {}}
    assert "\x1b" not in printed
