"""The index of a foreign key, added to tables of every form, judged by drizzle-kit and by TypeScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kit import generate, install, type_errors
from pages import write_files
from test_fix import fixed, run

from d1lint.engine import check

CONFIG = "extends = []\n\n[rules]\nunindexed-foreign-key = 'error'\n"
USERS = """import { integer, sqliteTable } from "drizzle-orm/sqlite-core";

export const users = sqliteTable("users", { id: integer().primaryKey() });
"""
TYPES = 'import { integer, sqliteTable } from "drizzle-orm/sqlite-core";\nimport { users } from "./users";\n\n'
WITH_INDEX = TYPES.replace("{ integer", "{ index, integer")
WITH_UNIQUE = TYPES.replace("sqliteTable }", "sqliteTable, unique }")
COLUMNS = "id: integer().primaryKey(), authorId: integer('author_id').references(() => users.id)"
TWO = f"{COLUMNS}, editorId: integer('editor_id').references(() => users.id)"


def table(name: str, rest: str, columns: str = COLUMNS) -> str:
    return f'export const {name} = sqliteTable("{name}", {{ {columns} }}{rest});\n'


def index(name: str, column: str = "author") -> str:
    return f'index("{name}_{column}_id_idx").on(t.{column}Id)'


# The first line of a form names its table; a form is what stands below its imports, before and after.
FORMS: dict[str, tuple[str, str]] = {
    "none_hugging": (
        TYPES + 'export const none_hugging = sqliteTable("none_hugging", {\n'
        "  id: integer().primaryKey(),\n  authorId: integer('author_id').references(() => users.id),\n});\n",
        WITH_INDEX + 'export const none_hugging = sqliteTable("none_hugging", {\n'
        "  id: integer().primaryKey(),\n  authorId: integer('author_id').references(() => users.id),\n"
        '}, (t) => [\n  index("none_hugging_author_id_idx").on(t.authorId),\n]);\n',
    ),
    "none_in_lines": (
        TYPES + f'export const none_in_lines = sqliteTable(\n\t"none_in_lines",\n\t{{ {COLUMNS} }},\n);\n',
        WITH_INDEX + f'export const none_in_lines = sqliteTable(\n\t"none_in_lines",\n\t{{ {COLUMNS} }},\n'
        f"\t(t) => [{index('none_in_lines')}],\n);\n",
    ),
    "none_in_lines_bare": (
        TYPES
        + f'export const none_in_lines_bare = sqliteTable(\n  "none_in_lines_bare",\n  {{ {COLUMNS} }} // the end\n)\n',
        WITH_INDEX + f'export const none_in_lines_bare = sqliteTable(\n  "none_in_lines_bare",\n  {{ {COLUMNS} }},\n'
        f"  (t) => [{index('none_in_lines_bare')}] // the end\n)\n",
    ),
    "columns_callback": (
        TYPES + 'export const columns_callback = sqliteTable("columns_callback", (d) => ({\n'
        "  id: d.integer().primaryKey(),\n  authorId: d.integer('author_id').references(() => users.id),\n}));\n",
        WITH_INDEX + 'export const columns_callback = sqliteTable("columns_callback", (d) => ({\n'
        "  id: d.integer().primaryKey(),\n  authorId: d.integer('author_id').references(() => users.id),\n"
        f"}}), (t) => [\n  {index('columns_callback')},\n]);\n",
    ),
    "array_empty": (
        TYPES + table("array_empty", ", (t) => []"),
        WITH_INDEX + table("array_empty", f", (t) => [\n  {index('array_empty')},\n]"),
    ),
    "array_one_line": (
        WITH_UNIQUE + table("array_one_line", ",\n  (t) => [unique().on(t.id)]"),
        WITH_UNIQUE.replace("{ i", "{ index, i", 1)
        + table("array_one_line", f",\n  (t) => [unique().on(t.id), {index('array_one_line')}]"),
    ),
    "array_in_lines": (
        WITH_UNIQUE + table("array_in_lines", ", (t) => [\n\tunique().on(t.id), // and\n]"),
        WITH_UNIQUE.replace("{ i", "{ index, i", 1)
        + table("array_in_lines", f", (t) => [\n\tunique().on(t.id), // and\n\t{index('array_in_lines')},\n]"),
    ),
    "array_no_comma": (
        WITH_UNIQUE + table("array_no_comma", ", (t) => [\n    unique().on(t.id) /* x */ // and\n  ]", TWO),
        WITH_UNIQUE.replace("{ i", "{ index, i", 1)
        + table(
            "array_no_comma",
            f", (t) => [\n    unique().on(t.id), /* x */ // and\n    {index('array_no_comma')},\n"
            f"    {index('array_no_comma', 'editor')}\n  ]",
            TWO,
        ),
    ),
    "array_returned": (
        TYPES + table("array_returned", ", (t) => {\n  const x = 1;\n  return [];\n}"),
        WITH_INDEX + table("array_returned", f", (t) => {{\n  const x = 1;\n  return [{index('array_returned')}];\n}}"),
    ),
    "function_returned": (
        TYPES + table("function_returned", ", function (t) {\n  return [];\n}"),
        WITH_INDEX + table("function_returned", f", function (t) {{\n  return [{index('function_returned')}];\n}}"),
    ),
    "object_empty": (
        TYPES + table("object_empty", ", (t) => ({})"),
        WITH_INDEX + table("object_empty", f", (t) => ({{\n  authorIdx: {index('object_empty')},\n}})"),
    ),
    "object_keyed": (
        WITH_UNIQUE + table("object_keyed", ", (t) => ({\n  authorIndex: unique().on(t.id),\n})"),
        WITH_UNIQUE.replace("{ i", "{ index, i", 1)
        + table(
            "object_keyed",
            f", (t) => ({{\n  authorIndex: unique().on(t.id),\n  authorIdIndex: {index('object_keyed')},\n}})",
        ),
    ),
    "no_parameter": (
        TYPES + table("no_parameter", ", () => []"),
        WITH_INDEX + table("no_parameter", f", (t) => [\n  {index('no_parameter')},\n]"),
    ),
    "destructured": (
        WITH_UNIQUE + table("destructured", ", ({ id }) => [\n  unique().on(id),\n]", TWO),
        WITH_UNIQUE.replace("{ i", "{ index, i", 1)
        + table(
            "destructured",
            ", ({ authorId, editorId, id }) => [\n  unique().on(id),\n"
            '  index("destructured_author_id_idx").on(authorId),\n'
            '  index("destructured_editor_id_idx").on(editorId),\n]',
            TWO,
        ),
    ),
    "destructured_renamed": (
        WITH_UNIQUE + table("destructured_renamed", ", ({ authorId: a, ...t }) => [\n  unique().on(t.id),\n]"),
        WITH_UNIQUE.replace("{ i", "{ index, i", 1)
        + table(
            "destructured_renamed",
            ", ({ authorId: a, ...t }) => [\n  unique().on(t.id),\n"
            '  index("destructured_renamed_author_id_idx").on(a),\n]',
        ),
    ),
    "namespace": (
        'import * as s from "drizzle-orm/sqlite-core";\nimport { users } from "./users";\n\n'
        "export const namespace = s.sqliteTable('namespace', { id: s.integer().primaryKey(), "
        "authorId: s.integer('author_id').references(() => users.id) }, (t) => [\n]);\n",
        'import * as s from "drizzle-orm/sqlite-core";\nimport { users } from "./users";\n\n'
        "export const namespace = s.sqliteTable('namespace', { id: s.integer().primaryKey(), "
        "authorId: s.integer('author_id').references(() => users.id) }, (t) => [\n"
        '  s.index("namespace_author_id_idx").on(t.authorId),\n]);\n',
    ),
    "renamed_import": (
        'import { index as idx, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
        'import { users } from "./users";\n'
        "\n" + table("renamed_import", ", (t) => []"),
        'import { index as idx, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
        'import { users } from "./users";\n'
        "\n" + table("renamed_import", ', (t) => [\n  idx("renamed_import_author_id_idx").on(t.authorId),\n]'),
    ),
    "taken_name": (
        TYPES + "export const index = 1;\n" + table("taken_name", ", (t) => []"),
        TYPES.replace("{ i", "{ index as indexFromDrizzle, i", 1)
        + "export const index = 1;\n"
        + table("taken_name", ', (t) => [\n  indexFromDrizzle("taken_name_author_id_idx").on(t.authorId),\n]'),
    ),
    "unsorted_imports": (
        "import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core'\n"
        "import {\n\tsqliteTable,\n\tinteger,\n} from 'drizzle-orm/sqlite-core'\nimport { users } from './users'\n\n"
        + table("unsorted_imports", ", (t) => []"),
        "import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core'\n"
        "import {\n\tsqliteTable,\n\tinteger,\n\tindex,\n} from 'drizzle-orm/sqlite-core'\n"
        "import { users } from './users'\n"
        "\n" + table("unsorted_imports", ", (t) => [\n\tindex('unsorted_imports_author_id_idx').on(t.authorId),\n]"),
    ),
    "other_module": (
        "import { users } from './users'\nimport { make as table, int } from './core'\n\n"
        "export const other_module = table('other_module', { id: int().primaryKey(), "
        "authorId: int('author_id').references(() => users.id) }, (t) => [])\n",
        "import { users } from './users'\nimport { make as table, int, dex as index } from './core'\n\n"
        "export const other_module = table('other_module', { id: int().primaryKey(), "
        "authorId: int('author_id').references(() => users.id) }, (t) => [\n"
        "  index('other_module_author_id_idx').on(t.authorId),\n])\n",
    ),
    "no_import": (
        "import { users } from './users'\nimport { table } from './creator'\n\n"
        "export const no_import = table('no_import', (d) => ({ id: d.integer().primaryKey(), "
        "authorId: d.integer('author_id').references(() => users.id) }))\n",
        "import { index } from 'drizzle-orm/sqlite-core'\n"
        "import { users } from './users'\nimport { table } from './creator'\n"
        "\n"
        "export const no_import = table('no_import', (d) => ({ id: d.integer().primaryKey(), "
        "authorId: d.integer('author_id').references(() => users.id) }), (t) => [\n"
        "  index('no_import_author_id_idx').on(t.authorId),\n])\n",
    ),
    "two_columns": (
        'import { foreignKey, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";\n'
        "export const shelves = sqliteTable('shelves', { room: integer(), 'the-no': integer() }, (self) => [\n"
        "  primaryKey({ columns: [self.room, self['the-no']] }),\n]);\n"
        "export const two_columns = sqliteTable('two_columns', { room: integer(), 'the-no': integer() }, (self) => [\n"
        "  foreignKey({ columns: [self.room, self['the-no']], foreignColumns: [shelves.room, shelves['the-no']] }),\n"
        "]);\n",
        'import { foreignKey, index, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";\n'
        "export const shelves = sqliteTable('shelves', { room: integer(), 'the-no': integer() }, (self) => [\n"
        "  primaryKey({ columns: [self.room, self['the-no']] }),\n]);\n"
        "export const two_columns = sqliteTable('two_columns', { room: integer(), 'the-no': integer() }, (self) => [\n"
        "  foreignKey({ columns: [self.room, self['the-no']], foreignColumns: [shelves.room, shelves['the-no']] }),\n"
        '  index("two_columns_room_the-no_idx").on(self.room, self["the-no"]),\n]);\n',
    ),
    "self_reference": (
        'import { type AnySQLiteColumn, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
        "export const self_reference = sqliteTable('self_reference', {\n"
        "\tid: integer().primaryKey(),\n\tparentId: integer().references((): AnySQLiteColumn => self_reference.id),\n"
        "})",
        'import { type AnySQLiteColumn, index, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
        "export const self_reference = sqliteTable('self_reference', {\n"
        "\tid: integer().primaryKey(),\n\tparentId: integer().references((): AnySQLiteColumn => self_reference.id),\n"
        '}, (t) => [\n\tindex("self_reference_parentId_idx").on(t.parentId),\n])',
    ),
    "windows": (
        "\ufeff" + (TYPES + table("windows", ",\n\t/* 👩\u200d👧 検 */ (t) => [\n\t]").rstrip()).replace("\n", "\r\n"),
        "\ufeff"
        + (
            WITH_INDEX + table("windows", f",\n\t/* 👩\u200d👧 検 */ (t) => [\n\t\t{index('windows')},\n\t]").rstrip()
        ).replace("\n", "\r\n"),
    ),
}
HELPERS = {
    "users": USERS,
    "core": "export { sqliteTable as make, integer as int, index as dex } from 'drizzle-orm/sqlite-core'\n",
    "creator": "import { sqliteTableCreator } from 'drizzle-orm/sqlite-core'\n"
    "export const table = sqliteTableCreator((name) => name)\n",
}
CREATED = {
    f"CREATE INDEX `{name}_{column}_idx` ON `{name}` (`{column}`);"
    for name in FORMS
    for column in ("author_id", "editor_id")
    if name not in ("two_columns", "self_reference")
    and (column == "author_id" or name in ("array_no_comma", "destructured"))
} | {
    "CREATE INDEX `two_columns_room_the-no_idx` ON `two_columns` (`room`,`the-no`);",
    "CREATE INDEX `self_reference_parentId_idx` ON `self_reference` (`parentId`);",
}


def files(side: int) -> dict[str, str | bytes]:
    texts = {name: form[side] for name, form in FORMS.items()} | HELPERS
    return {f"src/db/{name}.ts": text for name, text in texts.items()}


def test_every_form_as_kit_and_typescript_see_it(tmp_path: Path) -> None:
    install(tmp_path)
    write_files(tmp_path, {"d1lint.toml": CONFIG, **files(0)})
    tables = [text for text in generate(tmp_path, "src/db/*.ts") if text.startswith("CREATE TABLE")]
    assert len(tables) == len(FORMS) + 2
    assert type_errors(tmp_path, *files(0)) == ""
    found = fixed(tmp_path, {**files(0), "d1lint.toml": CONFIG})
    assert run(tmp_path, code=0).startswith("No findings")
    for path, text in files(1).items():
        assert found[path].decode() == text
    assert type_errors(tmp_path, *files(0)) == ""
    made = generate(tmp_path, "src/db/*.ts")
    assert sorted(made) == sorted(CREATED)


@pytest.mark.parametrize(
    "text",
    [
        # The call makes several tables.
        "const make = (name: string) => sqliteTable(name, { %s });\nexport const a = make('a');\n"
        "export const b = make('b');",
        # The third argument is made elsewhere.
        "const none = () => [];\nexport const a = sqliteTable('a', { %s }, none);",
        "const list = () => [];\nexport const a = sqliteTable('a', { %s }, () => list());",
        # The callback does other things.
        "export const a = sqliteTable('a', { %s }, (t) => { for (const x of []) console.log(x); return []; });",
        # The name that would be needed means something else there.
        "export const a = sqliteTable('a', { %s }, (index) => []);",
    ],
)
def test_what_can_not_be_edited_safely_has_no_fix(text: str, tmp_path: Path) -> None:
    schema = TYPES + text % COLUMNS
    once = fixed(tmp_path, {"d1lint.toml": CONFIG, "src/db/users.ts": USERS, "src/db/schema.ts": schema})
    assert once["src/db/schema.ts"].decode() == schema
    assert "unindexed-foreign-key" in run(tmp_path, code=1)


NAMES = {
    "{table}_{columns}_idx": ("posts_author_id_idx", ["posts_slug_idx", "tags_owner_id_idx"]),
    "stems": ("posts_author_idx", ["posts_slug_idx", "tags_owner_idx"]),
    "index": ("posts_author_id_index", ["posts_slug_index", "tags_owner_id_index"]),
    "idx first": ("idx_posts_author_id", ["idx_posts_slug", "idx_tags_owner_id"]),
    "ix first": ("ix_posts_author", ["ix_posts_slug", "ix_tags_owner"]),
    "no table": ("author_id_idx", ["slug_idx", "owner_id_idx"]),
    "singular": ("post_author_id_idx", ["post_slug_idx", "tag_owner_id_idx"]),
    "camel": ("postsAuthorIdIdx", ["postsSlugIdx", "tagsOwnerIdIdx"]),
    "camel stems": ("postsAuthorIdx", ["postsSlugIdx", "tagsOwnerIdx"]),
    "dashes": ("idx-posts-author_id", ["idx-posts-slug", "idx-tags-owner_id"]),
    "of no pattern": ("posts_author_id_idx", ["a1", "b2"]),
    "the most frequent": ("idx_posts_author_id", ["idx_posts_slug", "idx_tags_owner_id", "tags_slug_index"]),
    "taken": ("posts_author_id_idx2", ["posts_slug_idx", "posts_author_id_idx"]),
}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_named_as_the_others_are(name: str, tmp_path: Path) -> None:
    expected, names = NAMES[name]
    columns = dict(zip(names, ["slug", "ownerId", "slug"], strict=False))
    own = [f'index("{n}").on(t.{c})' for n, c in columns.items() if "tags" not in n and n not in ("owner_id_idx", "b2")]
    others = [f'index("{n}").on(t.{c})' for n, c in columns.items() if "tags" in n or n in ("owner_id_idx", "b2")]
    schema = f"""{WITH_INDEX.replace("./users", "./users")}
const columns = {{ id: integer().primaryKey(), slug: integer(), ownerId: integer("owner_id") }};
export const tags = sqliteTable("tags", {{ ...columns }}, (t) => [{", ".join(others)}]);
export const posts = sqliteTable("posts", {{
  ...columns,
  authorId: integer("author_id").references(() => users.id),
}}, (t) => [{", ".join(own)}]);
"""
    once = fixed(tmp_path, {"d1lint.toml": CONFIG, "src/db/users.ts": USERS, "src/db/schema.ts": schema})
    assert f'index("{expected}").on(t.authorId)' in once["src/db/schema.ts"].decode()


def test_two_that_would_get_one_name_get_two(tmp_path: Path) -> None:
    schema = WITH_INDEX + "".join(
        f'export const {export} = sqliteTable("{name}", {{ id: integer().primaryKey(), '
        f'x: integer("{column}").references(() => users.id) }});\n'
        for export, name, column in [("a", "a", "b_c"), ("b", "a_b", "c")]
    )
    once = fixed(tmp_path, {"d1lint.toml": CONFIG, "src/db/users.ts": USERS, "src/db/schema.ts": schema})
    text = once["src/db/schema.ts"].decode()
    assert '"a_b_c_idx"' in text and '"a_b_c_idx2"' in text


@pytest.mark.parametrize(
    ("rest", "advice"),
    [
        ("", '(t) => [index("posts_author_id_idx").on(t.authorId)]'),
        (', (a) => [index("ix_posts_id").on(a.id)]', 'index("ix_posts_author_id").on(a.authorId),'),
        (", ({ authorId: by }) => []", 'index("posts_author_id_idx").on(by),'),
        (
            ", (table) => ({ id_idx: index('posts_id_index').on(table.id) })",
            'author_idx: index("posts_author_id_index").on(table.authorId),',
        ),
        (", others", 'index("posts_author_id_idx").on(t.authorId),'),
    ],
)
def test_the_finding_shows_what_the_fix_would_write(rest: str, advice: str, tmp_path: Path) -> None:
    schema = WITH_INDEX + "const others = () => [];\n" + table("posts", rest)
    write_files(tmp_path, {"d1lint.toml": CONFIG, "src/db/users.ts": USERS, "src/db/schema.ts": schema})
    (finding,) = check([tmp_path]).findings
    place = "the list of " if rest else ""
    assert finding.instead == f"Add an index to {place}`posts`, and generate the migration:\n{advice}"
    written = [edit.text for edit in finding.fix.edits] if finding.fix is not None else []
    assert any(squeezed(advice) in squeezed(text) for text in written) is (rest != ", others")


def squeezed(text: str) -> str:
    """The text without what layout adds."""
    return re.sub(r"[\s,]", "", text)


def test_keys_that_differ_in_their_ending_alone(tmp_path: Path) -> None:
    columns = f"{COLUMNS}, author: integer().references(() => users.id)"
    schema = WITH_INDEX + table("posts", ', (t) => ({ idIdx: index("posts_id_idx").on(t.id) })', columns)
    once = fixed(tmp_path, {"d1lint.toml": CONFIG, "src/db/users.ts": USERS, "src/db/schema.ts": schema})
    assert re.findall(r"(\w+): index", once["src/db/schema.ts"].decode()) == ["idIdx", "authorIdx", "authorIdx2"]


def test_an_older_drizzle_gets_an_object(tmp_path: Path) -> None:
    package = '{ "name": "app", "dependencies": { "drizzle-orm": "0.33.0" } }'
    wrangler = '{ "d1_databases": [{ "binding": "DB", "database_name": "a", "database_id": "x" }] }'
    texts = {"package.json": package, "wrangler.jsonc": wrangler, "src/db/users.ts": USERS, "d1lint.toml": CONFIG}
    once = fixed(tmp_path, {**texts, "src/db/schema.ts": TYPES + table("posts", "")})
    assert once["src/db/schema.ts"].decode() == WITH_INDEX + table(
        "posts", f", (t) => ({{\n  authorIdx: {index('posts')},\n}})"
    )


def test_drizzle_1(tmp_path: Path) -> None:
    install(tmp_path, 1)
    text = (Path(__file__).parent.parent / "fixtures/drizzle-v1/src/db/schema.ts").read_text()
    write_files(tmp_path, {"src/db/schema.ts": text})
    generate(tmp_path, "src/db/schema.ts")
    fixed(tmp_path, {"d1lint.toml": CONFIG, "src/db/schema.ts": text})
    assert generate(tmp_path, "src/db/schema.ts") == [
        "CREATE INDEX `waterings_plant_id_idx` ON `waterings` (`plant_id`);"
    ]
    assert type_errors(tmp_path, "src/db/schema.ts") == ""
