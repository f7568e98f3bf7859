/** A new charm: a folder whose tests pass. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire, registerHooks } from "node:module";
import path from "node:path";
import { APPLICATION } from "../../lib/charm/check.ts";
import { adopt } from "../adopt/adopt.ts";
import { emit } from "../emit/emitted-files.ts";
import { adoptedFiles } from "./adopted-files.ts";
import { charmFiles } from "./charm-files.ts";
import { installedFrom } from "./installed-from.ts";
import { LICENCES, type Licence, packageFiles } from "./package-files.ts";

/** A charm cannot be begun here; the message says why. */
export class InitError extends Error {
  readonly code = "ERR_INIT";
}

/** What to begin. */
export interface NewCharm {
  /** Absolute path; made when it is missing. */
  readonly folder: string;
  /** As on Charmhub; default the folder's name. */
  readonly name?: string;
  /** Default `Apache-2.0`. */
  readonly licence?: string;
  /** `charmcraft.yaml` of a charm that exists, or its folder: the contract and the name are taken from there. */
  readonly adopt?: string;
  /** What npm installs as `charmed-iap`; default the archive that this one was installed from, else its version. */
  readonly framework?: string;
}

/** What was begun. */
export interface BegunCharm {
  readonly name: string;
  /** Names of the files, sorted. */
  readonly files: readonly string[];
  /** What the contract does not say though the adopted charm does; sentences. */
  readonly leftOut: readonly string[];
  /** Whether it is a package of its own; else it is one of the charms of this project's checkout. */
  readonly isPackage: boolean;
}

/** What may be in the folder already. */
const KEPT = new Set([".git"]);

/**
 * Writes the first files of a charm. In a checkout of this project it is one charm more; elsewhere a package of its
 * own, which has `charmed-iap` as a dependency.
 *
 * @throws {AdoptError} When there is nothing to adopt.
 * @throws {InitError} When the name breaks Juju's rule, the licence is unknown, or the folder has files already.
 */
export async function init({
  folder,
  adopt: source,
  name: wanted,
  licence,
  framework,
}: NewCharm): Promise<BegunCharm> {
  if (source !== undefined && wanted !== undefined) {
    throw new InitError(
      `Cannot name the charm "${wanted}": it is adopted with its name, leave one of the two out`,
    );
  }
  const adopted = source === undefined ? undefined : await adopt(source);
  const name = adopted?.name ?? wanted ?? path.basename(folder);
  const fault = nameFault(name);
  if (fault !== undefined) throw new InitError(`Cannot name a charm "${name}": ${fault}`);
  const present = (await filesOf(folder)).filter((file) => !KEPT.has(file));
  if (present.length > 0) {
    throw new InitError(`Cannot make a charm in "${folder}": it has "${present[0]}", it should be empty`);
  }
  const isPackage = !isInCheckout(folder);
  const around = isPackage
    ? packageFiles(await newPackage(name, licenceOf(licence), framework ?? frameworkFor(folder)))
    : {};
  const files = { ...(adopted === undefined ? charmFiles(name) : adoptedFiles(adopted)), ...around };
  await mkdir(folder, { recursive: true });
  await Promise.all(
    Object.entries(files).map(([file, text]) => writeFile(path.join(folder, file), text, { flag: "wx" })),
  );
  const emitted = await withOwnPackage(() => emit(folder));
  const leftOut = adopted?.leftOut ?? [];
  return { name, files: [...Object.keys(files), ...emitted].sort(), leftOut, isPackage };
}

/** What Juju refuses about a charm's name. */
function nameFault(name: string): string | undefined {
  if (APPLICATION.test(name)) return undefined;
  return "it should begin with a letter, and have lower case letters, digits and hyphens, with a letter after each hyphen";
}

function licenceOf(wanted = "Apache-2.0"): Licence {
  const found = LICENCES.find((licence) => licence.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  throw new InitError(`Cannot use the licence "${wanted}": it should be one of ${LICENCES.join(", ")}`);
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") throw new InitError(`Cannot make a charm in "${folder}": it is a file`);
    throw error;
  }
}

interface Manifest {
  readonly name?: string;
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);
const manifestFile = require.resolve("charmed-iap/package.json");

/** Whether charms in the folder import the framework from the project that they are in. */
function isInCheckout(folder: string): boolean {
  const parent = path.dirname(folder);
  if (parent === folder) return false;
  const file = path.join(parent, "package.json");
  if (!existsSync(file)) return isInCheckout(parent);
  return (require(file) as Manifest).name === "charmed-iap";
}

function frameworkFor(folder: string): string {
  return installedFrom(path.dirname(manifestFile), folder) ?? (require(manifestFile) as Manifest).version;
}

async function newPackage(name: string, licence: Licence, framework: string) {
  const { devDependencies } = require(manifestFile) as Manifest;
  const tools = ["@types/node", "typescript", "vitest"].map((tool) => [tool, devDependencies[tool] ?? "*"]);
  return {
    name,
    licence,
    framework,
    tools: Object.fromEntries(tools) as Readonly<Record<string, string>>,
    apache: await readFile(path.join(path.dirname(manifestFile), "LICENSE"), "utf8"),
    year: new Date().getFullYear(),
  };
}

/** Lets a charm be loaded before its packages are installed: what it cannot find is looked for from here. */
async function withOwnPackage<T>(work: () => Promise<T>): Promise<T> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!/^(charmed-iap\/|valibot$)/.test(specifier)) throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
  try {
    return await work();
  } finally {
    hooks.deregister();
  }
}
