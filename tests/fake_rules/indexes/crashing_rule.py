from collections.abc import Iterator

from d1lint.model.schema import Table
from d1lint.rule import Finding, finding, rule


@rule(on=Table, level="error", clauses=[], since="0.1")
def crashing_rule(table: Table, project: object) -> Iterator[Finding]:
    """A rule that can not stand posts."""
    if table.name == "posts":
        raise KeyError("author")
    yield finding(at=table.token, symbol=table.name, what="A table.", why="", instead="")
