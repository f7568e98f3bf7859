import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PebbleClient } from "../../pebble/client.ts";
import { createPebble, type EmbeddedPebble, type ProcessGroup } from "../../pebble/server/index.ts";
import type { Notice } from "../../pebble/types.ts";
import { ADDED_BUNDLE, BUNDLE, updateAuthorities } from "../image/ca-bundle.ts";
import { updateProgram } from "../image/image.ts";
import { nodeOptions } from "./environment.ts";
import { type ContainerDir, createContainerDir } from "./unit-dir.ts";

/** What a container tells its unit. */
export interface ContainerEvents {
  /** Pebble answers; it is a new one for every boot id. */
  ready(bootId: string): void;
  notice(notice: { readonly id: string; readonly key: string; readonly type: string }): void;
  check(check: { readonly id: string; readonly check: string; readonly state: "failed" | "recovered" }): void;
  process(group: ProcessGroup, event: "started" | "ended"): void;
  fault(error: unknown): void;
}

export interface ContainerOptions {
  readonly place: ContainerDir;
  /** Folder of the image; its `bin/` has the programs. */
  readonly image: string;
  /** The unit's address. */
  readonly address: string;
  readonly preload: string;
  /** PATH behind the image's programs. */
  readonly path: string;
  readonly events: ContainerEvents;
}

/** Half of Pebble's own: a hook that starts a service waits so long, and holds one of few places meanwhile. */
const START_GRACE = 500;

/** One container: a folder with a Pebble in it. */
export class ContainerHost {
  readonly #options: ContainerOptions;
  readonly #stopped = new AbortController();
  #pebble: EmbeddedPebble | undefined;
  #watching: Promise<void> = Promise.resolve();

  constructor(options: ContainerOptions) {
    this.#options = options;
  }

  /** Makes the container's files, serves its Pebble and begins to watch it. */
  async start(): Promise<void> {
    const { place, image, address, events } = this.#options;
    createContainerDir(place);
    placeUpdateProgram(place.root);
    updateAuthorities(place.root);
    const pebble = await createPebble({
      root: place.root,
      image,
      address,
      environment: this.#environment(),
      startGraceMs: START_GRACE,
      onProcess: (group, _name, event) => events.process(group, event),
      onExit: () => this.#restart(),
      onFault: events.fault,
    });
    await pebble.listen(place.socket);
    this.#pebble = pebble;
    events.ready(pebble.bootId);
    this.#watching = this.#watch(pebble).catch(events.fault);
  }

  /** Stops services as Pebble does, and what is left of them. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#pebble?.close();
    await this.#watching;
  }

  #environment(): Record<string, string> {
    const { place, preload, path } = this.#options;
    return {
      PATH: path,
      HOME: place.root,
      NODE_OPTIONS: nodeOptions(preload),
      NODE_EXTRA_CA_CERTS: join(place.root, ADDED_BUNDLE),
      SSL_CERT_FILE: join(place.root, BUNDLE),
    };
  }

  /** A container whose Pebble ended by itself comes up again, as Kubernetes would have it. */
  #restart(): void {
    if (this.#stopped.signal.aborted) return;
    this.start().catch(this.#options.events.fault);
  }

  /** Long polls for notices, as Juju's agent does. */
  async #watch(pebble: EmbeddedPebble): Promise<void> {
    const client = new PebbleClient(pebble.handle);
    const { signal } = this.#stopped;
    let after: string | undefined;
    while (!signal.aborted) {
      try {
        const options = { users: "all", timeoutMs: 30_000, signal, ...(after ? { after } : {}) } as const;
        for (const notice of await client.notices(options)) {
          after = notice["last-repeated"];
          await this.#tell(client, notice);
        }
      } catch (error) {
        if (signal.aborted || this.#pebble !== pebble) return;
        if ((error as { code?: string }).code === "ERR_PEBBLE_UNREACHABLE") return; // It was shut down.
        this.#options.events.fault(error);
        await delay(1_000, undefined, { signal }).catch(() => undefined); // Ends early when stopped.
      }
    }
  }

  async #tell(client: PebbleClient, notice: Notice): Promise<void> {
    const { id, key, type } = notice;
    const { events } = this.#options;
    if (type === "custom") return events.notice({ id, key, type });
    const kind = notice["last-data"]?.["kind"];
    if (type !== "change-update" || (kind !== "perform-check" && kind !== "recover-check")) return;
    const change = await client.change(key);
    const check = notice["last-data"]?.["check-name"] ?? "";
    if (kind === "perform-check" && change.status === "Error")
      events.check({ id: key, check, state: "failed" });
    if (kind === "recover-check" && change.status === "Done")
      events.check({ id: key, check, state: "recovered" });
  }
}

/** The container's own `update-ca-certificates`: that of the machine would change the machine. */
function placeUpdateProgram(root: string): void {
  for (const folder of ["usr/sbin", "usr/bin"]) {
    const path = join(root, folder, "update-ca-certificates");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, updateProgram(root));
    chmodSync(path, 0o755);
  }
}
