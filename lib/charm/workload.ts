import type { Sensitive } from "../hook/sensitive.ts";

/** What Pebble does when something ends or fails. */
export type PebbleAction = "restart" | "shutdown" | "ignore" | "failure-shutdown" | "success-shutdown";

/** Value of an environment variable; `undefined` leaves it out. Sensitive ones do not print. */
export type EnvironmentValue = string | number | boolean | Sensitive<string> | undefined;

/** A service of a container, in Pebble's own words where Pebble has them. */
export interface Service {
  /** Split like a shell does, and run without one. */
  readonly command: string;
  readonly summary?: string;
  /** Default `enabled`: a service in a plan should run. */
  readonly startup?: "enabled" | "disabled";
  readonly environment?: Readonly<Record<string, EnvironmentValue>>;
  readonly user?: string;
  readonly group?: string;
  readonly "working-dir"?: string;
  readonly after?: readonly string[];
  readonly before?: readonly string[];
  readonly requires?: readonly string[];
  readonly "on-success"?: PebbleAction;
  readonly "on-failure"?: PebbleAction;
  /** Check → what to do. */
  readonly "on-check-failure"?: Readonly<Record<string, PebbleAction>>;
  /** Go duration: `500ms`. */
  readonly "backoff-delay"?: string;
  readonly "backoff-factor"?: number;
  readonly "backoff-limit"?: string;
  readonly "kill-delay"?: string;
  /**
   * Paths of this plan's files whose change restarts the service; an entry that ends with `/` means every
   * file below. Default: all files of the plan. `[]`: it watches its files by itself.
   */
  readonly reads?: readonly string[];
}

/** A health check; exactly one of `http`, `tcp` and `exec`. */
export interface Check {
  readonly level?: "alive" | "ready";
  readonly startup?: "enabled" | "disabled";
  /** Go duration; Pebble's default `10s`. */
  readonly period?: string;
  /** Go duration; Pebble's default `3s`. */
  readonly timeout?: string;
  /** Failures in a row until it is down; Pebble's default 3. */
  readonly threshold?: number;
  readonly http?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
  readonly tcp?: { readonly port: number; readonly host?: string };
  readonly exec?: { readonly command: string; readonly environment?: Readonly<Record<string, string>> };
}

/** Where logs go. */
export interface LogTarget {
  readonly type: "loki" | "opentelemetry" | "syslog";
  readonly location: string;
  readonly services: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A file with what Pebble needs to write it. */
export interface FileSpec {
  readonly content: string | Uint8Array | Sensitive<string>;
  /** Three octal digits; default `644`. */
  readonly permissions?: string;
  readonly user?: string;
  readonly group?: string;
}

/** A file's content, or with its permissions and owner; `undefined`: there must be no such file. */
export type PlannedFile = string | Uint8Array | Sensitive<string> | FileSpec | undefined;

/**
 * What should run in a container. A pure value: make it with a function of plain data, beside the charm.
 */
export interface WorkloadPlan {
  /** Name → service; `undefined`: must not run. */
  readonly services: Readonly<Record<string, Service | undefined>>;
  readonly checks?: Readonly<Record<string, Check>>;
  /** Where given, others that the container's plan has are switched off: none of them can be removed. */
  readonly "log-targets"?: Readonly<Record<string, LogTarget>>;
  /** Absolute path → file. Missing directories are made. */
  readonly files?: Readonly<Record<string, PlannedFile>>;
  /** Absolute paths of directories that hold the files above and nothing else: others in them are removed. */
  readonly exclusive?: readonly string[];
  /** Label of the Pebble layer; default the container's name. */
  readonly label?: string;
}
