// partly known: aliased, pushed_elsewhere, conditional_change, shrunk
// not seen: swapped_away
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { shared } from "./shared";
import "./changer";

type Columns = Record<string, never>;

const straight: Columns = { id: text() as never };
straight.name = text("straight_name") as never;
straight["two"] = integer("two_") as never;
export const changed = sqliteTable("changed", straight);

const assigned: Columns = { id: text() as never };
Object.assign(assigned, { more: text("more_") }, { id: integer("id_") });
export const assignedTo = sqliteTable("assigned_to", { ...assigned });

const early: Columns = { id: text() as never };
export const beforeChange = sqliteTable("before_change", { ...early });
early.late = text("late_") as never;

const byFunction: Columns = { id: text() as never };
function add(columns: Columns) {
  columns.added = text("added_") as never;
}
add(byFunction);
export const inFunction = sqliteTable("in_function", byFunction);

const original: Columns = { id: text() as never };
const alias = original;
alias.extra = text("extra_") as never;
export const aliased = sqliteTable("aliased", original);

const conditional: Columns = { id: text() as never };
if (process.env.EXTRA) {
  conditional.extra = text() as never;
}
export const conditionalChange = sqliteTable("conditional_change", conditional);

const deleted: Columns = { id: text() as never, gone: text() as never };
delete deleted.gone;
export const withoutDeleted = sqliteTable("deleted", deleted);

export const importedChange = sqliteTable("pushed_elsewhere", { ...shared });

let swapped = sqliteTable("swapped_away", { id: text("first_") });
swapped = sqliteTable("swapped", { id: text("second_") });
export { swapped };

let name = "let";
name += "_twice";
export const letTwice = sqliteTable(name, { id: text() });

let count = 1;
count++;
export const counted = sqliteTable("grown", { id: text(`c${count}`) });

function renaming(column: string) {
  column = `re_${column}`;
  return text(column);
}
export const parameterChanged = sqliteTable("parameter_changed", { id: renaming("id") });

const indexes: never[] = [];
export const indexed = sqliteTable("shrunk", { id: text() }, (t) => {
  indexes.push(index("pushed").on(t.id) as never);
  return indexes;
});

let assignedLater: ReturnType<typeof make>;
function make() {
  return sqliteTable("assigned_later", { id: text() });
}
assignedLater = make();
export { assignedLater };
