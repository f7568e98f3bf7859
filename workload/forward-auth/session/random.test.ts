import { expect, test } from "vitest";
import { takeRandom, takeRandomText } from "./random.ts";

test("no bytes are taken twice, over many refills", () => {
  const seen = new Set<string>();
  for (let turn = 0; turn < 5000; turn++)
    seen.add(
      takeRandom(16 + (turn % 81))
        .toString("hex")
        .slice(0, 32),
    );
  expect(seen.size).toBe(5000);
});

test("each has its own memory and its length", () => {
  const [one, other] = [takeRandom(32), takeRandom(32)];
  const before = other.toString("hex");
  one.fill(0);
  expect(other.toString("hex")).toBe(before);
  for (const length of [0, 1, 96, 256]) expect(takeRandom(length)).toHaveLength(length);
  expect(takeRandomText(96)).toMatch(/^[\w-]{128}$/);
  expect(takeRandomText(96)).not.toBe(takeRandomText(96));
  expect(() => takeRandomText(257)).toThrow(RangeError);
  expect(() => takeRandom(257)).toThrow(RangeError);
});
