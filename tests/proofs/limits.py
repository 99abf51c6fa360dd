"""The proofs of D1's limits on a statement, and of the targets of upserts."""

from __future__ import annotations

from proofs.proof import Proof, Sees
from proofs.table import calling

USER = '{ email: "a", handle: "b", tenant: "c" }'
MANY_VARIABLES, TOO_DEEP, NO_KEY = "too many SQL variables", "Expression tree is too large", "ON CONFLICT clause does not"
WITH_ROW = ("insert into users (id, code, email) values (1, 'a', 'someone@example.com')",)

LIMITS = [
    *(
        Proof(
            "too-many-parameters",
            bad=Sees(title, fails="request", error=MANY_VARIABLES, worker=calling(bad)),
            good=Sees(good, worker=calling(call), rows=[{"n": rows}]),
            after=(f"select count(*) as n from {table}",),
        )
        for title, bad, good, call, table, rows in (
            ("Rows with defaults", "fill(env)", "As many as fit", "fill(env)", "users", 25),
            ("A list of ids", "read(env)", "As many as fit", "fill(env)", "users", 25),
            ("The limit counts, too", "read(env)", "The list as one parameter, and in a template", "read(env)", "users", 0),
            (
                "Rows that the code makes of a constant list, and an upsert",
                "fill(env, 1)",
                "One batch of many statements",
                "fill(env)",
                "users",
                21,
            ),
        )
    ),
    Proof(
        "too-many-parameters",
        bad=Sees("Rows with defaults", fails="request", error=MANY_VARIABLES),
        good=Sees("SQL defaults bind nothing"),
        worker=calling("fill(env)"),
    ),
    *(
        Proof(
            "expression-depth",
            bad=Sees(title, fails="request", error=TOO_DEEP, worker=calling(call)),
            good=Sees("98 alternatives, and lists", worker=calling('read(env, "a")')),
        )
        for title, call in (
            ("99 alternatives", "read(env)"),
            ("98 of those that are two", "remove(env)"),
            ("Inside of a subquery", "read(env)"),
        )
    ),
    Proof(
        "like-pattern-limit",
        bad=Sees("51 bytes", fails="request", error="LIKE or GLOB pattern too complex"),
        good=Sees("50 bytes, and other comparisons", answer=[{"id": 1, "code": "a", "email": "someone@example.com"}]),
        setup=WITH_ROW,
        worker=calling('read(env, "some")'),
    ),
    Proof(
        "like-pattern-limit",
        bad=Sees("Drizzle 1.0", fails="request", error="LIKE or GLOB pattern too complex", worker=calling("read(env)")),
        good=Sees("50 bytes, and other comparisons", worker=calling('read(env, "some")')),
        setup=WITH_ROW,
    ),
    *(
        Proof(
            "compound-select-limit",
            bad=Sees(title, fails="request", error="too many terms in compound SELECT"),
            good=Sees("Five"),
            worker=calling("read(env)"),
        )
        for title in ("Six in a chain", "As a function, and nested")
    ),
    Proof(
        "compound-select-limit",
        bad=Sees("Six in a chain", fails="request", error="too many terms", worker=calling("read(env)")),
        good=Sees(
            "One of two chains, a batch, and many rows",
            worker=calling("read(env, true)"),
            after=("select count(*) as n from users",),
            rows=[{"n": 7}],
        ),
    ),
    *(
        Proof(
            "upsert-target-not-unique",
            bad=Sees(title, fails="request", error=NO_KEY),
            good=Sees(good, rows=rows),
            worker=calling(f"save(env, {USER})"),
            after=("select name from users",),
        )
        for title, good, rows in (
            ("Not unique, or only with another column", "Keys, constraints and unique indexes, in any order", None),
            ("A partial index without its condition, or with one that is bound", "A partial index with its condition", None),
        )
    ),
    Proof(
        "too-many-columns",
        bad=Sees("A join of two tables", fails="request", error="too many columns in result set"),
        good=Sees("Joins that name their columns, and relations", answer=[[], []]),
        worker=calling("read(env)"),
    ),
]
