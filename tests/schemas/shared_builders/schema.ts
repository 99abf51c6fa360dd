// partly known: mutated_first, key_shared_a, key_shared_b, twice_in_one
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const same = text("same").notNull();
export const sharedA = sqliteTable("shared_a", { x: same });
export const sharedB = sqliteTable("shared_b", { y: same });

const base = text("base");
export const mutatedFirst = sqliteTable("mutated_first", { id: base });
export const mutatedSecond = sqliteTable("mutated_second", { id: base.notNull() });

const idempotent = text("idem").notNull();
export const idempotentA = sqliteTable("idempotent_a", { id: idempotent });
export const idempotentB = sqliteTable("idempotent_b", { id: idempotent.notNull() });

const unnamed = integer();
export const keyA = sqliteTable("key_shared_a", { first: unnamed });
export const keyB = sqliteTable("key_shared_b", { second: unnamed });

const within = integer();
export const twiceInOne = sqliteTable("twice_in_one", { createdAt: within, updatedAt: within });

const timestamps = { createdAt: integer() };
export const spreadA = sqliteTable("spread_a", { ...timestamps });
export const spreadB = sqliteTable("spread_b", { ...timestamps, updatedAt: integer() });

const fresh = () => text("fresh");
export const freshA = sqliteTable("fresh_a", { id: fresh() });
export const freshB = sqliteTable("fresh_b", { id: fresh().notNull().unique() });
