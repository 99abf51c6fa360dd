"""Results made by hand for the tests of the reports."""

from dataclasses import replace
from typing import Any

from fake_rules.indexes.unindexed_sample import unindexed_sample
from fake_rules.native_sql.injected_sample import injected_sample

from d1lint.finding import Confidence, Crash, Finding, Label, Level, Span, with_fingerprints
from d1lint.policy import Clause, Policy
from d1lint.result import EnabledRule, Result, Silenced, Summary
from d1lint.source import Source
from d1lint.workspace.problem import Problem

FIGURES = Summary(files=41, tables=12, foreign_keys=9, partial_tables=0, seconds=0.2149, has_d1=True)
ENABLED = (EnabledRule(unindexed_sample, Level.ERROR), EnabledRule(injected_sample, Level.WARNING))


def result(
    files: dict[str, str | bytes],
    *findings: Finding,
    figures: Summary = FIGURES,
    prefix: str = "",
    crashes: tuple[Crash, ...] = (),
    suppressed: int = 0,
    silenced: tuple[Silenced, ...] = (),
    baselined: tuple[Finding, ...] = (),
    stale: int = 0,
    problems: tuple[Problem, ...] = (),
    policies: tuple[Policy, ...] = (),
) -> Result:
    """A finished run of both sample rules over some files, given by path."""
    contents = {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}
    return Result(
        findings=tuple(with_fingerprints(findings)),
        enabled=ENABLED,
        summary=figures,
        source=lambda path: Source(path, contents[path]),
        prefix=prefix,
        crashes=crashes,
        suppressed=suppressed,
        silenced=lambda: silenced,
        baseline=".d1lint-baseline.json" if baselined or stale else "",
        baselined=baselined,
        stale=stale,
        problems=problems,
        policies=lambda: policies,
    )


def span(files: dict[str, str | bytes], file: str, text: str, *, after: str = "") -> Span:
    """The span of the first `text` that follows the first `after` in a file."""
    content = files[file]
    data = content if isinstance(content, bytes) else content.encode()
    start = data.index(text.encode(), data.index(after.encode()))
    return Span(file, start, start + len(text.encode()))


def finding(
    at: Span,
    *related: Label,
    rule: str = "unindexed-sample",
    level: Level = Level.ERROR,
    confidence: Confidence = Confidence.HIGH,
    symbol: str = "posts.author_id",
    what: str = "posts.author_id has no index that leads with it.",
    why: str = "",
    instead: str = "",
    clauses: tuple[str, ...] = (),
) -> Finding:
    """A finding as the engine stamps it."""
    return Finding(
        span=at,
        symbol=symbol,
        what=what,
        why=why,
        instead=instead,
        related=related,
        confidence=confidence,
        level=level,
        rule=rule,
        clauses=clauses,
    )


def undone(prefix: str = "") -> Result:
    """A run that could not be done: a configuration with two problems, the second of which is of the whole file."""
    problems = (
        Problem("d1lint.toml", 3, 'rules.a,b: found "eror", expected 100% of\n"error".'),
        Problem("", None, "/policies/house.toml: found bytes that are not UTF-8, expected a UTF-8 file."),
    )
    nothing = Summary(files=0, tables=0, foreign_keys=0, partial_tables=0, seconds=0.0, has_d1=False)
    return replace(result({}, figures=nothing, prefix=prefix, problems=problems), enabled=())


POLICIES = (
    Policy(
        name="house-style",
        title="How this house builds",
        extends=(),
        raises={},
        clauses=(
            Clause("DS-8", "Names are short.", {}, {}, "A matter of taste."),
            Clause("DS-9", "An index leads with each foreign key.", {}, {}, ""),
        ),
    ),
    Policy("edge", "On the edge", (), {}, (Clause("HD-16", "Foreign keys are indexed.", {}, {}, ""),)),
)
"""Two policies with the clauses that the first sample rule names; none has those of the second."""

SHOP: dict[str, str | bytes] = {
    "src/db/schema.ts": """\
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { users } from './users';

export const posts = sqliteTable(
  'posts',
  {
    id: integer('id').primaryKey(),
    title: text('title').notNull(),
    authorId: integer('author_id').notNull().references(() => users.id),
    editorId: integer('editor_id').references(() => users.id),
  },
  (t) => [index('posts_title_idx').on(t.title, t.authorId)],
);
""",
    "src/db/users.ts": """\
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';

export const users = sqliteTable('users', {
  id: integer('id').primaryKey(),
});
""",
    "src/routes/search.ts": """\
export async function search(db: Db, env: Env, wanted: string) {
\tconst title = '検索 👩‍👩‍👧 cafe\u0301'; return env.DB.prepare(`SELECT * FROM posts WHERE title = '${wanted}'`).all();
}

export const audit = (env: Env, table: string) =>
  env.DB.prepare(
    'SELECT count(*) FROM ' + table,
  ).first();
""",
}
"""A small application with every shape of finding that the text report draws."""


def shop(**options: Any) -> Result:
    """The run over SHOP: findings of all three levels, with related places in the same file and in others."""
    schema, users, search = SHOP
    return result(
        SHOP,
        finding(
            span(SHOP, schema, ".references(() => users.id)", after="authorId"),
            Label(
                span(SHOP, schema, "index('posts_title_idx')"), "this index has author_id, but does not lead with it"
            ),
            Label(span(SHOP, users, "sqliteTable('users'"), "the parent table"),
            why="Every time a user is deleted or changes its id, D1 reads the whole of posts to find its rows, and "
            "bills each row read; joins from users to posts do the same.",
            instead="Add an index to posts:\n(t) => [\n  index('posts_author_id_idx').on(t.authorId),\n]",
            clauses=("HD-16", "DS-9"),
        ),
        finding(
            span(SHOP, schema, "references", after="editorId"),
            Label(span(SHOP, schema, "editorId"), "the column"),
            Label(span(SHOP, schema, "integer", after="editorId"), "its type"),
            level=Level.NOTE,
            symbol="posts.editor_id",
            what="posts.editor_id refers to users.id by a column that nothing in this repository reads.",
            why="An unread column is written for nothing.",
            instead="Drop the column, or read it.",
        ),
        finding(
            span(SHOP, search, "${wanted}"),
            Label(span(SHOP, search, "wanted: string"), "comes from the request"),
            rule="injected-sample",
            level=Level.WARNING,
            confidence=Confidence.MEDIUM,
            symbol="search",
            what="search() puts `wanted` into a statement.",
            why="Whoever sends the request chooses what the statement does.",
            instead="Bind it: `env.DB.prepare('SELECT * FROM posts WHERE title = ?').bind(wanted)`.",
            clauses=("DL-6",),
        ),
        finding(
            span(SHOP, search, "env.DB.prepare(\n    'SELECT count(*) FROM ' + table,\n  )"),
            rule="injected-sample",
            level=Level.WARNING,
            symbol="audit",
            what="audit() puts `table` into a statement.",
            instead="Take the name from a list of known tables.",
            clauses=("DL-6",),
        ),
        **options,
    )
