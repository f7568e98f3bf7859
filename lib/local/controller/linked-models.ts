import type { ModelHost } from "./model-host.ts";

/**
 * Carries what relations between models of one controller have to say: after every saved step of either model, and when
 * the controller starts, for what a killed one had no time for.
 */
export class LinkedModels {
  readonly #hosts: () => readonly ModelHost[];
  readonly #onFault: (error: unknown) => void;
  #scheduled: NodeJS.Immediate | undefined;
  #isStopped = false;

  constructor(hosts: () => readonly ModelHost[], onFault: (error: unknown) => void) {
    this.#hosts = hosts;
    this.#onFault = onFault;
  }

  /** Looks after each step of the model. */
  watch(host: ModelHost): void {
    host.on("change", () => this.schedule());
  }

  /** Carries everything soon; several steps make one turn. */
  schedule(): void {
    if (this.#isStopped) return;
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      try {
        this.#carry();
      } catch (error) {
        this.#onFault(error);
      }
    });
  }

  stop(): void {
    this.#isStopped = true;
    clearImmediate(this.#scheduled);
  }

  #carry(): void {
    const hosts = this.#hosts();
    for (const [index, a] of hosts.entries()) {
      for (const b of hosts.slice(index + 1)) if (areLinked(a, b)) synchronise(a, b);
    }
  }
}

function areLinked(a: ModelHost, b: ModelHost): boolean {
  const names = (host: ModelHost, uuid: string): boolean =>
    Object.values(host.model.state.remotes ?? {}).some(({ modelUuid }) => modelUuid === uuid);
  return names(a, b.uuid) || names(b, a.uuid);
}

/** Saves and wakes the models that were told something. */
function synchronise(a: ModelHost, b: ModelHost): void {
  const hosts = [a, b].map((host) => ({ host, before: JSON.stringify(host.model.state) }));
  a.model.synchronise(b.model);
  for (const { host, before } of hosts) {
    if (JSON.stringify(host.model.state) !== before) host.change(() => undefined);
  }
}
