import { type HookWorld, lateValue, type WorldStatus } from "../world.ts";
import { ActionRun } from "./action.ts";
import { CharmState } from "./charm-state.ts";
import { OperationError } from "./errors.ts";
import { applicationOf } from "./names.ts";
import { Ports } from "./ports.ts";
import { ContextRelation } from "./relations.ts";
import { Secrets } from "./secrets.ts";
import type { Controller, HookContextOptions, ImmediateCall, JujuVersion, LogLevel } from "./types.ts";
import { WorldController } from "./world-controller.ts";

const UNKNOWN: WorldStatus = { status: "unknown", message: "" };

/** Everything the commands of one hook share: what it sees, and what it has asked for so far. */
export class HookState {
  readonly world: HookWorld;
  readonly version: JujuVersion;
  readonly app: string;
  readonly controller: Controller;
  readonly relations: ReadonlyMap<number, ContextRelation>;
  readonly ports: Ports;
  readonly charmState: CharmState;
  readonly secrets: Secrets;
  readonly action: ActionRun;
  /** Storage to add: name and count, in the order asked for. */
  readonly storageAdds: { readonly name: string; readonly count: number }[] = [];
  readonly podSpecs: { spec?: string; raw?: string } = {};
  reboot: "none" | "after-hook" | "now" = "none";
  readonly #options: HookContextOptions;
  #leader: boolean;
  #unitStatus: WorldStatus;
  /** Set in this hook. */
  #appStatus: WorldStatus | undefined;
  #readUnitStatus: WorldStatus | undefined;

  constructor(options: HookContextOptions) {
    const { world } = options;
    this.#options = options;
    this.world = world;
    this.version = options.version;
    this.app = applicationOf(world.unit) ?? "";
    this.controller = options.controller ?? new WorldController(options);
    this.relations = new Map(
      world.relations.map((relation) => [relation.id, this.#contextRelation(relation)]),
    );
    this.ports = new Ports(world);
    this.charmState = new CharmState(world.state, options.version);
    this.secrets = new Secrets(this);
    this.action = new ActionRun(world.action);
    this.#leader = world.leader;
    this.#unitStatus = world["unit-status"] ?? UNKNOWN;
  }

  /** Asked anew each time; once it was false it stays false in this hook. */
  isLeader(): boolean {
    this.#leader &&= this.#options.leaderNow?.() ?? true;
    return this.#leader;
  }

  newSecretId(): string {
    return this.#options.newSecretId();
  }

  now(): Date {
    return this.#options.now();
  }

  /** Hands over what has effect at once; a refusal becomes the command's error. */
  immediate(call: ImmediateCall): void {
    try {
      this.#options.onImmediate?.(call);
    } catch (cause) {
      throw new OperationError(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  log(level: LogLevel, module: string, message: string): void {
    this.immediate({ kind: "log", level, module, message });
  }

  /** The relation that the running hook is about. */
  hookRelation(): ContextRelation | undefined {
    const id = this.world.hook?.["relation-id"];
    return typeof id === "number" ? this.relations.get(id) : undefined;
  }

  remoteUnit(): string | undefined {
    return textOf(this.world.hook?.["remote-unit"]);
  }

  remoteApp(): string | undefined {
    return textOf(this.world.hook?.["remote-app"]);
  }

  /** The unit's status as `status-get` shows it: read once in a hook. */
  readUnitStatus(): WorldStatus {
    this.#readUnitStatus ??= this.#unitStatus;
    return this.#readUnitStatus;
  }

  /** The statuses of the application and all its units, read each time. */
  readAppStatus(): { readonly app: WorldStatus; readonly units: ReadonlyMap<string, WorldStatus> } {
    const units = new Map(Object.entries(lateValue(this.world["unit-statuses"] ?? {})));
    units.set(this.world.unit, this.#unitStatus);
    return { app: this.#appStatus ?? lateValue(this.world["app-status"] ?? UNKNOWN), units };
  }

  setStatus(of: "unit" | "application", status: string, message: string): void {
    this.immediate({ kind: `${of}-status`, status, message });
    if (of === "unit") this.#unitStatus = { status, message };
    else this.#appStatus = { status, message };
  }

  readFile(path: string): Uint8Array | undefined {
    return this.#options.files?.read(path);
  }

  writeFile(path: string, bytes: Uint8Array): void {
    const write = this.#options.files?.write;
    if (write === undefined) throw new OperationError(`open ${path}: permission denied`);
    try {
      this.#options.files?.write?.(path, bytes);
    } catch (cause) {
      throw new OperationError(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  get agentDir(): string {
    return this.#options.agentDir ?? "/";
  }

  #contextRelation(relation: HookWorld["relations"][number]): ContextRelation {
    const { hook } = this.world;
    const departs = hook?.kind === "relation-departed" && hook["relation-id"] === relation.id;
    const departed = departs ? textOf(hook["remote-unit"]) : undefined;
    return new ContextRelation(relation, {
      unit: this.world.unit,
      app: this.app,
      ...(departed === undefined ? {} : { departed }),
    });
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
