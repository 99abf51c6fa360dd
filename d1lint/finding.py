"""What a rule says: a place, a symbol, and a message in three parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs. A gate fails at or above its `--fail-on` level."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def weight(self) -> int:
        """3 for an error, 2 for a warning, 1 for a note."""
        return {"error": 3, "warning": 2, "note": 1}[self.value]


class Confidence(StrEnum):
    """How sure the model is of the facts that a finding rests on; apart from its level."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of one file: `start` and `end` are byte offsets into its content, end exclusive.

    `file` is a POSIX path relative to the project root.
    """

    file: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """Another end of a finding: the index list, the relation, the parent table."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in the place of a span; an empty span is where it is inserted. Lines end as those of the file do."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair of one finding, perhaps in several files; its edits belong together and do not touch each other.

    `title` is an imperative: "Add the index posts_author_id_idx". A fix is safe if it changes nothing that the code
    does but what the finding asks for. `makes` names what it brings into being: fixes that insert at one place can be
    applied together only if each says what it makes, and they make different things. An edit that several fixes
    share, such as that of an import, is one edit.
    """

    title: str
    edits: tuple[Edit, ...]
    is_safe: bool
    makes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach, at one place. Rules build it with `rule.finding`; the engine stamps the rest.

    `symbol` names what is wrong so that it survives moved lines: `posts.author_id` for a column or a
    foreign key (database names), `posts.a+b` for one over several columns, in their declared order;
    the variable or function name otherwise.
    """

    span: Span
    symbol: str
    what: str
    why: str
    instead: str
    related: tuple[Label, ...] = ()
    confidence: Confidence = Confidence.HIGH
    level: Level | None = None
    """The rule's own choice for this finding; None takes the level that is configured for the rule."""
    rule: str = ""
    clauses: tuple[str, ...] = ()
    fingerprint: str = ""
    make_fix: Callable[[], Fix | None] | None = field(default=None, compare=False, repr=False)
    """Computes the fix. It follows from the rest, and from the project, so two findings are not told apart by it."""

    @property
    def fix(self) -> Fix | None:
        """Its repair, None where there is none; computed when it is first asked for, as most runs never ask.

        Where that fails, which is a defect of d1lint's, there is none, and the log says so: the finding stands.
        """
        if self.make_fix is None:
            return None
        try:
            return self.make_fix()
        except Exception:
            import logging  # costs milliseconds: only where something went wrong

            logging.getLogger(__name__).exception("the fix of %s for %s failed", self.rule, self.symbol)
            return None

    @property
    def message(self) -> str:
        """The three parts as one text, `what` first."""
        return " ".join(part for part in (self.what, self.why, self.instead) if part)


@dataclass(frozen=True, slots=True)
class Crash:
    """A rule or the evaluator failed on a file: a defect of d1lint's, and exit code 2."""

    file: str
    rule: str
    error: str


def with_fingerprints(findings: Iterable[Finding], beside: Iterable[Finding] = ()) -> list[Finding]:
    """Sort the findings by place and give each a fingerprint: SHA-256 of rule, symbol and occurrence.

    Lines and paths are left out, so that it survives moved code; where one rule speaks twice about one
    symbol, the occurrence number keeps them apart, also from those `beside`, which have theirs already.
    """
    seen = Counter((finding.rule, finding.symbol) for finding in beside)
    stamped = []
    for finding in sorted(findings, key=lambda f: (f.span, f.rule, f.symbol, f.what)):
        key = (finding.rule, finding.symbol)
        stamped.append(replace(finding, fingerprint=fingerprint(*key, seen[key])))
        seen[key] += 1
    return stamped


def fingerprint(rule: str, symbol: str, occurrence: int = 0) -> str:
    """The fingerprint of the finding that has so many before it with the same rule and symbol: 64 hex digits."""
    import hashlib  # costs milliseconds: only where there are findings

    text = f"{rule}\0{symbol}\0{occurrence}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
