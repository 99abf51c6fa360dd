import { a } from "./a.ts";
import { b } from "./b.ts";

export * from "./a.ts";
export * from "./b.ts";
export * from "./c.ts";
export * from "./index.ts";
export * as nested from "./a.ts";
export const schema = {
  get a() {
    return a;
  },
  get b() {
    return b;
  },
};
export { default as theC } from "./c.ts";
