export enum Tables {
  Users = "enum_users",
  Posts = "enum_posts",
}
export const enum Short {
  A = "short_a",
  B = "short_b",
}
export enum Numbers {
  Zero,
  One,
  Ten = 10,
  Eleven,
}
export const NAMES = { users: "const_users", nested: { deep: "const_deep" } } as const;
export const PREFIX = "pre";
export const LIST = ["list_0", "list_1"] as const;
export default "default_name";
