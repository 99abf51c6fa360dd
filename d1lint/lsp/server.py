"""The language server: one connection, what the client has been told, and how both begin and end."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from d1lint import __version__
from d1lint.lsp.client import Client
from d1lint.lsp.diagnostics import NOTHING, FileReport
from d1lint.lsp.documents import Documents, path_of
from d1lint.lsp.positions import Positions
from d1lint.lsp.progress import Building
from d1lint.lsp.projects import Open, Projects
from d1lint.lsp.protocol import Protocol, default_converter
from d1lint.lsp.settings import SECTION, read_settings
from d1lint.lsp.worker import Report

log = logging.getLogger(__name__)

STACK_BYTES = 256 << 20
"""For the threads: evaluation recurses with the nesting of the source, and has the main thread's room elsewhere."""
SWITCH_SECONDS = 0.001
"""How soon the thread that evaluates lets the one go on that answers the editor."""
PARENT_SECONDS = 5.0
"""How often it is looked whether the editor's process is still there."""
PATIENCE_SECONDS = 5.0
"""How long a client has to give its settings; then the defaults hold."""
WATCHED = (
    "**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,sql}",
    "**/{package,package-lock,npm-shrinkwrap,_journal,.d1lint-baseline}.json",
    "**/{pnpm-workspace.yaml,pnpm-lock.yaml,yarn.lock,bun.lock,d1lint.toml,.gitignore}",
    "**/*{tsconfig,jsconfig,drizzle,wrangler}*.{json,jsonc,toml}",
)
"""What the product reads."""


class Server(LanguageServer):
    """One connection: the open documents, the projects, and what the client has been told."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("d1lint", __version__, protocol_cls=Protocol, converter_factory=default_converter)
        self.documents = Documents()
        self.client = Client()
        self.positions = Positions("utf-16")
        self.projects = self._projects()
        self._folders: list[str] = []
        self._told: dict[str, str] = {}
        self._versions: dict[str, int | None] = {}
        self._announced: dict[str, str] = {}
        self._builds = 0

    def _projects(self) -> Projects:
        return Projects(self.documents, self.positions, self.client, self._heard, self._building)

    def begin(self, params: types.InitializeParams) -> None:
        """Take up what the client says of itself; the folders come when it is ready."""
        self.client = Client.of(params)
        self.positions = Positions(ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities))
        self.projects = self._projects()
        alone = params.root_uri or (f"file://{params.root_path}" if params.root_path else None)
        self._folders = [folder.uri for folder in params.workspace_folders or ()] or ([alone] if alone else [])
        if params.process_id is not None and os.name == "posix":
            threading.Thread(target=_end_with, args=(params.process_id,), daemon=True).start()
        if not self.client.gives_settings:
            self.projects.is_ready.set()

    async def go(self) -> None:
        """The client is ready: take up its settings, watch files, open the folders."""
        for uri in self._folders:
            self.projects.open_folder(uri)
        await self.take_settings(None)
        self.projects.is_ready.set()
        wanted = []
        if self.client.registers_watchers:
            watchers = [types.FileSystemWatcher(pattern) for pattern in (*WATCHED, *self.projects.settings.watched)]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            wanted.append(types.Registration("d1lint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        if self.client.registers_settings:
            section = types.DidChangeConfigurationRegistrationOptions(SECTION)
            wanted.append(types.Registration("d1lint-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section))
        if wanted:
            self.client_register_capability(types.RegistrationParams(wanted))

    async def take_settings(self, given: Any) -> None:
        """Ask for the settings of the open folders; a client that can not be asked has `given` all that it has."""
        folders = [*self.projects.folders, None]
        if self.client.gives_settings:
            scopes = [self.projects.uri_of(folder) if folder is not None else None for folder in folders]
            wanted = types.ConfigurationParams([types.ConfigurationItem(scope, SECTION) for scope in scopes])
            try:
                found = await asyncio.wait_for(self.workspace_configuration_async(wanted), PATIENCE_SECONDS)
            except (JsonRpcException, TimeoutError) as error:
                log.warning("the client gives no settings: %s", error or "it does not answer")
                return
            self._set(dict(zip(folders, found, strict=False)))
        else:
            section = given.get(SECTION, given) if isinstance(given, Mapping) else {}
            self._set(dict.fromkeys(folders, section))
        self.projects.settings_changed()

    def _set(self, sections: Mapping[Path | None, Any]) -> None:
        """Take up the settings of folders, and say what is wrong with them."""
        wrong: dict[str, None] = {}
        for folder, section in sections.items():
            own = section if isinstance(section, Mapping) else {}
            settings, problems = read_settings({**self.client.options, **own}, folder or Path.cwd())
            self.projects.settings.put(folder, settings)
            wrong.update(dict.fromkeys(problems))
        for problem in wrong:
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, problem))

    def _building(self, root: Path) -> AbstractAsyncContextManager[Building | None]:
        if not self.client.shows_progress:
            return nullcontext()
        self._builds += 1
        return Building(self.work_done_progress, f"d1lint-{self._builds}", f"d1lint: {root.name}")

    def project_of(self, uri: str) -> tuple[Open, str] | None:
        """The project of a file, and the file's path in it."""
        path = path_of(uri)
        if path is None:
            return None
        project = self.projects.of(path)
        return (project, path.relative_to(project.root).as_posix()) if path.is_relative_to(project.root) else None

    # --- diagnostics ---------------------------------------------------------------------------------------------

    def _heard(self, project: Open, report: Report) -> None:
        files = self.projects.reports(project, report)
        if self.client.pulls:
            if report.is_complete and self.client.refreshes:
                self._announce(project, files)
        elif report.is_complete:
            told = {uri for uri in self._told if self.projects.owns(project, uri)}
            self._push({**dict.fromkeys({*told, *report.texts.versions}, NOTHING), **files}, report.texts.versions)
        else:
            open_files = report.texts.versions
            self._push({uri: files.get(uri, NOTHING) for uri in open_files}, open_files)

    def _push(self, files: Mapping[str, FileReport], versions: Mapping[str, int]) -> None:
        """Push what the client was not told yet; of an open document, of each version, also that nothing is new."""
        for uri, found in files.items():
            version = versions.get(uri)
            if self._told.get(uri, NOTHING.id) != found.id or self._versions.get(uri) != version:
                self._told[uri] = found.id
                self._versions[uri] = version
                self.text_document_publish_diagnostics(
                    types.PublishDiagnosticsParams(uri, list(found.diagnostics), version)
                )

    def withdraw(self, project: Open) -> None:
        """Take back what was pushed for a project that is closed."""
        if not self.client.pulls:
            root = project.root
            below = [uri for uri in self._told if (path := path_of(uri)) is not None and path.is_relative_to(root)]
            self._push(dict.fromkeys(below, NOTHING), {})

    def _announce(self, project: Open, files: Mapping[str, FileReport]) -> None:
        """Let a client that pulls know that there is something new, once."""
        now = {uri: found.id for uri, found in self._not_told(project, files)}
        if any(self._announced.get(uri) != identity for uri, identity in now.items()):
            self._announced.update(now)
            self.workspace_diagnostic_refresh(None)

    def tell(self, uri: str, found: FileReport) -> FileReport:
        """Note that a client that pulls is told this about a file."""
        self._told[uri] = found.id
        self._announced.pop(uri, None)
        return found

    def not_told(self, project: Open, report: Report) -> list[tuple[str, FileReport]]:
        """The files of a project of which the client knows something else, or nothing."""
        return self._not_told(project, self.projects.reports(project, report))

    def _not_told(self, project: Open, files: Mapping[str, FileReport]) -> list[tuple[str, FileReport]]:
        told = {uri for uri in self._told if self.projects.owns(project, uri)}
        reports = ((uri, files.get(uri, NOTHING)) for uri in sorted({*told, *files}))
        return [(uri, found) for uri, found in reports if self._told.get(uri, NOTHING.id) != found.id]

    # --- the connection ------------------------------------------------------------------------------------------

    def report_server_error(self, error: Exception, source: Any) -> None:
        """See pygls. It goes to the log, not into the way of somebody who writes."""
        log.error("%s: %s", getattr(source, "__name__", source), error)

    def shutdown(self) -> None:
        """See pygls."""
        self.projects.close()
        super().shutdown()  # type: ignore[no-untyped-call]


def start(given: BinaryIO, taken: BinaryIO) -> int:
    """Serve a client until it goes. The exit code: 0 where it had asked for the end, else 1."""
    from d1lint.lsp.features import register

    logging.basicConfig(level=logging.WARNING, format="d1lint: %(message)s")
    threading.stack_size(STACK_BYTES)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()  # the workers collect when they have nothing else to do
    server = Server()
    register(server)
    server.start_io(given, taken)
    return 0 if server.protocol.was_shut_down else 1


def _end_with(process: int) -> None:
    """End when the editor's process does: something else may hold the other end of our input open."""
    while True:
        time.sleep(PARENT_SECONDS)
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            os._exit(1)
        except OSError:  # it is there, and not ours to ask
            continue
