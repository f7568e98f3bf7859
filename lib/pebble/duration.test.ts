import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["1.5s", 1500, "1.5s"],
  ["500ms", 500, "500ms"],
  ["1m30s", 90_000, "1m30s"],
  ["1h", 3_600_000, "1h0m0s"],
  ["1.5h", 5_400_000, "1h30m0s"],
  ["0", 0, "0s"],
  ["0s", 0, "0s"],
  ["-1.5h", -5_400_000, "-1h30m0s"],
  ["+10us", 0.01, "10µs"],
  ["1ns", 1e-6, "1ns"],
  [".5s", 500, "500ms"],
  ["1.s", 1000, "1s"],
  ["100000ms", 100_000, "1m40s"],
  ["36h0m0.25s", 129_600_250, "36h0m0.25s"],
])("parseDuration() and formatDuration() of %s", (text, ms, printed) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9);
  expect(formatDuration(ms)).toBe(printed);
});

test.each(["", "5", "s", "1x", "1 s", " 1s", "1s ", "1e3s", "--1s", ".s", "300000000h", "NaNs"])(
  "parseDuration() refuses %j",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

describe("formatDuration()", () => {
  test("is undone by parseDuration()", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 3);
      }),
    );
  });
});
