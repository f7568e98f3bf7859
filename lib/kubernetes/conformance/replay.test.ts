import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { conformance } from "./conformance.suite.ts";
import { type Recording, replay } from "./recording.ts";

const file = path.join(import.meta.dirname, "../../../test/golden/kubernetes/exchanges.json");
const recording = JSON.parse(readFileSync(file, "utf8")) as Recording;

conformance({
  name: `recorded from ${recording.versions.kubernetes}`,
  start: async () => replay(recording),
});

test("a request that is not the recording's next one is a failure", async () => {
  const { trusted } = replay(recording);
  const other = trusted.request({ method: "GET", path: "/api/v1/nodes" });
  await expect(other).rejects.toThrow("Cannot replay trusted GET /api/v1/nodes: the recording has");
});
