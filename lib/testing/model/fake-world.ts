import { seededRandom } from "../../model/index.ts";
import { FakeModel } from "./fake-model.ts";
import type { FakeModelOptions, SettleOptions } from "./options.ts";

const DEFAULT_MAX_EVENTS = 1000;

/**
 * Several models of one controller, for relations between them.
 *
 * @example
 * ```ts
 * const world = new FakeWorld({ seed: 3 });
 * const [iam, apps] = [world.model("iam"), world.model("apps")];
 * iam.deploy(hydra);
 * iam.offer("hydra:oauth");
 * apps.deploy(proxy, "auth");
 * apps.integrate("auth:oauth", apps.consume(iam, "hydra"));
 * await world.settle();
 * ```
 */
export class FakeWorld {
  readonly #seed: number;
  readonly #random: { next(): number };
  readonly #models: FakeModel[] = [];

  constructor(options: { readonly seed?: number } = {}) {
    this.#seed = options.seed ?? 1;
    this.#random = seededRandom(this.#seed);
  }

  /** A new model in this world. */
  model(name: string, options: Omit<FakeModelOptions, "name" | "seed" | "uuid"> = {}): FakeModel {
    const number = this.#models.length + 1;
    const uuid = `8f2e1a34-55aa-4c1e-8d6a-1${String(number).padStart(11, "0")}`;
    const model = new FakeModel({ ...options, name, uuid, seed: this.#seed + number });
    this.#models.push(model);
    return model;
  }

  /**
   * Runs events of all models, in an order that the seed decides, until nobody anywhere has anything to say.
   * A model's own `settle` and `run` tell the others nothing before the next call of this.
   *
   * @throws {SettleError} After `maxEvents` of all models together (default 1000).
   */
  async settle(options: Pick<SettleOptions, "maxEvents"> = {}): Promise<void> {
    const limit = options.maxEvents ?? DEFAULT_MAX_EVENTS;
    this.#synchronise();
    for (let ran = 0; ; ran += 1) {
      const busy = await this.#one();
      if (busy === undefined) return;
      if (ran >= limit) throw busy.unsettled(limit);
      this.#synchronise();
    }
  }

  /** Runs one event of some model. @returns Whose it was. */
  async #one(): Promise<FakeModel | undefined> {
    const first = Math.floor(this.#random.next() * this.#models.length);
    for (let index = 0; index < this.#models.length; index += 1) {
      const model = this.#models[(first + index) % this.#models.length]!;
      if ((await model.settle({ until: () => true })) !== undefined) return model;
    }
    return undefined;
  }

  #synchronise(): void {
    for (const [index, a] of this.#models.entries()) {
      for (const b of this.#models.slice(index + 1)) a.engine.synchronise(b.engine);
    }
  }
}
