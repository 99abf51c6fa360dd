"""One configuration file, read and checked: `d1lint.toml`, or the `d1lint` key of a package.json."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from d1lint.options import WrongType, convert, one_of, option_types
from d1lint.policy import LEVELS, RuleSetting
from d1lint.registry import BrokenRule, Registry, closest
from d1lint.workspace.root import CONFIG_NAME, PACKAGE_KEY

if TYPE_CHECKING:
    from d1lint.config_lines import JsonLines, Key, TomlLines

Read = Callable[[str], bytes]
"""The content of a file, by its path relative to the project root. Raises OSError."""

PACKAGE = "package.json"
_KEYS = ("extends", "exclude", "baseline", "rules", "overrides")


class Problem(NamedTuple):
    """Something wrong in a configuration. `line` is 1-based, or None where the whole file is meant."""

    file: str
    line: int | None
    key: str
    found: str
    expected: str
    nearest: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}"

    @property
    def message(self) -> str:
        """What is wrong, without the place: one sentence."""
        key = f"{self.key}: " if self.key else ""
        hint = f"; did you mean {self.nearest}?" if self.nearest else "."
        return f"{key}found {self.found}, expected {self.expected}{hint}"


class Written(NamedTuple):
    """A rule's setting and the place that says it, for example `d1lint.toml:7`."""

    setting: RuleSetting
    origin: str


class Override(NamedTuple):
    """Settings for some paths: patterns as in .gitignore, relative to the file's folder."""

    paths: tuple[str, ...]
    rules: Mapping[str, Written]
    origin: str


class ConfigFile(NamedTuple):
    """What one file says. `extends` is None where it does not say. `path` is relative to the project root."""

    path: str
    extends: tuple[str, ...] | None
    exclude: tuple[str, ...]
    rules: Mapping[str, Written]
    overrides: tuple[Override, ...]
    baseline: str | None = None
    """The file of the findings that are known; relative to the folder."""
    folder: str = ""
    """The folder that it applies to, relative to the root: empty for the root's own, else with a final slash."""


def read_chosen(file: Path, registry: Registry, problems: list[Problem]) -> ConfigFile | None:
    """A TOML file from anywhere that takes the place of the root's configuration; None where it cannot be read."""
    shown = file.as_posix()
    try:
        data = file.read_bytes()
    except OSError as error:
        problems.append(Problem(shown, None, "", error.strerror or str(error), "a file that can be read"))
        return None
    return _read_toml(data, shown, registry, problems)


def read_root(read: Read, registry: Registry, problems: list[Problem]) -> ConfigFile | None:
    """The configuration of the root; None where there is none. What is wrong with it is added to the problems."""
    package = _read(read, PACKAGE, problems) or b""
    section = _package_section(package, problems)
    toml = _read(read, CONFIG_NAME, problems)
    if section is not None:
        from d1lint.config_lines import JsonLines

        lines = JsonLines(package.decode("utf-8", "replace"))
        if toml is None:
            return _Reader(PACKAGE, lines, registry, problems).file(section)
        found = f"a second configuration beside {CONFIG_NAME}"
        problems.append(Problem(PACKAGE, lines.find(()), PACKAGE_KEY, found, "one"))
    return None if toml is None else _read_toml(toml, CONFIG_NAME, registry, problems)


def read_nested(read: Read, path: str, registry: Registry, problems: list[Problem]) -> ConfigFile | None:
    """A `d1lint.toml` below the root, by its path relative to it; None where it cannot be read."""
    data = _read(read, path, problems)
    return None if data is None else _read_toml(data, path, registry, problems, folder=path[: path.rfind("/") + 1])


def _read(read: Read, path: str, problems: list[Problem]) -> bytes | None:
    try:
        return read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        problems.append(Problem(path, None, "", error.strerror or str(error), "a file that can be read"))
        return None


def _read_toml(
    data: bytes, path: str, registry: Registry, problems: list[Problem], folder: str = ""
) -> ConfigFile | None:
    import tomllib

    from d1lint.config_lines import TomlLines

    try:
        text = data.decode("utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(path, line, "", "bytes that are not UTF-8", "a UTF-8 file"))
        return None
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        number = re.search(r"line (\d+)", place)
        line = int(number[1]) if number else text.count("\n") + 1
        problems.append(Problem(path, line, "", f"invalid TOML ({reason[:1].lower()}{reason[1:]})", "a TOML document"))
        return None
    except RecursionError:
        problems.append(Problem(path, None, "", "values nested too deeply", "a TOML document"))
        return None
    return _Reader(path, TomlLines(text), registry, problems, folder).file(table)


def _package_section(data: bytes, problems: list[Problem]) -> object | None:
    """The value of a package.json's `d1lint` key; None where it has none."""
    if f'"{PACKAGE_KEY}"'.encode() not in data:
        return None
    from d1lint.workspace.jsonc import JsoncError, parse_jsonc

    try:
        package = parse_jsonc(data)
    except JsoncError as error:
        problems.append(Problem(PACKAGE, error.line, "", f"invalid JSON ({error.message})", "a JSON document"))
        return None
    return package.get(PACKAGE_KEY) if isinstance(package, dict) else None


class _Reader:
    """Checks one file's values and gathers every problem instead of stopping at the first."""

    def __init__(
        self, path: str, lines: TomlLines | JsonLines, registry: Registry, problems: list[Problem], folder: str = ""
    ) -> None:
        self._path = path
        self._folder = folder
        self._lines = lines
        self._registry = registry
        self._problems = problems

    def file(self, table: object) -> ConfigFile:
        if not isinstance(table, dict):
            self._wrong((), table, "a table")
            table = {}
        for name in table:
            if name not in _KEYS:
                self._problem(
                    (name,), "an unknown key", ", ".join(_KEYS[:-1]) + f" or {_KEYS[-1]}", closest(name, _KEYS)
                )
        return ConfigFile(
            path=self._path,
            extends=self._extends(table["extends"]) if "extends" in table else None,
            exclude=self._patterns(("exclude",), table.get("exclude", [])),
            rules=self._rules(("rules",), table.get("rules", {})),
            overrides=self._overrides(table.get("overrides", [])),
            baseline=self._baseline(table["baseline"]) if "baseline" in table else None,
            folder=self._folder,
        )

    def _extends(self, value: object) -> tuple[str, ...]:
        names = self._registry.policy_names
        known = []
        for index, name in enumerate(self._strings(("extends",), value)):
            if name in names:
                known.append(name)
            else:
                self._problem(("extends", index), f'"{name}"', one_of(names), closest(name, names))
        return tuple(known)

    def _baseline(self, value: object) -> str | None:
        if self._folder:
            self._problem(("baseline",), "a baseline of one folder", "one baseline, in the root's configuration")
        elif not isinstance(value, str) or not value.strip("/."):
            self._wrong(("baseline",), value, "the path of a file")
        else:
            return value
        return None

    def _overrides(self, value: object) -> tuple[Override, ...]:
        if not isinstance(value, list):
            self._wrong(("overrides",), value, "a list of tables with paths and rules")
            return ()
        return tuple(self._override(("overrides", index), table) for index, table in enumerate(value))

    def _override(self, key: Key, table: object) -> Override:
        if not isinstance(table, dict):
            self._wrong(key, table, "a table with paths and rules")
            table = {}
        else:
            for name in ("paths", "rules"):
                if name not in table:
                    self._problem(key, f"no {name}", "paths and rules")
        for name in table:
            if name not in ("paths", "rules"):
                self._problem((*key, name), "an unknown key", "paths or rules", closest(name, ("paths", "rules")))
        paths = self._patterns((*key, "paths"), table.get("paths", []))
        if table.get("paths") == []:
            self._problem((*key, "paths"), "no pattern", "at least one")
        return Override(
            paths=paths,
            rules=self._rules((*key, "rules"), table.get("rules", {})),
            origin=self._origin(key),
        )

    def _rules(self, key: Key, value: object) -> dict[str, Written]:
        if not isinstance(value, dict):
            self._wrong(key, value, "a table of rules")
            return {}
        rules = {}
        for name, written in value.items():
            setting = self._setting((*key, name), name, written)
            if setting is not None:
                rules[name] = Written(setting, self._origin((*key, name)))
        return rules

    def _setting(self, key: Key, name: str, value: object) -> RuleSetting | None:
        """The setting of one rule; None where something is wrong with it."""
        if not self._registry.knows(name):
            self._problem(
                key, "an unknown rule", "one that `d1lint rules` or a policy lists", self._registry.nearest(name)
            )
            return None
        if not isinstance(value, str | dict):
            self._wrong(key, value, f"{one_of(LEVELS)}, or a table with level and options")
            return None
        setting = RuleSetting.of(value)
        level_key = (*key, "level") if isinstance(value, dict) else key
        known = setting.level in (*LEVELS, None)
        if not known:
            self._wrong(level_key, setting.level, one_of(LEVELS), closest(str(setting.level), LEVELS))
        # The options of a rule that is only planned are not known yet, so nothing can be said about them.
        if self._registry.is_built(name) and (setting.options or name not in self._registry.names()):
            self._check_options(key, name, setting.options)
        return setting if known else None

    def _check_options(self, key: Key, rule: str, options: Mapping[str, object]) -> None:
        try:
            kinds = option_types(self._registry.get(rule).options)
        except BrokenRule as error:
            self._problem(key, str(error), "an installed rule that loads")
            return
        for name, value in options.items():
            if name not in kinds:
                expected = f"level or {' or '.join(kinds)}" if kinds else "level alone, as the rule has no options"
                self._problem((*key, name), "an unknown option", expected, closest(name, ("level", *kinds)))
                continue
            try:
                convert(value, kinds[name])
            except WrongType as error:
                self._wrong((*key, name), value, str(error))

    def _patterns(self, key: Key, value: object) -> tuple[str, ...]:
        patterns = self._strings(key, value)
        if not patterns:
            return ()
        from pathspec import GitIgnoreSpec

        for index, pattern in enumerate(patterns):
            try:
                GitIgnoreSpec.from_lines([pattern])
            except (ValueError, re.error):
                self._problem((*key, index), f'"{pattern}"', "a pattern as in .gitignore")
        return tuple(patterns)

    def _strings(self, key: Key, value: object) -> list[str]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self._wrong(key, value, "a list of strings")
        return []

    def _origin(self, key: Key) -> str:
        line = self._lines.find(key)
        return f"{self._path}:{line}" if line else self._path

    def _wrong(self, key: Key, value: object, expected: str, nearest: str | None = None) -> None:
        self._problem(key, _shown(value), expected, nearest)

    def _problem(self, key: Key, found: str, expected: str, nearest: str | None = None) -> None:
        name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).removeprefix(".")
        if self._path.endswith(PACKAGE):
            name = f"{PACKAGE_KEY}.{name}".removesuffix(".")
        self._problems.append(Problem(self._path, self._lines.find(key), name, found, expected, nearest))


def _shown(value: object) -> str:
    """A value as a message shows it: short, and as TOML would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}…"'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value)
