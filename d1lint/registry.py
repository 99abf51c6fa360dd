"""Where rules and policies are found: the built-in plugin's table, and the entry points of third parties."""

from __future__ import annotations

import importlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from d1lint.policy import Policy, read_policy
from d1lint.rule import Rule

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUGIN = "d1lint_rules"
"""The built-in plugin. It is found by name: the engine does not import rules."""
ENTRY_POINTS = "d1lint.rules"
"""The group of third-party rules: the entry point's name is the rule's, its object the `Rule`."""

MAX_COMPARED = 5
"""With how many rules an unknown name is compared in full, those that share most pairs of letters with it."""


class UnknownName(LookupError):
    """No rule or policy has this name; the message names the nearest one."""


class BrokenRule(Exception):
    """A rule that an installed distribution offers cannot be loaded."""


class Registry:
    """The rules and policies that exist. Nothing is imported or looked up before it is asked for."""

    def __init__(self, table: dict[str, str], folder: Path) -> None:
        self._table = table
        self._policies_folder = folder / "policies"
        self._rules: dict[str, Rule] = {}
        self._policies: dict[str, Policy] = {}

    @classmethod
    def load(cls) -> Registry:
        """The registry of the built-in rules."""
        plugin = importlib.import_module(PLUGIN)
        return cls(plugin.BUILT_IN, Path(str(plugin.__file__)).parent)

    def names(self) -> list[str]:
        """The names of the built-in rules, sorted."""
        return sorted(self._table)

    def is_built(self, name: str) -> bool:
        """Whether `get` would give a rule: a built-in one, or one that an installed distribution offers."""
        return name in self._table or (name not in self.catalogue and name in self.third_party)

    def knows(self, name: str) -> bool:
        """Whether a rule has this name, built or planned."""
        return name in self._table or name in self.catalogue or name in self.third_party

    def get(self, name: str) -> Rule:
        """The rule of this name.

        Raises UnknownName where there is none, BrokenRule where a third party's does not load.
        """
        if name not in self._rules:
            if name in self._table:
                module = importlib.import_module(f"{PLUGIN}.{self._table[name]}")
                self._rules[name] = getattr(module, name.replace("-", "_"))
            elif name in self.third_party:
                self._rules[name] = _load(self.third_party[name])
            else:
                raise UnknownName(self._unknown("rule", name, self.nearest(name)))
        return self._rules[name]

    @cached_property
    def catalogue(self) -> frozenset[str]:
        """The names of all rules that a policy names, built or planned."""
        return frozenset(rule for name in self.policy_names for rule in self.policy(name).settings())

    @cached_property
    def third_party(self) -> dict[str, EntryPoint]:
        """The rules that installed distributions offer, by name. Costly, so asked for only when a name is not ours."""
        import sys
        from importlib import metadata

        # Never from the linted repository: `python -m` puts the current folder on the path.
        installed = [folder for folder in sys.path if folder not in ("", str(Path.cwd()))]
        found: dict[str, EntryPoint] = {}
        for distribution in metadata.distributions(path=installed):
            for entry in distribution.entry_points.select(group=ENTRY_POINTS):
                found.setdefault(entry.name, entry)
        return found

    def nearest(self, name: str) -> str | None:
        """The rule whose name looks most like this one, or None where none looks like it."""
        alike = Counter(found for pair in _pairs(name) for found in self._by_pair.get(pair, ()))
        return closest(name, [found for found, _ in alike.most_common(MAX_COMPARED)])

    @cached_property
    def _by_pair(self) -> dict[str, list[str]]:
        """The names of all rules by the pairs of letters in them."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted({*self._table, *self.catalogue, *self.third_party}):
            for pair in _pairs(name):
                found[pair].append(name)
        return found

    @cached_property
    def policy_names(self) -> tuple[str, ...]:
        """The names of the policies: `recommended` first, the others sorted."""
        names = {path.stem for path in self._policies_folder.glob("*.toml")}
        return ("recommended", *sorted(names - {"recommended"}))

    def policy(self, name: str) -> Policy:
        """The policy of this name. Raises UnknownName where there is none."""
        if name not in self._policies:
            if name not in self.policy_names:
                raise UnknownName(self._unknown("policy", name, closest(name, self.policy_names)))
            self._policies[name] = read_policy(self._policies_folder / f"{name}.toml")
        return self._policies[name]

    def presets(self, names: Iterable[str]) -> list[Policy]:
        """The policies of these names and those that they build on, each once and after what it builds on."""
        ordered: dict[str, Policy] = {}
        for name in names:
            policy = self.policy(name)
            for base in (*self.presets(policy.extends), policy):
                ordered.setdefault(base.name, base)
        return list(ordered.values())

    @staticmethod
    def _unknown(kind: str, name: str, nearest: str | None) -> str:
        hint = f"did you mean {nearest}?" if nearest else "nothing is named like it."
        return f"There is no {kind} {name}; {hint}"


def _pairs(name: str) -> set[str]:
    return {name[at : at + 2] for at in range(len(name) - 1)}


def closest(name: str, names: Iterable[str]) -> str | None:
    """The name that looks most like the given one, or None where none does."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, sorted(names), n=1)), None)


def _load(entry: EntryPoint) -> Rule:
    try:
        rule = entry.load()
    except Exception as error:  # third-party code: whatever it raises is reported as the reason
        raise BrokenRule(f"{entry.value} does not load: {type(error).__name__}: {error}") from error
    if not isinstance(rule, Rule):
        raise BrokenRule(f"{entry.value} is not a d1lint rule")
    if rule.name != entry.name:
        raise BrokenRule(f"{entry.value} is named {rule.name}, its entry point {entry.name}")
    return rule
