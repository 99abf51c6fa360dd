"""compound-select-limit: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from d1lint.finding import Finding
from d1lint.model.project import Project
from d1lint.model.queries.limits import MAX_TERMS, compound_excesses, open_compound
from d1lint.model.queries.query import Query
from d1lint.rule import finding, rule

_WHY = f"D1 combines at most {MAX_TERMS}, and answers with `too many terms in compound SELECT`."
_INSTEAD = (
    "Say the alternatives in the `where` of one SELECT, with `or` or `inArray`; or send the SELECTs as one batch and "
    "put their rows together:\nconst found = (await db.batch([…])).flat();"
)


@dataclass(frozen=True, slots=True)
class Options:
    """`unbounded`: the level for lists of queries of any length."""

    unbounded: Literal["off", "warning", "error"] = "off"


@rule(on=Query, level="error", clauses=["REC-6"], since="0.1", options=Options)
def compound_select_limit(query: Query, project: Project, options: Options) -> Iterator[Finding]:
    """More SELECTs in one `union`, `intersect` or `except` than D1 combines."""
    excesses = compound_excesses(query)
    for found in excesses:
        what = f"{found.size} SELECTs are combined here."
        yield finding(at=found.span, symbol=query.symbol, what=what, why=_WHY, instead=_INSTEAD)
    step = open_compound(query) if not excesses and options.unbounded != "off" else None
    if step is not None:
        what = f"`{step.name}` is given a list of SELECTs here, whose length nothing bounds."
        level = options.unbounded
        yield finding(at=step.token, symbol=query.symbol, what=what, why=_WHY, instead=_INSTEAD, level=level)
