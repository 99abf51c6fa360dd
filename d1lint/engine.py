"""One run: from paths to the findings that count. It knows no rule by name, and prints nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from d1lint.config import Config
from d1lint.finding import Crash, Finding, Level, with_fingerprints
from d1lint.model.hints import Hint
from d1lint.model.project import Project
from d1lint.registry import Registry
from d1lint.result import EnabledRule, Result, Summary
from d1lint.rule import Rule
from d1lint.suppress import Suppression, apply, judged, suppressions
from d1lint.workspace.root import find_root, git_top_level
from d1lint.workspace.tree import DiskTree
from d1lint.workspace.workspace import Workspace

RECURSION_LIMIT = 6_000
"""The evaluator recurses with the nesting of the source; its own bounds stop it long before this."""


class UsageError(Exception):
    """The run can not be done as it was asked for; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a run is about: the project's root, and the paths below it that are asked for ("" for all of it)."""

    root: Path
    paths: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def prefix(self) -> str:
        """What leads from the git top level to the root: "" or "apps/web/"."""
        top = git_top_level(self.root)
        relative = self.root.relative_to(top).as_posix() if top is not None and self.root.is_relative_to(top) else "."
        return "" if relative == "." else f"{relative}/"

    def covers(self, path: str) -> bool:
        """Whether a file is asked for."""
        return any(not p or path == p or path.startswith(f"{p}/") for p in self.paths)


def locate(paths: Iterable[Path]) -> Target:
    """The project that the paths belong to. Raises UsageError."""
    given = [Path(path) for path in paths] or [Path()]
    missing = [str(path) for path in given if not path.exists()]
    if missing:
        verb = "does" if len(missing) == 1 else "do"
        raise UsageError(f"{', '.join(missing)} {verb} not exist")
    resolved = [path.resolve() for path in given]
    root = find_root(resolved[0])
    outside = [str(path) for path in resolved if not path.is_relative_to(root)]
    if outside:
        raise UsageError(f"{', '.join(outside)} is not in the project at {root}; check one project at a time")
    relative = [path.relative_to(root).as_posix() for path in resolved]
    shown = tuple("" if path == "." else path for path in relative)
    files = tuple(path for path, full in zip(shown, resolved, strict=True) if full.is_file())
    return Target(root, shown, files)


def open_project(target: Target, registry: Registry) -> tuple[Project, Config]:
    """The project and its configuration. Raises ConfigError."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    config = Config.load(target.root, registry)
    workspace = Workspace(DiskTree(target.root, exclude=config.exclude, explicit=target.files))
    nested = [path for path in workspace.config_files if path != "d1lint.toml"]
    if nested:
        config = Config.load(target.root, registry, nested)
        if config.exclude:
            workspace = Workspace(DiskTree(target.root, exclude=config.exclude, explicit=target.files))
    return Project(workspace), config


def check(paths: Iterable[Path] = ()) -> Result:
    """Lint. Raises UsageError and ConfigError; what goes wrong inside is among the result's crashes."""
    started = time.perf_counter()
    registry = Registry.load()
    target = locate(paths)
    project, config = open_project(target, registry)
    return Run(project, config, registry, target, started).result()


class Run:
    """The rules of one configuration over one project."""

    def __init__(self, project: Project, config: Config, registry: Registry, target: Target, started: float) -> None:
        self._project = project
        self._config = config
        self._target = target
        self._registry = registry
        self._started = started
        self._rules = [registry.get(name) for name in config.enabled_rules()]
        self._crashes: list[Crash] = []

    def result(self) -> Result:
        """The findings that count, with all that is needed to print them."""
        shown: list[Finding] = []
        suppressed = 0
        summary = Summary(len(self._project.workspace.sources), 0, 0, 0, 0.0, False)
        try:
            if self._project.has_d1:
                kept, suppressed = self._findings()
                shown = [finding for finding in with_fingerprints(kept) if self._is_asked_for(finding)]
            summary = self._summary()
        except Exception as error:  # the model itself failed: there is nothing to judge by
            self._crashes.append(Crash("", "the model", _described(error)))
        return Result(
            findings=tuple(shown),
            enabled=tuple(self._enabled()),
            summary=summary,
            source=self._project.source,
            prefix=self._target.prefix,
            crashes=(*self._project.modules.crashes, *self._project.crashes, *self._crashes),
            suppressed=suppressed,
        )

    def _findings(self) -> tuple[list[Finding], int]:
        """Run all rules, apply the suppressions, then run the rules that judge the suppressions."""
        rules = [rule for rule in self._rules if rule.on is not Suppression]
        found = [finding for rule in rules for finding in self._run(rule, self._objects(rule))]
        by_file = self._suppressions()
        applied = apply(found, by_file, self._project.source)
        ran = {rule.name for rule in rules}
        written = [
            judged(s, applied.used, self._registry, lambda name, file: name in ran and self._is_on(name, file))
            for group in by_file.values()
            for s in group
        ]
        judges = [rule for rule in self._rules if rule.on is Suppression]
        of_suppressions = [finding for rule in judges for finding in self._run(rule, written)]
        judged_too = apply(of_suppressions, by_file, self._project.source)
        return [*applied.kept, *judged_too.kept], len(applied.silenced) + len(judged_too.silenced)

    def _objects(self, rule: Rule) -> Iterable[object]:
        try:
            return list(self._project.select(rule.on))
        except Exception as error:
            self._crashes.append(Crash("", rule.name, _described(error)))
            return ()

    def _run(self, rule: Rule, objects: Iterable[object]) -> Iterator[Finding]:
        for item in objects:
            file = item.span.file  # type: ignore[attr-defined]  # every model object has a place
            setting = self._config.setting(rule.name, file)
            if setting.level is None:
                continue
            arguments = (item, self._project) if rule.options is None else (item, self._project, setting.options)
            try:
                for finding in rule.check(*arguments):
                    yield self._stamped(finding, rule, setting.level)
            except Exception as error:
                self._crashes.append(Crash(file, rule.name, _described(error)))

    def _stamped(self, finding: Finding, rule: Rule, level: Level) -> Finding:
        # A rule may make a finding milder than its level, never graver.
        own = finding.level if finding.level is not None and finding.level.weight < level.weight else level
        return replace(finding, rule=rule.name, clauses=rule.clauses, level=own)

    def _is_on(self, name: str, file: str) -> bool:
        return self._config.setting(name, file).level is not None

    def _suppressions(self) -> dict[str, tuple[Suppression, ...]]:
        found = {}
        for path, hints in self._project.paths.items():
            module = self._project.modules.module(path) if Hint.SUPPRESSION in hints else None
            if module is not None:
                found[path] = suppressions(module.comments, self._project.source(path))
        return found

    def _is_asked_for(self, finding: Finding) -> bool:
        spans = (finding.span, *(label.span for label in finding.related))
        return any(self._target.covers(span.file) for span in spans)

    def _enabled(self) -> Iterator[EnabledRule]:
        for rule in self._rules:
            yield EnabledRule(rule, self._config.root_setting(rule.name).level or rule.level)

    def _summary(self) -> Summary:
        tables = list(self._project.d1_tables)
        return Summary(
            files=len(self._project.workspace.sources),
            tables=len(tables),
            foreign_keys=sum(len(table.foreign_keys) for table in tables),
            partial_tables=sum(not table.complete for table in tables),
            seconds=time.perf_counter() - self._started,
            has_d1=self._project.has_d1,
        )


def _described(error: Exception) -> str:
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
