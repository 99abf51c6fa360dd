"""What the editor at the other end can do, and what it asked for when it connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability


@dataclass(frozen=True, slots=True)
class Client:
    """`pulls`: it asks for diagnostics, so that none are pushed. `delay`: seconds to wait after a change.

    Both can be set in the `initializationOptions`: `{"diagnostics": "push" | "pull", "delay": 100}`, in milliseconds.
    `options` are all of them: beside these they may hold the settings, for a client that does not give them otherwise.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    pulls: bool = False
    refreshes: bool = False
    relates_documents: bool = False
    shows_related: bool = False
    takes_snippets: bool = False
    takes_document_changes: bool = False
    registers_watchers: bool = False
    gives_settings: bool = False
    registers_settings: bool = False
    shows_progress: bool = False
    delay: float = 0.0

    @classmethod
    def of(cls, params: types.InitializeParams) -> Client:
        """From what it said of itself."""
        can = params.capabilities
        options: Any = params.initialization_options
        options = options if isinstance(options, dict) else {}
        pulls = get_capability(can, "text_document.diagnostic") is not None
        if options.get("diagnostics") in ("push", "pull"):
            pulls = options["diagnostics"] == "pull"
        delay = options.get("delay")
        return cls(
            options=options,
            pulls=pulls,
            refreshes=bool(get_capability(can, "workspace.diagnostics.refresh_support")),
            relates_documents=bool(get_capability(can, "text_document.diagnostic.related_document_support")),
            shows_related=bool(
                get_capability(can, "text_document.publish_diagnostics.related_information")
                or get_capability(can, "text_document.diagnostic.related_information")
            ),
            takes_snippets=bool(get_capability(can, "workspace.workspace_edit.snippet_edit_support")),
            takes_document_changes=bool(get_capability(can, "workspace.workspace_edit.document_changes")),
            registers_watchers=bool(get_capability(can, "workspace.did_change_watched_files.dynamic_registration")),
            gives_settings=bool(get_capability(can, "workspace.configuration")),
            registers_settings=bool(get_capability(can, "workspace.did_change_configuration.dynamic_registration")),
            shows_progress=bool(get_capability(can, "window.work_done_progress")),
            delay=delay / 1000 if isinstance(delay, (int, float)) and 0 <= delay <= 10_000 else 0.0,
        )
