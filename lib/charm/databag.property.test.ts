import fc from "fast-check";
import { test } from "vitest";
import { hostileDatabag, readEveryWay, roundTrips, survives } from "./fuzz/hostile.ts";

test("decode() never throws, and always says the same", () => {
  fc.assert(fc.property(hostileDatabag, readEveryWay), { numRuns: 150 });
});

test("encode() and decode() give back what went in", () => {
  fc.assert(fc.property(roundTrips, survives), { numRuns: 150 });
});
