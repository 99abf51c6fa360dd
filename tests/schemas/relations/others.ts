import { relations as rel } from "drizzle-orm";
import * as schema from "./schema";

export default rel(schema.groups, ({ one }) => ({ owner: one(schema.users) }));
