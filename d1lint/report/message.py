"""A finding's message as the reports for programs carry it."""

from __future__ import annotations

from d1lint.finding import Finding


def explained(finding: Finding) -> str:
    """What, why and instead, each from a line of its own."""
    return "\n".join(part for part in (finding.what, finding.why, finding.instead) if part)


def storable(text: str) -> str:
    """The text with a question mark for what UTF-8 can not hold, such as a file name that is no text."""
    return text.encode("utf-8", "replace").decode()
