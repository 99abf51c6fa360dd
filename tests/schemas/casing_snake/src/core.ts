export * from "drizzle-orm/sqlite-core";
export const snakeIt = "computedKey";
