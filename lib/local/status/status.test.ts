import { expect, test } from "vitest";
import { compareStatus } from "./compare.ts";

test("recorded models are printed byte for byte", () => {
  const results = compareStatus(new URL("../../../test/golden/status", import.meta.url).pathname);
  const different = results.filter(({ difference }) => difference !== undefined);
  console.log(`golden/status: ${results.length - different.length} of ${results.length} outputs agree`);
  expect(results.length).toBeGreaterThan(80);
  expect(different).toEqual([]);
});
