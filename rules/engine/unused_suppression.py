"""unused-suppression: see the page beside this module."""

from collections.abc import Callable, Iterator
from functools import partial

from d1lint.finding import Finding, Fix
from d1lint.model.project import Project
from d1lint.rule import finding, rule
from d1lint.suppress import Removal, Suppression


@rule(on=Suppression, level="warning", clauses=["REC-6", "DL-15"], since="0.1", fixable=True)
def unused_suppression(suppression: Suppression, project: Project) -> Iterator[Finding]:
    """A suppression that silences nothing."""
    for misnomer in suppression.unknown_names:
        hint = f"Did you mean `{misnomer.nearest}`?" if misnomer.nearest else "`d1lint rules` lists the names."
        yield _report(suppression, misnomer.name, f"No rule is called `{misnomer.name}`.", hint)
    removal = Removal(suppression, project.source(suppression.span.file))
    for name in suppression.unused_names:
        what = f"This suppression of `{name}` silences nothing."
        yield _report(suppression, name, what, "Remove the name, or the comment.", partial(removal.fix, name))
    if not suppression.names:
        what = "This suppression names no rule, so it silences nothing."
        yield _report(
            suppression, "d1lint-ignore", what, "Name the rule: `d1lint-ignore unindexed-foreign-key -- three rows`."
        )


def _report(
    suppression: Suppression, symbol: str, what: str, instead: str, fix: Callable[[], Fix | None] | None = None
) -> Finding:
    return finding(
        at=suppression.span,
        symbol=symbol,
        what=what,
        why="It would hide the next real finding in its place.",
        instead=instead,
        fix=fix,
    )
