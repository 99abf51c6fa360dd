// partly known: unknown_switch, thrown
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

function fallThrough(kind: number) {
  switch (kind) {
    case 1:
    case 2:
      if (kind === 2) break;
      return text("one");
    case 3: {
      return text("three");
    }
    default:
      return text("many");
  }
  return text("two");
}
function looked(key: string) {
  for (const [name, made] of Object.entries({ a: text("a_"), b: integer("b_") })) {
    if (name !== key) continue;
    return made;
  }
  return text("none");
}
function found(key: string) {
  const pairs = [["x", "x_"], ["y", "y_"]] as const;
  return text(pairs.find(([name]) => name === key)?.[1] ?? "missing");
}
function finallyWins() {
  try {
    return text("try");
  } finally {
    // eslint-disable-next-line no-unsafe-finally
    return text("finally");
  }
}
function nested(a: boolean, b: boolean) {
  if (a) {
    if (b) return text("ab");
  } else if (b) {
    return text("b");
  }
  return text("neither");
}
function labelled() {
  outer: for (const a of [1, 2]) {
    for (const b of [1, 2]) {
      if (a === b) continue outer;
      return text(`found_${a}_${b}`);
    }
  }
  return text("unlabelled");
}
function guard(value?: string) {
  if (!value) throw new Error("no value");
  return text(value);
}
const recursive = (depth: number): { [key: string]: never } =>
  depth === 0 ? {} : ({ ...recursive(depth - 1), [`c${depth}`]: text(`c_${depth}`) } as never);
function hoisted() {
  return later();
  function later() {
    return text("hoisted_");
  }
}
function varInBlock(flag: boolean) {
  if (flag) {
    var name = "inside";
  } else {
    var name = "outside";
  }
  return text(name);
}
const name = "module_level";
const short = (value: string | null | undefined) => text(value ?? (value === null ? "was_null" : "was_undefined"));
const chosen = (kind: "a" | "b") => ({ a: text("chosen_a"), b: integer("chosen_b") })[kind];

export const flows = sqliteTable("flows", {
  one: fallThrough(1),
  three: fallThrough(3),
  many: fallThrough(9),
  a: looked("a"),
  b: looked("b"),
  none: looked("c"),
  y: found("y"),
  missing: found("z"),
  finally: finallyWins(),
  ab: nested(true, true),
  neither: nested(true, false),
  onlyB: nested(false, true),
  labelled: text("labelled_"),
  guarded: guard("guarded_"),
  hoisted: hoisted(),
  nul: short(null),
  undef: short(undefined),
  given: short(""),
  chosen: chosen("b"),
  module: text(name),
});
export const thrown = sqliteTable("thrown", { two: fallThrough(2), l: labelled(), v: varInBlock(true), r: recursive(2).c2 });
function unknownKind(kind = process.env.KIND) {
  switch (kind) {
    case "a":
      return text("a");
    default:
      return integer("b");
  }
}
export const unknownSwitch = sqliteTable("unknown_switch", { id: unknownKind() });
