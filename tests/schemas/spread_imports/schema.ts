import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import slug, { only, owner, timestamps, visible } from "./columns";
import * as columns from "./columns";
import { helpers, ownerColumns, slugged, timestamps as times } from "./barrel";
import { "quoted name" as quoted } from "./columns";

export const users = sqliteTable("users", { id: text().primaryKey(), ...timestamps, ...slug });
export const posts = sqliteTable("posts", { ...owner(), ...columns.timestamps, ...columns.default });
export const tags = sqliteTable("tags", { ...visible, renamed: only, ...quoted });
export const viaBarrel = sqliteTable("via_barrel", { ...times, ...slugged, ...ownerColumns() });
export const viaNamespace = sqliteTable("via_namespace", { ...helpers.timestamps, ...helpers.owner() });
export const required = sqliteTable("dynamic", { ...(await import("./columns")).timestamps });
