/**
 * Reads and replays recordings nobody made, until the time or the number is up. Exits 1 at the first fault, with the seed and the
 * smallest recording that shows it.
 *
 * Usage: `node --conditions=charmed-iap:source lib/charm/fuzz/recording.ts [--runs N | --seconds N]`
 */

import { parseArgs } from "node:util";
import fc from "fast-check";
import { anyRecording, hostileText, isReadOrRefused, replays } from "./hostile-recording.ts";

const { values } = parseArgs({ options: { runs: { type: "string" }, seconds: { type: "string" } } });
const limit =
  values.seconds === undefined
    ? { numRuns: Number(values.runs ?? 10_000) }
    : { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: Number(values.seconds) * 500 };

try {
  fc.assert(fc.property(hostileText, isReadOrRefused), limit);
  await fc.assert(fc.asyncProperty(anyRecording, replays), limit);
  console.log("recording: no fault");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
