"""An editor for tests: a client of `d1lint server` over its standard input and output, as a real one is."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

COMMAND = (sys.executable, "-c", "from d1lint.cli import main; main()", "server")
PATIENCE = 30.0
"""Seconds after which what has not come will not come."""

Report = types.PublishDiagnosticsParams


def editing(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Let a coroutine be a test."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(_run(test, args, kwargs), 3 * PATIENCE))

    return run


async def _run(test: Callable[..., Awaitable[None]], args: Any, kwargs: Any) -> None:
    await test(*args, **kwargs)


class Editor:
    """One connection. `async with Editor(folder) as editor:` starts the server, and ends it as the protocol has it."""

    def __init__(self, *folders: Path, can: types.ClientCapabilities | None = None, options: Any = None) -> None:
        self.folders = folders
        self.can = can or types.ClientCapabilities()
        self.options = options
        self.client = LanguageClient("test", "1")
        self.shown: dict[str, Report] = {}
        self.registered: list[types.Registration] = []
        self.refreshes = 0
        self.settings: dict[str, Any] = {}
        """The section `d1lint` of this editor's settings."""
        self.progress: list[Any] = []
        self.messages: list[str] = []
        self.server: types.InitializeResult | None = None
        self._texts: dict[Path, tuple[int, str]] = {}
        self._news = asyncio.Condition()
        for method, hear in (
            (types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, self._on_report),
            (types.CLIENT_REGISTER_CAPABILITY, self._on_register),
            (types.WORKSPACE_DIAGNOSTIC_REFRESH, self._on_refresh),
            (types.WORKSPACE_CONFIGURATION, self._on_settings),
            (types.WINDOW_WORK_DONE_PROGRESS_CREATE, self._on_new_progress),
            (types.PROGRESS, self._on_progress),
            (types.WINDOW_SHOW_MESSAGE, self._on_message),
        ):
            self.client.feature(method)(_function(hear))

    async def __aenter__(self) -> Editor:
        await self.client.start_io(*COMMAND)
        folders = [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in self.folders]
        self.server = await self.client.initialize_async(
            types.InitializeParams(
                self.can, process_id=os.getpid(), workspace_folders=folders, initialization_options=self.options
            )
        )
        self.client.initialized(types.InitializedParams())
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.wait_for(self.client.shutdown_async(None), PATIENCE)
        self.client.exit(None)
        assert await asyncio.wait_for(self.process.wait(), PATIENCE) == 0
        await self.client.stop()

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The server's."""
        process = self.client._server
        assert process is not None
        return process

    # --- what a person does --------------------------------------------------------------------------------------

    async def open(self, path: Path, text: str | None = None) -> list[types.Diagnostic]:
        """Open a file, with what is on the disk or another text; its diagnostics where they are pushed."""
        text = path.read_bytes().decode() if text is None else text
        self._texts[path] = (1, text)
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(path.as_uri(), "typescript", 1, text))
        )
        return await self.diagnostics(path) if not self.pulls else []

    async def replace(self, path: Path, old: str, new: str) -> list[types.Diagnostic]:
        """Type `new` in the place of `old` in an open file; its diagnostics where they are pushed."""
        self.edit(path, old, new)
        return await self.diagnostics(path) if not self.pulls else []

    def edit(self, path: Path, old: str, new: str) -> None:
        """The same, without a look at what is shown."""
        version, text = self._texts[path]
        assert text.count(old) == 1, old
        start = text.index(old)
        where = types.Range(position(text, start), position(text, start + len(old)))
        self._texts[path] = (version + 1, text.replace(old, new))
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=path.as_uri(), version=version + 1),
                [types.TextDocumentContentChangePartial(range=where, text=new)],
            )
        )

    def text(self, path: Path) -> str:
        """What an open file shows."""
        return self._texts[path][1]

    def close(self, path: Path) -> None:
        """Close a file without saving it."""
        del self._texts[path]
        self.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(path.as_uri()))
        )

    def save(self, path: Path) -> None:
        """Save an open file."""
        path.write_bytes(self._texts[path][1].encode())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri())))

    async def set(self, **settings: Any) -> None:
        """Set something in the section `d1lint`."""
        self.settings.update(settings)
        self.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"d1lint": self.settings}))

    def changed_on_disk(self, *paths: Path) -> None:
        """Tell of files that something else has changed."""
        events = [types.FileEvent(path.as_uri(), types.FileChangeType.Changed) for path in paths]
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))

    # --- what a person sees --------------------------------------------------------------------------------------

    @property
    def pulls(self) -> bool:
        """Whether this editor asks for diagnostics."""
        return self.can.text_document is not None and self.can.text_document.diagnostic is not None

    async def diagnostics(self, path: Path) -> list[types.Diagnostic]:
        """What is pushed for the text of an open file as it is now."""
        version = self._texts[path][0]

        def has_come() -> bool:
            report = self.shown.get(path.as_uri())
            return report is not None and report.version == version

        await self.until(has_come)
        return list(self.shown[path.as_uri()].diagnostics)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something that reports bring about."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(is_so), PATIENCE)

    def rules(self, path: Path) -> list[str]:
        """The rules of what is shown for a file."""
        report = self.shown.get(path.as_uri())
        return [str(diagnostic.code) for diagnostic in report.diagnostics] if report is not None else []

    async def pull(self, path: Path, known: str | None = None) -> Any:
        """Ask for the diagnostics of a file."""
        return await self.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(types.TextDocumentIdentifier(path.as_uri()), previous_result_id=known)
        )

    async def hover(self, path: Path, at: str) -> str:
        """What a hover in an open file shows, at the beginning of a text that is there once; "" for nothing."""
        text = self.text(path)
        assert text.count(at) == 1, at
        found = await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(path.as_uri()), position(text, text.index(at)))
        )
        return found.contents.value if found is not None and isinstance(found.contents, types.MarkupContent) else ""

    async def actions(
        self, path: Path, diagnostic: types.Diagnostic, only: list[str] | None = None
    ) -> dict[str, types.CodeAction]:
        """What is offered for a diagnostic, by title."""
        context = types.CodeActionContext([diagnostic], only)  # type: ignore[arg-type]  # kinds may be strings
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(types.TextDocumentIdentifier(path.as_uri()), diagnostic.range, context)
        )
        return {action.title: action for action in found or () if isinstance(action, types.CodeAction)}

    # --- inside --------------------------------------------------------------------------------------------------

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _on_report(self, report: Report) -> None:
        self.shown[report.uri] = report
        await self._tell()

    async def _on_register(self, params: types.RegistrationParams) -> None:
        self.registered += params.registrations
        await self._tell()

    async def _on_settings(self, params: types.ConfigurationParams) -> list[Any]:
        return [self.settings if item.section == "d1lint" else None for item in params.items]

    async def _on_new_progress(self, params: types.WorkDoneProgressCreateParams) -> None:
        self.progress.append(params.token)
        await self._tell()

    async def _on_progress(self, params: types.ProgressParams) -> None:
        self.progress.append(params.value)
        await self._tell()

    async def _on_message(self, params: types.ShowMessageParams) -> None:
        self.messages.append(params.message)
        await self._tell()

    async def _on_refresh(self, params: None) -> None:
        self.refreshes += 1
        await self._tell()


def _function(method: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    """A method as a function, which pygls can write its notes on."""

    async def call(params: Any) -> Any:
        return await method(params)

    return call


def position(text: str, offset: int) -> types.Position:
    """The position of a place in a text, in UTF-16."""
    before = text[:offset]
    line_start = before.rfind("\n") + 1
    return types.Position(before.count("\n"), len(before[line_start:].encode("utf-16-le")) // 2)


def applied(text: str, action: types.CodeAction) -> str:
    """A text after an action whose edits are all in it."""
    assert action.edit is not None
    if action.edit.changes:
        edits: Any = next(iter(action.edit.changes.values()))
    else:
        edits = action.edit.document_changes[0].edits  # type: ignore[index,union-attr]
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
        start, end = edit.range.start, edit.range.end
        new = edit.new_text if isinstance(edit, types.TextEdit) else edit.snippet.value
        head, tail = lines[start.line][: start.character], lines[end.line][end.character :]
        lines[start.line : end.line + 1] = (head + new + tail).split("\n")
    return "\n".join(lines)
