import { addLayer, combineLayers } from "../plan/combine.ts";
import type { LabelledLayer, Plan } from "../plan/types.ts";
import { Changes } from "./changes.ts";
import { Checks } from "./checks.ts";
import type { PebbleClock } from "./clock.ts";
import type { Container } from "./environment.ts";
import { Executions, type ServerSocket, type SocketName } from "./exec.ts";
import { FileOperations } from "./file-operations.ts";
import { Identities } from "./identities.ts";
import { LogForwarding } from "./log-forwarding.ts";
import { Notices } from "./notices.ts";
import { type ProcessGroup, signalGroup } from "./process-group.ts";
import { Refusal } from "./respond.ts";
import type { ExitCode } from "./service.ts";
import { Services } from "./services.ts";
import { timestamps } from "./timestamp.ts";

/** What a daemon is made of. */
export interface DaemonParts {
  readonly bootId: string;
  readonly container: Container;
  readonly clock: PebbleClock;
  readonly random: () => number;
  readonly startGraceMs: number;
  readonly logFlushMs: number;
  /** User id that requests count as. */
  readonly userId: number;
  onProcess(group: ProcessGroup, name: string, event: "started" | "ended"): void;
  onExit(code: ExitCode): void;
  onFault(error: unknown): void;
}

/** The state of one running Pebble; handlers of the API act on it. */
export class Daemon {
  readonly bootId: string;
  readonly container: Container;
  readonly clock: PebbleClock;
  readonly userId: number;
  readonly notices: Notices;
  readonly changes: Changes;
  readonly services: Services;
  readonly checks: Checks;
  readonly executions: Executions;
  readonly files: FileOperations;
  readonly identities = new Identities();
  /** Host and port that open endpoints are served on; absent: none. */
  httpAddress: string | undefined;
  readonly #parts: DaemonParts;
  readonly #forwarding: LogForwarding;
  readonly #closing = new AbortController();
  readonly #groups = new Map<number, ProcessGroup>();
  #layers: readonly LabelledLayer[] = [];
  #plan: Plan = combineLayers([]);

  constructor(parts: DaemonParts) {
    const { bootId, container, clock, userId } = parts;
    this.#parts = parts;
    this.bootId = bootId;
    this.container = container;
    this.clock = clock;
    this.userId = userId;
    const now = timestamps(clock);
    const watch = {
      started: (name: string, group: ProcessGroup) => this.#started(name, group),
      exited: (name: string, group: ProcessGroup) => this.#exited(name, group),
    };
    const { random, startGraceMs } = parts;
    const shutdown = (code: ExitCode) => parts.onExit(code);
    this.notices = new Notices(clock, now);
    this.changes = new Changes(clock, now, this.notices);
    this.#forwarding = new LogForwarding({ clock, container, logFlushMs: parts.logFlushMs });
    const started = (name: string, group: ProcessGroup) => {
      watch.started(name, group);
      this.#forwarding.serviceStarted(name, this.services.logsOf(name)!);
    };
    this.services = new Services(
      { clock, now, container, random, startGraceMs, shutdown, ...watch, started },
      () => this.#plan,
    );
    const failed = (check: string) => this.services.checkFailed(check);
    this.checks = new Checks({ clock, container, changes: this.changes, failed });
    this.executions = new Executions({ clock, container, closing: this.#closing.signal, ...watch });
    this.files = new FileOperations(container.root, container.programs);
  }

  #started(name: string, group: ProcessGroup): void {
    this.#groups.set(group.pid, group);
    this.#parts.onProcess(group, name, "started");
  }

  /** The leader is gone; what it left in its group is ended when Pebble ends. */
  #exited(name: string, group: ProcessGroup): void {
    if (!signalGroup(group.pid, 0)) this.#groups.delete(group.pid);
    this.#parts.onProcess(group, name, "ended");
  }

  /** The combined plan. */
  get plan(): Plan {
    return this.#plan;
  }

  /** Adds a layer. Services stay as they are; checks follow the plan. @throws {LayerError} */
  addLayer(layer: LabelledLayer, options: { readonly combine: boolean; readonly inner: boolean }): void {
    const next = addLayer(this.#layers, layer, options);
    this.#layers = next.layers;
    this.#plan = next.plan;
    this.checks.planChanged(next.plan);
    this.#forwarding.planChanged(next.plan);
  }

  /** Why a task's websocket cannot be opened, or undefined. */
  refuseWebSocket(taskId: string, name: string): Refusal | undefined {
    const kind = this.changes.taskKind(taskId);
    if (kind === undefined) return new Refusal(404, `cannot find task "${taskId}"`);
    if (kind !== "exec") return new Refusal(400, `"${kind}" tasks do not have websockets`);
    const refused = this.executions.refuse(taskId, name);
    return refused && new Refusal(refused.status, refused.message);
  }

  /** Hands over an opened websocket. */
  connectWebSocket(taskId: string, name: string, socket: ServerSocket): void {
    this.executions.connect(taskId, name as SocketName, socket);
  }

  /** Reports a fault of ours. */
  fault(error: unknown): void {
    this.#parts.onFault(error);
  }

  /** Fires when Pebble ends, for requests that would never. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Stops checks, commands and services, sends their last lines, then ends whatever is left in their groups. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.checks.close();
    this.changes.close();
    try {
      await this.services.stopAll();
      await this.#forwarding.close();
    } finally {
      for (const group of this.#groups.values()) signalGroup(group.pid, "SIGKILL");
    }
  }
}
