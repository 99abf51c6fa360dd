// ESLint as the single-file comparison runs it: the TypeScript parser and the Drizzle plugin, nothing else.
// ESLINT_MODULES is the folder whose node_modules holds them.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.ESLINT_MODULES}/`);

export default [
  {
    files: ["**/*.{ts,tsx,mts,cts}"],
    languageOptions: { parser: require("@typescript-eslint/parser") },
    plugins: { drizzle: require("eslint-plugin-drizzle") },
    rules: {
      "drizzle/enforce-delete-with-where": "error",
      "drizzle/enforce-update-with-where": "error",
    },
  },
];
