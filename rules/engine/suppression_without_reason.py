"""suppression-without-reason: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.rule import finding, rule
from d1lint.suppress import Suppression


@rule(on=Suppression, level="warning", clauses=["REC-6", "DL-15"], since="0.1")
def suppression_without_reason(suppression: Suppression, project: Project) -> Iterator[Finding]:
    """A suppression that does not say why."""
    if suppression.reason or not suppression.names:
        return
    names = ", ".join(suppression.names)
    yield finding(
        at=suppression.span,
        symbol=names,
        what=f"This suppression of `{names}` does not say why.",
        why="An exception that nobody can judge stays for ever.",
        instead=f"Add the reason behind two hyphens:\n// d1lint-ignore {names} -- three rows, never deleted",
    )
