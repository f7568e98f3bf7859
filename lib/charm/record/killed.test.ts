/** Recordings of hooks that Juju, or an operator, ends before their time. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HookProcesses, hookProcesses } from "../testdata/hook-process.ts";
import charm from "../testdata/kill-charm.ts";
import { parseRecording } from "./recording.ts";
import { replay } from "./replay.ts";

let processes: HookProcesses;

beforeAll(async () => {
  processes = await hookProcesses();
});
afterAll(() => processes.end());

describe.each([
  ["the agent's socket", false],
  ["executables", true],
])("over %s", (_name, socketOff) => {
  test("a hook that ends by itself leaves a recording that replays", async () => {
    const { exitCode, recordings } = await processes.hook({ socketOff, record: true });
    expect(exitCode).toBe(0);
    expect(recordings).toHaveLength(1);
    const recording = parseRecording(recordings[0]!);
    expect(recording.outcome).toMatchObject({ ended: "exit", exitCode: 0 });
    expect((await replay(charm, recording)).divergences).toEqual([]);
  });

  test.each([1, 5, 9, 13])(
    "killed by SIGTERM at command %i, it leaves a recording that replays so far",
    async (killAfter) => {
      const ran = await processes.hook({ socketOff, record: true, killAfter, signal: "SIGTERM" });
      expect(ran).toMatchObject({ exitCode: null, signal: "SIGTERM", stderr: "" });
      expect(ran.recordings).toHaveLength(1);
      const [text = ""] = ran.recordings;
      expect(text).not.toContain("made once");
      const recording = parseRecording(text);
      expect(recording.outcome).toEqual({ ended: "signal" });
      const commands = recording.exchanges.filter(({ kind }) => kind === "hook");
      expect(commands.length).toBeLessThan(ran.answered);
      expect((await replay(charm, recording)).divergences).toEqual([]);
    },
  );

  test("killed by SIGKILL, it leaves nothing, and nothing half-written", async () => {
    const ran = await processes.hook({ socketOff, record: true, killAfter: 9 });
    expect(ran).toMatchObject({ signal: "SIGKILL", recordings: [] });
  });
});

test("the recording of a killed hook still tells what another charm does otherwise", async () => {
  const { recordings } = await processes.hook({ record: true, killAfter: 13, signal: "SIGTERM" });
  const recording = parseRecording(recordings[0]!);
  const [first, ...rest] = recording.exchanges;
  if (first?.kind !== "hook") throw new TypeError("a hook begins with a command");
  const other = { ...recording, exchanges: [{ ...first, args: [...first.args, "another"] }, ...rest] };
  expect((await replay(charm, other)).divergences).not.toEqual([]);
});
