"""validation-bypass: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.hono_validators import BypassedValidator
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@rule(on=BypassedValidator, level="error", clauses=["REC-6"], since="0.1")
def validation_bypass(bypassed: BypassedValidator, project: Project) -> Iterator[Finding]:
    """A handler that reads the JSON body past the validator that stands before it."""
    request = bypassed.request
    yield finding(
        at=bypassed.span,
        symbol=bypassed.symbol,
        what=f"`{request}.json()` reads the body anew, past the validator of this route.",
        why=(
            "What the validator has parsed, without the keys that its schema does not have, is passed over: a client "
            "that sends `isAdmin` or `id` along writes them."
        ),
        instead=f'Take what was validated:\nconst body = {request}.valid("json");',
        related=[Label(bypassed.validator, "the validator")],
    )
