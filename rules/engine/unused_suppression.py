"""unused-suppression: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Fix
from d1lint.model.project import Project
from d1lint.rule import finding, rule
from d1lint.suppress import Suppression, removal


@rule(on=Suppression, level="warning", clauses=["REC-6", "DL-15"], since="0.1", fixable=True)
def unused_suppression(suppression: Suppression, project: Project) -> Iterator[Finding]:
    """A suppression that silences nothing."""
    for misnomer in suppression.unknown_names:
        hint = f"Did you mean `{misnomer.nearest}`?" if misnomer.nearest else "`d1lint rules` lists the names."
        yield _report(suppression, misnomer.name, f"No rule is called `{misnomer.name}`.", hint)
    for name in suppression.unused_names:
        what = f"This suppression of `{name}` silences nothing."
        fix = removal(suppression, name, project.source(suppression.span.file))
        yield _report(suppression, name, what, "Remove the name, or the comment.", fix)
    if not suppression.names:
        what = "This suppression names no rule, so it silences nothing."
        yield _report(
            suppression, "d1lint-ignore", what, "Name the rule: `d1lint-ignore unindexed-foreign-key -- three rows`."
        )


def _report(suppression: Suppression, symbol: str, what: str, instead: str, fix: Fix | None = None) -> Finding:
    return finding(
        at=suppression.span,
        symbol=symbol,
        what=what,
        why="It would hide the next real finding in its place.",
        instead=instead,
        fix=fix,
    )
