import { expect, test } from "vitest";
import { identityPlatform } from "./identity-platform.ts";

test("nine applications settle, each active, in any order", async () => {
  for (const seed of [1, 2, 3]) {
    const model = identityPlatform({ seed });
    await model.settle();
    const statuses = Object.entries(model.status());
    expect(statuses).toHaveLength(9);
    expect(statuses.filter(([, status]) => !status.startsWith("active"))).toEqual([]);
  }
});
