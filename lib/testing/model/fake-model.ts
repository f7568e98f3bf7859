/**
 * Several charms in one model, in this process: the engine that the local model runs on, with a seeded
 * scheduler and a clock that only moves when told.
 *
 * @module
 */

import { withoutActions } from "../../charm/charmcraft.ts";
import type { CharmContract, CharmProgram } from "../../charm/contract.ts";
import { type HookRun, Model, parseCharm, seededRandom } from "../../model/index.ts";
import type { Plan } from "../../pebble/plan/types.ts";
import type { FakePebble, FakePebbleOptions } from "../pebble/fake-pebble.ts";
import { FakeUnit } from "./fake-unit.ts";
import { databags, openedPorts, secrets, statuses, unitNames, unitStatus } from "./inspect.ts";
import type { DatabagsOf, FakeDeployOptions, FakeModelOptions, FakeTask, SettleOptions } from "./options.ts";
import { SettleError } from "./settle-error.ts";

interface Deployed {
  readonly program: CharmProgram;
  readonly containers: Readonly<Record<string, FakePebbleOptions>>;
}

interface OpenRun {
  readonly unit: FakeUnit;
  readonly run: HookRun;
}

type EndpointOf = `${string}:${string}`;

const DEFAULT_MAX_EVENTS = 1000;
const START = Date.parse("2026-01-01T00:00:00Z");
const UUID = "8f2e1a34-55aa-4c1e-8d6a-000000000002";

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
export class FakeModel {
  /** What happened, in order: `auth/0 install`. */
  readonly trace: string[] = [];
  /** Lines that charms and the model logged. */
  readonly logs: string[] = [];
  readonly #model: Model;
  readonly #random: { next(): number };
  readonly #deployed = new Map<string, Deployed>();
  readonly #units = new Map<string, FakeUnit>();
  readonly #open: OpenRun[] = [];
  #now = START;

  constructor(options: FakeModelOptions = {}) {
    const { name = "fake", seed = 1, jujuVersion = "4.0.15" } = options;
    this.#random = seededRandom(seed);
    this.#model = new Model({
      name,
      uuid: UUID,
      version: jujuVersion,
      type: "kubernetes",
      clock: { now: () => this.#now },
      random: seededRandom(seed + 1),
      onLog: ({ unit, level, message }) => this.logs.push(`${unit} ${level} ${message}`),
    });
  }

  /** Deploys a charm. @throws {ModelError} With Juju's text, as all verbs do. */
  deploy<P extends CharmProgram>(
    program: P,
    app: string = program.contract.name,
    options: FakeDeployOptions<P["contract"]> = {},
  ): void {
    const {
      config,
      units = 1,
      trust,
      containers = {},
      resources,
    } = options as FakeDeployOptions<CharmContract>;
    this.#model.deploy(metadataOf(program.contract), {
      app,
      units,
      ...(config === undefined ? {} : { config }),
      ...(trust === undefined ? {} : { trust }),
      ...(resources === undefined ? {} : { resources }),
    });
    this.#deployed.set(app, { program, containers: containers as Deployed["containers"] });
    this.#adopt();
  }

  integrate(a: EndpointOf | string, b: EndpointOf | string): void {
    this.#model.integrate(a, b);
  }

  removeRelation(a: EndpointOf, b: EndpointOf): void {
    this.#model.removeRelation(a, b);
  }

  removeApplication(app: string): void {
    this.#model.removeApplication(app);
  }

  scale(app: string, units: number): void {
    this.#model.scale(app, units);
    this.#adopt();
  }

  setConfig(app: string, values: Readonly<Record<string, unknown>>): void {
    this.#model.setConfig(app, values);
  }

  /** Lets another unit lead. */
  setLeader(unit: string): void {
    this.#model.setLeader(unit);
  }

  /** Runs an action on a unit (`web/0`, `web/leader`) and everything that follows from it. */
  async run(unit: string, action: string, params: Readonly<Record<string, unknown>> = {}): Promise<FakeTask> {
    const { id } = this.#model.enqueueAction(unit, action, params);
    await this.settle();
    const { status, message, results, log } = this.#model.task(id);
    return { status, message, results: results ?? {}, log: log.map((line) => line.message) };
  }

  /** Makes a container's Pebble stop or begin to answer; `"restarted"`: the container began anew. */
  setPebble(unit: string, container: string, state: "up" | "down" | "restarted"): void {
    const pebble = this.#pebble(unit, container);
    if (state === "restarted") pebble.reboot();
    pebble.canConnect = state !== "down";
    if (state === "down") this.#model.workloadGone(unit, container);
    else this.#model.workloadReady(unit, container, pebble.bootId);
  }

  /**
   * Kills a unit, in the middle of its hook if one runs, and starts it again in a new pod: its containers
   * begin anew, without the files they had.
   */
  killUnit(unit: string): void {
    const index = this.#open.findIndex((open) => open.unit.name === unit);
    if (index >= 0) this.#open.splice(index, 1);
    this.#model.unitAgentLost(unit);
    this.#units.delete(unit);
    this.#model.unitRestarted(unit);
    this.#adopt();
  }

  /** Kills the process of the unit's next hook when it has made this many hook commands. */
  killNextHook(unit: string, afterCommands: number): void {
    this.#unit(unit).killAfter = afterCommands;
  }

  /** Lets time pass; what becomes due runs at the next `settle`. */
  advance(ms: number): void {
    this.#now += ms;
  }

  /**
   * Runs events until there is nothing left to tell anybody. Time stands still, except that failed hooks are
   * tried again when they are due.
   *
   * @throws {SettleError} After `maxEvents` (default 1000), with the last of them.
   */
  async settle(options: SettleOptions = {}): Promise<void> {
    const limit = options.maxEvents ?? DEFAULT_MAX_EVENTS;
    let ran = 0;
    for (let step = this.#nextStep(); step !== undefined; step = this.#nextStep()) {
      if (step.kind === "open") {
        ran += 1;
        if (ran > limit) throw new SettleError(limit, this.trace.slice(-8), this.#failures());
        this.#openHook(step.unit);
        options.onEvent?.(this.trace.at(-1) ?? "");
      } else {
        await this.#finishHook(step.index);
      }
    }
  }

  /** Runs one event of one unit, if it has any. @returns Its name. */
  async step(unit: string): Promise<string | undefined> {
    this.#openHook(unit);
    const index = this.#open.findIndex((open) => open.unit.name === unit);
    const name = this.#open[index]?.run.name;
    if (index >= 0) await this.#finishHook(index);
    return name;
  }

  /** Application → status and message. */
  status(): Record<string, string> {
    return statuses(this.#model);
  }

  /** Status and message of a unit; Juju's own `error` while a hook fails. */
  unitStatus(unit: string): string {
    return unitStatus(this.#model, unit);
  }

  /** Names of an application's units, in order. */
  units(app: string): readonly string[] {
    return unitNames(this.#model, app);
  }

  leader(app: string): string | undefined {
    return this.#model.state.applications[app]?.leader ?? undefined;
  }

  /** Plan of a container, of a unit or of the application's first one; `undefined` before any layer. */
  plan(unitOrApp: string, container: string): Plan | undefined {
    const { plan } = this.#pebble(this.#unitOf(unitOrApp), container);
    return Object.keys(plan.services).length === 0 ? undefined : plan;
  }

  /** Files of a container: path → text. */
  files(unitOrApp: string, container: string): Record<string, string> {
    return this.#pebble(this.#unitOf(unitOrApp), container).files.texts();
  }

  /** How often each service of a container was started. */
  starts(unitOrApp: string, container: string): Record<string, number> {
    return Object.fromEntries(this.#pebble(this.#unitOf(unitOrApp), container).starts);
  }

  /** The relations of an endpoint (`auth:oauth`), in order of their ids. */
  databags(endpoint: EndpointOf): readonly DatabagsOf[] {
    return databags(this.#model, endpoint);
  }

  /** Secrets that an application and its units own: label → content of the latest revision, in plain text. */
  secrets(app: string): Record<string, Record<string, string>> {
    return secrets(this.#model, app);
  }

  /** Ports that a unit has open. */
  openedPorts(unit: string): readonly string[] {
    return openedPorts(this.#model, unit);
  }

  /** The engine, for what this class does not show. */
  get engine(): Model {
    return this.#model;
  }

  #nextStep():
    | { readonly kind: "open"; readonly unit: string }
    | { readonly kind: "finish"; readonly index: number }
    | undefined {
    this.#adopt();
    const runnable = this.#model.runnable();
    const choices = runnable.length + this.#open.length;
    if (choices === 0) return this.#waitForRetry() ? this.#nextStep() : undefined;
    const choice = Math.floor(this.#random.next() * choices);
    const unit = runnable[choice];
    return unit === undefined ? { kind: "finish", index: choice - runnable.length } : { kind: "open", unit };
  }

  /** Moves the clock to when the first failed hook is tried again. */
  #waitForRetry(): boolean {
    const retries = Object.values(this.#model.state.units).flatMap(({ failed }) => failed?.retryAt ?? []);
    const next = Math.min(...retries);
    if (!Number.isFinite(next) || next <= this.#now) return false;
    this.#now = next;
    return true;
  }

  #openHook(name: string): void {
    const run = this.#model.next(name);
    if (run === undefined) return;
    this.trace.push(`${name} ${run.name}`);
    this.#open.push({ unit: this.#unit(name), run });
  }

  async #finishHook(index: number): Promise<void> {
    const [open] = this.#open.splice(index, 1);
    await open?.unit.run(open.run, () => this.#now);
  }

  #failures(): readonly string[] {
    const failing = Object.values(this.#model.state.units).filter(({ failed }) => failed !== undefined);
    const errors = this.logs.filter((line) => line.includes(" ERROR ")).slice(-1);
    return failing.length === 0 ? [] : [...failing.map(({ name }) => name), ...errors];
  }

  /** Gives units that the engine has made their containers and addresses; forgets those that are gone. */
  #adopt(): void {
    const { units } = this.#model.state;
    for (const name of this.#units.keys()) if (units[name] === undefined) this.#units.delete(name);
    for (const { name, app, ordinal } of Object.values(units)) {
      const deployed = this.#deployed.get(app);
      if (this.#units.has(name) || deployed === undefined) continue;
      const unit = new FakeUnit(name, deployed.program, deployed.containers);
      this.#units.set(name, unit);
      const place = [...this.#deployed.keys()].indexOf(app);
      this.#model.unitAddress(name, `10.1.${place}.${ordinal + 10}`);
      this.#model.serviceAddress(app, `10.152.183.${place + 10}`);
      for (const [container, pebble] of unit.pebbles) {
        if (pebble.canConnect) this.#model.workloadReady(name, container, this.#bootId());
      }
    }
  }

  #boots = 0;

  #bootId(): string {
    this.#boots += 1;
    return `pod-${this.#boots}`;
  }

  #unit(name: string): FakeUnit {
    const unit = this.#units.get(name);
    if (unit !== undefined) return unit;
    throw new TypeError(`Cannot find unit "${name}": the model has none of that name`);
  }

  #unitOf(unitOrApp: string): string {
    return unitOrApp.includes("/") ? unitOrApp : (this.units(unitOrApp)[0] ?? unitOrApp);
  }

  #pebble(unit: string, container: string): FakePebble {
    const pebble = this.#unit(unit).pebbles.get(container);
    if (pebble !== undefined) return pebble;
    throw new TypeError(`Cannot find container "${container}": "${unit}" has none of that name`);
  }
}

/** Actions take anything here; the charm's own schema refuses what does not fit. */
function metadataOf(contract: CharmContract): ReturnType<typeof parseCharm> {
  const actions = Object.entries(contract.actions ?? {}).map(([name, { description }]) => [
    name,
    { description, additionalProperties: true },
  ]);
  const metadata = withoutActions(contract);
  return parseCharm({ metadata, ...(actions.length === 0 ? {} : { actions: Object.fromEntries(actions) }) });
}
