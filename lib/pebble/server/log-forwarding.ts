import type { Plan } from "../plan/types.ts";
import type { Container } from "./environment.ts";
import type { LogBuffer } from "./log-buffer.ts";
import { type GathererHost, LogGatherer } from "./log-gatherer.ts";
import { logSender } from "./log-sender.ts";
import { evaluateLabels, forwards } from "./log-target.ts";

/** What log forwarding works with. */
export interface ForwardingHost extends GathererHost {
  readonly container: Container;
}

/**
 * Sends the lines of services to the log targets of the plan, as Pebble does: a target stays at the place and of the
 * type that it had first, and each change of the plan sends again what is kept of every service.
 */
export class LogForwarding {
  readonly #host: ForwardingHost;
  readonly #gatherers = new Map<string, LogGatherer>();
  /** Services that were started, with what they write. */
  readonly #logs = new Map<string, LogBuffer>();
  #plan: Pick<Plan, "services" | "log-targets"> = { services: {}, "log-targets": {} };

  constructor(host: ForwardingHost) {
    this.#host = host;
  }

  planChanged(plan: Plan): void {
    this.#plan = plan;
    for (const [name, target] of Object.entries(plan["log-targets"])) {
      const gatherer = this.#gatherers.get(name) ?? this.#add(name);
      const meant = Object.entries(plan.services).filter(([service]) => forwards(target, service));
      const sources = meant.map(([service, { environment }]) => {
        const labels = evaluateLabels(target.labels, environment);
        return [service, { labels, logs: this.#logs.get(service) }] as const;
      });
      gatherer?.setSources(new Map(sources));
    }
  }

  #add(name: string): LogGatherer | undefined {
    const sender = logSender(this.#plan["log-targets"][name]!, this.#host.container);
    if (sender === undefined) return undefined;
    const gatherer = new LogGatherer(sender, this.#host);
    this.#gatherers.set(name, gatherer);
    return gatherer;
  }

  /** A service that is started again writes to the same place: nothing changes then. */
  serviceStarted(name: string, logs: LogBuffer): void {
    if (this.#logs.get(name) === logs) return;
    this.#logs.set(name, logs);
    for (const [target, gatherer] of this.#gatherers) {
      if (forwards(this.#plan["log-targets"][target]!, name)) gatherer.started(name, logs);
    }
  }

  /** Sends what is left and ends, within seconds. */
  async close(): Promise<void> {
    await Promise.all([...this.#gatherers.values()].map((gatherer) => gatherer.stop()));
  }
}
