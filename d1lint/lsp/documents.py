"""The texts that are open in the editor, saved or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path

from d1lint.lsp.positions import Positions
from d1lint.source import Source


@dataclass(frozen=True, slots=True)
class Document:
    """One open text. `path` is absolute and without symbolic links; `uri` is written as the editor writes it."""

    uri: str
    path: Path
    version: int
    source: Source


class Documents:
    """The open documents by their address. Only files count: an editor's other buffers have no project."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The open document of an address."""
        return self._open.get(uri)

    def at(self, path: Path) -> Document | None:
        """The open document of a file."""
        return next((document for document in self._open.values() if document.path == path), None)

    def open(self, uri: str, version: int, text: str) -> Document | None:
        """Take a document up; None where its address is not that of a file."""
        path = path_of(uri)
        if path is None:
            return None
        self._open[uri] = Document(uri, path, version, Source(str(path), _encoded(text)))
        return self._open[uri]

    def change(
        self, uri: str, version: int, changes: Iterable[types.TextDocumentContentChangeEvent], positions: Positions
    ) -> Document | None:
        """Apply an editor's changes in their order; None where the document is not open."""
        document = self._open.get(uri)
        if document is None:
            return None
        source = document.source
        for change in changes:
            data = _encoded(change.text)
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = positions.offset(source, change.range.start)
                end = max(start, positions.offset(source, change.range.end))
                data = source.data[:start] + data + source.data[end:]
            source = Source(source.path, data)
        self._open[uri] = Document(uri, document.path, version, source)
        return self._open[uri]

    def close(self, uri: str) -> Document | None:
        """Let a document go; the one that it was, None where it was not open."""
        return self._open.pop(uri, None)


def path_of(uri: str) -> Path | None:
    """The file of an address, absolute and without symbolic links; None for addresses of other kinds."""
    if not uri.startswith("file:"):
        return None
    name = to_fs_path(uri)
    if not name or "\0" in name:
        return None
    return Path(name).resolve()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
