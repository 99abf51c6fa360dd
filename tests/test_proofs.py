"""What the rules say of D1, seen on the real workerd, and the pages that say so."""

from __future__ import annotations

import re

import pytest
from pages import page_paths, sections
from proofs.proof import Sees
from proofs.run import WORKERD, contradictions
from proofs.table import NOT_AT_RUN_TIME, PROOFS

from d1lint.registry import Registry

PAGES = page_paths()
FAMILIES = {name: PAGES[name].parent.name for name in PAGES}

SEEN = {"failed": None, "error": "", "answer": [], "rows": [{"id": 1}], "read": 7, "written": 0}


@pytest.mark.parametrize("family", sorted({FAMILIES[proof.rule] for proof in PROOFS}))
def test_the_examples_of_a_family_do_on_workerd_what_the_proofs_say(family: str) -> None:
    assert contradictions(proof for proof in PROOFS if FAMILIES[proof.rule] == family) == []


@pytest.mark.parametrize("rule", PAGES)
def test_a_page_says_that_it_is_proven_if_it_is(rule: str) -> None:
    why = sections(PAGES[rule].read_text(encoding="utf-8"))["Why"]
    said = re.findall(r"^Proven on workerd (\S+)\.$", why, re.MULTILINE)
    assert said == ([WORKERD] if rule in {proof.rule for proof in PROOFS} else [])


def test_every_error_of_recommended_is_proven_or_claims_no_failure() -> None:
    settings = Registry.load().policy("recommended").settings()
    errors = {rule for rule in PAGES if rule in settings and settings[rule].level == "error"}
    proven = {proof.rule for proof in PROOFS}
    assert errors - proven == set(NOT_AT_RUN_TIME)


@pytest.mark.parametrize(
    "expected",
    [
        Sees("x", fails="request"),
        Sees("x", answer=[1]),
        Sees("x", rows=[]),
        Sees("x", read=range(100, 200)),
        Sees("x", written=1),
    ],
)
def test_what_a_worker_does_otherwise_is_told(expected: Sees) -> None:
    assert len(expected.contradictions(SEEN)) == 1


@pytest.mark.parametrize("failed", ["build", "tables", "start", "setup", "request", "after"])
def test_a_failure_that_is_not_expected_is_told(failed: str) -> None:
    seen = {**SEEN, "failed": failed, "error": "D1_ERROR: no such table: users"}
    assert Sees("x", answer=[]).contradictions(seen)
    assert Sees("x", fails=failed, error="syntax error").contradictions(seen)
    assert not Sees("x", fails=failed, error="no such table").contradictions(seen)


def test_what_is_not_said_is_not_compared() -> None:
    assert Sees("x").contradictions(SEEN) == []
    assert Sees("x", answer=[], rows=[{"id": 1}], read=range(10), written=0).contradictions(SEEN) == []
