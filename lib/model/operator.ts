import * as agents from "./agents.ts";
import * as applications from "./applications.ts";
import type { CharmMetadata } from "./charm-metadata.ts";
import { synchronise } from "./cross-model.ts";
import { application, type Engine } from "./engine.ts";
import * as offers from "./offers.ts";
import * as operations from "./operations.ts";
import { type ConfigReport, configReport } from "./options.ts";
import * as relations from "./relations.ts";
import type { OperationState, TaskState } from "./state.ts";
import * as storage from "./storage.ts";
import * as userSecrets from "./user-secrets.ts";

type Copy<T> = { readonly [K in keyof T]: T[K] };

/** What an operator does with a model. Commands throw `ModelError` with Juju's text and then change nothing. */
export abstract class Operator {
  protected readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** @returns The application's name and the charm's revision. */
  deploy(
    charm: CharmMetadata,
    o: applications.DeployOptions = {},
  ): { app: string; revision: number; base: string } {
    const app = applications.deploy(this.engine, charm, o);
    return { app: app.name, revision: app.origin.revision, base: app.origin.base };
  }

  /** Relates two applications, given as `app` or `app:endpoint`. */
  integrate(a: string, b: string): relations.RelationSummary {
    return relations.integrate(this.engine, a, b);
  }

  removeRelation(a: string, b: string): void {
    relations.removeRelation(this.engine, a, b);
  }

  removeRelationById(id: number): void {
    relations.removeRelationById(this.engine, id);
  }

  removeApplication(name: string, o: { force?: boolean; destroyStorage?: boolean } = {}): void {
    applications.removeApplication(this.engine, name, o);
  }

  /** Machine models only; on Kubernetes `scale`. */
  removeUnit(name: string, o: { force?: boolean } = {}): void {
    applications.removeUnit(this.engine, name, o.force ?? false);
  }

  addUnits(app: string, count = 1, o: { to?: string } = {}): void {
    applications.addUnits(this.engine, app, count, o.to);
  }

  /** Kubernetes only. */
  scale(app: string, units: number): void {
    applications.scale(this.engine, app, units);
  }

  /** Values as text or typed; all or none. */
  setConfig(app: string, values: Readonly<Record<string, unknown>>): void {
    applications.setConfig(this.engine, app, values);
  }

  resetConfig(app: string, keys: readonly string[]): void {
    applications.resetConfig(this.engine, app, keys);
  }

  configOf(app: string): ConfigReport {
    return configReport(application(this.engine, app));
  }

  trust(app: string, trusted: boolean): void {
    application(this.engine, app).trust = trusted;
  }

  expose(app: string, exposed: boolean): void {
    application(this.engine, app).exposed = exposed;
  }

  /** A new charm, or with `undefined` only new resources. */
  refresh(
    app: string,
    charm: CharmMetadata | undefined,
    o: applications.RefreshOptions = {},
  ): { revision: number; base: string } {
    const { origin } = applications.refresh(this.engine, app, charm, o);
    return { revision: origin.revision, base: origin.base };
  }

  /** Ends a unit's error: tries the hook again (default), or takes it for done. */
  resolved(name: string, o: { retry?: boolean } = {}): void {
    agents.resolve(this.engine, name, o.retry ?? true);
  }

  /**
   * Enqueues one task on one unit (`web/0` or `web/leader`).
   *
   * @throws {ModelError} Also when the unit could not be scheduled; {@link Operator.enqueueActions} returns that.
   */
  enqueueAction(
    target: string,
    name: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Copy<TaskState> {
    operations.checkSchedulable(this.engine, target, name, { ...params });
    return this.#only(this.enqueueActions([target], name, params));
  }

  enqueueExec(target: string, command: string): Copy<TaskState> {
    operations.checkSchedulable(this.engine, target, operations.EXEC, {});
    return this.#only(this.enqueueExecs([target], command));
  }

  /** One operation on several units; what could not be scheduled is in `errors`. */
  enqueueActions(
    targets: readonly string[],
    name: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Copy<OperationState> {
    return structuredClone(operations.enqueueActions(this.engine, targets, name, structuredClone(params)));
  }

  enqueueExecs(targets: readonly string[], command: string): Copy<OperationState> {
    return structuredClone(operations.enqueueCommands(this.engine, targets, command));
  }

  #only(operation: Copy<OperationState>): Copy<TaskState> {
    return this.task(operation.tasks[0]!);
  }

  task(id: string): Copy<TaskState> {
    return structuredClone(operations.findTask(this.engine, id));
  }

  get operations(): readonly Copy<OperationState>[] {
    return Object.values(this.engine.state.operations).map((operation) => structuredClone(operation));
  }

  /** A pending task is cancelled; of a running one the host kills the process (status `aborting`). */
  cancelTask(id: string): Copy<TaskState> {
    return structuredClone(operations.cancelTask(this.engine, id));
  }

  /** Offers endpoints (`hydra:oauth,info`) to other models. @returns The offer's URL, `admin/iam.hydra`. */
  offer(endpoints: string, name?: string): string {
    return offers.offer(this.engine, endpoints, name);
  }

  removeOffer(name: string, o: { force?: boolean } = {}): void {
    offers.removeOffer(this.engine, name, o.force ?? false);
  }

  /** Consumes an offer of another model. @returns Its name here, for `integrate`. */
  consume(from: Operator, offer: string, alias?: string): string {
    return offers.consume(this.engine, offers.offered(from.engine, offer), alias);
  }

  removeSaas(name: string): void {
    offers.removeSaas(this.engine, name);
  }

  /**
   * Carries what relations between this model and the other one have to say, both ways. The host calls it
   * whenever something may have changed on either side.
   */
  synchronise(other: Operator): void {
    synchronise(this.engine, other.engine);
  }

  /** A user secret. @returns Its URI, `secret:<id>`. */
  addSecret(
    name: string,
    content: userSecrets.UserSecretContent,
    o: userSecrets.UserSecretOptions = {},
  ): string {
    return userSecrets.addUserSecret(this.engine, name, content, o);
  }

  /** Changes a user secret, given by name or URI; other content is a new revision. */
  updateSecret(ref: string, change: userSecrets.UserSecretChange): void {
    userSecrets.updateUserSecret(this.engine, ref, change);
  }

  /** Removes a user secret, or one revision of it. */
  removeSecret(ref: string, o: { revision?: number } = {}): void {
    userSecrets.removeUserSecret(this.engine, ref, o.revision);
  }

  /** Lets an application read a user secret. */
  grantSecret(ref: string, app: string): void {
    userSecrets.grantUserSecret(this.engine, ref, app);
  }

  revokeSecret(ref: string, app: string): void {
    userSecrets.revokeUserSecret(this.engine, ref, app);
  }

  /** More instances of a storage that the charm declares. @returns Their identifiers. */
  addStorage(name: string, declared: string, count = 1): string[] {
    return storage.addStorage(this.engine, name, declared, count);
  }

  /** The unit runs `storage-detaching`; the instance is kept for {@link Operator.attachStorage}, or destroyed. */
  detachStorage(id: string, o: { destroy?: boolean } = {}): void {
    storage.detachStorage(this.engine, id, o.destroy ?? false);
  }

  attachStorage(name: string, id: string): void {
    storage.attachStorage(this.engine, name, id);
  }

  get modelConfig(): Readonly<Record<string, unknown>> {
    return structuredClone(this.engine.state.config);
  }

  /** Sets keys of the model's configuration; `undefined` resets one. */
  setModelConfig(values: Readonly<Record<string, unknown>>): void {
    const config = this.engine.state.config;
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) delete config[key];
      else config[key] = structuredClone(value);
    }
  }
}
