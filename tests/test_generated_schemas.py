"""Random compositions of constants, helpers, spreads, conditions and changes, against the real drizzle-orm.

Whatever can be known must be exact; what depends on the environment may be partly known; nothing may be wrong.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import DRIZZLE_0, Drizzle, judge, project_of

EXAMPLES = 200
KEYS = ("a", "b", "c", "d")
PRELUDE = """\
import { sql } from "drizzle-orm";
import { blob, index, integer, numeric, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

const env = process.env as Record<string, string | undefined>;
export const base = sqliteTable("base", { id: integer("base_id").primaryKey() });
const NAMES = { a: "name_a", b: "name_b", deep: { c: "name_c" } } as const;
const YES = true;
const NO = !YES;
const prefixed = (name: string, prefix = "pre") => `${prefix}_${name}`;
function named(name: string, options: { required?: boolean; length?: number } = {}) {
  const { required = false, ...rest } = options;
  const column = text(name, rest);
  if (required) return column.notNull();
  return column;
}
const kind = (which: "int" | "real" | "text", name: string) => {
  switch (which) {
    case "int":
      return integer(name);
    case "real":
      return real(name);
  }
  return text(name);
};
const curried = (prefix: string) => (name: string) => text(prefix + name).$type<string>();
const several = (...keys: string[]) => Object.fromEntries(keys.map((key, i) => [key, integer(`${key}_${i}`)]));
function collected(keys: readonly string[]) {
  const found: Record<string, any> = {};
  for (const key of keys) {
    if (key === "c") continue;
    found[key] = text(`collected_${key}`);
  }
  return found;
}
"""


class Program:
    """TypeScript under construction. `is_known` says that nothing in it depends on what only running it could tell."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.lines: list[str] = []
        self.is_known = True
        self._objects: list[str] = []
        self._builders: list[str] = []
        self._count = 0

    def choose(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def name(self) -> str:
        """An expression for the name of a column or table."""
        plain = self.fresh("n")
        written = self.choose(
            f'"{plain}"',
            f"`{plain}`",
            f'"{plain}" + "_x"',
            "NAMES.a",
            'NAMES["b"]',
            "NAMES.deep.c",
            f'prefixed("{plain}")',
            f'prefixed("{plain}", NAMES.a)',
            f'YES ? "{plain}" : NAMES.b',
            f'(NO && "no") || "{plain}"',
            f'"{plain}".toUpperCase()',
            f'["{plain}", "y"].join("_")',
            f'env.D1LINT_UNSET ?? "{plain}"',
        )
        self.is_known = self.is_known and "env" not in written
        return written

    def builder(self) -> str:
        """An expression for a column."""
        name = self.draw(st.sampled_from(["", "name"])) and self.name()
        options = [name] if name else []
        made = self.choose(
            "text", "integer", "real", "blob", "numeric", "named", "kind", "curried", "options", "shared"
        )
        if made == "named":
            extra = self.choose("", ", { required: true }", ", { length: 1 + 2 }", ", { required: YES, length: 0 }")
            return f"named({self.name()}{extra}){self.chain()}"
        if made == "kind":
            return f'kind("{self.choose("int", "real", "text")}", {self.name()}){self.chain()}'
        if made == "curried":
            return f'curried({self.name()})("tail"){self.chain()}'
        if made == "shared" and self._builders:
            self.is_known = False  # what one table does to it, others see
            return self.choose(*self._builders) + self.chain()
        if made == "options":
            option = self.choose('{ mode: "json" }', "{ length: 5 }", '{ enum: ["x", "y"] }', "{}")
            return f"text({', '.join([*options, option])}){self.chain()}"
        return f"{made if made != 'shared' else 'text'}({', '.join(options)}){self.chain()}"

    def chain(self) -> str:
        calls = (
            ".notNull()",
            ".unique()",
            ".default(sql`1`)",
            ".$defaultFn(() => 1 as never)",
            ".primaryKey()",
            '["notNull"]()',
            ".references(() => base.id)",
            '.references(() => base.id, { onDelete: "cascade" })',
            ".generatedAlwaysAs(sql`1`)",
        )
        return "".join(self.draw(st.lists(st.sampled_from(calls), max_size=3)))

    def entry(self, depth: int) -> str:
        key = self.choose(*KEYS)
        form = self.draw(st.integers(0, 7 if depth else 2))
        if form <= 1:
            return f"{key}: {self.builder()}"
        if form == 2:
            computed = self.choose(f'"{key}"', f"`{key}`", f'{{ k: "{key}" }}.k', f'["{key}"][0]')
            return f"[{computed}]: {self.builder()}"
        if form == 3 and self._objects:
            return f"...{self.choose(*self._objects)}"
        if form == 4:
            condition = self.choose("YES", "NO", "1 < 2", "!YES", '"x" === "x"', "env.D1LINT_UNSET")
            self.is_known = self.is_known and "env" not in condition
            joined = self.choose("&&", "?")
            rest = f" : {self.columns(depth - 1)}" if joined == "?" else ""
            return f"...({condition} {joined} {self.columns(depth - 1)}{rest})"
        if form == 5:
            return f'...several("{key}", "{self.choose(*KEYS)}")'
        if form == 6:
            return f'...collected(["{key}", "c", "{self.choose(*KEYS)}"])'
        return f"...(() => {{ const made = {self.columns(depth - 1)}; return {{ ...made }}; }})()"

    def columns(self, depth: int) -> str:
        entries = [self.entry(depth) for _ in range(self.draw(st.integers(0, 3)))]
        return "{ " + ", ".join(entries) + " }"

    def statement(self) -> None:
        form = self.choose("object", "builder", "table", "change", "table")
        if form == "object":
            name = self.fresh("object")
            self.lines.append(f"const {name}: Record<string, any> = {self.columns(2)};")
            self._objects.append(name)
        elif form == "builder":
            name = self.fresh("builder")
            self.lines.append(f"const {name} = {self.builder()};")
            self._builders.append(name)
        elif form == "change" and self._objects:
            target = self.choose(*self._objects)
            key = self.choose(*KEYS)
            made = self.choose("assign", "all", "delete", "each")
            change = {
                "assign": lambda: f"{target}.{key} = {self.builder()};",
                "all": lambda: f"Object.assign({target}, {self.columns(1)});",
                "delete": lambda: f"delete {target}.{key};",
                "each": lambda: f'["{key}", "d"].forEach((key) => {{ {target}[key] = text(`each_${{key}}`); }});',
            }[made]
            self.lines.append(change())
        else:
            self.table()

    def table(self) -> None:
        name = self.fresh("table")
        extra = self.choose(
            "",
            f', (t) => [index("{name}_i").on(t.id)]',
            f', (t) => ({{ i: uniqueIndex("{name}_u").on(t.id).where(sql`1`) }})',
            f', (t) => [...(YES ? [index(prefixed("{name}")).on(t.id)] : []), NO && index("no").on(t.id)] as never',
            f", (t) => {{ const list: never[] = []; list.push(index('{name}_p').on(t.id) as never); return list; }}",
        )
        self.lines.append(
            f'export const {name} = sqliteTable("{name}", {{ ...{self.columns(2)}, id: integer("own_id") }}{extra});'
        )


@st.composite
def programs(draw: st.DrawFn) -> Program:
    program = Program(draw)
    for _ in range(draw(st.integers(1, 8))):
        program.statement()
    program.table()
    return program


@pytest.fixture(scope="module")
def drizzle() -> Iterator[Drizzle]:
    with Drizzle(DRIZZLE_0) as running:
        yield running


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(program=programs())
def test_a_program(program: Program, drizzle: Drizzle) -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "schema.ts")
        script.write_text(PRELUDE + "\n".join(program.lines) + "\n", encoding="utf-8")
        real = drizzle.schema(Path(folder))
        assert real["errors"] == [], "\n".join(program.lines)
        verdict = judge(real, project_of(Path(folder)))
        assert verdict.wrong == [], "\n".join(program.lines)
        assert verdict.not_seen == set()
        if program.is_known:
            assert verdict.partly_known == set(), "\n".join(program.lines)
