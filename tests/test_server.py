"""The language server, driven by a client over its standard input and output."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsp_editor import COMMAND, PATIENCE, Editor, applied, editing, position
from lsprotocol import types
from pages import write_files
from pygls.exceptions import JsonRpcException
from repository import package, wrangler

from d1lint.engine import check
from d1lint.report.message import explained

FIXTURES = Path(__file__).parent.parent / "fixtures"
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/d1lint.toml"))

SCHEMA = """import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer("id").primaryKey(), name: text("name").notNull() });
export const posts = sqliteTable(
  "posts",
  {
    id: integer("id").primaryKey(),
    authorId: integer("author_id").references(() => users.id, { onDelete: "cascade" }),
  },
  (t) => [index("posts_author_id_idx").on(t.authorId)],
);
"""
RELATIONS = """import { relations } from "drizzle-orm";
import { posts, users } from "./schema";
export const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.authorId], references: [users.id] }),
}));
export const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));
"""
RELATION = "  author: one(users, { fields: [posts.authorId], references: [users.id] }),\n"
INDEX = 'index("posts_author_id_idx").on(t.authorId)'
HANDLER = """import { drizzle } from "drizzle-orm/d1";
import * as schema from "./db/schema";
export default {
  async fetch(request: Request, env: { DB: D1Database }) {
    const db = drizzle(env.DB, { schema });
    // @native-sql: the planner's statistics
    await env.DB.prepare("PRAGMA optimize").run();
    return Response.json(await db.select().from(schema.posts).limit(10));
  },
};
"""
REPOSITORY = {
    "package.json": package("app", "drizzle-orm@0.44.0"),
    "wrangler.jsonc": wrangler("DB"),
    "d1lint.toml": 'extends = ["recommended"]\n',
    "src/db/schema.ts": SCHEMA,
    "src/db/relations.ts": RELATIONS,
    "src/index.ts": HANDLER,
}
PULLING = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        diagnostic=types.DiagnosticClientCapabilities(related_document_support=True)
    ),
    workspace=types.WorkspaceClientCapabilities(
        diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository without a finding."""
    root = (tmp_path / "app").resolve()
    root.mkdir()
    write_files(root, REPOSITORY)
    return root


def rules(diagnostics: list[types.Diagnostic]) -> list[str]:
    return [str(diagnostic.code) for diagnostic in diagnostics]


# --- diagnostics -------------------------------------------------------------------------------------------------


Shown = tuple[str, int, int, int, int, str, str, str]
LEVELS = {1: "error", 2: "warning", 3: "note"}


def of_command_line(root: Path) -> list[Shown]:
    """What `d1lint check` finds: file, lines and columns from 1, rule, level, message."""
    result = check([root])
    found = []
    for finding in result.findings:
        source = result.source(finding.span.file)
        start, end = source.position(finding.span.start), source.position(finding.span.end)
        assert finding.level is not None
        found.append((finding.span.file, *start, *end, finding.rule, finding.level.value, explained(finding)))
    return sorted(found)


def of_editor(root: Path, uri: str, diagnostics: Any) -> list[Shown]:
    """The same of what an editor shows."""
    file = Path(uri.removeprefix("file://")).relative_to(root).as_posix()
    return [
        (
            file,
            d.range.start.line + 1,
            d.range.start.character + 1,
            d.range.end.line + 1,
            d.range.end.character + 1,
            d.code,
            LEVELS[d.severity.value],
            d.message,
        )
        for d in diagnostics
    ]


@pytest.mark.parametrize("name", NAMES)
@editing
async def test_the_editor_shows_what_the_command_line_finds(name: str, tmp_path: Path) -> None:
    root = Path(shutil.copytree(FIXTURES / name, tmp_path / name)).resolve()
    expected = of_command_line(root)
    async with Editor(root) as editor:
        await editor.open(min(root.rglob("*.ts")))
        await editor.until(lambda: sum(len(report.diagnostics) for report in editor.shown.values()) >= len(expected))
        pushed = [line for uri, r in editor.shown.items() for line in of_editor(root, uri, r.diagnostics)]
        assert sorted(pushed) == expected
    async with Editor(root, can=PULLING) as editor:
        found = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
        items: Any = found.items
        assert sorted(line for item in items for line in of_editor(root, item.uri, item.items)) == expected


@editing
async def test_a_diagnostic_carries_all_that_the_finding_says(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    can = types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=True)
        )
    )
    async with Editor(folder, can=can) as editor:
        await editor.open(schema)
        [found] = await editor.replace(schema, ".on(t.authorId)", ".on(t.id, t.authorId)")
        assert (found.code, found.source, found.severity) == (
            "unindexed-foreign-key",
            "d1lint",
            types.DiagnosticSeverity.Error,
        )
        assert found.code_description is not None and found.code_description.href.endswith("unindexed_foreign_key.md")
        assert found.message.startswith("No index of `posts` leads with `author_id`")
        [related] = found.related_information or []
        assert related.location.uri == schema.as_uri()
        text = editor.text(schema)
        assert related.location.range.start == position(text, text.index('index("posts'))
        assert len(found.data["fingerprint"]) == 64


@editing
async def test_a_relation_in_another_unsaved_file_clears_the_finding(folder: Path) -> None:
    schema, relations = folder / "src/db/schema.ts", folder / "src/db/relations.ts"
    relations.write_text(RELATIONS.replace(RELATION, ""), encoding="utf-8")
    async with Editor(folder) as editor:
        assert rules(await editor.open(schema)) == ["missing-relation"]
        await editor.open(relations)
        await editor.replace(relations, "({ one }) => ({\n", "({ one }) => ({\n" + RELATION)
        await editor.until(lambda: editor.rules(schema) == [])


@editing
async def test_a_finding_shows_and_clears_in_a_file_that_is_not_open(folder: Path) -> None:
    schema, relations = folder / "src/db/schema.ts", folder / "src/db/relations.ts"
    async with Editor(folder) as editor:
        assert await editor.open(relations) == []
        await editor.replace(relations, RELATION, "")
        await editor.until(lambda: editor.rules(schema) == ["missing-relation"])
        assert editor.shown[schema.as_uri()].version is None
        await editor.replace(relations, "({ one }) => ({\n", "({ one }) => ({\n" + RELATION)
        await editor.until(lambda: editor.rules(schema) == [])


@editing
async def test_an_index_clears_the_finding(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder) as editor:
        assert await editor.open(schema) == []
        assert rules(await editor.replace(schema, INDEX, "")) == ["unindexed-foreign-key"]
        assert await editor.replace(schema, "(t) => []", f"(t) => [{INDEX}]") == []


@editing
async def test_closing_a_file_restores_what_is_on_the_disk(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder) as editor:
        await editor.open(schema)
        assert rules(await editor.replace(schema, INDEX, "")) == ["unindexed-foreign-key"]
        editor.close(schema)
        await editor.until(lambda: editor.rules(schema) == [])


@editing
async def test_what_is_saved_counts_for_all_files(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder) as editor:
        await editor.open(schema)
        await editor.replace(schema, INDEX, "")
        editor.save(schema)
        editor.close(schema)
        await editor.until(lambda: editor.rules(schema) == ["unindexed-foreign-key"])


@editing
async def test_a_new_file_counts_before_it_is_saved_unless_it_would_be_ignored(folder: Path) -> None:
    (folder / ".gitignore").write_text("generated/\n", encoding="utf-8")
    text = 'import { drizzle } from "drizzle-orm/d1";\nimport { env } from "cloudflare:workers";\n'
    text += "export const db = drizzle(env.DB as D1Database);\n"
    main = HANDLER.replace("import *", 'import "./db/client";\nimport "./generated/client";\nimport *')
    (folder / "src/index.ts").write_text(main, encoding="utf-8")
    async with Editor(folder) as editor:
        assert rules(await editor.open(folder / "src/db/client.ts", text)) == ["global-client"]
        assert await editor.open(folder / "src/generated/client.ts", text) == []
        editor.close(folder / "src/db/client.ts")
        await editor.until(lambda: editor.rules(folder / "src/db/client.ts") == [])


@editing
async def test_a_file_that_is_excluded_shows_nothing(folder: Path) -> None:
    (folder / "d1lint.toml").write_text('exclude = ["src/db/"]\n', encoding="utf-8")
    schema = folder / "src/db/schema.ts"
    schema.write_text(SCHEMA.replace(INDEX, ""), encoding="utf-8")
    async with Editor(folder) as editor:
        assert await editor.open(schema) == []


@editing
async def test_a_text_that_does_not_parse_keeps_what_was_known_of_it(folder: Path) -> None:
    schema, relations = folder / "src/db/schema.ts", folder / "src/db/relations.ts"
    relations.write_text(RELATIONS.replace(RELATION, ""), encoding="utf-8")
    async with Editor(folder) as editor:
        assert rules(await editor.open(schema)) == ["missing-relation"]
        [broken, known] = await editor.replace(
            schema, "export const users = sqliteTable(", "export const users = {{{\n("
        )
        assert (broken.code, known.code) == ("syntax-error", "missing-relation")
        text = editor.text(schema)
        start = position(text, text.index("references"))
        assert known.range == types.Range(start, types.Position(start.line, start.character + len("references")))
        # What the others know of it holds, too.
        await editor.open(relations)
        assert rules(await editor.replace(relations, "({ one }) => ({\n", "({ one }) => ({\n" + RELATION)) == []
        await editor.until(lambda: editor.rules(schema) == ["syntax-error"])
        assert await editor.replace(schema, "export const users = {{{\n(", "export const users = sqliteTable(") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@editing
async def test_columns_are_counted_as_was_agreed(encoding: str, folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    line = 'authorId: integer("author_id").references(() => users.id, { onDelete: "cascade" }),'
    text = SCHEMA.replace(INDEX, "").replace(line, f"/* 😀 é \u2028 */ {line}")
    can = types.ClientCapabilities(general=types.GeneralClientCapabilities(position_encodings=[encoding]))
    async with Editor(folder, can=can) as editor:
        assert editor.server is not None and editor.server.capabilities.position_encoding == encoding
        [found] = await editor.open(schema, text)
        before = next(part for part in text.split("\n") if "😀" in part).partition("references")[0]
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
        units = len(before.encode(f"{encoding}-le" if width > 1 else encoding)) // width
        assert found.range.start.character == units
        # An edit behind it, in the same units, lands where it is meant.
        at = types.Range(types.Position(found.range.start.line, units), found.range.end)
        editor.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=schema.as_uri(), version=2),
                [types.TextDocumentContentChangePartial(range=at, text="notNull().references")],
            )
        )
        await editor.until(lambda: editor.shown[schema.as_uri()].version == 2)
        [moved] = editor.shown[schema.as_uri()].diagnostics
        assert moved.range.start.character == units + len("notNull().")


@editing
async def test_a_configuration_is_read_anew_when_it_changes(folder: Path) -> None:
    schema, config = folder / "src/db/schema.ts", folder / "d1lint.toml"
    schema.write_text(SCHEMA.replace(INDEX, ""), encoding="utf-8")
    can = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        )
    )
    async with Editor(folder, can=can) as editor:
        await editor.until(lambda: bool(editor.registered))
        assert editor.registered[0].method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        [found] = await editor.open(schema)
        assert found.severity == types.DiagnosticSeverity.Error
        config.write_text('[rules]\nunindexed-foreign-key = "warning"\n', encoding="utf-8")
        editor.changed_on_disk(config)
        await editor.until(
            lambda: (
                [d.severity for d in editor.shown[schema.as_uri()].diagnostics] == [types.DiagnosticSeverity.Warning]
            )
        )
        # A wrong one is shown where it is wrong, and the last one holds on.
        config.write_text('[rules]\nunindexed-foreign-kye = "warning"\n', encoding="utf-8")
        editor.changed_on_disk(config)
        await editor.until(lambda: editor.rules(config) == ["configuration"])
        [wrong] = editor.shown[config.as_uri()].diagnostics
        assert wrong.range.start.line == 1 and "unindexed-foreign-key" in wrong.message
        assert editor.rules(schema) == ["unindexed-foreign-key"]
        config.write_text('[rules]\nunindexed-foreign-key = "off"\n', encoding="utf-8")
        editor.changed_on_disk(config)
        await editor.until(lambda: editor.rules(config) == editor.rules(schema) == [])


@editing
async def test_a_baseline_hides_what_it_knows(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    schema.write_text(SCHEMA.replace(INDEX, ""), encoding="utf-8")
    subprocess.run([*COMMAND[:-1], "baseline"], cwd=folder, check=True, capture_output=True)
    async with Editor(folder) as editor:
        assert await editor.open(schema) == []
        both = await editor.replace(
            schema, 'name: text("name").notNull()', "boss: integer().references(() => users.id)"
        )
        assert {diagnostic.code for diagnostic in both} == {"unindexed-foreign-key", "missing-relation"}
        assert all("users" in diagnostic.message for diagnostic in both)


# --- projects ----------------------------------------------------------------------------------------------------


@editing
async def test_two_folders_are_two_projects(tmp_path: Path) -> None:
    one, two = (tmp_path / "one").resolve(), (tmp_path / "two").resolve()
    for root in (one, two):
        root.mkdir()
        write_files(root, {**REPOSITORY, "src/db/schema.ts": SCHEMA.replace(INDEX, "")})
    (two / "d1lint.toml").write_text('[rules]\nunindexed-foreign-key = "note"\n', encoding="utf-8")
    async with Editor(one, two) as editor:
        [first], [second] = await editor.open(one / "src/db/schema.ts"), await editor.open(two / "src/db/schema.ts")
        assert (first.severity, second.severity) == (
            types.DiagnosticSeverity.Error,
            types.DiagnosticSeverity.Information,
        )
        await editor.replace(one / "src/db/schema.ts", "(t) => []", f"(t) => [{INDEX}]")
        assert editor.rules(two / "src/db/schema.ts") == ["unindexed-foreign-key"]


@editing
async def test_a_folder_that_is_closed_takes_its_findings_along_and_one_that_is_opened_brings_some(
    folder: Path, tmp_path: Path
) -> None:
    other = (tmp_path / "other").resolve()
    other.mkdir()
    write_files(other, {**REPOSITORY, "src/db/schema.ts": SCHEMA.replace(INDEX, "")})
    async with Editor(folder) as editor:
        of_other = types.WorkspaceFolder(other.as_uri(), "other")

        def change(added: list[types.WorkspaceFolder], removed: list[types.WorkspaceFolder]) -> None:
            event = types.WorkspaceFoldersChangeEvent(added, removed)
            editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))

        change([of_other], [])
        await editor.until(lambda: editor.rules(other / "src/db/schema.ts") == ["unindexed-foreign-key"])
        change([], [of_other])
        await editor.until(lambda: editor.rules(other / "src/db/schema.ts") == [])


@editing
async def test_projects_in_a_folder_without_a_configuration_are_apart(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    for name, level in (("one", "error"), ("two", "warning")):
        write_files(root, {f"{name}/{path}": text for path, text in REPOSITORY.items()})
        (root / name / "d1lint.toml").write_text(f'[rules]\nunindexed-foreign-key = "{level}"\n', encoding="utf-8")
        (root / name / "src/db/schema.ts").write_text(SCHEMA.replace(INDEX, ""), encoding="utf-8")
    async with Editor(root) as editor:
        severities = []
        for name in ("one", "two"):
            [found] = await editor.open(root / name / "src/db/schema.ts")
            severities.append(found.severity)
        assert severities == [types.DiagnosticSeverity.Error, types.DiagnosticSeverity.Warning]


@editing
async def test_a_nested_configuration_holds_as_on_the_command_line(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    schema.write_text(SCHEMA.replace(INDEX, ""), encoding="utf-8")
    (folder / "src/db/d1lint.toml").write_text('[rules]\nunindexed-foreign-key = "note"\n', encoding="utf-8")
    async with Editor(folder) as editor:
        found = await editor.open(schema)
        assert of_editor(folder, schema.as_uri(), found) == of_command_line(folder)
        assert [d.severity for d in found] == [types.DiagnosticSeverity.Information]


@editing
async def test_a_file_without_a_folder_has_a_project(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor() as editor:
        assert rules(await editor.open(schema, SCHEMA.replace(INDEX, ""))) == ["unindexed-foreign-key"]


# --- a client that asks ------------------------------------------------------------------------------------------


@editing
async def test_a_client_that_asks_gets_reports_and_none_are_pushed(folder: Path) -> None:
    schema, relations = folder / "src/db/schema.ts", folder / "src/db/relations.ts"
    async with Editor(folder, can=PULLING) as editor:
        await editor.open(schema)
        await editor.open(relations)
        first = await editor.pull(schema)
        assert (first.kind, rules(first.items)) == ("full", [])
        again = await editor.pull(schema, first.result_id)
        assert (again.kind, again.result_id) == ("unchanged", first.result_id)
        await editor.replace(schema, INDEX, "")
        changed = await editor.pull(schema, first.result_id)
        assert rules(changed.items) == ["unindexed-foreign-key"]
        await editor.replace(schema, "(t) => []", f"(t) => [{INDEX}]")
        assert rules((await editor.pull(schema)).items) == []
        # A change in one file that matters to another: the client is asked to ask again, once.
        before = editor.refreshes
        await editor.replace(relations, RELATION, "")
        answer = await editor.pull(relations)
        assert rules(answer.items) == ["missing-inverse"]
        await editor.until(lambda: editor.refreshes > before)
        # Where the answer came after all was judged, it has the other file already, and nothing is told twice.
        related = answer.related_documents or (await editor.pull(relations)).related_documents
        assert rules(related[schema.as_uri()].items) == ["missing-relation"]
        assert rules((await editor.pull(schema)).items) == ["missing-relation"]
        assert editor.shown == {}


@editing
async def test_the_whole_workspace_can_be_asked_for(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    schema.write_text(SCHEMA.replace(INDEX, ""), encoding="utf-8")
    async with Editor(folder, can=PULLING) as editor:

        async def ask(known: list[types.PreviousResultId]) -> Any:
            return (await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(known))).items

        [item] = await ask([])
        assert (item.uri, item.kind, rules(item.items)) == (schema.as_uri(), "full", ["unindexed-foreign-key"])
        [same] = await ask([types.PreviousResultId(item.uri, item.result_id)])
        assert same.kind == "unchanged"
        schema.write_text(SCHEMA, encoding="utf-8")
        editor.changed_on_disk(schema)
        [gone] = await ask([types.PreviousResultId(item.uri, item.result_id)])
        assert (gone.kind, rules(gone.items)) == ("full", [])


@editing
async def test_what_is_known_only_of_all_the_code_stays_in_place_while_somebody_types(folder: Path) -> None:
    worker = folder / "src/index.ts"
    loop = "for (const id of [1, 2, 3, 4, 5, 6, 7])"
    text = HANDLER.replace('/d1";', '/d1";\nimport { eq } from "drizzle-orm";').replace(
        "return", f"{loop} await db.delete(schema.posts).where(eq(schema.posts.id, id));\n    return"
    )
    worker.write_text(text, encoding="utf-8")
    async with Editor(folder) as editor:
        await editor.open(worker)
        await editor.until(lambda: "query-in-loop" in editor.rules(worker))
        [before] = [d for d in editor.shown[worker.as_uri()].diagnostics if d.code == "query-in-loop"]
        # What comes first after an edit is made without a look at all the code.
        first = await editor.replace(worker, "export default", "\n\nexport default")
        [after] = [d for d in first if d.code == "query-in-loop"]
        assert after.range.start.line == before.range.start.line + 2
        await editor.replace(worker, loop, "const id = 1;")
        await editor.until(lambda: "query-in-loop" not in editor.rules(worker))


# --- what a person sets ------------------------------------------------------------------------------------------


SETTING = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        configuration=True,
        did_change_configuration=types.DidChangeConfigurationClientCapabilities(dynamic_registration=True),
    )
)


@pytest.mark.parametrize("can", [SETTING, None], ids=["asked", "told"])
@editing
async def test_a_setting_holds_at_once(can: types.ClientCapabilities | None, folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    schema.write_text(SCHEMA.replace(INDEX, ""), encoding="utf-8")
    (folder / "strict.toml").write_text('extends = ["recommended"]\nrules.unindexed-foreign-key = "note"\n')
    async with Editor(folder, can=can) as editor:
        await editor.until(lambda: editor.rules(schema) == ["unindexed-foreign-key"])
        await editor.set(enable=False)
        await editor.until(lambda: editor.rules(schema) == [])
        await editor.set(enable=True, configuration="strict.toml")
        await editor.until(lambda: editor.rules(schema) == ["unindexed-foreign-key"])
        [shown] = editor.shown[schema.as_uri()].diagnostics
        assert shown.severity == types.DiagnosticSeverity.Information
        await editor.set(configuration="absent.toml")
        absent = folder / "absent.toml"
        await editor.until(lambda: editor.rules(absent) == ["configuration"])
        await editor.set(configuration=None)
        await editor.until(lambda: editor.rules(absent) == [])
        assert editor.messages == []
        await editor.set(run="always")
        await editor.until(lambda: bool(editor.messages))
        assert editor.messages == ['the setting d1lint.run must be "onType" or "onSave", and is \'always\'']


@editing
async def test_settings_are_known_before_anything_is_shown(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    schema.write_text(SCHEMA.replace(INDEX, ""), encoding="utf-8")
    editor = Editor(folder, can=SETTING)
    editor.settings["enable"] = False
    async with editor:
        await editor.open(schema)
        assert editor.rules(schema) == []
        assert await editor.hover(schema, 'users", {') == ""
        await editor.set(enable=True)
        await editor.until(lambda: editor.rules(schema) == ["unindexed-foreign-key"])
    assert [r.method for r in editor.registered] == [types.WORKSPACE_DID_CHANGE_CONFIGURATION]


@editing
async def test_a_text_is_looked_at_when_it_is_saved(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder, options={"run": "onSave"}) as editor:
        assert rules(await editor.open(schema)) == []
        version = editor.shown[schema.as_uri()].version
        editor.edit(schema, INDEX, "")
        # The model has the saved text, so that nothing is said about places in this one.
        assert await editor.hover(schema, "users = sqliteTable") == ""
        assert editor.shown[schema.as_uri()].version == version
        editor.save(schema)
        assert rules(await editor.diagnostics(schema)) == ["unindexed-foreign-key"]


# --- progress ----------------------------------------------------------------------------------------------------


@editing
async def test_the_first_model_of_a_project_shows_its_progress_once(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    can = types.ClientCapabilities(window=types.WindowClientCapabilities(work_done_progress=True))
    async with Editor(folder, can=can) as editor:
        await editor.until(lambda: bool(editor.progress) and editor.progress[-1] == {"kind": "end"})
        token, begin, *reports, _ = editor.progress
        assert isinstance(token, str)
        assert (begin["kind"], begin["title"]) == ("begin", "d1lint: app")
        assert {report["kind"] for report in reports} <= {"report"}
        count = len(editor.progress)
        await editor.open(schema)
        await editor.replace(schema, INDEX, "")
        assert len(editor.progress) == count


# --- what is known of a place ------------------------------------------------------------------------------------


@editing
async def test_a_hover_tells_of_rules_tables_and_columns(folder: Path) -> None:
    schema, main = folder / "src/db/schema.ts", folder / "src/index.ts"
    async with Editor(folder) as editor:
        await editor.open(schema)
        table = await editor.hover(schema, "users = ")
        assert "**table `users`**, D1" in table
        assert "| `name` | text | not null |" in table
        assert "- `posts` (`author_id`)" in table
        assert "at most 2 parameters" in table and "50 such rows" in table
        column = await editor.hover(schema, "authorId: ")
        assert "`author_id` → `users` (`id`), on delete cascade; looked up with `posts_author_id_idx`" in column
        await editor.open(main)
        assert "**table `posts`**" in await editor.hover(main, "posts).limit")
        assert await editor.hover(main, "Response.json") == ""
        await editor.replace(schema, INDEX, "")
        page = await editor.hover(schema, "references(() => users")
        assert page.startswith("# unindexed-foreign-key")


@editing
async def test_the_tables_of_a_file_are_its_symbols(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder) as editor:
        await editor.open(schema)
        document = types.TextDocumentIdentifier(schema.as_uri())
        found: Any = await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
        assert [(s.name, [c.name for c in s.children]) for s in found] == [
            ("users", ["id", "name"]),
            ("posts", ["id", "author_id"]),
        ]
        for symbol in (*found, *(column for table in found for column in table.children)):
            whole, name = symbol.range, symbol.selection_range
            assert (whole.start.line, whole.start.character) <= (name.start.line, name.start.character)
            assert (name.end.line, name.end.character) <= (whole.end.line, whole.end.character)
        named: Any = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("pst"))
        assert [(symbol.name, symbol.location.uri) for symbol in named] == [("posts", schema.as_uri())]


@editing
async def test_above_a_table_stands_how_many_of_its_foreign_keys_are_indexed(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder) as editor:
        await editor.open(schema)

        async def lenses() -> list[tuple[int, str]]:
            document = types.TextDocumentIdentifier(schema.as_uri())
            found = await editor.client.text_document_code_lens_async(types.CodeLensParams(document))
            return [(lens.range.start.line, lens.command.title) for lens in found or () if lens.command is not None]

        assert await lenses() == [(2, "1 foreign key, 1 indexed")]
        await editor.replace(schema, INDEX, "")
        assert await lenses() == [(2, "1 foreign key, 0 indexed")]


@editing
async def test_a_diagram_of_the_tables_can_be_asked_for(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder) as editor:
        await editor.open(schema)
        await editor.replace(schema, '"users"', '"people"')
        diagram = await editor.client.workspace_execute_command_async(
            types.ExecuteCommandParams("d1lint.showErd", [schema.as_uri()])
        )
        assert isinstance(diagram, str)
        assert diagram.splitlines()[:2] == ["erDiagram", '    "people" {']


# --- what can be done --------------------------------------------------------------------------------------------


@editing
async def test_a_finding_can_be_silenced_with_a_reason(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder) as editor:
        [found] = await editor.open(schema, SCHEMA.replace(INDEX, ""))
        action = (await editor.actions(schema, found))["Ignore unindexed-foreign-key here, with a reason"]
        assert (action.kind, list(action.diagnostics or ())) == (types.CodeActionKind.QuickFix, [found])
        after = applied(editor.text(schema), action)
        [line] = [line for line in after.split("\n") if "d1lint-ignore" in line]
        assert line == "    // d1lint-ignore unindexed-foreign-key -- "
        # Until a person has written why, that is what is reported.
        assert rules(await editor.replace(schema, editor.text(schema), after)) == ["suppression-without-reason"]
        assert await editor.replace(schema, " -- \n", " -- three rows\n") == []


@editing
async def test_raw_sql_can_be_justified(folder: Path) -> None:
    main = folder / "src/index.ts"
    comment = "    // @native-sql: the planner's statistics\n"
    text = HANDLER.replace(comment, "").replace("await env.DB.prepare", "const done =\n      await env.DB\n  .prepare")
    can = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True, snippet_edit_support=True)
        )
    )
    async with Editor(folder, can=can) as editor:
        [found] = await editor.open(main, text)
        assert found.code == "unjustified-native-sql"
        action = (await editor.actions(main, found))["Justify this raw SQL with a comment"]
        assert action.edit is not None and action.edit.document_changes is not None
        [changes] = action.edit.document_changes
        assert isinstance(changes, types.TextDocumentEdit) and changes.text_document.version == 1
        after = applied(editor.text(main), action)
        assert "    // @native-sql: ${1:why}\n    const done =\n" in after
        after = after.replace("${1:why}", "the planner's statistics")
        assert await editor.replace(main, editor.text(main), after) == []


@editing
async def test_a_fix_is_offered_and_all_safe_ones_at_once(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    async with Editor(folder) as editor:
        [found] = await editor.open(schema, SCHEMA.replace(INDEX, ""))
        offered = await editor.actions(schema, found)
        first = next(iter(offered.values()))
        assert first.is_preferred
        [every] = (await editor.actions(schema, found, only=["source.fixAll"])).values()
        assert (every.kind, applied(SCHEMA, every) == applied(SCHEMA, first)) == ("source.fixAll.d1lint", True)
        assert await editor.replace(schema, editor.text(schema), applied(editor.text(schema), first)) == []


# --- the connection ----------------------------------------------------------------------------------------------


@editing
async def test_a_request_can_be_cancelled(folder: Path) -> None:
    async with Editor(folder, can=PULLING, options={"delay": 2000}) as editor:
        schema = folder / "src/db/schema.ts"
        await editor.open(schema)
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(schema.as_uri()))
        request = editor.client.protocol.send_request_async(types.TEXT_DOCUMENT_DIAGNOSTIC, params, msg_id="x")
        editor.client.cancel_request(types.CancelParams("x"))
        with pytest.raises(JsonRpcException) as refused:
            await request
        assert refused.value.code == -32800


class Wire:
    """The two pipes of a server, without a client's manners: what goes over them, byte by byte."""

    def __init__(self, **options: Any) -> None:
        self.server = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *error: object) -> None:
        self.server.kill()
        self.server.wait()
        for pipe in (self.server.stdin, self.server.stdout, self.server.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def send(self, message: Any) -> None:
        self.send_bytes(json.dumps(message).encode())

    def send_bytes(self, body: bytes) -> None:
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.server.stdin.flush()

    def ask(self, method: str, params: Any, identity: int | str = 1) -> Any:
        """The answer to a request."""
        self.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == identity and "method" not in message:
                return message

    def tell(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def receive(self) -> Any:
        assert self.server.stdout is not None
        header = re.fullmatch(rb"Content-Length: (\d+)\r\n", self.server.stdout.readline())
        assert header is not None, "something else than the protocol is on standard output"
        while self.server.stdout.readline() != b"\r\n":
            pass
        return json.loads(self.server.stdout.read(int(header[1])))

    def begin(self, folder: Path, **more: Any) -> Any:
        answer = self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}, **more}, 0)
        self.tell("initialized", {})
        return answer

    def end(self) -> int:
        assert self.ask("shutdown", None, "end")["result"] is None
        self.tell("exit")
        return self.server.wait(PATIENCE)


def opened(path: Path, text: str) -> Any:
    return {"textDocument": {"uri": path.as_uri(), "languageId": "typescript", "version": 1, "text": text}}


def test_nonsense_is_answered_and_the_server_stays_up(folder: Path) -> None:
    schema = folder / "src/db/schema.ts"
    with Wire(stderr=subprocess.DEVNULL) as wire:
        wire.begin(folder)
        for body in (b"{ this is no JSON", b"[]", b"17", b"null", b'"x"', b"\xff\xfe", b'{"jsonrpc": "1.0", "id": 5}'):
            wire.send_bytes(body)
        wire.tell("no/such/notification", {})
        wire.tell("textDocument/didChange", {"nothing": 1})
        change = {"textDocument": {"uri": "file:///gone.ts", "version": 7}, "contentChanges": [{"text": "x"}]}
        wire.tell("textDocument/didChange", change)
        untitled = {"uri": "untitled:1", "languageId": "typescript", "version": 1, "text": "x"}
        wire.tell("textDocument/didOpen", {"textDocument": untitled})
        assert wire.ask("no/such/request", {}, 2)["error"]["code"] == -32601
        assert wire.ask("textDocument/hover", {"textDocument": 3}, 3)["error"]["code"] == -32602
        for uri in ("untitled:1", "file:///gone.ts", "no address at all"):
            at = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
            assert wire.ask("textDocument/hover", at, 4)["result"] is None
        wire.tell("textDocument/didOpen", opened(schema, SCHEMA.replace(INDEX, "")))
        far = {"start": {"line": 900, "character": 900}, "end": {"line": 9000, "character": 9000}}
        changes = [{"range": far, "text": "// the end\n"}]
        wire.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": schema.as_uri(), "version": 2}, "contentChanges": changes},
        )
        found = wire.ask("textDocument/diagnostic", {"textDocument": {"uri": schema.as_uri()}}, 6)["result"]["items"]
        assert [item["code"] for item in found] == ["unindexed-foreign-key"]
        assert wire.end() == 0


def test_a_request_out_of_turn_is_refused(folder: Path) -> None:
    with Wire() as wire:
        early = {"textDocument": {"uri": (folder / "src/index.ts").as_uri()}}
        assert wire.ask("textDocument/diagnostic", early)["error"]["code"] == -32002
        wire.begin(folder)
        assert wire.ask("shutdown", None)["result"] is None
        assert wire.ask("textDocument/diagnostic", early)["error"]["code"] == -32600
        wire.tell("exit")
        assert wire.server.wait(PATIENCE) == 0


def test_an_exit_without_notice_is_a_failure(folder: Path) -> None:
    with Wire() as wire:
        wire.begin(folder)
        wire.tell("exit")
        assert wire.server.wait(PATIENCE) == 1


def test_a_client_that_disappears_takes_the_server_along(folder: Path) -> None:
    with Wire() as wire:
        wire.begin(folder)
        wire.tell("textDocument/didOpen", opened(folder / "src/db/schema.ts", SCHEMA))
        assert wire.server.stdin is not None and wire.server.stdout is not None
        wire.server.stdin.close()
        wire.server.stdout.close()
        assert wire.server.wait(PATIENCE) == 1


def test_an_editor_that_dies_takes_the_server_along_though_its_pipes_are_open(folder: Path) -> None:
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with Wire() as wire:
        wire.begin(folder, processId=editor.pid)
        editor.communicate(b"\n")
        assert wire.server.wait(PATIENCE) == 1


def test_nothing_but_the_protocol_is_on_standard_output(folder: Path) -> None:
    """A third party's rule that prints does no harm."""
    rule = """from d1lint.rule import rule
from d1lint.model.schema import Table
@rule(on=Table, level="note", clauses=[], since="0.1")
def loud_rule(table, project):
    \"\"\"Prints.\"\"\"
    import os
    print("printed"); os.write(1, b"written")
    yield from ()
"""
    site = folder.parent / "site"
    write_files(
        site,
        {
            "loud.py": rule,
            "loud-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: loud\nVersion: 1\n",
            "loud-1.dist-info/entry_points.txt": "[d1lint.rules]\nloud-rule = loud:loud_rule\n",
            "package.json": "{}",
        },
    )
    (folder / "d1lint.toml").write_text('[rules]\nloud-rule = "note"\n', encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    with Wire(env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE) as wire:
        wire.begin(folder)
        assert wire.ask("workspace/diagnostic", {"previousResultIds": []}, 2)["result"] == {"items": []}
        assert wire.ask("shutdown", None, 3)["result"] is None
        wire.tell("exit")
        rest, errors = wire.server.communicate(timeout=PATIENCE)
        assert rest == b""
        assert b"printed" in errors and b"written" in errors


def test_without_pygls_the_command_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError(\"No module named 'pygls'\", name='pygls')\n")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(COMMAND, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "d1lint: the server needs pygls: pip install 'd1lint[server]'\n"
