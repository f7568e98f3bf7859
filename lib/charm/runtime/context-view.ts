import type { HookCommands } from "../../hook/hook-commands.ts";
import { containerPath, pathBelow } from "../../pebble/paths.ts";
import type { Container } from "../container.ts";
import type { Context, State } from "../context.ts";
import { type CharmContract, endpointsOf } from "../contract.ts";
import { requireJuju } from "../juju-version.ts";
import type { Log } from "../log.ts";
import { statusText } from "../status.ts";
import type { ConfigView } from "./config.ts";
import { containerView } from "./container-view.ts";
import type { Invocation } from "./environment.ts";
import type { Host } from "./host.ts";
import type { Outbox } from "./outbox.ts";
import { wantedPorts } from "./ports.ts";
import { questions } from "./questions.ts";
import type { Redactor } from "./redactor.ts";
import { endpointView } from "./relation-views.ts";
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
  const asked = questions(input);
  const state = stateView(juju, outbox);
  const context: Context<CharmContract> = {
    app,
    unit,
    model,
    modelUuid,
    jujuVersion,
    place: invocation.place,
    leader: snapshot.leader,
    config: config.values as never,
    relations: relationsOf(input) as never,
    containers: containersOf(input) as never,
    secrets: secretsView({ juju, outbox, redactor: input.redactor, leader: snapshot.leader, modelUuid }),
    state,
    changes: lateChanges(state),
    log,
    signal: host.signal ?? endless(),
    now: () => host.clock.now(),
    setPorts: (...ports) => outbox.setPorts(wantedPorts(ports)),
    setAppStatus: (status) => {
      if (snapshot.leader) outbox.setAppStatus(status);
      else log.debug("the application's status is the leader's to report", { status: statusText(status) });
    },
    setWorkloadVersion: (version) => outbox.setVersion(version),
    network: asked.network,
    resource: asked.resource,
    image: asked.image,
    storage: asked.storage,
    goalState: asked.goalState,
    remoteModelUuid: asked.remoteModelUuid,
    cloud: asked.cloud,
    appStatus: asked.appStatus,
    requestStorage: (name, count = 1) => outbox.requestStorage(name, count),
    plannedUnits: async () => plannedUnits((await asked.goalState()).units),
    reboot: () => outbox.reboot(),
    requireJuju: (feature) => requireJuju(jujuVersion, feature),
    juju,
  };
  return context;
}

let unended: AbortSignal | undefined;

/** Of hooks that nobody ends: one for all, made where it is needed, for Juju's own hooks have theirs. */
function endless(): AbortSignal {
  unended ??= new AbortController().signal;
  return unended;
}

/** Loaded when it is asked. */
function lateChanges(state: State): Context<CharmContract>["changes"] {
  let view: Promise<Context<CharmContract>["changes"]> | undefined;
  return async (name, values) => {
    view ??= import("../changes.ts").then(({ changesView }) => changesView(state));
    return await (await view)(name, values);
  };
}

function relationsOf(input: ContextInput): Record<string, unknown> {
  const { contract, snapshot, invocation, outbox } = input;
  const { leader } = snapshot;
  const views: Record<string, unknown> = {};
  for (const [name, definition] of endpointsOf(contract)) {
    const relations = snapshot.relations.filter(({ endpoint }) => endpoint === name);
    views[name] = endpointView({ name, definition, relations, leader, unit: invocation.unit, outbox });
  }
  return views;
}

function containersOf({ contract, host, invocation, unreachable }: ContextInput): Record<string, Container> {
  const folder = host.env["CHARMED_IAP_CONTAINERS"];
  const views = Object.keys(contract.containers ?? {}).map((name) => {
    const transport = host.pebble(name);
    const { root } = transport;
    const path = (absolute: string) =>
      root === undefined ? containerPath(folder, name, absolute) : pathBelow(root, absolute);
    return [
      name,
      containerView({
        name,
        transport,
        path,
        jujuVersion: invocation.jujuVersion,
        unreachable,
      }),
    ];
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

function plannedUnits(units: Readonly<Record<string, { readonly status: string }>>): number {
  return Object.values(units).filter(({ status }) => status !== "dying").length;
}
