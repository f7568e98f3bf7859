/** Relations between applications: which endpoints are meant, and how a relation begins and ends. */

import type { Endpoint } from "./charm-metadata.ts";
import { leaveUncreated, removeEmptyRelation } from "./databags.ts";
import { type Engine, keepRelation, relationsOf, status } from "./engine.ts";
import { ModelError } from "./errors.ts";
import { byText, isApplicationName } from "./names.ts";
import type { ApplicationState, RelationEndpoint, RelationState } from "./state.ts";
import { destroyOrphans, sweepApplications } from "./units.ts";

/** What `integrate` made. */
export interface RelationSummary {
  readonly id: number;
  /** Requirer first: `web:db postgresql:database`. */
  readonly key: string;
  readonly interface: string;
  readonly endpoints: readonly RelationEndpoint[];
}

interface End extends Endpoint {
  readonly app: string;
  readonly implicit: boolean;
}

interface Side {
  readonly text: string;
  readonly name: string;
  readonly alive: boolean;
  readonly subordinate: boolean;
  /** In another model. */
  readonly remote: boolean;
  readonly ends: readonly End[];
}

interface Pair {
  readonly provider: End;
  readonly requirer: End;
}

const JUJU_INFO: Endpoint = {
  name: "juju-info",
  role: "provider",
  interface: "juju-info",
  optional: true,
  scope: "global",
};

function framed(e: Engine, a: string, b: string, text: string): string {
  return e.major === 3 ? text : `adding relation between endpoints "${a}" and "${b}": ${text}`;
}

function parseEnd(text: string): { name: string; endpoint: string | undefined } {
  const parts = text.split(":");
  const [name = "", endpoint] = parts;
  if (parts.length > 2 || endpoint === "")
    throw new ModelError("ERR_NOT_VALID", `endpoint "${text}" not valid`);
  if (!isApplicationName(name)) throw new ModelError("ERR_NOT_VALID", `application name "${name}" not valid`);
  return { name, endpoint };
}

function sideOf(e: Engine, text: string, frame: (text: string) => string): Side {
  const { name, endpoint } = parseEnd(text);
  const known = localSide(e, name) ?? remoteSide(e, name);
  if (!known) {
    const missing = e.major === 3 ? `application "${name}" not found` : "application not found";
    throw new ModelError("ERR_NOT_FOUND", frame(missing));
  }
  const { peers, ...side } = known;
  if (endpoint === undefined) return { ...side, text };
  const ends = side.ends.filter((end) => end.name === endpoint);
  if (ends.length === 0 && !peers.includes(endpoint)) {
    throw new ModelError("ERR_NO_RELATION", frame(`application "${name}" has no "${endpoint}" relation`));
  }
  return { ...side, text, ends };
}

type KnownSide = Omit<Side, "text"> & { readonly peers: readonly string[] };

function localSide(e: Engine, name: string): KnownSide | undefined {
  const app = e.state.applications[name];
  if (!app) return undefined;
  const { endpoints, subordinate } = app.charm;
  const [declared, peers] = [
    Object.values(endpoints).filter((end) => end.role !== "peer"),
    peersOf(endpoints),
  ];
  const own = declared.map((end) => ({ ...end, app: name, implicit: false }));
  const ends = "juju-info" in endpoints ? own : [...own, { ...JUJU_INFO, app: name, implicit: true }];
  return { name, alive: app.life === "alive", subordinate, remote: false, ends, peers };
}

function peersOf(endpoints: Readonly<Record<string, Endpoint>>): string[] {
  return Object.values(endpoints).flatMap((end) => (end.role === "peer" ? end.name : []));
}

/** A consumed offer of another model. */
function remoteSide(e: Engine, name: string): KnownSide | undefined {
  const remote = e.state.remotes?.[name];
  if (remote?.side !== "consumes") return undefined;
  const ends = remote.endpoints.map((end) => ({ ...end, app: name, implicit: false }));
  return { name, alive: remote.life === "alive", subordinate: false, remote: true, ends, peers: [] };
}

function fits(a: Side, b: Side, x: End, y: End): boolean {
  if (x.interface !== y.interface || x.role === y.role || x.app === y.app) return false;
  const contained = x.scope === "container" || y.scope === "container";
  return !contained || a.subordinate || b.subordinate;
}

function pairsOf(a: Side, b: Side): Pair[] {
  return a.ends.flatMap((x) =>
    b.ends
      .filter((y) => fits(a, b, x, y))
      .map((y) => (x.role === "provider" ? { provider: x, requirer: y } : { provider: y, requirer: x })),
  );
}

function keyOf(pair: Pair): string {
  return `${pair.requirer.app}:${pair.requirer.name} ${pair.provider.app}:${pair.provider.name}`;
}

/** The one pair of endpoints that two texts mean. */
function infer(e: Engine, a: Side, b: Side, frame: (text: string) => string): Pair {
  const all = pairsOf(a, b);
  const explicit = all.length > 1 ? all.filter((pair) => !pair.provider.implicit) : all;
  const candidates = explicit.length > 0 ? explicit : all;
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length === 0) {
    const none = e.major === 3 ? "no relations found" : "no compatible endpoints found between applications";
    throw new ModelError("ERR_NO_RELATION", frame(none));
  }
  const keys = candidates.map((pair) => `"${keyOf(pair)}"`).sort(byText);
  const text = `ambiguous relation: "${a.text} ${b.text}" could refer to ${keys.join("; ")}`;
  throw new ModelError("ERR_AMBIGUOUS", frame(text));
}

function checkLimit(e: Engine, end: End, key: string): void {
  if (end.limit === undefined || end.limit === 0) return;
  const used = relationsOf(e, end.app).filter((relation) =>
    relation.endpoints.some((own) => own.app === end.app && own.endpoint === end.name),
  );
  if (used.length < end.limit) return;
  const text = `establishing a new relation for ${end.app}:${end.name} would exceed its maximum relation limit of ${end.limit}`;
  throw new ModelError("ERR_LIMIT", `cannot add relation "${key}": ${text}`);
}

function checkNew(e: Engine, pair: Pair, key: string): void {
  const existing = Object.values(e.state.relations).find((relation) => relation.key === key);
  if (!existing) return;
  const hint = "Use 'juju status --relations' to view the current relations.";
  const what = existing.life === "alive" ? "already exists" : "is dying, but not yet removed";
  const { requirer, provider } = pair;
  const text =
    e.major === 3
      ? `cannot add relation "${key}"\nrelation ${key} ${what}: \n\n${hint}`
      : `adding relation between endpoints "${requirer.app}:${requirer.name}" and "${provider.app}:${provider.name}"\nrelation ${key} ${what}\n\n${hint}`;
  throw new ModelError("ERR_ALREADY_EXISTS", text);
}

/** A new relation of two ends that fit. */
export function addRelation(
  e: Engine,
  o: Pick<RelationState, "key" | "interface" | "scope" | "endpoints" | "counterpart">,
): RelationState {
  const relation: RelationState = {
    id: e.state.nextRelation++,
    ...o,
    life: "alive",
    suspended: false,
    status: status(e, "joining", ""),
    appData: {},
    appVersion: {},
    unitData: {},
    unitVersion: {},
    members: [],
  };
  keepRelation(e, relation);
  return relation;
}

/** Peer relations that the charm declares and the application does not have yet. */
export function addPeerRelations(e: Engine, app: ApplicationState): void {
  const peers = Object.values(app.charm.endpoints).filter((end) => end.role === "peer");
  for (const end of peers.sort((a, b) => byText(a.name, b.name))) {
    const key = `${app.name}:${end.name}`;
    if (Object.values(e.state.relations).some((relation) => relation.key === key)) continue;
    const endpoints: RelationEndpoint[] = [{ app: app.name, endpoint: end.name, role: "peer" }];
    addRelation(e, { key, interface: end.interface, scope: "global", endpoints });
  }
}

/**
 * Relates two applications, given as `app` or `app:endpoint`.
 *
 * @throws {ModelError} `ERR_NOT_FOUND`, `ERR_NOT_VALID`, `ERR_NO_RELATION`, `ERR_AMBIGUOUS`,
 *   `ERR_ALREADY_EXISTS`, `ERR_LIMIT`.
 */
export function integrate(e: Engine, a: string, b: string): RelationSummary {
  const frame = (text: string) => framed(e, a, b, text);
  const sides = [sideOf(e, a, frame), sideOf(e, b, frame)] as const;
  if (sides.every((side) => side.remote)) {
    const names = sides.map(({ name }) => `"${name}"`).join(" and ");
    throw new ModelError("ERR_NOT_SUPPORTED", `cannot add relation between saas applications ${names}`);
  }
  const pair = infer(e, ...sides, frame);
  const key = keyOf(pair);
  for (const side of sides) {
    if (!side.alive) throw new ModelError("ERR_STATE", frame(`application ${side.name} is not alive`));
  }
  checkNew(e, pair, key);
  checkLimit(e, pair.requirer, key);
  checkLimit(e, pair.provider, key);
  const container = pair.requirer.scope === "container" || pair.provider.scope === "container";
  const endpoints = [pair.requirer, pair.provider].map(({ app, name, role }) => ({
    app,
    endpoint: name,
    role,
  }));
  const scope = container ? "container" : "global";
  const relation = addRelation(e, { key, interface: pair.provider.interface, scope, endpoints });
  return { id: relation.id, key, interface: relation.interface, endpoints };
}

/** The relation that two texts mean, among those that exist. */
function existingBetween(e: Engine, a: string, b: string): RelationState {
  const [x, y] = [parseEnd(a), parseEnd(b)];
  for (const { name } of [x, y]) {
    if (e.state.applications[name] || e.state.remotes?.[name]) continue;
    throw new ModelError("ERR_NOT_FOUND", `application "${name}" not found`);
  }
  const has = (relation: RelationState, end: { name: string; endpoint: string | undefined }) =>
    relation.endpoints.some(
      (o) => o.app === end.name && (end.endpoint === undefined || o.endpoint === end.endpoint),
    );
  const found = Object.values(e.state.relations).filter(
    (relation) => relation.endpoints.length === 2 && has(relation, x) && has(relation, y),
  );
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    const named = x.endpoint !== undefined && y.endpoint !== undefined;
    throw new ModelError("ERR_NO_RELATION", named ? `relation "${a} ${b}" not found` : "no relations found");
  }
  const keys = found.map((relation) => `"${relation.key}"`).sort(byText);
  throw new ModelError("ERR_AMBIGUOUS", `ambiguous relation: "${a} ${b}" could refer to ${keys.join("; ")}`);
}

/** Starts a relation's end; without units in it, it is gone at once. */
export function destroyRelation(e: Engine, relation: RelationState): void {
  if (relation.life === "alive") relation.life = "dying";
  for (const member of [...relation.members]) {
    const u = e.state.units[member];
    if (u) leaveUncreated(e, u);
  }
  removeEmptyRelation(e, relation);
  destroyOrphans(e);
  sweepApplications(e);
}

/** @throws {ModelError} `ERR_NO_RELATION`, `ERR_NOT_FOUND`, `ERR_AMBIGUOUS`, `ERR_NOT_VALID`. */
export function removeRelation(e: Engine, a: string, b: string): void {
  destroyRelation(e, existingBetween(e, a, b));
}

/** @throws {ModelError} `ERR_NO_RELATION`; peer relations end with their application. */
export function removeRelationById(e: Engine, id: number): void {
  const relation = e.state.relations[id];
  if (!relation) throw new ModelError("ERR_NO_RELATION", `relation ${id} not found`);
  if (relation.endpoints.length === 1) {
    throw new ModelError(
      "ERR_NOT_SUPPORTED",
      `cannot destroy relation "${relation.key}": is a peer relation`,
    );
  }
  destroyRelation(e, relation);
}
