/**
 * What the controller answers: one entry a method, with its parameters, its result and what it tells
 * while it works. Texts are Juju's; times are milliseconds since the epoch unless a field says otherwise.
 *
 * Most methods take `model`, the name of a model; without it the current one is meant.
 *
 * @module
 */

import type { ConfigReport } from "../model/options.ts";
import type { RelationSummary } from "../model/relations.ts";
import type { TaskState } from "../model/state.ts";
import type { ModelReport } from "../model/status.ts";
import type { InModel, Method, Nothing } from "./api-method.ts";
import type { OfferMethods } from "./api-offers.ts";
import type { SecretMethods } from "./api-secrets.ts";

export type { Nothing } from "./api-method.ts";

/** Who answers. */
export interface ControllerReport {
  /** Always `local`. */
  readonly controller: string;
  readonly uuid: string;
  /** Version of Juju that is played: `4.0.15`. */
  readonly version: string;
  /** Process id of the background process. */
  readonly pid: number;
  readonly cloud: string;
  readonly region: string;
}

/** One model, as `juju models` lists it. */
export interface ModelSummary {
  readonly name: string;
  readonly uuid: string;
  readonly units: number;
  readonly applications: number;
  readonly created: number;
  readonly life: "alive" | "dying";
}

/** What `deploy` put into the model. */
export interface Deployed {
  readonly application: string;
  /** Name of the charm. */
  readonly charm: string;
  readonly revision: number;
  /** `store`: found by name among the charms of this checkout; `local`: given as a path. */
  readonly origin: "local" | "store";
  readonly channel: string;
  /** `ubuntu@24.04`. */
  readonly base: string;
}

export interface DeployParams extends InModel {
  /** A name, or the absolute path of a charm directory or `.charm` file. */
  readonly charm: string;
  readonly application?: string;
  readonly units?: number;
  /** Text as on the command line; typed by the charm's options. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Resource → absolute path of a file or image directory, or the name of a local image. */
  readonly resources?: Readonly<Record<string, string>>;
  readonly trust?: boolean;
  readonly channel?: string;
  readonly revision?: number;
  readonly base?: string;
}

export interface RefreshParams extends InModel {
  readonly application: string;
  /** Absolute path; default: the charm of the same name in this checkout. */
  readonly path?: string;
  readonly resources?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly trust?: boolean;
  readonly forceUnits?: boolean;
}

/** What `refresh` did; `changed: false` means that the application had it already. */
export interface Refreshed extends Deployed {
  readonly changed: boolean;
}

/** What goes with an application. */
export interface Removed {
  readonly application: string;
  readonly units: readonly string[];
  /** Storage instances, `data/0`. */
  readonly storage: readonly string[];
}

/** An operation with the tasks that were scheduled, and why others were not. */
export interface Enqueued {
  readonly operation: string;
  readonly tasks: readonly { readonly id: string; readonly unit: string }[];
  readonly errors: readonly string[];
}

/** A task's life: what an action or command did so far. */
export type TaskReport = TaskState;

/** One operation, for `juju operations` and `juju show-operation`. */
export interface OperationReport {
  readonly id: string;
  readonly summary: string;
  readonly errors: readonly string[];
  readonly enqueued: number;
  readonly tasks: readonly TaskReport[];
}

/** Progress of a wait: a line of `action-log`, or a task that ended. */
export type TaskProgress =
  | { readonly kind: "log"; readonly task: string; readonly time: number; readonly message: string }
  | { readonly kind: "done"; readonly task: string };

/** One line of the debug log. */
export interface LogLine {
  readonly id: number;
  readonly time: number;
  /** `unit-web-0`, `controller-0`. */
  readonly entity: string;
  readonly level: string;
  readonly module: string;
  readonly message: string;
}

export interface DebugLogParams extends InModel {
  /** Entities: `web/0`, `unit-web-0`, `web`, `unit-web*`. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly includeModule?: readonly string[];
  readonly excludeModule?: readonly string[];
  /** Lowest level shown. */
  readonly level?: string;
  /** From the beginning, instead of the last `lines`. */
  readonly replay?: boolean;
  /** Default 10. */
  readonly lines?: number;
  /** At most so many, then end. */
  readonly limit?: number;
  /** Go on as lines come in. */
  readonly follow?: boolean;
}

/** Databags of one relation, as `juju show-unit` shows them. */
export interface UnitRelationReport {
  readonly "relation-id": number;
  readonly endpoint: string;
  readonly "related-endpoint": string;
  readonly "application-data": Readonly<Record<string, string>>;
  readonly "local-unit"?: { readonly "in-scope": boolean; readonly data: Readonly<Record<string, string>> };
  readonly "related-units"?: Readonly<
    Record<string, { readonly "in-scope": boolean; readonly data: Readonly<Record<string, string>> }>
  >;
}

/** One unit, in the spelling of `juju show-unit`. */
export interface UnitDetail {
  readonly "workload-version"?: string;
  readonly "opened-ports": readonly string[];
  readonly charm: string;
  readonly leader: boolean;
  readonly life: string;
  readonly "relation-info"?: readonly UnitRelationReport[];
  readonly "provider-id": string;
  readonly address?: string;
}

/** One application, in the spelling of `juju show-application`. */
export interface ApplicationDetail {
  readonly charm: string;
  readonly base: string;
  readonly channel?: string;
  readonly constraints: Readonly<Record<string, string>>;
  readonly principal: boolean;
  readonly exposed: boolean;
  readonly remote: boolean;
  readonly life: string;
  readonly "endpoint-bindings": Readonly<Record<string, string>>;
}

/** One action of a charm. */
export interface ActionReport {
  readonly description: string;
  /** JSON schema of the parameters. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One resource in use. */
export interface ResourceReport {
  readonly name: string;
  readonly type: string;
  /** Path of the image directory or file. */
  readonly value: string;
}

/** A published port of a gateway. */
export interface PublishedPort {
  readonly model: string;
  readonly service: string;
  /** Name by which browsers and units reach it. */
  readonly hostname: string;
  readonly port: number;
  readonly servicePort: number;
}

/** Everything the controller answers. */
export interface Methods extends SecretMethods, OfferMethods {
  controller: Method<Nothing, ControllerReport>;
  /** Ends hooks, workloads and the process; the answer comes when all are gone. */
  stop: Method<Nothing, Nothing>;
  models: Method<Nothing, { readonly models: readonly ModelSummary[]; readonly current: string | null }>;
  addModel: Method<
    { readonly name: string; readonly switch?: boolean; readonly config?: Readonly<Record<string, unknown>> },
    ModelSummary
  >;
  switch: Method<{ readonly model: string }, { readonly from: string | null; readonly to: string }>;
  /** Tells how many applications are left while they go. */
  destroyModel: Method<
    { readonly model: string; readonly force?: boolean; readonly destroyStorage?: boolean },
    Nothing,
    { readonly applications: number }
  >;
  deploy: Method<DeployParams, Deployed>;
  refresh: Method<RefreshParams, Refreshed>;
  integrate: Method<InModel & { readonly endpoints: readonly [string, string] }, RelationSummary>;
  removeRelation: Method<
    InModel & ({ readonly endpoints: readonly [string, string] } | { readonly id: number }),
    Nothing
  >;
  removeApplication: Method<
    InModel & {
      readonly application: string;
      readonly destroyStorage?: boolean;
      readonly force?: boolean;
      /** Tell what would go, and leave everything. */
      readonly dryRun?: boolean;
    },
    Removed
  >;
  /** Wanted units; `by` is added to what is wanted now. Answers the new number. */
  scale: Method<
    InModel & { readonly application: string } & ({ readonly units: number } | { readonly by: number }),
    { readonly units: number }
  >;
  config: Method<InModel & { readonly application: string }, ConfigReport>;
  setConfig: Method<
    InModel & {
      readonly application: string;
      readonly set?: Readonly<Record<string, unknown>>;
      readonly reset?: readonly string[];
    },
    Nothing
  >;
  modelConfig: Method<
    InModel,
    Readonly<Record<string, { readonly value: unknown; readonly source: "default" | "model" }>>
  >;
  setModelConfig: Method<
    InModel & { readonly set?: Readonly<Record<string, unknown>>; readonly reset?: readonly string[] },
    Nothing
  >;
  trust: Method<InModel & { readonly application: string; readonly trust: boolean }, Nothing>;
  expose: Method<InModel & { readonly application: string; readonly exposed: boolean }, Nothing>;
  resolved: Method<
    InModel & { readonly units?: readonly string[]; readonly all?: boolean; readonly retry: boolean },
    Nothing
  >;
  /** Enqueues an action on units (`web/0`, `web/leader`). */
  run: Method<
    InModel & {
      readonly units: readonly string[];
      readonly action: string;
      readonly params?: Readonly<Record<string, unknown>>;
    },
    Enqueued
  >;
  /** Enqueues a shell command. */
  exec: Method<
    InModel & {
      readonly units?: readonly string[];
      readonly applications?: readonly string[];
      readonly all?: boolean;
      readonly command: string;
    },
    Enqueued
  >;
  /**
   * Waits until the tasks have ended. With `timeoutMs` passed, answers as they are, `timedOut` true.
   */
  wait: Method<
    InModel & { readonly tasks: readonly string[]; readonly timeoutMs?: number },
    { readonly tasks: readonly TaskReport[]; readonly timedOut: boolean },
    TaskProgress
  >;
  task: Method<InModel & { readonly id: string }, TaskReport>;
  cancelTask: Method<InModel & { readonly id: string }, TaskReport>;
  operations: Method<InModel, readonly OperationReport[]>;
  operation: Method<InModel & { readonly id: string }, OperationReport>;
  status: Method<InModel, ModelReport>;
  /** Answers as soon as the status differs from that of `version`, for `juju wait-for` and `npm start`. */
  watch: Method<
    InModel & { readonly version?: number; readonly timeoutMs?: number },
    { readonly version: number; readonly status: ModelReport }
  >;
  units: Method<
    InModel & { readonly units: readonly string[]; readonly endpoint?: string; readonly app?: boolean },
    Readonly<Record<string, UnitDetail>>
  >;
  applications: Method<
    InModel & { readonly applications: readonly string[] },
    Readonly<Record<string, ApplicationDetail>>
  >;
  actions: Method<InModel & { readonly application: string }, Readonly<Record<string, ActionReport>>>;
  resources: Method<InModel & { readonly application: string }, readonly ResourceReport[]>;
  attachResource: Method<
    InModel & { readonly application: string; readonly name: string; readonly value: string },
    Nothing
  >;
  debugLog: Method<DebugLogParams, Nothing, LogLine>;
  /** Ports published for gateways, over all models. */
  published: Method<Nothing, readonly PublishedPort[]>;
}

export type MethodName = keyof Methods;
export type ParamsOf<M extends MethodName> = Methods[M]["params"];
export type ResultOf<M extends MethodName> = Methods[M]["result"];
export type ProgressOf<M extends MethodName> = Methods[M]["progress"];
