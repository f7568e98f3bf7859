import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModelOptions, ModelSnapshot } from "../../model/index.ts";
import { processStartTime } from "../../pebble/server/index.ts";
import { CharmStore } from "../charm-store/store.ts";
import { LocalError } from "../errors.ts";
import { systemAuthorities } from "../image/ca-bundle.ts";
import { KubernetesApi } from "../kubernetes-api/api.ts";
import { Addresses } from "../network/addresses.ts";
import { Gateways } from "../network/gateways.ts";
import { hostsTable, writeHosts } from "../network/hosts.ts";
import { checkLoopback } from "../network/loopback.ts";
import { Services } from "../network/services.ts";
import type { StateDir } from "../state-dir.ts";
import { storagePath } from "../unit/storage.ts";
import { createTools, hookCommands } from "../unit/tools.ts";
import { type UnitDir, unitDir } from "../unit/unit-dir.ts";
import { LinkedModels } from "./linked-models.ts";
import { ModelHost } from "./model-host.ts";
import { endPreviousLife } from "./previous-life.ts";
import type { Site } from "./site.ts";
import { Slots } from "./slots.ts";
import { Store } from "./store.ts";
import { Units } from "./units.ts";

/** The Juju that is played unless `CHARMED_IAP_JUJU_VERSION` says otherwise. */
export const DEFAULT_VERSION = "4.0.15";
const CURRENT = "current-model";
const FIRST_MODEL = "iam";

export interface ControllerOptions {
  readonly dir: StateDir;
  /** `4.0.15` or `3.6.28`. */
  readonly version: string;
  readonly onFault: (error: unknown) => void;
  /** Folder of charms by name. Default: `charms/` of this checkout. */
  readonly charms?: string;
}

/** The local controller: all models of one state, and what they share. */
export class Controller {
  readonly version: string;
  readonly uuid: string;
  readonly store: Store;
  readonly charms: CharmStore;
  readonly gateways: Gateways;
  readonly kubernetes: KubernetesApi;
  readonly dir: StateDir;
  readonly #models = new Map<string, ModelHost>();
  readonly #links: LinkedModels;
  readonly #addresses: Addresses;
  readonly #services: Services;
  readonly #slots = new Slots(Math.max(2, availableParallelism()));
  readonly #tools: string;
  readonly #onFault: (error: unknown) => void;
  #hostsText = "";

  /** @throws {LocalError} `ERR_CONTROLLER_LOCKED` when another one has the state. */
  constructor(options: ControllerOptions) {
    const { dir, onFault } = options;
    this.dir = dir;
    this.#onFault = onFault;
    this.#links = new LinkedModels(() => this.models, onFault);
    this.store = new Store(dir.database);
    this.version = this.#remembered("version", options.version);
    this.uuid = this.#remembered("uuid", randomUUID());
    this.#tools = join(dir.state, "tools");
    mkdirSync(this.#charmCache, { recursive: true });
    this.charms = new CharmStore({
      cache: this.#charmCache,
      ...(options.charms ? { charms: options.charms } : {}),
    });
    this.#addresses = new Addresses(this.store, dir.state);
    this.#services = new Services(onFault);
    this.gateways = new Gateways({
      addresses: this.#addresses,
      services: this.#services,
      store: this.store,
      onChange: () => this.#namesChanged(),
    });
    this.kubernetes = new KubernetesApi({ store: this.store, gateways: this.gateways, onFault });
  }

  /** Ends what an earlier life left, and carries on where it was. */
  async start(): Promise<void> {
    await checkLoopback(this.#addresses.controller);
    endPreviousLife(this.store);
    writeFileSync(
      this.dir.pidFile,
      `${JSON.stringify({ pid: process.pid, started: processStartTime(process.pid) })}\n`,
    );
    await Promise.all([
      createTools(this.#tools, this.version),
      this.kubernetes.listen(this.#addresses.controller),
    ]);
    this.#writeBundles();
    for (const { name, uuid, snapshot } of this.store.models()) {
      this.#open(name, uuid, JSON.parse(snapshot) as ModelSnapshot);
    }
    if (this.#models.size === 0) {
      this.#open(FIRST_MODEL, randomUUID());
      this.store.setMeta(CURRENT, FIRST_MODEL);
    }
    await this.kubernetes.resume();
    for (const host of this.#models.values()) host.start();
  }

  /** Ends hooks and workloads of all models; the state stays. */
  async stop(): Promise<void> {
    this.#links.stop();
    await Promise.all([...this.#models.values()].map((host) => host.stop()));
    await Promise.all([this.#services.close(), this.gateways.close(), this.kubernetes.close()]);
    rmSync(this.dir.pidFile, { force: true });
    this.store.close();
  }

  get models(): readonly ModelHost[] {
    return [...this.#models.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get current(): string | null {
    const name = this.store.meta(CURRENT);
    return name !== undefined && this.#models.has(name) ? name : null;
  }

  setCurrent(name: string | null): void {
    this.store.setMeta(CURRENT, name ?? "");
  }

  /** @throws {LocalError} `ERR_NOT_FOUND` in Juju's words. */
  model(name?: string): ModelHost {
    const wanted = name ?? this.current;
    if (wanted === null) {
      const text = 'No selected model.\n\nUse "juju models" to see a list of available models';
      throw new LocalError("ERR_NOT_FOUND", text);
    }
    const found = this.#models.get(wanted.replace(/^(local:)?(admin\/)?/, ""));
    if (!found) throw new LocalError("ERR_NOT_FOUND", `model "${wanted}" not found`);
    return found;
  }

  hasModel(name: string): boolean {
    return this.#models.has(name);
  }

  addModel(name: string): ModelHost {
    const host = this.#open(name, randomUUID());
    host.start();
    return host;
  }

  /** Forgets a model whose applications are gone. */
  async removeModel(host: ModelHost): Promise<void> {
    await host.stop();
    this.#models.delete(host.name);
    await this.kubernetes.forget(host.name);
    this.store.removeModel(host.uuid);
    this.store.forgetNumbers(`${host.name}/`);
    for (const folder of [join(this.dir.state, "models", host.name), this.charmFolder(host, "")]) {
      rmSync(folder, { recursive: true, force: true });
    }
    if (this.current === host.name || this.current === null) this.setCurrent(null);
    this.#namesChanged();
  }

  /** Where a deployed charm is kept, below the cache. */
  charmFolder(host: ModelHost, application: string): string {
    return join(this.#charmCache, host.uuid, application);
  }

  get #charmCache(): string {
    return join(this.dir.state, "charms");
  }

  #remembered(key: string, value: string): string {
    const known = this.store.meta(key);
    if (known !== undefined) return known;
    this.store.setMeta(key, value);
    return value;
  }

  #open(name: string, uuid: string, snapshot?: ModelSnapshot): ModelHost {
    const host = new ModelHost({
      name,
      uuid,
      version: this.version,
      store: this.store,
      slots: this.#slots,
      ...(snapshot ? { snapshot } : {}),
      units: (self) => new Units(self, this.#site(self)),
      engine: (self) => this.#engine(name, self),
      onFault: this.#onFault,
    });
    mkdirSync(this.charmFolder(host, ""), { recursive: true });
    this.#models.set(name, host);
    this.#links.watch(host);
    this.kubernetes.serve(host);
    return host;
  }

  #engine(model: string, host: () => ModelHost): Partial<ModelOptions> {
    return {
      controller: "local",
      network: {
        unitAddress: (unit) => this.#addresses.unit(model, unit),
        serviceAddress: (application) => this.#addresses.service(model, application),
      },
      paths: (unit) => {
        const { charmDir, agentSocket, resources } = this.#unitDir(model, unit);
        return { charmDir, agentSocket, resources, toolsDir: this.#tools, path: this.#path };
      },
      storageLocation: (unit, id) => {
        const app = host().model.state.applications[unit.split("/")[0] ?? ""];
        if (!app) throw new Error(`Cannot place storage ${id}: unit ${unit} has no application`);
        return storagePath(this.#unitDir(model, unit), app.charm, id);
      },
      files: () => ({ read: readIfThere, write: (path, bytes) => writeFileSync(path, bytes) }),
      resource: (unit, name) => {
        const app = host().model.state.applications[unit.split("/")[0] ?? ""];
        return String(app?.resources[name] ?? "");
      },
    };
  }

  #site(host: ModelHost): Site {
    const model = host.name;
    return {
      charmDir: (application) => this.charmFolder(host, application),
      unitDir: (unit) => this.#unitDir(model, unit),
      unitAddress: (unit) => this.#addresses.unit(model, unit),
      preload: fileURLToPath(new URL("../preload.cjs", import.meta.url)),
      compiled: join(this.dir.state, "compiled"),
      hosts: join(this.dir.runtime, "hosts"),
      path: this.#path,
      hookCommands: hookCommands(this.version),
      bundles: { own: join(this.dir.state, "ca.crt"), all: join(this.dir.state, "ca-bundle.crt") },
      kubernetes: this.kubernetes,
      placeServiceAccount: (application, folder) =>
        this.kubernetes.placeServiceAccount(model, application, folder),
      recordProcess: (pid, event) => this.#recordProcess(pid, event),
      namesChanged: () => this.#namesChanged(),
      unitIsUp: (application, unit, { listening }) =>
        this.#services.add({
          key: `${model}/${unit}`,
          application: `${model}/${application}`,
          service: this.#addresses.service(model, application),
          address: this.#addresses.unit(model, unit),
          folder: listening,
        }),
      unitIsGone: (unit) => this.#services.remove(`${model}/${unit}`),
      onFault: this.#onFault,
    };
  }

  /** The pinned runtime first, then what the controller was started with. */
  get #path(): string {
    return `${dirname(process.execPath)}:${process.env["PATH"] ?? "/usr/bin:/bin"}`;
  }

  #unitDir(model: string, unit: string): UnitDir {
    const address = this.#addresses.unit(model, unit).split(".").slice(2).map(Number);
    const number = (address[0] ?? 0) * 256 + (address[1] ?? 0);
    return unitDir({ state: this.dir.state, runtime: this.dir.runtime }, { model, unit, number });
  }

  #recordProcess(pid: number, event: "started" | "ended"): void {
    const started = event === "started" ? processStartTime(pid) : undefined;
    if (started !== undefined) this.store.addProcess(pid, started);
    else this.store.removeProcess(pid);
  }

  #writeBundles(): void {
    const { authority } = this.kubernetes;
    writeFileSync(join(this.dir.state, "ca.crt"), authority);
    writeFileSync(join(this.dir.state, "ca-bundle.crt"), systemAuthorities() + authority);
  }

  /** Writes the hosts table when it differs. */
  #namesChanged(): void {
    const applications = this.models.flatMap(({ name: model, model: { state } }) =>
      Object.values(state.applications).map((app) => ({
        model,
        name: app.name,
        address: this.#addresses.service(model, app.name),
        units: Object.values(state.units)
          .filter((u) => u.app === app.name)
          .map((u) => ({ ordinal: u.ordinal, address: this.#addresses.unit(model, u.name) })),
      })),
    );
    this.kubernetes.sweep().catch(this.#onFault);
    const text = hostsTable(applications, this.gateways.aliases());
    if (text === this.#hostsText) return;
    this.#hostsText = text;
    writeHosts(join(this.dir.runtime, "hosts"), text);
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
