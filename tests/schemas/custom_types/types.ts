import { customType } from "drizzle-orm/sqlite-core";

export const money = customType<{ data: bigint; driverData: number }>({
  dataType() {
    return "integer";
  },
  toDriver(value: bigint): number {
    return Number(value);
  },
});
