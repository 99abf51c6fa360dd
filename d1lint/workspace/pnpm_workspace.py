"""The three keys of pnpm-workspace.yaml (and .yarnrc.yml) that say where packages are and which versions they ask for.

A reader of block lists and maps with one entry a line, and of flow lists; what else YAML can do is skipped. It
saves a dependency on a YAML library for two kinds of line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_QUOTED_OR_COMMENT = re.compile(r"""'[^']*'|"[^"]*"|(?:^|\s)#.*""")
_LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True)
class PnpmWorkspace:
    """`packages` are globs of folders, None where the file names none; `catalogs` map name to package to range.

    The catalogue that has no name is "default".
    """

    packages: tuple[str, ...] | None = None
    catalogs: dict[str, dict[str, str]] = field(default_factory=dict)


def parse_pnpm_workspace(data: bytes) -> PnpmWorkspace:
    """Read the file. It never fails: what is not understood is left out."""
    packages: list[str] | None = None
    catalogs: dict[str, dict[str, str]] = {}
    section, catalog, catalog_indent = "", "default", 0
    for raw in data.decode("utf-8-sig", "replace").splitlines():
        line = _without_comment(raw) if len(raw) <= _LONGEST_LINE else ""
        text = line.lstrip()
        indent = len(line) - len(text)
        if not text:
            continue
        if text.startswith("-"):
            if section == "packages" and packages is not None:
                packages.append(_unquoted(text[1:]))
            continue
        key, value = _entry(text)
        if indent == 0:
            section, catalog, catalog_indent = key, "default", 0
            if section == "packages":
                packages = _flow_list(value)
        elif section == "catalogs" and (not catalog_indent or indent <= catalog_indent):
            catalog, catalog_indent = key, indent
        elif section in ("catalog", "catalogs") and key and value:
            catalogs.setdefault(catalog, {})[key] = value
    return PnpmWorkspace(None if packages is None else tuple(packages), catalogs)


def _without_comment(line: str) -> str:
    return _QUOTED_OR_COMMENT.sub(lambda match: match[0] if match[0][0] in "'\"" else "", line).rstrip()


def _entry(text: str) -> tuple[str, str]:
    """The key and the value of `key: value`, both unquoted; the value is "" where it follows on other lines."""
    if text[0] in "'\"":
        end = text.find(text[0], 1)
        key, rest = text[1:end], text[end + 1 :].lstrip()
        return (key, _unquoted(rest[1:])) if end > 0 and rest.startswith(":") else ("", "")
    if text.endswith(":"):
        return text[:-1], ""
    key, colon, value = text.partition(": ")
    return (key.rstrip(), _unquoted(value)) if colon else ("", "")


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def _flow_list(text: str) -> list[str]:
    if not (text.startswith("[") and text.endswith("]")):
        return []
    return [item for part in text[1:-1].split(",") if (item := _unquoted(part))]
