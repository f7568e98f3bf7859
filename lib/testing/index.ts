/**
 * Tests for charms: one event over one state (`transition`), several charms in one model (`FakeModel`), a recorded hook (`replay`).
 *
 * @module
 */

export { type Divergence, divergenceText } from "../charm/record/divergence.ts";
export { parseRecording, type Recording, RecordingError } from "../charm/record/recording.ts";
export { type Replay, type ReplayOptions, replay } from "../charm/record/replay.ts";
export { databagArbitrary, type Fc, schemaArbitrary } from "./contract/arbitrary.ts";
export { type ContractCase, ContractError, type ContractOptions, contractCases } from "./contract/cases.ts";
export { completeState, type SamplesByEndpoint } from "./contract/complete-state.ts";
export { type SampleKind, sampleDatabag, sampleOf } from "./contract/sample.ts";
export type { Samples } from "./contract/variants.ts";
export type { ActionInput, DetailedEvent, EventInput } from "./event.ts";
export { InconsistentStateError, type StateFault } from "./fault.ts";
export type { CommandFault, Faults, PebbleFault } from "./faults.ts";
export {
  InterruptionError,
  type InterruptionOptions,
  type Interruptions,
  interruptEverywhere,
} from "./interruptions.ts";
export { JujuCommandError, JujuModel, type JujuModelOptions } from "./juju/juju-model.ts";
export { type ScenarioDeployOptions, type ScenarioModel, scenarioOf } from "./juju/scenario.ts";
export { FakeModel } from "./model/fake-model.ts";
export { FakeWorld } from "./model/fake-world.ts";
export type { Mishap, MishapKind } from "./model/mishaps.ts";
export type {
  DatabagsOf,
  FakeDeployOptions,
  FakeModelOptions,
  FakeRefreshOptions,
  FakeTask,
  ReportOptions,
  SettleOptions,
} from "./model/options.ts";
export { SettleError } from "./model/settle-error.ts";
export {
  type Deployment,
  type SimulatedStep,
  type SimulatedStory,
  type SimulateOptions,
  simulate,
} from "./model/simulate.ts";
export { SimulationError } from "./model/simulation-error.ts";
export type {
  ActionOutcome,
  ContainerOutcome,
  LoggedLine,
  Outcome,
  RelationOutcome,
  RemovedSecret,
  ReportedStatus,
  SecretOutcome,
  StorageOutcome,
} from "./outcome-shapes.ts";
export type { ContainerState, FakeContainerOptions } from "./pebble/container-pebble.ts";
export type { ExecHandler, ExecMock, ExecMocks, ExecRun, ExecSettings } from "./pebble/fake-executions.ts";
export type { FakeNotice, FakePebbleOptions } from "./pebble/fake-pebble.ts";
export { rockLayer } from "./pebble/rock-layer.ts";
export { type RootedPebble, rooted } from "./pebble/rooted.ts";
export { type StartedPebble, type StartPebbleOptions, startPebble } from "./pebble/start-pebble.ts";
export type {
  InterfaceState,
  NetworkState,
  RelationState,
  ResourceState,
  RotatePolicy,
  SecretState,
  SiblingState,
  State,
  StateOf,
  StatusState,
  StorageState,
} from "./state.ts";
export { HookFailedError, transition } from "./transition.ts";
