import type { PublishedPort } from "../api.ts";
import type { Store } from "../controller/store.ts";
import { LocalError } from "../errors.ts";
import type { Addresses } from "./addresses.ts";
import { Forwarder } from "./forwarder.ts";
import type { HostsAlias } from "./hosts.ts";
import { portHolder } from "./port-holder.ts";
import type { Services } from "./services.ts";

/** A load balancer that a charm asked for. */
export interface GatewayRequest {
  readonly model: string;
  /** Name of the Service. */
  readonly service: string;
  /** Whose units take the connections. */
  readonly application: string;
  readonly ports: readonly { readonly port: number; readonly targetPort: number }[];
}

interface Gateway {
  readonly request: GatewayRequest;
  readonly hostname: string;
  readonly address: string;
  /** Service port → public port. */
  readonly ports: ReadonlyMap<number, number>;
  readonly forwarders: readonly Forwarder[];
}

export interface GatewaysOptions {
  readonly addresses: Addresses;
  readonly services: Services;
  readonly store: Store;
  /** Names came or went. */
  readonly onChange: () => void;
}

/** Beside the address for units: what browsers try for a `.localhost` name. */
const PUBLIC = ["127.0.0.1", "::1"];
const BUSY = new Set(["EADDRINUSE", "EACCES"]);

/**
 * The load balancers of a controller: each has a `.localhost` name and public ports of this machine, which
 * are chosen once: those of the Service, else the same plus 8000, else free ones.
 */
export class Gateways {
  readonly #options: GatewaysOptions;
  readonly #open = new Map<string, Gateway>();

  constructor(options: GatewaysOptions) {
    this.#options = options;
  }

  /** The name by which browsers and units reach a gateway. */
  hostname({ model, application }: Pick<GatewayRequest, "model" | "application">): string {
    return `${application}.${model}.localhost`;
  }

  /**
   * Publishes a load balancer, or changes what it publishes.
   *
   * @returns Service port → public port.
   * @throws {LocalError} `ERR_PORT_IN_USE`, naming the holder, when a port that was chosen earlier is taken.
   */
  async publish(request: GatewayRequest): Promise<ReadonlyMap<number, number>> {
    const key = keyOf(request);
    const before = this.#open.get(key);
    if (before && JSON.stringify(before.request) === JSON.stringify(request)) return before.ports;
    if (before) await this.withdraw(request);
    const address = this.#options.addresses.loadBalancer(request.model, request.service);
    const opened = await this.#bind(request, address);
    this.#open.set(key, { request, hostname: this.hostname(request), address, ...opened });
    for (const [port, chosen] of opened.ports)
      this.#options.store.setMeta(`port/${key}/${port}`, String(chosen));
    this.#options.onChange();
    return opened.ports;
  }

  /** Stops publishing; the ports stay chosen. */
  async withdraw({ model, service }: Pick<GatewayRequest, "model" | "service">): Promise<void> {
    const gateway = this.#open.get(keyOf({ model, service }));
    if (!gateway) return;
    this.#open.delete(keyOf({ model, service }));
    await Promise.all(gateway.forwarders.map((forwarder) => forwarder.close()));
    this.#options.onChange();
  }

  aliases(): HostsAlias[] {
    return [...this.#open.values()].map(({ hostname, address }) => ({ name: hostname, address }));
  }

  published(): PublishedPort[] {
    return [...this.#open.values()].flatMap(({ request: { model, service }, hostname, ports }) =>
      [...ports].map(([servicePort, port]) => ({ model, service, hostname, port, servicePort })),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ request }) => this.withdraw(request)));
  }

  async #bind(request: GatewayRequest, address: string): Promise<Pick<Gateway, "ports" | "forwarders">> {
    const kept = this.#kept(request);
    const choices = kept ? [kept] : [(port: number) => port, (port: number) => port + 8000, () => 0];
    let failure: unknown;
    for (const choose of choices) {
      try {
        return await this.#tryBind(request, address, choose);
      } catch (error) {
        if (!BUSY.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
        failure = error;
      }
    }
    throw portInUse(request, failure);
  }

  /** The ports of an earlier time; new ones of the Service are found like all. */
  #kept(request: GatewayRequest): ((port: number) => number) | undefined {
    const key = keyOf(request);
    const known = new Map(
      request.ports.flatMap(({ port }) => {
        const text = this.#options.store.meta(`port/${key}/${port}`);
        return text === undefined ? [] : [[port, Number(text)] as const];
      }),
    );
    return known.size === 0 ? undefined : (port) => known.get(port) ?? 0;
  }

  async #tryBind(
    request: GatewayRequest,
    address: string,
    choose: (port: number) => number,
  ): Promise<Pick<Gateway, "ports" | "forwarders">> {
    const forwarders: Forwarder[] = [];
    const ports = new Map<number, number>();
    const listen = async (host: string, port: number, targetPort: number): Promise<number> => {
      const targets = (): ReturnType<Services["reachable"]> =>
        this.#options.services.reachable(`${request.model}/${request.application}`, targetPort);
      const forwarder = new Forwarder({ address: host, port, targets });
      await forwarder.listen();
      forwarders.push(forwarder);
      return forwarder.port;
    };
    try {
      for (const { port, targetPort } of request.ports) {
        const [first = "127.0.0.1", second = "::1"] = PUBLIC;
        const chosen = await listen(first, choose(port), targetPort);
        await listen(address, chosen, targetPort);
        await unlessWithoutIpv6(listen(second, chosen, targetPort));
        ports.set(port, chosen);
      }
      return { ports, forwarders };
    } catch (error) {
      await Promise.all(forwarders.map((forwarder) => forwarder.close()));
      throw error;
    }
  }
}

function keyOf({ model, service }: { readonly model: string; readonly service: string }): string {
  return `${model}/${service}`;
}

async function unlessWithoutIpv6(listening: Promise<unknown>): Promise<void> {
  try {
    await listening;
  } catch (error) {
    if (!["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

function portInUse({ service }: GatewayRequest, cause: unknown): LocalError {
  const { port = 0, code } = cause as NodeJS.ErrnoException & { port?: number };
  const holder = code === "EADDRINUSE" ? portHolder(port) : undefined;
  const held = holder ? `it is held by process ${holder.pid} (${holder.command})` : `it is in use (${code})`;
  return new LocalError(
    "ERR_PORT_IN_USE",
    `Cannot publish ${service} on port ${port}: ${held}, it should be free`,
    {
      cause,
    },
  );
}
