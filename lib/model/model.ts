/**
 * A deterministic Juju model: applications, units, relations, secrets and the order of their hooks.
 *
 * It has no clock, randomness or I/O of its own. A host (tests, the local model) asks what can run, runs it,
 * and says how it ended.
 *
 * @module
 */

import * as agents from "./agents.ts";
import { hookContextFactory } from "./contexts.ts";
import { refreshNetworkData } from "./databags.ts";
import { application, unit } from "./engine.ts";
import { expireLeadership, setLeader } from "./leadership.ts";
import { engineOf, type ModelOptions } from "./model-options.ts";
import type { OpenContextFactory } from "./open-context.ts";
import { Operator } from "./operator.ts";
import { pickFirst } from "./relation-events.ts";
import { modelReport } from "./report.ts";
import { decide } from "./resolver.ts";
import { type HookRun, openNext } from "./run.ts";
import { emptyState, type ModelState } from "./state.ts";
import type { ModelReport } from "./status.ts";
import { setAddress } from "./units.ts";
import { nextWake } from "./wake.ts";

/** A whole model as plain JSON. */
export type ModelSnapshot = ModelState;

/**
 * One model. Operator commands throw `ModelError` with Juju's text and then change nothing.
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
export class Model extends Operator {
  readonly #contexts: OpenContextFactory;

  constructor(o: ModelOptions, state?: ModelState) {
    super(engineOf(o, state ?? emptyState({ name: o.name, uuid: o.uuid, now: o.clock.now() })));
    this.#contexts = o.contexts ?? hookContextFactory(o);
  }

  /**
   * Continues from a snapshot. A hook that was running when it was taken has failed, a task too.
   */
  static restore(snapshot: ModelSnapshot, o: ModelOptions): Model {
    if (snapshot.schema !== 1)
      throw new TypeError(`Cannot restore model: schema is ${snapshot.schema}, must be 1`);
    const model = new Model(o, structuredClone(snapshot));
    for (const u of Object.values(model.engine.state.units)) agents.interrupt(model.engine, u);
    return model;
  }

  /** A copy of everything the model remembers, as plain JSON. */
  snapshot(): ModelSnapshot {
    return structuredClone(this.engine.state);
  }

  get name(): string {
    return this.engine.state.name;
  }

  get uuid(): string {
    return this.engine.state.uuid;
  }

  /** Units that have an operation to run now. Each runs one at a time; the order between units is the host's. */
  runnable(): string[] {
    return Object.keys(this.engine.state.units).filter((name) => this.isRunnable(name));
  }

  /** Whether a unit has an operation to run now. */
  isRunnable(name: string): boolean {
    return decide(this.engine, unit(this.engine, name), pickFirst) !== undefined;
  }

  /** Opens the unit's next operation, or nothing when it has none or one is open. */
  next(name: string): HookRun | undefined {
    return openNext(this.engine, unit(this.engine, name), this.#contexts);
  }

  /** The earliest time at which the clock alone makes something runnable, in milliseconds since the epoch. */
  nextWake(): number | undefined {
    return nextWake(this.engine);
  }

  /** The unit's agent came up, for the first time or again; only needed with `autoStart: false`. */
  unitStarted(name: string): void {
    agents.agentUp(this.engine, name, false);
  }

  /** The unit's agent came up again; `podReplaced` (default on Kubernetes): in a new pod with a new charm directory. */
  unitRestarted(name: string, o: { podReplaced?: boolean } = {}): void {
    agents.agentUp(this.engine, name, o.podReplaced ?? this.engine.kubernetes);
  }

  /** The unit's agent went away without `stop`; what it ran has failed. */
  unitAgentLost(name: string): void {
    agents.agentLost(this.engine, name);
  }

  /** The unit's pod is about to be replaced: `stop` runs, then the agent goes. */
  unitStopping(name: string): void {
    agents.agentStopping(this.engine, name);
  }

  /** Pebble of a container answers, with this boot id. */
  workloadReady(name: string, container: string, bootId: string): void {
    agents.workloadReady(this.engine, name, container, bootId);
  }

  workloadGone(name: string, container: string): void {
    agents.workloadGone(this.engine, name, container);
  }

  /** A custom notice of Pebble. */
  workloadNotice(name: string, container: string, notice: { id: string; key: string; type?: string }): void {
    const { id, key, type = "custom" } = notice;
    agents.addNotice(this.engine, name, container, { id, key, type, kind: "pebble-custom-notice" });
  }

  /** A check failed or recovered. `id` names the occurrence (Pebble's change id). */
  workloadCheck(
    name: string,
    container: string,
    check: { id: string; check: string; state: "failed" | "recovered" },
  ): void {
    const kind = `pebble-check-${check.state}` as const;
    agents.addNotice(this.engine, name, container, {
      id: check.id,
      key: check.check,
      type: "change-update",
      kind,
    });
  }

  setLeader(name: string): void {
    setLeader(this.engine, name);
  }

  /** The lease runs out: another unit takes over, if there is one. */
  expireLeadership(app: string): void {
    expireLeadership(this.engine, app);
  }

  unitAddress(name: string, address: string): void {
    setAddress(this.engine, unit(this.engine, name), address);
  }

  serviceAddress(app: string, address: string): void {
    application(this.engine, app).address = address;
    for (const u of Object.values(this.engine.state.units))
      if (u.app === app) refreshNetworkData(this.engine, u);
  }

  /** The model as `juju status` needs it; selectors are exact names of applications and units. */
  status(selectors: readonly string[] = []): ModelReport {
    return modelReport(this.engine, selectors);
  }

  /** Read access to everything, for `show-unit` and its kin. Must not be changed. */
  get state(): Readonly<ModelState> {
    return this.engine.state;
  }
}
