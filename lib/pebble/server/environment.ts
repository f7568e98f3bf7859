import { userInfo } from "node:os";
import type { Plan, Service } from "../plan/types.ts";
import type { Programs } from "./programs.ts";
import type { ContainerRoot } from "./root.ts";

/** Where programs of one container run: files, programs and environment. */
export interface Container {
  readonly root: ContainerRoot;
  readonly programs: Programs;
  /** Pebble's own environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Address of the unit, in place of `localhost` and `0.0.0.0` in checks. */
  readonly address: string | undefined;
}

/** What a service or an exec request may say about its surroundings. */
export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly "working-dir"?: string;
  readonly user?: string;
  readonly "user-id"?: number;
  readonly group?: string;
  readonly "group-id"?: number;
}

/** The surroundings of a service of the plan, with what was asked for on top. Undefined: no such service. */
export function inContext(
  plan: Plan,
  context: string | undefined,
  asked: Surroundings,
): Surroundings | undefined {
  if (!context) return asked;
  const service: Service | undefined = plan.services[context];
  if (!service) return undefined;
  const set = Object.entries(asked).filter(([, value]) => value !== undefined && value !== "");
  return {
    ...service,
    ...Object.fromEntries(set),
    environment: { ...service.environment, ...asked.environment },
  };
}

/** Environment of a process: Pebble's, with the image's programs first on PATH, and what was asked for on top. */
export function processEnvironment(
  container: Container,
  asked: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const merged = { ...container.environment, ...asked };
  return { ...merged, PATH: container.programs.searchPath(merged["PATH"]) };
}

/** What the user asked for and does not get: embedded Pebble cannot change users. Undefined: nothing. */
export function ignoredUser(asked: Surroundings): string | undefined {
  const own = userInfo();
  const other =
    (asked.user && asked.user !== own.username) ||
    (asked["user-id"] !== undefined && asked["user-id"] !== own.uid) ||
    (asked["group-id"] !== undefined && asked["group-id"] !== own.gid) ||
    (asked.group && !asked.user && asked["user-id"] === undefined);
  return other ? `User and group are ignored: everything runs as "${own.username}".` : undefined;
}

/**
 * Directory on the machine for a working directory of the container.
 *
 * @throws {Error} When it is no directory.
 */
export async function hostDirectory(container: Container, workingDir: string | undefined): Promise<string> {
  if (!workingDir) return container.root.directory;
  const { host, exists } = await container.root.resolve(workingDir);
  if (!exists) throw new Error(`chdir ${workingDir}: no such file or directory`);
  return host;
}
