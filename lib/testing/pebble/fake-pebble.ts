/**
 * A Pebble in memory for tests: files, layers, plan, services and checks, without processes or time.
 *
 * Differences from the real one are listed in this room's README.
 *
 * @module
 */

import { PebbleUnreachableError } from "../../pebble/errors.ts";
import { addLayer } from "../../pebble/plan/combine.ts";
import type { LabelledLayer, Layer, Plan, Service } from "../../pebble/plan/types.ts";
import type { PebbleClock } from "../../pebble/server/clock.ts";
import { Identities } from "../../pebble/server/identities.ts";
import { keyFault, Notices, type NoticeType } from "../../pebble/server/notices.ts";
import { parseTimestamp, type Timestamp, timestamps } from "../../pebble/server/timestamp.ts";
import type { PebbleTransport } from "../../pebble/transport.ts";
import type { Notice } from "../../pebble/types.ts";
import { type ExecMocks, type ExecRun, type ExecSettings, FakeExecutions } from "./fake-executions.ts";
import { FakeFiles } from "./fake-files.ts";
import { route } from "./route.ts";
import { changesNothing, isSame } from "./same-layer.ts";

/** How a container is before the hook. */
export interface FakePebbleOptions {
  readonly canConnect?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly layers?: Readonly<Record<string, Layer>>;
  readonly exec?: ExecMocks;
  /** Services that do not stay up: starting them fails with this message. */
  readonly failing?: Readonly<Record<string, string>>;
  /** Checks that are down. */
  readonly down?: readonly string[];
  /** Services that run before the hook; default all whose `startup` is `enabled`. */
  readonly running?: readonly string[];
  /** How often checks have failed in a row, by name; default 0, and the threshold for those that are down. */
  readonly failures?: Readonly<Record<string, number>>;
  /** Notices that are there. */
  readonly notices?: readonly FakeNotice[];
}

/** A notice, in Pebble's own words; the rest has defaults. */
export interface FakeNotice {
  /** Default: its place, from 1. */
  readonly id?: string;
  /** Default `custom`. */
  readonly type?: string;
  readonly key: string;
  readonly "last-data"?: Readonly<Record<string, string>>;
  readonly occurrences?: number;
}

/** A change, ready as soon as it is made. */
export interface FakeChange {
  readonly id: string;
  readonly kind: string;
  readonly summary: string;
  readonly err: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

const EMPTY: Plan = { services: {}, checks: {}, "log-targets": {} };

/** Waiting takes no time: what is waited for is over at once. */
const STILL: PebbleClock = {
  now: () => 0,
  after(_ms, run) {
    const timer = setImmediate(run);
    return () => clearImmediate(timer);
  },
};

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** `Start service "a" and 2 more`. */
function summaryOf(kind: string, [first, ...others]: readonly string[]): string {
  const verb = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  if (first === undefined) return `${verb} - no services`;
  return `${verb} service "${first}"${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

/** One container's Pebble. */
export class FakePebble {
  readonly files = new FakeFiles();
  canConnect: boolean;
  /** Grows with each start of a service: what a test looks at to see restarts. */
  readonly starts = new Map<string, number>();
  readonly down: Set<string>;
  readonly failures: Readonly<Record<string, number>>;
  failing: Readonly<Record<string, string>>;
  plan: Plan = EMPTY;
  bootId = "boot-1";
  /** The last request for a layer that changed nothing; while nothing has changed it need not be read again. */
  idleLayer: Uint8Array | undefined;
  /** Checks that a charm stopped. */
  readonly stopped = new Set<string>();
  /** Signals that running services got, in order. */
  readonly signals: { readonly service: string; readonly signal: string }[] = [];
  readonly #checked = new Set<string>();
  #noticeRecord: Notices | undefined;
  /** When the last notice that Juju has heard of was repeated. */
  #heard: Timestamp | undefined;
  #identities: Identities | undefined;
  /** In the order of their ids, which count from 1. */
  readonly changes: FakeChange[] = [];
  readonly #executions: FakeExecutions;
  readonly #options: FakePebbleOptions;
  readonly #name: string;
  #layers: readonly LabelledLayer[] = [];
  readonly #running = new Map<string, Service>();
  readonly #seen = new Map<string, Service>();

  constructor(name: string, options: FakePebbleOptions = {}) {
    this.#name = name;
    this.canConnect = options.canConnect ?? true;
    this.failing = options.failing ?? {};
    this.down = new Set(options.down);
    this.failures = options.failures ?? {};
    this.#executions = new FakeExecutions(options.exec ?? {});
    this.#options = options;
    this.#begin();
    for (const [service, definition] of Object.entries(this.plan.services)) {
      const runs = options.running?.includes(service) ?? definition.startup === "enabled";
      if (runs) this.#start(service, definition);
    }
    this.starts.clear(); // What ran before the test is not a start the test asks about.
  }

  /** The image's files and layers, and nothing else. */
  #begin(): void {
    this.#layers = [];
    this.plan = EMPTY;
    this.idleLayer = undefined;
    this.files.clear();
    for (const [path, text] of Object.entries(this.#options.files ?? {})) {
      this.files.write(path, { content: new TextEncoder().encode(text) });
    }
    for (const [label, layer] of Object.entries(this.#options.layers ?? {}))
      this.addLayer({ ...layer, label }, { combine: true });
  }

  /** Requests as charms make them. */
  transport(): PebbleTransport {
    const guard = () => {
      if (!this.canConnect) throw new PebbleUnreachableError(this.#name);
    };
    return {
      close: () => undefined,
      request: async (request) => {
        guard();
        const answer = route(this, request);
        return answer instanceof Promise ? await answer : answer;
      },
      websocket: async (path) => {
        guard();
        return this.#executions.websocket(path);
      },
      // Logs are empty, and nobody would end them.
      stream: async () => {
        guard();
        return { status: 200, headers: {}, body: nothing() };
      },
    };
  }

  /** Adds a layer by the rules of the real Pebble. @throws {LayerError} With its message. */
  addLayer(layer: LabelledLayer, options: { readonly combine: boolean; readonly inner?: boolean }): void {
    const known = this.#layers.find(({ label }) => label === layer.label);
    if (options.combine && changesNothing(known, layer)) return;
    this.idleLayer = undefined;
    const added = addLayer(this.#layers, layer, options);
    this.#layers = added.layers;
    this.plan = added.plan;
  }

  /** A restart of the container: its image's files and layers, no running service, another boot id. */
  reboot(): void {
    this.#running.clear();
    this.#seen.clear();
    this.stopped.clear();
    this.#checked.clear();
    this.#noticeRecord = undefined;
    this.#heard = undefined;
    this.#identities = undefined;
    this.#begin();
    this.bootId = `boot-${Number(this.bootId.slice("boot-".length)) + 1}`;
    this.canConnect = true;
  }

  /** Layers by label, in their order. */
  get layers(): Readonly<Record<string, Layer>> {
    return Object.fromEntries(this.#layers.map(({ label, ...layer }) => [label, layer]));
  }

  /** Commands that have ended, in order. */
  get execs(): readonly ExecRun[] {
    return this.#executions.runs;
  }

  /** Notices by the rules of the real Pebble, at a time that stands still. */
  get noticeRecord(): Notices {
    if (this.#noticeRecord === undefined) {
      const record = new Notices(STILL, timestamps(STILL));
      for (const [index, given] of (this.#options.notices ?? []).entries()) {
        const { id = String(index + 1), type = "custom", key, occurrences = 1 } = given;
        record.restore({
          id,
          userId: null,
          type: type as NoticeType,
          key,
          data: given["last-data"],
          occurrences,
        });
      }
      this.#noticeRecord = record;
    }
    return this.#noticeRecord;
  }

  /** Notices that are there now. */
  get notices(): readonly FakeNotice[] {
    const given = this.#options.notices ?? [];
    if (this.#noticeRecord === undefined) return given;
    const all = this.#noticeRecord.list({ userId: null, types: [], keys: [], after: undefined });
    return all
      .map(({ id, type, key, occurrences, "last-data": data }) => ({
        id,
        type,
        key,
        occurrences,
        ...(data && { "last-data": data }),
      }))
      .sort((a, b) => Number(a.id) - Number(b.id));
  }

  /** Records a custom notice, as a program of the container does. @throws {TypeError} With Pebble's words. */
  notify(key: string, data?: Readonly<Record<string, string>>): void {
    const fault = keyFault(key);
    if (fault !== undefined) throw new TypeError(`Cannot notify: ${fault}`);
    this.noticeRecord.add({ userId: 0, type: "custom", key, data });
  }

  /** Custom notices that are new or were repeated since this was asked last, as Juju's agent asks. */
  unheard(): readonly Notice[] {
    if (this.#noticeRecord === undefined && this.#options.notices === undefined) return [];
    const news = this.noticeRecord.list({ userId: null, types: ["custom"], keys: [], after: this.#heard });
    const last = news.at(-1)?.["last-repeated"];
    if (last !== undefined) this.#heard = parseTimestamp(last);
    return news;
  }

  /** Identities by the rules of the real Pebble; whoever asks is admin all the same. */
  get identities(): Identities {
    this.#identities ??= new Identities();
    return this.#identities;
  }

  /** Whether a check of the plan runs: until it is stopped, and from when it is started. */
  isChecked(name: string): boolean {
    const disabled = this.plan.checks[name]?.startup === "disabled";
    return disabled ? this.#checked.has(name) : !this.stopped.has(name);
  }

  /** Starts or stops a check. */
  check(name: string, runs: boolean): void {
    for (const [set, has] of [
      [this.#checked, runs],
      [this.stopped, !runs],
    ] as const) {
      if (has) set.add(name);
      else set.delete(name);
    }
  }

  isRunning(name: string): boolean {
    return this.#running.has(name);
  }

  start(names: readonly string[], kind = "start"): FakeChange {
    return this.#change(kind, names, (name) => this.#startIfStopped(name));
  }

  stop(names: readonly string[]): FakeChange {
    return this.#change("stop", names, (name) => {
      this.#running.delete(name);
      return undefined;
    });
  }

  restart(names: readonly string[]): FakeChange {
    return this.#change("restart", names, (name) => {
      this.#running.delete(name);
      return this.#startIfStopped(name);
    });
  }

  /** Restarts what was started with another definition; starts what should run. */
  replan(): FakeChange {
    const services = Object.entries(this.plan.services);
    const changed = services.filter(([name, service]) => {
      const seen = this.#seen.get(name);
      return seen !== undefined && !isSame(seen, service);
    });
    for (const [name] of changed) this.#running.delete(name);
    const wanted = services.filter(([, service]) => service.startup === "enabled");
    const names = [...new Set([...changed, ...wanted].map(([name]) => name))];
    return this.#change("replan", names, (name) => this.#startIfStopped(name));
  }

  #startIfStopped(name: string): string | undefined {
    const service = this.plan.services[name];
    if (service === undefined || this.isRunning(name)) return undefined;
    if (this.failing[name] !== undefined) {
      this.#seen.set(name, service);
      return this.failing[name];
    }
    this.#start(name, service);
    return undefined;
  }

  #start(name: string, service: Service): void {
    this.#running.set(name, service);
    this.#seen.set(name, service);
    this.starts.set(name, (this.starts.get(name) ?? 0) + 1);
  }

  #change(kind: string, names: readonly string[], step: (name: string) => string | undefined): FakeChange {
    const faults = names.map(step).filter((fault) => fault !== undefined);
    return this.#record({ kind, summary: summaryOf(kind, names), err: faults[0], data: {} });
  }

  #record(change: Omit<FakeChange, "id">): FakeChange {
    const recorded = { ...change, id: String(this.changes.length + 1) };
    this.changes.push(recorded);
    return recorded;
  }

  /** Begins a command; its output waits on the websockets of the task, which has the change's id. */
  exec(command: readonly string[], settings: ExecSettings = {}): FakeChange {
    const summary = `Execute command "${command[0]}"`;
    const change = this.#record({ kind: "exec", summary, err: undefined, data: {} });
    const ended = (exitCode: number): void => {
      this.changes[Number(change.id) - 1] = { ...change, data: { "exit-code": exitCode } };
    };
    this.#executions.begin(change.id, command, ended, settings);
    return change;
  }

  /** Whether there is such a command. */
  canExec(command: readonly string[]): boolean {
    return this.#executions.mockOf(command) !== undefined;
  }
}
