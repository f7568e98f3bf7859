/**
 * Compares the model with recordings of a running Juju, from any folder that has them.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type RecordedExec, replayExec } from "./golden-exec.ts";
import type { RecordedSession } from "./golden-probe.ts";
import { replaySession } from "./golden-session.ts";

/** One recording's counts. */
export interface GoldenComparison {
  readonly name: string;
  readonly expected: number;
  readonly matched: number;
  /** What was excused or left out, in words; empty when nothing was. */
  readonly notes: string;
  readonly faults: readonly string[];
}

async function load(folder: string, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, name), "utf8"));
}

function compareEvents(session: RecordedSession): GoldenComparison[] {
  const { hooks, tools, faults } = replaySession(session);
  const notes = `${hooks.merged} merged with the one before, ${hooks.moved} moved past joined or changed`;
  return [
    { name: "session hooks", expected: hooks.expected, matched: hooks.matched + hooks.merged, notes, faults },
    {
      name: "session hook commands",
      expected: tools.expected + tools.excused,
      matched: tools.matched,
      notes: `${tools.excused} excused: members seen by moved hooks`,
      faults: [],
    },
  ];
}

/**
 * Replays `events-4.0.json` and `exec-4.0.json` of a folder.
 *
 * @param folder The recordings of one session; `test/golden/session` is the project's own.
 */
export async function compareSessions(folder: string): Promise<readonly GoldenComparison[]> {
  const session = (await load(folder, "events-4.0.json")) as RecordedSession;
  const { results } = (await load(folder, "exec-4.0.json")) as { results: RecordedExec[] };
  const exec = replayExec(results);
  const { expected, matched, faults } = exec;
  const notes = `${exec.leftOut.length} left out: they need a shell`;
  return [...compareEvents(session), { name: "juju exec", expected, matched, notes, faults }];
}

/** One line for people. */
export function describeComparison({ name, expected, matched, notes }: GoldenComparison): string {
  return `${name}: ${matched} of ${expected}${notes === "" ? "" : ` (${notes})`}`;
}
