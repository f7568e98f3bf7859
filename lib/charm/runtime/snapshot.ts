/**
 * What the hook can see, read before the handler in a few rounds of parallel questions, each asked once:
 * handlers then read without waiting.
 *
 * @module
 */

import type { HookCommands } from "../../hook/hook-commands.ts";
import { type CharmContract, endpointsOf } from "../contract.ts";
import type { RawDatabag } from "../databag.ts";
import type { EndpointDef } from "../interface.ts";
import { undefinedIfNotFound } from "./command-failure.ts";
import type { Invocation } from "./environment.ts";

/** One relation as it was when the hook began. */
export interface RelationSnapshot {
  readonly id: number;
  readonly endpoint: string;
  readonly remoteApp: string;
  readonly remoteAppData: RawDatabag;
  /** By unit; empty where the interface has no unit data. */
  readonly remoteUnits: Readonly<Record<string, RawDatabag>>;
  /** Empty on a follower, except for peers. */
  readonly localAppData: RawDatabag;
  readonly localUnitData: RawDatabag;
}

/** Everything read before the handler. */
export interface Snapshot {
  readonly leader: boolean;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** In the contract's order of endpoints, then in order of ids. */
  readonly relations: readonly RelationSnapshot[];
}

/** Reads leadership, options and every relation of the contract. */
export async function readSnapshot(
  contract: CharmContract,
  invocation: Invocation,
  juju: HookCommands,
): Promise<Snapshot> {
  const endpoints = endpointsOf(contract);
  const hasConfig = Object.keys(contract.config ?? {}).length > 0;
  const [leader, config, ...ids] = await Promise.all([
    juju.isLeader(),
    hasConfig ? juju.configGet() : {},
    ...endpoints.map(([name]) => juju.relationIds(name)),
  ]);
  const hook = { leader, invocation, juju };
  const asked: Promise<RelationSnapshot | undefined>[] = [];
  endpoints.forEach(([name, definition], index) => {
    for (const id of (ids[index] ?? []).map(relationNumber).sort(ascending)) {
      if (id === invocation.breaking) continue;
      // It may go away while it is read.
      asked.push(readRelation(hook, name, definition, id).catch(undefinedIfNotFound));
    }
  });
  return { leader, config, relations: (await Promise.all(asked)).filter((one) => one !== undefined) };
}

/** The number in `oauth:3`, which is all that Juju looks at. */
function relationNumber(id: string): number {
  return Number(id.slice(id.lastIndexOf(":") + 1));
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** Who reads, and where. */
interface Reader {
  readonly leader: boolean;
  readonly invocation: Invocation;
  readonly juju: HookCommands;
}

const NO_DATA: RawDatabag = Object.freeze({});

async function readRelation(
  reader: Reader,
  endpoint: string,
  definition: EndpointDef,
  id: number,
): Promise<RelationSnapshot> {
  const { leader, invocation, juju } = reader;
  const { role, local } = definition;
  const readsOwn = local.app !== undefined && (leader || role === "peer");
  const read = await Promise.all([
    readRemote(reader, definition, id),
    readsOwn ? juju.relationGet({ relation: id, target: invocation.app, app: true }) : NO_DATA,
    local.unit === undefined ? NO_DATA : juju.relationGet({ relation: id, target: invocation.unit }),
  ]);
  const { remoteApp, remoteAppData, remoteUnits } = read[0];
  return {
    id,
    endpoint,
    remoteApp,
    remoteAppData,
    remoteUnits,
    localAppData: read[1],
    localUnitData: read[2],
  };
}

type Remote = Pick<RelationSnapshot, "remoteApp" | "remoteAppData" | "remoteUnits">;

const NOBODY: readonly string[] = [];

/** The application is asked for only where neither the event nor a unit tells it. */
async function readRemote(
  { invocation, juju }: Reader,
  { role, remote }: EndpointDef,
  id: number,
): Promise<Remote> {
  const peer = role === "peer";
  const units = remote.unit === undefined ? NOBODY : await juju.relationList(id);
  const told = peer ? invocation.app : invocation.remoteAppOf(id) || units[0]?.split("/")[0];
  const remoteApp = told || (await juju.relationRemoteApp(id));
  const readsApp = remote.app !== undefined && !peer && remoteApp !== "";
  const app = readsApp ? juju.relationGet({ relation: id, target: remoteApp, app: true }) : NO_DATA;
  if (units.length === 0) return { remoteApp, remoteAppData: await app, remoteUnits: {} };
  const [remoteAppData, ...bags] = await Promise.all([
    app,
    ...units.map((unit) => juju.relationGet({ relation: id, target: unit })),
  ]);
  const remoteUnits = Object.fromEntries(units.map((unit, index) => [unit, bags[index] ?? NO_DATA]));
  return { remoteApp, remoteAppData, remoteUnits };
}
