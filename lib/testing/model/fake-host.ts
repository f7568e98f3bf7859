import type { CharmProgram } from "../../charm/contract.ts";
import { type HookRun, Model, seededRandom } from "../../model/index.ts";
import { type ContainerPebble, type FakeContainerOptions, lookAt } from "../pebble/container-pebble.ts";
import { FakePebble } from "../pebble/fake-pebble.ts";
import { FakeUnit } from "./fake-unit.ts";
import { Journal } from "./journal.ts";
import type { FakeModelOptions } from "./options.ts";

/** What an application runs, and how its containers begin. */
export interface Deployed {
  readonly program: CharmProgram;
  readonly containers: Readonly<Record<string, FakeContainerOptions | undefined>>;
}

interface OpenRun {
  readonly unit: FakeUnit;
  readonly run: HookRun;
}

/** What can happen next: a hook begins, or one that runs ends. */
export type Step =
  | { readonly kind: "open"; readonly unit: string }
  | { readonly kind: "finish"; readonly index: number };

const START = Date.parse("2026-01-01T00:00:00Z");
const UUID = "8f2e1a34-55aa-4c1e-8d6a-000000000002";

/** Hosts the engine: charms in this process, containers in memory, a clock that moves when told, a seed. */
export class FakeHost {
  readonly trace: string[] = [];
  readonly logs: string[] = [];
  readonly model: Model;
  readonly journal: Journal;
  readonly deployed = new Map<string, Deployed>();
  readonly units = new Map<string, FakeUnit>();
  now = START;
  readonly #random: { next(): number };
  readonly #open: OpenRun[] = [];
  #boots = 0;
  #hasGiven = false;

  constructor(options: FakeModelOptions) {
    const { name = "fake", seed = 1, jujuVersion = "4.0.15", type = "kubernetes", uuid = UUID } = options;
    this.#random = seededRandom(seed);
    this.model = new Model({
      name,
      uuid,
      version: jujuVersion,
      type,
      clock: { now: () => this.now },
      random: seededRandom(seed + 1),
      onLog: ({ unit, level, message }) => this.logs.push(`${unit} ${level} ${message}`),
    });
    this.journal = new Journal(this);
  }

  /** What happens next, as the seed decides; nothing when all is quiet. */
  nextStep(): Step | undefined {
    this.adopt();
    const units = Object.keys(this.model.state.units);
    const tickets = [...Array(units.length + this.#open.length).keys()];
    // Drawn until one wins: few units need be asked, and each that has something to run is as likely as another.
    while (tickets.length > 0) {
      const at = Math.floor(this.#random.next() * tickets.length);
      const ticket = tickets[at]!;
      const unit = units[ticket];
      if (unit === undefined) return { kind: "finish", index: ticket - units.length };
      if (this.model.isRunnable(unit)) return { kind: "open", unit };
      const last = tickets.pop()!;
      if (at < tickets.length) tickets[at] = last;
    }
    return this.#waitForRetry() ? this.nextStep() : undefined;
  }

  /** Moves the clock to when the first failed hook is tried again. */
  #waitForRetry(): boolean {
    const retries = Object.values(this.model.state.units).flatMap(({ failed }) => failed?.retryAt ?? []);
    const next = Math.min(...retries);
    if (!Number.isFinite(next) || next <= this.now) return false;
    this.now = next;
    return true;
  }

  /** Begins a unit's next hook. @returns `auth/0 install`, or nothing when it has none. */
  openHook(name: string): string | undefined {
    const run = this.model.next(name);
    if (run === undefined) return undefined;
    const unit = this.unit(name);
    const program = this.deployed.get(run.unit.slice(0, run.unit.lastIndexOf("/")))?.program;
    // The new charm is on disk from here on; a new pod has had it from its beginning.
    if (run.kind === "upgrade-charm" && program !== undefined) unit.program = program;
    const event = `${name} ${run.name}`;
    this.trace.push(event);
    this.#open.push({ unit, run });
    this.journal.begin(run);
    return event;
  }

  /** Lets a hook that runs end. @returns `auth/0 install`. */
  async finishHook(index: number): Promise<string | undefined> {
    const [open] = this.#open.splice(index, 1);
    if (open === undefined) return undefined;
    const ended = await open.unit.run(open.run, () => this.now);
    if (open.run.kind === "stop") this.#replacePod(open.unit.name);
    this.hear(open.unit.name);
    this.journal.end(open.run, ended);
    return `${open.unit.name} ${open.run.name}`;
  }

  indexOf(unit: string): number {
    return this.#open.findIndex((open) => open.unit.name === unit);
  }

  /** A unit that ran `stop` and stays comes back in a new pod. */
  #replacePod(name: string): void {
    const unit = this.model.state.units[name];
    if (unit?.life !== "alive" || unit.stopping || unit.failed !== undefined) return;
    this.units.delete(name);
    this.adopt();
  }

  /** Ends a unit without warning, in the middle of its hook if one runs; its pod begins anew. */
  killUnit(name: string): void {
    this.#loseAgent(name);
    this.units.delete(name);
    this.model.unitRestarted(name);
    this.adopt();
  }

  /** Ends a unit's agent, and the hook that it runs, and starts it again beside the same containers. */
  restartAgent(name: string): void {
    this.#loseAgent(name);
    this.model.unitRestarted(name, { podReplaced: false });
  }

  #loseAgent(name: string): void {
    const index = this.indexOf(name);
    const [open] = index < 0 ? [] : this.#open.splice(index, 1);
    this.model.unitAgentLost(name);
    if (open !== undefined) this.journal.end(open.run, "lost");
  }

  /** Kills the process of a task that runs. */
  killTask(id: string): void {
    const index = this.#open.findIndex(({ run }) => run.task === id);
    const [open] = index < 0 ? [] : this.#open.splice(index, 1);
    if (open === undefined) return;
    open.run.finish({ exitCode: -1, signal: "SIGKILL" });
    this.journal.end(open.run, "killed");
  }

  /** Gives units that the engine has made their containers and addresses; forgets those that are gone. */
  adopt(): void {
    const { units } = this.model.state;
    for (const name of this.units.keys()) if (units[name] === undefined) this.units.delete(name);
    for (const name in units) if (!this.units.has(name)) this.#adoptUnit(name);
  }

  #adoptUnit(name: string): void {
    const { app, ordinal, principal = "" } = this.model.state.units[name]!;
    const deployed = this.deployed.get(app);
    if (deployed === undefined) return;
    const unit = new FakeUnit(name, deployed.program, deployed.containers);
    if (unit.given.length > 0) this.#own(unit);
    this.units.set(name, unit);
    const place = [...this.deployed.keys()].indexOf(app);
    const beside = this.model.state.units[principal]?.address;
    this.model.unitAddress(name, beside ?? `10.1.${place}.${ordinal + 10}`);
    this.model.serviceAddress(app, `10.152.183.${place + 10}`);
    for (const [container, pebble] of unit.pebbles) {
      if (pebble.canConnect) this.model.workloadReady(name, container, this.#bootId());
    }
    this.hear(name);
  }

  /** @throws {TypeError} When another unit has one of its Pebbles. */
  #own({ name, given }: FakeUnit): void {
    this.#hasGiven = true;
    for (const other of this.units.values()) {
      if (!other.given.some((one) => given.some((own) => own.given === one.given))) continue;
      throw new TypeError(
        `Cannot give ${name} the Pebble of ${other.name}: each unit must have its own, pebble: (unit) => …`,
      );
    }
  }

  /** Looks at Pebbles that are not in memory, and passes on what they have to say. */
  async look(): Promise<void> {
    if (!this.#hasGiven) return;
    for (const { name, given } of this.units.values()) {
      await lookAt(given);
      this.hear(name);
    }
  }

  /** Passes on the notices of a unit's containers that answer, whoever made them. */
  hear(name: string): void {
    if (this.model.state.units[name] === undefined) return;
    for (const [container, pebble] of this.units.get(name)?.pebbles ?? []) {
      if (!pebble.canConnect) continue;
      for (const { id, key } of pebble.unheard()) this.model.workloadNotice(name, container, { id, key });
    }
  }

  #bootId(): string {
    this.#boots += 1;
    return `pod-${this.#boots}`;
  }

  unit(name: string): FakeUnit {
    const unit = this.units.get(name);
    if (unit !== undefined) return unit;
    throw new TypeError(`Cannot find unit "${name}": the model has none of that name`);
  }

  pebble(unit: string, container: string): ContainerPebble {
    const pebble = this.unit(unit).pebbles.get(container);
    if (pebble !== undefined) return pebble;
    throw new TypeError(`Cannot find container "${container}": "${unit}" has none of that name`);
  }

  /** @throws {TypeError} When the container's Pebble is not the one in memory. */
  pebbleInMemory(unit: string, container: string, verb: string): FakePebble {
    const pebble = this.pebble(unit, container);
    if (pebble instanceof FakePebble) return pebble;
    throw new TypeError(
      `Cannot ${verb} of "${container}" in ${unit}: its Pebble must be the one in memory; do it with the one you gave`,
    );
  }

  /** Units whose hooks fail, and the last error logged. */
  failures(): readonly string[] {
    const failing = Object.values(this.model.state.units).filter(({ failed }) => failed !== undefined);
    const errors = this.logs.filter((line) => line.includes(" ERROR ")).slice(-1);
    return failing.length === 0 ? [] : [...failing.map(({ name }) => name), ...errors];
  }
}
