/** A model under random commands and charms that write, fail and own secrets; all from one seed. */

import { type CharmMetadata, parseCharm } from "../charm-metadata.ts";
import { isModelError } from "../errors.ts";
import { Model } from "../model.ts";
import type { ModelOptions } from "../model-options.ts";
import { type SeededRandom, seededRandom } from "../random.ts";
import type { HookRun } from "../run.ts";
import { inconsistencies, Watch } from "./watch.ts";

export interface Scenario {
  readonly seed: number;
  readonly type: "kubernetes" | "machine";
  readonly version: string;
  readonly steps: number;
  /** Hooks of different units run at the same time, and pods die under them. */
  readonly overlap?: boolean;
  /** Snapshot and restore at this step. */
  readonly restoreAt?: number;
}

export interface Trace {
  readonly events: string[];
  readonly faults: string[];
  readonly model: Model;
}

const DECODER = new TextDecoder();

function charm(name: string, type: Scenario["type"]): CharmMetadata {
  return parseCharm({
    metadata: {
      name,
      summary: name,
      description: name,
      provides: { server: { interface: "talk" } },
      requires: { client: { interface: "talk", limit: 3 } },
      peers: { peers: { interface: "peers" } },
      ...(type === "kubernetes" ? { containers: { work: { resource: "image" } } } : {}),
      resources: { image: { type: "oci-image" } },
      storage: { data: { type: "filesystem" } },
    },
    config: { options: { n: { type: "int", default: 0 } } },
    actions: { act: { params: { fail: { type: "boolean" } } } },
  });
}

const SUBORDINATE = parseCharm({
  metadata: {
    name: "sub",
    summary: "s",
    description: "d",
    subordinate: true,
    requires: { beside: { interface: "juju-info", scope: "container" } },
    peers: { peers: { interface: "peers" } },
  },
});

/** Runs one scenario. */
export class Simulation {
  time = Date.UTC(2026, 0, 1);
  /** Chance of the world: commands, order, failures. */
  readonly chance: SeededRandom;
  random: SeededRandom;
  model: Model;
  readonly watch = new Watch();
  readonly #open: HookRun[] = [];
  /** The last run of each unit; one that was cut off is not it any more. */
  readonly #current = new Map<string, HookRun>();
  readonly #failed = new Map<string, HookRun>();
  readonly events: string[] = [];
  readonly faults: string[] = [];
  readonly scenario: Scenario;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.chance = seededRandom(scenario.seed);
    this.random = seededRandom(scenario.seed + 1);
    this.model = new Model(this.#options());
  }

  #options(): ModelOptions {
    const { type, version } = this.scenario;
    const clock = { now: () => this.time };
    const random = { next: () => this.random.next() };
    return { name: "sim", uuid: "22222222-2222-4222-8222-222222222222", version, type, clock, random };
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.chance.next() * list.length)];
  }

  run(): Trace {
    for (let step = 0; step < this.scenario.steps; step += 1) {
      if (step === this.scenario.restoreAt) this.#restore();
      if (this.chance.next() < 0.25) this.#command();
      else this.#hook(0.05);
      this.#check();
    }
    this.#quiet();
    return this.#trace();
  }

  /** Removes everything and expects nothing to be left. */
  teardown(): Trace {
    for (const app of Object.keys(this.model.state.applications)) this.model.removeApplication(app);
    this.#quiet();
    for (const kind of ["applications", "units", "relations", "secrets"] as const) {
      const left = Object.keys(this.model.state[kind]);
      if (left.length > 0) this.faults.push(`${kind} are left: ${left.join(", ")}`);
    }
    return this.#trace();
  }

  #trace(): Trace {
    return { events: this.events, faults: [...this.faults, ...this.watch.faults], model: this.model };
  }

  #restore(): void {
    this.random = seededRandom(this.random.state);
    this.model = Model.restore(JSON.parse(JSON.stringify(this.model.snapshot())), this.#options());
  }

  #check(): void {
    for (const fault of inconsistencies(this.model.state)) this.faults.push(fault);
  }

  #hook(failures: number): boolean {
    const unit = this.pick(this.model.runnable());
    if (unit === undefined) {
      const wake = this.model.nextWake();
      if (wake !== undefined) this.time = wake;
      return false;
    }
    const run = this.model.next(unit);
    if (!run) return true;
    this.watch.before(run, this.model.state);
    this.#current.set(unit, run);
    this.#behave(run);
    if (this.scenario.overlap && this.chance.next() < 0.5) this.#open.push(run);
    else this.#finish(run, failures);
    const late = this.#open.length > 0 && this.chance.next() < 0.4 ? this.#open.shift() : undefined;
    if (late) this.#finish(late, failures);
    return true;
  }

  #finish(run: HookRun, failures: number): void {
    const fails = this.chance.next() < failures;
    const u = this.model.state.units[run.unit];
    const counts = u?.running !== undefined && this.#current.get(run.unit) === run;
    const before = u?.failed;
    this.events.push(
      `${run.unit} ${run.name} ${Object.values(run.environment).join(" ")}${fails ? " fails" : ""}`,
    );
    run.finish({ exitCode: fails ? 1 : 0 });
    const failed = this.model.state.units[run.unit]?.failed;
    if (failed && !run.isAction) this.#failed.set(run.unit, run);
    if (counts && !fails && (failed === undefined || failed === before)) this.watch.after(run);
  }

  /** What the charm does in a hook. */
  #behave(run: HookRun): void {
    const call = (...argv: string[]) => DECODER.decode(run.context.run(argv[0]!, argv.slice(1)).stdout).trim();
    if (run.isAction) {
      call("action-set", "done=yes");
      return;
    }
    const leader = call("is-leader") === "True";
    const value = String(Math.floor(this.chance.next() * 3));
    for (const endpoint of ["client", "server", "peers"]) {
      const ids = JSON.parse(call("relation-ids", endpoint, "--format=json")) as string[];
      for (const id of ids) this.#write(call, id, { leader, value });
    }
    if (leader && this.chance.next() < 0.1) this.#secret(call);
    if (this.chance.next() < 0.2) call("status-set", this.pick(["active", "blocked", "waiting"])!, value);
  }

  #write(call: (...argv: string[]) => string, id: string, o: { leader: boolean; value: string }): void {
    if (this.chance.next() < 0.2) call("relation-set", "-r", id, `v=${o.value}`);
    if (o.leader && this.chance.next() < 0.2) call("relation-set", "-r", id, "--app", `a=${o.value}`);
    const peer = id.startsWith("peers");
    const app = call("relation-list", "-r", id, "--app");
    const uri = call("relation-get", "-r", id, "--app", "uri", app);
    if (uri !== "" && !peer) call("secret-get", uri, ...(this.chance.next() < 0.5 ? ["--refresh"] : []));
  }

  #secret(call: (...argv: string[]) => string): void {
    const ids = (JSON.parse(call("secret-ids", "--format=json")) ?? []) as string[];
    const known = this.pick(ids);
    const value = `pass=${Math.floor(this.chance.next() * 3)}`;
    if (known !== undefined && this.chance.next() < 0.2) call("secret-remove", known);
    else if (known !== undefined) call("secret-set", known, value);
    else {
      const uri = call("secret-add", value, "--rotate", "hourly");
      const id = this.pick(JSON.parse(call("relation-ids", "server", "--format=json")) as string[]);
      if (id === undefined) return;
      call("secret-grant", uri, "-r", id);
      call("relation-set", "-r", id, "--app", `uri=${uri}`);
    }
  }

  #command(): void {
    const before = JSON.stringify(this.model.snapshot());
    const units = Object.keys(this.model.state.units);
    try {
      this.#order();
    } catch (error) {
      if (!isModelError(error)) throw error;
      this.events.push(`refused: ${error.message}`);
      if (JSON.stringify(this.model.snapshot()) !== before) this.faults.push(`"${error.message}" changed something`);
    }
    for (const unit of units) if (!this.model.state.units[unit]) this.watch.forget(unit);
  }

  #order(): void {
    const { model } = this;
    const app = this.pick(["a", "b", "c"])!;
    const other = this.pick(["a", "b", "c"])!;
    const unit = this.pick(Object.keys(model.state.units)) ?? `${app}/0`;
    const machine = this.scenario.type === "machine";
    const orders: (() => unknown)[] = [
      () => model.deploy(charm(`charm-${app}`, this.scenario.type), { app, units: 1 + Math.floor(this.chance.next() * 2) }),
      () => model.deploy(charm(`charm-${app}`, this.scenario.type), { app }),
      () => model.integrate(`${app}:client`, `${other}:server`),
      () => model.integrate(`${app}:client`, `${other}:server`),
      () => model.integrate(app, other),
      () => model.removeRelation(app, other),
      () => (this.chance.next() < 0.3 ? model.removeApplication(app, { force: this.chance.next() < 0.3 }) : undefined),
      () => (machine ? model.addUnits(app) : model.scale(app, Math.floor(this.chance.next() * 4))),
      () => (machine ? model.removeUnit(unit) : model.unitStopping(unit)),
      () => model.setConfig(app, { n: this.pick(["1", "2", "x"])! }),
      () => this.#resolve(unit, this.chance.next() < 0.5),
      () => model.enqueueAction(unit, "act", { fail: this.pick([true, "no"]) }),
      () => model.refresh(app, this.chance.next() < 0.5 ? undefined : charm(`charm-${app}`, this.scenario.type)),
      () => model.expireLeadership(app),
      () => model.setLeader(unit),
      () => {
        this.#cutOff(unit);
        model.unitRestarted(unit);
      },
      () => {
        if (!this.scenario.overlap) return;
        this.#cutOff(unit);
        model.unitAgentLost(unit);
        if (this.chance.next() < 0.7) model.unitRestarted(unit, { podReplaced: this.chance.next() < 0.5 });
      },
      () => (machine ? undefined : model.workloadReady(unit, "work", String(Math.floor(this.chance.next() * 3)))),
      () => (machine ? undefined : model.workloadNotice(unit, "work", { id: this.pick(["1", "2"])!, key: "k.example/x" })),
      () => model.unitAddress(unit, `10.9.0.${Math.floor(this.chance.next() * 9)}`),
      () => {
        this.time += 40 * 60_000;
      },
      ...(machine ? this.#subordinateOrders(app) : []),
    ];
    this.pick(orders)!();
  }

  #subordinateOrders(app: string): (() => unknown)[] {
    const { model } = this;
    return [
      () => model.deploy(SUBORDINATE, { app: "sub" }),
      () => model.integrate("sub", app),
      () => model.removeRelation("sub", app),
      () => (this.chance.next() < 0.3 ? model.removeApplication("sub", { force: this.chance.next() < 0.3 }) : undefined),
    ];
  }

  /** The agent dies: what it runs has failed. */
  #cutOff(unit: string): void {
    const run = this.#current.get(unit);
    if (this.model.state.units[unit]?.running && run && !run.isAction) this.#failed.set(unit, run);
    if (this.model.state.units[unit]) this.#current.delete(unit);
  }

  #resolve(unit: string, retry: boolean): void {
    this.model.resolved(unit, { retry });
    if (!retry) this.watch.after(this.#failed.get(unit)!);
  }

  /** No more commands and failures: everything must come to rest. */
  #quiet(): void {
    for (const run of this.#open.splice(0)) this.#finish(run, 0);
    for (const u of Object.values(this.model.state.units)) {
      if (u.agentState !== "up") this.model.unitRestarted(u.name);
    }
    for (let rounds = 0; rounds < 3_000; rounds += 1) {
      const failed = Object.values(this.model.state.units).filter((u) => u.failed?.retryAt !== undefined);
      const due = failed.map((u) => u.failed!.retryAt!).filter((time) => time > this.time);
      if (this.model.runnable().length > 0) this.#settleOne();
      else if (due.length > 0) this.time = Math.min(...due);
      else return;
      this.#check();
    }
    this.faults.push("does not come to rest");
  }

  #settleOne(): void {
    const unit = this.model.runnable()[0]!;
    const run = this.model.next(unit);
    if (!run) return;
    this.watch.before(run, this.model.state);
    this.events.push(`${unit} ${run.name}`);
    run.finish({ exitCode: 0 });
    this.watch.after(run);
  }
}
