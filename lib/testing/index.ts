/**
 * Tests for charms: one event over one state (`transition`), several charms in one model (`FakeModel`).
 *
 * @module
 */

export { FakeModel } from "./model/fake-model.ts";
export type {
  DatabagsOf,
  FakeDeployOptions,
  FakeModelOptions,
  FakeTask,
  SettleOptions,
} from "./model/options.ts";
export { SettleError } from "./model/settle-error.ts";
export type { ExecHandler, ExecMock, ExecMocks } from "./pebble/fake-executions.ts";
export type { FakePebbleOptions } from "./pebble/fake-pebble.ts";
export type {
  ActionInput,
  ActionOutcome,
  ContainerOutcome,
  DetailedEvent,
  EventInput,
  LoggedLine,
  NetworkState,
  Outcome,
  RelationOutcome,
  RelationState,
  SecretOutcome,
  SecretState,
  State,
  StateOf,
} from "./state.ts";
export { HookFailedError, transition } from "./transition.ts";
