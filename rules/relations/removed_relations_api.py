"""removed-relations-api: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.relations.removed_api import CALLBACK, OLD_SCHEMA, RELATIONS, WHERE, RemovedApi
from d1lint.rule import finding, rule


@rule(on=RemovedApi, level="error", clauses=["REC-6"], since="0.1")
def removed_relations_api(item: RemovedApi, project: Project) -> Iterator[Finding]:
    """The relations of the older Drizzle, which the installed version has no more."""
    if item.kind == RELATIONS:
        yield finding(
            at=item.span,
            symbol=item.symbol,
            what=f"`relations` is imported from drizzle-orm, which is {item.version} here and has none.",
            why="It is `undefined` there: the build fails, or the Worker does not start.",
            instead=(
                "Declare the relations of all tables in one place:\n"
                'import { defineRelations } from "drizzle-orm";\n'
                "export const relations = defineRelations(schema, (r) => ({\n"
                "  posts: { author: r.one.users({ from: r.posts.authorId, to: r.users.id }) },\n"
                "}));"
            ),
        )
    elif item.kind == WHERE:
        yield finding(
            at=item.span,
            symbol=item.symbol,
            what=f"A relational query is given a condition in SQL, which drizzle-orm {item.version} does not take.",
            why="Its `where` is an object of columns: it takes the condition for one, and throws.",
            instead='Say it by columns, or put the SQL under `RAW`:\nwhere: { id: 1, name: { like: "a%" } }',
        )
    elif item.kind == CALLBACK:
        yield finding(
            at=item.span,
            symbol=item.symbol,
            what=f"A relational query is given a function as `where`, which drizzle-orm {item.version} does not call.",
            why="Its `where` is an object of columns, and a function has none: the condition is dropped without a "
            "word, and the query returns every row.",
            instead='Say it by columns, or put the function under `RAW`:\nwhere: { id: 1, name: { like: "a%" } }',
        )
    elif item.kind == OLD_SCHEMA:
        yield finding(
            at=item.span,
            symbol=item.symbol,
            what=f"`db.query` is asked of a client with `schema` alone, which drizzle-orm {item.version} reads for "
            "`db._query`.",
            why="`db.query` has no tables then: `db.query.users` is undefined, and asking it for rows throws.",
            instead=(
                "Give it what `defineRelations(schema, …)` returns, too:\n"
                'import { relations } from "./relations";\n'
                "const db = drizzle(env.DB, { schema, relations });"
            ),
        )
    else:
        yield finding(
            at=item.span,
            symbol=item.symbol,
            what=f"A client of D1 is given `schema`, which drizzle-orm {item.version} does not read.",
            why="`db.query` has no tables then: `db.query.users` is undefined, and asking it for rows throws.",
            instead=(
                "Give it what `defineRelations(schema, …)` returns:\n"
                'import { relations } from "./relations";\n'
                "const db = drizzle(env.DB, { relations });"
            ),
        )
