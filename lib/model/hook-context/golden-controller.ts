import type { HookWorld } from "../world.ts";
import { OperationError } from "./errors.ts";
import type { ControllerNetwork, SecretContent, SecretRequest } from "./types.ts";
import { WorldController } from "./world-controller.ts";

/**
 * The stand-in for a controller that the recordings were made with: the rules of 3.6 for all
 * versions. Where it refuses, the recorded refusal takes the place of ours.
 */
export class GoldenController extends WorldController {
  readonly #errors: readonly string[];

  constructor(world: HookWorld, errors: readonly string[]) {
    super({ world, version: { major: 3, minor: 6 } });
    this.#errors = errors;
  }

  override unitSettings(relationId: number, unit: string): ReadonlyMap<string, string> {
    return this.#recorded(() => super.unitSettings(relationId, unit));
  }

  override appSettings(relationId: number, app: string): ReadonlyMap<string, string> {
    return this.#recorded(() => super.appSettings(relationId, app));
  }

  override secretContent(request: SecretRequest): SecretContent {
    return this.#recorded(() => super.secretContent(request));
  }

  override network(binding: string): ControllerNetwork {
    const answer = super.network(binding);
    const [error] = this.#errors;
    return "error" in answer && error !== undefined ? { error } : answer;
  }

  override storage(id: string): { readonly kind: string; readonly location: string } {
    return this.#recorded(() => super.storage(id));
  }

  override cloudSpec(): Readonly<Record<string, unknown>> {
    return this.#recorded(() => super.cloudSpec());
  }

  override resource(name: string): string {
    const resources = this.world.resources ?? {};
    if (name !== "" && Object.hasOwn(resources, name)) return `/agent/resources/${name}/${name}`;
    const path = name === "" ? "resources" : `resources/${name}`;
    const url = `http://controller.invalid/units/unit-${this.world.unit.replace("/", "-")}/${path}`;
    throw new OperationError(`HTTP request failed: Get ${url}: resource "${name || "resources"}" not found`);
  }

  #recorded<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      const [recorded] = this.#errors;
      if (recorded === undefined || !(error instanceof OperationError)) throw error;
      throw new OperationError(recorded, { cause: error });
    }
  }
}
