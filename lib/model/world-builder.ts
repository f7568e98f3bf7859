/** Builds the world that one hook sees, from the state at its beginning. */

import { localEnd, networkData, remoteApp } from "./databags.ts";
import { type Engine, isLeader, relationsOf, sortedKeys, unitsOf } from "./engine.ts";
import { goalState } from "./goal-state.ts";
import { unitTag } from "./names.ts";
import { networkOf } from "./network.ts";
import { effectiveConfig } from "./options.ts";
import { mayRead } from "./secret-events.ts";
import type {
  Databag,
  HookInfo,
  RelationState,
  SecretState,
  StatusRecord,
  TaskState,
  UnitState,
} from "./state.ts";
import { derivedApplicationStatus, shownWorkload } from "./statuses.ts";
import type {
  HookWorld,
  WorldAction,
  WorldHook,
  WorldNetwork,
  WorldRelation,
  WorldSecret,
  WorldStatus,
} from "./world.ts";

/** What is running: a hook, or a task. */
export type Running = { readonly info: HookInfo } | { readonly task: TaskState };

/** Remote units this hook may know: those that joined, with the one that joins and without the one that departs. */
function membersFor(u: UnitState, relation: RelationState, info: HookInfo | undefined): string[] {
  const known = Object.keys(u.relations[relation.id]?.members ?? {});
  if (info?.relationId !== relation.id || !info.remoteUnit) return known.sort();
  const members = new Set(known);
  if (info.kind === "relation-joined") members.add(info.remoteUnit);
  if (info.kind === "relation-departed") members.delete(info.remoteUnit);
  return [...members].sort();
}

function relationWorld(
  e: Engine,
  u: UnitState,
  relation: RelationState,
  info: HookInfo | undefined,
): WorldRelation {
  const end = localEnd(relation, u.app);
  const remote = remoteApp(relation, u.app);
  const elsewhere = e.state.remotes?.[remote];
  const data: Record<string, Databag> = {};
  for (const { app } of relation.endpoints) data[app] = relation.appData[app] ?? {};
  return {
    id: relation.id,
    key: relation.key,
    endpoint: end.endpoint,
    role: end.role,
    interface: relation.interface,
    "remote-app": remote,
    ...(elsewhere === undefined ? {} : { "remote-model-uuid": elsewhere.modelUuid }),
    // 4.0 lists a dying relation until its `broken` has run; 3.6 leaves it out once nobody is in it.
    ...(relation.life !== "alive" && e.major === 3 ? { life: "dying" as const } : {}),
    members: membersFor(u, relation, info),
    // Databags are replaced and never written into.
    data: Object.assign(data, relation.unitData),
  };
}

/** Relations the unit knows: those it is in scope of. */
function relationsFor(e: Engine, u: UnitState, info: HookInfo | undefined): WorldRelation[] {
  return relationsOf(e, u.app)
    .filter((relation) => u.relations[relation.id]?.inScope)
    .map((relation) => relationWorld(e, u, relation, info));
}

function secretTimes(secret: SecretState): Partial<WorldSecret> {
  return {
    ...(secret.rotateAt === undefined ? {} : { "next-rotate": new Date(secret.rotateAt).toISOString() }),
    ...(secret.expireAt === undefined ? {} : { expires: new Date(secret.expireAt).toISOString() }),
  };
}

function secretWorld(u: UnitState, secret: SecretState): WorldSecret {
  const consumer = secret.consumers[u.name];
  const readable = mayRead(u, secret);
  return {
    id: secret.id,
    ...(secret.owner === u.name || secret.owner === u.app ? ownSecret(secret) : NOT_OURS),
    revision: secret.latest,
    readable,
    content: readable ? { ...secret.content } : {},
    ...(consumer ? { tracked: consumer.tracked } : {}),
    ...(consumer?.label ? { "consumer-label": consumer.label } : {}),
  };
}

const NOT_OURS = { owner: "", label: "", checksum: "" };

/** What only an owner is told. */
function ownSecret(secret: SecretState): Partial<WorldSecret> & typeof NOT_OURS {
  const { ownerKind, owner, label, description, rotate } = secret;
  const access = secret.grants.map((grant) => ({
    "target-tag": grant.subject.includes("/") ? unitTag(grant.subject) : `application-${grant.subject}`,
    "scope-tag": grant.scope,
    role: grant.role,
  }));
  return {
    owner: ownerKind === "unit" ? unitTag(owner) : `application-${owner}`,
    label,
    description,
    rotate,
    ...secretTimes(secret),
    access,
    checksum: secret.checksums[secret.latest] ?? "",
  };
}

/** Read when a hook first asks for one, as Juju does, and then the same until it ends. */
function secretsOnce(e: Engine, u: UnitState): () => readonly WorldSecret[] {
  let read: readonly WorldSecret[] | undefined;
  return () => {
    read ??= sortedKeys(e.state.secrets).map((id) => secretWorld(u, e.state.secrets[id]!));
    return read;
  };
}

/** What a hook is about: name in the world → where the engine has it. */
const HOOK_FIELDS = [
  ["relation-id", "relationId"],
  ["remote-unit", "remoteUnit"],
  ["remote-app", "remoteApp"],
  ["departing-unit", "departingUnit"],
  ["storage-id", "storageId"],
  ["workload", "container"],
  ["notice-id", "noticeId"],
  ["notice-type", "noticeType"],
  ["notice-key", "noticeKey"],
  ["check-name", "checkName"],
  ["secret-label", "secretLabel"],
  ["secret-revision", "secretRevision"],
] as const satisfies readonly (readonly [string, keyof HookInfo])[];

function hookWorld(info: HookInfo): WorldHook {
  const world: Record<string, unknown> & { kind: string } = { kind: info.kind };
  if (info.secretId !== undefined) world["secret-uri"] = `secret:${info.secretId}`;
  for (const [name, field] of HOOK_FIELDS) if (info[field] !== undefined) world[name] = info[field];
  return world;
}

function actionWorld(task: TaskState): WorldAction {
  return { name: task.name, id: task.id, params: structuredClone(task.params) };
}

function statusWorld({ status, message, data }: StatusRecord): WorldStatus {
  return { status, message, data: data ?? {} };
}

function networks(e: Engine, u: UnitState): Record<string, WorldNetwork> {
  const app = e.state.applications[u.app]!;
  const names = [...Object.keys(app.charm.endpoints), ...app.charm.extraBindings, "juju-info"];
  return Object.fromEntries(names.map((name) => [name, networkOf(e, u, name)]));
}

function portsWorld(e: Engine, u: UnitState): NonNullable<HookWorld["ports"]> {
  const neighbours = Object.values(e.state.units).filter(
    (other) => other === u || (!e.kubernetes && other.machine === u.machine),
  );
  const open = neighbours.filter((other) => other === u || Object.keys(other.ports).length > 0);
  return Object.fromEntries(open.map((other) => [other.name, { ...other.ports }]));
}

/** Where each resource that was given is for this unit. */
function resourcePaths(e: Engine, u: UnitState): Record<string, string> {
  const app = e.state.applications[u.app]!;
  const folder = e.paths(u.name).resources;
  const given = Object.keys(app.resources).filter((name) => name in app.charm.resources);
  return Object.fromEntries(
    given.map((name) => {
      const resource = app.charm.resources[name]!;
      const file = resource.type === "oci-image" ? "content.yaml" : (resource.filename ?? name);
      return [name, `${folder}/${name}/${file}`];
    }),
  );
}

/** The world of one hook or task. Later changes of the model do not show in it. */
export function buildWorld(e: Engine, u: UnitState, running: Running): HookWorld {
  const app = e.state.applications[u.app]!;
  const info = "info" in running ? running.info : undefined;
  const address = networkData(e, u)["ingress-address"];
  return {
    model: { name: e.state.name, uuid: e.state.uuid, type: e.kubernetes ? "caas" : "iaas" },
    unit: u.name,
    machine: u.machine,
    zone: "",
    principal: u.principal ?? "",
    leader: isLeader(e, u),
    "api-addresses": e.apiAddresses,
    "cloud-api-version": e.cloudApiVersion,
    // Values of options, and lists of ports, are replaced and never written into.
    "model-config": { ...e.state.config },
    config: effectiveConfig(app),
    relations: relationsFor(e, u, info),
    ...("task" in running ? { action: actionWorld(running.task) } : { hook: hookWorld(running.info) }),
    "unit-status": statusWorld(u.workload),
    // Juju answers these as they are when it is asked.
    "app-status": () => statusWorld(app.status ?? derivedApplicationStatus(e, app)),
    "unit-statuses": () => {
      const others = unitsOf(e, u.app).filter((other) => other !== u);
      return Object.fromEntries(others.map((other) => [other.name, statusWorld(shownWorkload(other))]));
    },
    "goal-state": () => goalState(e, u),
    networks: () => networks(e, u),
    ...(address === undefined ? {} : { "public-address": address }),
    storage: u.storage.map(({ id, kind, location }) => ({ id, kind, location })),
    state: { ...u.charmState },
    ports: portsWorld(e, u),
    secrets: secretsOnce(e, u),
    resources: resourcePaths(e, u),
    "leader-settings": { ...app.leaderSettings },
    "workload-version": app.workloadVersion,
  };
}
