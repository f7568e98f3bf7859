/**
 * Several charms in one model, in this process: the engine that the local model runs on, with a seeded
 * scheduler and a clock that only moves when told.
 *
 * @module
 */

import type { CharmContract, CharmProgram } from "../../charm/contract.ts";
import type { UserSecretChange, UserSecretOptions } from "../../model/index.ts";
import { checkContainers } from "../pebble/container-pebble.ts";
import { charmOfContract } from "./charm-of-contract.ts";
import { FakeModelView } from "./fake-model-view.ts";
import type {
  FakeDeployOptions,
  FakeModelOptions,
  FakeRefreshOptions,
  FakeTask,
  SettleOptions,
} from "./options.ts";
import { rememberModel } from "./remembered-models.ts";
import { SettleError } from "./settle-error.ts";

type EndpointOf = `${string}:${string}`;

const DEFAULT_MAX_EVENTS = 1000;

/**
 * A model whose charms run in this process. Verbs are Juju's. Within a unit, events come in Juju's order;
 * between units, the seed decides, also whose hook ends first when several run.
 *
 * @example
 * ```ts
 * const model = new FakeModel({ name: "iam", seed: 3 });
 * model.deploy(hydra);
 * model.deploy(proxy, "auth");
 * model.integrate("auth:oauth", "hydra:oauth");
 * await model.settle();
 * model.status(); // { hydra: "active", auth: "active" }
 * ```
 */
export class FakeModel extends FakeModelView {
  #checked = 0;

  constructor(options: FakeModelOptions = {}) {
    super(options);
    rememberModel(this);
  }

  /** Deploys a charm. @throws {ModelError} With Juju's text, as all verbs do. */
  deploy<P extends CharmProgram>(
    program: P,
    app: string = program.contract.name,
    options: FakeDeployOptions<P["contract"]> = {},
  ): void {
    const { containers = {}, ...rest } = options as FakeDeployOptions<CharmContract>;
    checkContainers(containers);
    this.engine.deploy(charmOfContract(program.contract), { app, ...rest });
    this.host.deployed.set(app, { program, containers });
    this.host.adopt();
    this.#did(`deploy ${app}`);
  }

  /**
   * Another version of the charm: pods are replaced (`stop`, `upgrade-charm`, `config-changed`, `start`); on
   * machines the charm changes in place.
   */
  refresh<P extends CharmProgram>(
    app: string,
    program: P,
    options: FakeRefreshOptions<P["contract"]> = {},
  ): void {
    const { containers, ...rest } = options as FakeRefreshOptions<CharmContract>;
    checkContainers(containers ?? {});
    this.engine.refresh(app, charmOfContract(program.contract), rest);
    const before = this.host.deployed.get(app)?.containers ?? {};
    const deployed = { program, containers: containers ?? before };
    this.host.deployed.set(app, deployed);
    // A unit that has not run yet starts with the new charm.
    for (const { name, installed } of this.#unitsOf(app)) {
      if (!installed && this.host.indexOf(name) < 0) this.host.units.delete(name);
    }
    this.host.adopt();
    this.#did(`refresh ${app}`);
  }

  /** A new file for a resource: units run `upgrade-charm`. */
  attachResource(app: string, name: string, path: string): void {
    this.engine.refresh(app, undefined, { resources: { [name]: path } });
    this.#did(`attachResource ${app} ${name}`);
  }

  integrate(a: EndpointOf | string, b: EndpointOf | string): void {
    this.engine.integrate(a, b);
    this.#did(`integrate ${a} ${b}`);
  }

  removeRelation(a: EndpointOf, b: EndpointOf): void {
    this.engine.removeRelation(a, b);
    this.#did(`removeRelation ${a} ${b}`);
  }

  removeApplication(app: string, options: { readonly force?: boolean } = {}): void {
    this.engine.removeApplication(app, options);
    this.#did(`removeApplication ${app}`);
  }

  /** Kubernetes: how many units there are. */
  scale(app: string, units: number): void {
    this.engine.scale(app, units);
    this.host.adopt();
    this.#did(`scale ${app} ${units}`);
  }

  /** Machines: more units. */
  addUnits(app: string, count = 1): void {
    this.engine.addUnits(app, count);
    this.host.adopt();
    this.#did(`addUnits ${app} ${count}`);
  }

  /** Machines: one unit goes. */
  removeUnit(unit: string, options: { readonly force?: boolean } = {}): void {
    this.engine.removeUnit(unit, options);
    this.#did(`removeUnit ${unit}`);
  }

  setConfig(app: string, values: Readonly<Record<string, unknown>>): void {
    this.engine.setConfig(app, values);
    this.#did(`setConfig ${app} ${Object.keys(values).join(" ")}`);
  }

  /**
   * Options of the model itself: with `automatically-retry-hooks` false a failed hook waits for `resolved`, and `settle` leaves the
   * unit in its error.
   */
  setModelConfig(values: Readonly<Record<string, unknown>>): void {
    this.engine.setModelConfig(values);
    this.#did(`setModelConfig ${Object.keys(values).join(" ")}`);
  }

  /** Options back to their defaults. */
  resetConfig(app: string, options: readonly string[]): void {
    this.engine.resetConfig(app, options);
    this.#did(`resetConfig ${app} ${options.join(" ")}`);
  }

  /** Whether the charm may ask Kubernetes. */
  trust(app: string, trusted = true): void {
    this.engine.trust(app, trusted);
    this.#did(`trust ${app} ${trusted}`);
  }

  /** Offers endpoints (`hydra:oauth,info`) to the other models of its {@link FakeWorld}. @returns The URL. */
  offer(endpoints: string, name?: string): string {
    const url = this.engine.offer(endpoints, name);
    this.#did(`offer ${endpoints}`);
    return url;
  }

  /** Takes an offer back; `force` with its relations. */
  removeOffer(name: string, options: { readonly force?: boolean } = {}): void {
    this.engine.removeOffer(name, options);
    this.#did(`removeOffer ${name}`);
  }

  /** Consumes an offer of another model. @returns Its name here, for `integrate`. */
  consume(from: FakeModel, offer: string, alias?: string): string {
    const name = this.engine.consume(from.engine, offer, alias);
    this.#did(`consume ${offer} ${name}`);
    return name;
  }

  /** Ends the relations with a consumed offer. */
  removeSaas(name: string): void {
    this.engine.removeSaas(name);
    this.#did(`removeSaas ${name}`);
  }

  /** Ends a unit's error: its hook runs again now (default), or counts as done. */
  resolved(unit: string, options: { readonly retry?: boolean } = {}): void {
    this.engine.resolved(unit, options);
    this.#did(`resolved ${unit}`);
  }

  /** Lets another unit lead. */
  setLeader(unit: string): void {
    this.engine.setLeader(unit);
    this.#did(`setLeader ${unit}`);
  }

  /** The leader's lease runs out: another unit leads, if there is one. */
  expireLeadership(app: string): void {
    this.engine.expireLeadership(app);
    this.#did(`expireLeadership ${app}`);
  }

  /**
   * Runs an action on a unit (`web/0`, `web/leader`) and everything that follows from it. Parameters that do
   * not fit the schema are refused as Juju does it: 4.x ends the task with status `error`, 3.6 throws.
   */
  async run(unit: string, action: string, params: Readonly<Record<string, unknown>> = {}): Promise<FakeTask> {
    const id = this.enqueue(unit, action, params);
    await this.settle();
    return this.task(id);
  }

  /** Asks for an action without running anything yet. @returns The task's identifier. */
  enqueue(unit: string, action: string, params: Readonly<Record<string, unknown>> = {}): string {
    const { id } = this.engine.enqueueAction(unit, action, params);
    this.#did(`run ${unit} ${action}`);
    return id;
  }

  /** Cancels a task: one that waits never runs, one that runs is killed. */
  cancel(task: string): void {
    this.engine.cancelTask(task);
    this.host.killTask(task);
    this.#did(`cancel ${task}`);
  }

  /** A user's secret. @returns Its URI, `secret:<id>`. */
  addSecret(
    name: string,
    content: Readonly<Record<string, string>>,
    options: UserSecretOptions = {},
  ): string {
    const uri = this.engine.addSecret(name, content, options);
    this.#did(`addSecret ${name}`);
    return uri;
  }

  /** Changes a user's secret, by name or URI: other content is a new revision. */
  updateSecret(secret: string, change: UserSecretChange): void {
    this.engine.updateSecret(secret, change);
    this.#did(`updateSecret ${secret}`);
  }

  /** Removes a user's secret, or one revision of it. */
  removeSecret(secret: string, options: { readonly revision?: number } = {}): void {
    this.engine.removeSecret(secret, options);
    this.#did(`removeSecret ${secret}`);
  }

  grantSecret(secret: string, app: string): void {
    this.engine.grantSecret(secret, app);
    this.#did(`grantSecret ${secret} ${app}`);
  }

  revokeSecret(secret: string, app: string): void {
    this.engine.revokeSecret(secret, app);
    this.#did(`revokeSecret ${secret} ${app}`);
  }

  /** One more instance of a storage that the charm declares. @returns Its identifier, `data/1`. */
  addStorage(unit: string, storage: string): string {
    const [id = ""] = this.engine.addStorage(unit, storage);
    this.#did(`addStorage ${unit} ${storage}`);
    return id;
  }

  /** Takes storage from its unit, which runs `storage-detaching`. It is kept for `attachStorage`. */
  detachStorage(id: string): void {
    this.engine.detachStorage(id);
    this.#did(`detachStorage ${id}`);
  }

  attachStorage(unit: string, id: string): void {
    this.engine.attachStorage(unit, id);
    this.#did(`attachStorage ${unit} ${id}`);
  }

  /**
   * Makes a container's Pebble stop or begin to answer; `"restarted"`: the container began anew. A Pebble that you gave goes on meanwhile: to
   * begin it anew is yours.
   */
  setPebble(unit: string, container: string, state: "up" | "down" | "restarted"): void {
    const pebble = this.host.pebble(unit, container);
    if (state === "restarted") pebble.reboot();
    pebble.canConnect = state !== "down";
    if (state === "down") this.engine.workloadGone(unit, container);
    else {
      this.engine.workloadReady(unit, container, pebble.bootId);
      this.host.hear(unit);
    }
    this.#did(`setPebble ${unit} ${container} ${state}`);
  }

  /** A custom notice, as a workload makes it with `pebble notify example.com/done size=3`. */
  notify(unit: string, container: string, key: string, data?: Readonly<Record<string, string>>): void {
    this.host.pebbleInMemory(unit, container, "make a notice").notify(key, data);
    this.host.hear(unit);
    this.#did(`notify ${unit} ${container} ${key}`);
  }

  /** A check goes down, or comes up again; the charm hears of it. */
  setCheck(unit: string, container: string, check: string, state: "up" | "down"): void {
    const { down, plan } = this.host.pebbleInMemory(unit, container, "set a check");
    if (plan.checks[check] === undefined)
      throw new TypeError(`Cannot find check "${check}": the plan of "${container}" has none of that name`);
    if (down.has(check) === (state === "down")) return;
    if (state === "down") down.add(check);
    else down.delete(check);
    this.#checked += 1;
    const change = state === "down" ? "failed" : "recovered";
    this.engine.workloadCheck(unit, container, { id: String(this.#checked), check, state: change });
    this.#did(`setCheck ${unit} ${container} ${check} ${state}`);
  }

  /**
   * Kills a unit, in the middle of its hook if one runs, and starts it again in a new pod: its containers
   * begin anew, without the files they had.
   */
  killUnit(unit: string): void {
    this.host.killUnit(unit);
    this.#did(`killUnit ${unit}`);
  }

  /**
   * Restarts a unit's agent and nothing else. A hook that runs has failed, every notice that its Pebbles keep comes again, and on Kubernetes
   * `start` runs once more.
   */
  restartAgent(unit: string): void {
    this.host.restartAgent(unit);
    this.#did(`restartAgent ${unit}`);
  }

  /** Kills the process of the unit's next hook when it has made this many hook commands. */
  killNextHook(unit: string, afterCommands: number): void {
    this.host.unit(unit).killAfter = afterCommands;
    this.#did(`killNextHook ${unit} ${afterCommands}`);
  }

  /** Lets time pass, by default until the clock alone makes something happen; it runs at the next `settle`. */
  advance(ms?: number): void {
    const wake = this.engine.nextWake() ?? this.host.now;
    this.host.now = ms === undefined ? Math.max(wake, this.host.now) : this.host.now + ms;
    this.#did("advance");
  }

  /**
   * Runs events until there is nothing left to tell anybody. Time stands still, except that failed hooks are
   * tried again when they are due. The same seed runs the same events in the same order.
   *
   * @returns The event at which `until` stopped; nothing when all is quiet.
   * @throws {SettleError} After `maxEvents` (default 1000), with the last of them and what was written again
   *   and again.
   */
  async settle(options: SettleOptions = {}): Promise<string | undefined> {
    const limit = options.maxEvents ?? DEFAULT_MAX_EVENTS;
    let ran = 0;
    await this.host.look();
    for (let step = this.host.nextStep(); step !== undefined; step = this.host.nextStep()) {
      if (step.kind === "open") {
        ran += 1;
        if (ran > limit) throw this.unsettled(limit);
        const event = this.host.openHook(step.unit);
        options.onEvent?.(event ?? this.trace.at(-1) ?? "");
        continue;
      }
      const event = await this.host.finishHook(step.index);
      if (event !== undefined && stopsAt(options.until, event)) return event;
    }
    return undefined;
  }

  /** @internal */
  unsettled(limit: number): SettleError {
    const { journal } = this.host;
    return new SettleError(limit, journal.entries, this.host.failures(), (text) =>
      journal.redactor.clean(text),
    );
  }

  /** Runs one event of one unit, if it has any. @returns Its name. */
  async step(unit: string): Promise<string | undefined> {
    await this.host.look();
    this.host.openHook(unit);
    const event = await this.host.finishHook(this.host.indexOf(unit));
    return event?.slice(unit.length + 1);
  }

  #unitsOf(app: string) {
    return Object.values(this.engine.state.units).filter((unit) => unit.app === app);
  }

  #did(verb: string): void {
    this.host.journal.verb(verb);
  }
}

function stopsAt(until: SettleOptions["until"], event: string): boolean {
  return typeof until === "function" ? until(event) : until === event;
}
