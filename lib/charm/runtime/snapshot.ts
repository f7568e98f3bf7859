/**
 * What the hook can see, read before the handler in a few rounds of parallel questions, each asked once:
 * handlers then read without waiting.
 *
 * @module
 */

import { HookCommandError } from "../../hook/errors.ts";
import type { HookCommands } from "../../hook/hook-commands.ts";
import { type CharmContract, endpointsOf } from "../contract.ts";
import type { RawDatabag } from "../databag.ts";
import type { EndpointDef } from "../interface.ts";
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
  /** By endpoint, in order of ids. */
  readonly relations: ReadonlyMap<string, readonly RelationSnapshot[]>;
}

/** Reads leadership, options and every relation of the contract. */
export async function readSnapshot(
  contract: CharmContract,
  invocation: Invocation,
  juju: HookCommands,
): Promise<Snapshot> {
  const endpoints = endpointsOf(contract);
  const hasConfig = Object.keys(contract.config ?? {}).length > 0;
  const [leader, config, ids] = await Promise.all([
    juju.isLeader(),
    hasConfig ? juju.configGet() : {},
    Promise.all(endpoints.map(([name]) => juju.relationIds(name))),
  ]);
  const asked = endpoints.flatMap(([name, definition], index) =>
    (ids[index] ?? [])
      .map(relationNumber)
      .filter((id) => id !== invocation.breaking)
      .sort((a, b) => a - b)
      .map((id) => readUnlessGone({ name, definition, id, leader, invocation, juju })),
  );
  const relations = new Map<string, RelationSnapshot[]>(endpoints.map(([name]) => [name, []]));
  for (const relation of await Promise.all(asked)) {
    if (relation !== undefined) relations.get(relation.endpoint)?.push(relation);
  }
  return { leader, config, relations };
}

interface Question {
  readonly name: string;
  readonly definition: EndpointDef;
  readonly id: number;
  readonly leader: boolean;
  readonly invocation: Invocation;
  readonly juju: HookCommands;
}

/** The number in `oauth:3`, which is all that Juju looks at. */
function relationNumber(id: string): number {
  return Number(id.slice(id.lastIndexOf(":") + 1));
}

/** `undefined` when the relation went away while it was read. */
function readUnlessGone(question: Question): Promise<RelationSnapshot | undefined> {
  return readRelation(question).catch((error: unknown) => {
    if (error instanceof HookCommandError && error.reason === "not-found") return undefined;
    throw error;
  });
}

const NO_DATA: RawDatabag = Object.freeze({});

async function readRelation(question: Question): Promise<RelationSnapshot> {
  const { definition, id, juju, invocation, name: endpoint } = question;
  const { local, role } = definition;
  const readsOwn = local.app !== undefined && (question.leader || role === "peer");
  const [{ remoteApp, remoteAppData, remoteUnits }, localAppData, localUnitData] = await Promise.all([
    readRemote(question),
    readsOwn ? juju.relationGet({ relation: id, target: invocation.app, app: true }) : NO_DATA,
    local.unit === undefined ? NO_DATA : juju.relationGet({ relation: id, target: invocation.unit }),
  ]);
  return { id, endpoint, remoteApp, remoteAppData, remoteUnits, localAppData, localUnitData };
}

/** What the other side has written. */
async function readRemote(
  question: Question,
): Promise<Pick<RelationSnapshot, "remoteApp" | "remoteAppData" | "remoteUnits">> {
  const { definition, id, juju } = question;
  const { remoteApp, units } = await remoteOf(question);
  const readsApp = definition.remote.app !== undefined && definition.role !== "peer" && remoteApp !== "";
  const ofApp = readsApp ? juju.relationGet({ relation: id, target: remoteApp, app: true }) : NO_DATA;
  if (units.length === 0) return { remoteApp, remoteAppData: await ofApp, remoteUnits: {} };
  const [remoteAppData, ...bags] = await Promise.all([
    ofApp,
    ...units.map((target) => juju.relationGet({ relation: id, target })),
  ]);
  const remoteUnits = Object.fromEntries(units.map((unit, index) => [unit, bags[index] ?? NO_DATA]));
  return { remoteApp, remoteAppData, remoteUnits };
}

interface Remote {
  /** Empty when Juju names none. */
  readonly remoteApp: string;
  /** Empty where the interface has no unit data. */
  readonly units: readonly string[];
}

const NOBODY: readonly string[] = [];

/** The application is asked for only where neither the event nor a unit tells it. */
async function remoteOf({ id, definition, invocation, juju }: Question): Promise<Remote> {
  const units = definition.remote.unit === undefined ? NOBODY : await juju.relationList(id);
  if (definition.role === "peer") return { remoteApp: invocation.app, units };
  const told = invocation.remoteAppOf(id) || units[0]?.split("/")[0];
  return { remoteApp: told || (await juju.relationRemoteApp(id)), units };
}
