"""How many parameters a query binds: the real drizzle-orm counts them."""

from __future__ import annotations

from pathlib import Path

import pytest
from drizzle_queries import Judged, judged_0, judged_1, named
from oracle import project_of
from pages import write_files

from d1lint.model.queries.binds import Count
from d1lint.model.queries.limits import compound_excesses, deep_conditions
from d1lint.model.queries.parameters import parameters_of, rows_of

SAME = named(r"""
one_row = db.insert(users).values({ name: "a" })
one_row_with_null = db.insert(users).values({ name: "a", email: null })
undefined_is_left_out = db.insert(users).values({ name: "a", email: undefined })
three_rows = db.insert(users).values([{ name: "a" }, { name: "b" }, { name: "c" }])
rows_with_different_keys = db.insert(users).values([{ name: "a" }, { name: "b", email: "b" }, { id: 3, name: "c" }])
rows_of_a_constant_map = db.insert(users).values(ids.map((id) => ({ id, name: `user ${id}` })))
every_default = db.insert(filled).values({})
defaults_overridden = db.insert(filled).values({ state: "x", created: null, updated: null, changed: "c" })
default_overridden_with_sql = db.insert(filled).values({ state: sql`upper('x')`, name: sql`${1} || ${2}` })
several_of_every_default = db.insert(filled).values([{}, { name: "a" }, { bound: "c" }])
a_json_value_is_one = db.insert(posts).values({ authorId: 1, title: 't', meta: { a: 1, b: [1, 2] } })
a_json_list_is_one = db.insert(posts).values({ authorId: 1, title: 't', meta: [1, 2, 3] })
upsert =
  db.insert(users)
    .values({ name: "a", email: "e" })
    .onConflictDoUpdate({ target: users.email, set: { name: "b" } })
upsert_with_on_update =
  db.insert(filled)
    .values({ name: "a" })
    .onConflictDoUpdate({ target: filled.id, set: { name: "b" } })
upsert_with_excluded =
  db.insert(users)
    .values({ name: 'a' })
    .onConflictDoUpdate({ target: [users.id], set: { name: sql`excluded.name` } })
upsert_with_conditions =
  db.insert(users)
    .values({ name: "a" })
    .onConflictDoUpdate({ target: users.email, targetWhere: isNotNull(users.email), set: { name: "b",
      managerId: users.id }, setWhere: and(ne(users.name, "c"), gt(users.id, 3)) })
upsert_of_json =
  db.insert(posts)
    .values({ authorId: 1, title: 't' })
    .onConflictDoUpdate({ target: posts.id, set: { meta: { a: 1, b: 2 } } })
conflict_ignored = db.insert(users).values({ name: "a" }).onConflictDoNothing()
insert_returning = db.insert(users).values({ name: "a" }).returning({ id: users.id, twice: sql`${users.id} * ${2}` })
insert_of_select = db.insert(users).select(db.select().from(users).where(eq(users.id, 4)))
update = db.update(users).set({ name: "a" }).where(eq(users.id, 1))
update_to_null = db.update(users).set({ email: null, managerId: undefined })
update_in_sql = db.update(posts).set({ score: sql`${posts.score} + ${1}` }).where(gt(posts.score, 0.5))
update_from_column = db.update(users).set({ managerId: users.id }).where(isNull(users.managerId))
update_with_on_update = db.update(filled).set({ name: "a" }).where(eq(filled.id, "x"))
update_over_on_update = db.update(filled).set({ updated: null, changed: "now", both: "z" })
dates_are_values = db.update(filled).set({ updated: new Date(0), created: new Date() })
update_passes_over_other_keys = db.update(users).set({ name: "a", nickname: "b" } as any)
update_of_json = db.update(posts).set({ meta: { a: [1, 2], b: { c: 3 } } })
update_from_table =
  db.update(users)
    .set({ name: 'a' })
    .from(posts)
    .where(and(eq(posts.authorId, users.id), eq(posts.id, 3)))
delete_with_where = db.delete(users).where(or(eq(users.id, 1), like(users.name, 'a%')))
delete_with_limit = db.delete(users).where(eq(users.id, 1)).orderBy(users.id).limit(5)
delete_returning = db.delete(users).where(eq(users.id, 1)).returning()
select_all = db.select().from(users)
select_where = db.select().from(users).where(and(eq(users.id, 1), ne(users.name, 'x'), undefined))
select_with_unknown_value = db.select().from(users).where(eq(users.id, some.id))
select_by_helper = db.select().from(users).where(byName("x"))
select_fields =
  db.select({ id: users.id, size: sql<number>`length(${users.name}) + ${3}`, n: { e: users.email } })
    .from(users)
select_aggregates =
  db.select({ n: count(), s: sum(posts.score) })
    .from(posts)
    .groupBy(posts.authorId)
    .having(gt(count(), 3))
select_distinct = db.selectDistinct({ name: users.name }).from(users).orderBy(desc(users.name))
limit_and_offset = db.select().from(users).limit(10).offset(20)
offset_of_nothing = db.select().from(users).limit(10).offset(0)
limit_of_nothing = db.select().from(users).limit(0)
placeholders =
  db.select()
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .limit(sql.placeholder('n'))
    .offset(sql.placeholder('o'))
the_last_where = db.select().from(users).$dynamic().where(eq(users.id, 1)).where(inArray(users.id, ids))
in_list = db.select().from(users).where(inArray(users.id, [1, 2, 3, 4]))
in_constant_list = db.select().from(users).where(inArray(users.id, ids))
in_empty_list = db.select().from(users).where(inArray(users.id, []))
not_in_list = db.select().from(users).where(not(notInArray(users.name, ['a', 'b'])))
in_subquery =
  db.select()
    .from(users)
    .where(inArray(users.id, db.select({ id: posts.authorId }).from(posts).where(gt(posts.score, 3))))
like_and_not_like = db.select().from(users).where(or(like(users.name, '%a%'), notLike(users.name, `${some.name}%`)))
between_values =
  db.select()
    .from(posts)
    .where(or(between(posts.score, 1, 2), notBetween(posts.created, new Date(0), new Date())))
between_columns = db.select().from(posts).where(between(posts.score, posts.id, posts.authorId))
null_tests = db.select().from(users).where(and(isNull(users.email), isNotNull(users.name)))
exists_subquery =
  db.select()
    .from(users)
    .where(exists(db.select().from(posts).where(and(eq(posts.authorId, users.id), eq(posts.title, 't')))))
not_exists = db.select().from(users).where(notExists(db.select({ one: sql`${1}` }).from(posts)))
scalar_subquery =
  db.select()
    .from(users)
    .where(eq(users.id, db.select({ id: posts.authorId }).from(posts).where(eq(posts.id, 9)).limit(1)))
joined =
  db.select()
    .from(posts)
    .innerJoin(users, and(eq(posts.authorId, users.id), eq(users.name, 'a')))
    .leftJoin(managers, eq(users.managerId, managers.id))
cross_joined = db.select({ a: users.id }).from(users).crossJoin(posts).where(eq(posts.id, users.id))
joined_subquery =
  db.select({ id: users.id })
    .from(users)
    .leftJoin(db.select().from(posts).where(gt(posts.score, 5)).as('p'), sql`true`)
from_subquery = db.select().from(db.select().from(posts).where(gt(posts.score, 5)).limit(3).as('p')).limit(2)
template = db.select().from(users).where(sql`${users.name} = ${'a'} and ${users.id} in ${[1, 2, 3]}`)
template_in_operator = db.select().from(users).where(eq(sql`lower(${users.name})`, 'a'))
template_around_operator = db.select().from(users).where(sql`not ${eq(users.id, 4)} and ${undefined}`)
raw_text = db.select().from(users).where(sql.raw("name = 'a'"))
order_in_sql =
  db.select()
    .from(users)
    .orderBy(sql`case when ${users.name} = ${'a'} then ${0} else ${1} end`, asc(users.id))
where_callback = db.select().from(users).orderBy((fields) => [asc(users.name)])
limit_before_union =
  db.select({ id: users.id })
    .from(users)
    .limit(3)
    .unionAll(db.select({ id: posts.id }).from(posts).where(eq(posts.id, 1)))
    .limit(4)
union_of_three =
  union(db.select({ id: users.id }).from(users).where(eq(users.id, 1)),
      db.select({ id: users.id }).from(users), db.select({ id: users.id }).from(users).where(eq(users.id, 2)))
counted = db.$count(users, and(eq(users.id, 1), gt(users.id, 2)))
count_among_fields = db.select({ id: users.id, n: db.$count(posts, eq(posts.id, 3)) }).from(users)
raw_run = db.run(sql`update users set name = ${'a'} where id = ${3}`)
custom_type_in_sql = db.select().from(users).where(sql`${odd.shout} = ${'x'}`)
cte =
  (() => { const recent = db.$with('recent').as(db.select().from(posts).where(gt(posts.id,
      3))); return db.with(recent).select().from(recent).limit(2); })()
""")

ONLY_0 = named(r"""
find_many = db.query.users.findMany()
find_first = db.query.users.findFirst()
find_first_has_its_own_limit = db.query.users.findFirst({ limit: 5, offset: 3 } as any)
find_where = db.query.users.findMany({ where: and(eq(users.id, 1), like(users.name, 'a%')), limit: 5, offset: 10 })
find_where_callback =
  db.query.users.findFirst({ where: (user, { eq, and }) => and(eq(user.id, 1), eq(user.name, 'x')) })
find_with_many = db.query.users.findMany({ with: { posts: true } })
find_with_one = db.query.posts.findMany({ with: { author: true } })
find_with_nested =
  db.query.users.findFirst({ where: eq(users.id, 3), with: { posts: { where: gt(posts.score, 2), limit: 3,
      orderBy: desc(posts.id), with: { author: { with: { manager: true } } } },
      manager: { columns: { name: true } } } })
find_without_relation = db.query.users.findMany({ with: { posts: false as any, manager: undefined } })
find_with_extras = db.query.users.findMany({ extras: { size: sql`length(${users.name}) + ${1}`.as('size') } })
find_with_extras_callback =
  db.query.users.findMany({ extras: (user, { sql }) => ({ size: sql`${user.id} + ${1}`.as('size') }) })
find_ordered = db.query.users.findMany({ orderBy: [desc(users.name), asc(users.id)], columns: { id: true } })
find_ordered_callback = db.query.users.findMany({ orderBy: (user, { desc }) => [desc(user.name)], offset: 0 })
find_in_list = db.query.users.findMany({ where: inArray(users.id, ids) })
""")

ONLY_1 = named(r"""
find_many = db.query.users.findMany()
find_first = db.query.users.findFirst({ offset: 0 })
find_by_object = db.query.users.findMany({ where: { id: 1, name: 'a' }, limit: 3, orderBy: { id: 'desc' } })
find_by_operators =
  db.query.users.findMany({ where: { id: { gt: 1, lte: 9 }, name: { like: 'a%' }, email: { isNull: true } } })
find_by_lists = db.query.users.findMany({ where: { id: { in: [1, 2, 3], notIn: [4] } } })
find_by_alternatives =
  db.query.users.findMany({ where: { OR: [{ id: 1 }, { name: { OR: [{ eq: 'a' }, { like: 'b%' }] } }],
      NOT: { id: 3 } } })
find_by_raw = db.query.users.findMany({ where: { RAW: (user) => sql`${user.id} = ${3}` } })
""")

OPEN = named(r"""
rows_of_unknown_length = db.insert(users).values(some.ids.map((id: number) => ({ id, name: 'a' })))
one_unknown_row = db.insert(users).values(some.row)
row_with_spread = db.insert(filled).values({ ...some.row, state: "x" })
set_with_spread = db.update(filled).set({ ...some.row })
unknown_list = db.select().from(users).where(inArray(users.id, some.ids))
unknown_offset = db.select().from(users).limit(5).offset(some.id - 7)
condition_that_may_be_missing = db.select().from(users).where(some.nothing ? eq(users.id, 1) : undefined)
spread_conditions = db.select().from(users).where(and(...(some.ids as number[]).map((id) => eq(users.id, id))))
list_in_template = db.select().from(users).where(sql`${users.id} in ${some.ids}`)
value_in_template = db.select().from(users).where(sql`${users.id} = ${some.id}`)
identifier_in_template = db.select().from(users).where(sql`${sql.identifier('name')} = ${'a'} and ${some.id}`)
joined_template =
  db.select()
    .from(users)
    .where(sql`${users.id} in (${sql.join(some.ids.map((id: number) => sql`${id}`), sql`, `)})`)
alias_named_again =
  (() => { const size = sql`length(${users.name}) + ${3}`.as('size'); return db.select({ size
      }).from(users).orderBy(desc(size)); })()
custom_type = db.insert(odd).values({ shout: 'x' })
custom_type_compared = db.select().from(odd).where(eq(odd.shout, 'x'))
step_on_a_variable =
  (() => { let query = db.select().from(users).$dynamic(); if (some.id) query = query.where(eq(users.id,
      1)); return query; })()
""")


@pytest.fixture(scope="module")
def drizzle_0(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    return judged_0(tmp_path_factory.mktemp("0"), {**SAME, **ONLY_0, **OPEN})


@pytest.fixture(scope="module")
def drizzle_1(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    return judged_1(tmp_path_factory.mktemp("1"), {**SAME, **ONLY_1, **OPEN})


@pytest.mark.parametrize("name", [*SAME, *ONLY_0])
def test_drizzle_0_binds_as_many(name: str, drizzle_0: dict[str, Judged]) -> None:
    _is_exactly(drizzle_0[name])


@pytest.mark.parametrize("name", [*SAME, *ONLY_1])
def test_drizzle_1_binds_as_many(name: str, drizzle_1: dict[str, Judged]) -> None:
    _is_exactly(drizzle_1[name])


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_wholly_known_binds_at_least_as_many(
    name: str, drizzle_0: dict[str, Judged], drizzle_1: dict[str, Judged]
) -> None:
    for case in (drizzle_0[name], drizzle_1[name]):
        error, params = case.error, case.params
        found = parameters_of(case.query, case.project.ev)
        assert error == ""
        assert not found.is_exact
        assert found.least <= params


def _is_exactly(case: Judged) -> None:
    error, sql, wanted = case.error, case.sql, Count(case.params)
    found = parameters_of(case.query, case.project.ev)
    assert (error, found) == ("", wanted), sql


def test_the_row_that_binds_most_says_how_many_fit(drizzle_0: dict[str, Judged]) -> None:
    def rows(name: str) -> tuple[int, int | None, int]:
        case = drizzle_0[name]
        found = rows_of(case.query, case.project.ev)
        assert found is not None
        return found.per_row.least, found.count, found.fit

    assert rows("rows_with_different_keys") == (2, 3, 50)
    assert rows("several_of_every_default") == (10, 3, 10)
    assert rows("rows_of_unknown_length")[1:] == (None, 100)


ENDLESS = """
import { and, inArray, or, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";

const users = sqliteTable("users", { id: integer().primaryKey() });
const db = drizzle({} as D1Database, { schema: { users } });

export async function read() {
  const list: any[] = [1];
  list.push(list);
  const fields: any = { id: users.id };
  fields.fields = fields;
  const config: any = { with: {} };
  config.with.users = config;
  config.where = config;
  await db.select(fields).from(users).where(inArray(users.id, list));
  await db.query.users.findMany(config);
  let text = sql`a`, condition: any = sql`${1}`, query: any = db.select().from(users), nested: any = query;
  %s
  await db.select().from(users).where(text).orderBy(condition);
  await query;
  await nested;
}
"""
DOUBLED = """
  text = sql`${text}${text}`;
  condition = or(and(condition, condition), condition);
  query = query.union(query);
  nested = db.select({ id: users.id }).from(users).where(or(inArray(users.id, nested), inArray(users.id, nested)));
"""


def test_what_holds_itself_and_what_doubles_comes_to_an_end(tmp_path: Path) -> None:
    write_files(tmp_path, {"src/index.ts": ENDLESS % (DOUBLED * 30)})
    project = project_of(tmp_path)
    queries = list(project.queries.all())
    assert len(queries) > 30
    for query in queries:
        parameters_of(query, project.ev)
        list(deep_conditions(query, project))
        compound_excesses(query)
        project.plans.planned(query)
