from __future__ import annotations

import re

import pytest

from d1lint.options import build
from d1lint.policy import LEVELS, Policy, RuleSetting
from d1lint.policy_text import describe, overview
from d1lint.registry import Registry

REGISTRY = Registry.load()
POLICIES = [REGISTRY.policy(name) for name in REGISTRY.policy_names]
CLAUSES = {
    "recommended": 6,
    "hono-d1": 22,
    "drizzle-kysely": 17,
    "drizzle-schema": 31,
    "data-layer": 16,
    "schema-first": 17,
}
PREFIXES = {
    "recommended": "REC",
    "hono-d1": "HD",
    "drizzle-kysely": "DK",
    "drizzle-schema": "DS",
    "data-layer": "DL",
    "schema-first": "SF",
}

each = pytest.mark.parametrize("policy", POLICIES, ids=REGISTRY.policy_names)


@each
def test_every_clause_is_there_in_order(policy: Policy) -> None:
    numbers = range(1, CLAUSES[policy.name] + 1)
    assert [clause.id for clause in policy.clauses] == [f"{PREFIXES[policy.name]}-{number}" for number in numbers]


@each
def test_a_clause_has_a_statement_and_is_checked_planned_or_advice(policy: Policy) -> None:
    for clause in policy.clauses:
        assert re.fullmatch(r"[A-Za-z].*\.", clause.statement), clause.id
        assert clause.rules or clause.planned or clause.advice, clause.id
        assert "  " not in clause.statement + clause.advice, clause.id


@each
def test_what_stands_under_rules_is_built_and_what_is_planned_is_not(policy: Policy) -> None:
    built = set(REGISTRY.names())
    assert set(policy.raises) <= REGISTRY.catalogue
    for clause in policy.clauses:
        assert set(clause.rules) <= built, clause.id
        assert not set(clause.planned) & built, clause.id


@each
def test_a_rule_has_one_level_in_a_policy(policy: Policy) -> None:
    levels: dict[str, set[str | None]] = {}
    for clause in policy.clauses:
        for rule, setting in clause.settings():
            levels.setdefault(rule, set()).add(setting.level)
    assert all(len(found) == 1 for found in levels.values()), levels
    assert {level for found in levels.values() for level in found} <= set(LEVELS)
    assert not set(levels) & set(policy.raises)


@each
def test_its_options_are_those_of_the_rules(policy: Policy) -> None:
    for rule, setting in policy.settings().items():
        if REGISTRY.is_built(rule) and setting.options:
            options = REGISTRY.get(rule).options
            assert options is not None, rule
            build(options, setting.options)


@each
def test_a_policy_builds_on_recommended_and_lowers_nothing(policy: Policy) -> None:
    if policy.name == "recommended":
        assert policy.extends == ()
        return
    assert policy.extends == ("recommended",)
    base = REGISTRY.policy("recommended").settings()
    for rule, setting in policy.settings().items():
        if rule in base:
            assert LEVELS.index(setting.level or "off") <= LEVELS.index(base[rule].level or "off"), rule


@each
def test_a_missing_relation_is_an_error_in_every_policy(policy: Policy) -> None:
    settings = policy.settings()["missing-relation"]
    without = "warning" if policy.name == "recommended" else "error"
    assert settings == RuleSetting("error", {"without-relations": without})


def test_an_importable_env_is_an_error_in_hono_d1_alone() -> None:
    levels = {
        policy.name: policy.settings()["global-client"].options["importable-env"]
        for policy in POLICIES
        if "global-client" in policy.settings()
    }
    assert levels == {"recommended": "warning", "hono-d1": "error", "schema-first": "warning"}


def test_no_two_clauses_have_one_id_and_every_built_rule_is_in_a_clause() -> None:
    clauses = [clause for policy in POLICIES for clause in policy.clauses]
    assert len({clause.id for clause in clauses}) == len(clauses)
    assert set(REGISTRY.names()) == {rule for clause in clauses for rule in clause.rules}


def test_settings_of_two_clauses_add_up() -> None:
    low = RuleSetting.of({"level": "warning", "limit": 3})
    assert RuleSetting.of({"both-sides": True}).over(low) == RuleSetting("warning", {"limit": 3, "both-sides": True})
    assert RuleSetting.of("error").over(low) == RuleSetting("error", {"limit": 3})


def test_the_overview_has_a_line_for_each_policy() -> None:
    lines = overview(REGISTRY).splitlines()
    assert [line.split()[0] for line in lines] == list(REGISTRY.policy_names)
    assert lines[0].split()[1:5] == ["6", "clauses,", "6", "checked"]


def test_describing_a_policy() -> None:
    text = describe(REGISTRY.policy("hono-d1"), REGISTRY)
    assert text.startswith("hono-d1: Hono, D1, Drizzle and Zod on the edge\n22 clauses: ")
    assert "It builds on recommended, whose rules hold as well." in text
    clause = text[text.index("HD-7 ") : text.index("HD-8 ")]
    assert re.search(r"^ +missing-relation +error +checked\n +without-relations = error$", clause, re.MULTILINE)
    assert re.search(r"^ +missing-inverse +error +checked\n +both-sides = true$", clause, re.MULTILINE)
    assert re.search(r"^ +advice: How much data", text[text.index("HD-20 ") :], re.MULTILINE)


@each
def test_a_description_fits_a_terminal(policy: Policy) -> None:
    assert max(map(len, describe(policy, REGISTRY).splitlines())) <= 80


def test_describing_what_a_policy_raises_without_a_clause() -> None:
    text = describe(REGISTRY.policy("data-layer"), REGISTRY)
    assert re.search(
        r"Raised above the presets.*\n +missing-relation +error +checked\n +without-relations = error", text
    )
