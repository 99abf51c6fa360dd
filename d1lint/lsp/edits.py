"""Actions as edits that the editor can apply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from lsprotocol import types

from d1lint.lsp.actions import Action
from d1lint.lsp.client import Client
from d1lint.lsp.positions import Positions
from d1lint.source import Source

AnyEdit = types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit


class Editing:
    """What is needed to write an action's edits for a client. `versions` are those of the texts that they are for."""

    def __init__(
        self, versions: Mapping[str, int], positions: Positions, client: Client, uri_of: Callable[[Path], str]
    ) -> None:
        self._versions = versions
        self._positions = positions
        self._client = client
        self._uri_of = uri_of

    def edit(self, action: Action, root: Path, source: Callable[[str], Source]) -> types.WorkspaceEdit:
        """The edits of an action in a project, for the versions of the documents that they are made for."""
        plain: dict[str, list[types.TextEdit]] = {}
        marked: dict[str, list[AnyEdit]] = {}
        for at, edit in enumerate(action.edits):
            uri = self._uri_of(root / edit.span.file)
            where = self._positions.range(source(edit.span.file), edit.span.start, edit.span.end)
            plain.setdefault(uri, []).append(types.TextEdit(where, edit.text))
            asks = action.asks if at == 0 and self._client.takes_snippets else ""
            new = types.SnippetTextEdit(where, _snippet(edit.text, asks)) if asks else plain[uri][-1]
            marked.setdefault(uri, []).append(new)
        if not self._client.takes_document_changes:
            return types.WorkspaceEdit(changes=plain)
        return types.WorkspaceEdit(document_changes=[self._changes(uri, edits) for uri, edits in marked.items()])

    def _changes(self, uri: str, edits: list[AnyEdit]) -> types.TextDocumentEdit:
        return types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(uri, self._versions.get(uri)), edits
        )


def _snippet(text: str, asks: str) -> types.StringValue:
    """A text with a place at the end of its first line that the editor lets a person write over."""
    line = text.rstrip("\r\n")
    return types.StringValue(f"{_escaped(line)}${{1:{_escaped(asks)}}}{text[len(line) :]}")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
