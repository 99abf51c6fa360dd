"""A policy as data: its clauses, the rules that check them and at which level. A policy is a preset, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

LEVELS = ("error", "warning", "note", "off")
"""What a rule may be set to, in a policy and in a configuration."""


class RuleSetting(NamedTuple):
    """What one place says about one rule.

    `level` is one of LEVELS, or None where only options are set. `options` are as written: names with hyphens,
    values of TOML's types.
    """

    level: str | None
    options: Mapping[str, object] = MappingProxyType({})

    @classmethod
    def of(cls, value: str | Mapping[str, Any]) -> RuleSetting:
        """From what TOML holds: `"error"`, or `{ level = "error", option = … }`."""
        if isinstance(value, str):
            return cls(value)
        return cls(value.get("level"), {name: option for name, option in value.items() if name != "level"})

    def over(self, below: RuleSetting | None) -> RuleSetting:
        """This setting on top of one that stands below it: options add up, a level that is not given is kept."""
        if below is None:
            return self
        return RuleSetting(self.level or below.level, {**below.options, **self.options})


class Clause(NamedTuple):
    """One clause. `rules` check it today, `planned` will; `advice` says why no rule can decide it, or all of it."""

    id: str
    statement: str
    rules: Mapping[str, RuleSetting]
    planned: Mapping[str, RuleSetting]
    advice: str

    def settings(self) -> Iterator[tuple[str, RuleSetting]]:
        """Every rule of the clause with its setting, built or planned, in the order in which they are written."""
        yield from self.rules.items()
        yield from self.planned.items()


class Policy(NamedTuple):
    """A policy. `extends` names the presets that it builds on.

    `raises` sets rules of theirs higher than they do, where no clause of its own names the rule.
    """

    name: str
    title: str
    extends: tuple[str, ...]
    raises: Mapping[str, RuleSetting]
    clauses: tuple[Clause, ...]

    def settings(self) -> dict[str, RuleSetting]:
        """Its own settings by rule name, built or planned; those of the presets it builds on are left out."""
        merged = dict(self.raises)
        for clause in self.clauses:
            for name, setting in clause.settings():
                merged[name] = setting.over(merged.get(name))
        return merged

    def clauses_of(self, rule: str) -> tuple[str, ...]:
        """The ids of the clauses that name a rule."""
        return tuple(clause.id for clause in self.clauses if rule in clause.rules or rule in clause.planned)


def read_policy(path: Path) -> Policy:
    """Read a policy's TOML file. Its file name, without the suffix, is its name."""
    import tomllib

    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Policy(
        name=data["name"],
        title=data["title"],
        extends=tuple(data.get("extends", ())),
        raises=_settings(data.get("raises", {})),
        clauses=tuple(
            Clause(
                id=clause["id"],
                statement=clause["statement"],
                rules=_settings(clause.get("rules", {})),
                planned=_settings(clause.get("planned", {})),
                advice=clause.get("advice", ""),
            )
            for clause in data["clauses"]
        ),
    )


def _settings(table: Mapping[str, Any]) -> dict[str, RuleSetting]:
    return {name: RuleSetting.of(value) for name, value in table.items()}
