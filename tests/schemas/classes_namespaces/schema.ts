// not seen: in_class, in_instance
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

namespace Auth {
  const columns = { id: text("auth_id") };
  export const users = sqliteTable("auth_users", { ...columns });
  export namespace Inner {
    export const sessions = sqliteTable("auth_sessions", { id: text().references(() => users.id) });
  }
}
namespace Shop {
  const columns = { id: integer("shop_id") };
  export const users = sqliteTable("shop_users", { ...columns });
  export const orders = sqliteTable("shop_orders", { id: text(), a: text().references(() => Auth.users.id), u: integer().references(() => users.id) });
}
export { Auth, Shop };
export const after = sqliteTable("after", { id: text().references(() => Auth.Inner.sessions.id) });

export class Schema {
  static prefix = "cls";
  static readonly columns = { id: text("class_id") };
  static users = sqliteTable("in_class", { ...Schema.columns });
  static name2() {
    return `${this.prefix}_table`;
  }
  static get dynamic() {
    return { got: text("got_") };
  }
  items = sqliteTable("in_instance", { id: text() });
}
export const fromClass = sqliteTable(Schema.name2(), { ...Schema.columns, ...Schema.dynamic, u: text().references(() => Schema.users.id) });
export const instance = new Schema();

abstract class Base {
  protected id() {
    return text("base_id").notNull();
  }
}
class Derived extends Base {
  #hidden = "hidden_";
  constructor(public readonly prefix = "derived") {
    super();
  }
  columns() {
    return { id: this.id(), own: text(`${this.prefix}_own`), h: text(this.#hidden) };
  }
}
export const derived = sqliteTable("derived", new Derived().columns());
export const derivedOther = sqliteTable("derived_other", { ...new Derived("other").columns() });
