import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { FakeTask } from "../model/options.ts";
import { applicationStatuses, failed, type JujuStatus, unitStatuses, unrest } from "./juju-status.ts";
import type { ScenarioDeployOptions, ScenarioModel } from "./scenario.ts";

/** Where the model is, and how long to wait for it. */
export interface JujuModelOptions {
  /** Name → path of a packed charm or of its folder, or a name on Charmhub. Names that are not there mean themselves. */
  readonly charms?: Readonly<Record<string, string>>;
  /** The command; default `juju` on PATH. The local model has one of its own. */
  readonly juju?: string;
  /** `controller:model`; default the current one. */
  readonly model?: string;
  /** Default that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds for `settle` and actions; default ten minutes. */
  readonly timeoutMs?: number;
  /** Milliseconds in which nothing may change for `settle` to end; default 3000. */
  readonly quietMs?: number;
}

/** Juju's command failed; its arguments are left out, options may be secret. */
export class JujuCommandError extends Error {
  override readonly name = "JujuCommandError";
}

const TIMEOUT_MS = 600_000;
const QUIET_MS = 3000;

/**
 * A model of a real controller, or the local model, driven with the `juju` command. The model must exist; nothing removes
 * what a story leaves. Options and parameters are arguments of the command: secrets belong into secrets.
 *
 * @example
 * ```ts
 * const model = new JujuModel({ charms: { web: "./web-k8s.charm" }, model: "test" });
 * await story(model);
 * ```
 */
export class JujuModel implements ScenarioModel {
  readonly #options: JujuModelOptions;

  constructor(options: JujuModelOptions = {}) {
    this.#options = options;
  }

  async deploy(charm: string, app: string = charm, options: ScenarioDeployOptions = {}): Promise<void> {
    const { config = {}, units, trust } = options;
    const known = this.#options.charms ?? {};
    const source = Object.hasOwn(known, charm) ? known[charm]! : charm;
    const pairs = Object.entries(config).flatMap(([name, value]) => ["--config", `${name}=${value}`]);
    await this.#juju("deploy", [
      source,
      app,
      ...pairs,
      ...(units === undefined ? [] : ["-n", String(units)]),
      ...(trust ? ["--trust"] : []),
    ]);
  }

  async integrate(a: string, b: string): Promise<void> {
    await this.#juju("integrate", [a, b]);
  }

  async removeRelation(a: string, b: string): Promise<void> {
    await this.#juju("remove-relation", [a, b]);
  }

  async removeApplication(app: string): Promise<void> {
    await this.#juju("remove-application", ["--no-prompt", app]);
  }

  async scale(app: string, units: number): Promise<void> {
    await this.#juju("scale-application", [app, String(units)]);
  }

  async setConfig(app: string, values: ScenarioDeployOptions["config"] & object): Promise<void> {
    await this.#juju("config", [app, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)]);
  }

  async resetConfig(app: string, options: readonly string[]): Promise<void> {
    await this.#juju("config", [app, "--reset", options.join(",")]);
  }

  async trust(app: string, trusted = true): Promise<void> {
    await this.#juju("trust", [app, ...(trusted ? [] : ["--remove"])]);
  }

  /** @throws {JujuCommandError} When Juju does not take the action; one that fails is a task that says so. */
  async run(unit: string, action: string, params: Readonly<Record<string, unknown>> = {}): Promise<FakeTask> {
    const wait = `${this.#options.timeoutMs ?? TIMEOUT_MS}ms`;
    const args = [unit, action, ...parameters(params, ""), "--wait", wait, "--format", "json"];
    const printed = await this.#juju("run", args, { failing: true });
    const [task] = Object.values(JSON.parse(printed) as Record<string, Partial<FakeTask>>);
    return { status: "unknown", message: "", log: [], results: {}, ...task };
  }

  /**
   * @throws {Error} When a hook has failed, or there is still something going on after the time limit; with what it is.
   */
  async settle(): Promise<void> {
    const { timeoutMs = TIMEOUT_MS, quietMs = QUIET_MS } = this.#options;
    const end = Date.now() + timeoutMs;
    let last = "";
    let quietSince = Date.now();
    for (;;) {
      const status = await this.#status();
      const errors = failed(status);
      if (errors.length > 0) throw new Error(`Cannot settle: hooks have failed: ${errors.join("; ")}`);
      const open = unrest(status);
      const now = JSON.stringify([applicationStatuses(status), [...unitStatuses(status)]]);
      if (open.length > 0 || now !== last) quietSince = Date.now();
      else if (Date.now() - quietSince >= quietMs) return;
      if (Date.now() > end)
        throw new Error(`Cannot settle in ${timeoutMs} ms: ${open.join("; ") || "statuses go on changing"}`);
      last = now;
      await delay(Math.min(quietMs / 3, 1000));
    }
  }

  async status(): Promise<Readonly<Record<string, string>>> {
    return applicationStatuses(await this.#status());
  }

  async unitStatus(unit: string): Promise<string> {
    const found = unitStatuses(await this.#status()).get(unit);
    if (found === undefined)
      throw new TypeError(`Cannot find unit "${unit}": the model has none of that name`);
    return found;
  }

  async #status(): Promise<JujuStatus> {
    return JSON.parse(await this.#juju("status", ["--format", "json"])) as JujuStatus;
  }

  /** @param failing Whether an exit code other than 0 is an answer, as long as something is printed. */
  #juju(command: string, args: readonly string[], { failing = false } = {}): Promise<string> {
    const { juju = "juju", model, env } = this.#options;
    const where = model === undefined ? [] : ["-m", model];
    return new Promise((resolve, reject) => {
      const options = { maxBuffer: 1 << 26, ...(env === undefined ? {} : { env: { ...env } }) };
      execFile(juju, [command, ...where, ...args], options, (error, stdout, stderr) => {
        if (error === null || (failing && stdout.trim() !== "")) return resolve(stdout);
        reject(new JujuCommandError(`juju ${command}: ${stderr.trim() || error.message}`));
      });
    });
  }
}

/** `a.b=1`, values as JSON, which YAML 1.1 reads as the same. */
function parameters(params: Readonly<Record<string, unknown>>, prefix: string): readonly string[] {
  return Object.entries(params).flatMap(([key, value]) => {
    const nested = typeof value === "object" && value !== null && !Array.isArray(value);
    const name = `${prefix}${key}`;
    return nested
      ? parameters(value as Readonly<Record<string, unknown>>, `${name}.`)
      : [`${name}=${JSON.stringify(value)}`];
  });
}
