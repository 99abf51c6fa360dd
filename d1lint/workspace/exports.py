"""`exports` and `imports` of package.json: the files that a subpath may lead to."""

from __future__ import annotations

from collections.abc import Iterator

from d1lint.workspace.specifiers import match_star

# What is written by hand is wanted, then what a Worker would load; types last, as they may be of a build.
_FIRST = ("source", "development", "workerd", "worker", "edge-light")
_LAST = ("require", "node", "browser", "types")
# A target may have its star more than once; a bound, so that no target grows without one.
_STARS_FILLED = 4


def exported_targets(exports: object, subpath: str) -> list[str]:
    """The files that `exports` has for "." or "./subpath", relative to the package, the most wanted first.

    All conditions count: which one holds is a matter of the bundler, and they lead to the same source.
    """
    if isinstance(exports, dict) and any(key.startswith(".") for key in exports):
        return mapped_targets(exports, subpath)
    return list(_leaves(exports)) if subpath == "." else []


def mapped_targets(mapping: object, specifier: str) -> list[str]:
    """The targets of a map from patterns to targets (`exports` by subpath, `imports`), the most wanted first."""
    if not isinstance(mapping, dict):
        return []
    if specifier in mapping:
        return list(_leaves(mapping[specifier]))
    best: tuple[int, list[str]] | None = None
    for pattern, value in mapping.items():
        matched = match_star(pattern, specifier) if "*" in pattern else None
        weight = len(pattern.partition("*")[0])
        if matched is not None and (best is None or weight > best[0]):
            best = (weight, [target.replace("*", matched, _STARS_FILLED) for target in _leaves(value)])
    return best[1] if best else []


def _leaves(value: object) -> Iterator[str]:
    """The strings in nested conditions and alternatives."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            pending += reversed(item)
        elif isinstance(item, dict):
            pending += [item[condition] for condition in sorted(item, key=_rank, reverse=True)]


def _rank(condition: str) -> int:
    if condition in _FIRST:
        return _FIRST.index(condition)
    return len(_FIRST) + 1 + _LAST.index(condition) if condition in _LAST else len(_FIRST)
