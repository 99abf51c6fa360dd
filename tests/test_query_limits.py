"""D1's limits: SQLite, with those of D1, is asked about what the real drizzle-orm makes of a query."""

from __future__ import annotations

import apsw
import pytest
from drizzle_queries import Judged, judged_0, judged_1

from d1lint.model.queries.limits import compound_excesses, deep_conditions

TABLES = "create table users (id, name, email, manager_id); create table posts (id, author_id)"
D1 = {apsw.SQLITE_LIMIT_EXPR_DEPTH: 100, apsw.SQLITE_LIMIT_COMPOUND_SELECT: 5}


def _listed(text: str, count: int) -> str:
    return ",\n  ".join([text] * count)


INNER = "db.select({ id: posts.authorId }).from(posts).where(eq(posts.authorId, users.id))"
CONDITIONS = {
    "eq": "eq(users.id, 1)",
    "eq_of_columns": "eq(users.id, users.managerId)",
    "null": "isNull(users.email)",
    "like": "like(users.name, 'a')",
    "not_like": "notLike(users.name, 'a')",
    "between": "between(users.id, 1, 2)",
    "not_between": "notBetween(users.id, 1, 2)",
    "in_list": "inArray(users.id, [1, 2])",
    "not_in_list": "notInArray(users.id, [1, 2])",
    "negated": "not(eq(users.id, 1))",
    "pair": "and(eq(users.id, 1), isNull(users.email))",
    "exists": f"exists({INNER})",
    "not_exists": f"notExists({INNER})",
    "in_query": f"inArray(users.id, {INNER})",
    "eq_query": f"eq(users.id, {INNER})",
}
MOST = dict.fromkeys(CONDITIONS, 98) | {
    **dict.fromkeys(("not_like", "not_between", "not_in_list", "negated", "pair"), 97),
    **dict.fromkeys(("exists", "in_query"), 94),
    **dict.fromkeys(("not_exists", "eq_query"), 93),
}
"""How many of a condition fit into one `or`."""

DEPTHS = {
    f"{name}_{count}": f"db.select().from(users).where(or({_listed(condition, count)}))"
    for name, condition in CONDITIONS.items()
    for count in (MOST[name], MOST[name] + 1)
} | {
    f"nested_{count}": f"db.delete(users).where(and(eq(users.id, 1), or({_listed('eq(users.id, 1)', count)})))"
    for count in (97, 98)
}

SELECT = "db.select({ id: users.id }).from(users)"
COMPOUNDS = {
    "chain_5": SELECT + f".union({SELECT})" * 4,
    "chain_6": SELECT + f".unionAll({SELECT})" * 5,
    "nested_5": f"{SELECT}.union({SELECT}.except({SELECT})).intersect({SELECT}.union({SELECT}))",
    "nested_6": f"{SELECT}.union({SELECT}.except({SELECT}).union({SELECT})).intersect({SELECT}.union({SELECT}))",
    "function_5": f"union({_listed(SELECT, 5)})",
    "function_6": f"union({_listed(SELECT, 6)})",
}


@pytest.fixture(scope="module", params=[judged_0, judged_1], ids=["drizzle 0", "drizzle 1"])
def queries(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    found: dict[str, Judged] = request.param(tmp_path_factory.mktemp("queries"), {**DEPTHS, **COMPOUNDS})
    return found


@pytest.mark.parametrize("name", DEPTHS)
def test_a_condition_is_too_deep_where_sqlite_says_so(name: str, queries: dict[str, Judged]) -> None:
    case = queries[name]
    too_deep, refusal = len(list(deep_conditions(case.query, case.project))), _refusal(case.sql)
    assert (too_deep == 1) == ("Expression tree is too large" in refusal)
    assert too_deep == int(not name.endswith(f"_{MOST.get(name.rpartition('_')[0], 97)}"))


@pytest.mark.parametrize("name", COMPOUNDS)
def test_a_compound_has_too_many_terms_where_sqlite_says_so(name: str, queries: dict[str, Judged]) -> None:
    case = queries[name]
    sizes, refusal = [excess.size for excess in compound_excesses(case.query)], _refusal(case.sql)
    assert (sizes == [6]) == ("too many terms in compound SELECT" in refusal)
    assert sizes == ([6] if name.endswith("_6") else [])


def _refusal(sql: str) -> str:
    """What SQLite says where it refuses a statement."""
    connection = apsw.Connection(":memory:")
    connection.execute(TABLES)
    for limit, value in D1.items():
        connection.limit(limit, value)
    try:
        connection.execute(f"explain {sql}", [1] * sql.count("?"))
    except apsw.Error as error:
        return str(error)
    return ""
