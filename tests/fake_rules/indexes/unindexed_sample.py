from collections.abc import Iterator

from d1lint.rule import Finding, rule


@rule(on=str, level="error", clauses=["HD-16", "DS-9"], since="0.1")
def unindexed_sample(name: str, project: object) -> Iterator[Finding]:
    """A foreign key whose columns no index leads with."""
    yield from ()
