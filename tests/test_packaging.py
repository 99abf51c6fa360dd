"""What is built and installed, compared with the tree, and what a start of the command imports."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest
from pathspec import GitIgnoreSpec

import d1lint

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# What setuptools writes into a source distribution, and into the folder that it makes one from.
GENERATED = {"PKG-INFO", "setup.cfg"}


def tree() -> set[str]:
    """The files of this repository, without those that git ignores: paths relative to its root."""
    ignored = GitIgnoreSpec.from_lines((ROOT / ".gitignore").read_text(encoding="utf-8").splitlines())

    def below(folder: str) -> Iterator[str]:
        for entry in os.scandir(ROOT / folder):
            path = f"{folder}{entry.name}"
            if entry.is_dir() and not (entry.name == ".git" or ignored.match_file(f"{path}/")):
                yield from below(f"{path}/")
            elif entry.is_file() and not ignored.match_file(path):
                yield path

    # In a worktree, `.git` is a file.
    return set(below("")) - GENERATED - {".git"}


class Built(NamedTuple):
    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The source distribution made of a copy of the tree, and the wheel made of that."""
    work = tmp_path_factory.mktemp("build")
    for path in tree():
        (work / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, work / "tree" / path)
    build = "import sys; from setuptools.build_meta import build_sdist; build_sdist(sys.argv[1])"
    run(sys.executable, "-c", build, str(work), cwd=work / "tree")
    [sdist] = work.glob("*.tar.gz")
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(work), str(sdist))
    [wheel] = work.glob("*.whl")
    return Built(sdist, wheel)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed in."""
    target = tmp_path_factory.mktemp("installed")
    pip("install", "--target", str(target), str(built.wheel))
    return target


def run(*command: str, cwd: Path, code: int = 0, **environment: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def pip(*arguments: str) -> None:
    run(sys.executable, "-m", "pip", arguments[0], "--quiet", "--no-index", "--no-deps", *arguments[1:], cwd=ROOT)


def metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def test_the_source_distribution_holds_the_whole_tree(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        files = {name.split("/", 1)[1] for name in archive.getnames() if archive.getmember(name).isfile()}
    assert {path for path in files if not path.startswith("d1lint.egg-info/")} - GENERATED == tree()


def test_the_wheel_holds_what_the_two_packages_hold(built: Built) -> None:
    with ZipFile(built.wheel) as archive:
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
    packages = {path for path in tree() if path.startswith(("d1lint/", "rules/"))}
    assert files == {re.sub(r"^rules/", "d1lint_rules/", path) for path in packages}
    assert {"d1lint/py.typed", "d1lint/d1lint.schema.json", "d1lint_rules/policies/recommended.toml"} <= files


def test_the_version_is_written_in_one_place(built: Built) -> None:
    assert "version" not in PYPROJECT["project"]
    assert metadata(built.wheel)["Version"] == d1lint.__version__
    assert f"## [{d1lint.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_metadata_tell_the_licence_and_the_python(built: Built) -> None:
    told = metadata(built.wheel)
    assert told["License-Expression"] == "MIT"
    assert told["License-File"] == "LICENSE"
    assert told["Requires-Python"] == ">=3.11"


def test_an_installed_command_lints_and_has_its_pages_and_policies(installed: Path, tmp_path: Path) -> None:
    shop = shutil.copytree(ROOT / "fixtures" / "shop", tmp_path / "shop")
    command = str(installed / "bin" / "d1lint")
    here = {"cwd": shop, "PYTHONPATH": str(installed)}
    where = run(sys.executable, "-c", "import d1lint_rules as r, d1lint as d; print(r.__file__, d.__file__)", **here)
    assert all(Path(path).is_relative_to(installed) for path in where.split())
    assert run(command, "--version", **here).split()[-1] == d1lint.__version__
    assert "error[unindexed-foreign-key]" in run(command, "check", **here, code=1)
    assert "# unindexed-foreign-key" in run(command, "rule", "unindexed-foreign-key", **here)
    assert "HD-16" in run(command, "policy", "hono-d1", **here)


# What is imported


def third_party() -> set[str]:
    """The top-level names of the packages, neither Python's nor ours, that the two packages import."""
    found = set()
    for folder in ("d1lint", "rules"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found.update(alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"d1lint", "d1lint_rules"}


def test_the_dependencies_are_those_that_are_imported_and_each_has_its_reason() -> None:
    asked_for = PYPROJECT["project"]["dependencies"] + PYPROJECT["project"]["optional-dependencies"]["server"]
    declared = {re.split(r"[^\w-]", dependency)[0] for dependency in asked_for}
    assert {name.replace("-", "_") for name in declared} == third_party()
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([\w-]+)` \|", contributing, re.MULTILINE)) >= declared


def test_a_start_imports_nothing_that_it_may_not_need(tmp_path: Path) -> None:
    code = "import sys; before = {*sys.modules}; import d1lint.cli; print(*sys.modules.keys() - before, sep='\\n')"
    modules = set(run(sys.executable, "-c", code, cwd=tmp_path).split())
    heavy = {
        "apsw",
        "asyncio",
        "importlib.metadata",
        "jsonschema",
        "lsprotocol",
        "msgspec",
        "pathspec",
        "pygls",
        "pyjson5",
    }
    assert "d1lint.cli" in modules
    assert not modules & (heavy | {"tree_sitter", "tree_sitter_typescript"})
    assert not {name for name in modules if name.startswith(("d1lint_rules.", "d1lint.model", "d1lint.syntax"))}
