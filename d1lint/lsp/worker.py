"""Keeps one session up to date in a thread of its own, so that the editor is always answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from d1lint.lsp.diagnostics import FileReport, Writer
from d1lint.lsp.progress import Building
from d1lint.lsp.session import Cancelled, Session
from d1lint.lsp.settings import Settings
from d1lint.model.project import Project

T = TypeVar("T")
log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
"""After how long without an edit there is time to tidy up, which takes as long as judging everything."""
UNTIDIED = 30
"""After how many edits it is time all the same. An edit of a schema of 39 KB leaves some 6 MB behind."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What is open of a project at one moment: contents and versions by path."""

    contents: Mapping[str, bytes] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What is known at one moment. An incomplete one has the open files' findings; of others, some may be missing."""

    files: Mapping[str, FileReport]
    is_complete: bool
    texts: Texts


@dataclass(frozen=True, slots=True)
class Editor:
    """What a worker needs of the editor.

    `texts` gives what is open of its project, `settings` what is set for it. `heard` is told of each report. `building`
    shows that the first model is being built. Nothing is done before it `is_ready`; `delay` is how many seconds to wait
    after a change.
    """

    texts: Callable[[], Texts]
    settings: Callable[[], Settings]
    heard: Callable[[Report], None]
    building: Callable[[], AbstractAsyncContextManager[Building | None]]
    is_ready: asyncio.Event
    delay: float


class Worker:
    """Updates a session whenever it is touched: first what is open in the editor, then the rest.

    The first part is always finished, so that somebody who types without a pause sees something too; the rest is given
    up when there is something newer.
    """

    def __init__(self, session: Session, writer: Writer, executor: Executor, editor: Editor) -> None:
        self.session = session
        self.report: Report | None = None
        """The latest one."""
        self.texts = Texts()
        """What the present model was made with; for questions that are asked of it."""
        self.judged: Mapping[str, FileReport] = {}
        """The reports that the present model was judged with; likewise."""
        self._writer = writer
        self._executor = executor
        self._editor = editor
        self._settings = Settings()
        self._untidied = 0
        self._wanted = 0
        self._opened = 0
        self._completed = 0
        self._reload = True
        self._wake = asyncio.Event()
        self._news = asyncio.Condition()
        self._task = asyncio.create_task(self._work())
        self.touch()

    def touch(self, *, reload: bool = False) -> None:
        """Something has changed; `reload` where it may be anything, not only the text of an open file."""
        self._wanted += 1
        self._reload = self._reload or reload
        self._wake.set()

    def stop(self) -> None:
        """Let the session rest for good."""
        self._wanted += 1
        self._task.cancel()

    async def opened(self) -> Report:
        """The findings of what is open, as it is now."""
        wanted = self._wanted
        return await self._when(lambda: self._opened >= wanted)

    async def complete(self) -> Report:
        """All findings, as things are now."""
        wanted = self._wanted
        return await self._when(lambda: self._completed >= wanted)

    async def ask(self, question: Callable[[Project], T], file: str | None = None) -> T | None:
        """The answer to a question about the present model, found in the thread and between updates.

        None without a model, and, given a file, where the model has another text of it than the editor.
        """
        await self.opened()

        def answer() -> T | None:
            project = self.session.project
            return question(project) if project is not None and (file is None or self.is_current(file)) else None

        return await asyncio.get_running_loop().run_in_executor(self._executor, answer)

    def is_current(self, file: str) -> bool:
        """Whether the model has the text of a file that the editor has; for questions that are asked of it."""
        contents = self._editor.texts().contents
        return self.session.shift(file) is None and contents.get(file) == self.texts.contents.get(file)

    async def _when(self, is_so: Callable[[], bool]) -> Report:
        async with self._news:
            await self._news.wait_for(is_so)
        assert self.report is not None
        return self.report

    async def _work(self) -> None:
        await self._editor.is_ready.wait()
        async with self._editor.building() as building:
            await self._turn(building)
        while True:
            self._untidied += 1
            if self._untidied >= UNTIDIED or await self._is_idle():
                self._untidied = 0
                await asyncio.get_running_loop().run_in_executor(self._executor, self.session.tidy)
            await self._turn(None)

    async def _turn(self, building: Building | None) -> None:
        loop = asyncio.get_running_loop()
        await self._wake.wait()
        self._wake.clear()
        if self._editor.delay:
            await asyncio.sleep(self._editor.delay)
        wanted, settings = self._wanted, self._editor.settings()
        reload = self._reload or settings != self._settings
        self._reload, self._settings = False, settings
        texts = self._editor.texts()
        report = await loop.run_in_executor(self._executor, self._open_files, texts, settings, reload)
        await self._tell(report, wanted)
        if report.is_complete:
            return
        if building is not None:
            building.now("checking")
        everything = await loop.run_in_executor(self._executor, self._everything, texts, wanted)
        if everything is not None:
            await self._tell(everything, wanted)

    async def _is_idle(self) -> bool:
        """Whether nothing happens for a while."""
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
        except TimeoutError:
            return True
        return False

    async def _tell(self, report: Report, state: int) -> None:
        self.report = report
        self._opened = state
        if report.is_complete:
            self._completed = state
        self._editor.heard(report)
        async with self._news:
            self._news.notify_all()

    # --- in the thread -------------------------------------------------------------------------------------------

    def _open_files(self, texts: Texts, settings: Settings, reload: bool) -> Report:
        self.texts = texts
        if not settings.enable:
            self.session.rest()
            return Report({}, True, texts)
        self.session.configuration = settings.configuration
        try:
            self.session.update(texts.contents, reload=reload)
            return self._judged(texts, texts.contents.keys(), lambda: None)
        except Exception:  # a defect of ours must not end the server
            log.exception("the project at %s could not be read", self.session.root)
            return Report({}, True, texts)

    def _everything(self, texts: Texts, state: int) -> Report | None:
        def check() -> None:
            if self._wanted != state:
                raise Cancelled

        try:
            return self._judged(texts, None, check)
        except Cancelled:
            return None
        except Exception:  # likewise
            log.exception("the project at %s could not be judged", self.session.root)
            return Report({}, True, texts)

    def _judged(self, texts: Texts, files: Collection[str] | None, check: Callable[[], None]) -> Report:
        session = self.session
        result = session.judge(files, check)
        reports = self._writer.reports(result) if result is not None else {}
        for crash in result.crashes if result is not None and files is None else ():
            log.error("d1lint failed at %s (%s): %s", crash.file or "the project", crash.rule, crash.error)
        if session.trouble is not None:
            reports = {**reports, **self._writer.of_configuration(session.trouble)}
        self.judged = reports
        return Report(reports, files is None or result is None, texts)
