export { type Identity, type Report, report } from "./report.ts";
export { createWhoami } from "./server.ts";
