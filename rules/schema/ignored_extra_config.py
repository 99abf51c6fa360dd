"""ignored-extra-config: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.project import Project
from d1lint.model.schema import BARE, IN_ARRAY, IN_OBJECT, NOTHING, LostConstraint
from d1lint.rule import finding, rule


@rule(on=LostConstraint, level="error", clauses=["REC-6", "DS-12"], since="0.1")
def ignored_extra_config(lost: LostConstraint, project: Project) -> Iterator[Finding]:
    """An index or a constraint that Drizzle drops without a word."""
    table = lost.table
    named = f" `{lost.name}`" if lost.name else ""
    yield finding(
        at=lost.span,
        symbol=f"{table.name}.{lost.name}" if lost.name else table.name,
        what=_what(lost, f"The {lost.kind}{named} of `{table.name}`"),
        why=_why(lost, project.is_v1(table)),
        instead=_instead(lost),
        related=[Label(table.token, f"the table `{table.name}`")],
    )


def _what(lost: LostConstraint, thing: str) -> str:
    if lost.cause == NOTHING:
        return f"The third argument of the table `{lost.table.name}` is a function that returns nothing."
    how = {
        IN_OBJECT: "is inside an object in the list",
        IN_ARRAY: "is inside a list where Drizzle does not look for lists",
        BARE: "is returned by itself, not in a list",
    }
    return f"{thing} {how.get(lost.cause, 'has no `.on(…)`')}."


def _why(lost: LostConstraint, is_v1: bool) -> str:
    if lost.cause == NOTHING:
        return "drizzle-kit stops with `Cannot convert undefined or null to object`: it generates no migration at all."
    if is_v1:
        return "Drizzle 1.0 refuses it with `Invalid extra config value`: drizzle-kit generates no migration at all."
    return f"Drizzle drops it without a word: no migration creates the {lost.kind}, and D1 works on without it."


def _instead(lost: LostConstraint) -> str:
    call = {"unique index": "uniqueIndex", "unique constraint": "unique"}.get(lost.kind, "index")
    if lost.cause == NOTHING:
        return 'Return the list: `(t) => [index("…").on(t.…)]`.'
    if lost.cause in (IN_OBJECT, IN_ARRAY, BARE):
        return f"Return one list of them: `(t) => [{_call(lost)}]`."
    return f'Say its columns: `{call}("{lost.name or "…"}").on(t.…)`.'


def _call(lost: LostConstraint) -> str:
    name = f'"{lost.name}"' if lost.name else ""
    calls = {
        "index": f"index({name}).on(…)",
        "unique index": f"uniqueIndex({name}).on(…)",
        "unique constraint": f"unique({name}).on(…)",
        "primary key": "primaryKey({ columns: […] })",
        "foreign key": "foreignKey({ … })",
    }
    return calls.get(lost.kind, "check(…)")
