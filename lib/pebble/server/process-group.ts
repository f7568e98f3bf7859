import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { errorCode } from "./go-errors.ts";

/** A process group that embedded Pebble started, as it can be found again after a crash. */
export interface ProcessGroup {
  /** Process id of the leader, which is the group's id. */
  readonly pid: number;
  /** When the leader started, in the system's own form; compare only for equality. */
  readonly startTime: string;
}

/** When a process started, or undefined if none of that id runs. */
export function processStartTime(pid: number): string | undefined {
  if (process.platform !== "linux") return psStartTime(pid);
  const stat = procStat(pid);
  return stat?.state === "Z" ? undefined : stat?.startTime;
}

interface ProcStat {
  readonly group: number;
  readonly startTime: string;
  readonly state: string;
}

function procStat(pid: number): ProcStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0]!, group: Number(fields[2]), startTime: fields[19]! };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(errorCode(error))) return undefined;
    throw error;
  }
}

function psStartTime(pid: number): string | undefined {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch (error) {
    if (typeof error === "object" && error !== null && "status" in error) return undefined; // no such process
    throw error;
  }
}

/** Signals a whole group; false if it has no process any more. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
    if (errorCode(error) === "EPERM") return true; // on macOS a group of zombies
    throw error;
  }
}

/**
 * Ends with SIGKILL what a killed controller left behind: the groups whose leader still runs with the recorded
 * start time, and those whose leader is gone but which began later than it. A number that the system has given
 * to another process since is left alone.
 *
 * @returns The groups that were signalled.
 */
export function endProcessGroups(groups: readonly ProcessGroup[]): readonly ProcessGroup[] {
  return groups.filter((group) => isSameGroup(group) && signalGroup(group.pid, "SIGKILL"));
}

function isSameGroup(group: ProcessGroup): boolean {
  const startTime = processStartTime(group.pid);
  if (startTime !== undefined) return startTime === group.startTime;
  return process.platform === "linux" && orphans(group);
}

/** Whether members are left of a group that has lost its leader. */
function orphans(group: ProcessGroup): boolean {
  const members = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => procStat(Number(name)))
    .filter((stat) => stat?.group === group.pid && stat.state !== "Z");
  return members.length > 0 && members.every((stat) => BigInt(stat!.startTime) >= BigInt(group.startTime));
}
