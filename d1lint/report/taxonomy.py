"""The policies as SARIF taxonomies: each clause a taxon, and each rule related to the clauses that it checks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from d1lint.policy import Policy
from d1lint.report.links import HOME
from d1lint.rule import Rule

Object = dict[str, Any]


def taxonomies(policies: Iterable[Policy]) -> list[Object]:
    """The `run.taxonomies` that hold every clause of the policies, in their order."""
    return [
        {
            "name": policy.name,
            "shortDescription": {"text": policy.title},
            "informationUri": f"{HOME}/blob/main/rules/policies/{policy.name}.toml",
            "isComprehensive": True,
            "taxa": [
                {
                    "id": clause.id,
                    "name": f"{policy.name}/{clause.id}",
                    "shortDescription": {"text": clause.statement},
                }
                for clause in policy.clauses
            ],
        }
        for policy in policies
    ]


def references(policies: Iterable[Policy]) -> list[Object]:
    """The `toolComponent.supportedTaxonomies` of the tool whose run has these taxonomies."""
    return [{"name": policy.name, "index": number} for number, policy in enumerate(policies)]


def relationships(rule: Rule, policies: Iterable[Policy]) -> list[Object]:
    """The `relationships` of a rule to its clauses. One that no policy has, as a third party's may be, is left out."""
    return [
        {
            "target": {
                "id": clause.id,
                "index": place,
                "toolComponent": {"name": policy.name, "index": number},
            },
            "kinds": ["relevant"],
        }
        for number, policy in enumerate(policies)
        for place, clause in enumerate(policy.clauses)
        if clause.id in rule.clauses
    ]
