"""Policies as `d1lint policy` prints them: the clauses with their rules and what stands behind each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from textwrap import wrap

from d1lint.policy import Clause, Policy, RuleSetting
from d1lint.registry import Registry

_WIDTH = 80


def overview(registry: Registry) -> str:
    """One line for each policy: name, clauses, how many of them are checked today, title."""
    rows = []
    for name in registry.policy_names:
        policy = registry.policy(name)
        checked = sum(any(registry.is_built(rule) for rule, _ in clause.settings()) for clause in policy.clauses)
        rows.append((name, len(policy.clauses), checked, policy.title))
    width = max(len(name) for name, *_ in rows)
    return "".join(
        f"{name:<{width}}  {clauses:>2} clauses, {checked:>2} checked  {title}\n"
        for name, clauses, checked, title in rows
    )


def describe(policy: Policy, registry: Registry) -> str:
    """A policy's clauses, each with its rules, their levels and standing, or the reason why it is advice."""
    built = set(registry.names())
    count = Counter(_standing(clause, built) for clause in policy.clauses)
    figures = ", ".join(
        f"{count[standing]} {standing}" for standing in ("checked", "partly checked", "planned", "advice")
    )
    lines = [
        f"{policy.name}: {policy.title}",
        f"{len(policy.clauses)} clauses: {figures}.",
        f'Turn it on in d1lint.toml: extends = ["{policy.name}"]',
    ]
    if policy.extends:
        lines += [f"It builds on {', '.join(policy.extends)}, whose rules hold as well."]
    width = max(len(rule) for rule in policy.settings())
    indent = " " * (max(len(clause.id) for clause in policy.clauses) + 2)
    for clause in policy.clauses:
        lines += ["", *_filled(f"{clause.id:<{len(indent)}}", clause.statement, indent)]
        lines += _rules(clause.settings(), built, width, indent)
        if clause.advice:
            lines += _filled(f"{indent}advice: ", clause.advice, f"{indent}  ")
    if policy.raises:
        lines += ["", "Raised above the presets that it builds on"]
        lines += _rules(policy.raises.items(), built, width, indent)
    return "\n".join(lines) + "\n"


def _standing(clause: Clause, built: set[str]) -> str:
    rules = [rule for rule, _ in clause.settings()]
    if not rules:
        return "advice"
    checked = sum(rule in built for rule in rules)
    return "planned" if not checked else "checked" if checked == len(rules) else "partly checked"


def _rules(settings: Iterable[tuple[str, RuleSetting]], built: set[str], width: int, indent: str) -> Iterator[str]:
    for rule, setting in settings:
        yield f"{indent}{rule:<{width}}  {setting.level:<7}  {'checked' if rule in built else 'planned'}"
        for option, value in setting.options.items():
            yield from _filled(f"{indent}  {option} = ", _plain(value), f"{indent}    ")


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(first: str, text: str, indent: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=first, subsequent_indent=indent)
