/**
 * Everything the engine remembers, as plain data: a snapshot of a model is a copy of {@link ModelState}.
 * Only files of this room change it.
 *
 * @module
 */

import type { CharmMetadata, Endpoint, EndpointRole } from "./charm-metadata.ts";

/** A status with the time it was set, in milliseconds since the epoch. */
export interface StatusRecord {
  status: string;
  message: string;
  data?: Record<string, unknown>;
  since: number;
}

export type Life = "alive" | "dying" | "dead";
export type Databag = Record<string, string>;
export type ConfigValue = string | number | boolean;

/** Where the charm came from, as `juju status` shows it. */
export interface CharmOrigin {
  readonly source: "local" | "charm-hub";
  readonly revision: number;
  /** Empty for local charms. */
  readonly channel: string;
  /** Such as `ubuntu@24.04`. */
  readonly base: string;
}

export interface ApplicationState {
  name: string;
  life: Life;
  charm: CharmMetadata;
  origin: CharmOrigin;
  /** Grows with every new charm or resource; units compare it with what they last ran. */
  charmModified: number;
  /** Values the operator set; defaults are the charm's. Replaced as a whole. */
  config: Readonly<Record<string, ConfigValue>>;
  trust: boolean;
  exposed: boolean;
  /** Wanted units on Kubernetes. */
  scale: number;
  nextUnit: number;
  leader: string | null;
  /** Address of the service in front of the units; Kubernetes. */
  address?: string;
  /** 3.6: leader settings and their version. */
  leaderSettings: Databag;
  leaderVersion: number;
  resources: Record<string, unknown>;
  /** Set by the leader's charm; absent: derived from the units. */
  status?: StatusRecord;
  workloadVersion: string;
  destroyStorage: boolean;
}

/** What one hook is about: name parts and the data of its environment. */
export interface HookInfo {
  kind: string;
  relationId?: number;
  remoteUnit?: string;
  remoteApp?: string;
  departingUnit?: string;
  /** Databag version that this hook tells about. */
  version?: number;
  storageId?: string;
  container?: string;
  noticeId?: string;
  noticeType?: string;
  noticeKey?: string;
  checkName?: string;
  secretId?: string;
  secretRevision?: number;
  secretLabel?: string;
}

/** What a unit was told about one relation. */
export interface UnitRelation {
  inScope: boolean;
  created: boolean;
  broken: boolean;
  /** Unit → databag version last delivered. */
  members: Record<string, number>;
  /** The unit whose `joined` ran and whose `changed` must follow. */
  changedPending: string | undefined;
  /** Application → databag version last delivered. */
  apps: Record<string, number>;
}

export interface Notice {
  id: string;
  kind: "pebble-custom-notice" | "pebble-check-failed" | "pebble-check-recovered";
  type: string;
  key: string;
  delivered: boolean;
}

export interface ContainerState {
  /** Boot id of the Pebble that answers now. */
  bootId: string | undefined;
  /** Boot id whose `pebble-ready` ended well. */
  handledBootId: string | undefined;
  notices: Notice[];
  /** No event of this container before this time. */
  retryAt: number | undefined;
}

export interface StorageState {
  id: string;
  name: string;
  kind: "filesystem" | "block";
  location: string;
  attached: boolean;
  life: Life;
  /** Once detached it waits for another unit. */
  keep?: boolean;
}

export interface FailedHook {
  info: HookInfo;
  attempts: number;
  /** Time of the next try; absent when hooks are not retried. */
  retryAt?: number;
}

export type RunningOperation =
  | { kind: "hook"; info: HookInfo; attempts: number; queued: boolean }
  | { kind: "action"; task: string };

/** Fields that come and go are always there: an object that loses one is slow to read from then on. */
export interface UnitState {
  name: string;
  app: string;
  ordinal: number;
  life: Life;
  machine: string;
  /** Of a subordinate: the unit it lives beside. */
  principal?: string;
  /** `pending`: the agent has not started; `lost`: it went away. */
  agentState: "pending" | "up" | "lost";
  address?: string;
  installed: boolean;
  started: boolean;
  /** `stop` has run. */
  stopped: boolean;
  /** The pod is about to go: `stop` runs, then the agent exits. */
  stopping: boolean;
  removed: boolean;
  /** An implicit `start` is due, see section 5.5 of the event order in the README. */
  restartStart: boolean;
  workload: StatusRecord;
  workloadByCharm: boolean;
  agent: StatusRecord;
  queued: HookInfo | undefined;
  failed: FailedHook | undefined;
  running: RunningOperation | undefined;
  leaderAccepted: boolean;
  leaderVersionSeen: number;
  charmModifiedSeen: number;
  /** Fingerprint of settings, trust and addresses at the last `config-changed`. */
  configSeen: string | undefined;
  relations: Record<string, UnitRelation>;
  containers: Record<string, ContainerState>;
  storage: StorageState[];
  charmState: Databag;
  /** Endpoint (empty: all) → ranges such as `80/tcp`. */
  ports: Record<string, string[]>;
  updateStatusAt: number | undefined;
  /** Tasks that wait, first in first out. */
  queue: string[];
}

export interface RelationEndpoint {
  app: string;
  endpoint: string;
  role: EndpointRole;
}

export interface RelationState {
  id: number;
  /** Requirer first: `web:db postgresql:database`; peers: `web:peers`. */
  key: string;
  interface: string;
  scope: "global" | "container";
  endpoints: RelationEndpoint[];
  life: Life;
  suspended: boolean;
  status: StatusRecord;
  appData: Record<string, Databag>;
  appVersion: Record<string, number>;
  unitData: Record<string, Databag>;
  unitVersion: Record<string, number>;
  /** Units in scope. */
  members: string[];
  /** Between models: the id that the relation has in the other one. */
  counterpart?: number;
}

/** Endpoints that other models may relate to. */
export interface OfferState {
  name: string;
  app: string;
  endpoints: string[];
}

/** An application of another model. */
export interface RemoteApplicationState {
  /** On the consuming side the offer's name or an alias; on the offering side `remote-<32 hexadecimal digits>`. */
  name: string;
  /** What this model does. */
  side: "consumes" | "offers";
  life: Life;
  /** The other model. */
  model: string;
  modelUuid: string;
  offer: string;
  /** `admin/iam.hydra`; empty on the offering side. */
  url: string;
  /** Of the offer, as the other model declares them. */
  endpoints: Endpoint[];
}

export interface SecretGrant {
  subject: string;
  relation?: number;
  scope: string;
  role: string;
}

export interface SecretConsumer {
  /** Revision the unit reads without flags. */
  tracked: number;
  /** Latest revision the unit was told about. */
  told: number;
  label: string;
}

export interface SecretState {
  id: string;
  /** Application or unit name; empty for those of the operator. */
  owner: string;
  ownerKind: "application" | "unit" | "model";
  /** The owner's label; of the operator's its name. */
  label: string;
  description: string;
  rotate: string;
  latest: number;
  /** Revision → key → base64 text. */
  content: Record<string, Record<string, string>>;
  checksums: Record<string, string>;
  created: number;
  updated: number;
  expireAt?: number;
  rotateAt?: number;
  /** Obsolete revisions the owner was told about. */
  removeTold: number[];
  /** Of the operator: revisions that nobody tracks go by themselves. */
  autoPrune?: boolean;
  /** Model that owns it, if that is another one. */
  source?: string;
  grants: SecretGrant[];
  consumers: Record<string, SecretConsumer>;
}

export type TaskStatus =
  | "pending"
  | "running"
  | "aborting"
  | "completed"
  | "failed"
  | "cancelled"
  | "aborted"
  | "error";

export interface TaskState {
  id: string;
  operation: string;
  unit: string;
  name: string;
  params: Record<string, unknown>;
  status: TaskStatus;
  message: string;
  results: Record<string, unknown> | null;
  log: { time: number; message: string }[];
  enqueued: number;
  started?: number;
  completed?: number;
}

export interface OperationState {
  id: string;
  summary: string;
  tasks: string[];
  /** Why tasks could not be scheduled. */
  errors: string[];
  enqueued: number;
}

export interface ModelState {
  schema: 1;
  name: string;
  uuid: string;
  created: number;
  config: Record<string, unknown>;
  nextRelation: number;
  nextTask: number;
  nextStorage: number;
  nextMachine: number;
  nextContext: number;
  nextAddress: number;
  /** Charm name → next local revision. */
  localRevisions: Record<string, number>;
  applications: Record<string, ApplicationState>;
  units: Record<string, UnitState>;
  relations: Record<string, RelationState>;
  secrets: Record<string, SecretState>;
  operations: Record<string, OperationState>;
  tasks: Record<string, TaskState>;
  /** Storage that units had, for others to take. */
  detachedStorage?: StorageState[];
  offers?: Record<string, OfferState>;
  /** Applications of other models, by their name here. */
  remotes?: Record<string, RemoteApplicationState>;
}

/** A new, empty model. */
export function emptyState(o: { name: string; uuid: string; now: number }): ModelState {
  return {
    schema: 1,
    name: o.name,
    uuid: o.uuid,
    created: o.now,
    config: {},
    nextRelation: 0,
    nextTask: 0,
    nextStorage: 0,
    nextMachine: 0,
    nextContext: 0,
    nextAddress: 0,
    localRevisions: {},
    applications: {},
    units: {},
    relations: {},
    secrets: {},
    operations: {},
    tasks: {},
  };
}
