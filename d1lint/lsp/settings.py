"""What a person sets in the editor: the section `d1lint` of its settings.

`enable`: whether anything is shown; true unless it is set.
`configuration`: a file that takes the place of the root's `d1lint.toml`; a relative path begins at the open folder.
`run`: "onType", the default, or "onSave" to look at a text only when it is opened and saved.

What is checked is the matter of `d1lint.toml`, which the command line and the checks of pull requests read as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECTION = "d1lint"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one folder. `configuration` is an absolute path."""

    enable: bool = True
    configuration: Path | None = None
    waits_for_save: bool = False


def read_settings(given: Any, folder: Path) -> tuple[Settings, list[str]]:
    """The settings in what a client sends for a folder, and what is wrong with it: that has its default.

    Names that are not settings are passed over: editors keep their own beside them.
    """
    section = given if isinstance(given, Mapping) else {}
    problems: list[str] = []

    def value(name: str, wanted: str, is_valid: bool) -> Any:
        found = section.get(name)
        if found is not None and not is_valid:
            problems.append(f"the setting {SECTION}.{name} must be {wanted}, and is {found!r}")
        return found if is_valid else None

    enable = value("enable", "true or false", isinstance(section.get("enable"), bool))
    path = value("configuration", "the path of a file", isinstance(section.get("configuration"), str))
    run = value("run", '"onType" or "onSave"', section.get("run") in ("onType", "onSave"))
    configuration = folder / Path(path).expanduser() if path else None
    return Settings(enable is not False, configuration, run == "onSave"), problems


class AllSettings:
    """The settings of the folders that are open."""

    def __init__(self) -> None:
        self._by_folder: dict[Path, Settings] = {}
        self._otherwise = Settings()

    def put(self, folder: Path | None, settings: Settings) -> None:
        """Take up the settings of a folder; None stands for whatever is in no folder."""
        if folder is None:
            self._otherwise = settings
        else:
            self._by_folder[folder] = settings

    @property
    def watched(self) -> list[str]:
        """Patterns of the files that settings name."""
        every = (self._otherwise, *self._by_folder.values())
        return sorted({f"**/{s.configuration.name}" for s in every if s.configuration is not None})

    def of(self, root: Path) -> Settings:
        """Those of a project: of the innermost folder around its root, else of a folder in it."""
        around = [folder for folder in self._by_folder if root.is_relative_to(folder)]
        inside = [folder for folder in self._by_folder if folder.is_relative_to(root)]
        if around:
            return self._by_folder[max(around, key=lambda folder: len(folder.parts))]
        return self._by_folder[min(inside)] if inside else self._otherwise
