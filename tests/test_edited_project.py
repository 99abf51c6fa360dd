"""A model after an edit is the one that would be made anew, and only what the edit concerns is made anew."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import write_files
from repository import package, wrangler

from d1lint.lsp.session import Session
from d1lint.registry import Registry
from d1lint.report import schema_json

FIXTURES = Path(__file__).parent.parent / "fixtures"

COLUMNS = """import { integer, text } from "drizzle-orm/sqlite-core";
export const stamps = { createdAt: integer("created_at").notNull() };
export const label = () => text("label");
"""
SCHEMA = """import { index, integer, sqliteTable } from "drizzle-orm/sqlite-core";
import { label, stamps } from "./columns";
export const users = sqliteTable("users", { id: integer("id").primaryKey(), label: label(), ...stamps });
export const posts = sqliteTable(
  "posts",
  { id: integer("id").primaryKey(), userId: integer("user_id").references(() => users.id), ...stamps },
  (t) => [index("posts_user_idx").on(t.userId)],
);
"""
RELATIONS = """import { relations } from "drizzle-orm";
import { posts, users } from "./schema";
export const postsRelations = relations(posts, ({ one }) => ({
  user: one(users, { fields: [posts.userId], references: [users.id] }),
}));
"""
CLIENT = """import { drizzle } from "drizzle-orm/d1";
import * as schema from "./schema";
export const connect = (d1: D1Database) => drizzle(d1, { schema });
"""
ROUTE = """import { connect } from "./client";
import { users } from "./schema";
export const list = async (env: { DB: D1Database }) => await connect(env.DB).select().from(users).limit(10);
"""
WORKER = """import { list } from "./route";
export default { fetch: async (request: Request, env: { DB: D1Database }) => Response.json(await list(env)) };
"""
REPOSITORY = {
    "package.json": package("app", "drizzle-orm@0.44.0"),
    "wrangler.jsonc": wrangler("DB", main="src/index.ts"),
    "d1lint.toml": 'extends = ["recommended"]\n',
    "src/columns.ts": COLUMNS,
    "src/schema.ts": SCHEMA,
    "src/client.ts": CLIENT,
    "src/route.ts": ROUTE,
    "src/index.ts": WORKER,
}
EDITS = [
    "",
    "// d1lint-ignore unindexed-foreign-key",
    "db.select().from(users);",
    'c.set("db", connect(c.env.DB));',
    "stamps.createdAt.unique();",
    "export const more = label().notNull();",
    "Object.assign(users, {});",
    "export default 1;",
    "}",
]


def seen(session: Session) -> dict[str, Any]:
    """All that can be seen of a model."""
    result, project = session.judge(), session.project
    assert result is not None and project is not None
    return {
        "findings": [(f.rule, f.span, f.message, f.level, f.related) for f in result.findings],
        "crashes": result.crashes,
        "schema": schema_json.render(project),
        "clients": [(visit.scope.module, visit.node.start, client.driver) for visit, client in project.clients],
        "queries": [(query.span, query.is_d1) for query in project.queries.all()],
    }


def parses(session: Session, path: str) -> bool:
    assert session.project is not None
    module = session.project.modules.module(path)
    return module is not None and not module.problems


def anew(root: Path, texts: dict[str, bytes]) -> dict[str, Any]:
    session = Session(root, Registry.load())
    session.update(texts, reload=True)
    return seen(session)


@contextmanager
def repository(files: dict[str, str] | Path) -> Iterator[tuple[Path, Session]]:
    """A copy of a repository, and its session with a model that is made."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "app"
        if isinstance(files, Path):
            shutil.copytree(files, root)
        else:
            root.mkdir()
            write_files(root, files)
        session = Session(root, Registry.load())
        session.update({}, reload=True)
        session.judge()
        yield root, session


def edited(text: str, kind: int, where: float, piece: str) -> str:
    """A text with a line more or less, two lines that have changed places, or a word that is another."""
    lines = text.split("\n")
    at = int(where * (len(lines) - 1))
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, piece)
    elif kind == 2:
        lines[at], lines[-1 - at] = lines[-1 - at], lines[at]
    else:
        lines[at] = re.sub(r"[A-Za-z]\w+", lambda word: f"{word[0]}X", lines[at], count=1)
    return "\n".join(lines)


Edit = tuple[float, int, float, str, bool]
edits: st.SearchStrategy[list[Edit]] = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 3), st.floats(0, 1), st.sampled_from(EDITS), st.booleans()),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("name", ["", "shop", "two-databases", "drizzle-v1"])
def test_any_edits_come_to_the_model_that_is_made_anew(name: str) -> None:
    with repository(FIXTURES / name if name else REPOSITORY) as (root, session):
        assert session.project is not None
        files = session.project.workspace.sources

        @given(edits)
        @settings(max_examples=15, deadline=None)
        def check(edits: list[Edit]) -> None:
            texts: dict[str, bytes] = {}
            session.update(texts, reload=False)
            for which, kind, where, piece, is_judged in edits:
                path = files[int(which * (len(files) - 1))]
                text = texts.get(path) or (root / path).read_bytes()
                texts[path] = edited(text.decode(), kind, where, piece).encode()
                session.update(texts, reload=False)
                if is_judged:
                    session.judge({path})
            now = seen(session)
            # A text that does not parse is stood in for by an earlier one, whether a rule names it or not.
            if all(parses(session, path) for path in texts):
                assert now == anew(root, texts)

        check()


# --- what is taken over ------------------------------------------------------------------------------------------


def after(session: Session, path: str, old: str, new: str) -> Any:
    """The model after an edit."""
    assert session.project is not None
    text = session.project.modules.text(path).decode()
    assert old in text
    session.update({path: text.replace(old, new).encode()}, reload=False)
    assert session.judge() is not None
    return session.project


def test_an_edit_of_code_leaves_the_schema_as_it_was() -> None:
    with repository(REPOSITORY) as (_, session):
        assert session.project is not None
        tables, route = session.project.tables, session.project.visits("src/route.ts")
        project = after(session, "src/route.ts", "limit(10)", "limit(20)")
        assert all(now is then for now, then in zip(project.tables, tables, strict=True))
        assert project.visits("src/route.ts") is not route


def test_an_edit_of_the_schema_leaves_what_it_imports() -> None:
    with repository(REPOSITORY) as (_, session):
        assert session.project is not None
        stamps = session.project.ev.exported("src/columns.ts", "stamps")
        project = after(session, "src/schema.ts", '"posts_user_idx"', '"posts_by_user"')
        assert project.ev.exported("src/columns.ts", "stamps") is stamps
        assert [index.name for index in project.tables[1].indexes] == ["posts_by_user"]


def test_an_edit_is_seen_by_all_that_import_what_is_edited() -> None:
    with repository(REPOSITORY) as (_, session):
        project = after(session, "src/columns.ts", 'text("label")', 'text("title")')
        assert [column.name for column in project.tables[0].columns] == ["id", "title", "created_at"]
        [query] = project.queries.all()
        assert [table.name for table in query.tables] == ["users"]
        assert query.tables[0] is project.tables[0]


def test_a_text_that_stays_the_same_changes_nothing() -> None:
    with repository(REPOSITORY) as (_, session):
        assert session.project is not None
        tables = session.project.tables
        project = after(session, "src/schema.ts", "users", "users")
        assert project.tables[0] is tables[0]


def test_what_changes_a_value_of_another_module_is_told_anew_before_and_after() -> None:
    with repository(REPOSITORY) as (root, session):
        changing = "stamps.createdAt.unique();\nexport const list"
        project = after(session, "src/route.ts", "export const list", changing)
        assert project.is_doubtful is False
        after(session, "src/route.ts", 'import { users } from "./schema";', 'import { stamps } from "./columns";')
        text = project.modules.text("src/route.ts")
        assert seen(session) == anew(root, {"src/route.ts": text})
        after(session, "src/route.ts", "stamps.createdAt.unique();", "")
        assert session.project is not None
        assert seen(session) == anew(root, {"src/route.ts": session.project.modules.text("src/route.ts")})


def test_after_many_edits_all_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("d1lint.model.project.MAX_EDITS", 2)
    with repository(REPOSITORY) as (_, session):
        assert session.project is not None
        tables, kept = session.project.tables, []
        for limit in range(10, 14):
            project = after(session, "src/route.ts", f"limit({limit})", f"limit({limit + 1})")
            kept.append(project.tables[0] is tables[0])
            tables = project.tables
        assert kept == [True, True, False, True]


def test_the_findings_of_an_open_schema_come_before_a_look_at_all_the_code() -> None:
    """A type that a rule wakes on, and whose objects are told by all the code, says so: see `looks_everywhere`."""
    routes = {f"src/route{n}.ts": ROUTE.replace("await ", "await db.query.users.findMany(); await ") for n in range(3)}
    with repository({**REPOSITORY, **routes, "src/relations.ts": RELATIONS}) as (root, session):
        assert session.project is not None
        text = (root / "src/schema.ts").read_bytes().replace(b".on(t.userId)", b".on(t.id)")
        session.update({"src/schema.ts": text}, reload=False)
        assert session.judge({"src/schema.ts"}) is not None
        walked = session.project._visits.keys()
        assert "src/client.ts" in walked
        assert walked.isdisjoint({"src/route.ts", *routes})
