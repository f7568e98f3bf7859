import { hash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PackedAnswers } from "./packed-answers.ts";

const digestOf = (text: string) => hash("sha256", text, "binary");

test("what was kept last under a key comes back, or nothing", () => {
  const key = fc.string({ minLength: 1, maxLength: 20 });
  const step = fc.tuple(key, fc.string({ unit: "binary", maxLength: 3000 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const packed = new PackedAnswers(1 << 20);
      const model = new Map<string, string>();
      for (const [name, text, gone] of steps) {
        if (gone) packed.delete(name);
        else packed.set(name, digestOf(text), text);
        if (gone) model.delete(name);
        else model.set(name, text.toWellFormed());
      }
      for (const [name, text] of model) {
        const found = packed.get(name);
        if (found?.text === text) continue;
        // Another key of the same hash took its place.
        expect([...model.values(), undefined]).toContain(found?.text);
      }
    }),
    { numRuns: 50 },
  );
});

test("the digest comes with it", () => {
  const packed = new PackedAnswers(1 << 20);
  packed.set("ada", digestOf("cookies of ada"), "Zoë 日本");
  expect(packed.get("ada")).toEqual({ digest: digestOf("cookies of ada"), text: "Zoë 日本" });
  packed.delete("ada");
  expect(packed.get("ada")).toBeUndefined();
});

test("the oldest go first, and the bound holds however many come", () => {
  const packed = new PackedAnswers(3 << 20);
  const text = "x".repeat(960);
  for (let user = 0; user < 20_000; user++) packed.set(`user-${user}`, digestOf(String(user)), text);
  expect(packed.size).toBeGreaterThan(2000);
  expect(packed.size).toBeLessThan(3200);
  expect(packed.get("user-19999")?.digest).toBe(digestOf("19999"));
  expect(packed.get("user-19000")?.digest).toBe(digestOf("19000"));
  expect(packed.get("user-0")).toBeUndefined();
});

test("what would fill a block is not kept", () => {
  const packed = new PackedAnswers(1 << 20);
  packed.set("big", digestOf("big"), "x".repeat(200_000));
  expect(packed.size).toBe(0);
});
