import { existsSync, type FSWatcher, readdirSync, watch } from "node:fs";
import { Forwarder, type Target } from "./forwarder.ts";

/** A unit whose ports are watched. */
interface Listening {
  readonly application: string;
  readonly address: string;
  readonly folder: string;
  readonly watcher: FSWatcher;
  readonly ports: Set<number>;
}

/**
 * The service addresses of one controller: each forwards, port by port, to those units of its application
 * that listen there. Units' processes tell their ports as files in a folder; see `preload.cjs`.
 */
export class Services {
  /** Unit key → what it listens on. */
  readonly #units = new Map<string, Listening>();
  /** `<address>:<port>` → its forwarder. */
  readonly #forwarders = new Map<
    string,
    { readonly application: string; readonly port: number; forwarder: Forwarder }
  >();
  /** Application key → service address. */
  readonly #addresses = new Map<string, string>();
  readonly #onFault: (error: unknown) => void;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /**
   * Watches a unit; one that is watched already is watched anew.
   *
   * @param unit.key Unique in the controller, like `application`.
   */
  add(unit: { key: string; application: string; service: string; address: string; folder: string }): void {
    this.remove(unit.key);
    const { key, application, service, address, folder } = unit;
    const watcher = watch(folder, () => this.#read(key));
    watcher.on("error", this.#onFault);
    this.#addresses.set(application, service);
    this.#units.set(key, { application, address, folder, watcher, ports: new Set() });
    this.#read(key);
  }

  remove(key: string): void {
    const unit = this.#units.get(key);
    if (!unit) return;
    unit.watcher.close();
    this.#units.delete(key);
    this.#closeUnused();
  }

  /** Addresses and ports of an application's units. */
  targets(application: string, port: number): Target[] {
    const units = [...this.#units.values()].filter((unit) => unit.application === application);
    return units.filter(({ ports }) => ports.has(port)).map(({ address }) => ({ address, port }));
  }

  /** Like {@link Services.targets}; all units where none tells its ports: programs that are not Node.js do not. */
  reachable(application: string, port: number): Target[] {
    const telling = this.targets(application, port);
    if (telling.length > 0) return telling;
    const units = [...this.#units.values()].filter((unit) => unit.application === application);
    return units.map(({ address }) => ({ address, port }));
  }

  async close(): Promise<void> {
    for (const { watcher } of this.#units.values()) watcher.close();
    this.#units.clear();
    const open = [...this.#forwarders.values()];
    this.#forwarders.clear();
    await Promise.all(open.map(({ forwarder }) => forwarder.close()));
  }

  #read(key: string): void {
    const unit = this.#units.get(key);
    if (!unit || !existsSync(unit.folder)) return;
    for (const name of readdirSync(unit.folder)) {
      const port = Number(name);
      if (!Number.isInteger(port) || unit.ports.has(port)) continue;
      unit.ports.add(port);
      this.#open(unit.application, port);
    }
  }

  #open(application: string, port: number): void {
    const address = this.#addresses.get(application) ?? "";
    const key = `${address}:${port}`;
    if (this.#forwarders.has(key)) return;
    const forwarder = new Forwarder({ address, port, targets: () => this.targets(application, port) });
    this.#forwarders.set(key, { application, port, forwarder });
    forwarder.listen().catch((error: unknown) => {
      this.#forwarders.delete(key);
      this.#onFault(error);
    });
  }

  #closeUnused(): void {
    for (const [key, { application, port, forwarder }] of this.#forwarders) {
      if (this.targets(application, port).length > 0) continue;
      this.#forwarders.delete(key);
      forwarder.close().catch(this.#onFault);
    }
  }
}
