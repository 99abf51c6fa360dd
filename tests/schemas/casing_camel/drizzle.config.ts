const casing = "camelCase";
export default { dialect: "sqlite", schema: ["./schema.ts"], casing } as const;
