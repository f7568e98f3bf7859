import { type CharmContract, endpointsOf } from "../charm/contract.ts";
import { JUJU_UNIT_KEYS } from "../charm/databag.ts";
import type { HookChanges } from "../model/hook-context/index.ts";
import type { ImmediateCall } from "../model/hook-context/types.ts";
import { relationTag } from "../model/names.ts";
import type { HookWorld, WorldRelation } from "../model/world.ts";
import type { Disk } from "./disk.ts";
import { nextState } from "./next-state.ts";
import type {
  ActionOutcome,
  AnyOutcome,
  ContainerOutcome,
  RelationOutcome,
  ReportedStatus,
} from "./outcome-shapes.ts";
import type { ContainerPebble } from "./pebble/container-pebble.ts";
import { removedSecrets, secretOutcomes } from "./secret-outcomes.ts";
import { type StorageInstance, storageOutcomes } from "./storage-of-state.ts";
import type { StateWorld, WorldInput } from "./world-of-state.ts";

/** What one event left behind. */
export interface After {
  readonly input: WorldInput;
  readonly world: StateWorld;
  /** What the hook wants changed; nothing when it failed. */
  readonly commit: HookChanges | undefined;
  readonly immediate: readonly ImmediateCall[];
  readonly pebbles: ReadonlyMap<string, ContainerPebble>;
  /** Container → requests to its Pebble. */
  readonly requests: Readonly<Record<string, readonly string[]>>;
  readonly disk: Disk;
  readonly action: Pick<ActionOutcome, "results" | "failure"> | undefined;
  readonly reboot: "none" | "after-hook" | "now";
  readonly commands: readonly string[];
}

/** The state after the event: what was there, with what the hook committed and what it did at once. */
export function outcomeOf(after: After): AnyOutcome {
  const { input, world, commit, immediate, pebbles } = after;
  const unit = statuses(immediate, "unit-status");
  const version = immediate.findLast((call) => call.kind === "workload-version");
  const messages = immediate.flatMap((call) => (call.kind === "action-log" ? [call.message] : []));
  const before = input.state.workloadVersion;
  return {
    status: unit.at(-1) ?? { name: "unknown", message: "" },
    statusHistory: unit,
    appStatus: statuses(immediate, "application-status").at(-1),
    relations: relationsOf(input.contract, world, commit) as never,
    containers: Object.fromEntries(
      [...pebbles].map(([name, pebble]) => [name, containerOf(pebble, after.requests[name]!)]),
    ) as never,
    openedPorts: portsOf(world, commit),
    secrets: secretOutcomes(after),
    removedSecrets: removedSecrets(commit),
    storage: storageOf(input.storage, after) as never,
    requestedStorage: (commit?.["storage-add"] ?? []).map(({ name, count }) => ({ name, count })),
    state: commit?.["unit-state"]?.["charm-state"] ?? world.state ?? {},
    workloadVersion: version?.version ?? before,
    logs: immediate.flatMap((call) =>
      call.kind === "log" ? [{ level: call.level, message: call.message }] : [],
    ),
    action: after.action === undefined ? undefined : { ...after.action, log: messages },
    reboot: after.reboot,
    commands: after.commands,
    get next() {
      return nextState(after, this);
    },
  };
}

function statuses(
  immediate: readonly ImmediateCall[],
  kind: "unit-status" | "application-status",
): readonly ReportedStatus[] {
  return immediate.flatMap((call) =>
    call.kind === kind ? [{ name: call.status as "unknown", message: call.message }] : [],
  );
}

function storageOf(storage: readonly StorageInstance[], { pebbles, disk }: After) {
  return storage.length === 0 ? {} : storageOutcomes(storage, pebbles, disk);
}

function relationsOf(contract: CharmContract, world: HookWorld, commit: HookChanges | undefined) {
  const byEndpoint: Record<string, RelationOutcome[]> = {};
  for (const [name] of endpointsOf(contract)) byEndpoint[name] = [];
  for (const relation of world.relations)
    byEndpoint[relation.endpoint]?.push(relationOf(relation, world, commit));
  return byEndpoint;
}

function relationOf(
  relation: WorldRelation,
  world: HookWorld,
  commit: HookChanges | undefined,
): RelationOutcome {
  const app = world.unit.slice(0, world.unit.lastIndexOf("/"));
  const change = commit?.["relation-unit-settings"]?.find(
    (one) => one.relation === relationTag(relation.key),
  );
  const unitData = Object.entries(change?.settings ?? relation.data[world.unit] ?? {});
  return {
    id: relation.id,
    remoteApp: relation["remote-app"],
    localAppData: withoutDeleted(
      Object.entries(change?.["application-settings"] ?? relation.data[app] ?? {}),
    ),
    localUnitData: withoutDeleted(unitData.filter(([key]) => !JUJU_UNIT_KEYS.includes(key))),
  };
}

/** In a commit, empty text deletes a key. */
function withoutDeleted(data: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(data.filter(([, value]) => value !== ""));
}

function containerOf(pebble: ContainerPebble, requests: readonly string[]): ContainerOutcome {
  const { plan } = pebble;
  const services = Object.keys(plan.services);
  const isEmpty = services.length === 0 && Object.keys(plan.checks).length === 0;
  return {
    plan: isEmpty ? undefined : plan,
    files: pebble.files.texts(),
    running: services.filter((name) => pebble.isRunning(name)).sort(),
    starts: Object.fromEntries(pebble.starts),
    execs: pebble.execs,
    requests,
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
    return protocol === "icmp" ? protocol : `${from === to ? from : `${from}-${to}`}/${protocol}`;
  };
  const closed = (commit?.["close-ports"] ?? []).map(text);
  const opened = (commit?.["open-ports"] ?? []).map(text);
  return [...new Set([...before.filter((port) => !closed.includes(port)), ...opened])].sort();
}
