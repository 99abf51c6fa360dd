"""How long it takes from a change in an editor to its diagnostics.

`python bench/editor.py` makes a repository of 500 files with a schema of 39 KB, opens it with `d1lint server`, edits it
as one types, and prints the medians of the wall time from the notification that leaves the client to the diagnostics
that reach it: for an edited schema, for a schema that an edit of another file breaks, and for an edited route.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FILES = 500
SCHEMA_BYTES = 39_000
HANDLERS = 120
PAUSE = 0.3
"""Seconds between two edits: nobody types without one, and the server judges the rest of the repository in it."""

TABLE = """
export const table{n} = sqliteTable(
  "table_{n}",
  {{
    id: integer("id").primaryKey({{ autoIncrement: true }}),
    title: text("title").notNull().default("none"),
    email: text("email").unique(),
    status: text("status", {{ enum: ["open", "closed"] }}).notNull(),
    parentId: integer("parent_id").notNull().references(() => table{parent}.id, {{ onDelete: "cascade" }}),
    createdAt: integer("created_at", {{ mode: "timestamp" }}).notNull().$defaultFn(() => new Date()),
    updatedAt: integer("updated_at", {{ mode: "timestamp" }}).$onUpdate(() => new Date()),
  }},
  (t) => [index("table_{n}_parent_idx").on(t.parentId), index("table_{n}_status_idx").on(t.status)],
);
"""
RELATION = """export const table{n}Relations = relations(s.table{n}, ({{ one }}) => ({{
  parent: one(s.table{parent}, {{ fields: [s.table{n}.parentId], references: [s.table{parent}.id] }}),
}}));
"""
HANDLER = """import {{ Hono }} from "hono";
import {{ eq }} from "drizzle-orm";
import {{ createDb }} from "@/db";
import {{ table{t} }} from "@/db/schema";
import {{ helper{n} }} from "@/lib/helper{n}";

export const route{n} = new Hono<{{ Bindings: {{ DB: D1Database }} }}>();

route{n}.get("/", async (c) => {{
  const db = createDb(c.env.DB);
  const rows = await db.select().from(table{t}).where(eq(table{t}.status, "open")).limit(20);
  return c.json(rows.map((row) => helper{n}(row.title)));
}});

route{n}.post("/", async (c) => {{
  const db = createDb(c.env.DB);
  const body = await c.req.json();
  await db.insert(table{t}).values({{ title: body.title, status: "open", parentId: body.parentId }});
  // @native-sql: the planner's statistics
  await c.env.DB.prepare("PRAGMA optimize").run();
  return c.json({{ ok: true }}, 201);
}});
"""
HELPER = """export function helper{n}(text: string, options?: {{ separator: string }}): string {{
  const words: string[] = [];
  for (const word of text.split(" ")) {{
    words.push(word.length > {n} ? word.toUpperCase() : word);
  }}
  return words.join(options?.separator ?? "-");
}}
"""


def write_repository(root: Path) -> None:
    """A repository on D1 without a finding."""
    schema = 'import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";\n'
    relations = 'import { relations } from "drizzle-orm";\nimport * as s from "./schema";\n'
    tables = 0
    while len(schema) < SCHEMA_BYTES:
        schema += TABLE.format(n=tables, parent=max(0, tables - 1))
        relations += RELATION.format(n=tables, parent=max(0, tables - 1))
        tables += 1
    routes = "".join(f'import {{ route{n} }} from "./routes/route{n}";\n' for n in range(HANDLERS))
    uses = "".join(f'app.route("/{n}", route{n});\n' for n in range(HANDLERS))
    files = {
        "package.json": '{ "name": "big", "dependencies": { "drizzle-orm": "0.44.0", "hono": "4.0.0" } }',
        "tsconfig.json": '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
        "wrangler.jsonc": '{ "main": "src/index.ts", "d1_databases": [{ "binding": "DB", "database_id": "x" }] }',
        "src/db/schema.ts": schema,
        "src/db/relations.ts": relations,
        "src/db/index.ts": 'import { drizzle } from "drizzle-orm/d1";\nimport * as schema from "./schema";\n'
        'import * as relations from "./relations";\n'
        "export const createDb = (d1: D1Database) => drizzle(d1, { schema: { ...schema, ...relations } });\n",
        "src/index.ts": f'import {{ Hono }} from "hono";\n{routes}const app = new Hono();\n{uses}export default app;\n',
    }
    files |= {f"src/routes/route{n}.ts": HANDLER.format(n=n, t=n % tables) for n in range(HANDLERS)}
    scripts = sum(path.endswith(".ts") for path in files)
    files |= {f"src/lib/helper{n}.ts": HELPER.format(n=n) for n in range(FILES - scripts)}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


class Connection:
    """A language server and the messages to and from it."""

    def __init__(self, root: Path) -> None:
        command = (sys.executable, "-c", "from d1lint.cli import main; main()", "server")
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._sent = 0
        self.request("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
        self.notify("initialized", {})

    def close(self) -> None:
        """End the server."""
        self.request("shutdown", None)
        self.notify("exit", None)
        self._server.wait()

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        """The answer to a request."""
        self._sent += 1
        self._send({"id": self._sent, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._sent and "method" not in message:
                return message["result"]

    def diagnostics(self, path: Path, count: int) -> None:
        """Wait until a file is shown with so many diagnostics."""
        while True:
            params = self._receive().get("params") or {}
            if params.get("uri") == path.as_uri() and len(params["diagnostics"]) == count:
                return

    def _send(self, message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin is not None
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._server.stdin.flush()

    def _receive(self) -> Any:
        assert self._server.stdout is not None
        length = 0
        while (header := self._server.stdout.readline()).strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return json.loads(self._server.stdout.read(length))


def measure(connection: Connection, edited: Path, shown: Path, mark: str, instead: str, runs: int) -> list[float]:
    """The milliseconds until a breach shows, for lines all over a file that are changed, and changed back.

    Each `mark` in a line of `edited` is replaced, which makes one diagnostic in `shown`.
    """
    text = edited.read_text(encoding="utf-8")
    lines = text.split("\n")
    places = [number for number, line in enumerate(lines) if mark in line]
    item = {"uri": edited.as_uri(), "languageId": "typescript", "version": 0, "text": text}
    connection.notify("textDocument/didOpen", {"textDocument": item})
    connection.diagnostics(edited, 0)
    taken = []
    for run in range(runs):
        number = places[(1 + run * 7) % len(places)]
        for new, old, count in (
            (lines[number].replace(mark, instead), lines[number], 1),
            (lines[number], lines[number].replace(mark, instead), 0),
        ):
            time.sleep(PAUSE)
            start, end = {"line": number, "character": 0}, {"line": number, "character": len(old)}
            change = {"range": {"start": start, "end": end}, "text": new}
            document = {"uri": edited.as_uri(), "version": 2 * run + 2 - count}
            started = time.perf_counter()
            connection.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
            connection.diagnostics(shown, count)
            taken.append(1000 * (time.perf_counter() - started))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=25)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write_repository(root)
        schema, relations = root / "src/db/schema.ts", root / "src/db/relations.ts"
        connection = Connection(root)
        route = root / "src/routes/route7.ts"
        for title, edited, shown, mark, instead in (
            (
                "an index is deleted and restored in the schema",
                schema,
                schema,
                ".on(t.parentId)",
                ".on(t.title, t.parentId)",
            ),
            ("a relation is broken and restored in another file", relations, schema, ".parentId]", ".id]"),
            ("a comment is deleted and restored in a route", route, route, "// @native-sql: the", "// the"),
        ):
            taken = measure(connection, edited, shown, mark, instead, runs)
            slow = statistics.quantiles(taken, n=10)[-1]
            print(f"{title}: median {statistics.median(taken):.0f} ms, nine of ten below {slow:.0f} ms")
        connection.close()


if __name__ == "__main__":
    main()
