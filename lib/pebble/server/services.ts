import { isDeepStrictEqual } from "node:util";
import { serviceLanes, serviceOrder } from "../plan/order.ts";
import type { Plan } from "../plan/types.ts";
import type { ServiceState } from "../types.ts";
import type { NewTask, TaskControl } from "./changes.ts";
import { LogBuffer, type TimedEntry } from "./log-buffer.ts";
import { type ServiceHost, StartFault, SupervisedService } from "./service.ts";
import { formatTimestamp } from "./timestamp.ts";

type Lanes = readonly (readonly string[])[];

/** The services of the plan and those that were ever started, with the tasks that act on them. */
export class Services {
  readonly #host: ServiceHost;
  readonly #plan: () => Plan;
  readonly #known = new Map<string, SupervisedService>();

  constructor(host: ServiceHost, plan: () => Plan) {
    this.#host = host;
    this.#plan = plan;
  }

  list(names: readonly string[]): readonly ServiceState[] {
    return Object.keys(this.#plan().services)
      .filter((name) => names.length === 0 || names.includes(name))
      .sort()
      .map((name) => this.#show(name));
  }

  #show(name: string): ServiceState {
    const known = this.#known.get(name);
    const startup = this.#plan().services[name]!.startup === "enabled" ? "enabled" : "disabled";
    return {
      name,
      startup,
      current: known?.status ?? "inactive",
      ...(known?.since !== undefined && { "current-since": formatTimestamp(known.since) }),
    };
  }

  /** Names that start by default, in order. @throws {LayerError} */
  enabled(): readonly string[] {
    const { services } = this.#plan();
    const names = Object.keys(services).filter((name) => services[name]!.startup === "enabled");
    return serviceOrder(services, names, "start");
  }

  /** @throws {LayerError} For an unknown service. */
  startLanes(names: readonly string[]): Lanes {
    const { services } = this.#plan();
    return serviceLanes(services, serviceOrder(services, names, "start"));
  }

  /** @throws {LayerError} For an unknown service. */
  stopLanes(names: readonly string[]): Lanes {
    const { services } = this.#plan();
    return serviceLanes(services, serviceOrder(services, names, "stop"));
  }

  /** What replan stops and starts: services whose configuration moved, and enabled ones. */
  replanLanes(): { readonly stop: Lanes; readonly start: Lanes } {
    const { services } = this.#plan();
    const changed = [...this.#known.values()].filter(
      ({ name, config }) => services[name] && !isDeepStrictEqual(services[name], config),
    );
    for (const service of changed) service.configure(services[service.name]!);
    const stop = changed.map((service) => service.name);
    const start = Object.keys(services).filter(
      (name) => stop.includes(name) || services[name]!.startup === "enabled",
    );
    return { stop: this.stopLanes(stop), start: this.startLanes(start) };
  }

  /** Tasks that stop, then tasks that start; the latter wait for all of the former. */
  tasks(stop: Lanes, start: Lanes): readonly NewTask[] {
    const stops = laneTasks(stop, 0, [], (name) => ({
      kind: "stop",
      summary: `Stop service "${name}"`,
      run: (control) => this.#stop(name, control),
    }));
    const all = stops.map((_task, index) => index);
    const starts = laneTasks(start, stops.length, all, (name) => ({
      kind: "start",
      summary: `Start service "${name}"`,
      run: (control) => this.#start(name, control),
    }));
    return [...stops, ...starts];
  }

  async #start(name: string, control: TaskControl): Promise<void> {
    const config = this.#plan().services[name];
    if (!config) throw new Error(`cannot find service "${name}" in plan`);
    const service = this.#known.get(name) ?? this.#add(name);
    const abort = () => service.abortStart();
    control.signal.addEventListener("abort", abort);
    try {
      const message = await service.start(config);
      if (message) control.log(message);
    } catch (error) {
      if (error instanceof StartFault && error.output) {
        control.log(`Most recent service output:\n${error.output}`);
      }
      throw error;
    } finally {
      control.signal.removeEventListener("abort", abort);
    }
  }

  #add(name: string): SupervisedService {
    const logs = new LogBuffer(name, this.#host.now);
    const service = new SupervisedService(name, this.#plan().services[name]!, logs, this.#host);
    this.#known.set(name, service);
    return service;
  }

  async #stop(name: string, control: TaskControl): Promise<void> {
    const service = this.#known.get(name);
    const message = service ? await service.stop() : `Service "${name}" has never been started.`;
    if (message) control.log(message);
  }

  /** Sends a signal to each; the reasons of those that could not be reached. */
  signal(names: readonly string[], signal: string, valid: boolean): readonly string[] {
    return names.flatMap((name) => {
      const what = `cannot send signal to "${name}"`;
      const service = this.#known.get(name);
      if (service?.status !== "active") return [`${what}: service is not running`];
      if (!valid) return [`${what}: invalid signal name "${signal}"`];
      try {
        service.signal(signal as NodeJS.Signals);
        return [];
      } catch (error) {
        return [`${what}: ${(error as Error).message}`];
      }
    });
  }

  /** Does for a check that went down what each service's plan says. */
  checkFailed(check: string): void {
    for (const service of this.#known.values()) {
      const action = service.config["on-check-failure"]?.[check];
      if (action) service.checkFailed(action);
    }
  }

  /** Lines of several services, oldest first. */
  logs(names: readonly string[]): readonly TimedEntry[] {
    const entries = this.#named(names).flatMap((service) => service.logs.entries());
    return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  /** Calls back for each new line. Services first started later are not followed, as in Pebble. */
  followLogs(names: readonly string[], listener: (entry: TimedEntry) => void): () => void {
    const stops = this.#named(names).map((service) => service.logs.follow(listener));
    return () => {
      for (const stop of stops) stop();
    };
  }

  #named(names: readonly string[]): readonly SupervisedService[] {
    const wanted = names.length > 0 ? names : Object.keys(this.#plan().services);
    return [...this.#known.values()].filter((service) => wanted.includes(service.name)).sort(byName);
  }

  /** What a service has written, once it was started. */
  logsOf(name: string): LogBuffer | undefined {
    return this.#known.get(name)?.logs;
  }

  /** Every service that was ever started, for metrics. */
  known(): readonly SupervisedService[] {
    return [...this.#known.values()].sort(byName);
  }

  /** Stops everything that runs, in order. */
  async stopAll(): Promise<void> {
    await Promise.all(this.#stopOrder().map((lane) => this.#stopLane(lane)));
  }

  #stopOrder(): Lanes {
    const { services } = this.#plan();
    const planned = this.stopLanes(Object.keys(services));
    const others = [...this.#known.keys()].filter((name) => !services[name]).map((name) => [name]);
    return [...planned, ...others];
  }

  async #stopLane(lane: readonly string[]): Promise<void> {
    for (const name of lane) {
      await this.#known.get(name)?.stop();
      await this.#known.get(name)?.settled();
    }
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

type Step = Pick<NewTask, "kind" | "summary" | "run">;

function laneTasks(
  lanes: Lanes,
  offset: number,
  waitsFor: readonly number[],
  step: (name: string) => Step,
): readonly NewTask[] {
  const tasks: NewTask[] = [];
  for (const names of lanes) {
    // A lane is known by the index of its first task.
    const lane = offset + tasks.length;
    for (const [index, name] of names.entries()) {
      const before = index === 0 ? [] : [offset + tasks.length - 1];
      tasks.push({ ...step(name), lane, waitsFor: [...waitsFor, ...before] });
    }
  }
  return tasks;
}
