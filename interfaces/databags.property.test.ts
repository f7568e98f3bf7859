import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { databags } from "./fuzz/arbitrary.ts";
import { faultOf } from "./fuzz/properties.ts";
import { targets } from "./fuzz/targets.ts";

describe.each(targets())("$name", (target) => {
  test("any databag ends in a state, and what was read survives writing", () => {
    fc.assert(
      fc.property(databags(target.samples), (raw) => {
        expect(faultOf(target.databag, raw, target)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
