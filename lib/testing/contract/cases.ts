/**
 * Contract tests of a charm, made from the schemas of its interfaces: for each endpoint, everything that the other
 * side may say, and what must hold whatever it says. Knows no test runner.
 *
 * @module
 */

import { type CharmContract, type CharmProgram, endpointsOf } from "../../charm/contract.ts";
import { type AnyDatabag, decode, encode, type RawDatabag } from "../../charm/databag.ts";
import type { EndpointDef } from "../../charm/interface.ts";
import type { AnyOutcome, RelationOutcome } from "../outcome-shapes.ts";
import type { AnyRelationState, AnyState, State } from "../state.ts";
import { transition } from "../transition.ts";
import { requiredRelations, type SamplesByEndpoint } from "./complete-state.ts";
import { fullOf, type Samples, type Variant, variantsOf } from "./variants.ts";

/** One contract test. */
export interface ContractCase {
  readonly endpoint: string;
  /** `the other side lacks "ingress"`. */
  readonly title: string;
  /** @throws {ContractError} When the charm does not keep its side of the contract. */
  run(): Promise<void>;
}

/** A charm did not keep its side of a contract. */
export class ContractError extends Error {
  override readonly name = "ContractError";
}

/** What contract tests cannot know by themselves. */
export interface ContractOptions<M> {
  /** What the charm needs beside the endpoint under test, so that it could be active. */
  readonly state?: State<M>;
  /** Databags of the other side, by endpoint, where the schema does not tell enough. */
  readonly samples?: SamplesByEndpoint;
  /** How statuses name an endpoint, where not by its own name. */
  readonly names?: Readonly<Record<string, RegExp>>;
}

/** Every contract test of a charm. */
export function contractCases<M extends CharmContract>(
  charm: CharmProgram<M>,
  options: ContractOptions<M> = {},
): readonly ContractCase[] {
  const { contract } = charm;
  return endpointsOf(contract).flatMap(([endpoint, definition]) => {
    const suite: Suite = {
      charm,
      contract,
      endpoint,
      definition,
      options: options as ContractOptions<CharmContract>,
    };
    return situations(suite).map((situation) => ({
      endpoint,
      title: situation.title,
      run: async () => {
        for (const leader of [true, false]) await check(suite, situation, leader);
      },
    }));
  });
}

interface Suite {
  readonly charm: CharmProgram;
  readonly contract: CharmContract;
  readonly endpoint: string;
  readonly definition: EndpointDef;
  readonly options: ContractOptions<CharmContract>;
}

/** One state of the endpoint under test. */
interface Situation {
  readonly title: string;
  /** Absent: not related. */
  readonly relation?: AnyRelationState;
  /** Whether the charm has been told all it must be told. */
  readonly ready: boolean;
}

function situations(suite: Suite): readonly Situation[] {
  const { definition, endpoint, options } = suite;
  const samples = options.samples?.[endpoint] ?? {};
  const { app, unit } = definition.remote;
  const appFull = app === undefined ? {} : fullOf(app, samples.app);
  const unitFull = unit === undefined ? {} : fullOf(unit, samples.unit);
  const peer = definition.role === "peer";
  const who = peer ? "the application" : "the other side";
  const relation = (appRaw: RawDatabag, unitRaw: RawDatabag): AnyRelationState => ({
    ...(peer ? { localAppRaw: appRaw } : { remoteAppRaw: appRaw }),
    units: { [peer ? 1 : 0]: { raw: unitRaw } },
  });
  const found: Situation[] = peer ? [] : [{ title: `${who} is not there`, ready: false }];
  found.push({
    title: `${who} has no units yet`,
    relation: { ...relation({}, {}), units: 0 },
    ready: saysNothing(definition),
  });
  if (app === undefined && unit === undefined)
    return [...found, { title: `${who} is there`, relation: relation({}, {}), ready: true }];
  const add = (
    bag: AnyDatabag | undefined,
    name: string,
    given: Samples | undefined,
    make: (raw: RawDatabag) => AnyRelationState,
  ) => {
    for (const variant of bag === undefined ? [] : variantsOf(bag, given))
      found.push({
        title: `${name} ${variant.title}`,
        relation: make(variant.raw),
        ready: isReady(bag, variant),
      });
  };
  add(app, who, samples.app, (raw) => relation(raw, unitFull));
  add(unit, peer ? "a peer" : "its unit", samples.unit, (raw) => relation(appFull, raw));
  return found;
}

const saysNothing = ({ remote }: EndpointDef): boolean =>
  remote.app === undefined && remote.unit === undefined;

function isReady(bag: AnyDatabag | undefined, { raw }: Variant): boolean {
  return bag === undefined || decode(bag, raw).state === "ready";
}

function stateWith(suite: Suite, situation: Situation, leader: boolean): AnyState {
  const { endpoint, options } = suite;
  const state = (options.state ?? {}) as AnyState;
  const { [endpoint]: replaced, ...others } = (state.relations ?? {}) as Record<string, AnyRelationState>;
  const base = [replaced ?? {}].flat()[0] ?? {};
  const { remoteApp } = base;
  const mine = { ...(remoteApp === undefined ? {} : { remoteApp }), ...situation.relation };
  const relations = {
    ...whatElseIsRequired(suite),
    ...others,
    ...(situation.relation === undefined ? {} : { [endpoint]: mine }),
  };
  return { ...state, leader, relations } as AnyState;
}

/** Relations of the other endpoints that the charm cannot do without, which say everything. */
function whatElseIsRequired({ contract, endpoint, options }: Suite): Record<string, AnyRelationState> {
  const { [endpoint]: _own, ...others } = requiredRelations(contract, options.samples);
  return others;
}

async function check(suite: Suite, situation: Situation, leader: boolean): Promise<void> {
  const state = stateWith(suite, situation, leader);
  const event = situation.relation === undefined ? "update-status" : `${suite.endpoint}-relation-changed`;
  const before = saidBefore(suite, state);
  const first = await run(suite, event, state, leader);
  publishesValid(suite, first, before);
  if (!leader) followerIsQuiet(first, before);
  saysWhyNot(suite, situation, first);
  const second = await run(suite, "update-status", first.next as AnyState, leader);
  saysNothingNew(first, second);
}

async function run({ charm }: Suite, event: string, state: AnyState, leader: boolean): Promise<AnyOutcome> {
  try {
    return (await transition(charm, event as "start", state as never)) as unknown as AnyOutcome;
  } catch (cause) {
    const who = leader ? "leader" : "follower";
    throw new ContractError(`the ${who} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

type Relations = Readonly<Record<string, readonly RelationOutcome[]>>;
const relationsIn = (outcome: AnyOutcome): Relations => outcome.relations as unknown as Relations;

interface Said {
  readonly app: RawDatabag;
  readonly unit: RawDatabag;
}
type SaidBefore = ReadonlyMap<string, readonly Said[]>;

/** What this side says before the event. */
function saidBefore({ contract }: Suite, state: AnyState): SaidBefore {
  const all = endpointsOf(contract).map(([name, { local }]) => {
    const given = [state.relations?.[name] ?? {}].flat() as readonly AnyRelationState[];
    const bag = (databag: AnyDatabag | undefined, raw: RawDatabag | undefined, data: unknown): RawDatabag =>
      raw ?? (databag === undefined || data === undefined ? {} : encode(databag, data));
    const said = given.map((one) => ({
      app: bag(local.app, one.localAppRaw, one.localAppData),
      unit: bag(local.unit, one.localUnitRaw, one.localUnitData),
    }));
    return [name, said] as const;
  });
  return new Map(all);
}

const sameText = (a: RawDatabag, b: RawDatabag): boolean =>
  Object.keys({ ...a, ...b }).every((key) => (a[key] ?? "") === (b[key] ?? ""));

/** What is said anew must be what the interface allows; what was there before is somebody else's word. */
function publishesValid({ contract }: Suite, outcome: AnyOutcome, before: SaidBefore): void {
  for (const [name, { local }] of endpointsOf(contract)) {
    for (const [index, { localAppData, localUnitData }] of (relationsIn(outcome)[name] ?? []).entries()) {
      const was = before.get(name)?.[index];
      if (!sameText(localAppData, was?.app ?? {})) valid(name, "application", local.app, localAppData);
      if (!sameText(localUnitData, was?.unit ?? {})) valid(name, "unit", local.unit, localUnitData);
    }
  }
}

function valid(endpoint: string, which: string, bag: AnyDatabag | undefined, raw: RawDatabag): void {
  const written = Object.keys(raw);
  if (written.length === 0) return;
  if (bag === undefined)
    throw new ContractError(
      `on ${endpoint} the ${which} says ${written.join(", ")}, the interface has no such databag`,
    );
  const decoded = decode(bag, raw);
  if (decoded.state !== "invalid") return;
  const { path, message } = decoded.issues[0] ?? { path: [], message: "is not valid" };
  throw new ContractError(
    `on ${endpoint} the ${which} says what the interface refuses: ${[...path, message].join(": ")}`,
  );
}

function followerIsQuiet(outcome: AnyOutcome, before: SaidBefore): void {
  for (const [name, relations] of Object.entries(relationsIn(outcome))) {
    for (const [index, { localAppData }] of relations.entries()) {
      if (!sameText(localAppData, before.get(name)?.[index]?.app ?? {}))
        throw new ContractError(`the follower changed the application's databag on ${name}`);
    }
  }
}

/** A required endpoint that is not ready is why the charm is not active, and its status says so. */
function saysWhyNot(
  { endpoint, definition, options }: Suite,
  situation: Situation,
  { status }: AnyOutcome,
): void {
  if (situation.ready || definition.role === "peer" || definition.options.optional === true) return;
  const shown = `${status.name}: ${status.message}`;
  if (status.name !== "waiting" && status.name !== "blocked")
    throw new ContractError(
      `${endpoint} is required and not ready, the status must be waiting or blocked, is "${shown}"`,
    );
  const name = options.names?.[endpoint] ?? new RegExp(`\\b${endpoint}\\b`);
  if (!name.test(status.message))
    throw new ContractError(`${endpoint} is not ready, the status must name it, is "${shown}"`);
}

const WRITES = /^(relation-set|secret-add|secret-set|secret-remove|open-port|close-port) /;

/** Nothing happened since: nothing is written, and nothing restarts. */
function saysNothingNew(first: AnyOutcome, second: AnyOutcome): void {
  const written = second.commands.filter((line) => WRITES.test(line));
  if (written.length > 0) throw new ContractError(`the same event again writes: ${written[0]}`);
  for (const [name, { starts }] of Object.entries(
    second.containers as Readonly<Record<string, { starts: object }>>,
  )) {
    const restarted = Object.keys(starts);
    if (restarted.length > 0)
      throw new ContractError(`the same event again restarts ${restarted.join(", ")} in ${name}`);
  }
  if (first.status.name === "active" && second.status.name !== "active")
    throw new ContractError(`the same event again is ${second.status.name}: ${second.status.message}`);
}
