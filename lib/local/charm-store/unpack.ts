import { chmodSync, createWriteStream, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Entry, openPromise } from "yauzl";
import { LocalError } from "../errors.ts";

/** Most bytes an archive may grow to: a zip of a few kilobytes can hold terabytes of nothing. */
const MAX_BYTES = 1024 * 1024 * 1024;
const LINK = 0o120000;
const TYPE = 0o170000;

/**
 * Unpacks a `.charm` archive with the modes and links it holds.
 *
 * @throws {LocalError} `ERR_CHARM_INVALID` when it is no zip, or an entry leads out of the folder.
 */
export async function unpackCharm(archive: string, folder: string): Promise<void> {
  const zip = await openPromise(archive, { lazyEntries: true }).catch((cause: unknown) => {
    throw new LocalError("ERR_CHARM_INVALID", `invalid charm or bundle provided at "${archive}"`, { cause });
  });
  const links: [string, string][] = [];
  let size = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      size += entry.uncompressedSize;
      if (size > MAX_BYTES) throw refused(archive, "it is larger than 1 GiB unpacked");
      await unpackEntry(entry, { archive, folder, links, read: () => zip.openReadStreamPromise(entry) });
    }
  } finally {
    zip.close();
  }
  // Last, so that no file is written through one.
  for (const [path, target] of links) symlinkSync(target, path);
}

interface Unpacking {
  readonly archive: string;
  readonly folder: string;
  readonly links: [string, string][];
  read(): Promise<NodeJS.ReadableStream>;
}

async function unpackEntry(entry: Entry, to: Unpacking): Promise<void> {
  const path = resolve(to.folder, entry.fileName);
  if (!isInside(to.folder, path)) throw refused(to.archive, `"${entry.fileName}" leads out of the charm`);
  if (entry.fileName.endsWith("/")) {
    mkdirSync(path, { recursive: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const mode = entry.externalFileAttributes >>> 16;
  const source = await to.read();
  if ((mode & TYPE) === LINK) {
    const target = await text(source);
    if (!isInside(to.folder, resolve(dirname(path), target))) {
      throw refused(to.archive, `link "${entry.fileName}" leads out of the charm`);
    }
    to.links.push([path, target]);
    return;
  }
  await pipeline(source, createWriteStream(path));
  chmodSync(path, mode & 0o777 || 0o644);
}

function isInside(folder: string, path: string): boolean {
  const way = relative(join(folder), path);
  return way !== "" ? !way.startsWith("..") && !way.startsWith("/") : true;
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += String(chunk);
  return all;
}

function refused(archive: string, why: string): LocalError {
  return new LocalError("ERR_CHARM_INVALID", `Cannot unpack ${archive}: ${why}`);
}
