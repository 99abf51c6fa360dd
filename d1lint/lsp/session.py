"""One project in a long-lived process: its model, kept up to date with the open texts."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from d1lint.baseline import Baseline
from d1lint.config import Config, ConfigError
from d1lint.engine import Run, Target, UsageError, open_workspace, read_baseline
from d1lint.finding import Finding, Span
from d1lint.lsp.held_over import HeldOver
from d1lint.lsp.last_good import LastGood, Shift
from d1lint.model.memo import ContentMemo
from d1lint.model.project import Project
from d1lint.registry import Registry
from d1lint.result import Result
from d1lint.workspace.kinds import kind_of
from d1lint.workspace.workspace import Workspace

_GONE = 5_000
"""How much of earlier models is kept at most until there is time to let go of it."""


class Cancelled(BaseException):
    """The work is no longer wanted. It is no Exception, so that nothing takes it for a rule's or a file's trouble."""


class Session:
    """The project at a root. All methods are for one thread.

    What is known of the file system (the listing, configurations, resolved imports) stays until a reload or until
    something else than the text of a known script changes; the facts of a file stay as long as its content.
    """

    def __init__(self, root: Path, registry: Registry) -> None:
        self.root = root
        self.registry = registry
        self.configuration: Path | None = None
        """A file in the place of the root's configuration; a change of it needs a reload."""
        self.paths: tuple[str, ...] = ("",)
        """What is reported on, relative to the root: "" for all of it."""
        self.trouble: ConfigError | UsageError | None = None
        """Why the configuration can not be used; the last one that could holds on."""
        self._gone: list[object] = []
        self.project: Project | None = None
        """The present model; None before the first update, and without any usable configuration."""
        self._memo = ContentMemo()
        self._last_good = LastGood(self._memo)
        self._texts: dict[str, bytes] = {}
        self._workspace: Workspace | None = None
        self._config: Config | None = None
        self._baseline: Baseline | None = None
        self._held_over = HeldOver()
        self._run: Run | None = None

    def update(self, texts: Mapping[str, bytes], *, reload: bool) -> None:
        """Build the model anew, with the open `texts` (by path) over the disk; `reload` reads all else anew, too."""
        started = time.perf_counter()
        if len(self._gone) > _GONE:
            self._gone.clear()
        texts = {path: data for path, data in texts.items() if kind_of(path.rpartition("/")[2]) is not None}
        for path in self._texts.keys() - texts.keys():
            self._last_good.forget(path)
        settled = {path: self._last_good.settle(path, data) for path, data in texts.items()}
        changed = {path for path in {*self._texts, *settled} if self._texts.get(path) != settled.get(path)}
        reload = reload or self._workspace is None or self._concerns_more_than_text(changed, settled)
        before = self._before(changed) if not reload else None
        self._texts.clear()
        self._texts.update(settled)  # the same dict: the workspace's tree reads through it
        if reload:
            self._reload()
        if self._workspace is None or self._config is None:
            return
        for path in changed:
            self._workspace.forget(path)
        earlier = self.project
        if earlier is not None and before is not None:
            now = {path: self._workspace.read(path) for path in before}
            self.project = earlier.edited({path: text for path, text in before.items() if text != now[path]})
        else:
            self.project = Project(self._workspace, self._memo)
        self._gone += [earlier, *self.project.gone]
        self.project.gone.clear()
        self._begin(started)

    def judge(self, files: Container[str] | None = None, check: Callable[[], None] = lambda: None) -> Result | None:
        """The findings; given files, only theirs are complete, and they come sooner. None without a model.

        What can be told only by looking through all the code is then as it was when all was judged.
        `check` is called from time to time and may raise Cancelled; the work can be taken up again afterwards.
        """
        if self._run is None or self.project is None:
            return None
        result = self._result(files, check)
        if self.project.is_doubtful:
            assert self._workspace is not None
            self.project = Project(self._workspace, self._memo)
            self._begin(time.perf_counter())
            result = self._result(files, check)
        if files is None or self._baseline is not None:
            self._held_over = HeldOver(result.findings, result.source)
            return result
        held_over = self._held_over.of(self._run.left_out, files, self.project.source)
        return replace(result, findings=tuple(sorted([*result.findings, *held_over], key=_place)))

    def tidy(self) -> None:
        """Let go of what earlier models were made of: to be called when there is nothing else to do."""
        self._gone.clear()
        gc.collect()

    def rest(self) -> None:
        """Forget the project; the next update reads it anew."""
        self.project = self.trouble = self._run = self._workspace = None

    def shift(self, path: str) -> Shift | None:
        """How a file's text differs from what the model has for it; None where it does not."""
        return self._last_good.shift(path)

    def _begin(self, started: float) -> None:
        assert self.project is not None and self._config is not None
        self._run = Run(self.project, self._config, self.registry, self._target(), started, self._baseline)

    def _result(self, files: Container[str] | None, check: Callable[[], None]) -> Result:
        assert self.project is not None and self._run is not None
        self.project.between_files = check
        try:
            # A baseline counts how often a finding is there: only all of them together can be compared with it.
            return self._run.result(None if self._baseline is not None else files)
        finally:
            self.project.between_files = lambda: None

    def _before(self, changed: Iterable[str]) -> dict[str, bytes] | None:
        """What those scripts held whose content is another now; None where the model does not know."""
        if self._workspace is None:
            return None
        try:
            return {path: self._workspace.read(path) for path in changed}
        except OSError:
            return None

    def _target(self) -> Target:
        return Target(self.root, self.paths, (), (), self.configuration)

    def _reload(self) -> None:
        try:
            workspace, config = open_workspace(self._target(), self.registry, self._texts)
            baseline = read_baseline(self._target(), config, True)
        except (ConfigError, UsageError) as error:
            self.trouble = error
            return
        self.trouble = None
        self._workspace, self._config, self._baseline = workspace, config, baseline

    def _concerns_more_than_text(self, changed: set[str], texts: Mapping[str, bytes]) -> bool:
        """Whether changes can matter for more than the text of scripts: there are new files, or configurations."""
        known = frozenset(self._workspace.sources) if self._workspace is not None else frozenset()
        return any(path not in known or (path not in texts and not (self.root / path).is_file()) for path in changed)


def _place(finding: Finding) -> tuple[Span, str, str, str]:
    """What findings are sorted by, as the engine does."""
    return finding.span, finding.rule, finding.symbol, finding.what
