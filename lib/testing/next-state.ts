import type { WorldRelation, WorldSecret } from "../model/world.ts";
import type { After } from "./outcome.ts";
import type { AnyOutcome } from "./outcome-shapes.ts";
import type { ContainerPebble, ContainerState } from "./pebble/container-pebble.ts";
import { GivenPebble } from "./pebble/given-pebble.ts";
import { decoded } from "./secret-outcomes.ts";
import type { AnyRelationState, AnyState, SecretState } from "./state.ts";

/** The state that another event would find after this one: what was there, and what the charm made of it. */
export function nextState(after: After, outcome: AnyOutcome): AnyState {
  const { input, world, pebbles } = after;
  const { faults: _over, ...state } = input.state;
  const relations: Record<string, AnyRelationState[]> = {};
  const breaking = world.hook?.kind === "relation-broken" ? world.hook["relation-id"] : undefined;
  for (const relation of input.relations) {
    if (relation.id === breaking) continue;
    relations[relation.endpoint] = [
      ...(relations[relation.endpoint] ?? []),
      relationState(relation, outcome),
    ];
  }
  const reported = outcome.status.name === "unknown" ? undefined : outcome.status;
  return {
    ...state,
    relations: Object.fromEntries(Object.entries(relations).map(([name, list]) => [name, list])),
    containers: Object.fromEntries(
      [...pebbles].map(([name, pebble]) => [name, containerState(pebble, state.containers?.[name])]),
    ),
    secrets: [...outcome.secrets.map(ownSecret), ...world.secrets.filter(isForeign).map(foreign(after))],
    state: outcome.state,
    openedPorts: outcome.openedPorts as never,
    ...(reported === undefined ? {} : { unitStatus: reported }),
    ...(outcome.appStatus === undefined ? {} : { appStatus: outcome.appStatus }),
    ...(outcome.workloadVersion === undefined ? {} : { workloadVersion: outcome.workloadVersion }),
    ...storageState(state, outcome),
  } as AnyState;
}

/** Who said what, as text; addresses are Juju's to write again. */
function relationState(relation: WorldRelation, outcome: AnyOutcome): AnyRelationState {
  const after = (
    outcome.relations as AnyOutcome["relations"] & Record<string, AnyOutcome["relations"][never]>
  )[relation.endpoint] as readonly {
    id: number;
    localAppData: Record<string, string>;
    localUnitData: Record<string, string>;
  }[];
  const mine = after.find(({ id }) => id === relation.id);
  const number = (unit: string) => unit.slice(unit.lastIndexOf("/") + 1);
  const peer = relation.role === "peer";
  return {
    id: relation.id,
    ...(peer
      ? {}
      : { remoteApp: relation["remote-app"], remoteAppRaw: relation.data[relation["remote-app"]] ?? {} }),
    ...(relation["remote-model-uuid"] === undefined
      ? {}
      : { remoteModelUuid: relation["remote-model-uuid"] }),
    localAppRaw: mine?.localAppData ?? {},
    localUnitRaw: mine?.localUnitData ?? {},
    units: Object.fromEntries(
      relation.members.map((unit) => [number(unit), { raw: relation.data[unit] ?? {} }]),
    ),
  };
}

function containerState(pebble: ContainerPebble, before: ContainerState = {}): ContainerState {
  if (pebble instanceof GivenPebble) return before; // What the hook made is in it.
  return {
    ...before,
    canConnect: pebble.canConnect,
    layers: pebble.layers,
    files: pebble.files.texts(),
    running: Object.keys(pebble.plan.services).filter((name) => pebble.isRunning(name)),
    notices: pebble.notices,
  };
}

function ownSecret(secret: AnyOutcome["secrets"][number]): SecretState {
  const { id, label, owner, content, grants, description, rotate, expire, revision } = secret;
  return {
    ...{ id, owner, content, grants, revision },
    ...(label === "" ? {} : { label }),
    ...(description === undefined ? {} : { description }),
    ...(rotate === undefined ? {} : { rotate: rotate as NonNullable<SecretState["rotate"]> }),
    ...(expire === undefined ? {} : { expire: new Date(expire) }),
  };
}

const isForeign = ({ owner }: WorldSecret): boolean => owner === "";

/** A secret of others as this unit knows it after its reads. */
function foreign({ immediate }: After): (secret: WorldSecret) => SecretState {
  return (secret) => {
    const reads = immediate.filter((call) => call.kind === "secret-read" && call.id === secret.id);
    const last = reads.at(-1) as { readonly revision?: number } | undefined;
    const label = reads.findLast((call) => "label" in call) as { readonly label?: string } | undefined;
    const tracked = last?.revision ?? secret.tracked ?? secret.revision;
    const known = label?.label ?? String(secret["consumer-label"] ?? "");
    const content = (revision: number) => decoded(secret.content?.[String(revision)] ?? {});
    return {
      id: secret.id,
      content: content(tracked),
      revision: tracked,
      ...(tracked < secret.revision ? { latest: content(secret.revision) } : {}),
      ...(known === "" ? {} : { label: known }),
      ...(secret.readable === false ? { granted: false } : {}),
    };
  };
}

function storageState(state: AnyState, outcome: AnyOutcome): Pick<AnyState, "storage"> {
  if (state.storage === undefined) return {};
  const after = outcome.storage as Readonly<Record<string, AnyOutcome["storage"][never]>>;
  const entries = Object.entries(state.storage).map(([name, instances]) => [
    name,
    instances.map((given, place) => {
      const files = (after[name] as readonly { files: Record<string, string> }[] | undefined)?.[place]?.files;
      const kept = typeof given === "string" ? { location: given } : given;
      return Object.keys(files ?? {}).length === 0 ? kept : { ...kept, files };
    }),
  ]);
  return { storage: Object.fromEntries(entries) };
}
