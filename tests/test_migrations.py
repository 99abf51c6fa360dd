"""The indexes that a database's SQL leaves, and what that SQL can not do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from repository import MONOREPO, Files, package, project, wrangler

from d1lint.model.sql_statements import statements

APP = package("app", "drizzle-orm@0.45.2")
SCHEMA = """
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer().primaryKey() });
export const posts = sqliteTable("posts", {
    id: integer().primaryKey(),
    author_id: integer().references(() => users.id),
});
"""
KIT = 'export default { dialect: "sqlite", driver: "d1-http", schema: "./src/schema.ts" };'
REPOSITORY = {"package.json": APP, "wrangler.jsonc": wrangler("DB"), "src/schema.ts": SCHEMA}
TABLES = """CREATE TABLE `users` (`id` integer PRIMARY KEY);
--> statement-breakpoint
CREATE TABLE `posts` (`id` integer PRIMARY KEY, `author_id` integer REFERENCES `users`(`id`));
"""
INDEX = "CREATE INDEX `posts_author_idx` ON `posts` (`author_id`);\n"
REBUILD = """PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_posts` (`id` integer PRIMARY KEY, `author_id` integer);--> statement-breakpoint
INSERT INTO `__new_posts` SELECT `id`, `author_id` FROM `posts`;--> statement-breakpoint
DROP TABLE `posts`;--> statement-breakpoint
ALTER TABLE `__new_posts` RENAME TO `posts`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
"""
TOML = '[[d1_databases]]\nbinding = "DB"\nmigrations_dir = "dev"\n[[env.live.d1_databases]]\nbinding = "DB"\n'

FOLDERS: dict[str, tuple[Files, bool]] = {
    "drizzle-kit's, for 0.x": (
        {"drizzle.config.ts": KIT, "drizzle/0000_a.sql": TABLES, "drizzle/0001_b.sql": INDEX},
        True,
    ),
    "drizzle-kit's, for 1.0": (
        {
            "drizzle.config.ts": KIT,
            "drizzle/20260101120000_a/migration.sql": TABLES,
            "drizzle/20260102120000_b/migration.sql": INDEX,
        },
        True,
    ),
    "drizzle-kit's, where the configuration says": (
        {"drizzle.config.ts": KIT.replace("};", 'out: "./db/out" };'), "db/out/0000_a.sql": TABLES + INDEX},
        True,
    ),
    "wrangler's own": ({"migrations/0001_a.sql": TABLES, "migrations/0002_b.sql": INDEX}, True),
    "wrangler's, where the configuration says": (
        {"wrangler.toml": TOML.partition("[[env")[0], "dev/0001_a.sql": TABLES + INDEX},
        True,
    ),
    "an environment's": (
        {"wrangler.toml": TOML + 'migrations_dir = "live"\n', "live/0001_a.sql": TABLES + INDEX},
        True,
    ),
    "one of two environments', whatever the other drops": (
        {
            "wrangler.toml": TOML + 'migrations_dir = "live"\n',
            "live/0001_a.sql": TABLES + INDEX,
            "dev/0001_a.sql": TABLES + INDEX + "DROP INDEX posts_author_idx;",
        },
        True,
    ),
    "in the order of their numbers": (
        {
            "drizzle.config.ts": KIT,
            "drizzle/1_a.sql": TABLES + INDEX,
            "drizzle/9_b.sql": "DROP INDEX posts_author_idx;",
            "drizzle/10_c.sql": INDEX,
        },
        True,
    ),
    "a file that nothing names": ({"sql/indexes.sql": INDEX}, True),
    "a file that nothing names, commented out": ({"sql/indexes.sql": f"-- {INDEX}/* {INDEX} */"}, False),
    "a file that nothing names, over an expression": (
        {"sql/indexes.sql": "CREATE INDEX i ON posts (abs(author_id));"},
        False,
    ),
    "a file that nothing names, with its database": ({"sql/i.sql": "create index main.i on posts (author_id)"}, True),
    "code": ({"src/setup.ts": "export const setup = (d1) => d1.exec('CREATE INDEX i ON posts (author_id)');"}, True),
    "another package's": (
        {
            "package.json": MONOREPO,
            "src/schema.ts": "",
            "apps/one/package.json": APP,
            "apps/one/src/schema.ts": SCHEMA,
            "apps/two/package.json": package("two"),
            "apps/two/indexes.sql": INDEX,
        },
        False,
    ),
    "none": ({"drizzle.config.ts": KIT, "drizzle/0000_a.sql": TABLES}, False),
}

SCRIPTS: dict[str, tuple[str, bool]] = {
    "an index": (INDEX, True),
    "an index without a final semicolon": (INDEX.rstrip(";\n"), True),
    "a unique index": ("CREATE UNIQUE INDEX i ON posts (author_id);", True),
    "a descending one with more columns": ("CREATE INDEX i ON posts (author_id DESC, id);", True),
    "one that leads with another column": ("CREATE INDEX i ON posts (id, author_id);", False),
    "one over an expression": ("CREATE INDEX i ON posts (abs(author_id));", False),
    "one that may be there already": ("CREATE INDEX IF NOT EXISTS i ON posts (author_id);", True),
    "a dropped one": (INDEX + "DROP INDEX posts_author_idx;", False),
    "one that a rebuild loses": (INDEX + REBUILD, False),
    "one that a rebuild makes again": (INDEX + REBUILD + INDEX, True),
    "a unique constraint": ("DROP TABLE posts; CREATE TABLE posts (id integer, author_id integer UNIQUE);", True),
    "for the keys that are there": ("CREATE INDEX i ON posts (author_id) WHERE author_id IS NOT NULL;", True),
    "for the keys that are there, quoted": (
        'CREATE INDEX i ON posts ("author_id") WHERE "posts"."author_id" is not null;',
        True,
    ),
    "for the keys that are there, in brackets": (
        "CREATE INDEX i ON posts (author_id) WHERE (author_id NOT NULL);",
        True,
    ),
    "for the keys that are there, in short": ("CREATE INDEX i ON posts (author_id) WHERE author_id NOTNULL;", True),
    "for the keys that are there, with a comment": (
        "CREATE INDEX i ON posts (author_id) WHERE author_id IS NOT NULL -- the others\n;",
        True,
    ),
    "for some of the keys that are there": (
        "CREATE INDEX i ON posts (author_id) WHERE id > 1 AND author_id IS NOT NULL;",
        False,
    ),
    "for the rows that have something else": ("CREATE INDEX i ON posts (author_id) WHERE id IS NOT NULL;", False),
    "for some rows": ("CREATE INDEX i ON posts (author_id) WHERE author_id > 3;", False),
    "one behind statements that fail": ("ALTER TABLE nope ADD x;\nSELECT 1 FROM;\nCREATE nonsense;\n" + INDEX, True),
    "one behind a trigger": (
        "CREATE TRIGGER t AFTER INSERT ON posts BEGIN\n"
        "  UPDATE users SET id = CASE WHEN id > 1 THEN 1 ELSE 2 END; -- END;\n"
        "  DELETE FROM users WHERE id = 2;\nEND;\n" + INDEX,
        True,
    ),
    "one behind semicolons that end nothing": ("INSERT INTO t VALUES ('a;b''c');\n-- it's;\n/* ' ; */" + INDEX, True),
    "one in a transaction": ("BEGIN TRANSACTION;\n" + INDEX + "COMMIT;", True),
    "one that is rolled back": ("BEGIN TRANSACTION;\n" + INDEX + "ROLLBACK;", False),
    "one in a comment": ("-- " + INDEX, False),
    "one behind a quote without an end, in the statement before": ("CREATE TABLE t (a DEFAULT 'x);\n-->", False),
}


def covering(folder: Path, files: Files) -> bool:
    model = project(folder, {**REPOSITORY, **files})
    (posts,) = [table for table in model.tables if table.name == "posts"]
    found = posts.foreign_keys[0].covering_index() is not None
    assert model.crashes == []
    return found


@pytest.mark.parametrize(("files", "expected"), [pytest.param(*case, id=name) for name, case in FOLDERS.items()])
def test_a_folder_counts(files: Files, expected: bool, tmp_path: Path) -> None:
    assert covering(tmp_path, files) is expected


@pytest.mark.parametrize(("script", "expected"), [pytest.param(*case, id=name) for name, case in SCRIPTS.items()])
def test_a_script_leaves(script: str, expected: bool, tmp_path: Path) -> None:
    assert covering(tmp_path, {"drizzle.config.ts": KIT, "drizzle/0000_a.sql": TABLES + script}) is expected


def test_marks_and_line_ends_of_windows_do_not_matter(tmp_path: Path) -> None:
    script = b"\xef\xbb\xbf" + (TABLES + INDEX).replace("\n", "\r\n").encode()
    assert covering(tmp_path, {"drizzle.config.ts": KIT, "drizzle/0000_a.sql": script})


def test_a_mark_before_an_index_does_not_matter(tmp_path: Path) -> None:
    files = {"drizzle/0000_a.sql": TABLES, "drizzle/0001_b.sql": b"\xef\xbb\xbf" + INDEX.encode()}
    assert covering(tmp_path, {"drizzle.config.ts": KIT, **files})


def test_an_index_knows_its_migration(tmp_path: Path) -> None:
    files = {"drizzle.config.ts": KIT, "drizzle/0000_a.sql": TABLES, "drizzle/0001_b.sql": INDEX}
    model = project(tmp_path, {**REPOSITORY, **files})
    (posts,) = [table for table in model.tables if table.name == "posts"]
    index = posts.foreign_keys[0].covering_index()
    assert index is not None
    assert (index.name, index.migration) == ("posts_author_idx", "drizzle/0001_b.sql")


@pytest.mark.parametrize(
    "attempt",
    [
        "ATTACH '{file}' AS x; CREATE TABLE x.y (a);",
        "VACUUM INTO '{file}';",
        "CREATE TABLE t AS SELECT writefile('{file}', 1);",
    ],
    ids=["ATTACH", "VACUUM INTO", "writefile"],
)
def test_a_migration_reaches_no_file(attempt: str, tmp_path: Path) -> None:
    file = tmp_path / "written"
    script = TABLES + attempt.format(file=file) + INDEX
    assert covering(tmp_path / "project", {"drizzle.config.ts": KIT, "drizzle/0000_a.sql": script})
    assert not file.exists()


HOSTILE = {
    "a query without an end": (
        "CREATE TABLE t AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c;"
    ),
    "a table without an end": (
        "CREATE TABLE t AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c;"
    ),
    "a value that fills the memory": "CREATE TABLE t AS SELECT zeroblob(2000000000), printf('%1000000000d', 1);",
    "rows without an end": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c;",
    "semicolons in a text without an end": "CREATE TABLE t (a DEFAULT '" + ";" * 2_000_000,
    "a trigger without an end": "CREATE TRIGGER t AFTER INSERT ON posts BEGIN " + "SELECT 1; " * 300_000,
    "a comment without an end": "/* " * 1_000_000,
    "expressions in expressions": "CREATE TABLE t AS SELECT " + "(" * 20_000 + "1" + ")" * 20_000 + ";",
    "statements that fail": "DROP TABLE nope;" * 100_000,
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_script_comes_to_an_end(script: str, tmp_path: Path) -> None:
    files = {"drizzle/0000_a.sql": TABLES + INDEX, "drizzle/0001_b.sql": script}
    started = time.process_time()
    assert covering(tmp_path, {"drizzle.config.ts": KIT, **files})
    assert time.process_time() - started < 60  # it ends


def test_a_query_without_an_end_does_not_keep_later_migrations_from_counting(tmp_path: Path) -> None:
    files = {"drizzle/0000_a.sql": TABLES, "drizzle/0001_b.sql": HOSTILE["a query without an end"]}
    assert covering(tmp_path, {"drizzle.config.ts": KIT, **files, "drizzle/0002_c.sql": INDEX})


def test_what_is_too_large_is_data(tmp_path: Path) -> None:
    data = "INSERT INTO users VALUES (1);\n" * 300_000
    files = {"drizzle/0000_a.sql": TABLES + INDEX, "drizzle/0001_b.sql": data}
    assert covering(tmp_path, {"drizzle.config.ts": KIT, **files})


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02\xff\xfe", INDEX.encode("utf-16"), b"CREATE TABLE t (a\x00b);", b"\xff" * 1000, b""]
)
def test_what_is_no_text_changes_nothing(data: bytes, tmp_path: Path) -> None:
    files = {"drizzle/0000_a.sql": TABLES + INDEX, "drizzle/0001_b.sql": data}
    assert covering(tmp_path, {"drizzle.config.ts": KIT, **files})


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", []),
        (" ;; \n;", []),
        ("SELECT 1; SELECT 2", ["SELECT 1;", "SELECT 2"]),
        (
            "SELECT ';'; SELECT \";\"; SELECT `;`; SELECT [;];",
            ["SELECT ';';", 'SELECT ";";', "SELECT `;`;", "SELECT [;];"],
        ),
        ("SELECT 'it''s;'; SELECT 2;", ["SELECT 'it''s;';", "SELECT 2;"]),
        ("SELECT 1 -- ;\n; /* ; */ SELECT 2;", ["SELECT 1  \n;", "SELECT 2;"]),
        ("SELECT '-- no comment'; SELECT '/*'; SELECT 3;", ["SELECT '-- no comment';", "SELECT '/*';", "SELECT 3;"]),
        ("SELECT 'open; --> statement-breakpoint\nSELECT 2;", ["SELECT 'open;", "SELECT 2;"]),
        (
            "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END; SELECT 3;",
            ["CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;", "SELECT 3;"],
        ),
    ],
)
def test_a_script_is_taken_apart(script: str, expected: list[str]) -> None:
    assert [statement.strip() for statement in statements(script)] == expected
