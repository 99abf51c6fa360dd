// partly known: deep, deep_alias, by_counter, in_counter_class, destructured_later, for_of_known, sorted, spliced
// partly known: in_switch, in_try, changed_by_package, two_aliases, in_while, built
import { eq, sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

type Columns = Record<string, never>;
const column = (value: unknown) => value as never;

const holder = { cols: { id: column(text()) } as Columns };
holder.cols.more = column(text("more_"));
export const deep = sqliteTable("deep", holder.cols);

const inner: Columns = { id: column(text()) };
const outer = { inner };
outer.inner.more = column(text("more_"));
export const deepAlias = sqliteTable("deep_alias", inner);

let counter = 0;
const next = () => text(`c${counter++}`);
export const byCounter = sqliteTable("by_counter", { a: next(), b: next() });

class Counter {
  private n = 0;
  next() {
    this.n++;
    return text(`c${this.n}`);
  }
}
const counting = new Counter();
export const inCounterClass = sqliteTable("in_counter_class", { a: counting.next(), b: counting.next() });

let first = text("first_");
({ first } = { first: text("other_") });
export const destructuredLater = sqliteTable("destructured_later", { first });

let known = "unset";
for (known of ["a", "b"]);
export const forOfKnown = sqliteTable("for_of_known", { id: text(known) });

const names = ["c", "a", "b"];
names.sort();
export const sorted = sqliteTable("sorted", { id: text(names[0]) });

const list = [text("l0"), text("l1")];
list.splice(0, 1);
export const spliced = sqliteTable("spliced", { id: list[0] });

function inSwitch(kind: string) {
  const columns: Columns = { id: column(text()) };
  switch (kind) {
    case "a":
      columns.a = column(text());
      break;
    default:
      columns.b = column(text());
  }
  return columns;
}
export const switched = sqliteTable("in_switch", inSwitch("a"));

function inTry() {
  const columns: Columns = {};
  try {
    columns.a = column(text());
  } finally {
    columns.b = column(text());
  }
  return columns;
}
export const tried = sqliteTable("in_try", inTry());

const passed: Columns = { id: column(text()) };
Reflect.set(passed, "set", text("set_"));
export const changedByPackage = sqliteTable("changed_by_package", passed);

const alias1: Columns = { id: column(text()) };
const alias2 = alias1;
alias1.one = column(text());
alias2.two = column(text());
export const twoAliases = sqliteTable("two_aliases", alias1);

function replaced() {
  return text("before_");
}
// @ts-expect-error functions can be assigned
replaced = () => text("after_");
export const replacedFunction = sqliteTable("replaced_function", { id: replaced() });

const whiled: Columns = {};
do {
  whiled.once = column(text());
} while (false);
export const inWhile = sqliteTable("in_while", whiled);

// What can be followed to the end.
const discarded = text("discarded");
discarded.notNull();
discarded.unique().default("x");
export const builder = sqliteTable("builder", { discarded });
export const builderInCallback = sqliteTable("builder_in_callback", (d) => {
  const id = d.integer();
  id.primaryKey();
  return { id };
}, (t) => {
  const partial = uniqueIndex("partial_later").on(t.id);
  partial.where(sql`1`);
  return [partial];
});

let label = "";
for (const part of ["a", "b", "c"]) label += part;
label = label.toUpperCase();
export const labelled = sqliteTable(label, { id: text(label.toLowerCase()) });

const table: Columns = { id: column(text()) };
export const stage1 = sqliteTable("stage_1", { ...table });
table.second = column(integer("second_"));
export const stage2 = sqliteTable("stage_2", { ...table });
delete (table as Partial<Columns>).id;
export const stage3 = sqliteTable("stage_3", { ...table });

const indexes: never[] = [];
indexes.push(column(index("pushed").on(column(sql`id`))));
export const pushed = sqliteTable("pushed", { id: text() }, () => indexes);

function fill(target: Columns, ...keys: string[]) {
  keys.forEach((key) => {
    target[key] = column(text(`${key}_`));
  });
  return target;
}
export const filled = sqliteTable("filled", fill({}, "a", "b"));
const own: Columns = {};
fill(own, "c");
fill(own, "d");
export const filledTwice = sqliteTable("filled_twice", own);

function build() {
  const result: Columns = { id: column(text()) };
  const add = (key: string) => (result[key] = column(text()));
  if ("x".length === 1) {
    result.yes = column(text());
    return { ...result };
  }
  result.no = column(text());
  return result;
}
export const built = sqliteTable("built", build());
export const conditions = [eq(built.id as never, 1)];
