export * from "../columns.ts";
export { default as slugged, owner as ownerColumns } from "../columns";
export * as helpers from "../columns.js";
