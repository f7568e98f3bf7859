import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * When a process started, in the system's own notation: a process id alone may be somebody else's by now.
 *
 * @returns `undefined` when there is no such process.
 * @see Linux: proc_pid_stat(5), field 22
 */
export function startTime(pid: number): string | undefined {
  if (process.platform !== "linux") return startTimeByPs(pid);
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name of the program is in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

function startTimeByPs(pid: number): string | undefined {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch (error) {
    if ((error as { status?: number }).status === 1) return undefined; // ps: no such process.
    throw error;
  }
}

/** Whether the process that was recorded is the one that has its id now. */
export function isSameProcess(recorded: { readonly pid: number; readonly started: string }): boolean {
  return startTime(recorded.pid) === recorded.started;
}

/** Sends a signal to a whole process group; one that is gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A process that listens on a TCP port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/**
 * Who listens on a TCP port.
 *
 * @returns `undefined` where the system does not tell: another user's process, or no Linux.
 */
export function portHolder(port: number): PortHolder | undefined {
  if (process.platform !== "linux") return undefined;
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => listeners(readProc(file) ?? "", port)),
  );
  if (inodes.size === 0) return undefined;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || !holds(`/proc/${name}/fd`, inodes)) continue;
    const command = (readProc(`/proc/${name}/cmdline`) ?? "").split("\0").join(" ").trim();
    return { pid: Number(name), command };
  }
  return undefined;
}

function listeners(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows.filter((row) => row[1]?.endsWith(`:${hex}`) && row[3] === "0A").map((row) => row[9] ?? "");
}

function holds(folder: string, inodes: ReadonlySet<string>): boolean {
  for (const fd of readFolder(folder)) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`${folder}/${fd}`))?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

const UNREADABLE = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"]);

/** Processes come and go while they are looked at, and others' are closed. */
function unlessUnreadable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (UNREADABLE.has((error as NodeJS.ErrnoException).code ?? "")) return otherwise;
    throw error;
  }
}

function readProc(path: string): string | undefined {
  return unlessUnreadable<string | undefined>(() => readFileSync(path, "utf8"), undefined);
}

function readFolder(path: string): string[] {
  return unlessUnreadable(() => readdirSync(path), []);
}

function readLink(path: string): string {
  return unlessUnreadable(() => readlinkSync(path), "");
}
