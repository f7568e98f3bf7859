import { setTimeout as delay } from "node:timers/promises";
import { isSameProcess, signalGroup } from "./process-table.ts";
import type { Store } from "./store.ts";

/** Milliseconds a process of a killed controller has to end by itself. */
const GRACE = 2_000;

/**
 * Ends what a killed controller left running: the recorded process groups whose leader still has the
 * recorded start time, so that nothing of it holds a port or a file.
 */
export async function endPreviousLife(store: Store): Promise<number> {
  const recorded = store.processes();
  const alive = recorded.filter(isSameProcess);
  for (const { pid } of alive) signalGroup(pid, "SIGTERM");
  const until = Date.now() + GRACE;
  while (alive.some(isSameProcess) && Date.now() < until) await delay(20);
  for (const { pid } of alive) signalGroup(pid, "SIGKILL");
  for (const { pid } of recorded) store.removeProcess(pid);
  return alive.length;
}
