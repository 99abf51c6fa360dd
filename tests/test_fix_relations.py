"""The relation of a foreign key, added to code of every form, judged by drizzle-orm and by TypeScript."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kit import install, real_relations, type_errors
from pages import write_files
from test_fix import fixed, run

from d1lint.engine import check

CONFIG = "extends = []\n\n[rules]\nmissing-relation = { level = 'error', without-relations = 'error' }\n"
PACKAGE = '{ "name": "app", "dependencies": { "drizzle-orm": "%s" } }'
WRANGLER = '{ "d1_databases": [{ "binding": "DB", "database_name": "a", "database_id": "x" }] }'
CORE = 'import { integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
ORM = 'import { relations } from "drizzle-orm";\n'
USERS = 'export const users = sqliteTable("users", { id: integer().primaryKey() });\n'
AUTHOR = 'authorId: integer("author_id").references(() => users.id)'
EDITOR = 'editorId: integer("editor_id").references(() => users.id)'
TO_USER = "author_id = id"


def table(name: str, *columns: str) -> str:
    return (
        f'export const {name} = sqliteTable("{name}", {{ {", ".join(["id: integer().primaryKey()", *columns])} }});\n'
    )


POSTS = table("posts", AUTHOR)
TABLES = CORE + USERS + POSTS


@dataclass
class Form:
    """`before` and `after` are the files that change, `same` those that do not; `relations` are drizzle's lines.

    `options` are those that are given with `--fix`.
    """

    before: dict[str, str]
    after: dict[str, str]
    relations: list[str]
    same: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()


ONE = f"posts.author one users: {TO_USER}"
MANY = "users.posts many posts: id = author_id"
OWN_BLOCK = """
export const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.authorId], references: [users.id] }),
}));"""
OWN_LINE = "author: one(users, { fields: [posts.authorId], references: [users.id] })"

FORMS = {
    "no relations at all": Form(
        {"schema.ts": TABLES},
        {"schema.ts": ORM + TABLES.rstrip() + f"\n{OWN_BLOCK}\n"},
        [ONE],
    ),
    "the parent has some, beside the tables": Form(
        {
            "schema.ts": ORM
            + TABLES
            + "export const usersRelations = relations(users, () => ({}));\nexport const last = 1;\n"
        },
        {
            "schema.ts": ORM
            + TABLES
            + "export const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));\n"
            + OWN_BLOCK
            + "\nexport const last = 1;\n"
        },
        [ONE, MANY],
    ),
    "a file for relations": Form(
        {
            "relations.ts": ORM
            + "import { users } from './schema';\n\n"
            + "export const usersRelations = relations(users, ({ one }) => ({\n\tself: one(users, {\n"
            "\t\tfields: [users.id],\n\t\treferences: [users.id],\n\t}),\n})); // all\n",
        },
        {
            "relations.ts": ORM
            + "import { users, posts } from './schema';\n\n"
            + "export const usersRelations = relations(users, ({ many, one }) => ({\n\tself: one(users, {\n"
            "\t\tfields: [users.id],\n\t\treferences: [users.id],\n\t}),\n\tposts: many(posts),\n})); // all\n\n"
            "export const postsRelations = relations(posts, ({ one }) => ({\n\tauthor: one(users, {\n"
            "\t\tfields: [posts.authorId],\n\t\treferences: [users.id],\n\t}),\n}));\n",
        },
        [ONE, MANY, "users.self one users: id = id"],
        {"schema.ts": TABLES},
    ),
    "the child has some, its helpers have a name": Form(
        {
            "schema.ts": CORE + USERS + table("posts", AUTHOR, "next: integer()"),
            "r.ts": 'import { relations } from "drizzle-orm"\nimport * as s from "./schema.js"\n'
            "export const userRelations = relations(s.users, (r) => { return {\n} })\n"
            "export const postRelations = relations(s.posts, (r) => ({\n  next: r.one(s.posts, "
            "{ fields: [s.posts.next], references: [s.posts.id] })\n}))\n",
        },
        {
            "r.ts": 'import { relations } from "drizzle-orm"\nimport * as s from "./schema.js"\n'
            "export const userRelations = relations(s.users, (r) => { return {\n  posts: r.many(s.posts)\n} })\n"
            "export const postRelations = relations(s.posts, (r) => ({\n  next: r.one(s.posts, "
            "{ fields: [s.posts.next], references: [s.posts.id] }),\n"
            "  author: r.one(s.users, {\n    fields: [s.posts.authorId],\n    references: [s.users.id]\n  })\n}))\n",
        },
        [ONE, MANY, "posts.next one posts: next = id"],
    ),
    "a file for each table": Form(
        {
            "posts.ts": CORE + ORM + 'import { users } from "./users.js";\n' + POSTS,
            "users.ts": CORE
            + ORM
            + USERS
            + 'import { tags } from "./tags.js";\nexport const usersRelations = relations(users, ({ many }) => ({\n'
            "  tags: many(tags),\n}));\n",
        },
        {
            "posts.ts": CORE + ORM + 'import { users } from "./users.js";\n' + POSTS + OWN_BLOCK + "\n",
        },
        [ONE, "tags.owner one users: owner_id = id", "users.tags many tags: id = owner_id"],
        {
            "tags.ts": CORE
            + ORM
            + 'import { users } from "./users.js";\n'
            + table("tags", 'ownerId: integer("owner_id").references(() => users.id)')
            + "export const tagsRelations = relations(tags, ({ one }) => ({\n"
            "  owner: one(users, { fields: [tags.ownerId], references: [users.id] }),\n}));\n",
        },
    ),
    "files that import each other already": Form(
        {
            "posts.ts": CORE + 'import { users } from "./users.js";\n' + POSTS + "export const other = 1;\n",
            "users.ts": CORE
            + ORM
            + 'import { other } from "./posts.js";\n'
            + USERS
            + "export const usersRelations = relations(users, () => ({}));\nexport const more = () => other;\n",
        },
        {
            "posts.ts": ORM
            + CORE
            + 'import { users } from "./users.js";\n'
            + POSTS
            + OWN_BLOCK
            + "\nexport const other = 1;\n",
            "users.ts": CORE
            + ORM
            + 'import { other, posts } from "./posts.js";\n'
            + USERS
            + "export const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));\n"
            + "export const more = () => other;\n",
        },
        [ONE, MANY],
    ),
    "two keys to one table": Form(
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("posts", AUTHOR, EDITOR)
            + "export const usersRelations = relations(users, ({}) => ({}))\n"
        },
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("posts", AUTHOR, EDITOR)
            + "export const usersRelations = relations(users, ({ many }) => ({\n"
            '  authorPosts: many(posts, { relationName: "posts_author" }),\n'
            '  editorPosts: many(posts, { relationName: "posts_editor" }),\n}))\n\n'
            "export const postsRelations = relations(posts, ({ one }) => ({\n"
            "  author: one(users, { fields: [posts.authorId], references: [users.id], "
            'relationName: "posts_author" }),\n'
            "  editor: one(users, { fields: [posts.editorId], references: [users.id], "
            'relationName: "posts_editor" }),\n'
            "}));\n",
        },
        [],
    ),
    "the parent's side is there": Form(
        {
            "schema.ts": ORM
            + TABLES
            + "export const usersRelations = relations(users, ({ many }) => ({ writings: many(posts) }));\n"
        },
        {
            "schema.ts": ORM
            + TABLES
            + "export const usersRelations = relations(users, ({ many }) => ({ writings: many(posts) }));\n"
            + OWN_BLOCK
            + "\n"
        },
        [ONE, "users.writings many posts: id = author_id"],
    ),
    "the parent's side is there, and named": Form(
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("posts", AUTHOR, EDITOR)
            + "export const usersRelations = relations(users, ({ many }) => ({\n"
            '  written: many(posts, { relationName: "author" }),\n  edited: many(posts, { relationName: "editor" }),\n'
            "}));\n"
        },
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("posts", AUTHOR, EDITOR)
            + "export const usersRelations = relations(users, ({ many }) => ({\n"
            '  written: many(posts, { relationName: "author" }),\n  edited: many(posts, { relationName: "editor" }),\n'
            "}));\n"
            "\nexport const postsRelations = relations(posts, ({ one }) => ({\n"
            '  author: one(users, { fields: [posts.authorId], references: [users.id], relationName: "author" }),\n'
            '  editor: one(users, { fields: [posts.editorId], references: [users.id], relationName: "editor" }),\n'
            "}));\n",
        },
        [
            f"posts.author one users: {TO_USER}",
            "posts.editor one users: editor_id = id",
            "users.edited many posts: id = editor_id",
            "users.written many posts: id = author_id",
        ],
    ),
    "a key to the table itself": Form(
        {
            "schema.ts": 'import { type AnySQLiteColumn, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
            + table("nodes", 'parentId: integer("parent_id").references((): AnySQLiteColumn => nodes.id)')
        },
        {
            "schema.ts": ORM
            + 'import { type AnySQLiteColumn, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
            + table("nodes", 'parentId: integer("parent_id").references((): AnySQLiteColumn => nodes.id)')
            + "\nexport const nodesRelations = relations(nodes, ({ one, many }) => ({\n"
            " "
            ' parent: one(nodes, { fields: [nodes.parentId], references: [nodes.id], relationName: "nodes_parent" }),\n'
            '  children: many(nodes, { relationName: "nodes_parent" }),\n}));\n'
        },
        ["nodes.children many nodes: id = parent_id", "nodes.parent one nodes: parent_id = id"],
    ),
    "a unique key": Form(
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("profiles", 'userId: integer("user_id").unique().references(() => users.id)')
            + "export const usersRelations = relations(users, () => ({}));\n"
        },
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("profiles", 'userId: integer("user_id").unique().references(() => users.id)')
            + "export const usersRelations = relations(users, ({ one }) => ({ profile: one(profiles) }));\n"
            "\nexport const profilesRelations = relations(profiles, ({ one }) => ({\n"
            "  user: one(users, { fields: [profiles.userId], references: [users.id] }),\n}));\n"
        },
        ["profiles.user one users: user_id = id", "users.profile one profiles: id = user_id"],
    ),
    "several columns": Form(
        {
            "schema.ts": 'import { foreignKey, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";\n'
            "export const shelves = sqliteTable('shelves', { room: integer(), 'the-no': integer() }, (t) => [\n"
            "  primaryKey({ columns: [t.room, t['the-no']] }),\n]);\n"
            "export const books = sqliteTable('books', { room: integer(), shelf: integer() }, (t) => [\n"
            "  foreignKey({ columns: [t.room, t.shelf], foreignColumns: [shelves.room, shelves['the-no']] }),\n]);\n"
        },
        {
            "schema.ts": ORM
            + 'import { foreignKey, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";\n'
            "export const shelves = sqliteTable('shelves', { room: integer(), 'the-no': integer() }, (t) => [\n"
            "  primaryKey({ columns: [t.room, t['the-no']] }),\n]);\n"
            "export const books = sqliteTable('books', { room: integer(), shelf: integer() }, (t) => [\n"
            "  foreignKey({ columns: [t.room, t.shelf], foreignColumns: [shelves.room, shelves['the-no']] }),\n]);\n"
            "\nexport const booksRelations = relations(books, ({ one }) => ({\n  shelve: one(shelves, {\n"
            '    fields: [books.room, books.shelf],\n    references: [shelves.room, shelves["the-no"]],\n  }),\n}));\n'
        },
        ["books.shelve one shelves: room+shelf = room+the-no"],
    ),
    "names that are taken": Form(
        {
            "schema.ts": CORE
            + USERS
            + table("posts", "author: integer().references(() => users.id)", "user: integer()")
            + "export const relations = 1, postsRelations = 2;\n"
        },
        {
            "schema.ts": 'import { relations as relationsFromDrizzle } from "drizzle-orm";\n'
            + CORE
            + USERS
            + table("posts", "author: integer().references(() => users.id)", "user: integer()")
            + "\nexport const postRelations = relationsFromDrizzle(posts, ({ one }) => ({\n"
            "  authorUser: one(users, { fields: [posts.author], references: [users.id] }),\n}));\n"
            "export const relations = 1, postsRelations = 2;\n"
        },
        ["posts.authorUser one users: author = id"],
    ),
    "windows": Form(
        {"schema.ts": "\ufeff" + TABLES.replace("\n", " // 👩\u200d👧 検\r\n").rstrip()},
        {
            "schema.ts": "\ufeff"
            + (ORM + TABLES.replace("\n", " // 👩\u200d👧 検\n").rstrip() + "\n" + OWN_BLOCK).replace("\n", "\r\n")
        },
        [ONE],
    ),
}
CLIENT = """import { drizzle } from "drizzle-orm/d1";
import { users, posts } from "./schema";

export const db = (d: any) => drizzle(d, { schema: { users, posts } });
export const all = (d: any) => db(d).query.posts.findMany({ with: { author: true } });
"""
SCHEMA_OBJECT = """import * as s from "./schema";
import { users } from "./schema";

export const schema = {
  ...s,
};
export const listed = { users: s.users, posts: s.posts };
"""
DRIZZLE = 'import { drizzle } from "drizzle-orm/d1";\n'
MAKE = """export const make = (d1: any) => drizzle(d1, { schema, logger: true });
export const all = (d1: any) => make(d1).query.posts.findMany({ with: { author: true } });
"""
PLAIN = ("author", "editor")
TENANT_KEYS = {"createdBy": "createdByUser", "updatedBy": "updatedByUser", "ownerId": "owner"}
TENANTS = """import { foreignKey, integer, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { org: integer(), id: integer() }, (t) => [
  primaryKey({ columns: [t.org, t.id] }),
]);
export const posts = sqliteTable(
  "posts",
  { org: integer(), createdBy: integer(), updatedBy: integer(), ownerId: integer() },
  (t) => [
    foreignKey({ columns: [t.org, t.createdBy], foreignColumns: [users.org, users.id] }),
    foreignKey({ columns: [t.org, t.updatedBy], foreignColumns: [users.org, users.id] }),
    foreignKey({ columns: [t.org, t.ownerId], foreignColumns: [users.org, users.id] }),
  ],
);
"""
FORMS |= {
    "a client that is given some tables": Form(
        {"schema.ts": TABLES, "client.ts": CLIENT},
        {
            "schema.ts": ORM + TABLES.rstrip() + f"\n{OWN_BLOCK}\n",
            "client.ts": CLIENT.replace("{ users, posts } f", "{ users, posts, postsRelations } f").replace(
                "{ users, posts } }", "{\n  users,\n  posts,\n  postsRelations,\n} }"
            ),
        },
        [ONE],
    ),
    "clients that are given objects from elsewhere": Form(
        {"schema.ts": TABLES, "objects.ts": SCHEMA_OBJECT},
        {
            "schema.ts": ORM + TABLES.rstrip() + f"\n{OWN_BLOCK}\n",
            "objects.ts": SCHEMA_OBJECT.replace("{ users } f", "{ users, postsRelations } f").replace(
                "posts: s.posts }", "posts: s.posts, postsRelations }"
            ),
        },
        [ONE],
        {
            "client.ts": 'import { drizzle } from "drizzle-orm/d1";\nimport { listed, schema } from "./objects";\n'
            "export const make = (d1: any) => [drizzle(d1, { schema: listed }), drizzle(d1, { schema })] as const;\n"
            "export const all = (d1: any) => make(d1)[0].query.posts.findMany({ with: { author: true } });\n",
        },
    ),
    "an object below the tables": Form(
        {"schema.ts": DRIZZLE + TABLES + "const schema = {\n  users,\n  posts,\n};\n" + MAKE},
        {
            "schema.ts": ORM + DRIZZLE + TABLES.rstrip() + f"\n{OWN_BLOCK}\n"
            "const schema = {\n  users,\n  posts,\n  postsRelations,\n};\n" + MAKE
        },
        [ONE],
    ),
    "keys that are called by no id": Form(
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("posts", *(f"{k}: integer().references(() => users.id)" for k in PLAIN))
        },
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("posts", *(f"{k}: integer().references(() => users.id)" for k in PLAIN))
            + "\nexport const postsRelations = relations(posts, ({ one }) => ({\n"
            + "".join(
                f"  {k}User: one(users, {{ fields: [posts.{k}], references: [users.id], "
                f'relationName: "posts_{k}User" }}),\n'
                for k in PLAIN
            )
            + "}));\n"
        },
        [f"posts.{k}User one users: {k} = id" for k in PLAIN],
    ),
    "several keys over several columns": Form(
        {"schema.ts": TENANTS},
        {
            "schema.ts": ORM
            + TENANTS
            + "\nexport const postsRelations = relations(posts, ({ one }) => ({\n"
            + "".join(
                f"  {name}: one(users, {{\n    fields: [posts.org, posts.{key}],\n"
                f'    references: [users.org, users.id],\n    relationName: "posts_{name}",\n  }}),\n'
                for key, name in TENANT_KEYS.items()
            )
            + "}));\n"
        },
        [f"posts.{name} one users: org+{key} = org+id" for key, name in TENANT_KEYS.items()],
    ),
    "a one without fields": Form(
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("posts", AUTHOR, EDITOR)
            + "export const postsRelations = relations(posts, ({ one }) => ({\n"
            '  author: one(users),\n  editor: one(users, { relationName: "edited" }),\n}));\n'
            "export const usersRelations = relations(users, ({ many }) => ({\n"
            '  edits: many(posts, { relationName: "edited" }),\n}));\n'
        },
        {
            "schema.ts": ORM
            + CORE
            + USERS
            + table("posts", AUTHOR, EDITOR)
            + "export const postsRelations = relations(posts, ({ one }) => ({\n"
            "  author: one(users, { fields: [posts.authorId], references: [users.id] }),\n"
            '  editor: one(users, { relationName: "edited", fields: [posts.editorId], references: [users.id] }),\n'
            "}));\n"
            "export const usersRelations = relations(users, ({ many }) => ({\n"
            '  edits: many(posts, { relationName: "edited" }),\n}));\n'
        },
        [ONE, "posts.editor one users: editor_id = id", "users.edits many posts: id = editor_id"],
    ),
}
TWO_PAIRS = [
    f"posts.author one users: {TO_USER}",
    "posts.editor one users: editor_id = id",
    "users.authorPosts many posts: id = author_id",
    "users.editorPosts many posts: id = editor_id",
]
FORMS["two keys to one table"].relations = TWO_PAIRS


def test_every_form_as_drizzle_and_typescript_see_it(tmp_path: Path) -> None:
    install(tmp_path)
    judge(tmp_path, FORMS, "0.45.4", 0)


def judge(root: Path, forms: dict[str, Form], version: str, generation: int) -> None:
    sources = []
    for number, form in enumerate(forms.values()):
        paths = {f"src/db/{path}": text for path, text in {**form.before, **form.same}.items()}
        folder = root / f"form{number}"
        common = {"d1lint.toml": CONFIG, "package.json": PACKAGE % version, "wrangler.jsonc": WRANGLER}
        write_files(folder, {**common, **paths})
        for finding in check([folder]).findings:
            assert finding.fix is None or finding.fix.title.startswith(titles(finding.instead))
        after = fixed(folder, {**common, **paths}, *form.options)
        for path, text in {**form.same, **form.before, **form.after}.items():
            assert after[f"src/db/{path}"].decode() == text
        assert run(folder, code=0).startswith("No findings")
        sources.append(folder / "src/db")
    files = [path.relative_to(root).as_posix() for folder in sources for path in folder.glob("*.ts")]
    assert type_errors(root, *files) == ""
    assert list(real_relations(sources, generation).values()) == [sorted(form.relations) for form in forms.values()]


def titles(advice: str) -> tuple[str, ...]:
    """What a fix that does as a finding advises begins its title with."""
    (name,) = re.findall(r"(\w+): (?:r\.)?one", advice)
    return (f"Add the relation {name} of ", f"Give the relation {name} of ")


FIXTURE = Path(__file__).parent.parent / "fixtures/drizzle-v1/src/db"
SCHEMA = 'import { defineRelations } from "drizzle-orm";\nimport * as schema from "./schema";\n'
V1 = {
    "the child has none": Form(
        {"relations.ts": (FIXTURE / "relations.ts").read_text()},
        {
            "relations.ts": (FIXTURE / "relations.ts")
            .read_text()
            .replace(
                "  },\n}));",
                "    waterings: r.many.waterings(),\n  },\n  waterings: {\n"
                "    plant: r.one.plants({ from: r.waterings.plantId, to: r.plants.id }),\n  },\n}));",
            )
        },
        [
            "beds.garden one gardens: garden_id = id",
            "beds.plants many plants: garden_id+number = garden_id+bed_number",
            "gardens.beds many beds: id = garden_id",
            "plants.bed one beds: garden_id+bed_number = garden_id+number",
            "plants.waterings many waterings: id = plant_id",
            "waterings.plant one plants: plant_id = id",
        ],
        {"schema.ts": (FIXTURE / "schema.ts").read_text()},
    ),
    "two keys to one table, one of them with a relation": Form(
        {
            "relations.ts": SCHEMA + "export const all = defineRelations(schema, (r) => ({\n"
            "  posts: { author: r.one.users({ from: r.posts.authorId, to: r.users.id }) },\n"
            "  users: { posts: r.many.posts() },\n}));\n",
        },
        {
            "relations.ts": SCHEMA + "export const all = defineRelations(schema, (r) => ({\n"
            "  posts: {\n    author: r.one.users({ from: r.posts.authorId, to: r.users.id }),\n"
            "    editor: r.one.users({\n      from: r.posts.editorId,\n      to: r.users.id,\n"
            '      alias: "posts_editor",\n    }),\n  },\n'
            '  users: {\n    posts: r.many.posts(),\n    editorPosts: r.many.posts({ alias: "posts_editor" }),\n  },\n'
            "}));\n",
        },
        [ONE, MANY, "posts.editor one users: editor_id = id", "users.editorPosts many posts: id = editor_id"],
        {"schema.ts": CORE + USERS + table("posts", AUTHOR, EDITOR)},
    ),
    "a key to the table itself, and a unique one": Form(
        {"relations.ts": SCHEMA + "export const all = defineRelations(schema, (r) => ({ users: {} }))\n"},
        {
            "relations.ts": SCHEMA
            + "export const all = defineRelations(schema, (r) => ({ users: {\n  byUser: r.one.users({\n"
            '    from: r.users.by,\n    to: r.users.id,\n    alias: "users_byUser",\n  }),\n'
            '  byUserUser: r.one.users({ alias: "users_byUser" }),\n} }))\n'
        },
        ["users.byUser one users: by = id", "users.byUserUser one users: id = by"],
        {
            "schema.ts": 'import { type AnySQLiteColumn, integer, sqliteTable } from "drizzle-orm/sqlite-core";\n'
            + table("users", "by: integer().unique().references((): AnySQLiteColumn => users.id)")
        },
    ),
}

RELATIONS_1 = """
export const relations = defineRelations({ users, posts }, (r) => ({
  posts: {
    author: r.one.users({ from: r.posts.authorId, to: r.users.id }),
  },
}));
"""
V1 |= {
    "no defineRelations, yet": Form(
        {"schema.ts": TABLES},
        {"schema.ts": 'import { defineRelations } from "drizzle-orm";\n' + TABLES + RELATIONS_1},
        [ONE],
        options=("--unsafe-fixes",),
    ),
    "one without a callback": Form(
        {"relations.ts": SCHEMA + "export const all = defineRelations(schema);\n"},
        {
            "relations.ts": SCHEMA + "export const all = defineRelations(schema, (r) => ({\n  posts: {\n"
            "    author: r.one.users({\n      from: r.posts.authorId,\n      to: r.users.id,\n"
            '      alias: "posts_author",\n    }),\n'
            "    editor: r.one.users({\n      from: r.posts.editorId,\n      to: r.users.id,\n"
            '      alias: "posts_editor",\n    }),\n  },\n}));\n'
        },
        [ONE, "posts.editor one users: editor_id = id"],
        {"schema.ts": CORE + USERS + table("posts", AUTHOR, EDITOR)},
    ),
    "a one without its columns": Form(
        {
            "relations.ts": SCHEMA + "export const all = defineRelations(schema, (r) => ({\n"
            "  posts: { author: r.one.users(), editor: r.one.users({ optional: false }) },\n}));\n",
        },
        {
            "relations.ts": SCHEMA + "export const all = defineRelations(schema, (r) => ({\n"
            "  posts: { author: r.one.users({ from: r.posts.authorId, to: r.users.id }), "
            "editor: r.one.users({\n    optional: false,\n    from: r.posts.editorId,\n    to: r.users.id,\n  }) },\n"
            "}));\n",
        },
        [ONE, "posts.editor one users: editor_id = id"],
        {"schema.ts": CORE + USERS + table("posts", AUTHOR, EDITOR)},
    ),
}


def test_drizzle_1(tmp_path: Path) -> None:
    install(tmp_path, 1)
    judge(tmp_path, V1, "1.0.0-rc.5", 1)


ONE_USER = "one(users, { fields: [posts.authorId], references: [users.id]"
LIKE = "one(users, { fields: [posts.org, posts.ownerId], references: [users.org, users.id] }),"
ADVICE = {
    "no relations": (
        "",
        f"Declare it:\nexport const postsRelations = relations(posts, ({{ one }}) => ({{\n  author: {ONE_USER} }}),",
    ),
    "some": (
        "relations(posts, ({ one }) => ({ self: one(posts, { fields: [posts.id], references: [posts.id] }) }))",
        f"Add it to the relations of `posts`:\nauthor: {ONE_USER} }}),",
    ),
    "one without fields": (
        "relations(posts, ({ one }) => ({ writer: one(users) }))",
        f"Give `writer` its fields:\nwriter: {ONE_USER} }}),",
    ),
    "one whose fields are on the other side": (
        "[relations(posts, ({ one }) => ({ best: one(users) })),\n  relations(users, ({ one }) => "
        "({ best: one(posts, { fields: [users.best], references: [posts.id] }) }))]",
        f'Add it to the relations of `posts`:\nauthor: {ONE_USER}, relationName: "posts_author" }}),',
    ),
    "an ambiguous other side": (
        "[relations(posts, ({ one }) => ({ best: one(users, { fields: [posts.best], references: [users.id] }) })),\n"
        "  relations(users, ({ many }) => ({ posts: many(posts) }))]",
        "Give each pair of relations between the two tables a `relationName`, and add:\n"
        f'author: {ONE_USER}, relationName: "posts_author" }}),',
    ),
}


@pytest.mark.parametrize("name", ADVICE)
def test_the_finding_shows_where_the_relation_belongs(name: str, tmp_path: Path) -> None:
    declared, advice = ADVICE[name]
    users = USERS.replace("primaryKey()", "primaryKey(), best: integer()")
    schema = ORM + CORE + users + table("posts", AUTHOR, "best: integer()") + f"export const r = {declared or 1};\n"
    write_files(tmp_path, {"d1lint.toml": CONFIG, "wrangler.jsonc": WRANGLER, "src/db/schema.ts": schema})
    (finding,) = check([tmp_path]).findings
    assert finding.instead.startswith(advice)


def test_a_relation_over_one_column_of_a_key_is_to_be_widened(tmp_path: Path) -> None:
    schema = ORM + TENANTS.replace(", createdBy: integer(), updatedBy: integer()", "")
    schema = re.sub(r"    foreignKey.*(created|updated)By.*\n", "", schema)
    schema += (
        "export const r = relations(posts, ({ one }) => ({\n"
        "  owner: one(users, { fields: [posts.ownerId], references: [users.id] }),\n}));\n"
    )
    write_files(tmp_path, {"d1lint.toml": CONFIG, "wrangler.jsonc": WRANGLER, "src/db/schema.ts": schema})
    (finding,) = check([tmp_path]).findings
    assert finding.instead == f"Let `owner` go over all columns of the key:\nowner: {LIKE}"
    assert finding.fix is None


@pytest.mark.parametrize(
    ("files", "version"),
    [
        # A second relation would make the parent's ambiguous.
        (
            {
                "schema.ts": ORM
                + CORE
                + USERS
                + table("posts", AUTHOR, EDITOR)
                + "export const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));\n"
                + OWN_BLOCK
            },
            "0.45.4",
        ),
        # Relations that are made elsewhere, and tables that are.
        (
            {
                "schema.ts": ORM
                + TABLES
                + "const none = () => ({});\nexport const p = relations(posts, ({ one }) => ({ a: one(posts, "
                "{ fields: [posts.id], references: [posts.id] }), ...none() }));\n"
                + f"const make = (name: string) => sqliteTable(name, {{ {AUTHOR} }});\n"
                + "export const a = make('a');\nexport const b = make('b');\n"
            },
            "0.45.4",
        ),
        # The first defineRelations of a database whose tables are in several files.
        (
            {
                "users.ts": CORE + USERS,
                "posts.ts": CORE + 'import { users } from "./users";\n' + POSTS,
            },
            "1.0.0-rc.5",
        ),
    ],
)
def test_what_can_not_be_added_safely_is_left(files: dict[str, str], version: str, tmp_path: Path) -> None:
    paths = {f"src/db/{path}": text for path, text in files.items()}
    common = {"d1lint.toml": CONFIG, "package.json": PACKAGE % version, "wrangler.jsonc": WRANGLER}
    write_files(tmp_path, {**common, **paths})
    unfixed = [finding.symbol for finding in check([tmp_path]).findings if finding.fix is None]
    assert unfixed


@pytest.mark.parametrize(
    ("schema", "index", "is_safe"),
    [
        (
            "import * as schema from './db';\nexport const db = (d: D1Database) => drizzle(d, { schema });",
            "export * from './schema';",
            True,
        ),
        (
            "import * as s from './db/schema';\nexport const db = (d: D1Database) => drizzle(d, { schema: { ...s } });",
            "",
            True,
        ),
        (
            "import { users, posts } from './db/schema';\n"
            "export const db = (d: D1Database) => drizzle(d, { schema: { users, posts } });",
            "",
            True,
        ),
        # What holds it is made elsewhere, or its name means something else there.
        (
            "import { users, posts } from './db/schema';\nconst make = () => ({ users, posts });\n"
            "export const db = (d: D1Database) => drizzle(d, { schema: make() });",
            "",
            False,
        ),
        (
            "import { users, posts } from './db/schema';\nconst postsRelations = 1;\n"
            "export const db = (d: D1Database) => drizzle(d, { schema: { users, posts } });",
            "",
            False,
        ),
        (
            "import * as schema from './db';\nexport const db = (d: D1Database) => drizzle(d, { schema });",
            "export { users, posts } from './schema';",
            False,
        ),
    ],
)
def test_relations_that_no_client_would_see_are_not_safe(
    schema: str, index: str, is_safe: bool, tmp_path: Path
) -> None:
    client = f"import {{ drizzle }} from 'drizzle-orm/d1';\n{schema}\n"
    write_files(
        tmp_path, {"d1lint.toml": CONFIG, "src/db/schema.ts": TABLES, "src/db/index.ts": index, "src/client.ts": client}
    )
    (finding,) = check([tmp_path]).findings
    assert finding.fix is not None and finding.fix.is_safe is is_safe


def test_a_project_without_any_relations_may_want_none(tmp_path: Path) -> None:
    write_files(tmp_path, {"d1lint.toml": CONFIG.replace("'error' }", "'warning' }"), "src/db/schema.ts": TABLES})
    (finding,) = check([tmp_path]).findings
    assert finding.fix is not None and not finding.fix.is_safe
    assert run(tmp_path, "--unsafe-fixes", code=0).startswith("No findings")
    assert (tmp_path / "src/db/schema.ts").read_text() == ORM + TABLES.rstrip() + f"\n{OWN_BLOCK}\n"
