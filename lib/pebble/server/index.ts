/**
 * Pebble without the program: supervises real processes in a directory that stands for a container. The local
 * model serves it on each container's socket; tests call it in process.
 *
 * @module
 */

export { PEBBLE_VERSION } from "./api-system.ts";
export type { PebbleClock } from "./clock.ts";
export { createPebble, type EmbeddedPebble, type PebbleOptions } from "./pebble.ts";
export { endProcessGroups, type ProcessGroup, processStartTime } from "./process-group.ts";
export type { ExitCode } from "./service.ts";
