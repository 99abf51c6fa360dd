"""All that a rule author sees: the `rule` decorator and `finding`.

A rule is a generator over one kind of model object. It has no state and prints nothing:

    @rule(on=ForeignKey, level="error", clauses=["HD-16"], since="0.1")
    def unindexed_foreign_key(fk: ForeignKey, project: Project) -> Iterator[Finding]:
        if ...:
            yield finding(at=fk.span, symbol=fk.symbol, what=..., why=..., instead=...)

Its name is the function's, with hyphens. Its page is the Markdown file beside the module.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from d1lint.finding import Confidence, Finding, Fix, Label, Level, Span

Check = Callable[..., Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the engine knows it.

    `on` is the model type it wakes on; `options` the frozen dataclass of its options, whose fields and defaults are
    what a configuration may set; `security` its GitHub security severity (0.1 to 10.0), for security rules only;
    `fixable` says that its findings can carry a fix.
    """

    name: str
    check: Check
    on: type
    level: Level
    clauses: tuple[str, ...]
    since: str
    options: type | None
    security: float | None
    family: str
    page_path: Path
    fixable: bool = False

    @property
    def summary(self) -> str:
        """One sentence: what it finds."""
        return ((self.check.__doc__ or "").strip() or self.name).splitlines()[0]

    def page(self) -> str:
        """The rule's page, as Markdown; where a third party wrote none, all that is known."""
        try:
            return self.page_path.read_text(encoding="utf-8")
        except OSError:
            return f"# {self.name}\n\n{self.summary}\n"


def rule(
    *,
    on: type,
    level: str,
    clauses: Iterable[str],
    since: str,
    options: type | None = None,
    security: float | None = None,
    fixable: bool = False,
) -> Callable[[Check], Rule]:
    """Make a generator over model objects a rule.

    The generator is called with (object, project), and with an instance of `options` as the third argument
    where the rule has options.
    """

    def register(check: Check) -> Rule:
        path = Path(inspect.getfile(check))
        return Rule(
            name=check.__name__.replace("_", "-"),
            check=check,
            on=on,
            level=Level(level),
            clauses=tuple(clauses),
            since=since,
            options=options,
            security=security,
            family=path.parent.name.replace("_", "-"),
            page_path=path.with_suffix(".md"),
            fixable=fixable,
        )

    return register


def finding(
    *,
    at: Span,
    symbol: str,
    what: str,
    why: str,
    instead: str,
    related: Iterable[Label] = (),
    confidence: Confidence = Confidence.HIGH,
    level: str | None = None,
    fix: Fix | Callable[[], Fix | None] | None = None,
) -> Finding:
    """A finding as a rule reports it; the engine adds the rule's name, level, clauses and fingerprint.

    A fix that costs time is given as a function, which is called once, and only if somebody asks for the fix.
    """
    return Finding(
        span=at,
        symbol=symbol,
        what=what,
        why=why,
        instead=instead,
        related=tuple(related),
        confidence=confidence,
        level=Level(level) if level else None,
        make_fix=_made_once(fix),
    )


def _made_once(fix: Fix | Callable[[], Fix | None] | None) -> Callable[[], Fix | None] | None:
    if fix is None:
        return None
    return cache(fix) if callable(fix) else lambda: fix


__all__ = ["Check", "Finding", "Fix", "Label", "Level", "Rule", "Span", "finding", "rule"]
