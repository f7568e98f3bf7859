/**
 * A deterministic Juju model: applications, units, relations, secrets and the order of their hooks.
 *
 * It has no clock, randomness or I/O of its own. A host (tests, the local model) asks what can run, runs it,
 * and says how it ended.
 *
 * @module
 */

import * as agents from "./agents.ts";
import * as applications from "./applications.ts";
import type { CharmMetadata } from "./charm-metadata.ts";
import { type HookFilesOf, hookContextFactory } from "./contexts.ts";
import { synchronise } from "./cross-model.ts";
import { refreshNetworkData } from "./databags.ts";
import {
  application,
  type Engine,
  type LogRecord,
  type ModelNetwork,
  type UnitPaths,
  unit,
} from "./engine.ts";
import { ModelError } from "./errors.ts";
import { expireLeadership, setLeader } from "./leadership.ts";
import * as offers from "./offers.ts";
import type { OpenContextFactory } from "./open-context.ts";
import * as operations from "./operations.ts";
import { type ConfigReport, configReport } from "./options.ts";
import { pickFirst } from "./relation-events.ts";
import * as relations from "./relations.ts";
import { modelReport } from "./report.ts";
import { decide } from "./resolver.ts";
import { type HookRun, openNext } from "./run.ts";
import { emptyState, type ModelState, type OperationState, type TaskState } from "./state.ts";
import type { ModelReport } from "./status.ts";
import * as storage from "./storage.ts";
import { setAddress } from "./units.ts";
import * as userSecrets from "./user-secrets.ts";
import { nextWake } from "./wake.ts";

/** A whole model as plain JSON. */
export type ModelSnapshot = ModelState;

type Copy<T> = { readonly [K in keyof T]: T[K] };

export interface ModelOptions {
  readonly name: string;
  readonly uuid: string;
  /** Default `local`. */
  readonly controller?: string;
  /** Such as `4.0.15` or `3.6.28`. */
  readonly version: string;
  readonly type: "kubernetes" | "machine";
  /** Milliseconds since the epoch. */
  readonly clock: { now(): number };
  /** Numbers from 0 up to, not including, 1. */
  readonly random: { next(): number };
  readonly network?: ModelNetwork;
  /** Default: Juju's own. */
  readonly paths?: (unit: string) => UnitPaths;
  readonly storageLocation?: (unit: string, storage: string) => string;
  /** Default true: agents come up by themselves. False: the host says so with `unitStarted`. */
  readonly autoStart?: boolean;
  /** `host:port` of the controller. Default `127.0.0.1:17070`. */
  readonly apiAddresses?: readonly string[];
  /** Version of Kubernetes; default `1.31.0`, empty on machines. */
  readonly cloudApiVersion?: string;
  readonly onLog?: (record: LogRecord) => void;
  /** Files that hook commands name; default: none can be read. */
  readonly files?: HookFilesOf;
  /** Puts a resource in place when a charm asks for it, and says where; default: its path under `paths`. */
  readonly resource?: (unit: string, name: string) => string;
  /** Default: the hook context of this room. */
  readonly contexts?: OpenContextFactory;
}

function defaultPaths(name: string): UnitPaths {
  const tag = `unit-${name.replace("/", "-")}`;
  const agent = `/var/lib/juju/agents/${tag}`;
  return {
    charmDir: `${agent}/charm`,
    agentSocket: `${agent}/agent.socket`,
    toolsDir: `/var/lib/juju/tools/${tag}`,
    resources: `${agent}/resources`,
  };
}

function engineOf(o: ModelOptions, state: ModelState): Engine {
  const { clock, random, onLog } = o;
  return {
    state,
    kubernetes: o.type === "kubernetes",
    major: o.version.startsWith("3.") ? 3 : 4,
    version: o.version,
    controller: o.controller ?? "local",
    autoStart: o.autoStart ?? true,
    apiAddresses: o.apiAddresses ?? ["127.0.0.1:17070"],
    cloudApiVersion: o.cloudApiVersion ?? (o.type === "kubernetes" ? "1.31.0" : ""),
    ...(o.network ? { network: o.network } : {}),
    paths: o.paths ?? defaultPaths,
    ...(o.storageLocation ? { storageLocation: o.storageLocation } : {}),
    now: () => clock.now(),
    random: () => random.next(),
    log: (name, module, level, message) => onLog?.({ time: clock.now(), unit: name, module, level, message }),
  };
}

/**
 * One model. Operator commands throw {@link ModelError} with Juju's text and then change nothing.
 *
 * @example
 * ```ts
 * const model = new Model({ name: "iam", uuid, version: "4.0.15", type: "kubernetes", clock, random });
 * model.deploy(parseCharm({ metadata }));
 * for (let unit = model.runnable()[0]; unit; unit = model.runnable()[0]) {
 *   model.next(unit)?.finish({ exitCode: 0 });
 * }
 * ```
 */
export class Model {
  readonly #engine: Engine;
  readonly #contexts: OpenContextFactory;

  constructor(o: ModelOptions, state?: ModelState) {
    this.#engine = engineOf(o, state ?? emptyState({ name: o.name, uuid: o.uuid, now: o.clock.now() }));
    this.#contexts = o.contexts ?? hookContextFactory(o);
  }

  /**
   * Continues from a snapshot. A hook that was running when it was taken has failed, a task too.
   */
  static restore(snapshot: ModelSnapshot, o: ModelOptions): Model {
    if (snapshot.schema !== 1)
      throw new TypeError(`Cannot restore model: schema is ${snapshot.schema}, must be 1`);
    const model = new Model(o, structuredClone(snapshot));
    for (const u of Object.values(model.#engine.state.units)) agents.interrupt(model.#engine, u);
    return model;
  }

  /** A copy of everything the model remembers, as plain JSON. */
  snapshot(): ModelSnapshot {
    return structuredClone(this.#engine.state);
  }

  get name(): string {
    return this.#engine.state.name;
  }

  get uuid(): string {
    return this.#engine.state.uuid;
  }

  // Operator

  /** @returns The application's name and the charm's revision. */
  deploy(
    charm: CharmMetadata,
    o: applications.DeployOptions = {},
  ): { app: string; revision: number; base: string } {
    const app = applications.deploy(this.#engine, charm, o);
    return { app: app.name, revision: app.origin.revision, base: app.origin.base };
  }

  /** Relates two applications, given as `app` or `app:endpoint`. */
  integrate(a: string, b: string): relations.RelationSummary {
    return relations.integrate(this.#engine, a, b);
  }

  removeRelation(a: string, b: string): void {
    relations.removeRelation(this.#engine, a, b);
  }

  removeRelationById(id: number): void {
    relations.removeRelationById(this.#engine, id);
  }

  removeApplication(name: string, o: { force?: boolean; destroyStorage?: boolean } = {}): void {
    applications.removeApplication(this.#engine, name, o);
  }

  /** Machine models only; on Kubernetes `scale`. */
  removeUnit(name: string, o: { force?: boolean } = {}): void {
    applications.removeUnit(this.#engine, name, o.force ?? false);
  }

  addUnits(app: string, count = 1, o: { to?: string } = {}): void {
    applications.addUnits(this.#engine, app, count, o.to);
  }

  /** Kubernetes only. */
  scale(app: string, units: number): void {
    applications.scale(this.#engine, app, units);
  }

  /** Values as text or typed; all or none. */
  setConfig(app: string, values: Readonly<Record<string, unknown>>): void {
    applications.setConfig(this.#engine, app, values);
  }

  resetConfig(app: string, keys: readonly string[]): void {
    applications.resetConfig(this.#engine, app, keys);
  }

  configOf(app: string): ConfigReport {
    return configReport(application(this.#engine, app));
  }

  trust(app: string, trusted: boolean): void {
    application(this.#engine, app).trust = trusted;
  }

  expose(app: string, exposed: boolean): void {
    application(this.#engine, app).exposed = exposed;
  }

  /** A new charm, or with `undefined` only new resources. */
  refresh(
    app: string,
    charm: CharmMetadata | undefined,
    o: applications.RefreshOptions = {},
  ): { revision: number; base: string } {
    const { origin } = applications.refresh(this.#engine, app, charm, o);
    return { revision: origin.revision, base: origin.base };
  }

  /** Ends a unit's error: tries the hook again (default), or takes it for done. */
  resolved(name: string, o: { retry?: boolean } = {}): void {
    agents.resolve(this.#engine, name, o.retry ?? true);
  }

  /**
   * Enqueues one task on one unit (`web/0` or `web/leader`).
   *
   * @throws {ModelError} Also when the unit could not be scheduled; {@link Model.enqueueActions} returns that.
   */
  enqueueAction(
    target: string,
    name: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Copy<TaskState> {
    operations.checkSchedulable(this.#engine, target, name, { ...params });
    return this.#only(this.enqueueActions([target], name, params));
  }

  enqueueExec(target: string, command: string): Copy<TaskState> {
    operations.checkSchedulable(this.#engine, target, operations.EXEC, {});
    return this.#only(this.enqueueExecs([target], command));
  }

  /** One operation on several units; what could not be scheduled is in `errors`. */
  enqueueActions(
    targets: readonly string[],
    name: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Copy<OperationState> {
    return structuredClone(operations.enqueueActions(this.#engine, targets, name, structuredClone(params)));
  }

  enqueueExecs(targets: readonly string[], command: string): Copy<OperationState> {
    return structuredClone(operations.enqueueCommands(this.#engine, targets, command));
  }

  #only(operation: Copy<OperationState>): Copy<TaskState> {
    return this.task(operation.tasks[0]!);
  }

  task(id: string): Copy<TaskState> {
    return structuredClone(operations.findTask(this.#engine, id));
  }

  get operations(): readonly Copy<OperationState>[] {
    return Object.values(this.#engine.state.operations).map((operation) => structuredClone(operation));
  }

  /** A pending task is cancelled; of a running one the host kills the process (status `aborting`). */
  cancelTask(id: string): Copy<TaskState> {
    return structuredClone(operations.cancelTask(this.#engine, id));
  }

  /** Offers endpoints (`hydra:oauth,info`) to other models. @returns The offer's URL, `admin/iam.hydra`. */
  offer(endpoints: string, name?: string): string {
    return offers.offer(this.#engine, endpoints, name);
  }

  removeOffer(name: string, o: { force?: boolean } = {}): void {
    offers.removeOffer(this.#engine, name, o.force ?? false);
  }

  /** Consumes an offer of another model. @returns Its name here, for `integrate`. */
  consume(from: Model, offer: string, alias?: string): string {
    return offers.consume(this.#engine, offers.offered(from.#engine, offer), alias);
  }

  removeSaas(name: string): void {
    offers.removeSaas(this.#engine, name);
  }

  /**
   * Carries what relations between this model and the other one have to say, both ways. The host calls it
   * whenever something may have changed on either side.
   */
  synchronise(other: Model): void {
    synchronise(this.#engine, other.#engine);
  }

  /** A user secret. @returns Its URI, `secret:<id>`. */
  addSecret(
    name: string,
    content: userSecrets.UserSecretContent,
    o: userSecrets.UserSecretOptions = {},
  ): string {
    return userSecrets.addUserSecret(this.#engine, name, content, o);
  }

  /** Changes a user secret, given by name or URI; other content is a new revision. */
  updateSecret(ref: string, change: userSecrets.UserSecretChange): void {
    userSecrets.updateUserSecret(this.#engine, ref, change);
  }

  /** Removes a user secret, or one revision of it. */
  removeSecret(ref: string, o: { revision?: number } = {}): void {
    userSecrets.removeUserSecret(this.#engine, ref, o.revision);
  }

  /** Lets an application read a user secret. */
  grantSecret(ref: string, app: string): void {
    userSecrets.grantUserSecret(this.#engine, ref, app);
  }

  revokeSecret(ref: string, app: string): void {
    userSecrets.revokeUserSecret(this.#engine, ref, app);
  }

  /** More instances of a storage that the charm declares. @returns Their identifiers. */
  addStorage(name: string, declared: string, count = 1): string[] {
    return storage.addStorage(this.#engine, name, declared, count);
  }

  /** The unit runs `storage-detaching`; the instance is kept for {@link Model.attachStorage}, or destroyed. */
  detachStorage(id: string, o: { destroy?: boolean } = {}): void {
    storage.detachStorage(this.#engine, id, o.destroy ?? false);
  }

  attachStorage(name: string, id: string): void {
    storage.attachStorage(this.#engine, name, id);
  }

  get modelConfig(): Readonly<Record<string, unknown>> {
    return structuredClone(this.#engine.state.config);
  }

  /** Sets keys of the model's configuration; `undefined` resets one. */
  setModelConfig(values: Readonly<Record<string, unknown>>): void {
    const config = this.#engine.state.config;
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) delete config[key];
      else config[key] = structuredClone(value);
    }
  }

  // Host

  /** Units that have an operation to run now. Each runs one at a time; the order between units is the host's. */
  runnable(): string[] {
    const units = Object.values(this.#engine.state.units);
    return units.filter((u) => decide(this.#engine, u, pickFirst) !== undefined).map((u) => u.name);
  }

  /** Opens the unit's next operation, or nothing when it has none or one is open. */
  next(name: string): HookRun | undefined {
    return openNext(this.#engine, unit(this.#engine, name), this.#contexts);
  }

  /** The earliest time at which the clock alone makes something runnable, in milliseconds since the epoch. */
  nextWake(): number | undefined {
    return nextWake(this.#engine);
  }

  /** The unit's agent came up, for the first time or again; only needed with `autoStart: false`. */
  unitStarted(name: string): void {
    agents.agentUp(this.#engine, name, false);
  }

  /** The unit's agent came up again; `podReplaced` (default on Kubernetes): in a new pod with a new charm directory. */
  unitRestarted(name: string, o: { podReplaced?: boolean } = {}): void {
    agents.agentUp(this.#engine, name, o.podReplaced ?? this.#engine.kubernetes);
  }

  /** The unit's agent went away without `stop`; what it ran has failed. */
  unitAgentLost(name: string): void {
    agents.agentLost(this.#engine, name);
  }

  /** The unit's pod is about to be replaced: `stop` runs, then the agent goes. */
  unitStopping(name: string): void {
    agents.agentStopping(this.#engine, name);
  }

  /** Pebble of a container answers, with this boot id. */
  workloadReady(name: string, container: string, bootId: string): void {
    agents.workloadReady(this.#engine, name, container, bootId);
  }

  workloadGone(name: string, container: string): void {
    agents.workloadGone(this.#engine, name, container);
  }

  /** A custom notice of Pebble. */
  workloadNotice(name: string, container: string, notice: { id: string; key: string; type?: string }): void {
    const { id, key, type = "custom" } = notice;
    agents.addNotice(this.#engine, name, container, { id, key, type, kind: "pebble-custom-notice" });
  }

  /** A check failed or recovered. `id` names the occurrence (Pebble's change id). */
  workloadCheck(
    name: string,
    container: string,
    check: { id: string; check: string; state: "failed" | "recovered" },
  ): void {
    const kind = `pebble-check-${check.state}` as const;
    agents.addNotice(this.#engine, name, container, {
      id: check.id,
      key: check.check,
      type: "change-update",
      kind,
    });
  }

  setLeader(name: string): void {
    setLeader(this.#engine, name);
  }

  /** The lease runs out: another unit takes over, if there is one. */
  expireLeadership(app: string): void {
    expireLeadership(this.#engine, app);
  }

  unitAddress(name: string, address: string): void {
    setAddress(this.#engine, unit(this.#engine, name), address);
  }

  serviceAddress(app: string, address: string): void {
    application(this.#engine, app).address = address;
    for (const u of Object.values(this.#engine.state.units))
      if (u.app === app) refreshNetworkData(this.#engine, u);
  }

  /** The model as `juju status` needs it; selectors are exact names of applications and units. */
  status(selectors: readonly string[] = []): ModelReport {
    return modelReport(this.#engine, selectors);
  }

  /** Read access to everything, for `show-unit` and its kin. Must not be changed. */
  get state(): Readonly<ModelState> {
    return this.#engine.state;
  }
}
