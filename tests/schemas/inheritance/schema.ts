import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

class Base {
  protected kind = "base";
  constructor(protected prefix: string = "dflt") {}
  name() {
    return "base_name";
  }
  get label() {
    return `${this.kind}_${this.prefix}_${this.name()}`;
  }
  columns() {
    return { id: text(`${this.name()}_id`), kind: text(this.kind), label: text(this.label) };
  }
}
class Derived extends Base {
  protected override kind = "derived";
  override name() {
    return "derived_name";
  }
}
class Given extends Derived {
  extra: string;
  constructor(name: string) {
    super(`given_${name}`);
    this.extra = name;
    this.kind = "from_constructor";
  }
  override columns() {
    return { ...this.own(), id: integer("given_id") } as never;
  }
  private own() {
    return { extra: text(this.extra), prefix: text(this.prefix), kind: text(this.kind) };
  }
}
const Mixed = class extends Given {
  override name = () => "arrow_name";
};

export const base = sqliteTable("base", new Base().columns());
export const derived = sqliteTable("derived", new Derived("p").columns());
export const given = sqliteTable("given", new Given("x").columns());
export const mixed = sqliteTable("mixed", { label: text(new Mixed("y").label) });
const holder = {
  prefix: "holder",
  make(name: string) {
    return text(`${this.prefix}_${name}`);
  },
  arrow: (name: string) => text(name),
};
export const held = sqliteTable("held", { a: holder.arrow("a_") });
