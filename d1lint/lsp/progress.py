"""Tells the client that a project is being read for the first time, which can take seconds."""

from __future__ import annotations

import asyncio
from types import TracebackType

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.progress import Progress

PATIENCE = 2.0
"""Seconds that a client has to say that it shows a progress."""


class Building:
    """The progress of one project's first model. `async with Building(progress, token, title) as building:`

    The work does not wait for the client, and nothing is shown by one that does not answer.
    """

    def __init__(self, progress: Progress, token: str, title: str) -> None:
        self._progress = progress
        self._token = token
        self._title = title
        self._message = "reading"
        self._begun: asyncio.Task[bool] | None = None

    async def __aenter__(self) -> Building:
        self._begun = asyncio.create_task(self._begin())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun is not None and await self._begun:
            self._progress.end(self._token, types.WorkDoneProgressEnd())

    def now(self, message: str) -> None:
        """What is being done."""
        self._message = message
        if self._begun is not None and self._begun.done() and self._begun.result():
            self._progress.report(self._token, types.WorkDoneProgressReport(message=message))

    async def _begin(self) -> bool:
        try:
            await asyncio.wait_for(self._progress.create_async(self._token), PATIENCE)
        except (JsonRpcException, TimeoutError):
            return False
        self._progress.begin(self._token, types.WorkDoneProgressBegin(self._title, message=self._message))
        return True
