"""The projects that are open: a worker for each, and which file belongs to which."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from pygls.uris import from_fs_path, to_fs_path

from d1lint.lsp.client import Client
from d1lint.lsp.diagnostics import FileReport, Writer
from d1lint.lsp.documents import Document, Documents, path_of
from d1lint.lsp.positions import Positions
from d1lint.lsp.progress import Building
from d1lint.lsp.roots import Roots
from d1lint.lsp.session import Session
from d1lint.lsp.settings import AllSettings
from d1lint.lsp.worker import Editor, Report, Texts, Worker
from d1lint.registry import Registry


@dataclass(frozen=True, slots=True)
class Open:
    """One project: its root, what keeps it up to date, and what writes its places for the editor."""

    root: Path
    worker: Worker
    writer: Writer


class Projects:
    """All projects of one connection.

    `heard` is told of each report of each project, `building` shows that the first model of a root is being built.
    """

    def __init__(
        self,
        documents: Documents,
        positions: Positions,
        client: Client,
        heard: Callable[[Open, Report], None],
        building: Callable[[Path], AbstractAsyncContextManager[Building | None]],
    ) -> None:
        self._documents = documents
        self._positions = positions
        self._client = client
        self._heard = heard
        self._roots = Roots()
        self._registry = Registry.load()
        self._open: dict[Path, Open] = {}
        self._links: dict[Path, Path] = {}
        self.settings = AllSettings()
        self.is_ready = asyncio.Event()
        """Set once the settings are known: nothing is read before."""
        self._building = building
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="d1lint")

    def __iter__(self) -> Iterator[Open]:
        return iter(list(self._open.values()))

    @property
    def folders(self) -> list[Path]:
        """The folders that are open."""
        return list(self._roots.folders)

    # --- folders and documents -----------------------------------------------------------------------------------

    def open_folder(self, uri: str) -> None:
        """Take a folder up, with its project."""
        path = path_of(uri)
        if path is None or not path.is_dir():
            return
        given = Path(os.path.abspath(to_fs_path(uri) or ""))  # noqa: PTH100  # resolving it would lose a link
        if given != path:
            self._links[path] = given
        self._roots.add(path)
        self._project(self._roots.root_of(path / "file"))
        self._set_paths()

    def close_folder(self, uri: str) -> list[Open]:
        """Let a folder go; the projects that go with it, as nothing else of them is open."""
        path = path_of(uri)
        if path is not None:
            self._roots.remove(path)
        used = {self._roots.root_of(document.path) for document in self._documents}
        used |= {self._roots.root_of(folder / "file") for folder in self._roots.folders}
        gone = [self._open.pop(root) for root in list(self._open) if root not in used]
        for project in gone:
            project.worker.stop()
        self._set_paths()
        return gone

    def of(self, path: Path) -> Open:
        """The project that a file belongs to."""
        return self._project(self._roots.root_of(path))

    def text_changed(self, document: Document, *, reload: bool = False) -> None:
        """A document's text is another one; `reload` where its project may have changed on the disk, too."""
        self.of(document.path).worker.touch(reload=reload)

    def text_edited(self, document: Document) -> None:
        """A document's text is another one, and not saved yet."""
        if not self.settings.of(self._roots.root_of(document.path)).waits_for_save:
            self.text_changed(document)

    def settings_changed(self) -> None:
        """Some settings are others."""
        for project in self:
            project.worker.touch()

    def disk_changed(self) -> None:
        """Files were changed, made or deleted, perhaps configurations: projects may come with them."""
        self._roots.refresh()
        for document in self._documents:
            self.of(document.path)
        for folder in self._roots.folders:
            self._project(self._roots.root_of(folder / "file"))
        for project in self:
            project.worker.touch(reload=True)

    def close(self) -> None:
        """Let all go."""
        for project in self:
            project.worker.stop()
        self._executor.shutdown(wait=False, cancel_futures=True)

    # --- files ---------------------------------------------------------------------------------------------------

    def owns(self, project: Open, uri: str) -> bool:
        """Whether a file belongs to a project, and not to one inside of it."""
        path = path_of(uri)
        return path is not None and self._roots.root_of(path) == project.root

    def reports(self, project: Open, report: Report) -> dict[str, FileReport]:
        """The reports of the files that belong to a project, by address."""
        found = {project.root / file: of_file for file, of_file in report.files.items()}
        return {self.uri_of(path): of for path, of in found.items() if self._roots.root_of(path) == project.root}

    def uri_of(self, path: Path) -> str:
        """The address of a file as the editor writes it."""
        document = self._documents.at(path)
        if document is not None:
            return document.uri
        folder = self._roots.folder_around(path)
        if folder is not None and folder in self._links:
            path = self._links[folder] / path.relative_to(folder)
        return from_fs_path(str(path)) or ""

    # --- inside --------------------------------------------------------------------------------------------------

    def _project(self, root: Path) -> Open:
        if root not in self._open:
            session = Session(root, self._registry)
            writer = Writer(session, self._positions, lambda file: self.uri_of(root / file), self._client.shows_related)
            editor = Editor(
                texts=lambda: self._texts(root),
                settings=lambda: self.settings.of(root),
                heard=lambda report: self._heard(self._open[root], report),
                building=lambda: self._building(root),
                is_ready=self.is_ready,
                delay=self._client.delay,
            )
            self._open[root] = Open(root, Worker(session, writer, self._executor, editor), writer)
            self._set_paths()
        return self._open[root]

    def _texts(self, root: Path) -> Texts:
        documents = [d for d in self._documents if self._roots.root_of(d.path) == root and d.path.is_relative_to(root)]
        return Texts(
            {document.path.relative_to(root).as_posix(): document.source.data for document in documents},
            {document.uri: document.version for document in documents},
        )

    def _set_paths(self) -> None:
        """What each project reports on: the open folders in it; all of it where it is in one, or opened by a file."""
        for root, project in self._open.items():
            folders = [folder for folder in self._roots.folders if folder.is_relative_to(root)]
            paths = tuple(sorted(folder.relative_to(root).as_posix() for folder in folders))
            project.worker.session.paths = paths if paths and "." not in paths else ("",)
