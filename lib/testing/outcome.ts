import { type CharmContract, endpointsOf } from "../charm/contract.ts";
import { JUJU_UNIT_KEYS } from "../charm/databag.ts";
import type { HookChanges } from "../model/hook-context/index.ts";
import type { ImmediateCall } from "../model/hook-context/types.ts";
import type { HookWorld, WorldRelation, WorldSecret } from "../model/world.ts";
import type { FakePebble } from "./pebble/fake-pebble.ts";
import type { ActionOutcome, ContainerOutcome, Outcome, RelationOutcome, SecretOutcome } from "./state.ts";

/** What one event left behind. */
export interface After {
  readonly contract: CharmContract;
  readonly world: HookWorld;
  readonly commit: HookChanges | undefined;
  readonly immediate: readonly ImmediateCall[];
  readonly pebbles: ReadonlyMap<string, FakePebble>;
  readonly action: Pick<ActionOutcome, "results" | "failure"> | undefined;
}

/** The state after the event: what was there, with what the hook committed and what it did at once. */
export function outcomeOf(after: After): Outcome<CharmContract> {
  const { contract, world, commit, immediate, pebbles } = after;
  const status = immediate.findLast((call) => call.kind === "unit-status");
  const version = immediate.findLast((call) => call.kind === "workload-version");
  const messages = immediate.flatMap((call) => (call.kind === "action-log" ? [call.message] : []));
  return {
    status: { name: (status?.status ?? "unknown") as "unknown", message: status?.message ?? "" },
    relations: relationsOf(contract, world, commit) as never,
    containers: Object.fromEntries(
      [...pebbles].map(([name, pebble]) => [name, containerOf(pebble)]),
    ) as never,
    openedPorts: portsOf(world, commit),
    secrets: secretsOf(world, commit),
    state: commit?.["unit-state"]?.["charm-state"] ?? world.state ?? {},
    workloadVersion: version?.version,
    logs: immediate.flatMap((call) =>
      call.kind === "log" ? [{ level: call.level, message: call.message }] : [],
    ),
    action: after.action === undefined ? undefined : { ...after.action, log: messages },
  };
}

function relationsOf(contract: CharmContract, world: HookWorld, commit: HookChanges | undefined) {
  return Object.fromEntries(
    endpointsOf(contract).map(([name]) => [
      name,
      world.relations
        .filter(({ endpoint }) => endpoint === name)
        .map((relation) => relationOf(relation, world, commit)),
    ]),
  );
}

function relationOf(
  relation: WorldRelation,
  world: HookWorld,
  commit: HookChanges | undefined,
): RelationOutcome {
  const app = world.unit.slice(0, world.unit.lastIndexOf("/"));
  const change = commit?.["relation-unit-settings"]?.find((one) => one.relation === tagOf(relation));
  const unitData = Object.entries(change?.settings ?? relation.data[world.unit] ?? {});
  return {
    id: relation.id,
    remoteApp: relation["remote-app"],
    localAppData: withoutDeleted(change?.["application-settings"] ?? relation.data[app] ?? {}),
    localUnitData: withoutDeleted(
      Object.fromEntries(unitData.filter(([key]) => !JUJU_UNIT_KEYS.includes(key))),
    ),
  };
}

/** In a commit, empty text deletes a key. */
function withoutDeleted(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== ""));
}

/** As commits name relations. */
function tagOf({ key }: WorldRelation): string {
  return `relation-${key.replaceAll(":", ".").replace(" ", "#")}`;
}

function containerOf(pebble: FakePebble): ContainerOutcome {
  const services = Object.keys(pebble.plan.services);
  const isEmpty = services.length === 0 && Object.keys(pebble.plan.checks).length === 0;
  return {
    plan: isEmpty ? undefined : pebble.plan,
    files: pebble.files.texts(),
    running: services.filter((name) => pebble.isRunning(name)).sort(),
    starts: Object.fromEntries(pebble.starts),
  };
}

function portsOf(world: HookWorld, commit: HookChanges | undefined): readonly string[] {
  const before = Object.values(world.ports?.[world.unit] ?? {}).flat();
  const text = (port: {
    readonly protocol: string;
    readonly "from-port": number;
    readonly "to-port": number;
  }) => {
    const { "from-port": from, "to-port": to, protocol } = port;
    return `${from === to ? from : `${from}-${to}`}/${protocol}`;
  };
  const closed = (commit?.["close-ports"] ?? []).map(text);
  const opened = (commit?.["open-ports"] ?? []).map(text);
  return [...new Set([...before.filter((port) => !closed.includes(port)), ...opened])].sort();
}

function idOf(uri: string): string {
  return uri.slice(Math.max(uri.lastIndexOf("/"), uri.lastIndexOf(":")) + 1);
}

function secretsOf(world: HookWorld, commit: HookChanges | undefined): readonly SecretOutcome[] {
  const secrets = new Map<string, SecretOutcome>();
  for (const secret of world.secrets ?? []) if (secret.owner !== "") secrets.set(secret.id, existing(secret));
  for (const create of commit?.["secret-creates"] ?? []) {
    const owner = create["owner-tag"].startsWith("unit-") ? "unit" : "app";
    const id = idOf(create.uri);
    const rotate = create["rotate-policy"];
    secrets.set(id, {
      ...{ id, owner, label: create.label ?? "", revision: 1, grants: [] },
      content: decoded(create.content.data ?? {}),
      ...(rotate === undefined ? {} : { rotate }),
    });
  }
  for (const update of commit?.["secret-updates"] ?? []) {
    const before = secrets.get(idOf(update.uri));
    if (before !== undefined) secrets.set(before.id, updated(before, update));
  }
  for (const grant of commit?.["secret-grants"] ?? []) {
    const before = secrets.get(idOf(grant.uri));
    const relation = world.relations.find((one) => tagOf(one) === grant["scope-tag"]);
    if (before === undefined || relation === undefined) continue;
    secrets.set(before.id, { ...before, grants: [...before.grants, relation.id].sort((a, b) => a - b) });
  }
  for (const { uri, revisions } of commit?.["secret-deletes"] ?? []) {
    if (revisions === undefined) secrets.delete(idOf(uri));
  }
  return [...secrets.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
}

function existing(secret: WorldSecret): SecretOutcome {
  return {
    id: secret.id,
    label: secret.label,
    owner: secret.owner.startsWith("unit-") ? "unit" : "app",
    revision: secret.revision,
    content: decoded(secret.content?.[String(secret.revision)] ?? {}),
    grants: [],
    ...(secret.rotate === undefined ? {} : { rotate: secret.rotate }),
  };
}

type SecretUpdate = NonNullable<HookChanges["secret-updates"]>[number];

function updated(before: SecretOutcome, update: SecretUpdate): SecretOutcome {
  const { data } = update.content;
  const rotate = update["rotate-policy"] ?? before.rotate;
  return {
    ...before,
    ...(data === undefined ? {} : { content: decoded(data), revision: before.revision + 1 }),
    ...(rotate === undefined ? {} : { rotate }),
  };
}

function decoded(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
}
