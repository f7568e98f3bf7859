import { afterAll, beforeAll, expect, test } from "vitest";
import { type HookProcesses, hookProcesses } from "./testdata/hook-process.ts";

let processes: HookProcesses;

beforeAll(async () => {
  processes = await hookProcesses();
});
afterAll(() => processes.end());

const ended = {
  last: { kind: "unit-status", status: "active", message: "pending" },
  left: [],
};

test("killed after any command over the agent's socket, the next run repairs everything", async () => {
  const undisturbed = await processes.hook();
  expect(undisturbed).toMatchObject({ exitCode: 0, world: ended });
  expect(undisturbed.answered).toBeGreaterThan(15);
  for (let after = 1; after < undisturbed.answered; after += 1) {
    expect((await processes.hook({ killAfter: after })).exitCode).toBe(null);
    expect((await processes.hook()).world).toEqual(undisturbed.world);
  }
});

// In one row, for processes take their time: each killed run finds what those before it have left.
test("killed after each command in turn with executables, the last run repairs everything", async () => {
  const undisturbed = await processes.hook({ socketOff: true });
  expect(undisturbed).toMatchObject({ exitCode: 0, world: ended });
  for (let after = 1; after < undisturbed.answered; after += 1)
    expect((await processes.hook({ socketOff: true, killAfter: after })).exitCode).toBe(null);
  expect((await processes.hook({ socketOff: true })).world).toEqual(undisturbed.world);
}, 300_000);

test("a rejection that nobody handles fails the hook at once, with its stack in the log", async () => {
  const { exitCode, logs } = await processes.hook({ mishap: "rejection" });
  expect(exitCode).toBe(1);
  expect(logs).toEqual([expect.stringMatching(/^ERROR Error: nobody waits for this\n +at /)]);
});

test("a warning of the process is a WARNING in the log", async () => {
  const { exitCode, logs } = await processes.hook({ mishap: "warning" });
  expect(exitCode).toBe(0);
  expect(logs).toContain("WARNING DeprecationWarning: an old way");
});
