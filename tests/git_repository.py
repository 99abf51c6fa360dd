"""A small repository with commits of its own, and what breaches each of the five rules in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from repository import package, wrangler
from test_packaging import ROOT, tree

REPOSITORY = {
    "package.json": package("shop", "drizzle-orm@0.45.4"),
    "wrangler.jsonc": wrangler("DB"),
    "src/db/schema.ts": """\
import { index, integer, sqliteTable } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer().primaryKey() });
export const posts = sqliteTable(
  "posts",
  { id: integer().primaryKey(), author: integer().references(() => users.id) },
  (t) => [index("posts_author_idx").on(t.author)],
);
export const tags = sqliteTable(
  "tags",
  { id: integer().primaryKey(), post: integer().references(() => posts.id) },
  (t) => [index("tags_post_idx").on(t.post)],
);
""",
    "src/db/relations.ts": """\
import { relations } from "drizzle-orm";
import { posts, users } from "./schema";
export const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.author], references: [users.id] }),
}));
""",
    "src/db/tags.ts": """\
import { relations } from "drizzle-orm";
import { posts, tags } from "./schema";
export const tagsRelations = relations(tags, ({ one }) => ({
  post: one(posts, { fields: [tags.post], references: [posts.id] }),
}));
""",
    "src/db/index.ts": 'export * from "./schema";\nexport * from "./relations";\nexport * from "./tags";\n',
    "src/index.ts": """\
import { drizzle } from "drizzle-orm/d1";
import * as schema from "./db";
interface Env { DB: D1Database }
export default { fetch: (_: Request, env: Env) => drizzle(env.DB, { schema }).query.posts.findMany({ with: {} }) };
""",
}
SCHEMA, INDEX = REPOSITORY["src/db/schema.ts"], REPOSITORY["src/index.ts"]
UNINDEXED = SCHEMA.replace('index("posts_author_idx").on(t.author)', "")
BREACHES = {
    "foreign-dialect": ("src/db/schema.ts", f'import {{ pgTable, text }} from "drizzle-orm/pg-core";\n{SCHEMA}'
                        'export const coupons = pgTable("coupons", { code: text() });\n'),
    "global-client": ("src/index.ts", f"{INDEX}export const db = drizzle(process.env.DB as unknown as D1Database);\n"),
    "missing-relation": ("src/db/schema.ts", SCHEMA.replace("author: integer()",
                         "editor: integer().unique().references(() => users.id), author: integer()")),
    "unindexed-foreign-key": ("src/db/schema.ts", UNINDEXED),
    "unjustified-native-sql": ("src/index.ts", f"{INDEX}export const report = (env: Env) =>"
                               ' env.DB.prepare("SELECT count(*) FROM posts").first();\n'),
}  # fmt: skip


class Repository:
    """A repository on disk. `git` and `pre_commit` return what is printed, on either stream."""

    def __init__(self, root: Path, **more: str) -> None:
        """`more` are environment variables."""
        self.root = root
        self._environment = environment() | more

    def run(self, *command: str, code: int | None = 0) -> str:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout
        return done.stdout

    def git(self, *arguments: str, code: int | None = 0) -> str:
        return self.run("git", *arguments, code=code)

    def pre_commit(self, *arguments: str, code: int = 0) -> str:
        return self.run(sys.executable, "-m", "pre_commit", *arguments, code=code)

    def write(self, files: Mapping[str, str]) -> None:
        for path, content in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(content, encoding="utf-8")

    def commit(self, files: Mapping[str, str], *, code: int = 0) -> str:
        """Write files and commit them, and all that is staged."""
        self.write(files)
        self.git("add", "--", *files)
        return self.git("commit", "--message", "Change", code=code)


def environment() -> dict[str, str]:
    """That of this process, for a git without the user's own settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHONPATH"))}
    return {
        **inherited,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "test@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }


def copy_of_this_repository(folder: Path) -> None:
    """Its files as they are now, without those that git ignores."""
    for path in tree():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
