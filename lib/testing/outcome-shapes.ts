import type { CharmContract, Endpoints, Part } from "../charm/contract.ts";
import type { RawDatabag } from "../charm/databag.ts";
import type { StatusName } from "../charm/status.ts";
import type { Plan } from "../pebble/plan/types.ts";
import type { ExecRun } from "./pebble/fake-executions.ts";
import type { State } from "./state.ts";

/** A status that was reported. */
export interface ReportedStatus {
  readonly name: StatusName | "unknown";
  readonly message: string;
}

/** One relation after the event. */
export interface RelationOutcome {
  readonly id: number;
  readonly remoteApp: string;
  readonly localAppData: Record<string, string>;
  /** Without Juju's own keys. */
  readonly localUnitData: Record<string, string>;
}

/** One container after the event. Of another Pebble than the one in memory (`pebble` of a state), what it says of itself. */
export interface ContainerOutcome {
  /** All layers combined; `undefined` before any layer. */
  readonly plan: Plan | undefined;
  /** Path → text. Empty with another Pebble, which nobody can ask for all of them. */
  readonly files: Readonly<Record<string, string>>;
  /** Running services, sorted. */
  readonly running: readonly string[];
  /** Service → how often it was started in this event; with another Pebble 1 if it was and runs. */
  readonly starts: Readonly<Record<string, number>>;
  /** Commands that were run, in order. Empty with another Pebble; `requests` has them all the same. */
  readonly execs: readonly ExecRun[];
  /** Requests to Pebble in order, `GET /v1/plan?format=yaml`. */
  readonly requests: readonly string[];
}

/** One secret that the application or unit owns, after the event. */
export interface SecretOutcome {
  readonly id: string;
  readonly label: string;
  readonly owner: "app" | "unit";
  /** The latest. */
  readonly revision: number;
  /** The one this unit tracks; absent when it never read the secret. */
  readonly tracked?: number;
  /** Of the latest revision, in plain text: this is a test. */
  readonly content: Readonly<Record<string, string>>;
  /** Ids of the relations it is granted to. */
  readonly grants: readonly number[];
  readonly description?: string;
  readonly rotate?: string;
  /** RFC 3339. */
  readonly expire?: string;
}

/** A secret, or some of its revisions, that the event removed. */
export interface RemovedSecret {
  readonly id: string;
  /** Absent: all of it. */
  readonly revisions?: readonly number[];
}

/** One instance of a storage after the event. */
export interface StorageOutcome {
  /** `data/0`. */
  readonly id: string;
  /** Relative path → text; empty where its files are nowhere in this test. */
  readonly files: Readonly<Record<string, string>>;
}

/** A line the charm logged. */
export interface LoggedLine {
  readonly level: string;
  readonly message: string;
}

/** What an action said. */
export interface ActionOutcome {
  readonly results: Readonly<Record<string, unknown>>;
  /** Why it failed; absent when it did not. */
  readonly failure?: string;
  readonly log: readonly string[];
}

/** The state after the event, and what the charm did on the way. */
export interface Outcome<M> {
  /** What was reported; `unknown` where nothing was, as in actions. */
  readonly status: ReportedStatus;
  /** Every status that was reported in this event, the last one included. */
  readonly statusHistory: readonly ReportedStatus[];
  /** The application's, where the leader reported one. */
  readonly appStatus: ReportedStatus | undefined;
  readonly relations: { readonly [K in keyof Endpoints<M>]: readonly RelationOutcome[] };
  readonly containers: { readonly [K in keyof Part<M, "containers">]: ContainerOutcome };
  readonly openedPorts: readonly string[];
  readonly secrets: readonly SecretOutcome[];
  readonly removedSecrets: readonly RemovedSecret[];
  readonly storage: { readonly [K in keyof Part<M, "storage">]: readonly StorageOutcome[] };
  /** Storage that was asked for: name and how many more. */
  readonly requestedStorage: readonly { readonly name: string; readonly count: number }[];
  readonly state: RawDatabag;
  readonly workloadVersion: string | undefined;
  readonly logs: readonly LoggedLine[];
  /** Present for actions. */
  readonly action: ActionOutcome | undefined;
  readonly reboot: "none" | "after-hook" | "now";
  /** Hook commands in the order they were answered, with their arguments. */
  readonly commands: readonly string[];
  /** The state that another event would find: pass it to the next `transition`. */
  readonly next: State<M>;
}

/** An outcome of any charm. */
export type AnyOutcome = Outcome<CharmContract>;
