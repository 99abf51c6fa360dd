"""The version of drizzle-orm that a lock file gives to a package.

Lock files are long and only one entry counts, so their text is searched, not parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from d1lint.workspace.paths import name_of, upwards
from d1lint.workspace.version import Version, parse_version

LOCK_NAMES = ("pnpm-lock.yaml", "bun.lock", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock")

_PNPM_IMPORTER_ENTRY = re.compile(
    r"^ +'?drizzle-orm'?:(?:\s*\n +specifier:[^\n]*\n +version:)? '?([^\s']+)", re.MULTILINE
)
_PNPM_PACKAGE = re.compile(r"^  '?/?drizzle-orm[@/](\d[^\s:('_]*)", re.MULTILINE)
_BUN_PACKAGE = re.compile(r'^ *"([^"\n]*)": \["drizzle-orm@([^"\n]+)"', re.MULTILINE)
_NPM_PACKAGE = re.compile(r'"([^"\n]*node_modules/drizzle-orm)": \{\s*"version": "([^"\n]+)"')
_NPM_V1_PACKAGE = re.compile(r'"drizzle-orm": \{\s*"version": "([^"\n]+)"')
_YARN_ENTRY = re.compile(r'^("?drizzle-orm@[^\n]*):\n +version:? "?([^\s"]+)', re.MULTILINE)


def locked_version(path: str, data: bytes, directory: str, name: str | None, requested: str) -> Version | None:
    """The version for a package.

    `path` and `data` are the lock file's; `directory` is the package's folder relative to the lock file's, `name`
    its name, and `requested` the range that it asks for. None where the file does not say.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    readers: dict[str, Callable[[], str | None]] = {
        "pnpm-lock.yaml": lambda: _pnpm(text, directory),
        "bun.lock": lambda: _bun(text, name),
        "package-lock.json": lambda: _npm(text, directory),
        "npm-shrinkwrap.json": lambda: _npm(text, directory),
        "yarn.lock": lambda: _yarn(text, requested),
    }
    reader = readers.get(name_of(path))
    found = reader() if reader and "drizzle-orm" in text else None
    return parse_version(found) if found else None


def _pnpm(text: str, directory: str) -> str | None:
    start = text.find("\nimporters:\n")
    if start >= 0:
        block = _pnpm_importer(text, start, directory or ".")
    else:
        # A repository of one package, before version 9: its dependencies stand at the top, above the packages.
        block = text[: max(text.find("\npackages:\n"), 0)] if not directory else ""
    for match in _PNPM_IMPORTER_ENTRY.finditer(block):
        if match[1][0].isdecimal():
            return match[1]
    return _only(_PNPM_PACKAGE.findall(text))


def _pnpm_importer(text: str, start: int, key: str) -> str:
    for written in (f"\n  {key}:\n", f"\n  '{key}':\n"):
        at = text.find(written, start)
        if at >= 0:
            end = re.compile(r"\n {0,2}[^\s]").search(text, at + len(written) - 1)
            return text[at : end.start() if end else len(text)]
    return ""


def _bun(text: str, name: str | None) -> str | None:
    found: dict[str, str] = dict(_BUN_PACKAGE.findall(text))
    return found.get(f"{name}/drizzle-orm") or found.get("drizzle-orm")


def _npm(text: str, directory: str) -> str | None:
    found: dict[str, str] = dict(_NPM_PACKAGE.findall(text))
    for folder in upwards(directory):
        if version := found.get(f"{folder}/node_modules/drizzle-orm" if folder else "node_modules/drizzle-orm"):
            return version
    return None if found else _only(_NPM_V1_PACKAGE.findall(text))


def _yarn(text: str, requested: str) -> str | None:
    entries = _YARN_ENTRY.findall(text)
    for keys, version in entries:
        for key in keys.replace('"', "").split(", "):
            if key.removeprefix("drizzle-orm@").removeprefix("npm:") == requested:
                return str(version)
    return _only([version for _, version in entries])


def _only(found: list[str]) -> str | None:
    """The one version that occurs, however often."""
    return found[0] if len(set(found)) == 1 else None
