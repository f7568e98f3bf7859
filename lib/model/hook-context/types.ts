import type { HookWorld, WorldNetwork } from "../world.ts";

/** Family of the Juju release whose texts and rules apply. */
export interface JujuVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch?: number;
}

/** Something that takes effect at once and stays when the hook fails. */
export type ImmediateCall =
  | { readonly kind: "unit-status"; readonly status: string; readonly message: string }
  | { readonly kind: "application-status"; readonly status: string; readonly message: string }
  | { readonly kind: "workload-version"; readonly version: string }
  | LogRecord
  | { readonly kind: "action-log"; readonly message: string }
  /** 3.6 only; an empty value deletes the key. */
  | { readonly kind: "leader-settings"; readonly settings: Readonly<Record<string, string>> }
  | SecretRead
  /** An owner gave its secret another label by reading it. */
  | { readonly kind: "secret-label"; readonly id: string; readonly label: string }
  | { readonly kind: "resource"; readonly name: string }
  | PayloadCall
  /** Kill the hook, reboot, and run the hook again from scratch. */
  | { readonly kind: "reboot-now" };

/** One record of the log; the host decides which levels it keeps. */
export interface LogRecord {
  readonly kind: "log";
  readonly level: LogLevel;
  readonly module: string;
  readonly message: string;
}

export type LogLevel = "UNSPECIFIED" | "TRACE" | "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** A unit read a secret: from now on it tracks this revision, under this label if there is one. */
export interface SecretRead {
  readonly kind: "secret-read";
  readonly id: string;
  readonly label?: string;
  /** Revision tracked from now on. */
  readonly revision: number;
  readonly refresh: boolean;
}

/** 3.6 only. */
export interface PayloadCall {
  readonly kind: "payload";
  readonly operation: "register" | "unregister" | "status-set";
  readonly class: string;
  readonly id: string;
  readonly type?: string;
  readonly status?: string;
  readonly labels?: readonly string[];
}

/** Files named in arguments; the agent opens them, not the caller. Paths are absolute. */
export interface HookFiles {
  /** The whole file, or nothing when there is none. */
  read(path: string): Uint8Array | undefined;
  /** Creates or truncates; a throw becomes the command's error. */
  write?(path: string, bytes: Uint8Array): void;
}

/** What a hook context is made of. */
export interface HookContextOptions {
  readonly world: HookWorld;
  readonly version: JujuVersion;
  /** A new secret's identifier: 20 characters, `[0-9a-v]`. */
  readonly newSecretId: () => string;
  readonly now: () => Date;
  readonly files?: HookFiles;
  /** Directory against which the agent resolves relative files of `secret-add` and `secret-set`. */
  readonly agentDir?: string;
  /** Whether the unit leads at this moment; absent means as the world says. Once false, stays false. */
  readonly leaderNow?: () => boolean;
  /** Takes what has effect at once. A throw fails the command with the error's message. */
  readonly onImmediate?: (call: ImmediateCall) => void;
  /** What the controller answers; absent means that it answers from the world. */
  readonly controller?: Controller;
  /** For the controller of the world: whether the model has an application; absent: related ones only. */
  readonly applicationExists?: (name: string) => boolean;
}

/** The controller as the unit agent sees it. Methods throw `OperationError` with the controller's text. */
export interface Controller {
  /** Databag of a unit other than ours. */
  unitSettings(relationId: number, unit: string): ReadonlyMap<string, string>;
  /** Databag of an application; also of our own when this unit does not lead. */
  appSettings(relationId: number, app: string): ReadonlyMap<string, string>;
  /** Content of a committed secret and what reading it means for this unit. */
  secretContent(request: SecretRequest): SecretContent;
  network(binding: string): ControllerNetwork;
  publicAddress(): string;
  storage(id: string): { readonly kind: string; readonly location: string };
  cloudSpec(): Readonly<Record<string, unknown>>;
  /** Path of a downloaded resource. */
  resource(name: string): string;
  goalState(): unknown;
}

export interface SecretRequest {
  readonly id?: string;
  readonly label?: string;
  readonly peek: boolean;
  readonly refresh: boolean;
}

export interface SecretContent {
  readonly id: string;
  /** Revision this unit tracks after the read; with a peek not the one whose content this is. */
  readonly tracked: number;
  /** Key → base64 text, as it was stored. */
  readonly content: Readonly<Record<string, string>>;
}

export type ControllerNetwork =
  | { readonly network: WorldNetwork }
  /** The controller's words for this binding; 3.6 does not show them. */
  | { readonly error: string };

/** How an action ended as far as hook commands decide it. */
export interface ActionResult {
  /** Nested maps of texts, as `action-set` built them. */
  readonly results: Readonly<Record<string, unknown>>;
  /** Present when `action-fail` was called. */
  readonly failed?: { readonly message: string };
}
