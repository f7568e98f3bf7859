import type { HookTransport } from "../../hook/transport.ts";
import type { PebbleTransport } from "../../pebble/transport.ts";
import type { Env } from "./environment.ts";

/** Where a charm runs: a Juju unit, the local model, or a test. */
export interface Host {
  /** Juju's variables. */
  readonly env: Env;
  readonly hooks: HookTransport;
  /** The Pebble of a container; asked for when it is first used. */
  readonly pebble: (container: string) => PebbleTransport;
  readonly clock: { now(): number };
  /** Where a failure goes that Juju's log cannot take; default the process's standard error. */
  readonly stderr?: (text: string) => void;
  /** Lines for the log that arise outside the charm; looked at when the hook ends. */
  readonly debug?: readonly string[];
  /** Warnings of the process that arise while the charm runs; looked at when the hook ends. */
  readonly warnings?: readonly string[];
  /** Rejects when something fails that nobody waits for: the hook then fails as it does for any bug. */
  readonly crashed?: Promise<never>;
  /** Ends when the hook should end; default: it is not ended. */
  readonly signal?: AbortSignal;
}
