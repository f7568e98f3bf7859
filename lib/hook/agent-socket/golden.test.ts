import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import {
  compareAgentSocket,
  readExchanges,
  recordedAnswer,
  recordedBytes,
  recordedRequest,
  replayClient,
  replayServer,
} from "./golden.ts";

const golden = fileURLToPath(new URL("../../../test/golden/agent-socket/", import.meta.url));
const exchanges = await readExchanges(golden);
const passed = { client: 0, server: 0 };

afterAll(() => {
  console.log(
    `agent-socket: ${exchanges.length} exchanges, client bytes equal in ${passed.client}, server bytes in ${passed.server}`,
  );
});

test("the recordings are there, in whole", () => {
  expect(exchanges).toHaveLength(34);
  for (const exchange of exchanges) {
    for (const side of ["client", "server"] as const) {
      const file = `${golden}${exchange.version}-${exchange.name}.${side}.hex`;
      expect(recordedBytes(exchange, side)).toBe(readFileSync(file, "utf8").trim());
    }
  }
});

test.each(exchanges)(
  "client: $version $name sends the recorded bytes, reads the answer",
  async (exchange) => {
    const { sent, understood } = await replayClient(exchange);
    expect(sent).toBe(recordedBytes(exchange, "client"));
    expect(understood).toEqual(recordedAnswer(exchange));
    passed.client += 1;
  },
);

test.each(exchanges)("server: $version $name is answered with the recorded bytes", async (exchange) => {
  const { sent, understood } = await replayServer(exchange);
  expect(sent).toBe(recordedBytes(exchange, "server"));
  expect(understood).toEqual(recordedRequest(exchange));
  passed.server += 1;
});

test("compareAgentSocket() finds no difference", async () => {
  const comparisons = await compareAgentSocket(golden);
  expect(comparisons).toHaveLength(68);
  expect(comparisons.filter(({ difference }) => difference !== undefined)).toEqual([]);
});

test("compareAgentSocket() names the end that differs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "golden-"));
  const recorded = exchanges.find(({ name }) => name === "config-get-value")!;
  writeFileSync(join(folder, "a.json"), JSON.stringify({ ...recorded, name: "reply", stdout: "other\n" }));
  writeFileSync(
    join(folder, "b.json"),
    JSON.stringify({ ...recorded, name: "request", argv: ["config-get", "eman"] }),
  );
  const differing = (await compareAgentSocket(folder)).filter(({ difference }) => difference !== undefined);
  rmSync(folder, { recursive: true });
  const { version } = recorded;
  expect(differing.map(({ name }) => name)).toEqual([
    `${version}-reply client`,
    `${version}-reply server`,
    `${version}-request client`,
    `${version}-request server`,
  ]);
});
