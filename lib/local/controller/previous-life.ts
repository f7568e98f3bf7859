import { readFileSync } from "node:fs";
import { endProcessGroups, type ProcessGroup } from "../../pebble/server/index.ts";
import type { Store } from "./store.ts";

/**
 * Ends what a killed controller left running: the recorded process groups, known by their leader's start
 * time, so that nothing of it holds a port or a file. Start times count from the boot of the machine, so
 * records of an earlier boot are only forgotten.
 *
 * @returns How many groups were ended.
 */
export function endPreviousLife(store: Store): number {
  const boot = bootId();
  const groups: ProcessGroup[] = store.processes().map(({ pid, started }) => ({ pid, startTime: started }));
  const ended = store.meta("boot") === boot ? endProcessGroups(groups).length : 0;
  store.transaction(() => {
    store.setMeta("boot", boot);
    for (const { pid } of groups) store.removeProcess(pid);
  });
  return ended;
}

/** macOS records start times as dates, which need no boot. */
function bootId(): string {
  return process.platform === "linux" ? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() : "";
}
