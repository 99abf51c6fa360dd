"""The addresses that the reports give: d1lint's home, and the page of a rule."""

from __future__ import annotations

from collections.abc import Iterable

from d1lint.registry import PLUGIN
from d1lint.result import EnabledRule
from d1lint.rule import Rule

HOME = "https://github.com/d1lint/d1lint"
ISSUES = f"{HOME}/issues"


def rule_pages(enabled: Iterable[EnabledRule]) -> dict[str, str]:
    """The addresses of the rules' pages by the names of the rules, without those that have none."""
    pages = ((each.rule.name, rule_page(each.rule)) for each in enabled)
    return {name: page for name, page in pages if page is not None}


def rule_page(rule: Rule) -> str | None:
    """The address of a rule's page; None for a third party's, which is not known."""
    if not rule.check.__module__.startswith(f"{PLUGIN}."):
        return None
    return f"{HOME}/blob/main/rules/{rule.family.replace('-', '_')}/{rule.page_path.name}"
