import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyRecording, hostileText, isReadOrRefused, replays } from "../fuzz/hostile-recording.ts";
import { parseRecording } from "./recording.ts";

const least = {
  format: "charmed-iap-recording/1",
  charm: "web",
  started: 0,
  took: 1,
  revealed: [],
  env: {},
  exchanges: [],
  outcome: { ended: "signal" },
};

describe("parseRecording()", () => {
  test("reads the least that a recording can be", () =>
    expect(parseRecording(JSON.stringify(least))).toEqual(least));

  test.each([
    ["{", "Cannot read x.json: it is not JSON, must be a recording"],
    ["null", 'Cannot read x.json: its format is missing, must be "charmed-iap-recording/1"'],
    ['{"format":"y/2"}', 'Cannot read x.json: its format is "y/2", must be "charmed-iap-recording/1"'],
    [JSON.stringify({ ...least, charm: 1 }), /^Cannot read x\.json: charm: Invalid type/],
    [JSON.stringify({ ...least, more: 1 }), /^Cannot read x\.json: more: Invalid key/],
    [
      JSON.stringify({ ...least, exchanges: [{ kind: "hook", at: 0, command: "x", args: "y" }] }),
      /^Cannot read x\.json: exchanges\.0\.args: Invalid type/,
    ],
    [
      JSON.stringify({ ...least, exchanges: [{ kind: "dream" }] }),
      /^Cannot read x\.json: exchanges\.0\.kind: Invalid type/,
    ],
  ])("refuses %j and says why", (text, message) =>
    expect(() => parseRecording(text, "x.json")).toThrow(message),
  );

  test("reads or refuses whatever it is given", () =>
    fc.assert(fc.property(hostileText, isReadOrRefused), { numRuns: 2000 }));

  test("what it has read can be replayed, whatever it says", () =>
    fc.assert(fc.asyncProperty(anyRecording, replays), { numRuns: 300 }));
});
