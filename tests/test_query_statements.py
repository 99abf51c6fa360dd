"""Queries as SQL: SQLite accepts it, and it filters, joins and sorts as what the real drizzle-orm makes of them."""

from __future__ import annotations

import re

import pytest
from drizzle_queries import Judged, judged_0, judged_1, named

from d1lint.model.queries.plan import Planner
from d1lint.model.queries.statement import NotKnown, Renderer

SAME = named(r"""
all_rows = db.select().from(users)
by_key = db.select().from(users).where(eq(users.id, 1))
by_unknown_value = db.select().from(users).where(eq(users.id, some.id))
by_helper = db.select().from(users).where(byName("x"))
comparisons =
  db.select().from(posts).where(and(ne(posts.id, 1), gt(posts.score, 2), gte(posts.score, 3), lt(posts.id, 4)))
alternatives = db.select().from(users).where(or(eq(users.id, 1), and(eq(users.name, "a"), isNull(users.email))))
one_alternative = db.select().from(users).where(or(eq(users.id, 1)))
no_condition = db.select().from(users).where(and(undefined, undefined))
columns_compared = db.select().from(posts).where(eq(posts.id, posts.authorId))
in_list = db.select().from(users).where(inArray(users.id, [1, 2, 3]))
in_unknown_list = db.select().from(users).where(notInArray(users.id, some.ids))
patterns = db.select().from(users).where(or(like(users.name, "a%"), notLike(users.email, "%b")))
ranges =
  db.select().from(posts).where(and(between(posts.score, 1, 2), notBetween(posts.created, new Date(0), new Date())))
nulls = db.select().from(users).where(and(isNull(users.email), isNotNull(users.managerId)))
negated = db.select().from(users).where(not(eq(users.id, 1)))
negated_list = db.select().from(users).where(not(or(eq(users.id, 1), eq(users.id, 2))!))
template = db.select().from(users).where(sql`lower(${users.name}) = ${"a"}`)
template_in_operator = db.select().from(users).where(eq(sql`lower(${users.name})`, "a"))
ordered = db.select().from(users).orderBy(users.name, desc(users.id), asc(users.email))
ordered_by_template = db.select().from(users).orderBy(sql`length(${users.name}) desc`)
limited = db.select().from(users).where(gt(users.id, 1)).orderBy(desc(users.id)).limit(10)
grouped = db.select({ author: posts.authorId, n: count() }).from(posts).groupBy(posts.authorId).orderBy(posts.authorId)
fields = db.select({ id: users.id, n: { name: users.name } }).from(users).where(eq(users.name, "a"))
distinct = db.selectDistinct({ name: users.name }).from(users).orderBy(users.name)
joined =
  db.select().from(posts).innerJoin(users, eq(posts.authorId, users.id)).where(eq(users.name, "a")).orderBy(posts.id)
left_joined = db.select().from(posts).leftJoin(users, and(eq(posts.authorId, users.id), gt(users.id, 3)))
right_joined = db.select().from(posts).rightJoin(users, eq(posts.authorId, users.id))
full_joined = db.select().from(posts).fullJoin(users, eq(posts.authorId, users.id))
cross_joined = db.select({ id: posts.id }).from(posts).crossJoin(users).where(eq(posts.authorId, users.id))
deleted = db.delete(users).where(and(eq(users.id, 1), isNull(users.email)))
all_deleted = db.delete(users)
updated = db.update(users).set({ name: "a" }).where(or(eq(users.id, 1), inArray(users.name, ["a", "b"])))
""")

ONLY_0 = named(r"""
many = db.query.users.findMany()
first = db.query.users.findFirst({ where: eq(users.email, "a") })
many_by_callback = db.query.users.findMany({ where: (user, { and, gt }) => and(eq(user.name, "a"), gt(user.id, 3)) })
many_ordered = db.query.users.findMany({ orderBy: [desc(users.name), asc(users.id)], limit: 3 })
many_ordered_by_callback =
  db.query.users.findMany({ orderBy: (user, { desc }) => desc(user.name), with: { posts: true } })
""")

ONLY_1 = named(r"""
many = db.query.users.findMany()
by_object = db.query.users.findMany({ where: { id: 1, name: "a" } })
by_operators = db.query.users.findFirst({ where: { id: { gt: 1 }, name: { like: "a%" } } })
ordered_by_callback = db.query.users.findMany({ where: { email: "a" }, orderBy: (user, { desc }) => desc(user.name) })
""")

UNKNOWN = named(r"""
unknown_condition = db.select().from(users).where(some.condition)
unknown_order = db.select().from(users).orderBy(some.order)
condition_in_a_list = db.select().from(users).where(and(eq(users.id, 1), some.condition))
spread_conditions = db.select().from(users).where(and(...some.conditions))
from_subquery = db.select().from(db.select().from(posts).as("p"))
joined_subquery = db.select().from(users).leftJoin(db.select().from(posts).as("p"), sql`true`)
combined = db.select({ id: users.id }).from(users).union(db.select({ id: posts.id }).from(posts))
aliased = db.select().from(users).leftJoin(managers, eq(users.managerId, managers.id))
raw = db.select().from(users).where(sql.raw(some.name))
inserted = db.insert(users).values({ name: "a" })
""")
"""What is not written as SQL, rather than written wrongly."""


@pytest.fixture(scope="module")
def drizzle_0(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    return judged_0(tmp_path_factory.mktemp("0"), {**SAME, **ONLY_0, **UNKNOWN})


@pytest.fixture(scope="module")
def drizzle_1(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    return judged_1(tmp_path_factory.mktemp("1"), {**SAME, **ONLY_1})


@pytest.mark.parametrize("name", [*SAME, *ONLY_0])
def test_it_says_what_drizzle_0_says(name: str, drizzle_0: dict[str, Judged]) -> None:
    _agrees(drizzle_0[name])


@pytest.mark.parametrize("name", [*SAME, *ONLY_1])
def test_it_says_what_drizzle_1_says(name: str, drizzle_1: dict[str, Judged]) -> None:
    _agrees(drizzle_1[name])


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_not_written(name: str, drizzle_0: dict[str, Judged]) -> None:
    case = drizzle_0[name]
    renderer = Renderer(case.project.ev, case.project.queries.table_of)
    with pytest.raises(NotKnown):
        renderer.statement(case.query)


def _agrees(case: Judged) -> None:
    project, query, error, sql = case.project, case.query, case.error, case.sql
    assert error == ""
    statement = Renderer(project.ev, project.queries.table_of).statement(query)
    mine, filters, sorts = statement.text, statement.filter, statement.sort
    assert _normal(mine) == _normal(sql)
    wanted = _clauses(_normal(sql))
    assert (_normal(filters), _normal(sorts)) == (wanted.get("where", ""), wanted.get("order by", ""))
    assert Planner(project.tables).plan(mine) is not None
    assert Planner(project.tables).plan(sql) is not None


def _normal(sql: str) -> str:
    """SQL from its tables on, in one form: keywords in lower case, a list as one placeholder, tables by their names.

    Drizzle gives the tables of relational queries other names, and 1.0 puts each condition into parentheses.
    """
    sql = re.sub(r"\(\s*\?(?:\s*,\s*\?)*\s*\)", "[?]", sql)
    sql = re.sub(r'"[^"]*"|[^"]+', lambda part: part[0] if part[0].startswith('"') else part[0].lower(), sql)
    sql = sql.replace('"users" as "d0"', '"users"').replace('"d0"', '"users"').replace("inner join", "join")
    sql = re.sub(r'^select .* from (?="(?:users|posts)")', "", sql).replace('"users" "users"', '"users"')
    sql = re.sub(r"^update (\S+) set .*? (?=where |$)", r"update \1 ", sql).replace("between ? and ?", "between ?, ?")
    while (plain := re.sub(r"(?<!\w)\(((?:(?! and | or )[^()])*|\([^()]*\))\)", r"\1", sql)) != sql:
        sql = plain
    return re.sub(r"\s+", " ", sql).strip()


def _clauses(sql: str) -> dict[str, str]:
    """The texts of a statement's `where` and `order by`."""
    parts = re.split(r" (where|group by|order by|limit) ", f" {sql} ")
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
