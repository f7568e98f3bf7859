/**
 * What travels over relations between two models: who is there, databags, ends, and granted secrets. Each
 * model has a relation of its own, with its own id; the other side is an application that is elsewhere.
 *
 * @module
 */

import { uuidOf } from "./commit.ts";
import { removeEmptyRelation, writeAppData, writeUnitData } from "./databags.ts";
import { type Engine, relationsOf } from "./engine.ts";
import { applicationOf, isUnitOf } from "./names.ts";
import { findOffer, remember, sweepRemotes } from "./offers.ts";
import { addRelation, destroyRelation } from "./relations.ts";
import type { RelationState, RemoteApplicationState, SecretState } from "./state.ts";
import { sweepApplications } from "./units.ts";

/** One side of a relation between models. */
interface End {
  readonly e: Engine;
  readonly relation: RelationState;
  /** The application that is in this model. */
  readonly local: string;
  /** Name of the other one here. */
  readonly remote: string;
}

/** Brings both models up to date with each other, in both directions. */
export function synchronise(a: Engine, b: Engine): void {
  connect(a, b);
  connect(b, a);
  for (const relation of Object.values(a.state.relations)) {
    const pair = pairOf(a, b, relation);
    if (pair) carry(...pair);
  }
  for (const e of [a, b]) {
    endWidowed(e, e === a ? b : a);
    sweepRemotes(e);
  }
}

function remoteOf(e: Engine, relation: RelationState): RemoteApplicationState | undefined {
  return relation.endpoints.map((end) => e.state.remotes?.[end.app]).find((remote) => remote !== undefined);
}

/** Makes the offering side of relations that the consuming model has made. */
function connect(consumer: Engine, offering: Engine): void {
  for (const relation of Object.values(consumer.state.relations)) {
    const saas = remoteOf(consumer, relation);
    if (saas?.side !== "consumes" || saas.modelUuid !== offering.state.uuid) continue;
    if (relation.counterpart === undefined && relation.life === "alive") {
      relation.counterpart = offeringSide(consumer, offering, { relation, saas }).id;
    }
  }
}

function offeringSide(
  consumer: Engine,
  offering: Engine,
  { relation, saas }: { relation: RelationState; saas: RemoteApplicationState },
): RelationState {
  const { app } = findOffer(offering, saas.offer);
  const own = relation.endpoints.find((end) => end.app !== saas.name)!;
  const theirs = relation.endpoints.find((end) => end.app === saas.name)!;
  const { uuid: modelUuid, name: model } = consumer.state;
  const name = `remote-${uuidOf(consumer, own.app).replaceAll("-", "")}`;
  remember(offering, {
    name,
    side: "offers",
    life: "alive",
    model,
    modelUuid,
    offer: saas.offer,
    url: "",
    endpoints: [],
  });
  const ends = relation.endpoints.map((end) => (end === own ? { ...end, app: name } : { ...theirs, app }));
  const key = ends.map((end) => `${end.app}:${end.endpoint}`).join(" ");
  const { interface: spoken } = relation;
  return addRelation(offering, {
    key,
    interface: spoken,
    scope: "global",
    endpoints: ends,
    counterpart: relation.id,
  });
}

function sideOf(e: Engine, relation: RelationState): End | undefined {
  const remote = remoteOf(e, relation)?.name;
  const local = relation.endpoints.find((end) => end.app !== remote)?.app;
  return remote === undefined || local === undefined ? undefined : { e, relation, local, remote };
}

/** Both sides of one relation, if the other model has its. */
function pairOf(a: Engine, b: Engine, relation: RelationState): readonly [End, End] | undefined {
  if (remoteOf(a, relation)?.modelUuid !== b.state.uuid || relation.counterpart === undefined)
    return undefined;
  const other = b.state.relations[relation.counterpart];
  if (other === undefined) return undefined;
  const [here, there] = [sideOf(a, relation), sideOf(b, other)];
  return here && there && [here, there];
}

function carry(here: End, there: End): void {
  tell(here, there);
  tell(there, here);
  share(here, there);
  share(there, here);
  const dying = [here, there].some(({ relation }) => relation.life !== "alive");
  for (const { e, relation } of [here, there]) {
    if (dying && relation.life === "alive") destroyRelation(e, relation);
    removeEmptyRelation(e, relation);
    sweepApplications(e);
  }
}

/** What one side says and who it is, as the other sees it. */
function tell(from: End, to: End): void {
  const renamed = (unit: string) => `${to.remote}${unit.slice(from.local.length)}`;
  const present = from.relation.members.filter((unit) => isUnitOf(unit, from.local));
  const kept = to.relation.members.filter((unit) => !isUnitOf(unit, to.remote));
  to.relation.members = [...kept, ...present.map(renamed)];
  const app = from.relation.appData[from.local];
  if (app) writeAppData(to.relation, to.remote, app);
  for (const unit of present) writeUnitData(to.relation, renamed(unit), from.relation.unitData[unit] ?? {});
}

/** Secrets that the one side has granted to the other, and what the other reads of them. */
function share(from: End, to: End): void {
  for (const secret of Object.values(from.e.state.secrets)) {
    if (secret.source !== undefined) continue;
    const granted = secret.grants.some((grant) => applicationOf(grant.subject) === from.remote);
    const mirror = to.e.state.secrets[secret.id];
    if (granted || mirror) mirrored(secret, granted, { from, to });
  }
  for (const mirror of Object.values(to.e.state.secrets)) {
    const gone = mirror.source === from.e.state.uuid && !from.e.state.secrets[mirror.id];
    if (gone) delete to.e.state.secrets[mirror.id];
  }
}

function mirrored(secret: SecretState, granted: boolean, { from, to }: { from: End; to: End }): void {
  const before = to.e.state.secrets[secret.id];
  const consumers = before?.consumers ?? {};
  const others = before?.grants.filter((grant) => grant.subject !== to.local) ?? [];
  const own = { subject: to.local, scope: "", role: "view", relation: to.relation.id };
  to.e.state.secrets[secret.id] = {
    ...secret,
    source: from.e.state.uuid,
    owner: to.remote,
    ownerKind: "application",
    label: "",
    description: "",
    rotate: "never",
    content: { ...secret.content },
    removeTold: [],
    grants: granted ? [...others, own] : others,
    consumers,
  };
  for (const unit of Object.keys(secret.consumers)) {
    if (isUnitOf(unit, from.remote)) delete secret.consumers[unit];
  }
  for (const [unit, consumer] of Object.entries(consumers)) {
    if (isUnitOf(unit, to.local)) {
      secret.consumers[`${from.remote}${unit.slice(to.local.length)}`] = { ...consumer, told: secret.latest };
    }
  }
}

/** Ends what is left of relations whose other side is gone. */
function endWidowed(e: Engine, other: Engine): void {
  for (const relation of Object.values(e.state.relations)) {
    const remote = remoteOf(e, relation);
    if (remote?.modelUuid !== other.state.uuid || relation.counterpart === undefined) continue;
    if (other.state.relations[relation.counterpart]) continue;
    relation.members = relation.members.filter((unit) => !isUnitOf(unit, remote.name));
    destroyRelation(e, relation);
  }
  for (const secret of Object.values(e.state.secrets)) {
    const related = relationsOf(e, secret.owner).length > 0;
    if (secret.source === other.state.uuid && !related) delete e.state.secrets[secret.id];
  }
}
