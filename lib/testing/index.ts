/**
 * Tests for charms: one event over one state (`transition`), several charms in one model (`FakeModel`).
 *
 * @module
 */

export {
  type DatabagsOf,
  type FakeDeployOptions,
  FakeModel,
  type FakeModelOptions,
  type FakeTask,
} from "./model/fake-model.ts";
export { SettleError } from "./model/settle-error.ts";
export type { ExecHandler, ExecMock, ExecMocks, FakePebbleOptions } from "./pebble/fake-pebble.ts";
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
