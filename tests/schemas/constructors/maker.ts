export { sqliteTable as table, sqliteTable as default } from "drizzle-orm/sqlite-core";
