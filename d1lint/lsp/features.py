"""The methods of the protocol that the server answers. Each is a function from the server and the parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lsprotocol import types

from d1lint.finding import Finding
from d1lint.lsp.actions import Action, actions_for, fix_all
from d1lint.lsp.diagnostics import NOTHING, SOURCE, FileReport
from d1lint.lsp.edits import Editing
from d1lint.lsp.hover import describe_column, describe_table
from d1lint.lsp.lenses import code_lenses
from d1lint.lsp.places import schema_at
from d1lint.lsp.server import Server
from d1lint.lsp.symbols import document_symbols, matching_tables, workspace_symbol
from d1lint.model.project import Project
from d1lint.report import schema_mermaid

FIX_ALL = "source.fixAll.d1lint"
SHOW_ERD = "d1lint.showErd"


def register(server: Server) -> None:
    """Let a server answer them."""
    for method, (handler, options) in _FEATURES.items():
        server.feature(method, options)(handler)
    server.command(SHOW_ERD)(show_erd)


# --- the connection ----------------------------------------------------------------------------------------------


def initialize(ls: Server, params: types.InitializeParams) -> None:
    """The client says what it can."""
    ls.begin(params)


async def initialized(ls: Server, params: types.InitializedParams) -> None:
    """The client is ready."""
    await ls.go()


async def did_change_settings(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    """A setting is another one."""
    await ls.take_settings(params.settings)


# --- documents and files -----------------------------------------------------------------------------------------


async def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """A document is opened."""
    item = params.text_document
    document = ls.documents.open(item.uri, item.version, item.text)
    if document is not None:
        ls.projects.text_changed(document)


async def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """A document is edited."""
    item = params.text_document
    document = ls.documents.change(item.uri, item.version, params.content_changes, ls.positions)
    if document is not None:
        ls.projects.text_edited(document)


async def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """A document is closed: what is on the disk counts again."""
    document = ls.documents.close(params.text_document.uri)
    if document is not None:
        ls.projects.text_changed(document, reload=True)


async def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """A document is saved; for a client that watches no files, anything may have changed since."""
    ls.projects.disk_changed()


async def did_change_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Files were changed by something else than the editor."""
    ls.projects.disk_changed()


async def did_change_folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders were opened or closed."""
    for folder in params.event.removed:
        for project in ls.projects.close_folder(folder.uri):
            ls.withdraw(project)
    for folder in params.event.added:
        ls.projects.open_folder(folder.uri)
    await ls.take_settings(None)
    ls.projects.disk_changed()


# --- diagnostics -------------------------------------------------------------------------------------------------


async def diagnostic(ls: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """The diagnostics of a document, and those of others that have changed with it."""
    uri = params.text_document.uri
    known = ls.project_of(uri)
    if known is None:
        return types.RelatedFullDocumentDiagnosticReport([])
    project, file = known
    is_open = ls.documents.get(uri) is not None
    # One that can not be asked to ask again must be told all at once.
    report = await (project.worker.opened() if is_open and ls.client.refreshes else project.worker.complete())
    found = ls.tell(uri, report.files.get(file, NOTHING))
    related: dict[str, Any] = {}
    if ls.client.relates_documents and report.is_complete:
        for other, of_other in ls.not_told(project, report):
            full = types.FullDocumentDiagnosticReport(list(of_other.diagnostics), result_id=of_other.id)
            ls.tell(other, of_other)
            related[other] = full
    if params.previous_result_id == found.id:
        return types.RelatedUnchangedDocumentDiagnosticReport(found.id, related or None)
    return types.RelatedFullDocumentDiagnosticReport(list(found.diagnostics), related or None, result_id=found.id)


async def workspace_diagnostic(ls: Server, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
    """The diagnostics of all files of all projects."""
    previous = {item.uri: item.value for item in params.previous_result_ids}
    found: dict[str, FileReport] = dict.fromkeys(previous, NOTHING)
    for project in ls.projects:
        found.update(ls.projects.reports(project, await project.worker.complete()))
    items: list[types.WorkspaceDocumentDiagnosticReport] = []
    for uri, report in sorted(found.items()):
        ls.tell(uri, report)
        document = ls.documents.get(uri)
        version = document.version if document is not None else None
        if previous.get(uri) == report.id:
            items.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, report.id, version))
        else:
            full = types.WorkspaceFullDocumentDiagnosticReport(uri, list(report.diagnostics), version)
            full.result_id = report.id
            items.append(full)
    return types.WorkspaceDiagnosticReport(items)


# --- what is known of a place ------------------------------------------------------------------------------------


async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """On a diagnostic the page of its rule, on a table or a column what is known of it."""
    known = ls.project_of(params.text_document.uri)
    if known is None:
        return None
    project, file = known
    report = await project.worker.opened()
    at = types.Range(params.position, params.position)
    rules = dict.fromkeys(finding.rule for finding, _ in _in(report.files.get(file, NOTHING), at))
    if rules:
        pages = [project.worker.session.registry.get(rule).page() for rule in rules]
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n".join(pages)))

    def describe(model: Project) -> types.Hover | None:
        source = model.source(file)
        found = schema_at(model, source, ls.positions.offset(source, params.position))
        if found is None:
            return None
        if found.column is None:
            text = describe_table(found.table, model)
        else:
            text = describe_column(found.column, found.table, model)
        where = ls.positions.range(source, found.start, found.end)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), where)

    return await project.worker.ask(describe, file)


async def symbols(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
    """The tables of a document with their columns."""
    known = ls.project_of(params.text_document.uri)
    if known is None:
        return None
    project, file = known
    return await project.worker.ask(lambda model: document_symbols(model, file, project.writer))


async def lenses(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """How many foreign keys the tables of a document have, and how many are indexed."""
    known = ls.project_of(params.text_document.uri)
    if known is None:
        return None
    project, file = known
    return await project.worker.ask(lambda model: code_lenses(model, file, project.writer))


async def show_erd(ls: Server, uri: str) -> str | None:
    """The tables of the project that a file belongs to, as a diagram in Mermaid's notation."""
    known = ls.project_of(uri)
    return await known[0].worker.ask(schema_mermaid.render) if known is not None else None


async def tables(ls: Server, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    """The tables of all projects whose names match."""
    found: list[types.WorkspaceSymbol] = []
    for project in ls.projects:
        root, writer = project.root, project.writer

        def matching(model: Project, root: Path = root, writer: Any = writer) -> list[types.WorkspaceSymbol]:
            chosen = matching_tables(model, params.query)
            return [workspace_symbol(t, ls.projects.uri_of(root / t.file), model, writer) for t in chosen]

        found += await project.worker.ask(matching) or []
    return found


# --- what can be done --------------------------------------------------------------------------------------------


async def code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Fixes, suppressions and justifications for the diagnostics in a range; on request all safe fixes."""
    known = ls.project_of(params.text_document.uri)
    if known is None:
        return []
    project, file = known
    only = params.context.only

    def offer(model: Project) -> list[types.CodeAction]:
        report = project.worker.judged.get(file, NOTHING)
        editing = Editing(project.worker.texts.versions, ls.positions, ls.client, ls.projects.uri_of)

        def can_be_done(action: Action) -> bool:
            return all(project.worker.is_current(edit.span.file) for edit in action.edits)

        def written(
            action: Action, kind: types.CodeActionKind | str, about: list[types.Diagnostic] | None
        ) -> types.CodeAction:
            edit = editing.edit(action, project.root, model.source)
            return types.CodeAction(action.title, kind, about, action.is_preferred or None, edit=edit)

        found = []
        if _is_wanted(types.CodeActionKind.QuickFix, only):
            for finding, about in _in(report, params.range):
                actions = actions_for(finding, model, project.worker.session.registry)
                found += [written(a, types.CodeActionKind.QuickFix, [about]) for a in actions if can_be_done(a)]
        every = fix_all(report.findings) if only and _is_wanted(FIX_ALL, only) else None
        return [*found, written(every, FIX_ALL, None)] if every is not None and can_be_done(every) else found

    return await project.worker.ask(offer, file) or []


def _in(report: FileReport, range: types.Range) -> Iterator[tuple[Finding, types.Diagnostic]]:
    """The findings whose place meets a range, and how they were shown."""
    for finding, shown in zip(report.findings, report.diagnostics, strict=False):
        if _before(shown.range.start, range.end) and _before(range.start, shown.range.end):
            yield finding, shown


def _before(a: types.Position, b: types.Position) -> bool:
    return (a.line, a.character) <= (b.line, b.character)


def _is_wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Whether a client that asks for some kinds asks for this one: `source` stands for all that begin with `source.`"""
    # A kind is an enumeration's member where the protocol names it, else a string.
    return only is None or any(kind == wanted or kind.startswith(wanted.__add__(".")) for wanted in only)


_FEATURES: dict[str, tuple[Any, Any]] = {
    types.INITIALIZE: (initialize, None),
    types.INITIALIZED: (initialized, None),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: (did_change_settings, None),
    types.TEXT_DOCUMENT_DID_OPEN: (did_open, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (did_change, None),
    types.TEXT_DOCUMENT_DID_CLOSE: (did_close, None),
    types.TEXT_DOCUMENT_DID_SAVE: (did_save, types.SaveOptions(include_text=False)),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (did_change_files, None),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: (did_change_folders, None),
    types.TEXT_DOCUMENT_DIAGNOSTIC: (
        diagnostic,
        types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier=SOURCE),
    ),
    types.WORKSPACE_DIAGNOSTIC: (workspace_diagnostic, None),
    types.TEXT_DOCUMENT_HOVER: (hover, None),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (symbols, None),
    types.TEXT_DOCUMENT_CODE_LENS: (lenses, types.CodeLensOptions()),
    types.WORKSPACE_SYMBOL: (tables, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (
        code_actions,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    ),
}
