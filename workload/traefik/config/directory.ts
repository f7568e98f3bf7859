import { type FSWatcher, readdirSync, watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import {
  type DynamicFile,
  type MiddlewareConfig,
  parseDynamic,
  type RouterConfig,
  type ServersTransportConfig,
  type ServiceConfig,
  type TlsConfig,
} from "./dynamic.ts";

/** All files of the folder as one configuration. Of two of one name the first file's stands. */
export interface Merged {
  readonly routers: Readonly<Record<string, RouterConfig>>;
  readonly services: Readonly<Record<string, ServiceConfig>>;
  readonly middlewares: Readonly<Record<string, MiddlewareConfig>>;
  readonly serversTransports: Readonly<Record<string, ServersTransportConfig>>;
  readonly tls: TlsConfig;
  /** Names that a later file gave again. */
  readonly duplicates: readonly string[];
}

const EMPTY: TlsConfig = { certificates: [], stores: {}, options: {} };

/** Puts files together, in the order of their names. */
export function merge(files: readonly DynamicFile[]): Merged {
  const duplicates: string[] = [];
  const into = <T>(kind: string, pick: (file: DynamicFile) => Readonly<Record<string, T>> | undefined) => {
    const all: Record<string, T> = {};
    for (const file of files) {
      for (const [name, value] of Object.entries(pick(file) ?? {})) {
        if (Object.hasOwn(all, name)) duplicates.push(`${kind} ${name}`);
        else all[name] = value;
      }
    }
    return all;
  };
  return {
    routers: into("router", (file) => file.http?.routers),
    services: into("service", (file) => file.http?.services),
    middlewares: into("middleware", (file) => file.http?.middlewares),
    serversTransports: into("serversTransport", (file) => file.http?.serversTransports),
    tls: {
      certificates: files.flatMap((file) => file.tls?.certificates ?? []),
      stores: into("store", (file) => file.tls?.stores),
      options: into("TLS options", (file) => file.tls?.options),
    },
    duplicates,
  };
}

export const nothing: Merged = { ...merge([]), tls: EMPTY };

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const found = await Promise.all(
    sorted.map(async (entry) => {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory()) return filesBelow(file);
      return /\.ya?ml$/i.test(entry.name) ? [file] : [];
    }),
  );
  return found.flat();
}

/**
 * Reads the whole folder.
 *
 * @throws {ConfigFault} `ERR_CONFIG` when one file cannot be used: then none is.
 */
export async function readDirectory(directory: string): Promise<Merged> {
  const files = await filesBelow(directory);
  return merge(
    await Promise.all(
      files.map(async (file) => parseDynamic(path.basename(file), await readFile(file, "utf8"))),
    ),
  );
}

/**
 * Watches the folder: the first change after a quiet time is told at once, further ones when the throttle is over.
 *
 * @returns Stops watching.
 */
export function watchDirectory(directory: string, throttleMs: number, changed: () => void): () => void {
  let quietFrom = 0;
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    quietFrom = performance.now() + throttleMs;
    changed();
  };
  // A moment for a writer to finish its files; renames come in one by one.
  const soon = 20;
  const watchers = new Map<string, FSWatcher>();
  const happened = (): void => {
    timer ??= setTimeout(tell, Math.max(soon, quietFrom - performance.now()));
    follow();
  };
  // One watcher a folder: Node's recursive one misses removals on Linux.
  const follow = (): void => {
    for (const folder of foldersBelow(directory)) {
      if (watchers.has(folder)) continue;
      const watcher = watch(folder, happened);
      watchers.set(folder, watcher);
      watcher.on("error", () => {
        watcher.close(); // The folder is gone: what was read stays.
        watchers.delete(folder);
      });
    }
  };
  follow();
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}

/** The folder and those in it; none when it is not there. */
function foldersBelow(folder: string): string[] {
  try {
    const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [folder, ...inside.flatMap((entry) => foldersBelow(path.join(folder, entry.name)))];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
