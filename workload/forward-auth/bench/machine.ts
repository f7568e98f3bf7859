/** The machine that is measured on, and what a process has used of it. */
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Core of the subject. */
export const SUBJECT_CORE = "0";
/** Core of the load generators, the log's reader, the provider and Redis. */
export const GENERATOR_CORE = "1";

/** A place for files of this run, which a sitting removes at its end. */
export const folderForRun = (name: string): string =>
  path.join(process.env["BENCH_FOLDER"] ?? os.tmpdir(), name);

/** Ticks of `/proc/<pid>/stat` a second: `USER_HZ`, 100 on all Linux that Node.js runs on. */
const TICKS = 100;

/** Seconds of processor time that a process has used, in user and kernel mode. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Resident memory in MiB, now and the most so far. */
export function residentMiB(pid: number): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { now: read("VmRSS"), most: read("VmHWM") };
}

function firstLine(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").split("\n", 1)[0];
  } catch {
    return undefined; // Not told in containers and virtual machines.
  }
}

/** What a result says about where it was measured. */
export function describeMachine(): Readonly<Record<string, string | number>> {
  return {
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    memoryMiB: Math.round(os.totalmem() / 2 ** 20),
    kernel: `${os.type()} ${os.release()}`,
    governor: firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") ?? "not told",
    node: process.version,
    loadBefore: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
  };
}
