"""Several reports of one run, and the paths that other tools pass."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from junitparser import JUnitXml
from pages import write_files
from repository import USERS, package, wrangler

from d1lint.cli import FORMATS, main
from d1lint.report import FORMATS as MODULES

SHOP = Path(__file__).parent.parent / "fixtures" / "shop"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample repository, the current folder."""
    monkeypatch.chdir(shutil.copytree(SHOP, tmp_path / "shop"))
    return Path.cwd()


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def places(report: str) -> set[str]:
    """The file and the rule of each line of a concise report."""
    return {f"{line.split(':')[0]} {line.split(': ')[1].split()[-1]}" for line in report.splitlines() if ": " in line}


def test_the_command_line_offers_every_format() -> None:
    assert tuple(MODULES) == FORMATS


def test_each_output_is_what_the_format_prints(shop: Path) -> None:
    arguments = [f"--output={name}=report.{name}" for name in FORMATS]
    done = check("--format", "concise", *arguments)
    assert done.exit_code == 1
    found = len(json.loads(Path("report.json").read_text(encoding="utf-8"))["findings"])
    assert found == len(json.loads(Path("report.sarif").read_text(encoding="utf-8"))["runs"][0]["results"])
    assert found == len(json.loads(Path("report.gitlab").read_text(encoding="utf-8")))
    assert found == len(json.loads(Path("report.rdjson").read_text(encoding="utf-8"))["diagnostics"])
    assert found == JUnitXml.fromfile("report.junit").failures
    assert found == Path("report.github").read_text(encoding="utf-8").count("::error") + 1  # and a warning
    assert Path("report.concise").read_text(encoding="utf-8") == done.stdout
    assert Path("report.agent").read_text(encoding="utf-8").count(" Instead: ") == found
    assert Path("report.text").read_text(encoding="utf-8").startswith("error[")
    assert Path("report.markdown").read_text(encoding="utf-8").startswith("### d1lint: 6 errors")


def test_nothing_in_files_is_coloured(shop: Path) -> None:
    done = check("--color", "--output", "text=report.txt")
    assert "\x1b[" in done.stdout and "\x1b[" not in Path("report.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("output", "word"),
    [("sarif", "not of the form FORMAT=FILE"), ("sarif=", "not of the form"), ("html=a", "'html' is none of text, ")],
)
def test_an_output_that_is_none(output: str, word: str) -> None:
    done = check("--output", output)
    assert done.exit_code == 2 and word in done.stderr


def test_a_file_that_can_not_be_written(shop: Path) -> None:
    done = check("--output", "json=nowhere/report.json")
    assert done.exit_code == 2 and done.stdout.startswith("error[")
    [sentence] = done.stderr.splitlines()
    assert sentence.startswith("d1lint: ") and sentence.endswith(
        "report.json can not be written: No such file or directory"
    )


@pytest.mark.parametrize(
    ("form", "beside"), [("text", True), ("concise", True), ("agent", True), ("json", False), ("sarif", False)]
)
def test_statistics_keep_what_programs_read_whole(shop: Path, form: str, beside: bool) -> None:
    done = check("--format", form, "--statistics")
    assert ("suppressed  baselined\n" in done.stdout) is beside
    assert ("suppressed  baselined\n" in done.stderr) is not beside
    if not beside:
        json.loads(done.stdout)


def test_a_missing_path_is_an_error_but_not_from_another_tool(shop: Path) -> None:
    refused = check("gone.ts", "src/db/coupons.ts")
    assert refused.exit_code == 2 and "gone.ts does not exist" in refused.stderr
    done = check("--force-exclude", "--format", "concise", "gone.ts", "src/db/coupons.ts")
    assert done.stderr == "d1lint: warning: gone.ts does not exist\n"
    assert places(done.stdout) == {"src/db/coupons.ts foreign-dialect"}
    assert check("--force-exclude", "gone.ts").exit_code == 0


def test_what_is_excluded_stays_so_for_another_tool(shop: Path) -> None:
    with Path("d1lint.toml").open("a", encoding="utf-8") as file:
        file.write('\nexclude = ["src/routes/reports.ts"]\n')
    given = ["--format", "concise", "src/routes/reports.ts"]
    assert "src/routes/reports.ts unjustified-native-sql" in places(check(*given).stdout)
    assert check("--force-exclude", *given).exit_code == 0


def monorepo(folder: Path) -> list[str]:
    """Two projects, each with a configuration and a breach of its own; the files with the breaches."""
    posts = 'import { users } from "./users";\nexport const posts = sqliteTable("posts", {\n'
    posts += "  author: integer().references(() => users.id),\n});\n"
    schema = USERS.splitlines()[1] + "\n" + posts
    for name in ("web", "api"):
        files = {
            "d1lint.toml": "",
            "package.json": package(name, "drizzle-orm@0.45.4"),
            "wrangler.jsonc": wrangler("DB"),
        }
        files |= {"src/users.ts": USERS, "src/schema.ts": schema, "src/index.ts": CLIENT}
        write_files(folder / "apps" / name, files)
    return ["apps/web/src/schema.ts", "apps/api/src/schema.ts"]


CLIENT = """
import { drizzle } from "drizzle-orm/d1";
import * as schema from "./schema";
export default { fetch: (request: Request, env: Env) => drizzle(env.DB, { schema }).select().from(schema.posts).all() };
"""


def test_another_tool_may_pass_files_of_several_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = monorepo(tmp_path)
    monkeypatch.chdir(tmp_path)
    refused = check("--force-exclude", *files)
    assert refused.exit_code == 2 and "check one project at a time" in refused.stderr
    subprocess.run(["git", "init", "--quiet"], check=True)
    done = check("--force-exclude", "--format", "concise", *files)
    assert {f"{file} unindexed-foreign-key" for file in files} <= places(done.stdout)
