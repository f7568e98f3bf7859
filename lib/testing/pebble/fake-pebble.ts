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
import { parseLayer } from "../../pebble/plan/yaml.ts";
import type { PebbleTransport, PebbleWebSocket } from "../../pebble/transport.ts";
import { FakeFiles } from "./fake-files.ts";
import { route } from "./route.ts";

/** What a mocked command does. */
export interface ExecMock {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** Answers a command that a charm runs in a container. */
export type ExecHandler = (command: readonly string[], stdin: string) => ExecMock;

/** Commands by their beginning: `"hydra migrate"` answers `hydra migrate sql -e`; the longest one wins. */
export type ExecMocks = Readonly<Record<string, ExecMock | ExecHandler>>;

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

/** One container's Pebble. */
export class FakePebble {
  readonly files = new FakeFiles();
  canConnect: boolean;
  /** Grows with each start of a service: what a test looks at to see restarts. */
  readonly starts = new Map<string, number>();
  readonly down: Set<string>;
  failing: Readonly<Record<string, string>>;
  plan: Plan = EMPTY;
  bootId = "boot-1";
  readonly changes: FakeChange[] = [];
  readonly executions = new Map<string, { readonly command: readonly string[]; readonly change: string }>();
  readonly #exec: ExecMocks;
  readonly #name: string;
  #layers: readonly LabelledLayer[] = [];
  readonly #running = new Map<string, Service>();
  readonly #seen = new Map<string, Service>();

  constructor(name: string, options: FakePebbleOptions = {}) {
    this.#name = name;
    this.canConnect = options.canConnect ?? true;
    this.failing = options.failing ?? {};
    this.down = new Set(options.down);
    this.#exec = options.exec ?? {};
    for (const [path, text] of Object.entries(options.files ?? {})) {
      this.files.write(path, { content: new TextEncoder().encode(text) });
    }
    for (const [label, layer] of Object.entries(options.layers ?? {})) this.#add({ ...layer, label });
    for (const [name, service] of Object.entries(this.plan.services)) {
      if (service.startup === "enabled") this.#start(name, service);
    }
    this.starts.clear(); // What ran before the test is not a start the test asks about.
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
        return await route(this, request);
      },
      websocket: async (path) => {
        guard();
        return this.#websocket(path);
      },
    };
  }

  /** Layer text, YAML or JSON. @throws {LayerError} With Pebble's message. */
  async addLayer(label: string, text: string, combine: boolean): Promise<void> {
    this.#add(await parseLayer(label, text), combine);
  }

  #add(layer: LabelledLayer, combine = true): void {
    const added = addLayer(this.#layers, layer, { combine });
    this.#layers = added.layers;
    this.plan = added.plan;
  }

  /** What a restart of the container leaves: image layers and files, no running service, another boot id. */
  reboot(): void {
    this.#running.clear();
    this.#seen.clear();
    this.#layers = [];
    this.plan = EMPTY;
    this.bootId = `boot-${Number(this.bootId.slice("boot-".length)) + 1}`;
    this.canConnect = true;
  }

  isRunning(name: string): boolean {
    return this.#running.has(name);
  }

  start(names: readonly string[]): FakeChange {
    return this.#change("start", names, (name) => this.#startIfStopped(name));
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
      return seen !== undefined && JSON.stringify(seen) !== JSON.stringify(service);
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
    const summary = `${kind[0]?.toUpperCase()}${kind.slice(1)} service ${names.map((name) => `"${name}"`).join(", ")}`;
    return this.#record({ kind, summary, err: faults[0], data: {} });
  }

  #record(change: Omit<FakeChange, "id">): FakeChange {
    const recorded = { ...change, id: String(this.changes.length + 1) };
    this.changes.push(recorded);
    return recorded;
  }

  /** Begins a command; its output waits on the websockets of the task, which has the change's id. */
  exec(command: readonly string[]): FakeChange {
    const change = this.#record({
      kind: "exec",
      summary: `Execute command "${command[0]}"`,
      err: undefined,
      data: {},
    });
    this.executions.set(change.id, { command, change: change.id });
    return change;
  }

  /** The mock for a command, or `undefined`. */
  mockOf(command: readonly string[]): ExecMock | ExecHandler | undefined {
    const text = command.join(" ");
    const matching = Object.keys(this.#exec).filter(
      (key) => text === key || text.startsWith(`${key} `) || key === "",
    );
    const longest = matching.sort((a, b) => b.length - a.length)[0];
    return longest === undefined ? undefined : this.#exec[longest];
  }

  #websocket(path: string): PebbleWebSocket {
    const [, task = "", stream] = /^\/v1\/tasks\/([^/]+)\/websocket\/(\w+)$/.exec(path) ?? [];
    const execution = this.executions.get(task);
    if (execution === undefined) throw new PebbleUnreachableError(this.#name);
    return stream === "stdio"
      ? this.#stdio(execution)
      : silentSocket(stream === "stderr" ? this.#stderr(task) : []);
  }

  readonly #outputs = new Map<string, Promise<ExecMock>>();

  #stdio(execution: { readonly command: readonly string[]; readonly change: string }): PebbleWebSocket {
    let input = "";
    let ended: (mock: ExecMock) => void = () => undefined;
    const output = new Promise<ExecMock>((resolve) => {
      ended = resolve;
    });
    this.#outputs.set(execution.change, output);
    const finish = () => {
      const mock = this.mockOf(execution.command) ?? {};
      const result = typeof mock === "function" ? mock(execution.command, input) : mock;
      const index = this.changes.findIndex(({ id }) => id === execution.change);
      const change = this.changes[index];
      if (change !== undefined)
        this.changes[index] = { ...change, data: { "exit-code": result.exitCode ?? 0 } };
      ended(result);
    };
    return {
      messages: streamOf(output.then((result) => result.stdout ?? "")),
      send: (message) => {
        if (typeof message === "string" && message.includes('"end"')) finish();
        else input += typeof message === "string" ? message : new TextDecoder().decode(message);
      },
      close: () => undefined,
    };
  }

  async *#stderr(task: string): AsyncGenerator<string | Uint8Array> {
    const output = await this.#outputs.get(task);
    yield* streamOf(Promise.resolve(output?.stderr ?? ""));
  }
}

async function* streamOf(text: Promise<string>): AsyncGenerator<string | Uint8Array> {
  const content = await text;
  if (content !== "") yield new TextEncoder().encode(content);
  yield JSON.stringify({ command: "end" });
}

function silentSocket(messages: AsyncIterable<string | Uint8Array> | readonly []): PebbleWebSocket {
  const stream = Symbol.asyncIterator in messages ? messages : (async function* () {})();
  return { messages: stream, send: () => undefined, close: () => undefined };
}
