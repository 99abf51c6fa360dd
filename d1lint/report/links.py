"""The addresses that the reports give: d1lint's home, and the page of a rule."""

from __future__ import annotations

from d1lint.rule import Rule

HOME = "https://github.com/d1lint/d1lint"
ISSUES = f"{HOME}/issues"


def rule_page(rule: Rule) -> str:
    """The address of a rule's page."""
    return f"{HOME}/blob/main/rules/{rule.family.replace('-', '_')}/{rule.page_path.name}"
