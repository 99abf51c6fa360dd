"""One run: from paths to the findings that count. It knows no rule by name, and prints nothing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from d1lint.baseline import DEFAULT_NAME, Baseline, BaselineError, Parted
from d1lint.changes import Change, caused, find_change, is_same
from d1lint.config import Config, ConfigError, Setting
from d1lint.config_file import Problem as Misconfigured
from d1lint.finding import Crash, Finding, Level, Span, with_fingerprints
from d1lint.model.hints import Hint
from d1lint.model.memo import ContentMemo
from d1lint.model.parallel import beside, can_fork
from d1lint.model.project import Project, is_about_queries, looks_everywhere
from d1lint.registry import Registry, UnknownName
from d1lint.result import EnabledRule, Result, Silenced, Statistics, Summary
from d1lint.rule import Rule
from d1lint.source import Source
from d1lint.suppress import Suppression, apply, judged, suppressions
from d1lint.workspace.git import GitError
from d1lint.workspace.overlay_tree import OverlayTree
from d1lint.workspace.problem import Problem
from d1lint.workspace.root import CONFIG_NAME, find_root, git_top_level
from d1lint.workspace.tree import DiskTree
from d1lint.workspace.workspace import Workspace

PARALLEL_BYTES = 300_000
"""With less code to judge, a second process costs more than it saves."""
RECURSION_LIMIT = 6_000
"""The evaluator recurses with the nesting of the source; its own bounds stop it long before this."""


class UsageError(Exception):
    """The run can not be done as it was asked for; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a run is about: the project's root, and the paths below it that are asked for ("" for all of it).

    `files` are the files among the paths, `explicit` those of them that are linted even where they are excluded.
    `config` is a file that takes the place of the root's configuration.
    """

    root: Path
    paths: tuple[str, ...]
    files: tuple[str, ...]
    explicit: tuple[str, ...]
    config: Path | None = None

    @property
    def prefix(self) -> str:
        """What leads from the git top level to the root: "" or "apps/web/"."""
        top = git_top_level(self.root)
        relative = self.root.relative_to(top).as_posix() if top is not None and self.root.is_relative_to(top) else "."
        return "" if relative == "." else f"{relative}/"

    def covers(self, path: str) -> bool:
        """Whether a file is asked for."""
        return any(not p or path == p or path.startswith(f"{p}/") for p in self.paths)


def locate(
    paths: Iterable[Path], *, force_exclude: bool = False, unsaved: bool = False, config: Path | None = None
) -> Target:
    """The project that the paths belong to. Raises UsageError.

    With `force_exclude`, the paths are those that another tool passes: what is excluded stays so, and one that does
    not exist is a file that was deleted. An `unsaved` file need not exist, either.
    """
    given = [Path(path) for path in paths] or [Path()]
    missing = [str(path) for path in given if not path.exists()]
    if missing and not force_exclude and not unsaved:
        verb = "does" if len(missing) == 1 else "do"
        raise UsageError(f"{', '.join(missing)} {verb} not exist")
    resolved = [path.resolve() for path in given]
    root = _root(resolved)
    outside = [str(path) for path in resolved if not path.is_relative_to(root)]
    if outside:
        raise UsageError(f"{', '.join(outside)} is not in the project at {root}; check one project at a time")
    relative = [path.relative_to(root).as_posix() for path in resolved]
    shown = tuple("" if path == "." else path for path in relative)
    files = tuple(path for path, full in zip(shown, resolved, strict=True) if not full.is_dir())
    return Target(root, shown, files, () if force_exclude else files, config)


def _root(paths: list[Path]) -> Path:
    """The root of the project that holds the paths: that of the first, or one around several projects."""
    root = find_root(paths[0])
    if all(path.is_relative_to(root) for path in paths):
        return root
    try:
        around = find_root(Path(os.path.commonpath(paths)))
    except ValueError:  # they are on different drives
        return root
    # Where neither a configuration nor git says so, a folder that holds two projects is none itself.
    return around if (around / CONFIG_NAME).is_file() or git_top_level(around) is not None else root


def open_project(
    target: Target, registry: Registry, contents: Mapping[str, bytes] | None = None
) -> tuple[Project, Config]:
    """The project and its configuration. Raises ConfigError.

    `contents` takes the place of files on the disk: from their paths, relative to the root, to what they hold.
    """
    workspace, config = open_workspace(target, registry, contents)
    return Project(workspace), config


def open_workspace(
    target: Target,
    registry: Registry,
    contents: Mapping[str, bytes] | None = None,
    change: Change | None = None,
) -> tuple[Workspace, Config]:
    """The files of the project and its configuration, likewise. What `contents` holds is read when it is needed.

    Where a change is staged, all of it is what the index holds. Raises GitError, too.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    read = change.index_tree(DiskTree(target.root)).read if change is not None and change.staged else None
    load = partial(Config.load, target.root, registry, read=read, chosen=target.config)
    try:
        config = load()
    except ConfigError:
        # All that is wrong is said at once: what is wrong in the files below the root, too.
        load(_nested(Workspace(DiskTree(target.root))))
        raise
    workspace = _workspace(target, config, contents, change)
    nested = _nested(workspace)
    if nested:
        config = load(nested)
        if config.exclude:
            workspace = _workspace(target, config, contents, change)
    return workspace, config


def _nested(workspace: Workspace) -> list[str]:
    return [path for path in workspace.config_files if path != CONFIG_NAME]


def _workspace(
    target: Target, config: Config, contents: Mapping[str, bytes] | None, change: Change | None
) -> Workspace:
    tree = DiskTree(target.root, exclude=config.exclude, explicit=target.explicit)
    if change is not None and change.staged:
        return Workspace(change.index_tree(tree, config.exclude, target.explicit))
    return Workspace(OverlayTree(tree, contents, target.explicit) if contents is not None else tree)


def check(
    paths: Iterable[Path] = (),
    *,
    baseline: Path | bool = True,
    contents: Mapping[str, bytes] | None = None,
    force_exclude: bool = False,
    changed_since: str | None = None,
    staged: bool = False,
    unsaved: bytes | None = None,
    config: Path | None = None,
) -> Result:
    """Lint. Raises UsageError and ConfigError; what goes wrong inside is among the result's crashes.

    `baseline` is a file, True for the project's own where it has one, or False for none; `contents` as for
    `open_project`, `force_exclude` as for `locate`. With a revision, only what was caused since its merge base with
    HEAD is reported; with `staged`, only what the index causes, and it is read instead of the disk. Of given files,
    what is located in them is reported, too. `unsaved` is the content of the only path; `config` a file that takes
    the place of the root's configuration.
    """
    started = time.perf_counter()
    registry = Registry.load()
    target = locate(paths, force_exclude=force_exclude, unsaved=unsaved is not None, config=config)
    if unsaved is not None:
        contents = {**(contents or {}), target.paths[0]: unsaved}
    memo = ContentMemo()
    try:
        change = find_change(target.root, changed_since, staged=staged, files=bool(target.files))
        workspace, settings = open_workspace(target, registry, contents, change)
        known = read_baseline(target, settings, baseline)
        project = Project(workspace, memo)
        run = Run(project, settings, registry, target, started, known)
        older = Workspace(change.base_tree(workspace.tree, settings.exclude, target.explicit)) if change else None
    except GitError as error:
        raise UsageError(str(error)) from error
    base = Run(Project(older, memo), settings, registry, target, started) if older is not None else None
    result = run.result(base=base, only_caused=change is not None and change.only)
    if known is not None:
        result = replace(result, baseline=_inside(target.root, baseline_path(target, settings, baseline)))
    if project.modules.unreadable:
        reasons = sorted(project.modules.unreadable.items())
        raise UsageError("\n".join(f"{path} can not be read: {reason}" for path, reason in reasons))
    return result


def failed(paths: Iterable[Path], error: Exception, config: Path | None = None) -> Result:
    """The result of a run that `check` could not do, from what it was given and raised: the reasons, nothing else."""
    try:
        target = locate(paths, force_exclude=True, config=config)
    except UsageError:
        target = Target(Path.cwd(), ("",), (), ())
    if isinstance(error, ConfigError):
        problems = [_placed(problem, target) for problem in error.problems]
    elif isinstance(error, UsageError | UnknownName):
        problems = [Problem("", None, line) for line in str(error).splitlines()]
    else:
        problems = [Problem("", None, _described(error))]
    return Result(
        findings=(),
        enabled=(),
        summary=Summary(0, 0, 0, 0, 0.0, False),
        source=lambda path: Source(path, b""),
        prefix=target.prefix,
        problems=tuple(problems),
    )


def _placed(problem: Misconfigured, target: Target) -> Problem:
    """A problem of a configuration, at its file; at none where that is not in the project."""
    if target.config is None or problem.file != target.config.as_posix():
        return Problem(problem.file, problem.line, problem.message)
    file = _inside(target.root, target.config)
    return Problem(file, problem.line, problem.message) if file else Problem("", None, str(problem))


def baseline_path(target: Target, config: Config, baseline: Path | bool = True) -> Path:
    """The file of a baseline, whether it is there or not: a given one, else the project's own."""
    return baseline if isinstance(baseline, Path) else target.root / (config.baseline or DEFAULT_NAME)


def read_baseline(target: Target, config: Config, baseline: Path | bool) -> Baseline | None:
    """The baseline that counts; see `check`. Raises UsageError."""
    path = baseline_path(target, config, baseline)
    if not baseline or (baseline is True and not config.baseline and not path.exists()):
        return None
    try:
        return Baseline.read(path)
    except BaselineError as error:
        raise UsageError(str(error)) from error


def _inside(root: Path, path: Path) -> str:
    """A path relative to the root; empty for one that is elsewhere."""
    full = path.resolve()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a result for some files does not have: all of some rules, and what `judges` say of some suppressions."""

    rules: frozenset[str] = frozenset()
    judges: frozenset[str] = frozenset()
    suppressions: tuple[Span, ...] = ()


class Run:
    """The rules of one configuration over one project."""

    def __init__(
        self,
        project: Project,
        config: Config,
        registry: Registry,
        target: Target,
        started: float,
        baseline: Baseline | None = None,
    ) -> None:
        self._project = project
        self._config = config
        self._target = target
        self._registry = registry
        self._started = started
        self._baseline = baseline
        self._rules = [registry.get(name) for name in config.enabled_rules()]
        self._crashes: list[Crash] = []
        self._files: Container[str] | None = None
        self.left_out = LeftOut()
        """What the latest result does not have."""
        self._statistics = Statistics(phases={"files": time.perf_counter() - started})

    def result(
        self, files: Container[str] | None = None, *, base: Run | None = None, only_caused: bool = False
    ) -> Result:
        """The findings that count, with all that is needed to print them.

        Given files, those of these files are complete, but for what is `left_out`: all that can be told only by looking
        through the code of all files. Elsewhere some may be missing. It can be asked again.
        `base` is the run over what was there before: what it does not find has been caused since, and is reported
        wherever it lies; with `only_caused`, nothing else is but what is located in the files of the target.
        """
        self._crashes.clear()
        self._files = files
        found = Parted([], [], 0)
        everything: list[Finding] = []
        new_here: list[Finding] = []
        silenced: list[Finding] = []
        summary = Summary(len(self._project.workspace.sources), 0, 0, 0, 0.0, False)
        try:
            with self._phase("model"):
                has_d1 = self._project.has_d1
            if has_d1:
                kept, silenced = self._findings()
                everything = with_fingerprints(kept)
            found = (self._baseline or Baseline(())).part(everything)
            here = partial(self._is_asked_for, is_caused=False, only_caused=only_caused)
            if base is not None and not all(map(here, found.new)):
                with self._phase("base"):
                    new_here = self._caused(everything, base)
            summary = self._summary()
        except Exception as error:  # the model itself failed: there is nothing to judge by
            self._crashes.append(Crash("", "the model", _described(error)))
        crashes = (*self._project.modules.crashes, *self._project.crashes, *self._crashes)
        ours = {id(finding) for finding in new_here}
        shown = [f for f in found.new if self._is_asked_for(f, is_caused=id(f) in ours, only_caused=only_caused)]
        return Result(
            findings=tuple(shown),
            enabled=tuple(self._enabled()),
            summary=summary,
            source=self._project.source,
            prefix=self._target.prefix,
            crashes=crashes,
            suppressed=len(silenced),
            silenced=partial(self._silenced, silenced, everything),
            baselined=tuple(found.known),
            stale=0 if crashes else found.stale,  # a rule that crashed says nothing about what is gone
            older=len(found.new) - len(shown) if only_caused else 0,
            statistics=self._statistics,
            policies=lambda: tuple(map(self._registry.policy, self._registry.policy_names)),
        )

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        """Count the time of a block for a phase. What only a rule asks the model for is that rule's time."""
        started = time.perf_counter()
        try:
            yield
        finally:
            phases = self._statistics.phases
            phases[name] = phases.get(name, 0.0) + time.perf_counter() - started

    def _findings(self) -> tuple[list[Finding], list[Finding]]:
        """Run all rules, apply the suppressions, then run the rules that judge them: what is kept and what is not."""
        in_order = [rule for rule in self._rules if rule.on is not Suppression]
        rules = [rule for rule in in_order if self._files is None or not looks_everywhere(rule.on)]
        found = self._found_by(rules)
        with self._phase("suppressions"):
            by_file = self._suppressions()
            applied = apply(found, by_file, self._project.source)
        ran = {rule.name for rule in rules}
        waiting = {rule.name for rule in in_order} - ran
        written = [
            judged(s, applied.used, self._registry, lambda name, file: name in ran and self._is_on(name, file))
            for group in by_file.values()
            for s in group
            if waiting.isdisjoint(s.names)
        ]
        judges = [rule for rule in self._rules if rule.on is Suppression]
        unjudged = [s for group in by_file.values() for s in group if not waiting.isdisjoint(s.names)]
        self.left_out = LeftOut(
            frozenset(waiting), frozenset(rule.name for rule in judges), tuple(s.span for s in unjudged)
        )
        of_suppressions = [finding for rule in judges for finding in self._run(rule, written)]
        judged_too = apply(of_suppressions, by_file, self._project.source)
        silenced = [*applied.silenced, *judged_too.silenced]
        self._statistics.suppressed.update(finding.rule for finding in silenced)
        return [*applied.kept, *judged_too.kept], silenced

    def _found_by(self, rules: list[Rule]) -> list[Finding]:
        """What rules find; in a large project those about queries run in a process of their own."""
        apart = [
            rule for rule in rules if is_about_queries(rule.on) and not rule.fixable
        ]  # a fix can not be handed over
        here = [rule for rule in rules if rule not in apart]
        if not apart or not here or self._files is not None or self._project.size < PARALLEL_BYTES or not can_fork():
            return self._run_all(rules)
        found, (theirs, crashes) = beside(partial(self._run_all, here), partial(self._run_apart, apart))
        for crash in crashes:
            if crash not in self._crashes:
                self._crashes.append(crash)
        return [*found, *theirs]

    def _run_apart(self, rules: list[Rule]) -> tuple[list[Finding], list[Crash]]:
        """What rules find, with what failed at it."""
        found = self._run_all(rules)
        return found, [*self._crashes, *self._project.crashes, *self._project.modules.crashes]

    def _run_all(self, rules: list[Rule]) -> list[Finding]:
        found: list[Finding] = []
        known: dict[type, list[object]] = {}  # many rules speak about one type
        for rule in rules:
            with self._phase("model"):
                objects = known.get(rule.on) or self._objects(rule)
                known[rule.on] = objects
            with self._phase("rules"):
                found += self._run(rule, objects)
        return found

    def _silenced(self, findings: list[Finding], beside: list[Finding]) -> tuple[Silenced, ...]:
        """The suppressed findings with the reasons that the comments give."""
        by_file = self._suppressions()
        return tuple(
            Silenced(finding, _reason(finding, by_file[finding.span.file], self._project.source))
            for finding in with_fingerprints(findings, beside)
        )

    def _objects(self, rule: Rule) -> list[object]:
        try:
            return list(self._project.select(rule.on, self._files))
        except Exception as error:
            self._crashes.append(Crash("", rule.name, _described(error)))
            return []

    def _run(self, rule: Rule, objects: Iterable[object]) -> Iterator[Finding]:
        settings: dict[str, Setting] = {}
        for item in objects:
            self._project.between_files()
            file = item.span.file  # type: ignore[attr-defined]  # every model object has a place
            setting = settings.get(file)
            if setting is None:
                setting = settings[file] = self._config.setting(rule.name, file)
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

    def _is_asked_for(self, finding: Finding, *, is_caused: bool, only_caused: bool) -> bool:
        files = {finding.span.file, *(label.span.file for label in finding.related)}
        if self._target.files and (is_caused or not files.isdisjoint(self._target.files)):
            return True
        return (is_caused or not only_caused) and any(map(self._target.covers, files))

    def _caused(self, found: list[Finding], base: Run) -> list[Finding]:
        """Those of the findings that the run over what was there before does not have."""
        if is_same(self._project.workspace.tree, base._project.workspace.tree):
            return []
        before = with_fingerprints(base._findings()[0]) if base._project.has_d1 else []
        return caused(found, self._project.source, before, base._project.source)

    def _enabled(self) -> Iterator[EnabledRule]:
        for rule in self._rules:
            yield EnabledRule(rule, self._config.root_setting(rule.name).level or rule.level)

    def _summary(self) -> Summary:
        tables = list(self._project.d1_tables)
        self._statistics.unknown.update(reason for table in tables for reason in dict.fromkeys(table.reasons))
        return Summary(
            files=len(self._project.workspace.sources),
            tables=len(tables),
            foreign_keys=sum(len(table.foreign_keys) for table in tables),
            partial_tables=sum(not table.complete for table in tables),
            seconds=time.perf_counter() - self._started,
            has_d1=self._project.has_d1,
        )


def _reason(finding: Finding, written: Iterable[Suppression], source: Callable[[str], Source]) -> str:
    """The reason of the first suppression that covers a finding and gives one; empty where none does."""
    line = source(finding.span.file).line_number(finding.span.start)
    covering = (s for s in written if finding.rule in s.names and (s.whole_file or s.line <= line <= s.target_line))
    return next((suppression.reason for suppression in covering if suppression.reason), "")


def _described(error: Exception) -> str:
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
