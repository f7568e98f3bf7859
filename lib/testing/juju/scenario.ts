/**
 * One story for every model: the fake one in milliseconds, the local one with packed charms and real hook commands, and a
 * real controller. Verbs are Juju's.
 *
 * @module
 */

import type { CharmProgram } from "../../charm/contract.ts";
import type { FakeModel } from "../model/fake-model.ts";
import type { FakeTask } from "../model/options.ts";

/** How a charm is deployed, as far as every model can. */
export interface ScenarioDeployOptions {
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  readonly units?: number;
  readonly trust?: boolean;
}

/** A model of any kind. Every verb may take its time. */
export interface ScenarioModel {
  /** @param charm A name that whoever runs the story gives a meaning. */
  deploy(charm: string, app?: string, options?: ScenarioDeployOptions): Promise<void>;
  integrate(a: string, b: string): Promise<void>;
  removeRelation(a: string, b: string): Promise<void>;
  removeApplication(app: string): Promise<void>;
  scale(app: string, units: number): Promise<void>;
  setConfig(app: string, values: ScenarioDeployOptions["config"] & object): Promise<void>;
  resetConfig(app: string, options: readonly string[]): Promise<void>;
  trust(app: string, trusted?: boolean): Promise<void>;
  /** Runs an action on a unit (`web/0`, `web/leader`) to its end. */
  run(unit: string, action: string, params?: Readonly<Record<string, unknown>>): Promise<FakeTask>;
  /** Waits until every unit has nothing to do. */
  settle(): Promise<void>;
  /** Application → status and message: `blocked: ingress: relation required`. */
  status(): Promise<Readonly<Record<string, string>>>;
  unitStatus(unit: string): Promise<string>;
}

/**
 * A fake model as a story takes one.
 *
 * @param charms Name → charm.
 * @throws {TypeError} When the story deploys a charm that is not among them.
 */
export function scenarioOf(model: FakeModel, charms: Readonly<Record<string, CharmProgram>>): ScenarioModel {
  return {
    async deploy(charm, app = charm, options = {}) {
      const program = Object.hasOwn(charms, charm) ? charms[charm] : undefined;
      if (program === undefined)
        throw new TypeError(`Cannot deploy "${charm}": it must be one of ${Object.keys(charms).join(", ")}`);
      model.deploy(program, app, options as object);
    },
    integrate: async (a, b) => model.integrate(a, b),
    removeRelation: async (a, b) => model.removeRelation(a as "a:b", b as "a:b"),
    removeApplication: async (app) => model.removeApplication(app),
    scale: async (app, units) => model.scale(app, units),
    setConfig: async (app, values) => model.setConfig(app, values),
    resetConfig: async (app, options) => model.resetConfig(app, options),
    trust: async (app, trusted) => model.trust(app, trusted),
    run: (unit, action, params) => model.run(unit, action, params),
    async settle() {
      await model.settle();
    },
    status: async () => model.status(),
    unitStatus: async (unit) => model.unitStatus(unit),
  };
}
