/**
 * The framework: what a charm is (`defineCharm`), what it does (`implement`), and the program Juju runs
 * (`dispatch`). Interfaces are defined with `charmed-iap/interface`.
 *
 * @module
 */

export type { ApplicationStatus, ReportedStatus } from "../hook/commands/status.ts";
export { CharmError, type CharmErrorOutcome, isCharmError } from "../hook/errors.ts";
export { type Sensitive, sensitive } from "../hook/sensitive.ts";
export { type ActionDef, action } from "./action.ts";
export type { Changes } from "./changes.ts";
export { type Charmcraft, charmcraftYaml, toCharmcraft } from "./charmcraft.ts";
export { check } from "./check.ts";
export { checkActions } from "./check-actions.ts";
export type { Applied, Container, ExecOptions, ExecOutput } from "./container.ts";
export type {
  AttachedStorage,
  Binding,
  ConfigOf,
  Context,
  EndpointView,
  HookPlace,
  ImageResource,
  Network,
  Port,
  ResourceName,
  State,
  WantedPort,
} from "./context.ts";
export {
  type Assumption,
  type Charm,
  type CharmContract,
  type CharmProgram,
  type ContainerDef,
  type DeviceDef,
  defineCharm,
  type Endpoints,
  type Links,
  type ResourceDef,
  type StorageDef,
} from "./contract.ts";
export { dispatch } from "./dispatch.ts";
export {
  type CharmErrorCode,
  type CharmRoomError,
  ContainerUnreachableError,
  DatabagInvalidError,
  JujuTooOldError,
  NotTrustedError,
  ResourceMissingError,
  SecretUnavailableError,
  WorkloadError,
} from "./errors.ts";
export type {
  CheckEvent,
  DepartedEvent,
  EventName,
  EventOf,
  JoinedEvent,
  NoticeEvent,
  NoticeOfEvent,
  PebbleEvent,
  RelationEvent,
  SecretEvent,
  SecretRevisionEvent,
  SeriesUpgradeEvent,
  StorageEvent,
} from "./events.ts";
export type { ActionResults, ActionRun, Handlers } from "./handlers.ts";
export { JUJU_FEATURES, type JujuFeature, jujuAtLeast, requireJuju } from "./juju-version.ts";
export { inCluster, type Limited, limitStatus, type OpenCluster } from "./limits.ts";
export type { Log, LogKeys } from "./log.ts";
export { type Option, option } from "./option.ts";
export type { Peers, PeerUnit, Relation, Relations, RemoteUnit } from "./relation.ts";
export {
  type GrantOptions,
  type GrantTarget,
  isSameSecret,
  type OwnedSecret,
  type Rotation,
  type SecretContent,
  type SecretInfo,
  type SecretInput,
  type SecretOptions,
  type Secrets,
} from "./secrets.ts";
export { active, blocked, maintenance, type Status, type StatusName, waiting, worst } from "./status.ts";
export { statusOf } from "./status-of.ts";
export type {
  Check,
  EnvironmentValue,
  FileSpec,
  LogTarget,
  PlannedFile,
  Service,
  WorkloadPlan,
} from "./workload.ts";
