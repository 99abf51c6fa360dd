"""The configuration of a project: which rule holds at which level, with which options, for which file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from d1lint.config_file import ConfigFile, Problem, Written, read_chosen, read_nested, read_root
from d1lint.finding import Level
from d1lint.options import build
from d1lint.policy import RuleSetting
from d1lint.registry import Registry

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

DEFAULT_PRESETS = ("recommended",)


class ConfigError(Exception):
    """The configuration cannot be used. `problems` are all of them, each one sentence when printed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Setting(NamedTuple):
    """What holds for a rule and a file: `level` is None where it is off, `options` where it has none or is off."""

    level: Level | None
    options: object | None


class Layer(NamedTuple):
    """The settings of one configuration file with its presets, or of one of its overrides. Later ones stand on earlier.

    It holds for the files in `folder` (relative to the root; empty, or with a final slash) that match `spec`, where
    there is one. One that `restarts` takes the place of all layers before it. Per rule: what is written, in order.
    """

    folder: str
    rules: Mapping[str, tuple[Written, ...]]
    title: str
    spec: GitIgnoreSpec | None = None
    restarts: bool = False

    def holds_for(self, path: str) -> bool:
        """Whether it says something about a file, by its path relative to the root."""
        return path.startswith(self.folder) and (self.spec is None or self.spec.match_file(path[len(self.folder) :]))


class Config:
    """The resolved configuration. Paths are relative to the project root, with forward slashes."""

    def __init__(self, registry: Registry, files: list[ConfigFile]) -> None:
        """From the configuration files: the root's first, each before those below it."""
        self._registry = registry
        self._files = files
        self._layers = tuple(layer for file in files for layer in _layers(file, registry))
        self._cache: dict[tuple[str, tuple[int, ...]], Setting] = {}

    @classmethod
    def load(
        cls,
        root: Path,
        registry: Registry,
        nested: Iterable[str] = (),
        read: Callable[[str], bytes] | None = None,
        chosen: Path | None = None,
    ) -> Config:
        """Read the root's configuration and the `nested` ones: paths of `d1lint.toml` files below it, relative to it.

        `read` gives the content of a file by such a path, as open files do; without it, that on the disk is read.
        The `chosen` file, of whatever name and place, takes the place of the root's.
        Raises ConfigError with everything that is wrong in any of them.
        """
        read = read or (lambda path: (root / path).read_bytes())
        problems: list[Problem] = []
        first = read_chosen(chosen, registry, problems) if chosen else read_root(read, registry, problems)
        files = [first or ConfigFile("", DEFAULT_PRESETS, (), {}, ())]
        for path in sorted(nested, key=lambda path: (path.count("/"), path)):
            below = read_nested(read, path, registry, problems)
            if below is not None:
                files.append(below)
        if problems:
            raise ConfigError(problems)
        return cls(registry, files)

    @property
    def exclude(self) -> tuple[str, ...]:
        """The patterns of all excluded files, as in .gitignore, relative to the root."""
        return tuple(_below(file.folder, pattern) for file in self._files for pattern in file.exclude)

    @property
    def baseline(self) -> str | None:
        """The file of the findings that are known, relative to the root; None where none is named."""
        return self._files[0].baseline

    def setting(self, rule: str, path: str) -> Setting:
        """What holds for a rule in one file. A rule that is not built is off."""
        return self._resolved(rule, self._layers_of(path))

    def root_setting(self, rule: str) -> Setting:
        """What holds for a rule where no override and no nested configuration says otherwise."""
        return self._resolved(rule, self._layers[:1])

    def enabled_anywhere(self, rule: str) -> bool:
        """Whether there may be a file for which the rule is on."""
        return any(self._resolved(rule, (*below, top)).level is not None for below, top in self._stacks())

    def enabled_rules(self) -> list[str]:
        """The names of the rules, built in or installed, that are on for some file, sorted."""
        return sorted(rule for rule in self._named() if self.enabled_anywhere(rule))

    def describe(self) -> str:
        """The resolved configuration as text: each rule's level and options, and the place that sets them."""
        root = self._files[0]
        lines = [
            f"Configuration  {root.path or 'none, so the default holds'}",
            f"Presets        {', '.join(_presets(root)) or 'none'}",
            f"Excluded       {', '.join(self.exclude) or 'nothing beyond the ignore files'}",
            *([f"Baseline       {self.baseline}"] if self.baseline else []),
        ]
        for below, top in self._stacks():
            shown = sorted(rule for rule in top.rules if self._registry.is_built(rule))
            lines += ["", top.title, *self._table(shown, (*below, top))]
        planned = {rule for rule in self._named() if not self._registry.is_built(rule)}
        if planned:
            lines += ["", f"{len(planned)} more rules are set and not checked yet: `d1lint policy NAME` lists them."]
        return "\n".join(lines) + "\n"

    def _named(self) -> set[str]:
        return {rule for layer in self._layers for rule in layer.rules}

    def _layers_of(self, path: str) -> tuple[Layer, ...]:
        """The layers that hold for a file, lowest first."""
        return _since_restart(layer for layer in self._layers if layer.holds_for(path))

    def _stacks(self) -> Iterator[tuple[tuple[Layer, ...], Layer]]:
        """Each layer with those of the configuration files, without their overrides, that it stands on."""
        bases = [layer for layer in self._layers if layer.spec is None]
        for top in self._layers:
            around = [layer for layer in bases if top.folder.startswith(layer.folder) and layer is not top]
            yield (() if top.restarts else _since_restart(around)), top

    def _resolved(self, rule: str, layers: tuple[Layer, ...]) -> Setting:
        key = (rule, tuple(map(id, layers)))
        if key not in self._cache:
            self._cache[key] = self._resolve(rule, layers)
        return self._cache[key]

    def _resolve(self, rule: str, layers: tuple[Layer, ...]) -> Setting:
        written = _written(rule, layers)
        if not written or not self._registry.is_built(rule):
            return Setting(None, None)
        setting = _merged(written)
        if setting.level == "off":
            return Setting(None, None)
        built = self._registry.get(rule)
        return Setting(
            level=Level(setting.level) if setting.level else built.level,
            options=build(built.options, setting.options) if built.options else None,
        )

    def _table(self, rules: list[str], layers: tuple[Layer, ...]) -> Iterator[str]:
        width = max(map(len, rules), default=0)
        for rule in rules:
            written = _written(rule, layers)
            setting = _merged(written)
            level = setting.level or self._registry.get(rule).level.value
            origin = next((place.origin for place in reversed(written) if place.setting.level), "the rule's own level")
            yield f"  {rule:<{width}}  {level:<7}  {origin}"
            for option, value in setting.options.items():
                origin = next(place.origin for place in reversed(written) if option in place.setting.options)
                yield f"  {'':<{width}}  {option} = {_shown(value)}  {origin}"


def _presets(file: ConfigFile) -> tuple[str, ...]:
    """The presets that a file builds on: a nested one that names none builds on what is around it."""
    if file.extends is None:
        return () if file.folder else DEFAULT_PRESETS
    return file.extends


def _layers(file: ConfigFile, registry: Registry) -> Iterator[Layer]:
    rules: dict[str, tuple[Written, ...]] = {}
    for policy in registry.presets(_presets(file)):
        for rule, setting in policy.settings().items():
            origin = " ".join((policy.name, *policy.clauses_of(rule)))
            rules[rule] = (*rules.get(rule, ()), Written(setting, origin))
    for rule, written in file.rules.items():
        rules[rule] = (*rules.get(rule, ()), written)
    title = f"In {file.folder} ({file.path})" if file.folder else "Rules"
    yield Layer(file.folder, rules, title, restarts=file.extends is not None)
    for override in file.overrides:
        from pathspec import GitIgnoreSpec

        yield Layer(
            file.folder,
            {rule: (written,) for rule, written in override.rules.items()},
            f"For {', '.join(_below(file.folder, path) for path in override.paths)} ({override.origin})",
            GitIgnoreSpec.from_lines(override.paths),
        )


def _since_restart(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    kept: list[Layer] = []
    for layer in layers:
        if layer.restarts:
            kept.clear()
        kept.append(layer)
    return tuple(kept)


def _written(rule: str, layers: Iterable[Layer]) -> list[Written]:
    return [written for layer in layers for written in layer.rules.get(rule, ())]


def _merged(written: Iterable[Written]) -> RuleSetting:
    merged = RuleSetting(None)
    for place in written:
        merged = place.setting.over(merged)
    return merged


def _below(folder: str, pattern: str) -> str:
    """A pattern of a nested configuration, written for the root: one without a slash matches at any depth below."""
    if not folder:
        return pattern
    negation = "!" if pattern.startswith("!") else ""
    pattern = pattern.removeprefix("!")
    depth = "" if "/" in pattern.rstrip("/") else "**/"
    literal = re.sub(r"([\\*?\[\]!#])", r"\\\1", folder)
    return f"{negation}/{literal}{depth}{pattern.removeprefix('/')}"


def _shown(value: object) -> str:
    """An option's value as TOML writes it: its strings are JSON's, its lists of strings too."""
    import json

    return json.dumps(value, ensure_ascii=False)
