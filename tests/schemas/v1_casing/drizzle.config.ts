export default { dialect: "sqlite", schema: "./schema.ts", casing: "snake_case" };
