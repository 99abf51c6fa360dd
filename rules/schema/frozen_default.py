"""frozen-default: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.fresh import CHANCE, CRYPTO, TIME
from d1lint.model.project import Project
from d1lint.model.tables.defaults import FrozenDefault
from d1lint.rule import finding, rule

_WHY = {
    TIME: (
        "It is computed once, when the module loads: every row gets that one time, which on current Workers is "
        "1970-01-01, and drizzle-kit writes the moment of generation into the migration."
    ),
    CRYPTO: (
        "It is computed once, when the module loads, where Workers refuse random values: the Worker does not start. "
        "Where it does run, as in drizzle-kit, all rows get the one value."
    ),
    CHANCE: (
        "It is computed once, when the module loads: all rows get the one value, and drizzle-kit writes yet another "
        "into the migration."
    ),
}


@rule(on=FrozenDefault, level="error", clauses=["REC-6"], since="0.1")
def frozen_default(frozen: FrozenDefault, project: Project) -> Iterator[Finding]:
    """A default that is computed once, for all rows."""
    name = f"{frozen.table.name}.{frozen.column.name}"
    shared = f" ({frozen.others} more columns get it here)" if frozen.others else ""
    yield finding(
        at=frozen.span,
        symbol=name,
        what=f"The default of `{name}` is the value of one `{frozen.made.text}`{shared}.",
        why=_WHY[frozen.made.source],
        instead=f"Give a function, which runs for each row: `.$defaultFn(() => {_expression(frozen, project)})`.",
    )


def _expression(frozen: FrozenDefault, project: Project) -> str:
    """The argument as it stands, if the value is made there and it is short; otherwise the call that makes it."""
    argument = frozen.argument
    if argument is None:
        return frozen.made.text
    text = project.source(argument.file).data[argument.start : argument.end].decode("utf-8", "replace")
    if frozen.made.text.partition("(")[0] not in text or "\n" in text or "`" in text or len(text) > 80:
        return frozen.made.text
    return f"({text})" if text.startswith("{") else text
