import { HookCommandError } from "../../hook/errors.ts";
import type { HookCommands } from "../../hook/hook-commands.ts";
import { containerPath } from "../../pebble/paths.ts";
import type { Container } from "../container.ts";
import type { AttachedStorage, Context, Network, Port, State } from "../context.ts";
import { type CharmContract, endpointsOf } from "../contract.ts";
import type { Log } from "../log.ts";
import type { ConfigView } from "./config.ts";
import { containerView } from "./container-view.ts";
import type { Invocation } from "./environment.ts";
import type { Host } from "./host.ts";
import type { Outbox } from "./outbox.ts";
import type { Redactor } from "./redactor.ts";
import { byUnitNumber, endpointView } from "./relation-views.ts";
import { secretsView } from "./secrets-view.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a handler's context is made of. */
export interface ContextInput {
  readonly contract: CharmContract;
  readonly invocation: Invocation;
  readonly host: Host;
  readonly juju: HookCommands;
  readonly snapshot: Snapshot;
  readonly config: ConfigView;
  readonly outbox: Outbox;
  readonly redactor: Redactor;
  readonly log: Log;
  /** Told of a container whose Pebble does not answer. */
  readonly unreachable: (container: string) => void;
}

/** The context of a handler: what was read, and where its writes are collected. */
export function contextView(input: ContextInput): Context<CharmContract> {
  const { invocation, host, juju, snapshot, config, outbox, log } = input;
  const { app, unit, model, modelUuid, jujuVersion } = invocation;
  const context: Context<CharmContract> = {
    app,
    unit,
    model,
    modelUuid,
    jujuVersion,
    leader: snapshot.leader,
    config: config.values as never,
    relations: relationsOf(input) as never,
    containers: containersOf(input) as never,
    secrets: secretsView({ juju, outbox, redactor: input.redactor, leader: snapshot.leader, modelUuid }),
    state: stateView(juju, outbox),
    log,
    signal: host.signal ?? new AbortController().signal,
    now: () => host.clock.now(),
    setPorts: (...ports) => outbox.setPorts(ports.map(portText)),
    setWorkloadVersion: (version) => outbox.setVersion(version),
    network: (endpoint) => networkOf(juju, endpoint),
    resource: (name) => juju.resourceGet(name),
    storage: (name) => storageOf(juju, name),
    plannedUnits: async () => plannedUnits((await juju.goalState()).units),
  };
  return context;
}

function relationsOf(input: ContextInput): Record<string, unknown> {
  const { contract, snapshot, invocation, outbox } = input;
  const views = endpointsOf(contract).map(([name, definition]) => {
    const relations = snapshot.relations.get(name) ?? [];
    return [
      name,
      endpointView({ name, definition, relations, leader: snapshot.leader, unit: invocation.unit, outbox }),
    ];
  });
  return Object.fromEntries(views);
}

function containersOf({ contract, host, unreachable }: ContextInput): Record<string, Container> {
  const folder = host.env["CHARMED_IAP_CONTAINERS"];
  const views = Object.keys(contract.containers ?? {}).map((name) => {
    const path = (absolute: string) => containerPath(folder, name, absolute);
    return [name, containerView({ name, transport: host.pebble(name), path, unreachable })];
  });
  return Object.fromEntries(views);
}

function stateView(juju: HookCommands, outbox: Outbox): State {
  let all: Promise<Readonly<Record<string, string>>> | undefined;
  return {
    get: async (key) => {
      const written = outbox.state(key);
      if (written !== undefined) return written.value;
      all ??= juju.stateGetAll();
      return (await all)[key];
    },
    set: (key, value) => outbox.setState(key, value),
    delete: (key) => outbox.setState(key, undefined),
  };
}

function portText(port: Port): string {
  return typeof port === "number" ? `${port}/tcp` : port;
}

async function networkOf(juju: HookCommands, binding: string): Promise<Network> {
  try {
    const info = await juju.networkGet({ binding });
    return {
      bindAddress: info["bind-addresses"][0]?.addresses[0]?.value,
      ingressAddress: info["ingress-addresses"][0],
      egressSubnets: info["egress-subnets"],
    };
  } catch (error) {
    if (!(error instanceof HookCommandError) || error.reason !== "not-found") throw error;
    return { bindAddress: undefined, ingressAddress: undefined, egressSubnets: [] }; // No address yet.
  }
}

async function storageOf(juju: HookCommands, name: string): Promise<readonly AttachedStorage[]> {
  const ids = await juju.storageList(name);
  const found = ids.map(async (id) => ({ id, location: (await juju.storageGet(id)).location }));
  return (await Promise.all(found)).sort((a, b) => byUnitNumber(a.id, b.id));
}

function plannedUnits(units: Readonly<Record<string, { readonly status: string }>>): number {
  return Object.values(units).filter(({ status }) => status !== "dying").length;
}
