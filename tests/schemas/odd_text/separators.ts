import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const s = "a​b﻿c";
export const separated = sqliteTable("separated", { id: text(s), nbsp: text("x y") });
