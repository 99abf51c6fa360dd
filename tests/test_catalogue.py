"""Rules, pages, policies and clauses, held together both ways."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from pages import HEADINGS, RULES, cases, page_paths, sections

from d1lint.config_schema import summary
from d1lint.options import build, option_types
from d1lint.registry import Registry

REGISTRY = Registry.load()
PATHS = page_paths()
PAGES = {rule: path.read_text(encoding="utf-8") for rule, path in PATHS.items()}

each = pytest.mark.parametrize("name", PAGES)


def clauses_in_policies(rule: str) -> set[str]:
    """The clauses, of all policies, that a rule checks."""
    policies = [REGISTRY.policy(name) for name in REGISTRY.policy_names]
    return {clause.id for policy in policies for clause in policy.clauses if rule in clause.rules}


def test_every_page_is_that_of_a_rule() -> None:
    assert sorted(RULES.glob("*/*.md")) == sorted(PATHS.values())


@each
def test_a_page_has_the_fixed_headings(name: str) -> None:
    found = sections(PAGES[name])
    assert tuple(found) == ("", *HEADINGS)
    title, summary, rest = found[""].split("\n\n", 2)
    assert title == f"# {name}"
    assert re.fullmatch(r"[A-Z][^.]*\.", summary.replace("\n", " "))
    assert not rest.strip()
    assert all(found[heading].strip() for heading in HEADINGS)


@each
def test_a_page_has_bad_and_good_examples_with_different_titles(name: str) -> None:
    found = list(cases(name, PAGES[name]))
    assert {case.kind for case in found} == {"bad", "good"}
    assert len({(case.kind, case.title) for case in found}) == len(found)
    for case in found:
        assert case.files, case.title
        rules = {rule for *_, rule in case.expected}
        assert rules <= set(REGISTRY.names()), case.title
        assert (name in rules) == (case.kind == "bad"), case.title


@each
def test_the_marks_of_an_example_are_all_read(name: str) -> None:
    marks = len(re.findall(r"(?:error|warning|note): \[", PAGES[name].replace("`// error: [", "")))
    assert sum(len(case.expected) for case in cases(name, PAGES[name])) == marks


@each
def test_a_rule_is_where_its_page_is(name: str) -> None:
    rule = REGISTRY.get(name)
    assert rule.page() == PAGES[name]
    assert rule.family == PATHS[name].parent.name.replace("_", "-")


@each
def test_the_clauses_of_a_rule_are_those_of_the_policies_and_of_its_page(name: str) -> None:
    clauses = clauses_in_policies(name)
    assert clauses, "a built rule is in a clause"
    assert set(REGISTRY.get(name).clauses) == clauses
    assert set(re.findall(r"\b[A-Z]{2,3}-\d+\b", sections(PAGES[name])["Why"])) == clauses


@each
def test_a_rules_own_level_and_options_are_those_of_recommended(name: str) -> None:
    rule = REGISTRY.get(name)
    setting = REGISTRY.policy("recommended").settings().get(name)
    if setting is None:
        return  # a rule that only a policy turns on, each at the level that it chooses
    assert rule.level == setting.level
    if rule.options is not None:
        assert build(rule.options, {}) == build(rule.options, setting.options)
        assert set(asdict(build(rule.options, {}))) >= {option.replace("-", "_") for option in setting.options}


@each
def test_a_page_describes_the_rules_options(name: str) -> None:
    described = re.findall(r"^- `([a-z-]+)`", sections(PAGES[name])["Options"], re.MULTILINE)
    options = option_types(REGISTRY.get(name).options)
    assert described == list(options)
    assert options or sections(PAGES[name])["Options"].strip() == "None."


def test_the_summary_is_the_sentence_below_the_title() -> None:
    assert summary(REGISTRY.get("unindexed-foreign-key")) == "A foreign key that no index leads with."
