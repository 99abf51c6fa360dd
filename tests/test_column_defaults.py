"""What fills a column that an insert leaves out, and what the time in a default is counted in."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import project

from d1lint.model.schema import Column, Default
from d1lint.model.tables.defaults import frozen_defaults, time_defaults
from d1lint.model.values import Constant

SCHEMA = """
import {{ sql }} from "drizzle-orm";
import {{ integer, sqliteTable, text }} from "drizzle-orm/sqlite-core";
import {{ unknown }} from "@acme/unknown";

const helper = () => sql`(unixepoch())`;
const flag = unknown();

export const t = sqliteTable("t", {{
  id: integer().primaryKey(),
  c: {column},
}});
"""

KINDS = {
    "text()": None,
    "text().notNull()": None,
    'text().default("a")': "value",
    "text().default(null)": "value",
    "integer().default(Date.now())": "value",
    "text({ mode: 'json' }).default([])": "value",
    "integer().default(sql`(unixepoch())`)": "sql",
    "integer().default(sql.raw('0'))": "sql",
    "integer().default(helper())": "sql",
    "integer().default(flag ? helper() : sql`0`)": "sql",
    "integer().default(flag ? helper() : 0)": "unknown",
    "text().default(unknown())": "unknown",
    "text().default(unknown)": "unknown",
    "integer({ mode: 'timestamp' }).defaultNow()": "now",
    "text().$default(() => 'a')": "function",
    "text().$defaultFn(unknown)": "function",
    "text().$onUpdate(() => 'a')": None,
    "text().default('a').notNull().$defaultFn(() => 'b')": "value",
    "text().$defaultFn(() => 'b').default('a')": "value",
    "text().$defaultFn(() => 'b').default(sql`'a'`)": "sql",
    "text().default(null).$defaultFn(() => 'b')": "function",
    "text().$defaultFn(() => 'b').default(null)": "function",
    "integer({ mode: 'timestamp' }).$defaultFn(() => new Date()).defaultNow()": "now",
    "integer({ mode: 'timestamp' }).defaultNow().$defaultFn(() => new Date())": "now",
}
"""The kind of a column's default, as drizzle-orm's insert goes by it: a static one first, if it is not null."""


def column(folder: Path, code: str) -> Column:
    """The column `c` of a table, as some code declares it."""
    return project(folder, {"src/db/schema.ts": SCHEMA.format(column=code)}).tables[0].columns[1]


@pytest.mark.parametrize("code", KINDS)
def test_the_kind_of_a_default(code: str, tmp_path: Path) -> None:
    found = column(tmp_path, code)
    assert (found.default.kind if found.default is not None else None) == KINDS[code]
    assert found.has_default == (KINDS[code] is not None or "onUpdate" in code)


@pytest.mark.parametrize("method", ["$onUpdate", "$onUpdateFn"])
def test_what_fills_a_column_on_update_is_no_default(method: str, tmp_path: Path) -> None:
    found = column(tmp_path, f"text().default('a').{method}(() => 'b')")
    assert found.default is not None
    assert found.default.kind == "value"
    assert found.on_update is not None
    assert (found.on_update.kind, found.on_update.method) == ("function", method)


def test_a_default_knows_its_value_and_its_places(tmp_path: Path) -> None:
    files = {"src/db/schema.ts": SCHEMA.format(column="text()\n    .default( 'wählbar' )")}
    model = project(tmp_path, files)
    default = model.tables[0].columns[1].default
    assert isinstance(default, Default)
    assert isinstance(default.value, Constant)
    assert default.value.value == "wählbar"
    data = files["src/db/schema.ts"].encode()
    assert data[default.span.start : default.span.end] == b"default"
    assert default.argument is not None
    assert data[default.argument.start : default.argument.end] == "'wählbar'".encode()


@pytest.mark.parametrize(
    "sql",
    [
        "1; DROP TABLE t",
        "1); CREATE TABLE u (a); --",
        "(SELECT unixepoch())",
        "load_extension('x')",
        "zeroblob(2000000000)",
        "no such thing",
        "'2026-01-01' || ';'",
        "unixepoch() /* " + "x" * 2_000 + " */",
        "",
    ],
)
def test_sql_that_is_no_time_says_nothing(sql: str, tmp_path: Path) -> None:
    code = f"integer({{ mode: 'timestamp_ms' }}).default(sql`{sql}`)"
    model = project(tmp_path, {"src/db/schema.ts": SCHEMA.format(column=code)})
    assert time_defaults(model.tables, model.ev) == []


def test_a_comment_at_the_end_of_the_sql_does_not_hide_it(tmp_path: Path) -> None:
    code = "integer({ mode: 'timestamp_ms' }).default(sql`unixepoch() -- now`)"
    model = project(tmp_path, {"src/db/schema.ts": SCHEMA.format(column=code)})
    assert [found.unit for found in time_defaults(model.tables, model.ev)] == ["seconds"]


def test_fragments_that_hold_each_other_come_to_an_end(tmp_path: Path) -> None:
    lines = ["const s0 = sql``;", *(f"const s{n} = sql`${{s{n - 1}}}${{s{n - 1}}}`;" for n in range(1, 60))]
    schema = f"""
    import {{ and, sql }} from "drizzle-orm";
    import {{ index, integer, sqliteTable }} from "drizzle-orm/sqlite-core";
    {chr(10).join(lines)}
    const at = integer({{ mode: "timestamp" }}).default(s59);
    export const t = sqliteTable("t", {{ id: integer().primaryKey(), at }},
      (t) => [index("a").on(t.at).where(and(s59, s59))]);
    """
    model = project(tmp_path, {"src/db/schema.ts": schema})
    assert model.tables[0].indexes[0].condition is None
    assert time_defaults(model.tables, model.ev) == []
    assert frozen_defaults(model.tables) == []


def test_an_object_that_holds_itself_is_no_frozen_default(tmp_path: Path) -> None:
    schema = """
    import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
    const own = { a: 1, b: [] as unknown[] };
    own.b.push(own);
    export const t = sqliteTable("t", { id: integer().primaryKey(), c: text({ mode: "json" }).default(own) },
      (): any => [own, { x: own }]);
    """
    model = project(tmp_path, {"src/db/schema.ts": schema})
    assert frozen_defaults(model.tables) == []
    assert model.tables[0].lost == []
