import { integer, text } from "drizzle-orm/sqlite-core";

export const timestamps = { createdAt: integer("created_at").notNull() };
export default { slug: text("the_slug").notNull().unique() };
export const only = text("only_");
export function owner() {
  return { ownerId: text("owner_id").notNull() };
}
const hidden = { shown: text("shown_") };
export { hidden as visible, hidden as "quoted name" };
