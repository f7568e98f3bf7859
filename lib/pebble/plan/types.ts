/** Layers and plans in Pebble's spelling. Durations are Go's (`1m30s`). */

/** `merge` adds to the item below, `replace` discards it. */
export type Override = "merge" | "replace";

/** What Pebble does when something ends or fails. */
export type ServiceAction = "restart" | "shutdown" | "success-shutdown" | "failure-shutdown" | "ignore";

/** A program that Pebble runs and keeps running. */
export interface Service {
  /** Required in a layer. */
  readonly override?: Override;
  /** Words with shell quoting, no shell; `[ … ]` at the end marks default arguments. Required in the plan. */
  readonly command?: string;
  readonly summary?: string;
  readonly description?: string;
  /** Default `disabled`. */
  readonly startup?: "enabled" | "disabled";
  readonly after?: readonly string[];
  readonly before?: readonly string[];
  readonly requires?: readonly string[];
  /** On top of Pebble's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly "user-id"?: number;
  readonly group?: string;
  readonly "group-id"?: number;
  readonly "working-dir"?: string;
  /** Default `restart`; not `success-shutdown`. */
  readonly "on-success"?: ServiceAction;
  /** Default `restart`; not `failure-shutdown`. */
  readonly "on-failure"?: ServiceAction;
  /** By check; not `failure-shutdown`. */
  readonly "on-check-failure"?: Readonly<Record<string, ServiceAction>>;
  /** Default `500ms`. */
  readonly "backoff-delay"?: string;
  /** At least 1; default 2. */
  readonly "backoff-factor"?: number;
  /** Default `30s`. */
  readonly "backoff-limit"?: string;
  /** From SIGTERM to SIGKILL; default `5s`. */
  readonly "kill-delay"?: string;
  readonly workload?: string;
}

/** A health check: exactly one of `http`, `tcp` and `exec`. */
export interface Check {
  /** Required in a layer. */
  readonly override?: Override;
  readonly level?: "alive" | "ready";
  /** Default `enabled`. */
  readonly startup?: "enabled" | "disabled";
  /** Default `10s`. */
  readonly period?: string;
  /** Default `3s`; at most the period. */
  readonly timeout?: string;
  /** Consecutive failures until it is down; default 3. */
  readonly threshold?: number;
  readonly http?: { readonly url?: string; readonly headers?: Readonly<Record<string, string>> };
  readonly tcp?: { readonly port?: number; readonly host?: string };
  readonly exec?: ExecCheck;
}

/** A command that succeeds while all is well. */
export interface ExecCheck {
  readonly command?: string;
  readonly "service-context"?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly "user-id"?: number;
  readonly group?: string;
  readonly "group-id"?: number;
  readonly "working-dir"?: string;
}

/** Where logs of services go. */
export interface LogTarget {
  /** Required in a layer. */
  readonly override?: Override;
  readonly type?: "loki" | "opentelemetry" | "syslog";
  readonly location?: string;
  /** Names, `all`, `-name`, `-all`; later ones win. */
  readonly services?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a charm adds. */
export interface Layer {
  readonly summary?: string;
  readonly description?: string;
  readonly services?: Readonly<Record<string, Service>>;
  readonly checks?: Readonly<Record<string, Check>>;
  readonly "log-targets"?: Readonly<Record<string, LogTarget>>;
}

/** All layers combined. */
export interface Plan {
  readonly services: Readonly<Record<string, Service>>;
  readonly checks: Readonly<Record<string, Check>>;
  readonly "log-targets": Readonly<Record<string, LogTarget>>;
}

/** A layer and the label it was added under. */
export interface LabelledLayer extends Layer {
  readonly label: string;
}
