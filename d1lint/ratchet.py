"""Writing the baseline of a project: the first time, anew, or without what is gone."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from d1lint import engine
from d1lint.baseline import Baseline
from d1lint.config import Config
from d1lint.registry import Registry


class Written(NamedTuple):
    """The file, how many findings it holds, how many it held before that are gone, and whether `check` finds it."""

    path: Path
    held: int
    gone: int
    is_used: bool


def write_baseline(path: Path, file: Path | None, *, prune: bool, config: Path | None = None) -> Written:
    """Write the baseline of the project that a path belongs to; `prune` only takes away, and never adds.

    `config` is a file that takes the place of the root's configuration.

    Raises UsageError and ConfigError; a crash is a UsageError, as what is then found is not all that there is.
    """
    registry = Registry.load()
    target = engine.locate([path], config=config)
    own = engine.baseline_path(target, Config.load(target.root, registry, chosen=config))
    written = file or own
    result = engine.check([target.root], baseline=written if prune else False, config=config)
    if result.crashes:
        crash = result.crashes[0]
        place = f" in {crash.file}" if crash.file else ""
        raise engine.UsageError(f"no baseline is written: {crash.rule} crashed{place}: {crash.error}")
    baseline = Baseline.of(result.baselined if prune else result.findings)
    try:
        written.write_text(baseline.text(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise engine.UsageError(f"the baseline {written} can not be written: {error.strerror or error}") from error
    return Written(written, len(baseline), result.stale, written.resolve() == own.resolve())
