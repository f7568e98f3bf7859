import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FlushError } from "../errors.ts";
import type { HookToolsGolden } from "../golden.ts";
import { faultOf, hostileCalls } from "./hostile.ts";

const file = new URL("../../../../test/golden/hook-tools.json", import.meta.url);
const { contexts } = JSON.parse(readFileSync(file, "utf8")) as HookToolsGolden;
const worlds = Object.values(contexts);

test("whatever the arguments, every call is answered and nothing else happens", () => {
  const property = fc.property(hostileCalls, fc.nat(), fc.nat(2), (calls, world, version) => {
    const chosen = worlds[world % worlds.length]!;
    try {
      expect(faultOf(chosen, calls, version)).toBeUndefined();
    } catch (error) {
      // Two kinds of pod specification in one hook: the one refusal that waits for the flush.
      if (!(error instanceof FlushError)) throw error;
    }
  });
  fc.assert(property, { numRuns: 400 });
});

test("very long arguments are answered without delay", () => {
  const long = 100_000;
  const texts = ["a".repeat(long), `${"1".repeat(long)}x`, `a${" ".repeat(long)}b=c`, `${"=".repeat(long)}x`];
  const started = process.threadCpuUsage();
  for (const text of [...texts, "a-".repeat(long), "\n".repeat(long), `k=${"\n".repeat(long)}x`]) {
    for (const command of [
      "relation-get",
      "open-port",
      "secret-add",
      "storage-get",
      "state-set",
      "config-get",
    ]) {
      const calls = [
        { command, args: [text], stdin: undefined },
        { command, args: ["-r", "1", "-s", text, text], stdin: undefined },
      ];
      expect(faultOf(worlds[0]!, calls, 0)).toBeUndefined();
    }
    const set = { command: "relation-set", args: ["-r", "1", `k=${text}`], stdin: undefined };
    const get = {
      command: "relation-get",
      args: ["-r", "1", "-", "web/0", "--format=yaml"],
      stdin: undefined,
    };
    expect(faultOf(worlds[0]!, [set, get], 1)).toBeUndefined();
  }
  expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(10_000);
});
