import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { containerRoot, containerSocket } from "../../pebble/paths.ts";

/** Where one unit keeps things. All absolute. */
export interface UnitDir {
  /** Durable: charm, files of the containers, storage. */
  readonly state: string;
  /** Sockets and what the unit's processes are told by path; short. */
  readonly runtime: string;
  readonly charmDir: string;
  readonly agentSocket: string;
  /** `CHARMED_IAP_CONTAINERS`. */
  readonly containers: string;
  readonly serviceAccount: string;
  readonly preload: string;
  /** One empty file for every port a process of the unit listens on. */
  readonly listening: string;
  readonly resources: string;
}

/**
 * @param base.state The controller's durable folder.
 * @param base.runtime The controller's folder for sockets.
 * @param number The unit's number in the controller, which keeps socket paths short.
 */
export function unitDir(
  base: { readonly state: string; readonly runtime: string },
  o: { readonly model: string; readonly unit: string; readonly number: number },
): UnitDir {
  const state = join(base.state, "models", o.model, o.unit.replace("/", "-"));
  const runtime = join(base.runtime, `u${o.number}`);
  return {
    state,
    runtime,
    charmDir: join(state, "charm"),
    agentSocket: join(runtime, "agent.socket"),
    containers: join(runtime, "containers"),
    serviceAccount: join(runtime, "serviceaccount"),
    preload: join(runtime, "preload.cjs"),
    listening: join(runtime, "listening"),
    resources: join(state, "resources"),
  };
}

/** Makes the folders of a unit; sockets and ports of an earlier life go. */
export function createUnitDir(dir: UnitDir): void {
  rmSync(dir.runtime, { recursive: true, force: true });
  for (const path of [
    dir.state,
    dir.resources,
    dir.runtime,
    dir.containers,
    dir.listening,
    dir.serviceAccount,
  ]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}

/**
 * Makes the charm directory anew: what the charm brings, and nothing it wrote itself.
 *
 * @param version Grows with every new charm of the application.
 */
export function placeCharm(dir: UnitDir, charm: string, version: number): void {
  const next = `${dir.charmDir}.new`;
  rmSync(next, { recursive: true, force: true });
  cpSync(charm, next, { recursive: true, verbatimSymlinks: true });
  rmSync(dir.charmDir, { recursive: true, force: true });
  renameSync(next, dir.charmDir);
  writeFileSync(charmVersionFile(dir), String(version));
}

/** The version that was placed; `undefined` without a charm directory. */
export function placedCharm(dir: UnitDir): number | undefined {
  const file = charmVersionFile(dir);
  return existsSync(file) && existsSync(dir.charmDir) ? Number(readFileSync(file, "utf8")) : undefined;
}

function charmVersionFile(dir: UnitDir): string {
  return join(dir.state, "charm-version");
}

/** Removes everything of a unit that is gone. */
export function removeUnitDir(dir: UnitDir): void {
  rmSync(dir.runtime, { recursive: true, force: true });
  rmSync(dir.state, { recursive: true, force: true });
}

/** A container's places: its socket, its files as programs see them, and where these are kept. */
export interface ContainerDir {
  readonly socket: string;
  /** Path in plans and files; a link to `kept`. */
  readonly root: string;
  readonly kept: string;
}

export function containerDir(dir: UnitDir, container: string): ContainerDir {
  return {
    socket: containerSocket(dir.containers, container),
    root: containerRoot(dir.containers, container),
    kept: join(dir.state, "containers", container),
  };
}

/** Makes a container's folders: files live in the durable part, and are named by the short path. */
export function createContainerDir(place: ContainerDir): void {
  mkdirSync(place.kept, { recursive: true });
  mkdirSync(join(place.root, ".."), { recursive: true });
  if (!existsSync(place.root)) symlinkSync(place.kept, place.root, "dir");
}

/** What the unit's preload file says; see `preload.cjs`. */
export interface PreloadOptions {
  readonly address: string;
  readonly hosts: string;
  readonly search: readonly string[];
  readonly listening: string;
  readonly compiled: string;
}

/** Writes the file that every Node.js process of the unit loads first. */
export function writePreload(path: string, library: string, options: PreloadOptions): void {
  writeFileSync(path, `require(${JSON.stringify(library)})(${JSON.stringify(options)});\n`);
}
