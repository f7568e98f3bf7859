/** A place for a process with little processor time and memory, as a container with limits has it. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const ROOT = "/sys/fs/cgroup";
/** Microseconds in which a process may use its share. */
const PERIOD = 100_000;

/** A control group, or in the first version of them one for each controller. */
export interface Cgroup {
  /** Files that a process writes its number into to get in. */
  readonly doors: readonly string[];
  /** Removes it; nobody may be in there any more. */
  close(): void;
}

/** Limits in Kubernetes' words: `cpu` 0.1 is `100m`. */
export interface Limits {
  readonly cpu: number;
  readonly memoryMiB: number;
}

/**
 * Makes a control group.
 *
 * @throws {Error} The system's own, where nobody may make one here.
 * @see Linux: cgroup-v2, and cgroup-v1/memory, sched-bwc
 */
export function makeCgroup(name: string, { cpu, memoryMiB }: Limits): Cgroup {
  const quota = Math.round(cpu * PERIOD);
  const bytes = memoryMiB * 2 ** 20;
  const unified = existsSync(path.join(ROOT, "cgroup.controllers"));
  const groups: readonly [folder: string, values: Readonly<Record<string, string>>][] = unified
    ? [[path.join(ROOT, name), { "cpu.max": `${quota} ${PERIOD}`, "memory.max": String(bytes) }]]
    : [
        [
          path.join(ROOT, "cpu", name),
          { "cpu.cfs_period_us": String(PERIOD), "cpu.cfs_quota_us": String(quota) },
        ],
        [path.join(ROOT, "memory", name), { "memory.limit_in_bytes": String(bytes) }],
      ];
  for (const [folder, values] of groups) {
    mkdirSync(folder);
    for (const [file, value] of Object.entries(values)) writeFileSync(path.join(folder, file), value);
  }
  return {
    doors: groups.map(([folder]) => path.join(folder, "cgroup.procs")),
    close() {
      for (const [folder] of groups) rmdirSync(folder);
    },
  };
}
