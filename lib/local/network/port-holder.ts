import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that listens on a TCP port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/**
 * Who listens on a TCP port.
 *
 * @returns `undefined` where the system does not tell: another user's process, or no Linux.
 * @see Linux: proc_pid_net(5)
 */
export function portHolder(port: number): PortHolder | undefined {
  if (process.platform !== "linux") return undefined;
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => listeners(text(file), port)));
  if (inodes.size === 0) return undefined;
  for (const name of entries("/proc")) {
    if (!/^\d+$/.test(name) || !holds(`/proc/${name}/fd`, inodes)) continue;
    return { pid: Number(name), command: text(`/proc/${name}/cmdline`).split("\0").join(" ").trim() };
  }
  return undefined;
}

function listeners(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/));
  return rows.filter((row) => row[1]?.endsWith(`:${hex}`) && row[3] === "0A").map((row) => row[9] ?? "");
}

function holds(folder: string, inodes: ReadonlySet<string>): boolean {
  for (const fd of entries(folder)) {
    const inode = /^socket:\[(\d+)\]$/.exec(link(`${folder}/${fd}`))?.[1];
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

const text = (path: string): string => unlessUnreadable(() => readFileSync(path, "utf8"), "");
const entries = (path: string): string[] => unlessUnreadable(() => readdirSync(path), []);
const link = (path: string): string => unlessUnreadable(() => readlinkSync(path), "");
