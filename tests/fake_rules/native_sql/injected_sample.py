from collections.abc import Iterator

from d1lint.rule import Finding, rule


@rule(on=str, level="warning", clauses=["DL-6"], since="0.1", security=8.8)
def injected_sample(name: str, project: object) -> Iterator[Finding]:
    """A value from outside that becomes part of a raw statement."""
    yield from ()
